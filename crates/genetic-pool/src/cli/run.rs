//! `run FILE`.

use clap::Args;

#[cfg(feature = "cluster")]
use super::away::Elsewhere;
use super::{Context, Exit, error::CliError, input::Input, workplace::Workplace};
use crate::{run, store::Home};

/// Evolves a population against the experiment's evaluation
///
/// Ctrl-C once stops it cleanly, twice at once; either way, and after a power cut, `resume` goes on with it and comes
/// to the same digest. With `--on` the same run, with the same digest, is carried out on a cluster; there Ctrl-C twice
/// leaves it to itself.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool run experiment.toml
  genetic-pool run experiment.toml --seed 8 --set stop.evaluations=500
  genetic-pool run experiment.toml --json | tail -n 1
  genetic-pool run experiment.toml --on genetic-ray
  genetic-pool run experiment.toml --on genetic-ray --detach")]
pub(super) struct Run {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    workplace: Workplace,
    /// Carries it out on this cluster, by a driver on its head
    #[cfg(feature = "cluster")]
    #[arg(long, value_name = "CLUSTER", help_heading = "On a cluster", conflicts_with = "processes")]
    on: Option<genetic_pool_cluster::names::ClusterName>,
    #[cfg(feature = "cluster")]
    #[command(flatten)]
    elsewhere: Elsewhere,
}

impl Run {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        let experiment = self.input.load(context)?;
        let home = Home::find()?;
        let name = run::name_of(&self.input.file);
        #[cfg(feature = "cluster")]
        if let Some(cluster) = self.on {
            return self.elsewhere.begin(context, &home, &self.workplace, &experiment, name, cluster);
        }
        #[cfg(feature = "cluster")]
        self.elsewhere.unused()?;
        self.workplace.work(context, &experiment, |options| run::begin(&experiment, &name, &home, options))
    }
}
