//! What can be done to a cluster.

use std::fmt;

use serde::Serialize;

use crate::{cluster::observe::Net, names::Role};

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are what their names say")]
pub enum Step {
    /// Stops a container and removes it; with `drain` it first finishes what it evaluates, for up to 35 s.
    RemoveContainer { name: String, why: Why, drain: bool },
    /// Removes a network.
    RemoveNetwork { id: String, name: String },
    /// Removes a volume.
    RemoveVolume { name: String },
    /// Creates a network.
    CreateNetwork { net: Net, name: String },
    /// Creates a volume.
    CreateVolume { name: String },
    /// Creates the container by which the volumes are reached.
    CreateControl { name: String },
    /// Draws a token and puts it into the volume of secrets.
    WriteToken,
    /// Writes what is wanted into the volume of state.
    Record { revision: u64, workers: u16 },
    /// Creates a node and starts it.
    Create {
        #[serde(serialize_with = "shown")]
        role: Role,
        name: String,
    },
    /// Starts a node that ended.
    Start {
        #[serde(serialize_with = "shown")]
        role: Role,
        name: String,
    },
    /// Restarts a worker whose head is another one.
    Restart {
        #[serde(serialize_with = "shown")]
        role: Role,
        name: String,
    },
}

/// Why a container goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// It is no part of what is wanted.
    NotWanted,
    /// It was made from something else.
    Changed,
    /// It should never have been started.
    Started,
    /// One of its volumes is gone.
    NoVolume,
    /// The token it started with is gone.
    NoToken,
    /// A network it was on is gone, or it is on others.
    OffNetwork,
    /// Its health check fails.
    Unhealthy,
    /// It was created and never started.
    NeverStarted,
    /// It is frozen.
    Paused,
    /// It ends again and again.
    Crashing,
    /// The engine could not remove it.
    Dead,
}

/// Steps of one phase do not wait for each other; phases do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Phase {
    RemoveContainers,
    RemoveRest,
    CreateGround,
    CreateControl,
    WriteToken,
    Record,
    Nodes,
}

impl Step {
    /// When it is done.
    pub fn phase(&self) -> Phase {
        match self {
            Step::RemoveContainer { .. } => Phase::RemoveContainers,
            Step::RemoveNetwork { .. } | Step::RemoveVolume { .. } => Phase::RemoveRest,
            Step::CreateNetwork { .. } | Step::CreateVolume { .. } => Phase::CreateGround,
            Step::CreateControl { .. } => Phase::CreateControl,
            Step::WriteToken => Phase::WriteToken,
            Step::Record { .. } => Phase::Record,
            Step::Create { .. } | Step::Start { .. } | Step::Restart { .. } => Phase::Nodes,
        }
    }
}

impl Why {
    /// Whether what goes for this reason may be at work that is worth finishing.
    pub(super) fn is_gentle(self) -> bool {
        matches!(self, Why::NotWanted | Why::Changed)
    }

    /// Whether a run may be at work on what goes for this reason, and not survive it.
    pub(in crate::cluster) fn ends_work(self) -> bool {
        matches!(self, Why::Changed | Why::NoToken | Why::OffNetwork)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::RemoveContainer { name, why, drain: true } => {
                write!(f, "drain and remove container {name}: {why}")
            }
            Step::RemoveContainer { name, why, drain: false } => write!(f, "remove container {name}: {why}"),
            Step::RemoveNetwork { name, .. } => write!(f, "remove network {name}"),
            Step::RemoveVolume { name } => write!(f, "remove volume {name}"),
            Step::CreateNetwork { net: Net::Inner, name } => write!(f, "create network {name}, which leads nowhere"),
            Step::CreateNetwork { net: Net::Outer, name } => write!(f, "create network {name}, to publish Ray's port"),
            Step::CreateVolume { name } => write!(f, "create volume {name}"),
            Step::CreateControl { name } => write!(f, "create container {name}, which never runs"),
            Step::WriteToken => f.write_str("write a new token"),
            Step::Record { revision, workers } => {
                let workers = if *workers == 1 { "1 worker".to_owned() } else { format!("{workers} workers") };
                write!(f, "record what is wanted: {workers} (revision {revision})")
            }
            Step::Create { name, .. } => write!(f, "create and start container {name}"),
            Step::Start { name, .. } => write!(f, "start container {name}: it ended"),
            Step::Restart { name, .. } => write!(f, "restart container {name}: its head is another one"),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::NotWanted => "it is not wanted",
            Why::Changed => "it was made from something else",
            Why::Started => "it should never have been started",
            Why::NoVolume => "a volume of it is gone",
            Why::NoToken => "its token is gone",
            Why::OffNetwork => "it is off the cluster's networks",
            Why::Unhealthy => "it is unhealthy",
            Why::NeverStarted => "it was never started",
            Why::Paused => "it is paused",
            Why::Crashing => "it ends again and again",
            Why::Dead => "it is dead",
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn shown<S: serde::Serializer>(role: &Role, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(role)
}
