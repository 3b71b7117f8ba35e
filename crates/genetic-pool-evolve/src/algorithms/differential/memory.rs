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
