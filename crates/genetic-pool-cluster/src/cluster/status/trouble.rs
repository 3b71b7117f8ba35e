//! What can be wrong, in words.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::names::RAY_VERSION;

/// What is wrong with a node.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the words say it")]
pub enum Trouble {
    Gone,
    NotWanted,
    NeverStarted {
        /// What the engine said of it, perhaps nothing.
        said: String,
    },
    Ended {
        how: End,
        when: Option<SignedDuration>,
    },
    Restarting {
        how: End,
        restarts: u64,
    },
    Paused,
    Removing,
    Starting,
    Unhealthy {
        /// What the health check said last.
        said: String,
    },
    UnknownToRay,
    LostToRay {
        /// Why, as Ray has it.
        said: String,
    },
    Slots {
        found: u64,
        wanted: u64,
    },
    OtherImage {
        wanted: String,
    },
    OtherRay {
        found: String,
    },
}

/// How a container ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say it")]
pub enum End {
    OutOfMemory { limit: Option<u64> },
    Killed,
    Signal(u8),
    Environment,
    NoToken,
    NoHead,
    OtherRay,
    Code(i64),
}

/// What is wrong with a cluster as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the words say it")]
pub enum ClusterTrouble {
    /// What is wanted of it cannot be read.
    NoWanted { said: String },
    /// Ray's HTTP does not answer.
    RaySilent { said: String },
    /// Ray counts nodes that are no containers of this cluster.
    Strangers { nodes: Vec<String> },
}

impl Trouble {
    /// Whether a cluster with this is not ready.
    pub fn blocks(&self) -> bool {
        !matches!(self, Trouble::NotWanted | Trouble::OtherImage { .. })
    }

    /// In a word, for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Trouble::Gone => "gone",
            Trouble::NotWanted => "not-wanted",
            Trouble::NeverStarted { .. } => "never-started",
            Trouble::Ended { how: End::OutOfMemory { .. }, .. }
            | Trouble::Restarting { how: End::OutOfMemory { .. }, .. } => "out-of-memory",
            Trouble::Ended { .. } => "ended",
            Trouble::Restarting { .. } => "restarting",
            Trouble::Paused => "paused",
            Trouble::Removing => "removing",
            Trouble::Starting => "starting",
            Trouble::Unhealthy { .. } => "unhealthy",
            Trouble::UnknownToRay => "unknown-to-ray",
            Trouble::LostToRay { .. } => "lost-to-ray",
            Trouble::Slots { .. } => "slots",
            Trouble::OtherImage { .. } => "other-image",
            Trouble::OtherRay { .. } => "other-ray",
        }
    }
}

impl ClusterTrouble {
    /// Whether a cluster with this is not ready.
    pub fn blocks(&self) -> bool {
        !matches!(self, ClusterTrouble::Strangers { .. })
    }

    /// In a word, for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            ClusterTrouble::NoWanted { .. } => "no-wanted",
            ClusterTrouble::RaySilent { .. } => "ray-silent",
            ClusterTrouble::Strangers { .. } => "strangers",
        }
    }
}

impl End {
    /// What `code` means, as `node.py` and the engine have it.
    pub(super) fn of(code: i64, out_of_memory: bool, limit: Option<u64>) -> End {
        match code {
            _ if out_of_memory => End::OutOfMemory { limit },
            3 => End::Environment,
            4 => End::NoToken,
            5 => End::NoHead,
            6 => End::OtherRay,
            137 => End::Killed,
            129..=192 => End::Signal((code - 128) as u8),
            code => End::Code(code),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Gone => f.write_str("gone: `cluster up` heals"),
            Trouble::NotWanted => f.write_str("not wanted any more: `cluster up` removes it"),
            Trouble::NeverStarted { said } if said.is_empty() => f.write_str("never started: `cluster up` heals"),
            Trouble::NeverStarted { said } => write!(f, "could not be started: {said}"),
            Trouble::Ended { how, when: None } => write!(f, "{how}: `cluster up` heals"),
            Trouble::Ended { how, when: Some(when) } => write!(f, "{how}, {} ago: `cluster up` heals", span(*when)),
            Trouble::Restarting { how, restarts: 1 } => write!(f, "ended once and is started again: {how}"),
            Trouble::Restarting { how, restarts } => write!(f, "ended {restarts} times and is started again: {how}"),
            Trouble::Paused => f.write_str("paused: `docker unpause` lets it go on"),
            Trouble::Removing => f.write_str("being removed: `cluster up` replaces it"),
            Trouble::Starting => f.write_str("starting"),
            Trouble::Unhealthy { said } if said.is_empty() => f.write_str("unhealthy"),
            Trouble::Unhealthy { said } => write!(f, "unhealthy: {said}"),
            Trouble::UnknownToRay => f.write_str("running but unknown to Ray"),
            Trouble::LostToRay { said } if said.is_empty() => f.write_str("running but lost to Ray"),
            Trouble::LostToRay { said } => write!(f, "running but lost to Ray: {said}"),
            Trouble::Slots { found, wanted } => write!(f, "{found} slots where {wanted} are wanted"),
            Trouble::OtherImage { wanted } => {
                write!(f, "of another image than `{wanted}` is now: `cluster up` replaces it")
            }
            Trouble::OtherRay { found } => write!(f, "Ray {found} where {RAY_VERSION} is wanted"),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::OutOfMemory { limit: None } => f.write_str("killed: out of memory"),
            End::OutOfMemory { limit: Some(limit) } => {
                write!(f, "killed: out of memory (it has {:.1} GiB)", *limit as f64 / f64::from(1 << 30))
            }
            End::Killed => f.write_str("killed"),
            End::Signal(signal) => write!(f, "ended by signal {signal}"),
            End::Environment => f.write_str("refused what it was given: see its log"),
            End::NoToken => f.write_str("found no token"),
            End::NoHead => f.write_str("did not find the head"),
            End::OtherRay => f.write_str("its Ray is another one than the head's"),
            End::Code(0) => f.write_str("ended"),
            End::Code(code) => write!(f, "ended with exit code {code}"),
        }
    }
}

impl fmt::Display for ClusterTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClusterTrouble::NoWanted { said } => write!(f, "what is wanted of it is not known: {said}"),
            ClusterTrouble::RaySilent { said } => write!(f, "Ray does not answer: {said}"),
            ClusterTrouble::Strangers { nodes } => {
                write!(f, "Ray counts what is no container of this cluster: {}", nodes.join(", "))
            }
        }
    }
}

/// In its greatest unit: `12 s`, `5 min`, `3 h`, `2 d`.
fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How long before `now` `then` was.
pub(super) fn ago(now: Timestamp, then: Timestamp) -> SignedDuration {
    now.duration_since(then)
}
