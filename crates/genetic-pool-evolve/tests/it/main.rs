//! The engine from outside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod algorithms;
mod arrangements;
mod cma_es;
mod drive;
mod islands;
mod golden;
mod library;
mod indicators;
mod objectives;
mod known;
mod free;
