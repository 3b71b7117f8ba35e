//! The cluster against a real engine and a real Ray.

mod closed;
mod docker;
mod engine;
mod image;
mod node;
