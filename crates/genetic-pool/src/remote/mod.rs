//! Evaluation on the nodes of a Ray cluster, from a driver in one of them.
//!
//! The driver keeps all that is known of candidates ([`nodes`]). `bridge.py`, its child, carries bytes between it and
//! one long-lived actor a node, and decides nothing. Each actor owns one `genetic-pool node` ([`node`]), which
//! evaluates as any machine does.

pub mod nodes;

/// The program that carries bytes between the driver and the nodes, for an interpreter that has Ray.
pub const BRIDGE: &str = include_str!("bridge.py");
