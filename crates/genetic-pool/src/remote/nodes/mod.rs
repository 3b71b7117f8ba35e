//! An evaluator whose slots are on the nodes of a Ray cluster.

mod options;

pub use self::options::{Options, Placement};
