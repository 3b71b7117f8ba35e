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
    /// Steady state in the order of completion: each candidate is committed when its outcome comes in, and one more is
    /// bred from the state after it, so that this many are out at once and none waits for one that takes longer.
    ///
    /// The history is a function of the order in which outcomes are told, which whoever wants it again must keep.
    Free(usize),
}

impl Schedule {
    /// Whether candidates are committed in the order in which they complete, rather than of their ids.
    pub fn is_free(self) -> bool {
        matches!(self, Schedule::Free(_))
    }
}

/// The window where none is asked for: three times the evaluations that go at once, and at least 2.
///
/// The oldest candidate keeps the others waiting only where it takes longer than the three that follow it in its slot.
pub fn default_window(parallel: usize) -> usize {
    parallel.saturating_mul(3).clamp(2, MOST)
}

/// How many candidates are out in the order of completion where nothing is asked for: a quarter more than evaluations
/// that go at once, and at least 2, so that a slot that comes free finds one waiting.
pub fn default_free(parallel: usize) -> usize {
    parallel.saturating_add(parallel.div_ceil(4)).clamp(2, MOST)
}
