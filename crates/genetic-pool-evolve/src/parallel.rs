//! Evaluation of Rust problems, and what else takes long, on the threads of this process.

#![expect(
    clippy::disallowed_methods,
    reason = "what the clock says here decides how work is grouped, never what comes out"
)]

mod islands;

use std::{
    any::Any,
    collections::VecDeque,
    num::NonZero,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::{Duration, Instant},
};

use crate::{
    evaluator::{Batch, Evaluator, EvaluatorError, IslandRunner, Results},
    islands::Island,
    outcomes::{OutcomeShape, Outcomes},
    problem::{BatchView, Failure, Problem, Signature},
};

/// Batches that take less than this are evaluated where they are asked for: handing them over would cost more.
const AT_ONCE: Duration = Duration::from_micros(200);
/// Chunks handed to a thread aim at this, so that handing over stays cheap and slots end together.
const CHUNK: Duration = Duration::from_micros(100);

/// Evaluates a [`Problem`] on threads of this process, as many at once as it has slots.
///
/// A panic of the problem is the failure of that candidate. A thread cannot be killed: problems with a time-out or a
/// memory limit belong in worker processes.
pub struct Threads {
    problem: Arc<dyn Problem>,
    signature: Arc<Signature>,
    shape: OutcomeShape,
    seed: u64,
    slots: usize,
    shared: Arc<Shared>,
    chunks: Receiver<Done>,
    /// Kept so that the channel stays open and threads can be started when first needed.
    sender: Sender<Done>,
    started: bool,
    /// A batch that is evaluated at the next `receive`.
    inline: Batch,
    inline_outcomes: Outcomes,
    /// Candidates out on threads.
    out: usize,
    epoch: u64,
    /// Measured seconds an evaluation takes; `None` before the first.
    seconds: Option<f64>,
    islands: islands::Islands,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
}

#[derive(Default)]
struct Queue {
    chunks: VecDeque<Chunk>,
    islands: VecDeque<Box<Island>>,
    closed: bool,
}

struct Chunk {
    epoch: u64,
    batch: Arc<Batch>,
    rows: Range<usize>,
}

struct Done {
    epoch: u64,
    batch: Arc<Batch>,
    rows: Range<usize>,
    outcomes: Outcomes,
    seconds: f64,
}

