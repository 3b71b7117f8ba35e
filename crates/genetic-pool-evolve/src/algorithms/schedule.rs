//! How candidates follow each other.

use serde::{Deserialize, Serialize};

use super::config::MOST;

/// How candidates follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Schedule {
    /// A generation is bred when the last one is committed.
    Generations,
    /// Steady state: offspring `k` is bred from the state after commits up to `k - window`.
    Window(usize),
}

/// The window where none is asked for: three times the evaluations that go at once, and at least 2.
///
/// The oldest candidate keeps the others waiting only where it takes longer than the three that follow it in its slot.
pub fn default_window(parallel: usize) -> usize {
    parallel.saturating_mul(3).clamp(2, MOST)
}
