//! Evaluation in processes: so many slots, each a thread that owns one child.

mod bury;
mod language;
mod once;
mod queue;
mod slot;
mod start;
mod verdict;

use std::{
    io::{PipeWriter, Write},
    path::PathBuf,
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use genetic_pool_evolve::{
    evaluator::{Batch, Evaluator, EvaluatorError, Results},
    outcomes::OutcomeShape,
    problem::{CandidateId, Signature},
};

pub(super) use self::{
    language::{Asked, Frames, Heard, Language, Said},
    queue::Work,
};
use self::{queue::Queue, slot::Slot};
use super::{child::Start, command::Once, error, scratch::Scratch, tree::SharedCensus};

/// What a candidate's evaluation printed; only where it printed something.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CandidateLog {
    /// Whose.
    pub candidate: CandidateId,
    /// How many candidates from this one on were evaluated together, so that it cannot be told whose it is; else 1.
    pub together: usize,
    /// What it printed, at most 64 KiB of it. A candidate that is tried again has several.
    pub output: String,
    /// Whether some of it is left out in the middle.
    pub truncated: bool,
}

/// Takes what evaluations print, in the slots' threads; a candidate's comes before its outcome.
pub type OutputSink = Arc<dyn Fn(CandidateLog) + Send + Sync>;

/// How evaluations are talked to.
#[derive(Debug)]
pub(super) enum Talk {
    /// One child a slot, kept alive.
    Alive { start: Start, language: Box<dyn Language> },
    /// One child an evaluation.
    Once(Box<Once>),
}

/// What the slots share.
struct Shared {
    queue: Queue,
    talk: Talk,
    signature: Signature,
    shape: OutcomeShape,
    /// Where children that are kept alive run.
    directory: PathBuf,
    timeout: Option<Duration>,
    /// Bytes a process tree may hold.
    memory: Option<u64>,
    retries: u32,
    census: SharedCensus,
    scratch: Scratch,
    on_output: Option<OutputSink>,
}

/// What [`Processes`] is made of.
pub(super) struct Settings {
    pub(super) slots: usize,
    pub(super) talk: Talk,
    pub(super) signature: Signature,
    pub(super) directory: PathBuf,
    pub(super) timeout: Option<Duration>,
    pub(super) memory: Option<u64>,
    pub(super) retries: u32,
    pub(super) scratch: Scratch,
    pub(super) on_output: Option<OutputSink>,
}

/// An evaluator whose slots are processes.
///
/// A child that crashes, hangs, is killed or talks nonsense costs its candidate a try, never the run. Dropping the
/// evaluator ends all children and whatever they have started.
#[derive(Debug)]
pub struct Processes {
    shared: Arc<Shared>,
    slots: Vec<(PipeWriter, Option<JoinHandle<()>>)>,
}

impl Processes {
    /// Starts the slots' threads; children are started as they are needed.
    pub(super) fn new(settings: Settings) -> Result<Processes, EvaluatorError> {
        let Settings { slots, talk, signature, directory, timeout, memory, retries, scratch, on_output } = settings;
        let slots = slots.max(1);
        let shape = OutcomeShape::of(&signature);
        let queue = Queue::new(shape, slots);
        let census = SharedCensus::new();
        let shared =
            Shared { queue, talk, signature, shape, directory, timeout, memory, retries, census, scratch, on_output };
        let mut processes = Processes { shared: Arc::new(shared), slots: Vec::new() };
        for index in 0..slots {
            let failed =
                |fault: std::io::Error| error(format!("slot {index} of {slots} cannot be made: {fault}"), None);
            let (reader, writer) = std::io::pipe().map_err(failed)?;
            // A slot that is not waiting for its child does not read it: more wakings than one say no more.
            rustix::fs::fcntl_setfl(&writer, rustix::fs::OFlags::NONBLOCK).map_err(|fault| failed(fault.into()))?;
            let slot = Slot::new(Arc::clone(&processes.shared), reader);
            let thread = std::thread::Builder::new().name(format!("slot {index}")).spawn(|| slot.run());
            processes.slots.push((writer, Some(thread.map_err(failed)?)));
        }
        Ok(processes)
    }

    /// Makes slots that wait for their child look at what has changed.
    fn wake(&self) {
        for (pipe, _) in &self.slots {
            // A slot whose thread is gone, or whose pipe is full, needs no waking.
            let _ = { pipe }.write(&[0]);
        }
    }

    /// As [`Evaluator::submit`], from any thread.
    pub(crate) fn give(&self, batch: &mut Batch) -> Result<(), EvaluatorError> {
        self.shared.queue.submit(batch)
    }

    /// Replaces `results` with what has been found, waiting for it for ever, and returns how often all was dropped
    /// before it was given.
    pub(crate) fn take(&self, results: &mut Results) -> Result<u64, EvaluatorError> {
        self.shared.queue.take_found(results)
    }

    /// As [`Evaluator::cancel`], from any thread.
    pub(crate) fn drop_all(&self) {
        self.shared.queue.cancel();
        self.wake();
    }

    /// Lets whoever waits for what is found have an error with these words.
    pub(crate) fn break_off(&self, message: String) {
        self.shared.queue.break_off(message);
    }
}

impl Evaluator for Processes {
    fn slots(&self) -> usize {
        self.slots.len()
    }

    fn submit(&mut self, batch: &mut Batch) -> Result<(), EvaluatorError> {
        self.shared.queue.submit(batch)
    }

    fn receive(&mut self, results: &mut Results, wait: Duration) -> Result<(), EvaluatorError> {
        self.shared.queue.receive(results, wait)
    }

    fn cancel(&mut self) {
        self.drop_all();
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.shared.queue.end();
        self.wake();
        for (_, thread) in &mut self.slots {
            if let Some(thread) = thread.take() {
                // A slot that panicked has said so already.
                let _ = thread.join();
            }
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("talk", &self.talk).field("directory", &self.directory).finish_non_exhaustive()
    }
}
