//! The image of head and workers: what goes into it, how it is built, what is in it.
//!
//! It is made from the folder `docker/genetic-pool` of this crate, which is part of the program, and by BuildKit: the
//! same folder builds by hand with `docker build`. The same inputs are not built twice.

mod base;
mod build;
mod context;
mod error;
mod facts;
mod glance;
mod post;
mod requirements;
mod sbom;
mod trace;

pub use self::{
    build::{BuildOptions, Built, build},
    context::Inputs,
    error::ImageError,
    facts::{ImageFacts, inspect},
    sbom::sbom,
};

/// The base there is unless another is named.
pub const DEFAULT_BASE: &str = "python:3.12-slim";

/// What happens while an image is built.
#[derive(Clone, Debug, PartialEq)]
pub enum BuildEvent {
    /// The base is fetched: what the registry says.
    Pull {
        /// The base.
        image: String,
        /// The registry's words.
        words: String,
    },
    /// A step began, ended, or printed a line.
    Step {
        /// Steps count from 1 in the order in which the engine names them.
        number: usize,
        /// The instruction, on one line.
        name: String,
        /// How far it is.
        state: StepState,
        /// How long it took; 0 while it runs.
        seconds: f64,
        /// What it just printed.
        line: Option<String>,
    },
}

/// Who is told what happens.
pub type BuildListener<'a> = &'a mut (dyn FnMut(BuildEvent) + Send);

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// It runs.
    Running,
    /// It was done now.
    Done,
    /// It was done before with the same inputs.
    Cached,
    /// It failed.
    Failed,
}
