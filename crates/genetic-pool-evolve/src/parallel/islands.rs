//! Islands on threads, each with its evaluations.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    time::{Duration, Instant},
};

use super::{Threads, evaluate, panic_words};
use crate::{
    evaluator::{Batch, EvaluatorError, IslandRunner, Ran, Results},
    islands::Island,
    outcomes::OutcomeShape,
    problem::{Problem, Signature},
};

/// An island runs for about this long at a time: long against handing it over, short for who waits for all of them.
const SLICE: Duration = Duration::from_millis(2);

/// Evaluations that take less are best made where the island is, if there is an island for each thread.
const CHEAP: f64 = 50e-6;
/// The same if there is none for some threads, which stand still then.
const VERY_CHEAP: f64 = 5e-6;

/// What became of an island that was started.
pub(super) type Outcome = Result<Ran, EvaluatorError>;

/// The way back from the threads.
pub(super) struct Islands {
    pub(super) sender: Sender<Outcome>,
    ran: Receiver<Outcome>,
    /// With one slot: run at the next `finish`.
    inline: VecDeque<Box<Island>>,
    buffers: (Batch, Results),
}

impl Default for Islands {
    fn default() -> Islands {
        let (sender, ran) = channel();
        Islands { sender, ran, inline: VecDeque::new(), buffers: <(Batch, Results)>::default() }
    }
}

impl IslandRunner for Threads {
    fn pays(&mut self, islands: usize) -> bool {
        let most = if islands < self.slots { VERY_CHEAP } else { CHEAP };
        self.seconds.is_some_and(|seconds| seconds < most)
    }

    fn places(&mut self) -> usize {
        self.slots
    }

    fn start(&mut self, island: Box<Island>) -> Result<(), EvaluatorError> {
        if self.slots == 1 {
            self.islands.inline.push_back(island);
            return Ok(());
        }
        self.start_threads()?;
        self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner).islands.push_back(island);
        self.shared.wake.notify_one();
        Ok(())
    }

    fn finish(&mut self, wait: Duration) -> Result<Option<Ran>, EvaluatorError> {
        if let Some(island) = self.islands.inline.pop_front() {
            return run(island, &*self.problem, &self.signature, self.seed, &mut self.islands.buffers).map(Some);
        }
        self.islands.ran.recv_timeout(wait).ok().transpose()
    }
}

/// Has `island` run for a while.
pub(super) fn run(
    mut island: Box<Island>,
    problem: &dyn Problem,
    signature: &Signature,
    seed: u64,
    buffers: &mut (Batch, Results),
) -> Outcome {
    let shape = OutcomeShape::of(signature);
    let start = Instant::now();
    let mut evaluations = 0;
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let mut evaluate = |batch: &Batch, results: &mut Results| {
            let rows = batch.candidates.len();
            results.candidates.clone_from(&batch.candidates);
            results.outcomes.reset(shape, rows);
            evaluate(problem, signature, seed, batch, 0..rows, &mut results.outcomes);
            evaluations += rows as u64;
        };
        island.run(buffers, &mut evaluate, &mut || start.elapsed() >= SLICE)
    }));
    let broke = |message: String| EvaluatorError { message, hint: None, source: None };
    match ran {
        Ok(Ok(())) => Ok(Ran { island, evaluations, seconds: start.elapsed().as_secs_f64() }),
        Ok(Err(error)) => Err(broke(format!("island {}: {error}", island.index()))),
        Err(panic) => Err(broke(format!("island {} broke off: {}", island.index(), panic_words(&*panic)))),
    }
}
