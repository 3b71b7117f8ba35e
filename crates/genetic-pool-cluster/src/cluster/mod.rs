//! A cluster: what is wanted, what is there, the plan between the two, and watching it.

mod active;
mod apply;
mod archive;
mod audit;
mod blueprint;
mod changes;
mod down;
mod event;
mod following;
mod head;
mod life;
mod list;
mod lock;
mod logs;
mod observe;
mod plan;
mod ready;
mod settings;
mod state;
mod stats;
mod status;
mod up;
mod watched;

pub use self::{
    audit::{Check, Promise, Report, Verdict},
    down::Down,
    event::{ClusterEvent, Listener},
    life::{BadNode, LifeError},
    list::{Condition, Listed, list},
    lock::{Holder, Lock, LockError},
    logs::{LogLine, LogOptions, Logs, Source},
    observe::{ContainerState, Health, Net, Seen, SeenContainer, SeenNetwork},
    plan::{Phase, Step, Why},
    settings::{Limits, NodeSettings, Problem, Settings, SettingsError, format_bytes, limits, parse_bytes},
    state::{RunFile, State, StateError, Token},
    stats::{NodeStats, Stats, StatsOptions},
    status::{
        ActiveJob, ClusterTrouble, End, NodeHealth, NodeState, NodeStatus, RayStatus, Relaxation, Status, Trouble, Use,
    },
    up::{DEFAULT_TIMEOUT, Planned, Up, UpOptions},
    watched::WatchError,
};
use crate::{engine::Engine, names::ClusterName};

/// A cluster by name on an engine; it need not be there.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its engine.
    pub engine: Engine,
    /// Its name.
    pub name: ClusterName,
}
