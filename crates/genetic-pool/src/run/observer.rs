//! What follows a run: the clock, Ctrl-C, the store, and the views.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};

use genetic_pool_evolve::{
    algorithms::{Committed, Population, Rank, order_key},
    drive::{Observer, ObserverError},
    problem::{CandidateId, FailureKind},
    search::{Progress, Search, SearchSnapshot},
    stop::{StopReason, StopRule, StopRules},
};
use serde::{Deserialize, Serialize};

use super::{keep::KeptBest, recorder::Tally};
use crate::{
    evaluate::CandidateLog,
    event::{self, RunEvent},
    store::{self, FailureTally, HistoryRow, LogRecord, RunWriter, SnapshotRecord},
};

/// Views are told at most this often.
const TELL: Duration = Duration::from_millis(100);
/// Snapshots are taken at most this often, and seldom enough to cost under 1 % of the time.
const SNAPSHOT: Duration = Duration::from_secs(2);
/// Rates are measured over about this long.
const RATE: f64 = 10.0;

/// The observer of a run in this process.
pub(super) struct RunObserver<'a> {
    pub(super) clock: Clock,
    pub(super) interrupted: &'a dyn Fn() -> bool,
    pub(super) writer: Rc<RefCell<RunWriter>>,
    pub(super) views: &'a mut dyn FnMut(&RunEvent) -> Result<(), ObserverError>,
    pub(super) tally: Rc<RefCell<Tally>>,
    pub(super) pace: Pace,
    pub(super) told: Option<Instant>,
    pub(super) snapshots: Snapshots,
    /// Room to find the median in.
    pub(super) keys: Vec<u64>,
    pub(super) state: State,
    pub(super) kept: KeptBest,
    /// What evaluations print.
    pub(super) output: Receiver<CandidateLog>,
    /// How often a candidate has printed.
    pub(super) attempts: HashMap<CandidateId, u32>,
}

/// What the run loop itself carries from session to session, beside the search.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// Time since the run began, pauses not counted.
    pub(super) elapsed: Duration,
    /// Committed failures by kind: how many, the first one, what it said.
    failures: Vec<(FailureKind, u64, CandidateId, String)>,
    /// The best candidates, whose scratch folders are kept.
    pub(super) kept: Vec<(Rank, CandidateId)>,
}

/// Time since the run began, pauses not counted.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    /// What earlier sessions took.
    pub(super) before: Duration,
    /// When this one began.
    pub(super) start: Instant,
}

/// When the next snapshot is due.
pub(super) struct Snapshots {
    due: Instant,
}

impl Default for Snapshots {
    fn default() -> Snapshots {
        Snapshots { due: Instant::now() + SNAPSHOT }
    }
}

impl State {
    /// Nothing but time has passed.
    pub(super) fn after(elapsed: Duration) -> State {
        State { elapsed, failures: Vec::new(), kept: Vec::new() }
    }

    /// Counts the failures among `candidates`.
    fn count(&mut self, candidates: &Population) {
        for (row, failure) in &candidates.outcomes.failures {
            match self.failures.iter_mut().find(|(kind, ..)| *kind == failure.kind) {
                Some((_, count, ..)) => *count += 1,
                None => {
                    let first = (failure.kind, 1, candidates.candidates[*row], failure.message.clone());
                    self.failures.push(first);
                }
            }
        }
    }

    /// Counts the failures for which a run stopped before they were committed.
    pub(super) fn count_stop(&mut self, stop: &StopReason) {
        let (count, candidate, failure) = match stop {
            StopReason::FirstFailed { candidates, failure } => (*candidates, 0, failure),
            StopReason::Failed { candidate, failure } => (1, *candidate, failure),
            StopReason::Rule(_) | StopReason::AllRules | StopReason::Interrupted | StopReason::Failures { .. } => return,
        };
        self.failures.push((failure.kind, count, CandidateId::new(0, candidate), failure.message.clone()));
    }

    /// The failures as the store keeps them.
    pub(super) fn tallies(&self) -> Vec<FailureTally> {
        let tally = |(kind, count, candidate, message): &(FailureKind, u64, CandidateId, String)| FailureTally {
            kind: *kind,
            count: *count,
            candidate: *candidate,
            message: message.clone(),
        };
        self.failures.iter().map(tally).collect()
    }
}

