//! `cluster up|scale|down|list|…`: a Ray cluster in Docker.

mod audit;
mod down;
mod list;
mod logs;
mod plain;
mod progress;
mod scale;
mod settings;
mod stats;
mod status;
mod up;
mod when;

use clap::{Args, Subcommand};
use genetic_pool_cluster::{
    cluster::Cluster as OnEngine,
    engine::Engine,
    names::{ClusterName, DEFAULT_CLUSTER},
};
use tokio_util::sync::CancellationToken;

use super::{Colour, Context, Exit, engine::EngineArgs, error::CliError};

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
    Up(up::Up),
    Scale(scale::Scale),
    Down(down::Down),
    List(list::List),
    Status(status::Status),
    Logs(logs::Logs),
    Stats(stats::Stats),
    Audit(audit::Audit),
}

impl Cluster {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        match self.verb {
            Verb::Up(verb) => verb.run(&self.place, context),
            Verb::Scale(verb) => verb.run(&self.place, context),
            Verb::Down(verb) => verb.run(&self.place, context),
            Verb::List(verb) => verb.run(&self.place, context),
            Verb::Status(verb) => verb.run(&self.place, context),
            Verb::Logs(verb) => verb.run(&self.place, context),
            Verb::Stats(verb) => verb.run(&self.place, context),
            Verb::Audit(verb) => verb.run(&self.place, context),
        }
    }
}

impl Place {
    /// The option that names the cluster, where it has to be named.
    fn option(&self) -> String {
        if self.name.as_str() == DEFAULT_CLUSTER { String::new() } else { format!(" --cluster {}", self.name) }
    }

    /// Has `work` done with the cluster; see [`EngineArgs::with`].
    fn with<T>(
        &self,
        work: impl AsyncFnOnce(OnEngine, CancellationToken) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        self.engine
            .with(async |engine: Engine, cancel| work(OnEngine { engine, name: self.name.clone() }, cancel).await)
    }
}
