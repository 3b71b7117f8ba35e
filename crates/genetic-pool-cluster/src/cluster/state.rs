//! What a cluster keeps: what is wanted of it, its token, its jobs, its runs.
//!
//! All of it is in two volumes, reached through the control container by the engine's archives, so that every client
//! of the engine sees the same and none keeps a copy.

use std::{fmt, io::Read};

use serde_json::Value;
use tokio::io::AsyncWrite;

use super::{
    Cluster,
    archive::{self, Item},
};
use crate::{
    engine::{Engine, EngineError},
    names::{ClusterName, Role, SECRETS_FOLDER, STATE_FOLDER, TOKEN_FILE, USER},
    spec::{FORMAT, Wanted},
};

/// The state of a cluster.
#[derive(Clone, Debug)]
pub struct State {
    engine: Engine,
    name: ClusterName,
}

/// What Ray asks of everybody who talks to it. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// A file below `runs/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFile {
    /// Its path below `runs/`.
    pub path: String,
    /// Its bytes.
    pub size: u64,
    /// When it was changed, in seconds since 1970.
    pub modified: i64,
}

/// The state of a cluster cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum StateError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("cluster `{name}` keeps no state: its control container is not there")]
    Absent { name: ClusterName },
    #[error("`{file}` in the state of cluster `{name}` is damaged")]
    Damaged {
        name: ClusterName,
        file: String,
        #[source]
        source: serde_json::Error,
    },
    #[error(
        "cluster `{name}` was written by a newer version of this program: format {format}, this one knows {FORMAT}"
    )]
    Newer { name: ClusterName, format: u64 },
    #[error("cluster `{name}` was changed by somebody else: it is at revision {found}, not {expected}")]
    Changed { name: ClusterName, expected: u64, found: u64 },
    #[error("`{id}` is no name of a job or a run file")]
    Id { id: String },
    #[error("the system gives no random bytes")]
    Random {
        #[source]
        source: std::io::Error,
    },
}

impl StateError {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        match self {
            StateError::Engine(error) => error.hint(),
            StateError::Absent { name } => Some(format!("`cluster up --cluster {name}` makes or heals it")),
            StateError::Damaged { name, .. } => Some(format!(
                "`cluster down --cluster {name}` removes the cluster, `cluster up --cluster {name}` makes it again"
            )),
            StateError::Newer { .. } => Some("use the version that made the cluster, or a later one".to_owned()),
            StateError::Changed { .. } => Some("try again: the plan is then made from what is wanted now".to_owned()),
            StateError::Id { .. } | StateError::Random { .. } => None,
        }
    }
}

impl Cluster {
    /// What the cluster keeps.
    pub fn state(&self) -> State {
        State { engine: self.engine.clone(), name: self.name.clone() }
    }
}

impl State {
    /// What is wanted; `None` where the cluster has no control container, or none was written to it yet.
    pub async fn wanted(&self) -> Result<Option<Wanted>, StateError> {
        let Some(content) = self.file(&format!("{STATE_FOLDER}/{WANTED_FILE}")).await? else { return Ok(None) };
        let damaged = |source| StateError::Damaged { name: self.name.clone(), file: WANTED_FILE.to_owned(), source };
        let value: Value = serde_json::from_slice(&content).map_err(damaged)?;
        if let Some(format) = value.get("format").and_then(Value::as_u64).filter(|format| *format > FORMAT.into()) {
            return Err(StateError::Newer { name: self.name.clone(), format });
        }
        serde_json::from_value(value).map(Some).map_err(damaged)
    }

