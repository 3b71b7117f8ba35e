//! The command line as people meet it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod algorithms;
mod check;
mod closed_pipe;
mod cluster;
mod completions;
mod concurrency;
mod docs;
mod doctor;
mod errors_evaluation;
mod errors_file;
mod errors_store;
mod evaluate;
mod exactness;
mod examples;
mod free;
mod help;
mod image;
mod islands;
mod json;
mod known;
mod new;
mod nodes;
mod objectives;
mod on_cluster;
mod problems;
mod resume;
mod run;
mod scene;
mod travel;
mod trial;
mod usage;
#[cfg(feature = "cluster")]
mod watching;

use genetic_pool_testkit::TestContext;

/// A context for this crate's program.
fn context() -> TestContext {
    TestContext::new(env!("CARGO_BIN_EXE_genetic-pool"))
}
