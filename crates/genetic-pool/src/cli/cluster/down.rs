//! `cluster down`.

use clap::Args;
use genetic_pool_cluster::cluster::Cluster;
use serde_json::json;

use super::{Context, Exit, Place, progress::listener};
use crate::{
    cli::{error::CliError, words, workplace::typed},
    remote,
    store::{Home, RunId},
};

/// Removes a cluster and all it keeps
///
/// Containers, networks and volumes with the cluster's label go. Runs that are at home on it are fetched before. Where
/// nothing is there nothing is done. It is refused while a run is at work.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool cluster down
  genetic-pool cluster down --cluster second --dry-run")]
pub(super) struct Down {
    /// Also while a run is at work, which is lost, and where runs cannot be fetched
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
                    printer.json(&json!({ "format": 1, "steps": steps }))?;
                    return Ok(Exit::Ok);
                }
                return steps.iter().try_for_each(|step| printer.data(step)).map(|()| Exit::Ok);
            }
            self.fetch(&cluster, context).await?;
            let down = cluster.down(self.force, &listener(context)).await?;
            if self.json {
                printer.json(&json!({ "format": 1, "name": cluster.name, "steps": down.steps }))?;
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

    /// What runs have come to is not lost with the cluster that keeps it.
    async fn fetch(&self, cluster: &Cluster, context: &Context<'_>) -> Result<(), CliError> {
        let fetch = async || -> Result<Vec<RunId>, CliError> {
            cluster.mend(&listener(context)).await?;
            let active = if self.force {
                // What can be fetched is, whether Ray answers or not.
                cluster.active_jobs().await.unwrap_or_default()
            } else {
                cluster.check_idle().await?;
                Vec::new()
            };
            Ok(remote::fetch_all(cluster, &Home::find()?, &active, &typed()).await?)
        };
        match fetch().await {
            Ok(fetched) => {
                for run in fetched {
                    context.printer.talk(format_args!("run {run} is fetched"));
                }
                Ok(())
            }
            Err(error) if self.force => {
                context.printer.note(format_args!("runs are not fetched: {error}"));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
