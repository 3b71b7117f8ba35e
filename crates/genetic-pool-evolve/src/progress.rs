//! How far a search has come.

use serde::{Deserialize, Serialize};

use crate::{
    algorithms::{Population, Rank},
    digest::Digest,
    problem::CandidateId,
};

/// What has been committed so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Committed evaluations.
    pub evaluations: u64,
    /// Ended generations; of islands, those that each of them has ended.
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
    /// The same of each island; empty where there is one.
    pub islands: Vec<IslandProgress>,
}

/// What one island has committed so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IslandProgress {
    /// Committed evaluations.
    pub evaluations: u64,
    /// Ended generations.
    pub generations: u64,
    /// Committed candidates that failed.
    pub failures: u64,
    /// The best that was born here; `None` before the first that did not fail.
    pub best: Option<IslandBest>,
}

/// The best candidate of an island, in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IslandBest {
    /// Its id.
    pub candidate: CandidateId,
    /// Its rank.
    pub rank: Rank,
    /// Its objectives.
    pub objectives: Vec<f64>,
}
