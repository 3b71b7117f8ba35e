//! What the verbs share that have to do with a run on a cluster: `run --on`, `resume`, `watch`, `stop`.

mod begin;
mod resume;

use std::{path::PathBuf, time::Duration};

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser};
use genetic_pool_cluster::{cluster::Cluster, engine::Engine};
use serde_json::json;
use tokio_util::sync::CancellationToken;

pub(super) use self::resume::{On, Resumed, Resuming, resume};
use super::{Context, Exit, engine::EngineArgs, error::CliError, progress::Progress, workplace::typed};
use crate::{
    event::{BestGenome, Finished, Order, RunEvent, Stop},
    remote::{self, Away, Link, Records, RemoteError, Seen, job::Job, nodes::Placement},
    store::{Home, List, RunId, RunReader, State, StoreError},
};

/// How a run is carried out on a cluster.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "On a cluster")]
pub(super) struct Elsewhere {
    /// Leaves once it is under way, and says how to come back
    #[arg(long)]
    pub(super) detach: bool,
    /// Where evaluations are done; `auto`: on the nodes, unless they are cheaper than their journey
    #[arg(long, value_name = "PLACE", default_value = "auto", value_parser = placement())]
    pub(super) place: Placement,
    /// The program that travels, for nodes that this one cannot run on; else this one
    #[arg(long, value_name = "PATH")]
    pub(super) ship: Option<PathBuf>,
    #[command(flatten)]
    pub(super) engine: EngineArgs,
}

impl Elsewhere {
    /// Fails where something was asked for that only a run on a cluster has.
    pub(super) fn unused(&self) -> Result<(), CliError> {
        let used = self.detach || self.ship.is_some() || self.place != Placement::default();
        if used { Err(CliError::ClusterUnused) } else { Ok(()) }
    }
}

fn placement() -> impl TypedValueParser<Value = Placement> {
    let names = Placement::NAMES.map(|(name, _)| name);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Placement>())
}

/// A run that is followed.
pub(super) struct Following<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) home: &'a Home,
    pub(super) json: bool,
}

impl Following<'_> {
    /// Says that `job` is under way, and how to come back to it.
    pub(super) fn detached(&self, link: &Link, job: &Job) -> Result<Exit, CliError> {
        let Context { printer, program, .. } = self.context;
        let (run, cluster) = (&job.run, &link.cluster.name);
        if self.json {
            printer.json(&json!({ "format": 1, "run": run, "cluster": cluster, "attempt": job.attempt }))?;
        } else {
            printer.talk(format_args!("run {run} is under way on cluster {cluster}"));
            printer.data(run)?;
        }
        printer.next(&[format!("{program} watch {run}"), format!("{program} stop {run}")]);
        Ok(Exit::Ok)
    }

    /// Shows `job` to its end, which `stop` hastens, and fetches the run.
    pub(super) async fn to_the_end(&self, link: &Link, job: &Job, stop: &CancellationToken) -> Result<Exit, CliError> {
        let Context { printer, program, .. } = self.context;
        let (run, cluster) = (&job.run, &link.cluster);
        printer.talk(format_args!("run {run} is on cluster {}; its driver starts", cluster.name));
        let mut progress = Progress::new(*printer, self.json, program);
        let file = self.home.path_of(run).display().to_string();
        let mut view = |seen: Seen| -> Result<(), CliError> {
            match seen {
                Seen::Event(RunEvent::Started(mut started)) => {
                    started.file.clone_from(&file);
                    progress.event(&RunEvent::Started(started))
                }
                // It is told when the run is here, so that what is to be typed next works.
                Seen::Event(RunEvent::Finished(_)) => Ok(()),
                Seen::Event(event) => progress.event(&event),
                Seen::Failures(more) => {
                    progress.failures(more);
                    Ok(())
                }
                Seen::Stopping => {
                    progress.talk(&format!(
                        "run {run} is asked to stop; Ctrl-C again leaves it alone, `{program} watch {run}` comes back"
                    ));
                    Ok(())
                }
            }
        };
        let told = remote::follow(link, job, stop, &mut view).await;
        let ended = match &told {
            Ok(_) => true,
            Err(CliError::Remote(error)) => error.is_end(),
            // A reader that is gone ends the showing; the run is somebody else's, too, and goes on.
            Err(_) => false,
        };
        if !ended {
            // A file that may be written meanwhile is not copied.
            return told.map(|_| Exit::Ok);
        }
        let fetched = self.fetch(cluster, run).await;
        let told = match (told, &fetched) {
            // It has left nothing: there is nothing that anybody could come back to.
            (Err(CliError::Remote(RemoteError::JobEnded { run, cause, said })), Ok(None)) => {
                self.forget(cluster, &run).await?;
                Err(RemoteError::NotBegun { run, cause, said }.into())
            }
            (Err(error @ CliError::Remote(RemoteError::Broke { .. })), Ok(None)) => {
                self.forget(cluster, run).await?;
                Err(error)
            }
            (told, _) => told,
        };
        let finished = match told? {
            Some(finished) => finished,
            None => match &fetched {
                Ok(Some(path)) => finished(path, run)?,
                _ => return Err(RemoteError::Nothing { run: run.clone(), cluster: cluster.name.clone() }.into()),
            },
        };
        fetched?;
        progress.event(&RunEvent::Finished(finished.clone()))?;
        Ok(finished.stop.into())
    }

    /// Forgets run `id`, of which there is nothing.
    pub(super) async fn forget(&self, cluster: &Cluster, id: &RunId) -> Result<(), CliError> {
        cluster.state().remove_job(id.as_str()).await.map_err(RemoteError::from)?;
        Ok(Records::of(self.home).remove(id)?)
    }

    /// Fetches run `id`; once it is finished, its home is here.
    pub(super) async fn fetch(&self, cluster: &Cluster, id: &RunId) -> Result<Option<PathBuf>, CliError> {
        let Some(path) = remote::fetch(&cluster.state(), id, self.home, &typed()).await? else { return Ok(None) };
        if RunReader::open(&path)?.state()?.0 == State::Finished {
            Records::of(self.home).remove(id)?;
        }
        Ok(Some(path))
    }
}

