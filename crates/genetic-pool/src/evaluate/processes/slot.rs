//! One slot: a thread that owns one child at a time and has it evaluate.

use std::{
    io::{PipeReader, Read},
    sync::Arc,
    time::{Duration, Instant},
};

use genetic_pool_evolve::evaluator::Results;

use super::{
    super::{
        child::{Child, Happened, Start},
        frames::{Found, Manner},
        output::Capture,
    },
    CandidateLog, Shared, Talk,
    language::{Asked, Heard, Language, Said},
    queue::Portion,
    start::NotReady,
    verdict::End,
};

/// How long a child may take to end by itself once there is no more work.
const GRACE: Duration = Duration::from_millis(500);

/// How often memory is looked at where it is limited.
const MEMORY: Duration = Duration::from_millis(25);

/// For how many silent candidates after one that printed something the next are sent alone, so that output is known
/// as one candidate's.
const SILENT: u32 = 100;

/// One slot.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) shared: Arc<Shared>,
    pub(super) wake: PipeReader,
    child: Option<Child>,
    pub(super) heard: Heard,
    pub(super) found: Results,
    pub(super) done: Vec<bool>,
    silent: u32,
}

impl Slot {
    pub(super) fn new(shared: Arc<Shared>, wake: PipeReader) -> Slot {
        let mut found = Results::default();
        found.clear(shared.shape);
        Slot { shared, wake, child: None, heard: Heard::default(), found, done: Vec::new(), silent: SILENT }
    }

    /// Evaluates until there is no more work.
    pub(super) fn run(mut self) {
        while let Some(portion) = self.shared.queue.take(self.silent < SILENT) {
            let shared = Arc::clone(&self.shared);
            match &shared.talk {
                Talk::Alive { start, language } => self.converse(start, language.as_ref(), portion),
                Talk::Once(once) => self.run_once(once, portion),
            }
        }
        if let Some(child) = self.child.take() {
            child.end(GRACE);
        }
    }

    /// Has a child that is kept alive evaluate `portion`.
    fn converse(&mut self, start: &Start, language: &dyn Language, portion: Portion) {
        if portion.fresh && self.child.as_ref().is_some_and(|child| child.evaluations > 0) {
            self.child = None;
        }
        let mut child = match self.child.take() {
            Some(child) => child,
            None => match self.start(start, language) {
                Ok(child) => child,
                Err(NotReady::Cancelled) => return,
                Err(NotReady::Failed { hopeless, message, hint }) => {
                    return self.shared.queue.not_started(portion, hopeless, message, hint);
                }
            },
        };
        // It may have been cancelled while the child got ready, which is ready for others then.
        if self.shared.queue.cancelled(&portion) {
            self.child = Some(child);
            return;
        }
        for row in portion.rows.clone() {
            self.shared.scratch.before(portion.work.candidates[row]);
        }
        let fresh = child.evaluations == 0;
        child.evaluations += portion.rows.len() as u64;
        let manner = Manner { acknowledge: portion.acknowledge, group: portion.group, seeds: false };
        if let Err(error) = language.ask(child.outgoing(), manner, &portion.work, portion.rows.clone()) {
            let message = format!("the scratch folders of candidates cannot be made: {error}");
            return self.shared.queue.not_started(portion, true, message, None);
        }
        self.done.clear();
        self.done.resize(portion.rows.len(), false);
        let began = Instant::now();
        let (end, started) = match self.listen(&mut child, language, &portion) {
            Listened::Done => {
                self.shared.queue.learn(portion.rows.len(), began.elapsed().as_secs_f64());
                self.child = Some(child);
                return;
            }
            Listened::Cancelled => {
                drop(child);
                for row in portion.rows.clone() {
                    self.shared.scratch.remove(portion.work.candidates[row]);
                }
                return;
            }
            Listened::Ended(end, started) => (end, started),
        };
        child.collect_output();
        self.bury(&portion, &end, fresh, started, began, &mut child.output);
    }

    /// Listens to `child` until all of `portion` is found, or something comes between.
    fn listen(&mut self, child: &mut Child, language: &dyn Language, portion: &Portion) -> Listened {
        let mut left = portion.rows.len();
        let mut started = None;
        // A group comes back at once. Of others a part comes back long before any time-out; if none does, each is run
        // alone, which decides.
        let one_clock = if portion.group { portion.rows.len() as u32 } else { 1 };
        let limit = self.shared.timeout.map(|timeout| (timeout, timeout.saturating_mul(one_clock)));
        let mut clock = Instant::now();
        loop {
            let asked = Asked::Rows(&portion.work, &portion.rows);
            match language.hear(child.received(), asked, &mut self.heard) {
                Ok(Some((length, Said::Found(found)))) => {
                    child.consume(length);
                    if found.rows == 0 || self.done[found.first..][..found.rows].contains(&true) {
                        return Listened::Ended(End::Garbled("twice".to_owned()), started);
                    }
                    self.done[found.first..][..found.rows].fill(true);
                    let seconds = clock.elapsed().as_secs_f32() / found.rows as f32;
                    for said in self.heard.seconds.iter_mut().filter(|said| !(said.is_finite() && **said > 0.0)) {
                        *said = seconds;
                    }
                    left -= found.rows;
                    started = None;
                    clock = Instant::now();
                    child.collect_output();
                    self.log(portion, found.first, &mut child.output);
                    self.deliver(portion, found);
                    if left == 0 {
                        return Listened::Done;
                    }
                    continue;
                }
                Ok(Some((length, Said::Started(row)))) => {
                    child.consume(length);
                    started = self.done.get(row).is_some_and(|done| !done).then_some(row);
                    clock = Instant::now();
                    continue;
                }
                Ok(Some((_, Said::Ready | Said::Refused(_)))) => {
                    return Listened::Ended(End::Garbled("out of turn".to_owned()), started);
                }
                Err(words) => return Listened::Ended(End::Garbled(words), started),
                Ok(None) => {}
            }
            let end = match self.wait(child, limit.map(|(one, all)| (one, clock + all))) {
                Ok(Some(Waited::Woken)) if self.shared.queue.cancelled(portion) => return Listened::Cancelled,
                Ok(None | Some(Waited::Woken)) => continue,
                Ok(Some(Waited::Ended(end))) => end,
                Err(error) => End::Garbled(format!("through a pipe that broke: {error}")),
            };
            return Listened::Ended(end, started);
        }
    }

