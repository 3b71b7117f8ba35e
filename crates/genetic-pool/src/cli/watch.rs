//! `watch [RUN|CLUSTER]`.

use clap::Args;
use genetic_pool_cluster::{cluster::Cluster, engine::Engine, names::ClusterName};
use tokio_util::sync::CancellationToken;

use super::{
    Context, Exit,
    away::{Following, away},
    engine::EngineArgs,
    error::CliError,
};
use crate::{
    remote::{self, Link, RemoteError, Submission},
    store::{Home, StoreError},
};

/// Follows a run on a cluster, from its beginning
///
/// It shows what has happened so far, then what happens, and fetches the run when it has ended. Ctrl-C leaves the run
/// to itself.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool watch
  genetic-pool watch k3f9
  genetic-pool watch genetic-ray")]
pub(super) struct Watch {
    /// The run: an id, the start of one, or `latest`; or a cluster, for the latest run on it
    #[arg(default_value = "latest", value_name = "RUN|CLUSTER")]
    run: String,
    /// Prints events as JSON, one a line; the last is `finished`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    engine: EngineArgs,
}

impl Watch {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        let home = Home::find()?;
        let following = Following { context, home: &home, json: self.json };
        match (away(&home, &self.run), self.run.parse::<ClusterName>()) {
            (Ok(found), _) => found.with(&self.engine, async |cluster, cancel| {
                let link = Link::open(cluster).await?;
                let unknown =
                    || RemoteError::UnknownRun { run: found.run.to_string(), cluster: link.cluster.name.clone() };
                let submission = remote::submission(&link, &found.run).await?.ok_or_else(unknown)?;
                watch(&following, &link, submission, &cancel).await
            }),
            (Err(CliError::Store(StoreError::Unknown { .. } | StoreError::NoRuns { .. })), Ok(name)) => {
                self.engine.with(async |engine: Engine, cancel| {
                    let link = Link::open(Cluster { engine, name: name.clone() }).await?;
                    let latest = remote::submissions(&link.cluster).await?.pop();
                    let latest = latest.ok_or_else(|| RemoteError::NoRuns { cluster: name.clone() })?;
                    watch(&following, &link, latest, &cancel).await
                })
            }
            (Err(error), _) => Err(error),
        }
    }
}

async fn watch(
    following: &Following<'_>,
    link: &Link,
    submission: Submission,
    cancel: &CancellationToken,
) -> Result<Exit, CliError> {
    // Who only watches stops nothing.
    let never = CancellationToken::new();
    let job = submission.job;
    tokio::select! {
        exit = following.to_the_end(link, &job, &never) => exit,
        () = cancel.cancelled() => {
            let Context { printer, program, .. } = following.context;
            printer.talk(format_args!("run {} goes on", job.run));
            printer.next(&[format!("{program} watch {}", job.run), format!("{program} stop {}", job.run)]);
            Ok(Exit::Interrupted)
        }
    }
}
