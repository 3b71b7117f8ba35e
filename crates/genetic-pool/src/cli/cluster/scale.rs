//! `cluster scale`.

use clap::Args;
use genetic_pool_cluster::cluster::Settings;

use super::{
    Context, Exit, Place,
    progress::listener,
    settings::{PatienceArgs, count},
    up::{show, tell},
};
use crate::cli::error::CliError;

/// Changes the number of workers
///
/// Their size stays. Workers that go finish what they evaluate; a run goes on with those there are.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool cluster scale 4
  genetic-pool cluster scale 1 --dry-run")]
pub(super) struct Scale {
    /// How many workers
    #[arg(value_name = "N", value_parser = |text: &str| count("workers", text))]
    workers: u16,
    #[command(flatten)]
    patience: PatienceArgs,
    /// Prints what would be done, and does nothing
    #[arg(long)]
    dry_run: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Scale {
    pub(super) fn run(self, place: &Place, context: &Context<'_>) -> Result<Exit, CliError> {
        place.with(async |cluster, cancel| {
            if self.dry_run {
                let planned = cluster.plan_scale(self.workers).await?;
                return show(context, &planned, self.json);
            }
            let options = self.patience.options(Settings::default());
            let up = cluster.scale(self.workers, &options, &listener(context), &cancel).await?;
            tell(context, place, &up, self.json)
        })
    }
}