    /// Waits until something was received or `limit`, with its deadline, or the memory limit is reached.
    pub(super) fn wait(
        &mut self,
        child: &mut Child,
        limit: Option<(Duration, Instant)>,
    ) -> std::io::Result<Option<Waited>> {
        loop {
            let deadline = limit.map(|(_, deadline)| deadline);
            let tick = self.shared.memory.map(|_| Instant::now() + MEMORY);
            let happened = child.wait(&self.wake, deadline.into_iter().chain(tick).min())?;
            let end = match happened {
                Happened::Received => return Ok(None),
                Happened::Woken => {
                    // Whoever wrote it has changed what there is to do, which the caller looks at.
                    let _ = self.wake.read(&mut [0; 64])?;
                    return Ok(Some(Waited::Woken));
                }
                Happened::Ended(ended) => End::Ended(ended),
                Happened::Closed => End::Closed,
                Happened::Late => match self.exceeded(child, limit) {
                    Some(end) => end,
                    None => continue,
                },
            };
            return Ok(Some(Waited::Ended(end)));
        }
    }

    /// Whether `child` holds too much memory, or the deadline of `limit` is over.
    pub(super) fn exceeded(&self, child: &Child, limit: Option<(Duration, Instant)>) -> Option<End> {
        if let Some(most) = self.shared.memory
            && self.shared.census.memory_of_tree(child.root(), MEMORY) > most
        {
            return Some(End::Memory(most));
        }
        limit.filter(|(_, deadline)| Instant::now() >= *deadline).map(|(limit, _)| End::Late(limit))
    }

    /// Hands over outcomes that were heard; those that failed and may be tried again are.
    pub(super) fn deliver(&mut self, portion: &Portion, found: Found) {
        let Heard { outcomes, seconds } = &mut self.heard;
        outcomes.refuse_nan(&self.shared.signature);
        let first = portion.rows.start + found.first;
        if outcomes.failures.is_empty() {
            self.found.candidates.extend_from_slice(&portion.work.candidates[first..first + found.rows]);
            self.found.outcomes.objectives.extend_from_slice(&outcomes.objectives);
            self.found.outcomes.constraints.extend_from_slice(&outcomes.constraints);
            self.found.outcomes.measures.extend_from_slice(&outcomes.measures);
            self.found.outcomes.rows += found.rows;
            self.found.seconds.extend_from_slice(seconds);
            if found.scratch {
                for row in 0..found.rows {
                    self.shared.scratch.done(portion.candidate(found.first + row), None);
                }
            }
            return self.shared.queue.deliver(portion, &mut self.found);
        }
        for (row, seconds) in seconds.iter().enumerate() {
            let candidate = portion.candidate(found.first + row);
            let failure = outcomes.failure(row);
            if failure.is_some() && portion.failures < self.shared.retries {
                self.shared.scratch.remove(candidate);
                let again = portion.single(first + row);
                self.shared.queue.again([Portion { failures: portion.failures + 1, ..again }]);
                continue;
            }
            if found.scratch {
                self.shared.scratch.done(candidate, failure.map(|failure| failure.kind));
            }
            self.found.push(candidate, outcomes, row, *seconds);
        }
        self.shared.queue.deliver(portion, &mut self.found);
    }

    /// Hands out what was printed, if anything was.
    pub(super) fn log(&mut self, portion: &Portion, row: usize, output: &mut Capture) {
        if output.is_empty() {
            self.silent = self.silent.saturating_add(1);
            return;
        }
        self.silent = 0;
        let (text, truncated) = output.take();
        if let Some(sink) = &self.shared.on_output {
            let candidate = portion.candidate(row);
            sink(CandidateLog { candidate, together: portion.rows.len(), output: text, truncated });
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // What it was evaluating would be waited for without end.
        if std::thread::panicking() {
            self.shared.queue.break_off("a slot of the evaluator panicked, which is a bug".to_owned());
        }
    }
}

/// What came of listening to a child.
enum Listened {
    /// All is found.
    Done,
    /// Nobody waits for it any more.
    Cancelled,
    /// The child is no more, or must be; the row it had begun with, where it is known.
    Ended(End, Option<usize>),
}

/// What came instead of something received.
pub(super) enum Waited {
    /// Somebody woke the slot.
    Woken,
    /// The child is no more, or must be.
    Ended(End),
}
