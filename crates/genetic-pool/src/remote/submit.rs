//! A run is submitted: packed, sent unless it was sent before, recorded here and with the cluster, and started.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use genetic_pool_cluster::{
    names::STATE_FOLDER,
    ray::{JobRequest, PackageName, RayError},
};
use jiff::Timestamp;

use super::{
    error::RemoteError,
    job::{FORMAT, Job},
    link::Link,
    nodes::Placement,
    package::{Executable, Package, PackageError},
    records::{self, Away, Records, Submission},
};
use crate::{
    program,
    store::{Home, RunId, StoredFile},
};

/// The interpreter that has Ray, in the image.
const PYTHON: &str = "/opt/genetic-pool/bin/python3";

/// A run that is to work on a cluster.
#[derive(Clone, Debug)]
pub struct Order {
    /// The run.
    pub run: RunId,
    /// What people call the experiment.
    pub name: String,
    /// The experiment's text, resolved.
    pub experiment: String,
    /// The folder of the experiment's file.
    pub directory: PathBuf,
    /// The files that travel with it.
    pub files: Vec<StoredFile>,
    /// The program that travels; `None`: this one.
    pub ship: Option<PathBuf>,
    /// The command that was typed.
    pub command: String,
    /// Where evaluations are done.
    pub place: Placement,
    /// How many go at once in all.
    pub slots: Option<u16>,
    /// Go on although the problem's code has changed.
    pub keep_outcomes: bool,
    /// The engine as it was named on the command line.
    pub engine: Option<String>,
}

/// Submits `order` over `link`; `tell` is told what takes its time.
pub async fn submit(link: &Link, home: &Home, order: Order, tell: &dyn Fn(&str)) -> Result<Job, RemoteError> {
    let executable = executable(link, order.ship.as_deref()).await?;
    let package = Package::new(executable, &order.experiment, order.files).pack()?;
    let name = PackageName::of(&package);
    if !link.ray.has_package(&name).await? {
        tell(&format!("sending {} to cluster {}", megabytes(package.len()), link.cluster.name));
        link.ray.put_package(&name, package.into()).await?;
    }
    let state = link.cluster.state();
    let before = submission(link, &order.run).await?;
    let job = Job {
        format: FORMAT,
        run: order.run,
        attempt: before.map_or(1, |before| before.job.attempt + 1),
        name: order.name,
        directory: order.directory,
        command: order.command,
        home: STATE_FOLDER.into(),
        python: PYTHON.into(),
        place: order.place,
        slots: order.slots,
        keep_outcomes: order.keep_outcomes,
    };
    let unreadable =
        |source| RemoteError::Record { run: job.run.to_string(), cluster: link.cluster.name.clone(), source };
    let now = Timestamp::now();
    let submission = job.submission();
    let record = Submission { format: records::FORMAT, submission, job: job.clone(), submitted: now };
    let request = JobRequest {
        entrypoint: job.entrypoint().map_err(unreadable)?,
        submission_id: job.submission(),
        metadata: BTreeMap::from([
            ("run".to_owned(), job.run.to_string()),
            ("experiment".to_owned(), job.name.clone()),
        ]),
        working_dir: Some(name),
        env_vars: BTreeMap::new(),
    };
    // Recorded first: of a run that works nobody must be ignorant. One that is recorded and does not is found out.
    state.put_job(job.run.as_str(), &serde_json::to_value(&record).map_err(unreadable)?).await?;
    let records = Records::of(home);
    records.put(&Away {
        format: records::FORMAT,
        run: job.run.clone(),
        cluster: link.cluster.name.clone(),
        engine: order.engine,
        name: job.name.clone(),
        began: now,
    })?;
    let Err(error) = link.ray.submit(&request).await else { return Ok(job) };
    // Without an answer it is not known whether Ray has it.
    let unsure = matches!(error, RayError::NoAnswer { .. } | RayError::Late { .. } | RayError::Malformed { .. });
    let known = if unsure { Some(link.ray.job(&job.submission()).await) } else { None };
    match known {
        Some(Ok(_)) => return Ok(job),
        None | Some(Err(RayError::UnknownJob { .. })) if job.attempt == 1 => {
            records.remove(&job.run)?;
            state.remove_job(job.run.as_str()).await?;
        }
        // It stays recorded: `watch` finds out.
        _ => {}
    }
    Err(error.into())
}

/// What the cluster of `link` knows of run `id`.
pub async fn submission(link: &Link, id: &RunId) -> Result<Option<Submission>, RemoteError> {
    let record = link.cluster.state().get_job(id.as_str()).await?;
    record.map(|record| Submission::read(&link.cluster, id.as_str(), record)).transpose()
}

/// The program that travels, which must be one for the cluster's nodes.
async fn executable(link: &Link, ship: Option<&Path>) -> Result<Executable, RemoteError> {
    let (path, shown) = if let Some(path) = ship {
        (path.to_owned(), path.to_owned())
    } else {
        let path = program::file().map_err(PackageError::Io)?;
        (path, std::env::current_exe().map_err(PackageError::Io)?)
    };
    let executable = Executable::read(&path, &shown)?;
    match link.architecture().await? {
        Some(wanted) if wanted != executable.architecture => {
            let found = executable.architecture;
            Err(PackageError::Architecture { path: shown, found, wanted }.into())
        }
        _ => Ok(executable),
    }
}

fn megabytes(bytes: usize) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
