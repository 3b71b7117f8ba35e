//! A cluster: what is wanted, what is there, the plan between the two, and watching it.

mod archive;
mod state;

pub use self::state::{RunFile, State, StateError, Token};
use crate::{engine::Engine, names::ClusterName};

/// A cluster by name on an engine; it need not be there.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its engine.
    pub engine: Engine,
    /// Its name.
    pub name: ClusterName,
}
