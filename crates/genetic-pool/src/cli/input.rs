//! FILE, `--set` and `--seed`: the experiment that a command line names.

use std::path::PathBuf;

use clap::Args;

use super::{Context, error::CliError};
use crate::experiment::{Experiment, Overrides};

/// The experiment and what the command line changes in it.
#[derive(Args, Debug)]
pub(super) struct Input {
    /// The experiment file
    pub(super) file: PathBuf,
    /// Sets a key of the file, dotted, for this once: --set stop.evaluations=500
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Sets the seed of all chance for this once
    #[arg(long)]
    seed: Option<u64>,
    /// The interpreter for evaluations in Python; else the active environment's
    #[arg(long, value_name = "PATH")]
    python: Option<String>,
}

impl Input {
    /// Reads, checks and resolves the experiment.
    pub(super) fn load(&self, context: &Context<'_>) -> Result<Experiment, CliError> {
        let mut set = self.set.clone();
        if let Some(python) = &self.python {
            // A basic string of TOML is quoted as JSON is.
            set.push(format!("problem.interpreter={}", serde_json::Value::from(python.as_str())));
        }
        let overrides = Overrides { set, seed: self.seed };
        Experiment::load(&self.file, &overrides, context.registry).map_err(CliError::Experiment)
    }
}
