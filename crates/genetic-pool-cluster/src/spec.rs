//! What a cluster is to be.

use serde::{Deserialize, Serialize};

use crate::names::ClusterName;

/// The version of [`Wanted`] as it is written.
pub const FORMAT: u32 = 1;

/// What a cluster is to be: `cluster.json` in its state volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// [`FORMAT`].
    pub format: u32,
    /// Goes up with each change.
    pub revision: u64,
    /// Its name.
    pub name: ClusterName,
    /// The image of head and workers: a reference the engine knows.
    pub image: String,
    /// How many workers; at least 1.
    pub workers: u16,
    /// Evaluations a worker takes at once: Ray's CPUs of it. May exceed [`NodeSize::cpus`], for evaluations that wait.
    pub slots_per_worker: u16,
    /// What each worker may take.
    pub worker: NodeSize,
    /// What the head may take.
    pub head: NodeSize,
    /// Where Ray's HTTP is published on 127.0.0.1.
    pub port: Port,
    /// What is less closed than it would be by default.
    pub relaxed: Relaxations,
}

/// What a node may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeSize {
    /// CPUs, at least 1.
    pub cpus: u16,
    /// Bytes of memory, shared memory included; no swap.
    pub memory: u64,
    /// Bytes of shared memory; Ray's object store takes 0.8 of them.
    pub shm: u64,
}

/// A port on 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Port {
    /// This one.
    Fixed(u16),
    /// One that is free, chosen by the engine anew at each start of the head.
    Any,
}

/// What is less closed than by default: each by a flag of its own, each shown by `status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relaxations {
    /// Workers reach what the engine's host reaches.
    #[serde(default)]
    pub egress: bool,
    /// Ray Client's port 10001 is published on 127.0.0.1.
    #[serde(default)]
    pub ray_client: bool,
}
