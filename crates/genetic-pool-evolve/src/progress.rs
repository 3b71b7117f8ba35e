//! How far a search has come.

use serde::{Deserialize, Serialize};

use crate::{
    algorithms::{Population, Rank},
    digest::Digest,
    indicators::hypervolume,
    problem::{CandidateId, Direction, Signature},
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
    /// The best candidate, as a population of one; empty before the first that did not fail. With several goals the
    /// [`Archive`](crate::algorithms::Archive)'s members.
    pub best: Population,
    /// Evaluations when the best was found; with several goals when a candidate last came into the archive.
    pub improved: u64,
    /// With several goals how far the front has come.
    pub front: Front,
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

/// What the hypervolume of a front is measured against, and whether it grows. Empty where there is one goal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Front {
    /// By goal, in the user's units: the worst of the population after the first generation that held candidates which
    /// could be evaluated, and a tenth of its extent beyond, or 1 where all were equal. Empty before that.
    pub reference: Vec<f64>,
    /// The hypervolume when it had last grown, where a stop rule asks for it.
    pub hypervolume: f64,
    /// Evaluations then.
    pub grown: u64,
}

impl Progress {
    /// The row of `best` that is best in the first goal; `None` where there is none.
    pub fn best_row(&self) -> Option<usize> {
        self.best.best()
    }

    /// The hypervolume of the front, measured against its reference; `None` where there is one goal, no reference yet, or
    /// more goals than [`Hypervolume::MOST_GOALS`](crate::indicators::Hypervolume::MOST_GOALS). It is 0 where no
    /// candidate is feasible.
    pub fn hypervolume(&self, signature: &Signature) -> Option<f64> {
        if self.front.reference.is_empty() {
            return None;
        }
        if !self.best.ranks.first().is_some_and(|rank| rank.feasible()) {
            return Some(0.0);
        }
        hypervolume_of(signature, &self.best.outcomes.objectives, &self.front.reference)
    }
}

/// The hypervolume of `objectives`, rows in the user's units, measured against `reference`, in the same.
pub fn hypervolume_of(signature: &Signature, objectives: &[f64], reference: &[f64]) -> Option<f64> {
    let minimized = |row: &[f64]| -> Vec<f64> {
        signature.goals.iter().zip(row).map(|(goal, value)| goal.direction.minimized(*value)).collect()
    };
    let rows: Vec<f64> = objectives.chunks_exact(signature.goals.len()).flat_map(minimized).collect();
    hypervolume(&rows, &minimized(reference))
}

/// By goal the worst of `objectives`, rows in the user's units, and a tenth of their extent beyond, or 1 where all are
/// equal. What is not finite does not count; empty where some goal has nothing that is.
pub fn reference_of(signature: &Signature, objectives: &[f64]) -> Vec<f64> {
    let goals = signature.goals.len();
    let mut reference = Vec::with_capacity(goals);
    for (index, goal) in signature.goals.iter().enumerate() {
        let values = objectives.iter().skip(index).step_by(goals).filter(|value| value.is_finite());
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values {
            low = low.min(*value);
            high = high.max(*value);
        }
        if low > high {
            return Vec::new();
        }
        let beyond = if high > low { (high - low) / 10.0 } else { 1.0 };
        reference.push(match goal.direction {
            Direction::Minimize => high + beyond,
            Direction::Maximize => low - beyond,
        });
    }
    reference
}
