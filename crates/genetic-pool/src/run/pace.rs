//! How fast a run goes, and how long it will take.

use std::time::{Duration, Instant};

use genetic_pool_evolve::stop::{StopRule, StopRules};

use super::recorder::Tally;

/// Seconds over which rates are measured, at least.
const RATE: f64 = 10.0;

/// How many evaluations one after the other rates are measured over, at least: over less than one, those that are under
/// way would count for nothing.
const ROUNDS: f64 = 4.0;

/// How fast it goes, and how long it will take.
pub(super) struct Pace {
    budget: Option<u64>,
    time: Option<Duration>,
    last: Instant,
    /// What was taken into account.
    evaluated: u64,
    busy_seconds: f64,
    /// What was measured, the older the less it weighs.
    measured: Measured,
    /// Evaluations a second of late.
    pub(super) rate: Option<f64>,
    /// The share of slots at work of late.
    pub(super) busy: Option<f64>,
}

/// What came back in a while.
#[derive(Clone, Copy, Default)]
struct Measured {
    /// How long that was.
    seconds: f64,
    /// Evaluations.
    count: f64,
    /// Seconds they took, all slots together.
    work: f64,
}

impl Measured {
    /// Adds what is `new`, unless nothing came back that should have.
    fn add(&mut self, new: Measured) -> bool {
        let each = if self.count > 0.0 { self.work / self.count } else { 0.0 };
        let window = RATE.max(ROUNDS * each);
        if new.seconds < 0.05 || (new.count == 0.0 && (self.count == 0.0 || new.seconds < window)) {
            return false;
        }
        let kept = (-new.seconds / window).exp();
        self.seconds = kept * self.seconds + new.seconds;
        self.count = kept * self.count + new.count;
        self.work = kept * self.work + new.work;
        true
    }
}

impl Pace {
    pub(super) fn new(rules: &StopRules) -> Pace {
        let time = rules.any.iter().filter_map(|rule| if let StopRule::Time(most) = rule { Some(*most) } else { None });
        Pace {
            budget: rules.budget(),
            time: time.min(),
            last: Instant::now(),
            evaluated: 0,
            busy_seconds: 0.0,
            measured: Measured::default(),
            rate: None,
            busy: None,
        }
    }

    /// Takes the tally into account.
    pub(super) fn update(&mut self, tally: &Tally) {
        let now = Instant::now();
        let new = Measured {
            seconds: now.duration_since(self.last).as_secs_f64(),
            count: (tally.evaluated - self.evaluated) as f64,
            work: tally.busy_seconds - self.busy_seconds,
        };
        if !self.measured.add(new) {
            return;
        }
        let Measured { seconds, count, work } = self.measured;
        self.rate = Some(count / seconds);
        self.busy = Some((work / (seconds * tally.slots.max(1) as f64)).min(1.0));
        (self.last, self.evaluated, self.busy_seconds) = (now, tally.evaluated, tally.busy_seconds);
    }

    /// Seconds until it will be done: `evaluations` came back, `elapsed` is over.
    pub(super) fn remaining(&self, evaluations: u64, elapsed: Duration) -> Option<f64> {
        let rate = self.rate.filter(|rate| *rate > 0.0);
        let by_budget = self.budget.zip(rate).map(|(budget, rate)| budget.saturating_sub(evaluations) as f64 / rate);
        let by_time = self.time.map(|most| most.saturating_sub(elapsed).as_secs_f64());
        match (by_budget, by_time) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks ten times a second at `slots` slots whose evaluations take `each` second, for `time` seconds: the rate, and
    /// the share of slots at work.
    fn watch(slots: u32, each: f64, time: f64) -> (f64, f64) {
        let slots = f64::from(slots);
        let (mut measured, mut counted, mut last) = (Measured::default(), 0.0, 0.0);
        for tick in 1..=(time * 10.0) as u32 {
            let now = f64::from(tick) / 10.0;
            // Each slot began at another time of the first round.
            let done: f64 = (0..slots as u32).map(|slot| (now / each - f64::from(slot) / slots).floor().max(0.0)).sum();
            let count = done - counted;
            if measured.add(Measured { seconds: now - last, count, work: count * each }) {
                (counted, last) = (done, now);
            }
        }
        (measured.count / measured.seconds, measured.work / measured.seconds / slots)
    }

    #[test]
    fn slots_at_work_are_seen_to_be_whatever_an_evaluation_takes() {
        for each in [0.001, 0.1, 7.0, 600.0] {
            let (rate, busy) = watch(8, each, 12.0 * each.max(2.0));
            assert!((rate * each / 8.0 - 1.0).abs() < 0.15, "{each} s: {rate}");
            assert!((busy - 1.0).abs() < 0.15, "{each} s: {busy}");
        }
    }

    #[test]
    fn a_rate_falls_where_nothing_comes_back_any_more() {
        let mut measured = Measured::default();
        assert!(!measured.add(Measured { seconds: 100.0, ..Measured::default() }));
        assert!(measured.add(Measured { seconds: 100.0, count: 10.0, work: 100.0 }));
        assert!(!measured.add(Measured { seconds: 30.0, ..Measured::default() }));
        assert!(measured.add(Measured { seconds: 1000.0, ..Measured::default() }));
        assert!(measured.count / measured.seconds < 1e-6);
    }
}
