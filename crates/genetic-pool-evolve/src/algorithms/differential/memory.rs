//! What scales and rates have led to something better.

use serde::{Deserialize, Serialize};

use crate::algorithms::{Rank, rank::order_value};

/// The success-history memory of L-SHADE: as many places as [`scales`](Memory::scales), written in turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    /// Above 0, at most 1.
    pub(super) scales: Vec<f64>,
    /// 0 to 1, or [`FIXED`].
    pub(super) rates: Vec<f64>,
    /// The place written next.
    pub(super) next: usize,
}

/// In place of a rate: it stays 0, since only candidates without crossover succeeded.
const FIXED: f64 = -1.0;

/// A candidate that is better than its parent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Success {
    pub(super) scale: f64,
    pub(super) rate: f64,
    pub(super) parent: Rank,
    pub(super) child: Rank,
}

impl Memory {
    /// With `size` places of 0.5.
    pub(super) fn new(size: usize) -> Memory {
        Memory { scales: vec![0.5; size], rates: vec![0.5; size], next: 0 }
    }

    /// Whether it can be one of `size` places.
    pub(super) fn is_consistent(&self, size: usize) -> bool {
        (self.scales.len(), self.rates.len()) == (size, size)
            && self.next < size
            && self.scales.iter().all(|scale| *scale > 0.0 && *scale <= 1.0)
            && self.rates.iter().all(|rate| *rate == FIXED || (0.0..=1.0).contains(rate))
    }

    /// Writes the means of a generation's successes, weighted by what they gained: Lehmer's, the sum of squares over the
    /// sum. Nothing where there are none.
    pub(super) fn learn(&mut self, successes: &[Success]) {
        if successes.is_empty() {
            return;
        }
        let weights = weights(successes);
        let mean = |of: fn(&Success) -> f64| {
            let (mut squares, mut sum) = (0.0, 0.0);
            for (success, weight) in successes.iter().zip(&weights) {
                squares += weight * of(success) * of(success);
                sum += weight * of(success);
            }
            if sum > 0.0 { Some(squares / sum) } else { None }
        };
        let place = self.next;
        // Scales are above 0; a mean of numbers far below 1 alone may round to 0.
        self.scales[place] = mean(|success| success.scale).unwrap_or(0.0).clamp(f64::MIN_POSITIVE, 1.0);
        self.rates[place] = match mean(|success| success.rate) {
            Some(rate) if self.rates[place] != FIXED => rate.min(1.0),
            _ => FIXED,
        };
        self.next = (place + 1) % self.scales.len();
    }
}

/// What share of a mean each success has; they are not negative, and not all 0.
///
/// The gain is that of the objective between candidates that violate constraints alike, which is where none are violated
/// too, and else that of the violation. The two are of different units: each kind shares as many parts as it has
/// successes. A gain without bound, from a candidate that failed, counts as the greatest finite one.
fn weights(successes: &[Success]) -> Vec<f64> {
    let mut gains: Vec<f64> = successes.iter().map(gain).collect();
    for violation in [false, true] {
        let of_kind = |success: &Success| (success.parent.violation != success.child.violation) == violation;
        let members = || (0..successes.len()).filter(|k| of_kind(&successes[*k]));
        let finite = |gain: f64| if gain.is_finite() { gain } else { 0.0 };
        let greatest = members().map(|k| finite(gains[k])).fold(0.0, f64::max);
        let mut sum = 0.0;
        for k in members() {
            let bounded = gains[k].is_finite() && greatest > 0.0;
            gains[k] = if bounded { gains[k] / greatest } else { 1.0 };
            sum += gains[k];
        }
        let parts = members().count() as f64;
        for k in members() {
            gains[k] *= parts / sum;
        }
    }
    gains
}

