//! What the run loop itself carries from session to session, beside the search.

use std::time::Duration;

use genetic_pool_evolve::{
    algorithms::{Population, Rank},
    problem::{CandidateId, Failure, FailureKind},
    search::{Search, SearchSnapshot},
    stop::StopReason,
};
use serde::{Deserialize, Serialize};

use super::RunFailure;
use crate::store::{FailureTally, SnapshotRecord};

/// The version of what a snapshot holds: it has no names by which another one would be known.
const FORMAT: u32 = 2;

/// What the run loop itself carries from session to session, beside the search.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// Time since the run began, pauses not counted.
    pub(super) elapsed: Duration,
    /// Committed failures by kind: how many, the first one, what it said.
    failures: Vec<(FailureKind, u64, CandidateId, String)>,
    /// The best candidates, whose scratch folders are kept.
    pub(super) kept: Vec<(Rank, CandidateId)>,
}

impl State {
    /// Nothing but time has passed.
    pub(super) fn after(elapsed: Duration) -> State {
        State { elapsed, failures: Vec::new(), kept: Vec::new() }
    }

    /// Counts the failures among `candidates`.
    pub(super) fn count(&mut self, candidates: &Population) {
        for (row, failure) in &candidates.outcomes.failures {
            self.add(1, candidates.candidates[*row], failure);
        }
    }

    /// Counts the failures for which a run stopped before they were committed.
    pub(super) fn count_stop(&mut self, stop: &StopReason) {
        let (count, candidate, failure) = match stop {
            StopReason::FirstFailed { candidates, failure } => (*candidates, CandidateId::new(0, 0), failure),
            StopReason::Failed { candidate, failure } => (1, *candidate, failure),
            StopReason::Rule(_) | StopReason::AllRules | StopReason::Interrupted | StopReason::Failures { .. } => {
                return;
            }
        };
        self.add(count, candidate, failure);
    }

    /// Adds `count` failures like this one, `candidate`'s; of each kind the first message is kept.
    fn add(&mut self, count: u64, candidate: CandidateId, failure: &Failure) {
        let known = self.failures.iter_mut().find(|(kind, ..)| *kind == failure.kind);
        if let Some((_, all, ..)) = known {
            *all += count;
        } else {
            self.failures.push((failure.kind, count, candidate, failure.message.clone()));
        }
    }

    /// The failures as the store keeps them.
    pub(super) fn tallies(&self) -> Vec<FailureTally> {
        let tally = |(kind, count, candidate, message): &(FailureKind, u64, CandidateId, String)| FailureTally {
            kind: *kind,
            count: *count,
            candidate: *candidate,
            message: message.clone(),
        };
        self.failures.iter().map(tally).collect()
    }
}

/// The search and the run loop's state as the store keeps them.
pub(super) fn snapshot(search: &Search, state: &State) -> Result<SnapshotRecord, postcard::Error> {
    let progress = search.progress();
    Ok(SnapshotRecord {
        evaluations: progress.evaluations,
        generation: progress.generations,
        committed: match progress.islands.as_slice() {
            // In the order of completion those that are committed are not the first by id: the journal is read whole.
            [] => vec![if search.is_free() { 0 } else { progress.evaluations }],
            islands => islands.iter().map(|island| island.evaluations).collect(),
        },
        state: postcard::to_stdvec(&(FORMAT, search.snapshot(), state))?,
    })
}

/// What [`snapshot`] wrote.
pub(super) fn read_state(bytes: &[u8]) -> Result<(SearchSnapshot, State), RunFailure> {
    let (found, rest) = postcard::take_from_bytes(bytes)?;
    if found != FORMAT {
        return Err(RunFailure::SnapshotFormat { found, known: FORMAT });
    }
    Ok(postcard::from_bytes(rest)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_of_another_version_is_refused_as_such() {
        let bytes = postcard::to_stdvec(&(FORMAT + 1, "whatever it holds")).unwrap();
        let failure = read_state(&bytes).unwrap_err();
        assert_eq!(failure.to_string(), "the run's snapshot is of version 3; this program knows version 2");
        assert!(failure.hint().is_some_and(|hint| hint.contains("another version")));
    }
}
