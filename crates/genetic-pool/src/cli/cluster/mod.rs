//! `cluster up|scale|down|list|…`: a Ray cluster in Docker.

mod list;

use clap::{Args, Subcommand};
use genetic_pool_cluster::{
    cluster::Cluster as OnEngine,
    engine::Engine,
    names::{ClusterName, DEFAULT_CLUSTER},
};
use tokio_util::sync::CancellationToken;

use super::{Context, Exit, engine::EngineArgs, error::CliError};

/// Deploys, heals, scales, watches and removes a closed Ray cluster in Docker
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool cluster up --workers 2
  genetic-pool cluster scale 4
  genetic-pool cluster down")]
pub(super) struct Cluster {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    place: Place,
}

/// Which cluster, and on which engine.
#[derive(Args, Clone, Debug)]
struct Place {
    #[command(flatten)]
    engine: EngineArgs,
    /// The cluster's name
    #[arg(long = "cluster", short = 'c', value_name = "NAME", default_value = DEFAULT_CLUSTER, global = true)]
    name: ClusterName,
}

#[derive(Subcommand, Debug)]
enum Verb {
    List(list::List),
}

impl Cluster {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        match self.verb {
            Verb::List(verb) => verb.run(&self.place, context),
        }
    }
}

impl Place {
    /// Has `work` done with the cluster; see [`EngineArgs::with`].
    fn with<T>(
        &self,
        work: impl AsyncFnOnce(OnEngine, CancellationToken) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        self.engine.with(async |engine: Engine, cancel| {
            work(OnEngine { engine, name: self.name.clone() }, cancel).await
        })
    }
}
