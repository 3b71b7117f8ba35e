//! A run travels: this program, packed with the experiment, goes to a cluster as a job of Ray and drives the run there.
//!
//! [`package`] is what is sent, [`job`] what it is to do, [`driver`] what does it there; it tells what happens by lines
//! in its log ([`said`]). A run that was begun on a cluster is at home there: its file lies in the cluster's state, and
//! comes here when it has ended.

pub mod driver;
pub mod job;
pub mod package;
pub mod said;
