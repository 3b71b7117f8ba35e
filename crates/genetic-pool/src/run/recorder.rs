//! An evaluator that remembers: what the journal holds is not evaluated again, and what is new goes into it.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    rc::Rc,
    time::Duration,
};

use genetic_pool_evolve::{
    evaluator::{Batch, Evaluator, EvaluatorError, IslandRunner, Ran, Results},
    islands::Island,
    outcomes::OutcomeShape,
    problem::{CandidateId, Failure},
};

use crate::store::{Journal, RunWriter, StoreError};

/// Evaluations that took less than this are not journalled, unless a clock decided them: computing them again is
/// cheaper than reading them.
const WORTH_RECORDING: f32 = 1e-3;

/// Wraps an evaluator: answers from the journal what stands there, has the rest evaluated, and journals it.
///
/// Which candidates come out of the journal makes no difference to the search, only to what it costs. Where candidates
/// are committed as they complete it is the order that makes the history: then all is journalled, whatever it costs, in
/// the order in which it is handed back, and what the journal holds is handed back in the same order before all else.
pub(super) struct Recorder {
    inner: Box<dyn Evaluator>,
    writer: Rc<RefCell<RunWriter>>,
    shape: OutcomeShape,
    journal: Journal,
    /// Where each journalled candidate that has not been asked for stands in the journal.
    rows: HashMap<CandidateId, usize>,
    /// Journalled outcomes that are asked for and not yet handed back.
    replayed: Results,
    /// Where candidates are committed as they complete: how far the journal is handed back.
    in_order: Option<InOrder>,
    tally: Rc<RefCell<Tally>>,
    /// Whether evaluations take long enough to be journalled, as far as is known.
    worth_recording: bool,
}

/// How far a journal is handed back in its own order, before anything new is.
#[derive(Default)]
struct InOrder {
    /// The first of the journal's rows that is not handed back.
    row: usize,
    /// The rows that are asked for and not handed back.
    asked: HashSet<usize>,
    /// All candidates below it were asked for, or committed before.
    next: u64,
}

/// What the evaluator is doing, for those who look on.
#[derive(Default)]
pub(super) struct Tally {
    /// Outcomes handed back, journalled ones included.
    pub received: u64,
    /// Evaluations of this session.
    pub evaluated: u64,
    /// Evaluations that are out.
    pub running: usize,
    /// Seconds that evaluations of this session took, all slots together.
    pub busy_seconds: f64,
    /// How many can go at once.
    pub slots: usize,
    /// Failures that nobody has been told of.
    pub failures: Vec<(CandidateId, Failure)>,
}

impl Recorder {
    pub(super) fn new(
        inner: Box<dyn Evaluator>,
        writer: Rc<RefCell<RunWriter>>,
        shape: OutcomeShape,
        journal: Journal,
        free: bool,
        tally: Rc<RefCell<Tally>>,
    ) -> Recorder {
        let mut rows = HashMap::with_capacity(journal.len());
        for (row, recorded) in journal.iter().enumerate() {
            rows.entry(recorded.candidate).or_insert(row);
        }
        tally.borrow_mut().slots = inner.slots();
        let mut replayed = Results::default();
        replayed.clear(shape);
        let in_order = free.then(InOrder::default);
        Recorder { inner, writer, shape, journal, rows, replayed, in_order, tally, worth_recording: true }
    }

    /// Takes the journalled candidates out of `batch`.
    fn replay(&mut self, batch: &mut Batch) {
        let mut rest = Batch::default();
        rest.clear(batch.genomes.shape);
        for (row, candidate) in batch.candidates.iter().enumerate() {
            if let Some(order) = &mut self.in_order {
                order.next = order.next.max(candidate.0 + 1);
            }
            if let Some(recorded) = self.rows.remove(candidate) {
                if let Some(order) = &mut self.in_order {
                    order.asked.insert(recorded);
                    continue;
                }
                let seconds = self.journal.results.seconds[recorded];
                self.replayed.push(*candidate, &self.journal.results.outcomes, recorded, seconds);
            } else {
                rest.candidates.push(*candidate);
                rest.genomes.extend(&batch.genomes, row..row + 1);
                rest.groups.extend(batch.groups.get(row));
            }
        }
        *batch = rest;
    }

    /// The journalled outcomes that come next and are asked for, one after the other.
    fn replay_next(&mut self) -> Result<(), EvaluatorError> {
        let Some(order) = &mut self.in_order else { return Ok(()) };
        while order.row < self.journal.len() {
            let candidate = self.journal.results.candidates[order.row];
            if order.asked.remove(&order.row) {
                let seconds = self.journal.results.seconds[order.row];
                self.replayed.push(candidate, &self.journal.results.outcomes, order.row, seconds);
            } else if candidate.0 >= order.next && self.replayed.candidates.is_empty() {
                // All that can be asked for was asked for, and what is recorded next is not among it.
                return Err(EvaluatorError {
                    message: format!("candidate {candidate} is recorded next and was not asked for"),
                    hint: Some("the run was recorded by another version: resume with that version".into()),
                    source: None,
                });
            } else if candidate.0 >= order.next {
                break;
            }
            // Others were committed before the snapshot.
            order.row += 1;
        }
        Ok(())
    }

