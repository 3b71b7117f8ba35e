//! Runs come home: their files out of the cluster's state into the data folder.

use std::path::PathBuf;

use genetic_pool_cluster::{
    cluster::{Cluster, State},
    ray::{Ray, RayError},
};

use super::{error::RemoteError, records::Submission};
use crate::store::{Home, RunId, StoreError, adopt_run};

/// What belongs to a run's file: it, and what a driver that was killed left beside it.
const SUFFIXES: [&str; 2] = ["", "-wal"];

/// Fetches the file of run `id`, as it is: it must not be worked on. `None` where the cluster has none.
///
/// `command` is told to who wants the run meanwhile. A later state of it that is here already stays.
pub async fn fetch(state: &State, id: &RunId, home: &Home, command: &str) -> Result<Option<PathBuf>, RemoteError> {
    let folder = tempfile::tempdir().map_err(io("create a folder in", std::env::temp_dir()))?;
    let copy = folder.path().join(format!("{id}.sqlite"));
    for suffix in SUFFIXES {
        let mut path = copy.clone().into_os_string();
        path.push(suffix);
        let path = PathBuf::from(path);
        let mut file = tokio::fs::File::create(&path).await.map_err(io("create", &path))?;
        let found = state.get_run_file(&format!("{id}.sqlite{suffix}"), &mut file).await?;
        tokio::io::AsyncWriteExt::flush(&mut file).await.map_err(io("write", &path))?;
        drop(file);
        if found.is_none() {
            if suffix.is_empty() {
                return Ok(None);
            }
            std::fs::remove_file(&path).map_err(io("remove", &path))?;
        }
    }
    Ok(Some(adopt_run(home, id, &copy, command)?))
}

/// The runs that a job of `cluster` works on now.
pub async fn active_runs(cluster: &Cluster) -> Result<Vec<Submission>, RemoteError> {
    let submissions = submissions(cluster).await?;
    if submissions.is_empty() {
        return Ok(Vec::new());
    }
    let ray = match Ray::connect(cluster).await {
        Ok(ray) => ray,
        // Without a head nothing works.
        Err(RayError::NoHead { .. } | RayError::HeadStopped { .. } | RayError::NoToken { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let jobs = ray.jobs().await?;
    let works = |submission: &Submission| {
        let id = submission.job.submission();
        jobs.iter().any(|job| job.id == id && !job.status.is_terminal())
    };
    Ok(submissions.into_iter().filter(works).collect())
}

/// Fetches the files of all runs that are at home on `cluster`; none of them must be worked on.
pub async fn fetch_all(cluster: &Cluster, home: &Home, command: &str) -> Result<Vec<RunId>, RemoteError> {
    let state = cluster.state();
    let mut fetched = Vec::new();
    for submission in submissions(cluster).await? {
        let id = submission.job.run;
        if fetch(&state, &id, home, command).await?.is_some() {
            fetched.push(id);
        }
    }
    Ok(fetched)
}

/// What `cluster` knows of the runs that are at home there, oldest first.
pub async fn submissions(cluster: &Cluster) -> Result<Vec<Submission>, RemoteError> {
    let jobs = cluster.state().list_jobs().await?;
    let read = |(run, record): (String, _)| Submission::read(cluster, &run, record);
    let submissions = jobs.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(submissions.into_iter().filter(|submission| !submission.left).collect())
}

fn io(verb: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.into();
    move |source| StoreError::Io { verb, path, source }
}
