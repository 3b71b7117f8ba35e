//! What somebody says about a cluster, by flags or in `cluster.toml`, and what follows from it.

mod bytes;
mod file;
mod resolve;

use std::{fmt, path::PathBuf};

pub use self::{
    bytes::{format_bytes, parse_bytes},
    resolve::{Limits, limits},
};
use crate::spec::Port;

/// What was said; the rest follows from what the cluster is, from its name and from its engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The image of head and workers.
    pub image: Option<String>,
    /// How many workers.
    pub workers: Option<u16>,
    /// Evaluations a worker takes at once.
    pub slots_per_worker: Option<u16>,
    /// What each worker may take.
    pub worker: NodeSettings,
    /// What the head may take.
    pub head: NodeSettings,
    /// Where Ray's HTTP is published on 127.0.0.1.
    pub port: Option<Port>,
    /// Whether workers reach what the engine's host reaches.
    pub egress: Option<bool>,
    /// Whether Ray Client's port is published on 127.0.0.1.
    pub ray_client: Option<bool>,
}

/// What was said about a node's size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeSettings {
    /// CPUs.
    pub cpus: Option<u16>,
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Bytes of shared memory.
    pub shm: Option<u64>,
}

impl Settings {
    /// These, and where they say nothing, `other`.
    #[must_use]
    pub fn or(self, other: Settings) -> Settings {
        Settings {
            image: self.image.or(other.image),
            workers: self.workers.or(other.workers),
            slots_per_worker: self.slots_per_worker.or(other.slots_per_worker),
            worker: self.worker.or(other.worker),
            head: self.head.or(other.head),
            port: self.port.or(other.port),
            egress: self.egress.or(other.egress),
            ray_client: self.ray_client.or(other.ray_client),
        }
    }
}

impl NodeSettings {
    fn or(self, other: NodeSettings) -> NodeSettings {
        NodeSettings {
            cpus: self.cpus.or(other.cpus),
            memory: self.memory.or(other.memory),
            shm: self.shm.or(other.shm),
        }
    }
}

/// What was said about a cluster cannot be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SettingsError {
    #[error("failed to read `{}`", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("`{file}` has {}:\n{}", counted(problems.len()), listed(problems))]
    File {
        file: String,
        /// All of them, in the order of their lines.
        problems: Vec<Problem>,
    },
    #[error("the cluster cannot be so:\n{}", listed(problems))]
    Impossible {
        /// All of them.
        problems: Vec<Problem>,
    },
}

/// Something about one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its line, the first is 1, where it is in a file.
    pub line: Option<usize>,
    /// The key: `worker.memory`.
    pub key: String,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "`{}` ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

fn counted(count: usize) -> String {
    if count == 1 { "a problem".to_owned() } else { format!("{count} problems") }
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}