/// How many evaluations this machine can do at once: its cores, as far as they are this process's.
pub fn cores() -> NonZero<usize> {
    std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// Time since it was made.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Instant);

impl Clock {
    /// Starts now.
    pub fn start() -> Clock {
        Clock(Instant::now())
    }

    /// How long ago that was.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

impl Threads {
    /// An evaluator of `problem` with `slots` threads, in a run with seed `seed`.
    pub fn new(problem: Arc<dyn Problem>, seed: u64, slots: NonZero<usize>) -> Threads {
        let signature = Arc::new(problem.signature());
        let (sender, chunks) = channel();
        Threads {
            shape: OutcomeShape::of(&signature),
            problem,
            signature,
            seed,
            slots: slots.get(),
            shared: Arc::new(Shared { queue: Mutex::default(), wake: Condvar::new() }),
            chunks,
            sender,
            started: false,
            inline: Batch::default(),
            inline_outcomes: Outcomes::default(),
            out: 0,
            epoch: 0,
            seconds: None,
            islands: islands::Islands::default(),
        }
    }

    fn start_threads(&mut self) -> Result<(), EvaluatorError> {
        if self.started {
            return Ok(());
        }
        for slot in 0..self.slots {
            let worker = Worker {
                problem: Arc::clone(&self.problem),
                signature: Arc::clone(&self.signature),
                shape: self.shape,
                seed: self.seed,
                shared: Arc::clone(&self.shared),
                done: self.sender.clone(),
                ran: self.islands.sender.clone(),
            };
            std::thread::Builder::new().name(format!("evaluate-{slot}")).spawn(move || worker.run()).map_err(
                |error| EvaluatorError {
                    message: format!("thread {slot} of {} cannot be started", self.slots),
                    hint: Some("use fewer slots: `--slots N`".into()),
                    source: Some(error.into()),
                },
            )?;
        }
        self.started = true;
        Ok(())
    }

    /// Rows a chunk takes: one while the cost is unknown, and never so many that a slot stays empty.
    fn chunk_rows(&self, rows: usize) -> usize {
        let by_cost = self.seconds.map_or(1, |seconds| (CHUNK.as_secs_f64() / seconds.max(1e-9)) as usize);
        by_cost.min(rows.div_ceil(2 * self.slots)).max(1)
    }

    fn measured(&mut self, rows: usize, seconds: f64) {
        let each = seconds / rows as f64;
        self.seconds = Some(self.seconds.map_or(each, |old| 0.8 * old + 0.2 * each));
    }
}

impl Evaluator for Threads {
    fn slots(&self) -> usize {
        self.slots
    }

    fn submit(&mut self, batch: &mut Batch) -> Result<(), EvaluatorError> {
        let rows = batch.candidates.len();
        let cheap = self.seconds.is_some_and(|seconds| seconds * (rows as f64) < AT_ONCE.as_secs_f64());
        if cheap && self.inline.candidates.is_empty() {
            std::mem::swap(&mut self.inline, batch);
            return Ok(());
        }
        self.start_threads()?;
        let batch = Arc::new(std::mem::take(batch));
        let chunk_rows = self.chunk_rows(rows);
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let mut start = 0;
        while start < rows {
            let end = whole_groups(&batch, (start + chunk_rows).min(rows));
            queue.chunks.push_back(Chunk { epoch: self.epoch, batch: Arc::clone(&batch), rows: start..end });
            start = end;
        }
        drop(queue);
        self.out += rows;
        self.shared.wake.notify_all();
        Ok(())
    }

    fn receive(&mut self, results: &mut Results, wait: Duration) -> Result<(), EvaluatorError> {
        results.clear(self.shape);
        if !self.inline.candidates.is_empty() {
            let rows = self.inline.candidates.len();
            self.inline_outcomes.reset(self.shape, rows);
            let start = Instant::now();
            evaluate(&*self.problem, &self.signature, self.seed, &self.inline, 0..rows, &mut self.inline_outcomes);
            let seconds = start.elapsed().as_secs_f64();
            self.measured(rows, seconds);
            std::mem::swap(&mut results.candidates, &mut self.inline.candidates);
            std::mem::swap(&mut results.outcomes, &mut self.inline_outcomes);
            results.seconds.resize(rows, (seconds / rows as f64) as f32);
            self.inline.candidates.clear();
            return Ok(());
        }
        let deadline = Instant::now() + wait;
        let mut first = true;
        while self.out > 0 {
            let left = if first { deadline.saturating_duration_since(Instant::now()) } else { Duration::ZERO };
            let done = match self.chunks.recv_timeout(left) {
                Ok(done) => done,
                // The sender kept here rules a disconnection out.
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            };
            if done.epoch != self.epoch {
                continue;
            }
            first = false;
            let rows = done.rows.len();
            self.out -= rows;
            self.measured(rows, done.seconds);
            for (row, source) in done.rows.enumerate() {
                let seconds = (done.seconds / rows as f64) as f32;
                results.push(done.batch.candidates[source], &done.outcomes, row, seconds);
            }
        }
        Ok(())
    }

    fn cancel(&mut self) {
        self.epoch += 1;
        self.out = 0;
        self.inline.candidates.clear();
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.chunks.clear();
        queue.islands.clear();
    }

    fn islands(&mut self) -> Option<&mut dyn IslandRunner> {
        Some(self)
    }
}

impl Drop for Threads {
    /// Threads end after the evaluation they are in; nobody waits for them.
    fn drop(&mut self) {
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.chunks.clear();
        queue.islands.clear();
        queue.closed = true;
        drop(queue);
        self.shared.wake.notify_all();
    }
}

struct Worker {
    problem: Arc<dyn Problem>,
    signature: Arc<Signature>,
    shape: OutcomeShape,
    seed: u64,
    shared: Arc<Shared>,
    done: Sender<Done>,
    ran: Sender<islands::Outcome>,
}

/// What a thread does next.
enum Job {
    Chunk(Chunk),
    Island(Box<Island>),
}

impl Worker {
    fn run(self) {
        let mut buffers = <(Batch, Results)>::default();
        while let Some(job) = self.next() {
            let chunk = match job {
                Job::Chunk(chunk) => chunk,
                Job::Island(island) => {
                    let ran = islands::run(island, &*self.problem, &self.signature, self.seed, &mut buffers);
                    if self.ran.send(ran).is_err() {
                        return;
                    }
                    continue;
                }
            };
            // A chunk's outcomes have rows of their own, so its genomes are gathered beside them.
            let mut part = Batch::default();
            part.clear(chunk.batch.genomes.shape);
            part.candidates.extend_from_slice(&chunk.batch.candidates[chunk.rows.clone()]);
            part.genomes.extend(&chunk.batch.genomes, chunk.rows.clone());
            if !chunk.batch.groups.is_empty() {
                part.groups.extend_from_slice(&chunk.batch.groups[chunk.rows.clone()]);
            }
            let rows = part.candidates.len();
            let mut outcomes = Outcomes::new(self.shape, rows);
            let start = Instant::now();
            evaluate(&*self.problem, &self.signature, self.seed, &part, 0..rows, &mut outcomes);
            let seconds = start.elapsed().as_secs_f64();
            let done = Done { epoch: chunk.epoch, batch: chunk.batch, rows: chunk.rows, outcomes, seconds };
            if self.done.send(done).is_err() {
                return;
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if queue.closed {
                return None;
            }
            if let Some(chunk) = queue.chunks.pop_front() {
                return Some(Job::Chunk(chunk));
            }
            if let Some(island) = queue.islands.pop_front() {
                return Some(Job::Island(island));
            }
            queue = self.shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The least end of a group at or after row `end`.
fn whole_groups(batch: &Batch, mut end: usize) -> usize {
    while end > 0 && end < batch.groups.len() && batch.groups[end] == batch.groups[end - 1] {
        end += 1;
    }
    end
}

/// Evaluates the rows `rows` of `batch` into the same rows of `outcomes`, group by group where there are groups.
///
/// Panics and NaN become failures.
pub fn evaluate(
    problem: &dyn Problem,
    signature: &Signature,
    seed: u64,
    batch: &Batch,
    rows: Range<usize>,
    outcomes: &mut Outcomes,
) {
    let mut start = rows.start;
    while start < rows.end {
        let end = if batch.groups.is_empty() { rows.end } else { whole_groups(batch, start + 1) };
        let group = BatchView {
            space: &signature.space,
            genomes: &batch.genomes,
            candidates: &batch.candidates,
            rows: start..end,
            seed,
        };
        evaluate_group(problem, &group, outcomes, &panic_words);
        start = end;
    }
    outcomes.refuse_nan(signature);
}

/// Has `problem` evaluate the rows of `group` by one call, into the same rows of `outcomes`, which are zero.
///
/// If that panics each is evaluated again by itself, so that only who panics alone fails, with the `words` of its panic.
pub fn evaluate_group(
    problem: &dyn Problem,
    group: &BatchView<'_>,
    outcomes: &mut Outcomes,
    words: &dyn Fn(&(dyn Any + Send)) -> String,
) {
    let call = |rows, outcomes: &mut Outcomes| {
        let batch = BatchView { rows, ..group.clone() };
        catch_unwind(AssertUnwindSafe(|| problem.evaluate_batch(batch, outcomes)))
    };
    if call(group.rows.clone(), outcomes).is_ok() {
        return;
    }
    for row in group.rows.clone() {
        outcomes.clear_row(row);
        if let Err(panic) = call(row..row + 1, outcomes) {
            outcomes.fail(row, Failure::exception(words(&*panic)));
        }
    }
}

/// Calls `work` for each of `items`, with its place, on as many threads as there are CPUs, or as
/// [`limit_threads`] allows, where that takes long enough to be worth handing over.
///
/// Each thread has a `room` of its own to work in. Who does what is chance, so that `work` must be a function of an item
/// and its place alone.
pub fn for_each<T: Send, R>(items: Vec<T>, room: impl Fn() -> R + Sync, work: impl Fn(&mut R, usize, T) + Sync) {
    let threads = THREADS.load(Ordering::Relaxed);
    let threads =
        if threads == 1 { 1 } else { std::thread::available_parallelism().map_or(1, NonZero::get).min(threads) };
    let start = Instant::now();
    let mut here = room();
    let mut items = items.into_iter().enumerate();
    while threads == 1 || start.elapsed() < AT_ONCE {
        let Some((place, item)) = items.next() else { return };
        work(&mut here, place, item);
    }
    let helpers = (threads - 1).min(items.len().saturating_sub(1));
    let items = Mutex::new(items);
    let run = |room: &mut R| {
        loop {
            let next = items.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((place, item)) = next else { return };
            work(room, place, item);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..helpers {
            scope.spawn(|| run(&mut room()));
        }
        run(&mut here);
    });
}

/// How many threads [`for_each`] may take at most.
static THREADS: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Has breeding and local search keep to `threads` threads, in the whole process. It decides nothing but how long they
/// take.
pub fn limit_threads(threads: NonZero<usize>) {
    THREADS.store(threads.get(), Ordering::Relaxed);
}

/// What a panic said.
pub fn panic_words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.map_or_else(|| "panicked".into(), |text| format!("panicked: {text}"))
}