    /// Writes what is wanted, whose revision is one above that of what was wanted before, or the same where that was
    /// the same; 1 where nothing was, or where it was damaged.
    pub async fn set_wanted(&self, wanted: &Wanted) -> Result<(), StateError> {
        let found = match self.wanted().await {
            Ok(Some(found)) if found == *wanted => return Ok(()),
            Ok(found) => found.map_or(0, |found| found.revision),
            Err(StateError::Damaged { .. }) => 0,
            Err(error) => return Err(error),
        };
        if found + 1 != wanted.revision {
            let expected = wanted.revision.saturating_sub(1);
            return Err(StateError::Changed { name: self.name.clone(), expected, found });
        }
        let content = serde_json::to_vec_pretty(wanted).map_err(|source| StateError::Damaged {
            name: self.name.clone(),
            file: WANTED_FILE.to_owned(),
            source,
        })?;
        let folder = |path: &str, owner| Item { path: path.to_owned(), content: Vec::new(), mode: 0o700, owner };
        // `runs/` and `scratch/` are the user's inside, whom the rest of the folder does not belong to.
        let file = Item { path: WANTED_FILE.to_owned(), content, mode: 0o644, owner: 0 };
        let folders = [folder("jobs/", 0), folder("runs/", USER), folder("scratch/", USER)];
        self.put(STATE_FOLDER, &[&folders[..], &[file]].concat()).await
    }

    /// The token; `None` where there is none yet.
    pub async fn token(&self) -> Result<Option<Token>, StateError> {
        let content = self.file(&format!("{SECRETS_FOLDER}/{TOKEN_FILE}")).await?;
        let text = content.and_then(|content| String::from_utf8(content).ok());
        Ok(text.and_then(|text| Token::new(&text)))
    }

    /// Makes a token where there is none; says whether it did.
    pub(super) async fn ensure_token(&self) -> Result<bool, StateError> {
        if self.token().await?.is_some() {
            return Ok(false);
        }
        let token = Token::random().map_err(|source| StateError::Random { source })?;
        let content = token.0.into_bytes();
        let item = Item { path: TOKEN_FILE.to_owned(), content, mode: 0o400, owner: USER };
        self.put(SECRETS_FOLDER, &[item]).await?;
        Ok(true)
    }

    /// Writes the record of the job of run `id` over what was there.
    pub async fn put_job(&self, id: &str, record: &Value) -> Result<(), StateError> {
        self.put_job_file(id, record.to_string().into_bytes()).await
    }

    /// The record of the job of run `id`.
    pub async fn get_job(&self, id: &str) -> Result<Option<Value>, StateError> {
        let file = job_file(id)?;
        let Some(content) = self.file(&format!("{STATE_FOLDER}/{file}")).await? else { return Ok(None) };
        self.record(file, &content)
    }

    /// All records of jobs by the ids of their runs, ascending.
    pub async fn list_jobs(&self) -> Result<Vec<(String, Value)>, StateError> {
        let mut archive = archive::get(&self.engine, &self.control(), &format!("{STATE_FOLDER}/jobs"));
        let mut jobs = Vec::new();
        while let Some(entry) = self.found(archive.next().await)?.flatten() {
            let Some(id) = entry.path.strip_prefix("jobs/").and_then(|path| path.strip_suffix(".json")) else {
                continue;
            };
            let content = archive.bytes(entry.size).await.map_err(|error| self.failed("read jobs", error))?;
            jobs.extend(self.record(entry.path.clone(), &content)?.map(|record| (id.to_owned(), record)));
        }
        jobs.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(jobs)
    }

    /// Removes the record of the job of run `id`, if there is one.
    pub async fn remove_job(&self, id: &str) -> Result<(), StateError> {
        // Archives remove nothing: an empty file says that there is no record.
        self.put_job_file(id, Vec::new()).await
    }

