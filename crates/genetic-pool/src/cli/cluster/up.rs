//! `cluster up`.

use clap::Args;
use genetic_pool_cluster::cluster::{Planned, Up as IsUp};
use serde_json::json;

use super::{
    Context, Exit, Place,
    progress::listener,
    settings::{PatienceArgs, SettingsArgs},
};
use crate::cli::{error::CliError, words};

/// Makes a cluster, or heals and changes the one that is there
///
/// A missing image is built first. Where all is there and well, nothing is done. Where it fails, or on Ctrl-C, what was
/// begun is taken back. Sizes are fixed at the first `up` and stay until they are said again.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool cluster up --workers 2
  genetic-pool cluster up --workers 4 --cpus 8 --memory 16GiB --dry-run
  genetic-pool cluster up --cluster second --slots-per-worker 16")]
pub(super) struct Up {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(flatten)]
    patience: PatienceArgs,
    /// Prints what would be done, and does nothing
    #[arg(long)]
    dry_run: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Up {
    pub(super) fn run(self, place: &Place, context: &Context<'_>) -> Result<Exit, CliError> {
        let settings = self.settings.settings()?;
        place.with(async |cluster, cancel| {
            if self.dry_run {
                let planned = cluster.plan_up(&settings).await?;
                return show(context, &planned, self.json);
            }
            let up = cluster.up(&self.patience.options(settings), &listener(context), &cancel).await?;
            tell(context, place, &up, self.json)
        })
    }
}

/// Shows what would be done.
pub(super) fn show(context: &Context<'_>, planned: &Planned, json: bool) -> Result<Exit, CliError> {
    if json {
        context.printer.json(&json!({
            "format": 1,
            "wanted": planned.wanted,
            "builds_image": planned.builds_image,
            "steps": planned.steps,
        }))?;
        return Ok(Exit::Ok);
    }
    if planned.builds_image {
        context.printer.data(format_args!("build image {}", planned.wanted.image))?;
    }
    for step in &planned.steps {
        context.printer.data(step)?;
    }
    if planned.steps.is_empty() {
        context.printer.talk(format_args!("nothing is to be done for cluster {}", planned.wanted.name));
    }
    Ok(Exit::Ok)
}

/// Says that a cluster is up.
pub(super) fn tell(context: &Context<'_>, place: &Place, up: &IsUp, json: bool) -> Result<Exit, CliError> {
    if json {
        context.printer.json(&json!({
            "format": 1,
            "wanted": up.wanted,
            "steps": up.steps,
            "address": up.address,
            "seconds": (up.took.as_secs_f64() * 1e3).round() / 1e3,
        }))?;
        return Ok(Exit::Ok);
    }
    let wanted = &up.wanted;
    let slots = u64::from(wanted.workers) * u64::from(wanted.slots_per_worker);
    let changed = if up.steps.is_empty() { ", nothing was to be done" } else { "" };
    context.printer.data(format_args!(
        "cluster {} is up: a head and {}, {}{changed}",
        wanted.name,
        words::things(wanted.workers.into(), "worker"),
        words::things(slots, "slot"),
    ))?;
    if let Some(address) = &up.address {
        context.printer.data(format_args!("Ray's HTTP: {address}, with a token"))?;
    }
    let (program, option) = (&context.program, place.option());
    context.printer.next(&[
        format!("{program} run experiment.toml --on {}", wanted.name),
        format!("{program} cluster status{option}"),
        format!("{program} cluster down{option}"),
    ]);
    Ok(Exit::Ok)
}
