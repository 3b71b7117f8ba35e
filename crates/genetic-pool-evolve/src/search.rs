//! A search: an algorithm with its digest, its best candidate and its stop rules, committed in order.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    algorithms::{Algorithm, Archive, Committed, Population, Snapshot, TellError},
    digest::Digest,
    evaluator::{Batch, Results},
    problem::{CandidateId, Failure, Signature},
    progress::{Front, Progress, reference_of},
    stop::{FailurePolicy, StopReason, StopRule, StopRules, StopState},
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
    /// Where there are several goals.
    archive: Option<Archive>,
    /// Candidates asked for, those committed before this process included.
    asked: u64,
    first: FirstOutcomes,
    /// The lowest candidate index known to have failed and not yet committed, where a failure is to stop the run.
    fatal: Option<(u64, Failure)>,
    /// Where candidates are committed as they complete: those that are known to have failed and not yet committed.
    failed: BTreeMap<CandidateId, Failure>,
}

/// A search at a commit boundary, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SearchSnapshot {
    /// What has been committed.
    pub progress: Progress,
    /// The algorithm.
    pub algorithm: Snapshot,
}

/// Whether the first candidates, by id, all fail: decided by their outcomes alone, whichever come in first.
#[derive(Default)]
struct FirstOutcomes {
    /// By index: whether it is known to have failed.
    failed: [bool; FirstOutcomes::CANDIDATES as usize],
    /// One of them did not.
    fine: bool,
    /// Why candidate 0 failed.
    why: Option<Failure>,
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
        // What was known before decides what comes after it: another past is another history.
        let mut digest = Digest::default();
        digest.update(population);
        let progress = Progress {
            evaluations: 0,
            generations: 0,
            failures: 0,
            timed: false,
            best,
            improved: 0,
            front: Front::default(),
            digest,
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
        let first = FirstOutcomes::resume(&progress, algorithm.population());
        let asked = progress.evaluations;
        let archive = (signature.goals.len() > 1).then(|| Archive::new(&signature, &progress.best));
        let failed = BTreeMap::new();
        Search { algorithm, signature, rules, policy, progress, archive, asked, first, fatal: None, failed }
    }

    /// What has been committed.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The space, goals and constraints.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Whether candidates are committed as they complete, rather than in the order of their ids.
    pub fn is_free(&self) -> bool {
        self.algorithm.completed().is_some()
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
        if self.algorithm.completed().is_some() {
            let failures = &results.outcomes.failures;
            self.failed.extend(failures.iter().map(|(row, failure)| (results.candidates[*row], failure.clone())));
            return Ok(());
        }
        self.first.take(results);
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
        if !self.failed.is_empty() {
            for candidate in &candidates.candidates {
                let failure = self.failed.remove(candidate);
                self.first.why = self.first.why.take().or(failure);
            }
        }
        progress.evaluations += candidates.len() as u64;
        progress.generations += u64::from(committed.generation_ends);
        progress.failures += candidates.outcomes.failures.len() as u64;
        progress.timed |= candidates.outcomes.failures.iter().any(|(_, failure)| failure.kind.timed());
        progress.digest.update(candidates);
        if let Some(archive) = &mut self.archive {
            if archive.take(&self.signature, &mut progress.best, candidates) {
                progress.improved = progress.evaluations;
            }
            if committed.generation_ends {
                follow_front(progress, &self.signature, committed.population, &self.rules);
            }
        } else if let Some(row) = candidates.best()
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
        if let Some(reason) = self.stop_at_next_completed() {
            return Some(reason);
        }
        // Candidates below this are committed already or with the next unit.
        let next = self.progress.evaluations + self.algorithm.next_unit() as u64;
        if let Some(failure) = self.first.all_failed()
            && next >= FirstOutcomes::CANDIDATES
        {
            return Some(StopReason::FirstFailed { candidates: FirstOutcomes::CANDIDATES, failure });
        }
        if let Some((index, failure)) = &self.fatal
            && *index < next
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
        self.progress.timed |= self.rules.timed(&reason);
        Some(reason)
    }

    /// Where candidates are committed as they complete: why the next unit may not be, for the failures in it.
    fn stop_at_next_completed(&self) -> Option<StopReason> {
        let (order, unit) = (self.algorithm.completed()?, self.algorithm.next_unit());
        if self.failed.is_empty() || order.len() < unit {
            return None;
        }
        let next = || order.iter().take(unit);
        if self.policy.stop
            && let Some((candidate, failure)) = next().find_map(|candidate| self.failed.get_key_value(candidate))
        {
            return Some(StopReason::Failed { candidate: candidate.index(), failure: failure.clone() });
        }
        let Progress { evaluations, failures, .. } = self.progress;
        let candidates = FirstOutcomes::CANDIDATES;
        let first = evaluations < candidates && evaluations + unit as u64 >= candidates;
        if first && failures == evaluations && next().all(|candidate| self.failed.contains_key(candidate)) {
            let why = self.first.why.as_ref().or_else(|| self.failed.get(order.front()?))?;
            return Some(StopReason::FirstFailed { candidates, failure: why.clone() });
        }
        None
    }
}

/// Fixes what the hypervolume is measured against as soon as that can be told, and follows it where a rule asks for it.
fn follow_front(progress: &mut Progress, signature: &Signature, population: &Population, rules: &StopRules) {
    if progress.front.reference.is_empty() {
        progress.front.reference = reference_of(signature, &population.outcomes.objectives);
    }
    if rules.watch_hypervolume() {
        let volume = progress.hypervolume(signature).unwrap_or(0.0);
        let front = &mut progress.front;
        if volume > front.hypervolume * (1.0 + StopRule::GROWTH) {
            (front.hypervolume, front.grown) = (volume, progress.evaluations);
        }
    }
}

impl FirstOutcomes {
    /// So many failures without one success, counted from the first candidate, and something is wrong with the whole.
    const CANDIDATES: u64 = 10;

    /// What is known where `progress` has been committed and led to `population`.
    fn resume(progress: &Progress, population: &Population) -> FirstOutcomes {
        let mut first = FirstOutcomes::default();
        let known = progress.evaluations.min(FirstOutcomes::CANDIDATES);
        first.failed[..known as usize].fill(true);
        first.fine = progress.failures < known || known == FirstOutcomes::CANDIDATES;
        // Where nothing but failures was committed, the oldest of them are the population.
        let own = |candidate: &CandidateId| candidate.island() != CandidateId::KNOWN;
        let row = population.candidates.iter().position(|candidate| own(candidate) && candidate.index() == 0);
        // Where candidates are committed as they complete the first of all may be out: then the best of the others.
        let row = row.or_else(|| population.best().filter(|row| own(&population.candidates[*row])));
        first.why = row.and_then(|row| population.outcomes.failure(row)).cloned();
        first
    }

    fn take(&mut self, results: &Results) {
        if self.fine {
            return;
        }
        for (row, candidate) in results.candidates.iter().enumerate() {
            if candidate.index() >= FirstOutcomes::CANDIDATES {
                continue;
            }
            let index = candidate.index() as usize;
            match results.outcomes.failure(row) {
                None => self.fine = true,
                Some(failure) => {
                    self.failed[index] = true;
                    if index == 0 {
                        self.why = Some(failure.clone());
                    }
                }
            }
        }
    }

    /// Why the first of them failed, where all did.
    fn all_failed(&self) -> Option<Failure> {
        if self.fine || self.failed.contains(&false) { None } else { self.why.clone() }
    }
}
