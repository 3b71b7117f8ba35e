//! What the driver and a node tell each other first.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{
    evaluate::frames::Refusal,
    experiment::{Experiment, Fitness, Overrides},
    registry::Registry,
};

/// What a node is to evaluate: the body of a hello frame, as JSON. A ready frame holds the node's
/// [`Environment`](crate::store::Environment).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Greeting {
    /// The driver's version of this program.
    pub(crate) version: String,
    /// The experiment's text, with what the command line changed.
    pub(crate) experiment: String,
    /// Its folder, relative to the folder in which the node was started.
    pub(crate) directory: PathBuf,
    /// The interpreter of Python evaluations; `None`: the node's.
    pub(crate) interpreter: Option<PathBuf>,
    /// How many evaluations go at once.
    pub(crate) slots: usize,
}

impl Greeting {
    /// The experiment, as it is on this node.
    pub(crate) fn experiment(&self, registry: &Registry) -> Result<Experiment, Refusal> {
        let own = env!("CARGO_PKG_VERSION");
        if self.version != own {
            let message = format!("the program is of version {own} here, of version {} at the driver", self.version);
            return Err(Refusal { message, hint: Some("the same program has to be everywhere".to_owned()) });
        }
        // An experiment without files has no folder in its package.
        std::fs::create_dir_all(&self.directory).map_err(|error| {
            let message = format!("the experiment's folder `{}` cannot be made: {error}", self.directory.display());
            Refusal { message, hint: None }
        })?;
        let path = self.directory.join("experiment.toml");
        let mut experiment = Experiment::parse(&self.experiment, &path, &Overrides::default(), registry)
            .map_err(|error| Refusal { message: error.render(), hint: None })?;
        if let Fitness::Python { interpreter, .. } = &mut experiment.problem.fitness {
            interpreter.clone_from(&self.interpreter);
        }
        Ok(experiment)
    }
}
