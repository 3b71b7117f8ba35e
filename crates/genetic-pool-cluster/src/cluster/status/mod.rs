//! How a cluster is: what the engine, Ray and its own state say, side by side.

mod gather;
mod judge;
mod measure;
mod trouble;

use jiff::Timestamp;

pub use self::trouble::{ClusterTrouble, End, Trouble};
use super::Cluster;
use crate::{
    ClusterError,
    names::{ClusterName, Role},
    spec::Wanted,
};

/// How a cluster is.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Its name.
    pub name: ClusterName,
    /// When it was so.
    pub time: Timestamp,
    /// Whether it is as it is wanted, and takes work: every wanted node runs, is well and known to Ray.
    pub ready: bool,
    /// What is wanted of it, where that is known.
    pub wanted: Option<Wanted>,
    /// Where Ray's HTTP is published on the engine's host: `http://127.0.0.1:32771`.
    pub address: Option<String>,
    /// Whether Ray's HTTP answers.
    pub ray: bool,
    /// What is less closed than by default.
    pub relaxations: Vec<Relaxation>,
    /// The head, then workers: those that are wanted, and those that are there.
    pub nodes: Vec<NodeStatus>,
    /// Jobs of Ray's that are waiting or running, the runs of this program among them.
    pub jobs: Vec<ActiveJob>,
    /// What is wrong with it as a whole.
    pub troubles: Vec<ClusterTrouble>,
}

/// How a node is.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeStatus {
    /// What it is.
    pub role: Role,
    /// Its container.
    pub container: String,
    /// What the container does.
    pub state: NodeState,
    /// What its health check says.
    pub health: NodeHealth,
    /// What Ray says of it; `None` where Ray does not answer or does not know it.
    pub ray: Option<RayStatus>,
    /// CPUs it may take and, where it could be measured, takes; the second over a tenth of a second.
    pub cpus: Use<f64>,
    /// Bytes of memory it may take and, where it could be measured, takes.
    pub memory: Use<u64>,
    /// Slots it has and, where Ray says it, those that are reserved.
    pub slots: Use<f64>,
    /// How often the engine started it again.
    pub restarts: u64,
    /// The image it was made from, by the name that was used.
    pub image: Option<String>,
    /// When it was started, if it runs.
    pub started: Option<Timestamp>,
    /// What is wrong with it.
    pub troubles: Vec<Trouble>,
}

/// What there is to take and what is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Use<T> {
    /// What there is; `None` where there is no bound or it is not known.
    pub wanted: Option<T>,
    /// What is taken; `None` where it is not known.
    pub used: Option<T>,
}

/// What a container does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeState {
    /// There is none.
    Gone,
    /// It was never started.
    Created,
    /// It runs.
    Running,
    /// It is frozen.
    Paused,
    /// It ended and is started again.
    Restarting,
    /// It ended.
    Exited,
    /// It is being removed.
    Removing,
}

/// What a health check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeHealth {
    /// Nothing: there is no check, or nothing runs.
    None,
    /// Nothing yet.
    Starting,
    /// It is well.
    Healthy,
    /// It is not.
    Unhealthy,
}

/// What Ray says of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RayStatus {
    /// Ray's id of it.
    pub id: String,
    /// Whether it is alive; one that was killed counts as alive for some seconds more.
    pub alive: bool,
}

/// Something that is less closed than by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relaxation {
    /// Workers reach what the engine's host reaches.
    Egress,
    /// Ray Client's port is published on 127.0.0.1.
    RayClient,
}

/// A job of Ray's that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveJob {
    /// The id it was given when it was submitted.
    pub id: String,
    /// Whether it runs, or waits.
    pub running: bool,
    /// When it was submitted.
    pub started: Option<Timestamp>,
}

impl Cluster {
    /// How it is. It answers also where Ray does not, or where the head is gone, and says so.
    pub async fn status(&self) -> Result<Status, ClusterError> {
        Ok(judge::judge(gather::gather(self).await?))
    }
}

impl NodeState {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            NodeState::Gone => "gone",
            NodeState::Created => "created",
            NodeState::Running => "running",
            NodeState::Paused => "paused",
            NodeState::Restarting => "restarting",
            NodeState::Exited => "exited",
            NodeState::Removing => "removing",
        }
    }
}

impl NodeHealth {
    /// In a word; none where there is nothing to say.
    pub fn word(self) -> Option<&'static str> {
        match self {
            NodeHealth::None => None,
            NodeHealth::Starting => Some("starting"),
            NodeHealth::Healthy => Some("healthy"),
            NodeHealth::Unhealthy => Some("unhealthy"),
        }
    }
}

impl Relaxation {
    /// The flag of `cluster up` that asked for it.
    pub fn flag(self) -> &'static str {
        match self {
            Relaxation::Egress => "--egress",
            Relaxation::RayClient => "--ray-client",
        }
    }

    /// What it opens.
    pub fn meaning(self) -> &'static str {
        match self {
            Relaxation::Egress => "workers reach what the engine's host reaches",
            Relaxation::RayClient => "Ray Client's port 10001 is published on 127.0.0.1",
        }
    }
}