/// How much better the child is, in the unit of what decided; infinite where that is not finite.
fn gain(success: &Success) -> f64 {
    let Success { parent, child, .. } = success;
    let gain = if parent.violation == child.violation {
        order_value(parent.objective) - order_value(child.objective)
    } else {
        f64::from_bits(parent.violation) - f64::from_bits(child.violation)
    };
    if gain.is_finite() { gain } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::algorithms::FailureRank;

    fn success(scale: f64, rate: f64, parent: Rank, child: Rank) -> Success {
        assert!(child < parent);
        Success { scale, rate, parent, child }
    }

    fn feasible(value: f64) -> Rank {
        Rank::new(0.0, value)
    }

    #[test]
    fn means_are_weighted_by_gains() {
        let mut memory = Memory::new(2);
        memory.learn(&[]);
        assert_eq!(memory, Memory::new(2));
        // Gains 3 and 1: (¾·¼ + ¼·1) / (¾·½ + ¼·1) = 7/10; (¾·1 + ¼·¼) / (¾·1 + ¼·½) = 13/14.
        let successes =
            [success(0.5, 1.0, feasible(5.0), feasible(2.0)), success(1.0, 0.5, feasible(1.0), feasible(0.0))];
        memory.learn(&successes);
        assert!((memory.scales[0] - 0.7).abs() < 1e-15 && (memory.rates[0] - 13.0 / 14.0).abs() < 1e-15);
        assert_eq!((memory.scales[1], memory.rates[1], memory.next), (0.5, 0.5, 1));
        // Where only candidates without crossover succeeded, the rate stays 0 for good.
        memory.learn(&[success(0.25, 0.0, feasible(5.0), feasible(2.0))]);
        assert_eq!((memory.scales[1], memory.rates[1], memory.next), (0.25, FIXED, 0));
        memory.learn(&successes);
        memory.learn(&successes);
        assert_eq!(memory.rates[1], FIXED);
        assert!(memory.is_consistent(2) && !memory.is_consistent(3));
    }

    #[test]
    fn objectives_and_violations_have_their_shares() {
        let failed = Rank::of_failure(FailureRank::Worst);
        let parts = weights(&[
            // Two by their objectives, of which one had none that is finite.
            success(0.5, 0.5, feasible(f64::INFINITY), feasible(0.0)),
            success(0.5, 0.5, feasible(8.0), feasible(6.0)),
            // Two by their violations, the first as much better as a failure is.
            success(0.5, 0.5, failed, Rank::new(7.0, 1e9)),
            success(0.5, 0.5, Rank::new(1e6, 0.0), feasible(3.0)),
            // Violating alike, it is the objective.
            success(0.5, 0.5, Rank::new(4.0, 3.0), Rank::new(4.0, 2.0)),
        ]);
        let expected = [3.0 / 2.5, 3.0 / 2.5, 1.0, 1.0, 1.5 / 2.5];
        assert!(parts.iter().zip(expected).all(|(found, wanted)| (found - wanted).abs() < 1e-15), "{parts:?}");
        // Signs of zero are places of their own, and nothing is between them.
        assert_eq!(weights(&[success(0.5, 0.5, feasible(0.0), feasible(-0.0))]), [1.0]);
    }

    fn ranks() -> impl Strategy<Value = (Rank, Rank)> {
        let value = || {
            prop_oneof![
                any::<f64>().prop_filter("a number", |value| !value.is_nan()),
                prop::sample::select(vec![0.0, -0.0, f64::MAX, f64::MIN, 5e-324, f64::INFINITY, f64::NEG_INFINITY]),
            ]
        };
        let rank = move || {
            let violation = prop_oneof![Just(0.0), value().prop_map(f64::abs)];
            prop_oneof![
                8 => (violation, value()).prop_map(|(violation, objective)| Rank::new(violation, objective)),
                1 => Just(Rank::WORST),
                1 => Just(Rank::of_failure(FailureRank::Infeasible)),
            ]
        };
        (rank(), rank()).prop_filter("different", |(a, b)| a != b).prop_map(|(a, b)| (a.max(b), a.min(b)))
    }

    proptest! {
        #[test]
        fn whatever_succeeds_the_memory_stays_one(
            successes in prop::collection::vec((0.0..=1.0, 0.0..=1.0, ranks()), 1..20), least in 1e-300..1e-10,
        ) {
            let successes: Vec<Success> = successes
                .into_iter()
                .map(|(scale, rate, (parent, child)): (f64, f64, _)| success(scale.max(least), rate, parent, child))
                .collect();
            let parts = weights(&successes);
            prop_assert!(parts.iter().all(|part| *part >= 0.0 && part.is_finite()), "{:?}", parts);
            prop_assert!((parts.iter().sum::<f64>() - successes.len() as f64).abs() < 1e-9);
            let mut memory = Memory::new(3);
            memory.learn(&successes);
            prop_assert!(memory.is_consistent(3), "{:?}", memory);
        }
    }
}
