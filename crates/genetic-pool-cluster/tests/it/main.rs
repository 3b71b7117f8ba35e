//! The cluster against a real engine and a real Ray.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod closed;
#[path = "../../examples/deploy.rs"]
#[expect(dead_code, reason = "the example has a `main` of its own")]
mod deploy;
mod docker;
mod engine;
mod ground;
mod image;
mod life;
mod node;
mod watching;
