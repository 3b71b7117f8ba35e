//! `doctor`.

use std::{pin::pin, time::Duration};

use clap::Args;
use genetic_pool_cluster::{
    ClusterError,
    doctor::{self, Report, State},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    Context, Exit,
    engine::{self, EngineArgs},
    error::CliError,
    printer::Printer,
};

/// Looks at what a cluster needs: engine, permissions, limits, memory, disk, port, image; with a remedy for each finding
///
/// It changes nothing, and ends with 0 where nothing keeps clusters from working, with 8 otherwise.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool doctor
  genetic-pool doctor --engine unix:///run/user/1000/docker.sock
  genetic-pool doctor --json")]
pub(super) struct Doctor {
    #[command(flatten)]
    engine: EngineArgs,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        let printer = context.printer;
        let report = engine::run(async |cancel| examine(self.engine.address(), printer, cancel).await)?;
        let fit = report.is_fit();
        if self.json {
            printer.json(&json!({ "format": 1, "fit": fit, "findings": report.findings }))?;
        } else {
            printer.data(&report)?;
            printer.talk(summary(&report));
        }
        Ok(if fit { Exit::Ok } else { Exit::Engine })
    }
}

async fn examine(host: Option<&str>, printer: Printer, cancel: CancellationToken) -> Result<Report, CliError> {
    let mut examined = pin!(doctor::examine(host));
    let told = Duration::from_secs(1);
    tokio::select! {
        report = &mut examined => return Ok(report),
        () = cancel.cancelled() => return Err(ClusterError::Interrupted.into()),
        () = tokio::time::sleep(told) => printer.talk("the engine takes its time; it is given some seconds for each answer"),
    }
    tokio::select! {
        report = examined => Ok(report),
        () = cancel.cancelled() => Err(ClusterError::Interrupted.into()),
    }
}

/// `2 problems, 1 warning`.
fn summary(report: &Report) -> String {
    let count = |state, word: &str| match report.count(state) {
        0 => None,
        1 => Some(format!("1 {word}")),
        number => Some(format!("{number} {word}s")),
    };
    let counts = [count(State::Problem, "problem"), count(State::Warning, "warning")];
    match counts.into_iter().flatten().collect::<Vec<_>>() {
        counts if counts.is_empty() => "nothing stands in the way of a cluster".to_owned(),
        counts => counts.join(", "),
    }
}
