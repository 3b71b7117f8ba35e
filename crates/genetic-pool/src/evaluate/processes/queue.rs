//! What the slots share: candidates that wait, outcomes that were found.

use std::{
    collections::VecDeque,
    mem,
    ops::Range,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use genetic_pool_evolve::{
    evaluator::{Batch, EvaluatorError, Results},
    outcomes::OutcomeShape,
    problem::CandidateId,
    space::Genomes,
};

use super::super::{error, frames};

/// How long the candidates that are sent together should take: long beside the way to the child and back.
const TOGETHER: f64 = 0.005;

/// Above this cost in seconds a child says when it starts with each candidate.
const ACKNOWLEDGED: f64 = 0.000_1;

/// How many bytes of genomes are sent together at most.
const FRAME: usize = 8 << 20;

/// How often children may fail to start, one after the other, before nothing can be evaluated.
const STARTS: u32 = 3;

/// Candidates as they were submitted.
#[derive(Debug, Default)]
pub(in crate::evaluate) struct Work {
    pub(in crate::evaluate) candidates: Vec<CandidateId>,
    pub(in crate::evaluate) genomes: Genomes,
    groups: Vec<u64>,
}

/// Candidates that go to a child together.
#[derive(Clone, Debug)]
pub(super) struct Portion {
    pub(super) work: Arc<Work>,
    pub(super) rows: Range<usize>,
    /// They are one group of the problem's.
    pub(super) group: bool,
    /// They go to a child that has evaluated nothing before.
    pub(super) fresh: bool,
    /// A child has ended over it, where it is one candidate or group: if another does, it has failed.
    pub(super) suspect: bool,
    /// How often it was lost, where it is one candidate or group.
    pub(super) losses: u32,
    /// How often it has failed, where it is one candidate.
    pub(super) failures: u32,
    /// Which it belongs to: what was cancelled is never received.
    pub(super) epoch: u64,
    /// Whether the child is to say when it starts with each.
    pub(super) acknowledge: bool,
}

/// Shared by all slots and the evaluator.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// There is work, or none will come.
    work: Condvar,
    /// There are outcomes, or an error.
    found: Condvar,
    shape: OutcomeShape,
    slots: usize,
}

#[derive(Debug, Default)]
struct State {
    /// What is to be done again, ahead of anything else.
    again: VecDeque<Portion>,
    batches: VecDeque<(Arc<Work>, usize)>,
    /// Rows in `batches`.
    waiting: usize,
    /// Candidates that are neither found nor cancelled.
    out: usize,
    found: Results,
    epoch: u64,
    /// Seconds a candidate takes, way included, on the average of late.
    cost: Option<f64>,
    failed_starts: u32,
    broken: Option<(String, Option<String>)>,
    ended: bool,
}

impl Portion {
    /// One row of it, alone; nothing is held against it.
    pub(super) fn single(&self, row: usize) -> Portion {
        let rows = row..row + 1;
        Portion { rows, fresh: false, suspect: false, losses: 0, acknowledge: false, ..self.clone() }
    }

    /// The id of row `row`, counted within the portion.
    pub(super) fn candidate(&self, row: usize) -> CandidateId {
        self.work.candidates[self.rows.start + row]
    }
}

