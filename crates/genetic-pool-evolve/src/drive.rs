//! The run loop: the only one in the program.

use std::time::Duration;

use crate::{
    algorithms::{Committed, TellError},
    evaluator::{Batch, Evaluator, EvaluatorError, Results},
    progress::Progress,
    search::Search,
    stop::StopReason,
};

/// Follows a run, and brings in what the engine has none of: the clock and the wish to stop.
pub trait Observer {
    /// Time since the run began, pauses not counted.
    fn elapsed(&mut self) -> Duration;

    /// Whether the run is to stop as soon as it can; it can be resumed.
    fn interrupted(&mut self) -> bool;

    /// Called with every committed unit.
    fn committed(&mut self, committed: Committed<'_>, progress: &Progress) -> Result<(), ObserverError>;

    /// Called after every committed unit, where the search can be snapshot.
    fn boundary(&mut self, search: &Search) -> Result<(), ObserverError>;

    /// Called whenever nothing could be committed: at least every 100 ms between two committed units.
    fn waiting(&mut self, _search: &Search) -> Result<(), ObserverError> {
        Ok(())
    }
}

/// Why an observer cannot go on: the store is full, a view is gone.
pub type ObserverError = Box<dyn std::error::Error + Send + Sync>;

/// Why a run broke off. What had been committed and observed stays so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The evaluator cannot go on.
    #[error("evaluations cannot go on")]
    Evaluator(#[source] EvaluatorError),
    /// The evaluator handed back what it was never given.
    #[error("the evaluator handed back wrong results")]
    Tell(#[source] TellError),
    /// The observer cannot go on.
    #[error("the run cannot be recorded")]
    Observer(#[source] ObserverError),
    /// The algorithm waits for results while none are out.
    #[error("the algorithm gives no candidates and waits for none")]
    Stuck,
}

/// How long the loop waits for results before it looks at the clock and for an interruption.
const WAIT: Duration = Duration::from_millis(50);

/// Runs `search` on `evaluator` until a stop rule, a failure policy or the observer ends it.
///
/// What is left in flight is cancelled. The outcome is a function of the search alone, whatever the evaluator's slots,
/// grouping, order and losses.
pub fn drive(
    search: &mut Search,
    evaluator: &mut dyn Evaluator,
    observer: &mut dyn Observer,
) -> Result<StopReason, RunError> {
    let mut drive = Drive::default();
    loop {
        if let Some(reason) = drive.step(search, evaluator, observer)? {
            return Ok(reason);
        }
    }
}

/// The run loop, one turn at a time.
#[derive(Debug, Default)]
pub struct Drive {
    batch: Batch,
    results: Results,
    /// Candidates that are out.
    out: usize,
}

impl Drive {
    /// Has asked for candidates, received results once, and committed what they complete; why the run has ended, if so.
    ///
    /// To be called with the same three until it has. What is left in flight is cancelled then, and where it fails.
    pub fn step(
        &mut self,
        search: &mut Search,
        evaluator: &mut dyn Evaluator,
        observer: &mut dyn Observer,
    ) -> Result<Option<StopReason>, RunError> {
        let result = self.turn(search, evaluator, observer);
        if !matches!(result, Ok(None)) {
            evaluator.cancel();
        }
        match result {
            // What interrupts the run may have reached evaluations that were just starting, too.
            Err(RunError::Evaluator(_)) if observer.interrupted() => Ok(Some(StopReason::Interrupted)),
            result => result,
        }
    }

    fn turn(
        &mut self,
        search: &mut Search,
        evaluator: &mut dyn Evaluator,
        observer: &mut dyn Observer,
    ) -> Result<Option<StopReason>, RunError> {
        if let Some(reason) = search.stop(observer.elapsed()) {
            return Ok(Some(reason));
        }
        loop {
            search.ask(usize::MAX, &mut self.batch);
            if self.batch.candidates.is_empty() {
                break;
            }
            self.out += self.batch.candidates.len();
            evaluator.submit(&mut self.batch).map_err(RunError::Evaluator)?;
        }
        if self.out == 0 {
            return Err(RunError::Stuck);
        }
        evaluator.receive(&mut self.results, WAIT).map_err(RunError::Evaluator)?;
        self.out -= self.results.candidates.len().min(self.out);
        search.tell(&self.results).map_err(RunError::Tell)?;
        if observer.interrupted() {
            return Ok(Some(StopReason::Interrupted));
        }
        let mut waiting = true;
        loop {
            if let Some(reason) = search.stop(observer.elapsed()) {
                return Ok(Some(reason));
            }
            let Some((committed, progress)) = search.commit() else { break };
            waiting = false;
            observer.committed(committed, progress).map_err(RunError::Observer)?;
            observer.boundary(search).map_err(RunError::Observer)?;
        }
        if waiting {
            observer.waiting(search).map_err(RunError::Observer)?;
        }
        Ok(None)
    }
}
