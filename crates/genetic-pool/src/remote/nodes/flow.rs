//! How much a node is given ahead, and how long it gathers what it has found: functions of what evaluations take.
//!
//! A call to a node costs the driver half a millisecond whatever it carries, and what it finds is a few milliseconds on
//! its way. So that slots do not wait for it, a node holds more than it has slots for, by what it finishes meanwhile; so
//! that calls are few, what was found waits for more of it as long as that store lasts.

use std::time::Duration;

/// What a node holds ahead lasts so many seconds.
const REACH: f64 = 0.020;

/// How many seconds there and back take, at most times.
const WAY: f64 = 0.005;

/// How many seconds what was found may wait for more of it.
const GATHER: f64 = 0.005;

/// The shortest time an evaluation is taken to take.
const LEAST: f64 = 1e-7;

/// What evaluations on one node take.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pace {
    /// Seconds one takes, on the average of late; `None` before the first.
    pub(super) seconds: Option<f64>,
}

impl Pace {
    /// Learns that an evaluation took `seconds`.
    pub(super) fn learn(&mut self, seconds: f64) {
        // What a node says is not believed blindly.
        if !seconds.is_finite() || seconds < 0.0 {
            return;
        }
        self.seconds = Some(self.seconds.map_or(seconds, |before| before + 0.05 * (seconds - before)));
    }

    /// Evaluations a second that `slots` slots finish.
    fn rate(self, slots: usize) -> Option<f64> {
        self.seconds.map(|seconds| slots as f64 / seconds.max(LEAST))
    }

    /// How many evaluations a node with `slots` slots is to hold.
    pub(super) fn target(self, slots: usize) -> usize {
        // Below one evaluation nothing is held ahead: another node may have a slot for it.
        slots + self.rate(slots).map_or(0, |rate| (rate * REACH) as usize)
    }

    /// How long a node with `slots` slots that holds `load` evaluations may gather what it has found.
    pub(super) fn gather(self, slots: usize, load: usize) -> Duration {
        let ahead = load.saturating_sub(slots) as f64;
        let lasts = self.rate(slots).map_or(0.0, |rate| ahead / rate);
        Duration::from_secs_f64((lasts - WAY).clamp(0.0, GATHER))
    }
}

/// How many more of `queued` each node is given: so that all are equally loaded, by their slots.
///
/// A node is its slots, what it holds, and what it may hold.
pub(super) fn shares(queued: usize, nodes: &[(usize, usize, usize)]) -> Vec<usize> {
    let mut given = vec![0; nodes.len()];
    for _ in 0..queued {
        let load = |index: usize| {
            let (slots, held, _) = nodes[index];
            (held + given[index] + 1) as f64 / slots as f64
        };
        let room = (0..nodes.len()).filter(|index| nodes[*index].1 + given[*index] < nodes[*index].2);
        let Some(least) = room.min_by(|one, other| load(*one).total_cmp(&load(*other))) else { break };
        given[least] += 1;
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(seconds: f64) -> Pace {
        Pace { seconds: Some(seconds) }
    }

    #[test]
    fn short_evaluations_are_held_ahead_and_long_ones_are_not() {
        assert_eq!(Pace::default().target(16), 16);
        assert_eq!(pace(60.0).target(16), 16);
        assert_eq!(pace(0.1).target(16), 19);
        assert_eq!(pace(0.01).target(16), 48);
        assert!(pace(0.0).target(16) > 1_000_000);
    }

    #[test]
    fn nodes_gather_as_long_as_what_they_hold_lasts() {
        let millis = |load| pace(0.01).gather(16, load).as_micros();
        assert_eq!([millis(10), millis(16), millis(24)], [0, 0, 0]);
        assert_eq!([millis(25), millis(32), millis(48)], [625, 5000, 5000]);
        assert_eq!(Pace::default().gather(16, 40), Duration::ZERO);
    }

    #[test]
    fn nodes_are_loaded_alike_by_their_slots() {
        assert_eq!(shares(12, &[(16, 0, 16), (16, 0, 16)]), [6, 6]);
        assert_eq!(shares(12, &[(16, 0, 16), (8, 0, 8)]), [8, 4]);
        assert_eq!(shares(12, &[(4, 4, 8), (4, 0, 8)]), [4, 8]);
        assert_eq!(shares(100, &[(4, 0, 4), (2, 1, 3)]), [4, 2]);
        assert_eq!(shares(5, &[]), [0; 0]);
        assert_eq!(shares(5, &[(4, 9, 4)]), [0]);
    }

    #[test]
    fn the_pace_follows_what_evaluations_take() {
        let mut pace = Pace::default();
        pace.learn(1.0);
        assert_eq!(pace.seconds, Some(1.0));
        (0..200).for_each(|_| pace.learn(0.01));
        for nonsense in [f64::NAN, f64::INFINITY, -1.0] {
            pace.learn(nonsense);
        }
        assert!(pace.seconds.unwrap() < 0.02);
    }
}
