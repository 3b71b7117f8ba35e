//! `stop [RUN]`.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use clap::Args;
use rustix::process::{Pid, Signal, kill_process};

use super::{
    Context, Exit,
    away::{Following, Found, ended},
    engine::EngineArgs,
    error::CliError,
};
use crate::{
    remote::{self, Link, Records},
    store::{Home, RunReader, State, StoreError},
};

/// How long a run here may take to stop: evaluations are broken off, files are written.
const PATIENCE: Duration = Duration::from_mins(1);

/// Stops a run, here or on its cluster, as Ctrl-C does where it was begun
///
/// It waits until the run has stopped, and fetches it from its cluster. `resume` goes on with it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool stop
  genetic-pool stop k3f9")]
pub(super) struct Stop {
    /// The run: an id, the start of one, or `latest`
    #[arg(default_value = "latest")]
    run: String,
    #[command(flatten)]
    engine: EngineArgs,
}

impl Stop {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        let home = Home::find()?;
        let (run, away) = Records::of(&home).choose(&home, &self.run)?;
        let Some(away) = away else { return here(context, &home.path_of(&run)) };
        let found = Found { run, away };
        found.with(&self.engine, async |cluster, _| {
            let following = Following { context, home: &home, json: false };
            let run = &found.run;
            let active = remote::active_runs(&cluster).await?;
            match active.into_iter().find(|active| active.job.run == *run) {
                None => context.printer.note(format_args!("run {run} is not under way on cluster {}", cluster.name)),
                Some(active) => {
                    let link = Link::open(cluster.clone()).await?;
                    context.printer.talk(format_args!("stopping run {run} on cluster {}", cluster.name));
                    ended(&link, &active.job).await?;
                }
            }
            if let Some(path) = following.fetch(&cluster, run).await? {
                return told(context, &path);
            }
            following.forget(&cluster, run).await?;
            context.printer.note(format_args!("run {run} had not begun: nothing is left of it"));
            Ok(Exit::Ok)
        })
    }
}

/// Stops the run at `path` here.
fn here(context: &Context<'_>, path: &Path) -> Result<Exit, CliError> {
    let reader = RunReader::open(path)?;
    let (state, holder) = reader.state()?;
    let run = reader.id();
    if state != State::Running {
        context.printer.note(format_args!("run {run} is not under way"));
        return told(context, path);
    }
    let pid = holder.as_ref().and_then(|holder| Pid::from_raw(holder.pid.cast_signed()));
    let held = || StoreError::Held { run: run.to_string(), holder: holder.clone() };
    let pid = pid.ok_or_else(held)?;
    context.printer.talk(format_args!("stopping run {run}"));
    kill_process(pid, Signal::TERM).map_err(|_| held())?;
    let end = Instant::now() + PATIENCE;
    while reader.state()?.0 == State::Running {
        if Instant::now() > end {
            return Err(held().into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    told(context, path)
}

/// Says what has become of the run at `path`.
fn told(context: &Context<'_>, path: &Path) -> Result<Exit, CliError> {
    let reader = RunReader::open(path)?;
    let (run, state) = (reader.id(), reader.state()?.0);
    context.printer.data(format_args!("{run}  {}", state.word()))?;
    let verb = if state.can_resume() { "resume" } else { "runs show" };
    context.printer.next(&[format!("{} {verb} {run}", context.program)]);
    Ok(Exit::Ok)
}
