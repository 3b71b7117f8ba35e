//! How fast a run goes, and how long it will take.

use std::time::{Duration, Instant};

use genetic_pool_evolve::stop::{StopRule, StopRules};

use super::recorder::Tally;

/// Rates are measured over about this long.
const RATE: f64 = 10.0;

/// How fast it goes, and how long it will take.
pub(super) struct Pace {
    budget: Option<u64>,
    time: Option<Duration>,
    last: Instant,
    received: u64,
    busy_seconds: f64,
    /// Of late, the more the nearer: seconds, evaluations that came back in them, seconds that slots were at work.
    late: [f64; 3],
    /// Evaluations a second of late.
    pub(super) rate: Option<f64>,
    /// The share of slots at work of late.
    pub(super) busy: Option<f64>,
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
            late: [0.0; 3],
            rate: None,
            busy: None,
        }
    }

    /// Takes the tally into account: rates lean towards the last [`RATE`] seconds.
    pub(super) fn update(&mut self, tally: &Tally) {
        let seconds = self.last.elapsed().as_secs_f64();
        if seconds < 0.05 {
            return;
        }
        let fresh = tally.received - tally.replayed;
        let count = fresh - self.received;
        // Nothing came back yet: the first rate is measured once something did.
        if count > 0 || self.rate.is_some() {
            let keep = (-seconds / RATE).exp();
            let new = [seconds, count as f64, tally.busy_seconds - self.busy_seconds];
            self.late = std::array::from_fn(|index| self.late[index] * keep + new[index]);
            let [seconds, count, busy] = self.late;
            self.rate = Some(count / seconds);
            self.busy = Some((busy / (seconds * tally.slots.max(1) as f64)).min(1.0));
            self.last = Instant::now();
            self.received = fresh;
            self.busy_seconds = tally.busy_seconds;
        }
    }

    /// Seconds until the budget or the time is used up, after `evaluations` came back.
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