/// What the run at `path` came to, where its driver's last line was lost.
fn finished(path: &std::path::Path, run: &RunId) -> Result<Finished, CliError> {
    let reader = RunReader::open(path)?;
    let damaged = |what: &str| StoreError::Damaged { path: path.to_owned(), what: what.to_owned() };
    let result = reader.result()?.ok_or_else(|| damaged("it has no result"))?;
    let stop = serde_json::from_value::<Stop>(result.stop.clone().into())
        .map_err(|_| damaged(&format!("nothing stops a run that is called `{}`", result.stop)))?;
    let best = reader.individuals(List::Best)?.into_iter().next();
    let front = super::front::Front::read(&reader)?.map(|front| front.event());
    Ok(Finished {
        run: run.to_string(),
        digest: result.digest,
        evaluations: result.evaluations,
        seconds: result.seconds,
        stop,
        timed: result.timed,
        order: Order::of_stored(&reader.meta().algorithm),
        best: best.map(|best| BestGenome {
            objectives: best.outputs.objectives(0).to_vec(),
            violation: best.violation.unwrap_or(0.0),
            genome: best.genome,
        }),
        front,
    })
}

/// Which run on a cluster `text` is, and where.
pub(super) struct Found {
    /// The run.
    pub(super) run: RunId,
    /// Its cluster, and the engine that was named when it was submitted.
    pub(super) away: Away,
}

/// The latest run on a cluster, or the one that a person calls `text`, as far as it is known here.
pub(super) fn away(home: &Home, text: &str) -> Result<Found, CliError> {
    let records = Records::of(home);
    let run = if text == "latest" {
        records.ids()?.pop().ok_or(RemoteError::NoneAway)?
    } else {
        records.choose(home, text)?.0
    };
    let away = records.get(&run)?.ok_or_else(|| RemoteError::NotAway { run: run.clone() })?;
    Ok(Found { run, away })
}

impl Found {
    /// Has `work` done with the run's cluster.
    pub(super) fn with<T>(
        &self,
        engine: &EngineArgs,
        work: impl AsyncFnOnce(Cluster, CancellationToken) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let name = self.away.cluster.clone();
        engine
            .or(self.away.engine.clone())
            .with(async |engine: Engine, cancel| work(Cluster { engine, name }, cancel).await)
    }
}

/// Asks the driver's job `job` to stop, and waits until it has ended, by Ray's hand if not by its own.
pub(super) async fn ended(link: &Link, job: &Job) -> Result<(), RemoteError> {
    let id = job.submission();
    loop {
        // A job that waits for its turn does not hear it the first time.
        link.ray.stop(&id).await?;
        for _ in 0..10 {
            if link.ray.job(&id).await?.status.is_terminal() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}
