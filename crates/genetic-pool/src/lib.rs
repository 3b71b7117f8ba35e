//! genetic-pool: evolutionary optimisation as infrastructure.
//!
//! The engine is [`evolve`]; this crate adds the experiment file, evaluation outside the process, the store of runs and
//! the command line, which a program of your own becomes by [`App`](app::App).

pub use genetic_pool_evolve as evolve;

pub mod app;
pub mod cli;
pub mod evaluate;
pub mod experiment;
pub mod numbers;
pub mod registry;
pub mod store;
