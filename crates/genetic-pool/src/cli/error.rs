//! What can go wrong in a command, with its exit code and a hint.

use std::io;

use genetic_pool_evolve::algorithms::ConfigError;

use super::exit::Exit;
use crate::{
    experiment::{ExperimentError, nearest},
    store::StoreError,
};

/// A command cannot do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum CliError {
    /// Ends the program quietly.
    #[error("the reader of standard output is gone")]
    ClosedPipe,
    #[error("cannot write to standard output")]
    Stdout {
        #[source]
        source: io::Error,
    },
    #[error("cannot listen for Ctrl-C")]
    Signals {
        #[source]
        source: io::Error,
    },
    #[error("there is no {what} `{name}`")]
    Unknown {
        /// What was looked for: a problem, an algorithm.
        what: &'static str,
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
        /// The command that lists what there is.
        list: String,
    },
    #[error("failed to {}", told(.0))]
    Experiment(ExperimentError),
    #[error("the algorithm cannot be set up")]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CliError {
    /// The exit code the program ends with.
    pub fn exit(&self) -> Exit {
        match self {
            CliError::ClosedPipe => Exit::Ok,
            CliError::Stdout { .. } => Exit::Storage,
            CliError::Signals { .. } => Exit::Unforeseen,
            CliError::Unknown { .. } | CliError::Experiment(_) | CliError::Config(_) => Exit::Invalid,
            CliError::Store(error) => store_exit(error),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            CliError::Unknown { nearest: Some(nearest), list, .. } => {
                Some(format!("did you mean `{nearest}`? `{list}` lists what there is"))
            }
            CliError::Unknown { nearest: None, list, .. } => Some(format!("`{list}` lists what there is")),
            CliError::Stdout { .. } => Some("is the disk full that standard output goes to?".to_owned()),
            CliError::Experiment(error) => error.hint(),
            CliError::Store(error) => error.hint(),
            CliError::ClosedPipe | CliError::Signals { .. } | CliError::Config(_) => None,
        }
    }

    /// There is no `what` called `name` among `names`; the command `list` lists them.
    pub(super) fn unknown<'a>(
        what: &'static str,
        name: &str,
        names: impl IntoIterator<Item = &'a str>,
        list: String,
    ) -> CliError {
        let nearest = nearest(name, names).map(str::to_owned);
        CliError::Unknown { what, name: name.to_owned(), nearest, list }
    }

    /// What became of a write to standard output.
    pub(super) fn of_stdout(source: io::Error) -> CliError {
        match source.kind() {
            io::ErrorKind::BrokenPipe => CliError::ClosedPipe,
            _ => CliError::Stdout { source },
        }
    }
}

/// The error in full; its hint is shown with the others' hints.
fn told(error: &ExperimentError) -> String {
    match error {
        ExperimentError::Read { .. } => error.to_string(),
        ExperimentError::Problems { .. } => error.render(),
    }
}

fn store_exit(error: &StoreError) -> Exit {
    match error {
        StoreError::NoRuns { .. }
        | StoreError::Unknown { .. }
        | StoreError::Ambiguous { .. }
        | StoreError::NotARun { .. }
        | StoreError::Newer { .. }
        | StoreError::Finished { .. }
        | StoreError::Signature => Exit::Invalid,
        StoreError::Held { .. } => Exit::Held,
        StoreError::NoHome
        | StoreError::Io { .. }
        | StoreError::Damaged { .. }
        | StoreError::Full { .. }
        | StoreError::ReadOnly { .. }
        | StoreError::Sqlite { .. }
        | StoreError::Stopped { .. } => Exit::Storage,
    }
}
