//! What can go wrong with a run on a cluster.

use genetic_pool_cluster::{ClusterError, cluster::StateError, engine::EngineError, names::ClusterName, ray::RayError};

use super::{package::PackageError, said::Broke};
use crate::{
    run::RunFailure,
    store::{FilesError, RunId, StoreError},
};

/// A run on a cluster cannot be begun, followed, stopped or fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RemoteError {
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error("the run cannot be packed")]
    Package(#[from] PackageError),
    #[error("the problem's files cannot be taken along")]
    Files(#[from] FilesError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Run(#[from] RunFailure),
    #[error("there is no cluster `{name}`")]
    UnknownCluster { name: ClusterName, nearest: Option<String> },
    #[error("run `{run}` broke off: the head of cluster `{cluster}` is {state}")]
    HeadLost { run: RunId, cluster: ClusterName, state: String },
    #[error("run `{run}` broke off: the head of cluster `{cluster}` was started anew and knows nothing of it")]
    JobLost { run: RunId, cluster: ClusterName },
    #[error("run `{run}` broke off: {cause}")]
    JobEnded {
        run: RunId,
        cause: String,
        /// Ray's words, the last lines of the log among them.
        #[source]
        said: RaySaid,
    },
    #[error("run `{run}` did not begin: {cause}")]
    NotBegun {
        run: RunId,
        cause: String,
        #[source]
        said: RaySaid,
    },
    #[error("{}", broke.message)]
    Broke {
        broke: Broke,
        #[source]
        cause: Option<RaySaid>,
    },
    #[error("run `{run}` is not on a cluster")]
    NotAway { run: RunId },
    #[error("there is no run on a cluster")]
    NoneAway,
    #[error("there is no run on cluster `{cluster}`")]
    NoRuns { cluster: ClusterName },
    #[error("cluster `{cluster}` knows no run `{run}`")]
    UnknownRun { run: String, cluster: ClusterName },
    #[error("run `{run}` is under way on cluster `{cluster}`")]
    UnderWay { run: RunId, cluster: ClusterName },
    #[error("run `{run}` has left nothing on cluster `{cluster}`: it ended before it began")]
    Nothing { run: RunId, cluster: ClusterName },
    #[error("run `{run}` is at home here, and cannot be moved to cluster `{cluster}`")]
    AtHome { run: RunId, cluster: ClusterName },
    #[error("the record of run `{run}` on cluster `{cluster}` cannot be read")]
    Record {
        run: String,
        cluster: ClusterName,
        #[source]
        source: serde_json::Error,
    },
}

/// Words of somebody else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RaySaid(pub String);

impl RemoteError {
    /// Whether a driver that was followed has ended for sure: its run's file is written no more.
    pub fn is_end(&self) -> bool {
        matches!(
            self,
            RemoteError::HeadLost { .. }
                | RemoteError::JobLost { .. }
                | RemoteError::JobEnded { .. }
                | RemoteError::Broke { .. }
        )
    }

    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        let resume = |run: &RunId| format!("nothing that was recorded is lost: `resume {run}` goes on with it");
        Some(match self {
            RemoteError::Cluster(error) => return error.hint(),
            RemoteError::Package(error) => return error.hint(),
            RemoteError::Files(error) => return error.hint().map(str::to_owned),
            RemoteError::Store(error) => return error.hint(),
            RemoteError::Run(error) => return error.hint(),
            RemoteError::UnknownCluster { name, nearest: None } => {
                format!("`cluster up --cluster {name}` makes it; `cluster list` shows what there is")
            }
            RemoteError::UnknownCluster { name, nearest: Some(nearest) } => {
                format!("did you mean `{nearest}`? `cluster up --cluster {name}` makes another")
            }
            RemoteError::HeadLost { run, cluster, .. } => {
                format!("`cluster up --cluster {cluster}` heals the cluster, then `resume {run}` goes on with the run")
            }
            RemoteError::JobLost { run, .. } | RemoteError::JobEnded { run, .. } => resume(run),
            RemoteError::NotBegun { .. } => return None,
            RemoteError::Broke { broke, .. } => return broke.hint.clone(),
            RemoteError::NotAway { .. } => "`runs list` shows where runs are".to_owned(),
            RemoteError::NoneAway | RemoteError::NoRuns { .. } => "`run FILE --on NAME` begins one".to_owned(),
            RemoteError::UnknownRun { cluster, .. } => {
                format!("`runs list` shows what is here, `cluster status --cluster {cluster}` how the cluster is")
            }
            RemoteError::UnderWay { run, .. } => format!("`watch {run}` follows it, `stop {run}` stops it"),
            RemoteError::Nothing { .. } => "begin a new run: `run FILE --on NAME`".to_owned(),
            RemoteError::AtHome { run, .. } => format!("`resume {run}` goes on with it here"),
            RemoteError::Record { .. } => "it was written by another version of this program".to_owned(),
        })
    }
}

impl From<StateError> for RemoteError {
    fn from(error: StateError) -> RemoteError {
        RemoteError::Cluster(error.into())
    }
}

impl From<EngineError> for RemoteError {
    fn from(error: EngineError) -> RemoteError {
        RemoteError::Cluster(error.into())
    }
}

impl From<RayError> for RemoteError {
    fn from(error: RayError) -> RemoteError {
        RemoteError::Cluster(error.into())
    }
}
