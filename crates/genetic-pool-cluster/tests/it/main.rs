//! The cluster against a real engine and a real Ray.

mod docker;
mod engine;
mod ground;
mod image;
mod life;
mod node;
