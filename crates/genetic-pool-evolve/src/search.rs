//! A search: an algorithm with its digest, its best candidate and its stop rules, committed in order.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    algorithms::{Algorithm, Archive, Committed, Population, RestoreError, Snapshot, TellError},
    digest::Digest,
    evaluator::{Batch, Results},
    islands::{Island, Islands},
    outcomes::Outcomes,
    problem::{CandidateId, Failure, Signature},
    progress::{Front, IslandBest, IslandProgress, Progress, reference_of},
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
    /// The candidates known to have failed and not yet committed, where a failure is to stop the run.
    fatal: BTreeMap<CandidateId, Failure>,
    /// For rules that do not look at the population, which may have to be gathered first.
    none: Population,
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

/// Whether the first candidates, by id, all fail; of islands, those of the first. Decided by their outcomes alone, whichever come in first.
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
        mut algorithm: Box<dyn Algorithm>,
        signature: Arc<Signature>,
        rules: StopRules,
        policy: FailurePolicy,
    ) -> Search {
        let islands = algorithm.islands().map_or(0, |islands| Islands::len(islands));
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
            islands: vec![IslandProgress::default(); islands],
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
        let none = Population::new(algorithm.population().genomes.shape, algorithm.population().outcomes.shape, 0);
        let archive = (signature.goals.len() > 1).then(|| Archive::new(&signature, &progress.best));
        let (fatal, failed) = (BTreeMap::new(), BTreeMap::new());
        Search { algorithm, signature, rules, policy, progress, archive, asked, first, fatal, none, failed }
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
        if !self.progress.islands.is_empty() {
            // Each keeps to its share, and none may take another's.
            return self.algorithm.ask(room, batch);
        }
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
        self.note(&results.candidates, &results.outcomes);
        Ok(())
    }

    fn note(&mut self, candidates: &[CandidateId], outcomes: &Outcomes) {
        self.first.take(candidates, outcomes);
        if self.policy.stop {
            for (row, failure) in &outcomes.failures {
                self.fatal.insert(candidates[*row], failure.clone());
            }
        }
    }

    /// How many islands it is made of; 0: it is of one algorithm.
    pub fn islands(&self) -> usize {
        self.progress.islands.len()
    }

    /// Forgets what has been asked for on islands and not committed: it is asked for again.
    pub fn recall(&mut self) -> Result<(), RestoreError> {
        self.algorithm.islands().map_or(Ok(()), Islands::recall)
    }

    /// An island that can be run elsewhere now, if there is one: [`Islands::take_out`].
    pub fn take_out(&mut self) -> Option<Box<Island>> {
        self.algorithm.islands()?.take_out()
    }

    /// Takes back an island that was taken out, with what came of it.
    pub fn give_back(&mut self, island: Box<Island>) {
        for news in island.news() {
            self.note(&news.candidates, &news.outcomes);
        }
        if let Some(islands) = self.algorithm.islands() {
            islands.give_back(island);
        }
    }

    /// Whether the next unit of the islands is known, or that there is none: [`Islands::is_ready`].
    pub fn is_ready(&mut self) -> bool {
        self.algorithm.islands().is_none_or(|islands| islands.is_ready())
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
        match candidates.candidates.first().map(|id| usize::from(id.island())) {
            Some(island) if island < progress.islands.len() => {
                progress.islands[island].take(&committed);
                progress.generations = progress.islands.iter().map(|island| island.generations).min().unwrap_or(0);
            }
            _ => progress.generations += u64::from(committed.generation_ends),
        }
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
        if let Some(next) = self.next() {
            if let Some(failure) = self.first.all_failed()
                && next.island.is_none_or(|island| island == 0)
                && next.end >= FirstOutcomes::CANDIDATES
            {
                return Some(StopReason::FirstFailed { candidates: FirstOutcomes::CANDIDATES, failure });
            }
            let in_unit =
                |id: &CandidateId| next.island.is_none_or(|island| island == id.island()) && id.index() < next.end;
            if let Some((candidate, failure)) = self.fatal.iter().find(|(id, _)| in_unit(id)) {
                return Some(StopReason::Failed { candidate: *candidate, failure: failure.clone() });
            }
        }
        if self.policy.stop_after.is_some_and(|most| self.progress.failures >= most) {
            return Some(StopReason::Failures { failures: self.progress.failures });
        }
        let state = StopState {
            progress: &self.progress,
            population: if self.rules.look_at_population() { self.algorithm.population() } else { &self.none },
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
            return Some(StopReason::Failed { candidate: *candidate, failure: failure.clone() });
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

/// The next unit.
struct Next {
    /// Of which island; `None`: there is one.
    island: Option<u16>,
    /// Candidates of it below this are committed already or with the next unit.
    end: u64,
}

impl Search {
    /// `None`: there is none, all islands have ended.
    fn next(&self) -> Option<Next> {
        let unit = self.algorithm.next_unit() as u64;
        if self.progress.islands.is_empty() {
            return Some(Next { island: None, end: self.progress.evaluations + unit });
        }
        let island = self.algorithm.next_island()?;
        let committed = self.progress.islands.get(usize::from(island)).map_or(0, |island| island.evaluations);
        Some(Next { island: Some(island), end: committed + unit })
    }
}

impl IslandProgress {
    /// Takes a unit of it into account.
    fn take(&mut self, committed: &Committed<'_>) {
        let candidates = committed.candidates;
        self.evaluations += candidates.len() as u64;
        self.generations += u64::from(committed.generation_ends);
        self.failures += candidates.outcomes.failures.len() as u64;
        if let Some(row) = candidates.best()
            && candidates.outcomes.failure(row).is_none()
            && self.best.as_ref().is_none_or(|best| candidates.ranks[row] < best.rank)
        {
            self.best = Some(IslandBest {
                candidate: candidates.candidates[row],
                rank: candidates.ranks[row],
                objectives: candidates.outcomes.objectives(row).to_vec(),
            });
        }
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
        let (evaluations, failures) = progress
            .islands
            .first()
            .map_or((progress.evaluations, progress.failures), |island| (island.evaluations, island.failures));
        let known = evaluations.min(FirstOutcomes::CANDIDATES);
        first.failed[..known as usize].fill(true);
        first.fine = failures < known || known == FirstOutcomes::CANDIDATES;
        // Where nothing but failures was committed, the oldest of them are the population.
        let islands = !progress.islands.is_empty();
        let own = |candidate: &CandidateId| candidate.island() != CandidateId::KNOWN;
        let oldest = |id: &CandidateId| own(id) && id.index() == 0 && (!islands || id.island() == 0);
        let row = population.candidates.iter().position(oldest);
        // Where candidates are committed as they complete the first of all may be out: then the best of the others.
        let row = row.or_else(|| population.best().filter(|row| !islands && own(&population.candidates[*row])));
        first.why = row.and_then(|row| population.outcomes.failure(row)).cloned();
        first
    }

    fn take(&mut self, candidates: &[CandidateId], outcomes: &Outcomes) {
        if self.fine {
            return;
        }
        for (row, candidate) in candidates.iter().enumerate() {
            if candidate.index() >= FirstOutcomes::CANDIDATES || candidate.island() != 0 {
                continue;
            }
            let index = candidate.index() as usize;
            match outcomes.failure(row) {
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
