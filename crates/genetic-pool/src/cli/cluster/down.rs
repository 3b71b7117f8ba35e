//! `cluster down`.

use clap::Args;
use serde_json::json;

use super::{Context, Exit, Place, progress::listener};
use crate::cli::{error::CliError, words};

/// Removes a cluster and all it keeps
///
/// Containers, networks and volumes with the cluster's label go. Where nothing is there nothing is done. It is refused
/// while a run is at work.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool cluster down
  genetic-pool cluster down --cluster second --dry-run")]
pub(super) struct Down {
    /// Also while a run is at work
    #[arg(long)]
    force: bool,
    /// Prints what would be done, and does nothing
    #[arg(long)]
    dry_run: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Down {
    pub(super) fn run(self, place: &Place, context: &Context<'_>) -> Result<Exit, CliError> {
        place.with(async |cluster, _cancel| {
            let printer = context.printer;
            if self.dry_run {
                let steps = cluster.plan_down().await?;
                if self.json {
                    printer.json(&json!({ "version": 1, "steps": steps }))?;
                    return Ok(Exit::Ok);
                }
                return steps.iter().try_for_each(|step| printer.data(step)).map(|()| Exit::Ok);
            }
            let down = cluster.down(self.force, &listener(context)).await?;
            if self.json {
                printer.json(&json!({ "version": 1, "name": cluster.name, "steps": down.steps }))?;
                return Ok(Exit::Ok);
            }
            if down.steps.is_empty() {
                printer.data(format_args!("there is no cluster {}: nothing was to be done", cluster.name))?;
                if let Some(nearest) = &down.nearest {
                    printer.note(format_args!("there is a cluster {nearest}"));
                }
            } else {
                let took = words::duration(down.took);
                printer.data(format_args!("cluster {} is gone, and nothing of it is left ({took})", cluster.name))?;
            }
            Ok(Exit::Ok)
        })
    }
}
