//! The cluster against a real engine and a real Ray.

mod closed;
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod docker;
mod engine;
mod ground;
mod image;
mod life;
mod node;
mod watching;
