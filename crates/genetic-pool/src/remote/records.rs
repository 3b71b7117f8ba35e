//! Which runs are on clusters: a small file here for each that was submitted from here, and one with the cluster.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use genetic_pool_cluster::{cluster::Cluster, names::ClusterName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{error::RemoteError, job::Job};
use crate::store::{Home, RunId, StoreError, time_text};

/// The version of records.
pub(super) const FORMAT: u32 = 1;

/// A run on a cluster, as it is known here: `remote/RUN.json` in the data folder. It goes away when the run is at home
/// here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Away {
    /// The version of it: 1.
    pub format: u32,
    /// The run.
    pub run: RunId,
    /// Its cluster.
    pub cluster: ClusterName,
    /// The engine as it was named on the command line; `None`: where Docker's command line finds it.
    pub engine: Option<String>,
    /// What people call the experiment.
    pub name: String,
    /// When it was begun.
    #[serde(with = "time_text")]
    pub began: Timestamp,
}

/// A run on a cluster, as the cluster keeps it: `jobs/RUN.json` in its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The version of it: 1.
    pub format: u32,
    /// The id of its latest driver's job.
    pub submission: String,
    /// What that is to do.
    pub job: Job,
    /// When that was submitted.
    #[serde(with = "time_text")]
    pub submitted: Timestamp,
}

impl Submission {
    /// What `record`, that of run `run` on `cluster`, says.
    pub(super) fn read(cluster: &Cluster, run: &str, record: serde_json::Value) -> Result<Submission, RemoteError> {
        serde_json::from_value(record).map_err(|source| RemoteError::Record {
            run: run.to_owned(),
            cluster: cluster.name.clone(),
            source,
        })
    }
}

/// The runs that were submitted from here.
#[derive(Clone, Debug)]
pub struct Records {
    folder: PathBuf,
}

impl Records {
    /// The records in `home`.
    pub fn of(home: &Home) -> Records {
        Records { folder: home.root.join("remote") }
    }

    /// The record of run `id`, if it is on a cluster.
    pub fn get(&self, id: &RunId) -> Result<Option<Away>, StoreError> {
        let path = self.path(id);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed("read", &path, source)),
        };
        match serde_json::from_slice(&text) {
            Ok(away) => Ok(Some(away)),
            Err(error) => Err(StoreError::Damaged { path, what: error.to_string() }),
        }
    }

    /// Keeps `away`.
    pub fn put(&self, away: &Away) -> Result<(), StoreError> {
        fs::create_dir_all(&self.folder).map_err(|source| failed("create", &self.folder, source))?;
        let path = self.path(&away.run);
        let write = || -> io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            serde_json::to_writer(&mut file, away)?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|source| failed("write", &path, source))
    }

    /// Forgets run `id`.
    pub fn remove(&self, id: &RunId) -> Result<(), StoreError> {
        let path = self.path(id);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed("remove", &path, source)),
            _ => Ok(()),
        }
    }

    /// The ids of all, oldest first.
    pub fn ids(&self) -> Result<Vec<RunId>, StoreError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(failed("read", &self.folder, source)),
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry.map_err(|source| failed("read", &self.folder, source))?.file_name();
            let stem = name.to_str().and_then(|name| name.strip_suffix(".json"));
            ids.extend(stem.and_then(RunId::parse));
        }
        ids.sort();
        Ok(ids)
    }

    /// The run that a person calls `text`, among those here and those on clusters, and its record where it is on one.
    pub fn choose(&self, home: &Home, text: &str) -> Result<(RunId, Option<Away>), StoreError> {
        let mut ids = home.ids()?;
        ids.extend(self.ids()?);
        ids.sort();
        ids.dedup();
        let id = home.choose(text, &ids)?;
        let away = self.get(&id)?;
        Ok((id, away))
    }

    fn path(&self, id: &RunId) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }
}

fn failed(verb: &'static str, path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { verb, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_away_is_found_among_what_is_here() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned() };
        let records = Records::of(&home);
        let id = RunId::parse("20261124-101530-k3f9").unwrap();
        let away = Away {
            format: FORMAT,
            run: id.clone(),
            cluster: "genetic-ray".parse().unwrap(),
            engine: None,
            name: "wing".into(),
            began: "2026-11-24T10:15:30Z".parse().unwrap(),
        };
        assert!(matches!(records.choose(&home, "latest"), Err(StoreError::NoRuns { .. })));
        records.put(&away).unwrap();
        for text in ["latest", "k3f9", "2026", id.as_str()] {
            assert_eq!(records.choose(&home, text).unwrap(), (id.clone(), Some(away.clone())), "{text}");
        }
        fs::create_dir_all(home.runs()).unwrap();
        fs::write(home.path_of(&RunId::parse("20261124-101531-aaaa").unwrap()), "").unwrap();
        assert_eq!(records.choose(&home, "latest").unwrap().1, None);
        records.remove(&id).unwrap();
        records.remove(&id).unwrap();
        assert!(records.choose(&home, "k3f9").is_err());
    }
}