    fn record(&mut self, results: &Results) -> Result<(), EvaluatorError> {
        let rows = results.candidates.len();
        if rows == 0 {
            return Ok(());
        }
        if self.in_order.is_some() {
            return self.journal_rows(results);
        }
        let failures = &results.outcomes.failures;
        let slow = results.seconds.iter().any(|seconds| *seconds >= WORTH_RECORDING);
        let timed = failures.iter().any(|(_, failure)| failure.kind.timed());
        self.worth_recording = slow || timed;
        if !self.worth_recording {
            return Ok(());
        }
        let worth = |row: &usize| {
            results.seconds[*row] >= WORTH_RECORDING
                || results.outcomes.failure(*row).is_some_and(|failure| failure.kind.timed())
        };
        if (0..rows).all(|row| worth(&row)) {
            return self.journal_rows(results);
        }
        let mut some = Results::default();
        some.clear(self.shape);
        for row in (0..rows).filter(worth) {
            some.push(results.candidates[row], &results.outcomes, row, results.seconds[row]);
        }
        self.journal_rows(&some)
    }

    fn journal_rows(&self, results: &Results) -> Result<(), EvaluatorError> {
        self.writer.borrow_mut().outcomes(results, |_| false).map_err(cannot_record)
    }
}

fn cannot_record(error: StoreError) -> EvaluatorError {
    EvaluatorError { message: "outcomes cannot be recorded".into(), hint: error.hint(), source: Some(error.into()) }
}

impl Evaluator for Recorder {
    fn slots(&self) -> usize {
        self.inner.slots()
    }

    fn submit(&mut self, batch: &mut Batch) -> Result<(), EvaluatorError> {
        self.tally.borrow_mut().running += batch.candidates.len();
        if !self.rows.is_empty() || self.in_order.is_some() {
            self.replay(batch);
        }
        if batch.candidates.is_empty() {
            return Ok(());
        }
        if self.worth_recording {
            self.writer.borrow_mut().proposals(batch).map_err(cannot_record)?;
        }
        self.inner.submit(batch)
    }

    fn receive(&mut self, results: &mut Results, wait: Duration) -> Result<(), EvaluatorError> {
        self.replay_next()?;
        let replayed = !self.replayed.candidates.is_empty();
        if replayed {
            results.clear(self.shape);
            std::mem::swap(results, &mut self.replayed);
        } else {
            self.inner.receive(results, wait)?;
            self.record(results)?;
        }
        let mut tally = self.tally.borrow_mut();
        let count = results.candidates.len();
        tally.received += count as u64;
        tally.running = tally.running.saturating_sub(count);
        tally.slots = self.inner.slots();
        if !replayed {
            tally.evaluated += count as u64;
            tally.busy_seconds += sum(&results.seconds);
            for (row, failure) in &results.outcomes.failures {
                tally.failures.push((results.candidates[*row], failure.clone()));
            }
        }
        Ok(())
    }

    fn cancel(&mut self) {
        self.replayed.clear(self.shape);
        self.tally.borrow_mut().running = 0;
        self.inner.cancel();
    }

    /// Where nothing that is journalled is still to be asked for.
    fn islands(&mut self) -> Option<&mut dyn IslandRunner> {
        let able = self.rows.is_empty() && self.inner.islands().is_some();
        if able { Some(self) } else { None }
    }
}

/// Evaluations of islands that are run whole are too cheap to be journalled.
impl IslandRunner for Recorder {
    fn pays(&mut self, islands: usize) -> bool {
        self.inner.islands().is_some_and(|runner| runner.pays(islands))
    }

    fn places(&mut self) -> usize {
        self.inner.islands().map_or(0, IslandRunner::places)
    }

    fn start(&mut self, island: Box<Island>) -> Result<(), EvaluatorError> {
        let Some(runner) = self.inner.islands() else { return Err(no_islands()) };
        self.tally.borrow_mut().running += 1;
        runner.start(island)
    }

    fn finish(&mut self, wait: Duration) -> Result<Option<Ran>, EvaluatorError> {
        let ran = self.inner.islands().ok_or_else(no_islands)?.finish(wait)?;
        if let Some(ran) = &ran {
            let mut tally = self.tally.borrow_mut();
            tally.running = tally.running.saturating_sub(1);
            tally.received += ran.evaluations;
            tally.evaluated += ran.evaluations;
            tally.busy_seconds += ran.seconds;
            for news in ran.island.news() {
                for (row, failure) in &news.outcomes.failures {
                    tally.failures.push((news.candidates[*row], failure.clone()));
                }
            }
        }
        Ok(ran)
    }
}

fn no_islands() -> EvaluatorError {
    EvaluatorError { message: "islands cannot be run here any more".into(), hint: None, source: None }
}

/// The sum of many seconds, in lanes: one after the other each addition would wait for the last.
fn sum(seconds: &[f32]) -> f64 {
    let (eights, rest) = seconds.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for eight in eights {
        for (lane, seconds) in lanes.iter_mut().zip(eight) {
            *lane += f64::from(*seconds);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|seconds| f64::from(*seconds)).sum::<f64>()
}
