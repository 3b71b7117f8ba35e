//! The engine from outside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod algorithms;
mod arrangements;
mod cma_es;
mod drive;
mod free;
mod golden;
mod indicators;
mod islands;
mod known;
mod library;
mod objectives;
