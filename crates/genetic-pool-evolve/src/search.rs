//! A search: an algorithm with its digest, its best candidate and its stop rules, committed in order.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    algorithms::{Algorithm, Committed, Population, Snapshot, TellError},
    digest::Digest,
    evaluator::{Batch, Results},
    problem::{Failure, Signature},
    stop::{FailurePolicy, StopReason, StopRules, StopState},
};

/// Everything that a run is between two committed units, except where candidates are evaluated.
///
/// What it holds is a function of the committed prefix alone; outcomes that came in early wait in the algorithm.
pub struct Search {
    algorithm: Box<dyn Algorithm>,
    signature: Arc<Signature>,
    rules: StopRules,
    policy: FailurePolicy,
    progress: Progress,
    /// Candidates asked for, those committed before this process included.
    asked: u64,
    /// Outcomes of the first candidates, until one of them is no failure.
    first: FirstOutcomes,
    /// The lowest candidate index known to have failed and not yet committed, where a failure is to stop the run.
    fatal: Option<(u64, Failure)>,
}

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

/// A search at a commit boundary, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SearchSnapshot {
    /// What has been committed.
    pub progress: Progress,
    /// The algorithm.
    pub algorithm: Snapshot,
}

/// Tracks whether the first candidates, by id, all fail.
#[derive(Default)]
struct FirstOutcomes {
    failures: Vec<Option<Failure>>,
    decided: bool,
}

impl Search {
    /// A search that begins.
    pub fn new(
        algorithm: Box<dyn Algorithm>,
        signature: Arc<Signature>,
        rules: StopRules,
        policy: FailurePolicy,
    ) -> Search {
        let population = algorithm.population();
        let best = Population::new(population.genomes.shape, population.outcomes.shape, 0);
        let progress = Progress {
            evaluations: 0,
            generations: 0,
            failures: 0,
            timed: false,
            best,
            improved: 0,
            digest: Digest::default(),
        };
        Search::resume(algorithm, signature, rules, policy, progress)
    }

    /// A search that goes on: `algorithm` was restored from the snapshot that `progress` is of.
    pub fn resume(
        algorithm: Box<dyn Algorithm>,
        signature: Arc<Signature>,
        rules: StopRules,
        policy: FailurePolicy,
        progress: Progress,
    ) -> Search {
        let first = FirstOutcomes { decided: progress.evaluations > 0, ..FirstOutcomes::default() };
        let asked = progress.evaluations;
        Search { algorithm, signature, rules, policy, progress, asked, first, fatal: None }
    }

    /// What has been committed.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The space, goals and constraints.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The population after the last committed unit.
    pub fn population(&self) -> &Population {
        self.algorithm.population()
    }

    /// Its state, from which [`resume`](Search::resume) goes on.
    pub fn snapshot(&self) -> SearchSnapshot {
        SearchSnapshot { progress: self.progress.clone(), algorithm: self.algorithm.snapshot() }
    }

    /// New candidates, none beyond an evaluation budget.
    pub fn ask(&mut self, room: usize, batch: &mut Batch) {
        let budget = self.rules.budget().map_or(usize::MAX, |most| most.saturating_sub(self.asked) as usize);
        if budget == 0 {
            return batch.clear(batch.genomes.shape);
        }
        self.algorithm.ask(room.min(budget), batch);
        self.asked += batch.candidates.len() as u64;
    }

    /// Outcomes, in any grouping and order.
    pub fn tell(&mut self, results: &Results) -> Result<(), TellError> {
        self.algorithm.tell(results)?;
        if !self.first.decided {
            self.first.take(results);
        }
        if self.policy.stop && !results.outcomes.failures.is_empty() {
            for (row, failure) in &results.outcomes.failures {
                let index = results.candidates[*row].index();
                if self.fatal.as_ref().is_none_or(|(fatal, _)| index < *fatal) {
                    self.fatal = Some((index, failure.clone()));
                }
            }
        }
        Ok(())
    }

    /// Commits the next unit if it is whole. Call [`stop`](Search::stop) before each.
    pub fn commit(&mut self) -> Option<(Committed<'_>, &Progress)> {
        let committed = self.algorithm.commit()?;
        let candidates = committed.candidates;
        let progress = &mut self.progress;
        progress.evaluations += candidates.len() as u64;
        progress.generations += u64::from(committed.generation_ends);
        progress.failures += candidates.outcomes.failures.len() as u64;
        progress.timed |= candidates.outcomes.failures.iter().any(|(_, failure)| failure.kind.timed());
        progress.digest.update(candidates);
        if let Some(row) = candidates.best()
            && candidates.outcomes.failure(row).is_none()
            && (progress.best.is_empty() || candidates.ranks[row] < progress.best.ranks[0])
        {
            if progress.best.is_empty() {
                progress.best = Population::new(candidates.genomes.shape, candidates.outcomes.shape, 1);
            }
            progress.best.copy_row(0, candidates, row);
            progress.improved = progress.evaluations;
        }
        Some((committed, progress))
    }

    /// Why no further unit may be committed, if so; `elapsed` is the time since the run began.
    pub fn stop(&mut self, elapsed: Duration) -> Option<StopReason> {
        if let Some(failure) = self.first.all_failed() {
            return Some(StopReason::FirstFailed { candidates: self.first.failures.len() as u64, failure });
        }
        if let Some((index, failure)) = &self.fatal
            && *index < self.progress.evaluations + self.algorithm.next_unit() as u64
        {
            return Some(StopReason::Failed { candidate: *index, failure: failure.clone() });
        }
        if self.policy.stop_after.is_some_and(|most| self.progress.failures >= most) {
            return Some(StopReason::Failures { failures: self.progress.failures });
        }
        let state = StopState {
            progress: &self.progress,
            population: self.algorithm.population(),
            next_unit: self.algorithm.next_unit() as u64,
            signature: &self.signature,
            elapsed,
        };
        let reason = self.rules.decide(&state)?;
        self.progress.timed |= reason.timed();
        Some(reason)
    }
}

impl FirstOutcomes {
    /// So many failures without one success, counted from the first candidate, and something is wrong with the whole.
    const CANDIDATES: usize = 10;

    fn take(&mut self, results: &Results) {
        for (row, candidate) in results.candidates.iter().enumerate() {
            match results.outcomes.failure(row) {
                Some(failure) if (candidate.index() as usize) < Self::CANDIDATES => {
                    let index = candidate.index() as usize;
                    if self.failures.len() <= index {
                        self.failures.resize(index + 1, None);
                    }
                    self.failures[index] = Some(failure.clone());
                }
                Some(_) => {}
                None => {
                    self.decided = true;
                    return self.failures.clear();
                }
            }
        }
    }

    fn all_failed(&self) -> Option<Failure> {
        let whole = self.failures.len() == Self::CANDIDATES && self.failures.iter().all(Option::is_some);
        if whole { self.failures[0].clone() } else { None }
    }
}
