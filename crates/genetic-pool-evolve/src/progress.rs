//! How far a search has come.

use serde::{Deserialize, Serialize};

use crate::{algorithms::Population, digest::Digest};

/// What has been committed so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Committed evaluations.
    pub evaluations: u64,
    /// Ended generations.
    pub generations: u64,
    /// Committed candidates that failed.
    pub failures: u64,
    /// Whether a clock or the memory of the machine decided an outcome, or when the run stopped.
    pub timed: bool,
    /// The best candidate, as a population of one; empty before the first that did not fail.
    pub best: Population,
    /// Evaluations when the best was found.
    pub improved: u64,
    /// The digest of the history.
    pub digest: Digest,
}
