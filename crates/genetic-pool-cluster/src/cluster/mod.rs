//! A cluster: what is wanted, what is there, the plan between the two, and watching it.

mod archive;
mod changes;
mod following;
mod logs;
mod state;
mod stats;
mod watched;

pub use self::{
    logs::{LogLine, LogOptions, Logs, Source},
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
