//! A run travels: this program, packed with the experiment, goes to a cluster as a job of Ray and drives the run there.
//!
//! [`package`] is what is sent, [`job`] what it is to do, [`driver`] what does it there; it tells what happens by lines
//! in its log ([`said`]). A run that was begun on a cluster is at home there: its file lies in the cluster's state, and
//! comes here when it has ended.
//!
//! The driver keeps all that is known of candidates ([`nodes`]). `bridge.py`, its child, carries bytes between it and
//! one long-lived actor a node, and decides nothing. Each actor owns one `genetic-pool node` (`node`), which
//! evaluates as any machine does.

pub mod driver;
#[cfg(feature = "cluster")]
mod error;
#[cfg(feature = "cluster")]
mod fetch;
#[cfg(feature = "cluster")]
mod follow;
mod greeting;
pub mod job;
#[cfg(feature = "cluster")]
mod link;
pub(crate) mod node;
pub mod nodes;
#[cfg(feature = "cluster")]
pub mod package;
#[cfg(feature = "cluster")]
mod records;
pub mod said;
#[cfg(feature = "cluster")]
mod submit;

#[cfg(feature = "cluster")]
pub use self::{
    error::{RaySaid, RemoteError},
    fetch::{active_runs, fetch, fetch_all, submissions},
    follow::{Seen, follow},
    link::Link,
    records::{Away, Records, Submission},
    submit::{Order, submission, submit},
};

/// The program that carries bytes between the driver and the nodes, for an interpreter that has Ray.
pub const BRIDGE: &str = include_str!("bridge.py");
