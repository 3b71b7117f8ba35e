//! The cluster against a real engine and a real Ray.

mod engine;
