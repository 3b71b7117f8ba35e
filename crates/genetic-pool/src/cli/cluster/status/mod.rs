//! `cluster status`.

mod report;

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::{Context, Exit, Place};
use crate::cli::{
    error::CliError,
    screen::{self, Screen},
};

/// Shows how the cluster is: its nodes, what they take, and what is wrong
///
/// The exit code is 0 if the cluster is ready and 9 if it is not.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool cluster status
  genetic-pool cluster status --watch
  genetic-pool cluster status --json")]
pub(super) struct Status {
    /// Shows it again every 2 seconds, or as many as are given, until it is interrupted
    #[arg(long, short, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "2")]
    #[arg(value_parser = seconds)]
    watch: Option<Duration>,
    /// Prints JSON, with `--watch` an object in a line each time
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(self, place: &Place, context: &Context<'_>) -> Result<Exit, CliError> {
        place.with(async |cluster, cancel| {
            let mut screen = Screen::new(context.printer);
            loop {
                let status = tokio::select! {
                    status = cluster.status() => status?,
                    () = cancel.cancelled() => return Ok(Exit::Interrupted),
                };
                if self.json {
                    context.printer.json(&report::to_json(&status))?;
                } else {
                    screen.draw(&report::text(&status, Timestamp::now()))?;
                }
                let Some(interval) = self.watch else {
                    return Ok(if status.ready { Exit::Ok } else { Exit::Cluster });
                };
                tokio::select! {
                    () = tokio::time::sleep(interval) => {}
                    () = cancel.cancelled() => return Ok(Exit::Interrupted),
                    () = screen::unread() => return Err(CliError::ClosedPipe),
                }
            }
        })
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    match seconds {
        0.5..=86_400.0 => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("expected 0.5 to 86400 seconds".to_owned()),
    }
}
