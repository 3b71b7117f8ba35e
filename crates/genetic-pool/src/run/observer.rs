//! What follows a run: the clock, Ctrl-C, the store, and the views.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};

use genetic_pool_evolve::{
    algorithms::Committed,
    drive::{Observer, ObserverError},
    problem::{CandidateId, Signature},
    progress::Progress,
    search::Search,
};

use super::{
    history::{Figures, is_recorded},
    keep::KeptBest,
    pace::Pace,
    recorder::Tally,
    state::{State, snapshot},
};
use crate::{
    evaluate::CandidateLog,
    event::{self, RunEvent},
    numbers,
    store::{self, HistoryRow, LogRecord, RunWriter},
};

/// Views are told at most this often.
const TELL: Duration = Duration::from_millis(100);
/// Snapshots are taken at most this often, and seldom enough to cost under 1 % of the time.
const SNAPSHOT: Duration = Duration::from_secs(2);
/// Where no snapshot is taken for long it is recorded this often how long the run has taken.
const STANDING: Duration = Duration::from_secs(10);

/// The observer of a run in this process.
pub(super) struct RunObserver<'a> {
    pub(super) clock: Clock,
    pub(super) interrupted: &'a dyn Fn() -> bool,
    pub(super) writer: Rc<RefCell<RunWriter>>,
    pub(super) views: &'a mut dyn FnMut(&RunEvent) -> Result<(), ObserverError>,
    pub(super) tally: Rc<RefCell<Tally>>,
    pub(super) pace: Pace,
    pub(super) told: Told,
    pub(super) snapshots: Snapshots,
    /// Room to find the median in.
    pub(super) keys: Vec<u64>,
    pub(super) state: State,
    pub(super) kept: KeptBest,
    pub(super) signature: Signature,
    /// What evaluations print.
    pub(super) output: Receiver<CandidateLog>,
    /// What the evaluator has to say to people.
    pub(super) notes: Receiver<String>,
    /// How often a candidate has printed.
    pub(super) attempts: HashMap<CandidateId, u32>,
}

/// Time since the run began, pauses not counted.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    /// What earlier sessions took.
    pub(super) before: Duration,
    /// When this one began.
    pub(super) start: Instant,
}

/// When views were told last.
#[derive(Default)]
pub(super) struct Told {
    /// Where the run stands.
    standing: Option<Instant>,
    /// Of a generation, which tells where the run stands, too.
    generation: Option<Instant>,
}

/// When the next records are due.
pub(super) struct Snapshots {
    due: Instant,
    standing_due: Instant,
}

impl Default for Snapshots {
    fn default() -> Snapshots {
        let now = Instant::now();
        Snapshots { due: now + SNAPSHOT, standing_due: now + STANDING }
    }
}

impl Clock {
    pub(super) fn elapsed(&self) -> Duration {
        self.before + self.start.elapsed()
    }
}

impl Told {
    fn standing_due(&mut self) -> bool {
        let due = self.standing.is_none_or(|told| told.elapsed() >= TELL);
        if due {
            self.standing = Some(Instant::now());
        }
        due
    }

    /// Where the run stands is told all the time: that is no reason not to tell of a generation that has taken long.
    fn generation_due(&mut self) -> bool {
        let due = self.generation.is_none_or(|told| told.elapsed() >= TELL);
        if due {
            self.generation = Some(Instant::now());
            self.standing = self.generation;
        }
        due
    }
}

impl RunObserver<'_> {
    /// Records what evaluations have printed.
    fn record_output(&mut self) -> Result<(), ObserverError> {
        while let Ok(log) = self.output.try_recv() {
            let attempt = self.attempts.entry(log.candidate).or_default();
            let record =
                LogRecord { candidate: log.candidate, attempt: *attempt, text: log.output, truncated: log.truncated };
            *attempt += 1;
            self.writer.borrow_mut().log(record)?;
        }
        Ok(())
    }

    /// Records and tells what has come in since it was last done.
    pub(super) fn tell_rest(&mut self) -> Result<(), ObserverError> {
        self.state.kept = self.kept.best();
        self.record_output()?;
        self.tell_incidents()
    }

    /// Tells what else there is to tell: notes, and failures.
    fn tell_incidents(&mut self) -> Result<(), ObserverError> {
        while let Ok(message) = self.notes.try_recv() {
            (self.views)(&RunEvent::Note(event::Note { message }))?;
        }
        let failures = std::mem::take(&mut self.tally.borrow_mut().failures);
        for (candidate, failure) in failures {
            let event = event::CandidateFailure { candidate, kind: failure.kind, message: failure.message };
            (self.views)(&RunEvent::Failure(event))?;
        }
        Ok(())
    }

    /// Records where the run stands, for who looks at its file.
    fn record_standing(&mut self, progress: &Progress) -> Result<(), ObserverError> {
        self.snapshots.standing_due = Instant::now() + STANDING;
        let mut writer = self.writer.borrow_mut();
        writer.progress(standing(progress, self.clock.elapsed().as_secs_f64()))?;
        Ok(record_best(&mut writer, progress)?)
    }

    /// Tells the views where it stands, if that is due.
    fn tell_progress(&mut self, progress: &Progress) -> Result<(), ObserverError> {
        self.tell_incidents()?;
        if !self.told.standing_due() {
            return Ok(());
        }
        let elapsed = self.clock.elapsed();
        let front = front(progress, &self.signature, true);
        let event = {
            let tally = self.tally.borrow();
            self.pace.update(&tally);
            RunEvent::Progress(event::Progress {
                evaluations: progress.evaluations,
                received: tally.received,
                running: tally.running.min(tally.slots),
                slots: tally.slots,
                seconds: elapsed.as_secs_f64(),
                evaluations_per_second: self.pace.rate,
                busy: self.pace.busy,
                eta_seconds: self.pace.remaining(tally.received.max(progress.evaluations), elapsed),
                best: best(progress),
                front,
            })
        };
        (self.views)(&event)
    }

    fn history(&mut self, committed: &Committed<'_>, progress: &Progress) -> HistoryRow {
        let figures = Figures::of(committed.population, &mut self.keys);
        let island = island(committed);
        // On an island it is the best that was born there.
        let best = match progress.islands.get(usize::from(island)) {
            None => best(progress),
            Some(island) => island.best.as_ref().map(|best| event::Best {
                objectives: best.objectives.clone(),
                violation: f64::from_bits(best.rank.violation),
            }),
        };
        HistoryRow {
            island,
            generation: committed.generation,
            evaluations: progress.evaluations,
            best: best.as_ref().map_or(f64::NAN, |best| best.objectives[0]),
            violation: best.as_ref().map_or(f64::NAN, |best| best.violation),
            mean: figures.mean,
            median: figures.median,
            worst: figures.worst,
            spread: figures.spread,
            failures: progress.failures,
            seconds: self.clock.elapsed().as_secs_f64(),
        }
    }
}

