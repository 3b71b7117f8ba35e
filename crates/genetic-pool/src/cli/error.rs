//! What can go wrong in a command, with its exit code and a hint.

use std::io;

use super::exit::Exit;
use crate::{experiment::nearest, store::StoreError};

/// A command cannot do what was asked. The message reads after "failed to".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum CliError {
    /// Ends the program quietly.
    #[error("write to standard output, whose reader is gone")]
    ClosedPipe,
    #[error("write to standard output")]
    Stdout {
        #[source]
        source: io::Error,
    },
    #[error("listen for Ctrl-C")]
    Signals {
        #[source]
        source: io::Error,
    },
    #[error("{action}")]
    Store {
        /// What could not be done.
        action: String,
        #[source]
        source: StoreError,
    },
    #[error("find {what} `{name}`")]
    Unknown {
        /// What was looked for: a problem, an algorithm.
        what: &'static str,
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
        /// The command that lists what there is.
        list: String,
    },
}

impl CliError {
    /// The exit code the program ends with.
    pub fn exit(&self) -> Exit {
        match self {
            CliError::ClosedPipe => Exit::Ok,
            CliError::Stdout { .. } => Exit::Storage,
            CliError::Signals { .. } => Exit::Unforeseen,
            CliError::Store { source, .. } => store_exit(source),
            CliError::Unknown { .. } => Exit::Invalid,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            CliError::Unknown { nearest: Some(nearest), list, .. } => {
                Some(format!("did you mean `{nearest}`? `{list}` lists what there is"))
            }
            CliError::Unknown { nearest: None, list, .. } => Some(format!("`{list}` lists what there is")),
            CliError::Store { source, .. } => source.hint(),
            CliError::Stdout { .. } => Some("is the disk full that standard output goes to?".to_owned()),
            CliError::ClosedPipe | CliError::Signals { .. } => None,
        }
    }

    /// The store could not do `action`.
    pub(super) fn store(action: impl Into<String>) -> impl FnOnce(StoreError) -> CliError {
        let action = action.into();
        move |source| CliError::Store { action, source }
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

/// The exit code for a failure of the store.
fn store_exit(error: &StoreError) -> Exit {
    match error {
        StoreError::NoRuns { .. }
        | StoreError::Unknown { .. }
        | StoreError::Ambiguous { .. }
        | StoreError::NotARun { .. }
        | StoreError::Newer { .. }
        | StoreError::Damaged { .. }
        | StoreError::Finished { .. }
        | StoreError::Signature => Exit::Invalid,
        StoreError::Held { .. } => Exit::Held,
        StoreError::NoHome
        | StoreError::Io { .. }
        | StoreError::Full { .. }
        | StoreError::ReadOnly { .. }
        | StoreError::Sqlite { .. }
        | StoreError::Stopped { .. } => Exit::Storage,
    }
}