/// How fast it goes, and how long it will take.
pub(super) struct Pace {
    budget: Option<u64>,
    time: Option<Duration>,
    last: Instant,
    received: u64,
    busy_seconds: f64,
    rate: Option<f64>,
    busy: Option<f64>,
}

impl Clock {
    pub(super) fn elapsed(&self) -> Duration {
        self.before + self.start.elapsed()
    }
}

impl Pace {
    pub(super) fn new(rules: &StopRules, received: u64) -> Pace {
        let time = rules.any.iter().filter_map(|rule| if let StopRule::Time(most) = rule { Some(*most) } else { None });
        Pace {
            budget: rules.budget(),
            time: time.min(),
            last: Instant::now(),
            received,
            busy_seconds: 0.0,
            rate: None,
            busy: None,
        }
    }

    /// Takes the tally into account: rates lean towards the last [`RATE`] seconds.
    fn update(&mut self, tally: &Tally) {
        let seconds = self.last.elapsed().as_secs_f64();
        if seconds < 0.05 {
            return;
        }
        let blend = |old: Option<f64>, new: f64| {
            let weight = 1.0 - (-seconds / RATE).exp();
            Some(old.map_or(new, |old| old + weight * (new - old)))
        };
        let count = tally.received - self.received;
        // Nothing came back yet: the first rate is measured once something did.
        if count > 0 || self.rate.is_some() {
            self.rate = blend(self.rate, count as f64 / seconds);
            let busy = (tally.busy_seconds - self.busy_seconds) / (seconds * tally.slots.max(1) as f64);
            self.busy = blend(self.busy, busy.min(1.0));
            self.last = Instant::now();
            self.received = tally.received;
            self.busy_seconds = tally.busy_seconds;
        }
    }

    fn remaining(&self, evaluations: u64, elapsed: Duration) -> Option<f64> {
        let rate = self.rate.filter(|rate| *rate > 0.0);
        let by_budget = self.budget.zip(rate).map(|(budget, rate)| budget.saturating_sub(evaluations) as f64 / rate);
        let by_time = self.time.map(|most| most.saturating_sub(elapsed).as_secs_f64());
        match (by_budget, by_time) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }
}