impl Queue {
    pub(super) fn new(shape: OutcomeShape, slots: usize) -> Queue {
        let mut state = State::default();
        state.found.clear(shape);
        Queue { state: Mutex::new(state), work: Condvar::new(), found: Condvar::new(), shape, slots }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A slot that panicked holds no half-done change: every change is made by one call below.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn submit(&self, batch: &mut Batch) -> Result<(), EvaluatorError> {
        let mut state = self.lock();
        if let Some((message, hint)) = &state.broken {
            return Err(error(message.clone(), hint.clone()));
        }
        let shape = batch.genomes.shape;
        let work = Work {
            candidates: mem::take(&mut batch.candidates),
            genomes: mem::take(&mut batch.genomes),
            groups: mem::take(&mut batch.groups),
        };
        batch.clear(shape);
        let rows = work.candidates.len();
        if rows == 0 {
            return Ok(());
        }
        state.waiting += rows;
        state.out += rows;
        state.batches.push_back((Arc::new(work), 0));
        drop(state);
        if rows == 1 {
            self.work.notify_one();
        } else {
            self.work.notify_all();
        }
        Ok(())
    }

    pub(super) fn receive(&self, results: &mut Results, wait: Duration) -> Result<(), EvaluatorError> {
        results.clear(self.shape);
        let until = Instant::now() + wait;
        let mut state = self.lock();
        loop {
            if !state.found.candidates.is_empty() {
                mem::swap(&mut state.found, results);
                return Ok(());
            }
            if let Some((message, hint)) = &state.broken {
                return Err(error(message.clone(), hint.clone()));
            }
            let left = until.saturating_duration_since(Instant::now());
            if state.out == 0 || left.is_zero() {
                return Ok(());
            }
            state = self.found.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Replaces `results` with what has been found, waiting for it for ever, and returns how often all was dropped
    /// before it was submitted.
    pub(super) fn take_found(&self, results: &mut Results) -> Result<u64, EvaluatorError> {
        results.clear(self.shape);
        let mut state = self.lock();
        loop {
            if !state.found.candidates.is_empty() {
                mem::swap(&mut state.found, results);
                return Ok(state.epoch);
            }
            if let Some((message, hint)) = &state.broken {
                return Err(error(message.clone(), hint.clone()));
            }
            state = self.found.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Drops everything that is out.
    pub(super) fn cancel(&self) {
        let mut state = self.lock();
        state.epoch += 1;
        state.again.clear();
        state.batches.clear();
        (state.waiting, state.out) = (0, 0);
        state.found.clear(self.shape);
    }

    /// No more work will come: the slots end.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        state.epoch += 1;
        drop(state);
        self.work.notify_all();
    }

    /// Whether `portion` was cancelled.
    pub(super) fn cancelled(&self, portion: &Portion) -> bool {
        self.lock().epoch != portion.epoch
    }

    /// Whether nobody waits for anything.
    pub(super) fn idle(&self) -> bool {
        let state = self.lock();
        state.out == 0 || state.ended
    }

    /// The next candidates for a slot, which waits for them; `alone`: one at a time. `None`: no more will come.
    pub(super) fn take(&self, alone: bool) -> Option<Portion> {
        let mut state = self.lock();
        loop {
            if state.ended {
                return None;
            }
            if state.broken.is_none() {
                if let Some(portion) = state.again.pop_front() {
                    return Some(portion);
                }
                if state.waiting > 0 {
                    return state.next_portion(alone, self.slots);
                }
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Puts `portions` ahead of all other work.
    pub(super) fn again(&self, portions: impl IntoIterator<Item = Portion>) {
        let mut state = self.lock();
        let epoch = state.epoch;
        state.again.extend(portions.into_iter().filter(|portion| portion.epoch == epoch));
        drop(state);
        self.work.notify_all();
    }

    /// Hands over `results`, which belong to `portion`, and empties them.
    pub(super) fn deliver(&self, portion: &Portion, results: &mut Results) {
        let mut state = self.lock();
        if portion.epoch == state.epoch && !results.candidates.is_empty() {
            state.out -= results.candidates.len();
            if state.found.candidates.is_empty() {
                mem::swap(&mut state.found, results);
            } else {
                append(&mut state.found, results);
            }
            drop(state);
            self.found.notify_one();
        }
        results.clear(self.shape);
    }

    /// Learns that `rows` candidates took `seconds` in all.
    pub(super) fn learn(&self, rows: usize, seconds: f64) {
        let mut state = self.lock();
        let cost = seconds / rows as f64;
        state.cost = Some(state.cost.map_or(cost, |before| before + 0.25 * (cost - before)));
    }

    /// Nothing can be evaluated any more, with these words.
    pub(super) fn break_off(&self, message: String) {
        self.lock().broken = Some((message, None));
        self.found.notify_all();
    }

    /// A child got ready.
    pub(super) fn started(&self) {
        self.lock().failed_starts = 0;
    }

    /// A child did not get ready, with these words; `portion` is tried again unless that is no use.
    pub(super) fn not_started(&self, portion: Portion, hopeless: bool, message: String, hint: Option<String>) {
        let mut state = self.lock();
        if state.epoch != portion.epoch {
            return;
        }
        state.failed_starts += 1;
        if hopeless || state.failed_starts >= STARTS {
            state.broken = Some((message, hint));
            drop(state);
            self.found.notify_all();
        } else {
            state.again.push_back(portion);
            drop(state);
            self.work.notify_one();
        }
    }
}

impl State {
    fn next_portion(&mut self, alone: bool, slots: usize) -> Option<Portion> {
        let (work, start) = self.batches.front_mut()?;
        let left = work.candidates.len() - *start;
        let affordable = self.cost.map_or(1.0, |cost| TOGETHER / cost) as usize;
        let fair = self.waiting.div_ceil(2 * slots);
        let sendable = FRAME / frames::row_bytes(work.genomes.shape).max(1);
        let wanted = if alone { 1 } else { affordable.min(fair).min(sendable).max(1) };
        let group = !work.groups.is_empty();
        let rows = if group { work.group_at(*start) } else { *start..*start + wanted.min(left) };
        let acknowledge = rows.len() > 1 && !group && self.cost.is_some_and(|cost| cost > ACKNOWLEDGED);
        let work = Arc::clone(work);
        *start = rows.end;
        if rows.end == work.candidates.len() {
            self.batches.pop_front();
        }
        self.waiting -= rows.len();
        let (epoch, fresh, suspect) = (self.epoch, false, false);
        Some(Portion { work, rows, group, fresh, suspect, losses: 0, failures: 0, epoch, acknowledge })
    }
}

impl Work {
    /// The rows of the group that begins at row `start`.
    fn group_at(&self, start: usize) -> Range<usize> {
        let group = self.groups[start];
        let length = self.groups[start..].iter().take_while(|other| **other == group).count();
        start..start + length
    }
}

/// Appends all of `more` to `results`.
fn append(results: &mut Results, more: &Results) {
    results.candidates.extend_from_slice(&more.candidates);
    results.seconds.extend_from_slice(&more.seconds);
    let rows = results.outcomes.rows;
    results.outcomes.objectives.extend_from_slice(&more.outcomes.objectives);
    results.outcomes.constraints.extend_from_slice(&more.outcomes.constraints);
    results.outcomes.measures.extend_from_slice(&more.outcomes.measures);
    results.outcomes.failures.extend(more.outcomes.failures.iter().map(|(row, failure)| (rows + row, failure.clone())));
    results.outcomes.rows += more.outcomes.rows;
}
