//! Ray clusters in Docker: the image, the networks, the head and its workers, closed by default.
//!
//! It knows Docker and Ray, and nothing of evolution. What a cluster is to be lives with the cluster, in a volume; what
//! is there is asked of the engine. From the two follows a plan, and applying it heals as well as it creates.

pub mod cluster;
pub mod doctor;
pub mod engine;
mod error;
pub mod image;
pub mod names;
mod nearest;
pub mod ray;
pub mod spec;

pub use error::{ClusterError, Kind};
