//! What genetic-pool's own tests share.
//!
//! [`TestContext`] runs the real program in a home of its own; [`contract`] holds implementations to their contracts;
//! [`engine()`] says whether there is an engine, [`FaultyEngine`] stands before it, [`image()`] is one of nodes. Everything here fails by
//! panicking, with what the program printed: it is for tests alone.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test fails by panicking")]

mod context;
pub mod contract;
mod ended;
mod engine;
mod faulty_engine;
mod filters;
mod image;
mod running;

pub use self::{
    context::TestContext,
    ended::Ended,
    engine::engine,
    faulty_engine::{FaultyEngine, SocketFault},
    image::{CA_MARKER, build_options, build_settings, image},
    running::Running,
};