    /// The files below `runs/`, by their paths, ascending. It takes as long as reading them does.
    pub async fn list_runs(&self) -> Result<Vec<RunFile>, StateError> {
        let mut archive = archive::get(&self.engine, &self.control(), &format!("{STATE_FOLDER}/runs"));
        let mut files = Vec::new();
        while let Some(entry) = self.found(archive.next().await)?.flatten() {
            let Some(path) = entry.path.strip_prefix("runs/") else { continue };
            files.push(RunFile { path: path.to_owned(), size: entry.size, modified: entry.modified });
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }

    /// Writes the file `path` below `runs/` to `writer`; its bytes, or `None` where there is no such file.
    pub async fn get_run_file(
        &self,
        path: &str,
        writer: &mut (impl AsyncWrite + Unpin),
    ) -> Result<Option<u64>, StateError> {
        if path.is_empty() || path.starts_with('/') || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(StateError::Id { id: path.to_owned() });
        }
        let mut archive = archive::get(&self.engine, &self.control(), &format!("{STATE_FOLDER}/runs/{path}"));
        let Some(entry) = self.found(archive.next().await)?.flatten() else { return Ok(None) };
        archive
            .copy(entry.size, writer)
            .await
            .map_err(|error| self.failed(format!("read run file `{path}`"), error))?;
        Ok(Some(entry.size))
    }

    async fn put_job_file(&self, id: &str, content: Vec<u8>) -> Result<(), StateError> {
        let item = Item { path: job_file(id)?, content, mode: 0o644, owner: 0 };
        self.put(STATE_FOLDER, &[item]).await
    }

    /// The record in the file `file` that holds `content`.
    fn record(&self, file: String, content: &[u8]) -> Result<Option<Value>, StateError> {
        if content.is_empty() {
            return Ok(None);
        }
        let damaged = |source| StateError::Damaged { name: self.name.clone(), file, source };
        serde_json::from_slice(content).map(Some).map_err(damaged)
    }

    async fn put(&self, folder: &str, items: &[Item]) -> Result<(), StateError> {
        match archive::put(&self.engine, &self.control(), folder, items).await {
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => {
                Err(StateError::Absent { name: self.name.clone() })
            }
            other => other.map_err(|error| self.failed("write", error)),
        }
    }

    /// What the file at `path` holds.
    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>, StateError> {
        let mut archive = archive::get(&self.engine, &self.control(), path);
        let Some(entry) = self.found(archive.next().await)?.flatten() else { return Ok(None) };
        archive.bytes(entry.size).await.map(Some).map_err(|error| self.failed("read", error))
    }

    /// `None` where the engine says that there is no such container or file.
    fn found<T>(&self, result: Result<T, bollard::errors::Error>) -> Result<Option<T>, StateError> {
        match result {
            Ok(found) => Ok(Some(found)),
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
            Err(error) => Err(self.failed("read", error)),
        }
    }

    fn failed(&self, action: impl fmt::Display, error: bollard::errors::Error) -> StateError {
        EngineError::of(format!("{action} the state of cluster `{}`", self.name), error).into()
    }

    fn control(&self) -> String {
        self.name.container(Role::Control)
    }
}

const WANTED_FILE: &str = "cluster.json";

fn job_file(id: &str) -> Result<String, StateError> {
    let valid = !id.is_empty()
        && id.len() <= 64
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if valid { Ok(format!("jobs/{id}.json")) } else { Err(StateError::Id { id: id.to_owned() }) }
}

impl Token {
    /// `text` as a token: visible ASCII characters, at least one; white space at its ends is dropped.
    pub fn new(text: &str) -> Option<Token> {
        let text = text.trim();
        let valid = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        valid.then(|| Token(text.to_owned()))
    }

    /// The token itself, for the header of a request.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// 32 bytes of the operating system's chance.
    fn random() -> std::io::Result<Token> {
        let mut bytes = [0; 32];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        Ok(Token(bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_another_each_time_and_never_shown() {
        let token = Token::random().unwrap();
        assert_eq!(token.reveal().len(), 64);
        assert_ne!(token, Token::random().unwrap());
        assert_eq!(format!("{token:?} {token}"), "Token(…) …");
    }

    #[test]
    fn ids_lead_nowhere_else() {
        assert_eq!(job_file("20261124-101530-k3f9").unwrap(), "jobs/20261124-101530-k3f9.json");
        for bad in ["", "../cluster", "a/b", "a.b", &"a".repeat(65)] {
            assert!(job_file(bad).is_err(), "{bad}");
        }
    }
}
