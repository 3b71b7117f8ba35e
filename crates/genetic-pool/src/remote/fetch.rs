//! Runs come home: their files out of the cluster's state into the data folder.

use std::path::{Path, PathBuf};

use genetic_pool_cluster::cluster::{Cluster, State};

use super::{
    error::RemoteError,
    records::{Records, Submission},
};
use crate::store::{self, Home, RunId, RunReader, StoreError, adopt_run};

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
    let active = cluster.active_jobs().await?;
    if active.is_empty() {
        return Ok(Vec::new());
    }
    let mut submissions = submissions(cluster).await?;
    submissions.retain(|submission| active.contains(&submission.submission));
    Ok(submissions)
}

/// Fetches the files of all runs that are at home on `cluster` but those that the jobs `active` work on. From then on
/// they are at home here. What was not here yet, or not as it is now, is the result.
pub async fn fetch_all(
    cluster: &Cluster,
    home: &Home,
    active: &[String],
    command: &str,
) -> Result<Vec<RunId>, RemoteError> {
    let state = cluster.state();
    let records = Records::of(home);
    let mut fetched = Vec::new();
    for submission in submissions(cluster).await? {
        if active.contains(&submission.submission) {
            continue;
        }
        let id = submission.job.run;
        let finished = |path: &Path| RunReader::open(path).and_then(|run| run.state()).map(|(state, _)| state);
        let path = home.path_of(&id);
        if !path.exists() || finished(&path)? != store::State::Finished {
            fetched.extend(fetch(&state, &id, home, command).await?.map(|_| id.clone()));
        }
        records.remove(&id)?;
    }
    Ok(fetched)
}

/// What `cluster` knows of the runs that are at home there, oldest first.
pub async fn submissions(cluster: &Cluster) -> Result<Vec<Submission>, RemoteError> {
    let jobs = cluster.state().list_jobs().await?;
    let read = |(run, record): (String, _)| Submission::read(cluster, &run, record);
    jobs.into_iter().map(read).collect()
}

fn io(verb: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.into();
    move |source| StoreError::Io { verb, path, source }
}
