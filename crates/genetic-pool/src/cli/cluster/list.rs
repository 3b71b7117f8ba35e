//! `cluster list`.

use clap::Args;

use super::{Context, Exit, Place};
use crate::cli::error::CliError;

/// Lists the clusters on the engine, also those that were removed in part
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool cluster list
  genetic-pool cluster list --json")]
pub(super) struct List {
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(self, place: &Place, context: &Context<'_>) -> Result<Exit, CliError> {
        place.with(async |_cluster, _cancel| {
            if self.json {
                context.printer.json(&serde_json::json!({}))?;
            }
            Ok(Exit::Ok)
        })
    }
}
