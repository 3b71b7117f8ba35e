//! What can go wrong in a command, with its exit code and a hint.

use std::{io, path::PathBuf};

#[cfg(feature = "cluster")]
use genetic_pool_cluster::{ClusterError, Kind};
use genetic_pool_evolve::{algorithms::ConfigError, drive::RunError};

use super::exit::Exit;
#[cfg(feature = "cluster")]
use crate::remote::RemoteError;
use crate::{
    experiment::{ExperimentError, nearest, template::TemplateError},
    run::RunFailure,
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
    #[error("{} already", exist(paths))]
    Exists {
        /// What would have been overwritten; at least one.
        paths: Vec<PathBuf>,
    },
    #[error("cannot write `{}`", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("`--crate` is for `new rust` alone")]
    CrateUnused,
    #[error("failed to {0}")]
    Template(#[from] TemplateError),
    #[error("failed to {}", told(.0))]
    Experiment(ExperimentError),
    #[error("the algorithm cannot be set up")]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Run(RunFailure),
    #[cfg(feature = "cluster")]
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[cfg(feature = "cluster")]
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[cfg(feature = "cluster")]
    #[error("`--detach`, `--place` and `--ship` are for runs on a cluster")]
    ClusterUnused,
    #[cfg(feature = "cluster")]
    #[error("the job cannot be read: `drive` is for jobs that this program submits")]
    Job {
        #[source]
        source: serde_json::Error,
    },
    #[cfg(feature = "cluster")]
    #[error("cannot find the working folder")]
    Folder {
        #[source]
        source: io::Error,
    },
}

impl CliError {
    /// The exit code the program ends with.
    pub fn exit(&self) -> Exit {
        match self {
            CliError::ClosedPipe => Exit::Ok,
            CliError::CrateUnused => Exit::Usage,
            CliError::Stdout { .. } | CliError::Write { .. } => Exit::Storage,
            CliError::Signals { .. } => Exit::Unforeseen,
            CliError::Unknown { .. }
            | CliError::Exists { .. }
            | CliError::Template(_)
            | CliError::Experiment(_)
            | CliError::Config(_) => Exit::Invalid,
            CliError::Store(error) => of_store(error),
            CliError::Run(error) => of_run(error),
            #[cfg(feature = "cluster")]
            CliError::Cluster(error) => of_cluster(error),
            #[cfg(feature = "cluster")]
            CliError::Remote(error) => of_remote(error),
            #[cfg(feature = "cluster")]
            CliError::Job { .. } | CliError::ClusterUnused => Exit::Usage,
            #[cfg(feature = "cluster")]
            CliError::Folder { .. } => Exit::Storage,
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
            CliError::Exists { .. } => Some("take another name, or remove what is there".to_owned()),
            CliError::Template(error) => error.hint(),
            CliError::Experiment(error) => error.hint(),
            CliError::Store(error) => error.hint(),
            CliError::Run(error) => error.hint(),
            #[cfg(feature = "cluster")]
            CliError::Cluster(error) => error.hint(),
            #[cfg(feature = "cluster")]
            CliError::Remote(error) => error.hint(),
            #[cfg(feature = "cluster")]
            CliError::ClusterUnused => Some("`--on CLUSTER` names one".to_owned()),
            #[cfg(feature = "cluster")]
            CliError::Job { .. } | CliError::Folder { .. } => None,
            CliError::ClosedPipe
            | CliError::Signals { .. }
            | CliError::Write { .. }
            | CliError::CrateUnused
            | CliError::Config(_) => None,
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

/// `a` exists, `a` and `b` exist.
fn exist(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
    format!("{} {}", names.join(" and "), if paths.len() == 1 { "exists" } else { "exist" })
}

fn of_store(error: &StoreError) -> Exit {
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

#[cfg(feature = "cluster")]
fn of_cluster(error: &ClusterError) -> Exit {
    match error.kind() {
        Kind::Invalid => Exit::Invalid,
        Kind::Engine => Exit::Engine,
        Kind::Failed => Exit::Cluster,
        Kind::Held => Exit::Held,
        Kind::Interrupted => Exit::Interrupted,
    }
}

#[cfg(feature = "cluster")]
fn of_remote(error: &RemoteError) -> Exit {
    match error {
        RemoteError::Cluster(error) => of_cluster(error),
        RemoteError::Store(error) => of_store(error),
        RemoteError::Run(error) => of_run(error),
        // What a run here would have ended with.
        RemoteError::Broke { broke, .. } => {
            Exit::ALL.into_iter().find(|exit| exit.code() == broke.exit).unwrap_or(Exit::Unforeseen)
        }
        RemoteError::UnderWay { .. } => Exit::Held,
        RemoteError::HeadLost { .. }
        | RemoteError::JobLost { .. }
        | RemoteError::JobEnded { .. }
        | RemoteError::NotBegun { .. }
        | RemoteError::Record { .. } => Exit::Cluster,
        RemoteError::Package(_)
        | RemoteError::Files(_)
        | RemoteError::UnknownCluster { .. }
        | RemoteError::NotAway { .. }
        | RemoteError::NoneAway
        | RemoteError::NoRuns { .. }
        | RemoteError::UnknownRun { .. }
        | RemoteError::Nothing { .. }
        | RemoteError::AtHome { .. } => Exit::Invalid,
    }
}

fn of_run(error: &RunFailure) -> Exit {
    match error {
        RunFailure::Store(error) => of_store(error),
        RunFailure::Files(_)
        | RunFailure::Known(_)
        | RunFailure::Config(_)
        | RunFailure::Restore(_)
        | RunFailure::Snapshot(_)
        | RunFailure::SnapshotFormat { .. }
        | RunFailure::Experiment(_)
        | RunFailure::Changed { .. } => Exit::Invalid,
        RunFailure::Evaluator(error) | RunFailure::Broke { source: RunError::Evaluator(error), .. } => {
            // Outcomes that cannot be journalled stop evaluation, too.
            let store = error.source.as_ref().and_then(|source| source.downcast_ref::<StoreError>());
            store.map_or(Exit::Evaluation, of_store)
        }
        RunFailure::Broke { source: RunError::Observer(error), .. } => {
            error.downcast_ref::<StoreError>().map_or(Exit::Unforeseen, of_store)
        }
        RunFailure::Broke { .. } => Exit::Unforeseen,
    }
}

impl From<RunFailure> for CliError {
    /// What stopped the display of a run is told as what it is: a reader that went away ends it quietly.
    fn from(failure: RunFailure) -> CliError {
        match failure {
            RunFailure::Broke { run, source: RunError::Observer(error) } => match error.downcast::<CliError>() {
                Ok(error) => *error,
                Err(error) => CliError::Run(RunFailure::Broke { run, source: RunError::Observer(error) }),
            },
            failure => CliError::Run(failure),
        }
    }
}
