//! One slot: a thread that owns one child at a time and has it evaluate.

use std::{
    io::{PipeReader, Read},
    sync::Arc,
    time::{Duration, Instant},
};

use genetic_pool_evolve::{
    evaluator::Results,
    problem::{Failure, FailureKind},
};

use super::{
    super::{
        child::{Child, Ended, Happened, Start},
        frames::{Found, Manner},
        output::Capture,
    },
    CandidateLog, Shared, Talk,
    language::{Asked, Heard, Language, Said},
    queue::Portion,
    start::NotReady,
    verdict::{End, Verdict, judge},
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
    found: Results,
    pub(super) done: Vec<bool>,
    silent: u32,
    /// Since when its child is at what it is doing.
    pub(super) clock: Instant,
}

impl Slot {
    pub(super) fn new(shared: Arc<Shared>, wake: PipeReader) -> Slot {
        let mut found = Results::default();
        found.clear(shared.shape);
        let heard = Heard::default();
        Slot { shared, wake, child: None, heard, found, done: Vec::new(), silent: SILENT, clock: Instant::now() }
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
        self.clock = began;
        let (end, started) = match self.listen(&mut child, language, &portion) {
            Listened::Done => {
                self.shared.queue.learn(portion.rows.len(), began.elapsed().as_secs_f64());
                self.child = Some(child);
                return;
            }
            Listened::Cancelled => return,
            Listened::Ended(end, started) => (end, started),
        };
        child.collect_output();
        self.bury(&portion, &end, fresh, started, &mut child.output);
    }

    /// Listens to `child` until all of `portion` is found, or something comes between.
    fn listen(&mut self, child: &mut Child, language: &dyn Language, portion: &Portion) -> Listened {
        let mut left = portion.rows.len();
        let mut started = None;
        // Without word of each start the time is that of all of them.
        let one_clock = if portion.acknowledge { 1 } else { portion.rows.len() as u32 };
        let limit = self.shared.timeout.map(|timeout| (timeout, timeout.saturating_mul(one_clock)));
        loop {
            let asked = Asked::Rows(&portion.work, &portion.rows);
            match language.hear(child.received(), asked, &mut self.heard) {
                Ok(Some((length, Said::Found(found)))) => {
                    child.consume(length);
                    if found.rows == 0 || self.done[found.first..][..found.rows].contains(&true) {
                        return Listened::Ended(End::Garbled("twice".to_owned()), started);
                    }
                    self.done[found.first..][..found.rows].fill(true);
                    left -= found.rows;
                    started = None;
                    if self.heard.seconds.is_empty() {
                        let seconds = self.clock.elapsed().as_secs_f32() / found.rows as f32;
                        self.heard.seconds.resize(found.rows, seconds);
                    }
                    self.clock = Instant::now();
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
                    self.clock = Instant::now();
                    continue;
                }
                Ok(Some((_, Said::Ready | Said::Refused(_)))) => {
                    return Listened::Ended(End::Garbled("out of turn".to_owned()), started);
                }
                Err(words) => return Listened::Ended(End::Garbled(words), started),
                Ok(None) => {}
            }
            let end = match self.wait(child, limit.map(|(one, all)| (one, self.clock + all))) {
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
        let memory = self.shared.memory;
        loop {
            let deadline = limit.map(|(_, deadline)| deadline);
            let tick = memory.map(|_| Instant::now() + MEMORY);
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
                Happened::Late => {
                    if let Some(most) = memory
                        && self.shared.census.memory_of_tree(child.root(), MEMORY) > most
                    {
                        End::Memory(most)
                    } else if let Some((limit, deadline)) = limit
                        && Instant::now() >= deadline
                    {
                        End::Late(limit)
                    } else {
                        continue;
                    }
                }
            };
            return Ok(Some(Waited::Ended(end)));
        }
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
                let again = portion.single(first + row, false);
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

    /// After the end of the child that evaluated `portion`: what was not found is tried again, or has failed.
    pub(super) fn bury(
        &mut self,
        portion: &Portion,
        end: &End,
        fresh: bool,
        started: Option<usize>,
        output: &mut Capture,
    ) {
        let said = users_lines(&output.last_lines(40));
        let undone = (0..self.done.len()).filter(|row| !self.done[*row]);
        let undone: Vec<usize> = undone.map(|row| portion.rows.start + row).collect();
        let first = undone.first().map_or(0, |row| row - portion.rows.start);
        self.log(portion, started.unwrap_or(first), output);
        for row in &undone {
            self.shared.scratch.remove(portion.work.candidates[*row]);
        }
        let whole_group = portion.group && undone.len() == portion.rows.len();
        if undone.len() > 1 && !whole_group {
            // It is known which one it was, or it is found by running each alone.
            let culprit = started.map(|row| portion.rows.start + row);
            let again = undone.iter().map(|row| {
                let again = portion.single(*row, culprit == Some(*row));
                Portion { losses: again.losses + u32::from(culprit == Some(*row) && is_loss(end)), ..again }
            });
            return self.shared.queue.again(again.collect::<Vec<_>>());
        }
        // The last of several may have been harmed by those before it.
        let fresh = fresh && (whole_group || portion.rows.len() == 1);
        let rows = if whole_group { portion.rows.clone() } else { undone[0]..undone[0] + 1 };
        let again = Portion { rows, fresh: true, acknowledge: false, ..portion.clone() };
        match judge(end, fresh, portion.losses, &said) {
            Verdict::Lost => self.shared.queue.again([Portion { losses: portion.losses + 1, ..again }]),
            Verdict::Suspect => self.shared.queue.again([again]),
            Verdict::Failed(_) if undone.len() > 1 => {
                // One of the group spoils it: each alone, so that only that one fails.
                self.shared.queue.again(undone.iter().map(|row| portion.single(*row, false)).collect::<Vec<_>>());
            }
            Verdict::Failed(failure) => self.fail(portion, undone[0], failure),
        }
    }

    /// Row `row` of the work of `portion` has failed.
    fn fail(&mut self, portion: &Portion, row: usize, failure: Failure) {
        if portion.failures < self.shared.retries && failure.kind != FailureKind::Killed {
            let again = portion.single(row, true);
            return self.shared.queue.again([Portion { failures: portion.failures + 1, ..again }]);
        }
        let candidate = portion.work.candidates[row];
        self.shared.scratch.done(candidate, Some(failure.kind));
        self.heard.outcomes.reset(self.shared.shape, 1);
        self.heard.outcomes.fail(0, failure);
        self.found.push(candidate, &self.heard.outcomes, 0, self.clock.elapsed().as_secs_f32());
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

fn is_loss(end: &End) -> bool {
    matches!(end, End::Ended(Ended::Signaled(9) | Ended::GuardKilled))
}

/// `text` without the lines in which the interpreter names the code that calls the user's.
fn users_lines(text: &str) -> String {
    let ours = |line: &str| line.contains("File \"<genetic-pool>\"") || line.contains("File \"<string>\"");
    text.lines().filter(|line| !ours(line)).collect::<Vec<_>>().join("\n")
}
