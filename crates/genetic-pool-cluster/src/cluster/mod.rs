//! A cluster: what is wanted, what is there, the plan between the two, and watching it.

mod archive;
mod blueprint;
mod changes;
mod following;
mod lock;
mod logs;
mod observe;
mod plan;
mod settings;
mod state;
mod stats;
mod watched;

pub use self::{
    lock::{Holder, Lock, LockError},
    logs::{LogLine, LogOptions, Logs, Source},
    observe::{ContainerState, Health, Net, Seen, SeenContainer, SeenNetwork},
    plan::{Phase, Step, Why},
    settings::{Limits, NodeSettings, Problem, Settings, SettingsError, format_bytes, limits, parse_bytes},
    state::{RunFile, State, StateError, Token},
    stats::{NodeStats, Stats, StatsOptions},
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