impl RunObserver<'_> {
    fn due(&mut self) -> bool {
        let due = self.told.is_none_or(|told| told.elapsed() >= TELL);
        if due {
            self.told = Some(Instant::now());
        }
        due
    }

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
        self.tell_failures()
    }

    fn tell_failures(&mut self) -> Result<(), ObserverError> {
        let failures = std::mem::take(&mut self.tally.borrow_mut().failures);
        for (candidate, failure) in failures {
            let event = event::CandidateFailure { candidate, kind: failure.kind, message: failure.message };
            (self.views)(&RunEvent::Failure(event))?;
        }
        Ok(())
    }

    /// Records where the run stands, for who looks at its file.
    fn record_standing(&self, progress: &Progress) -> Result<(), ObserverError> {
        let mut writer = self.writer.borrow_mut();
        writer.progress(standing(progress, self.clock.elapsed().as_secs_f64()))?;
        if !progress.best.is_empty() {
            writer.best(&progress.best, 0)?;
        }
        Ok(())
    }

    /// Tells the views where it stands, if that is due.
    fn tell_progress(&mut self, progress: &Progress) -> Result<(), ObserverError> {
        self.tell_failures()?;
        if !self.due() {
            return Ok(());
        }
        let elapsed = self.clock.elapsed();
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
                eta_seconds: self.pace.remaining(progress.evaluations, elapsed),
                best: best(progress),
            })
        };
        (self.views)(&event)
    }

    fn history(&mut self, committed: &Committed<'_>, progress: &Progress) -> HistoryRow {
        let figures = Figures::of(committed.population, &mut self.keys);
        HistoryRow {
            island: 0,
            generation: committed.generation,
            evaluations: progress.evaluations,
            best: best(progress).map_or(f64::NAN, |best| best.objectives[0]),
            violation: best(progress).map_or(f64::NAN, |best| best.violation),
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
        let due = self.due();
        let recorded = is_recorded(committed.generation);
        if !due && !recorded {
            return Ok(());
        }
        let row = self.history(&committed, progress);
        if recorded {
            self.writer.borrow_mut().history(row)?;
        }
        if due {
            self.tell_failures()?;
            let tally = self.tally.borrow();
            self.pace.update(&tally);
            drop(tally);
            let event = RunEvent::Generation(event::Generation {
                generation: committed.generation,
                evaluations: progress.evaluations,
                best: best(progress),
                mean: Some(row.mean).filter(|mean| !mean.is_nan()),
                spread: Some(row.spread).filter(|spread| !spread.is_nan()),
                evaluations_per_second: self.pace.rate,
                busy: self.pace.busy,
                eta_seconds: self.pace.remaining(progress.evaluations, self.clock.elapsed()),
            });
            (self.views)(&event)?;
        }
        Ok(())
    }

    fn boundary(&mut self, search: &Search) -> Result<(), ObserverError> {
        self.record_output()?;
        let now = Instant::now();
        if now < self.snapshots.due {
            return Ok(());
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
        self.tell_progress(search.progress())
    }
}

/// The search and the run loop's state as the store keeps them.
pub(super) fn snapshot(search: &Search, state: &State) -> Result<SnapshotRecord, postcard::Error> {
    let progress = search.progress();
    Ok(SnapshotRecord {
        evaluations: progress.evaluations,
        generation: progress.generations,
        committed: vec![progress.evaluations],
        state: postcard::to_stdvec(&(search.snapshot(), state))?,
    })
}

/// What [`snapshot`] wrote.
pub(super) fn read_state(bytes: &[u8]) -> Result<(SearchSnapshot, State), postcard::Error> {
    postcard::from_bytes(bytes)
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

/// The best candidate so far, in short.
pub(super) fn best(progress: &Progress) -> Option<event::Best> {
    let best = &progress.best;
    (!best.is_empty()).then(|| event::Best {
        objectives: best.outcomes.objectives(0).to_vec(),
        violation: f64::from_bits(best.ranks[0].violation),
    })
}

/// Whether the history holds `generation`: the first 1,024 all, then 512 for each doubling of their number.
///
/// So a run of very many short generations costs little to record and its history can still be read; which generations
/// it holds is the same for every run.
fn is_recorded(generation: u64) -> bool {
    let doublings = (generation / 512).max(1).ilog2();
    generation.is_multiple_of(1 << doublings)
}

/// Figures of the first objective over the candidates that could be evaluated; NaN where there are none.
struct Figures {
    mean: f64,
    median: f64,
    worst: f64,
    spread: f64,
}

impl Figures {
    fn of(population: &Population, keys: &mut Vec<u64>) -> Figures {
        let width = population.outcomes.shape.objectives;
        let objectives = population.outcomes.objectives.iter().step_by(width.max(1));
        keys.clear();
        let (mut sum, mut least, mut greatest) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
        for value in objectives.filter(|value| !value.is_nan()) {
            sum += *value;
            least = least.min(*value);
            greatest = greatest.max(*value);
            keys.push(order_key(*value));
        }
        if keys.is_empty() {
            return Figures { mean: f64::NAN, median: f64::NAN, worst: f64::NAN, spread: f64::NAN };
        }
        let middle = keys.len() / 2;
        let median = *keys.select_nth_unstable(middle).1;
        let worst = population.ranks.iter().zip(population.outcomes.objectives.iter().step_by(width));
        let worst = worst.filter(|(_, value)| !value.is_nan()).max_by_key(|(rank, _)| **rank).map_or(f64::NAN, |w| *w.1);
        Figures { mean: sum / keys.len() as f64, median: value_of(median), worst, spread: greatest - least }
    }
}

/// The number whose [`order_key`] is `key`.
fn value_of(key: u64) -> f64 {
    let sign = if key >> 63 == 1 { 1 << 63 } else { u64::MAX };
    f64::from_bits(key ^ sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_holds_all_of_short_runs_and_enough_of_long_ones() {
        assert!((0..1024).all(is_recorded));
        let recorded = |end: u64| (0..end).filter(|generation| is_recorded(*generation)).count();
        assert_eq!(recorded(2048), 1024 + 512);
        assert_eq!(recorded(1 << 20), 1024 + 10 * 512);
    }

    #[test]
    fn keys_and_numbers_turn_into_each_other() {
        for value in [0.0, -0.0, 1.5, -2.25, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE] {
            assert_eq!(value_of(order_key(value)).to_bits(), value.to_bits());
        }
    }
}
