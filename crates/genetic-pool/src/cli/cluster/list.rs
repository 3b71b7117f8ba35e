//! `cluster list`.

use clap::Args;
use genetic_pool_cluster::cluster::{Condition, Listed, list};
use serde_json::json;

use super::{Context, Exit, Place};
use crate::cli::{
    error::CliError,
    table::{Align, table},
};

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
        place.with(async |cluster, _cancel| {
            let clusters = list(&cluster.engine).await?;
            if self.json {
                context.printer.json(&json!({ "format": 1, "clusters": clusters }))?;
                return Ok(Exit::Ok);
            }
            for line in text(&clusters) {
                context.printer.data(line)?;
            }
            if clusters.is_empty() {
                context.printer.note("there is no cluster on this engine");
                context.printer.next(&[format!("{} cluster up --workers 2", context.program)]);
            }
            Ok(Exit::Ok)
        })
    }
}

/// A line for each cluster, under a line of headings.
fn text(clusters: &[Listed]) -> Vec<String> {
    if clusters.is_empty() {
        return Vec::new();
    }
    let headings = ["cluster", "condition", "workers", "slots", "image", "Ray's HTTP"].map(str::to_owned).to_vec();
    let columns = [Align::Left, Align::Left, Align::Right, Align::Right, Align::Left, Align::Left];
    let dash = || "-".to_owned();
    let rows = clusters.iter().map(|cluster| {
        let wanted = cluster.wanted.as_ref();
        let workers = wanted.map_or_else(dash, |wanted| format!("{} of {}", cluster.workers, wanted.workers));
        let slots = wanted.map(|wanted| u64::from(wanted.workers) * u64::from(wanted.slots_per_worker));
        vec![
            cluster.name.to_string(),
            condition(cluster.condition).to_owned(),
            workers,
            slots.map_or_else(dash, |slots| slots.to_string()),
            wanted.map_or_else(dash, |wanted| wanted.image.clone()),
            cluster.address.clone().unwrap_or_else(dash),
        ]
    });
    table(&columns, &std::iter::once(headings).chain(rows).collect::<Vec<_>>())
}

fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::Up => "up",
        Condition::Degraded => "degraded",
        Condition::Stopped => "stopped",
        Condition::Remains => "remains",
        Condition::Newer => "newer",
    }
}
