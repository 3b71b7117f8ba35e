//! genetic-pool: evolutionary optimisation as infrastructure.
//!
//! The engine is [`evolve`]; this crate adds the experiment file, evaluation outside the process, the store of runs and
//! the command line, which a program of your own becomes by [`App`].

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "the command line prints through one printer")]

pub use genetic_pool_evolve as evolve;

#[cfg(feature = "cli")]
pub mod app;
#[cfg(feature = "cli")]
pub mod cli;
pub mod evaluate;
pub mod event;
pub mod experiment;
pub mod numbers;
pub mod prelude;
mod program;
pub mod registry;
pub mod remote;
pub mod run;
pub mod store;

#[cfg(feature = "cli")]
pub use self::app::App;

/// The guide's programs compile.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/evaluations.md")]
struct Guide;