impl Observer for RunObserver<'_> {
    fn elapsed(&mut self) -> Duration {
        self.clock.elapsed()
    }

    fn interrupted(&mut self) -> bool {
        (self.interrupted)()
    }

    fn committed(&mut self, committed: Committed<'_>, progress: &Progress) -> Result<(), ObserverError> {
        self.state.count(committed.candidates);
        self.kept.committed(committed.candidates);
        if !committed.generation_ends {
            return Ok(());
        }
        let due = self.told.generation_due();
        let recorded = is_recorded(committed.generation);
        if !due && !recorded {
            return Ok(());
        }
        let row = self.history(&committed, progress);
        if recorded {
            self.writer.borrow_mut().history(row)?;
        }
        if due {
            self.tell_incidents()?;
            let tally = self.tally.borrow();
            self.pace.update(&tally);
            let done = tally.received.max(progress.evaluations);
            drop(tally);
            let event = RunEvent::Generation(event::Generation {
                island: island(&committed),
                generation: committed.generation,
                evaluations: progress.evaluations,
                best: best(progress),
                front: front(progress, &self.signature, true),
                mean: Some(row.mean).filter(|mean| !mean.is_nan()),
                spread: Some(row.spread).filter(|spread| !spread.is_nan()),
                evaluations_per_second: self.pace.rate,
                busy: self.pace.busy,
                eta_seconds: self.pace.remaining(done, self.clock.elapsed()),
            });
            (self.views)(&event)?;
        }
        Ok(())
    }

    fn boundary(&mut self, search: &Search) -> Result<(), ObserverError> {
        self.record_output()?;
        let now = Instant::now();
        if now < self.snapshots.due {
            return self.tell_progress(search.progress());
        }
        self.state.elapsed = self.clock.elapsed();
        self.state.kept = self.kept.best();
        self.record_standing(search.progress())?;
        self.writer.borrow_mut().snapshot(snapshot(search, &self.state)?)?;
        self.snapshots.due = Instant::now() + SNAPSHOT.max(100 * now.elapsed());
        self.tell_progress(search.progress())
    }

    fn waiting(&mut self, search: &Search) -> Result<(), ObserverError> {
        // A disk that is full is noticed while evaluations run, not after hours of them.
        self.writer.borrow_mut().check()?;
        self.record_output()?;
        if Instant::now() >= self.snapshots.standing_due {
            // A run that is killed in a long generation knows afterwards how long it took.
            self.record_standing(search.progress())?;
        }
        self.tell_progress(search.progress())
    }
}

/// The island that a unit is of; 0 where there is one.
fn island(committed: &Committed<'_>) -> u16 {
    committed.candidates.candidates.first().map_or(0, |candidate| candidate.island())
}

/// Where the run stands, as the store keeps it.
pub(super) fn standing(progress: &Progress, seconds: f64) -> store::Progress {
    let best = best(progress);
    store::Progress {
        evaluations: progress.evaluations,
        generations: progress.generations,
        best: best.as_ref().map_or(f64::NAN, |best| best.objectives[0]),
        violation: best.as_ref().map_or(f64::NAN, |best| best.violation),
        failures: progress.failures,
        seconds,
    }
}

/// Records the best candidate, or the front with what its hypervolume is measured against.
pub(super) fn record_best(writer: &mut RunWriter, progress: &Progress) -> Result<(), store::StoreError> {
    if progress.best.is_empty() {
        return Ok(());
    }
    let reference = &progress.front.reference;
    if !reference.is_empty() {
        let data = reference.iter().map(|value| numbers::value(*value)).collect();
        writer.event(store::EventRecord { kind: store::REFERENCE.to_owned(), data })?;
    }
    writer.best(&progress.best)
}

/// The best candidate so far, in short; with several goals the best in the first.
pub(super) fn best(progress: &Progress) -> Option<event::Best> {
    let best = &progress.best;
    progress.best_row().map(|row| event::Best {
        objectives: best.outcomes.objectives(row).to_vec(),
        violation: f64::from_bits(best.ranks[row].violation),
    })
}

/// With several goals: the front so far, in short; `live`, while there are better things to do, without a hypervolume
/// that takes long.
pub(super) fn front(progress: &Progress, signature: &Signature, live: bool) -> Option<Box<event::Front>> {
    let goals = signature.goals.len();
    (goals > 1).then(|| {
        Box::new(event::Front {
            candidates: progress.best.ranks.iter().filter(|rank| rank.feasible()).count(),
            hypervolume: if live && goals > 3 { None } else { progress.hypervolume(signature) },
            reference: progress.front.reference.clone(),
        })
    })
}
