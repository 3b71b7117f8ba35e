//! The evolutionary engine of genetic-pool: pure, exact, ask/tell.
//!
//! It knows nothing of files, clocks, processes, environment or networks. A [`Problem`](problem::Problem) says what is
//! optimised, an [`Algorithm`](algorithms::Algorithm) proposes candidates, an [`Evaluator`](evaluator::Evaluator) has
//! them evaluated, and [`drive`](drive::drive) is the only loop.

#![cfg_attr(
    test,
    expect(clippy::disallowed_methods, reason = "tests hold the engine against tables made with the host's maths")
)]

pub mod algorithms;
pub mod digest;
pub mod drive;
pub mod evaluator;
pub mod islands;
pub mod maths;
pub mod operators;
pub mod outcomes;
pub mod parallel;
pub mod problem;
pub mod problems;
pub mod progress;
pub mod random;
pub mod search;
pub mod space;
pub mod stop;
pub mod vector;
