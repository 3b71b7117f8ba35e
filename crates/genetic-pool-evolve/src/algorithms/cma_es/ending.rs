//! When a descent has ended.

use serde::{Deserialize, Serialize};

use super::distribution::Distribution;
use crate::{
    algorithms::{Rank, rank::order_value},
    maths::{pow, sqrt},
};

/// Why a descent has ended. The rules are those of N. Hansen: Benchmarking a BI-population CMA-ES on the BBOB-2009
/// function testbed. GECCO 2009, [doi:10.1145/1570256.1570333](https://doi.org/10.1145/1570256.1570333), and of the
/// reference implementation where that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Steps are below 1e-12 of every range.
    Steps,
    /// Steps have grown ten thousand times.
    Divergence,
    /// The best of the last generations, and all of the last one, are alike: to 1e-12 of the objective or of what it
    /// spread over at first, or to its last digits.
    Objective,
    /// Neither the best nor the median has become better in a long time.
    Stagnation,
    /// The covariance is ill-conditioned, 1e14 or more, or none any more.
    Condition,
    /// Steps along a parameter do not change it.
    NoEffect,
    /// It has taken 100 + 150·(D + 3)² / √λ generations.
    Generations,
}

/// The ranks of the generations of a descent, as far as its end depends on them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct History {
    /// Of the best of each of the last generations.
    best: Vec<Rank>,
    /// Of their medians.
    median: Vec<Rank>,
    /// Generations in all.
    generations: u64,
    /// Whether all of the last generation are alike to the tolerance.
    level: bool,
    /// How far the first generation's median was from its best; 0 before that is known.
    unit: f64,
}

/// The most generations that are looked back on.
const MOST: usize = 10_000;

impl History {
    /// Takes the ranks of a generation, from the best to the worst, in.
    pub(super) fn take(&mut self, ranks: impl Fn(usize) -> Rank, size: usize) {
        let (best, median, worst) = (ranks(0), ranks(size / 2), ranks(size - 1));
        if self.unit == 0.0 {
            let first = spread([best, median]);
            self.unit = if first.is_finite() { first } else { 0.0 };
        }
        self.generations += 1;
        self.level = spread([best, worst]) <= self.tolerance(best);
        if self.best.len() == MOST {
            self.best.drain(..MOST / 4);
            self.median.drain(..MOST / 4);
        }
        self.best.push(best);
        self.median.push(median);
    }

    pub(super) fn is_consistent(&self) -> bool {
        self.best.len() == self.median.len()
            && self.best.len() <= MOST
            && self.best.len() as u64 <= self.generations
            && self.unit >= 0.0
            && self.unit.is_finite()
    }

    /// Whether, and why, the descent that led to `distribution` in generations of `population` from `sigma` has ended.
    pub(super) fn ending(&self, distribution: &Distribution, population: usize, sigma: f64) -> Option<Ending> {
        let n = distribution.dimension() as f64;
        let size = population as f64;
        let (least, greatest) = distribution.extent();
        if least.is_nan() || greatest > 1e7 * least {
            return Some(Ending::Condition);
        }
        if distribution.sigma * greatest < 1e-12 {
            return Some(Ending::Steps);
        }
        if distribution.sigma * greatest > 1e4 * sigma {
            return Some(Ending::Divergence);
        }
        let recent = 10 + (30.0 * n / size).ceil() as usize;
        if self.level
            && self.best.len() > recent
            && let Some(newest) = self.best.last()
            && spread(self.best[self.best.len() - recent..].iter().copied()) <= self.tolerance(*newest)
        {
            return Some(Ending::Objective);
        }
        let no_effect = |axis: usize| {
            let mean = distribution.mean[axis];
            mean + 0.2 * distribution.sigma * distribution.margin[axis] * distribution.deviation(axis) == mean
        };
        if (0..distribution.dimension()).any(no_effect) {
            return Some(Ending::NoEffect);
        }
        if self.generations.is_multiple_of(10) && self.stagnates(n, size) {
            return Some(Ending::Stagnation);
        }
        let most = 100.0 + 150.0 * (n + 3.0) * (n + 3.0) / sqrt(size);
        (self.generations as f64 > most).then_some(Ending::Generations)
    }

    /// Whether the medians over the last 30 % of a long time are no better than those over its first 30 %.
    fn stagnates(&self, n: f64, size: f64) -> bool {
        let long = (100.0 + 100.0 * pow(n, 1.5) / size) as u64;
        if self.generations <= 2 * long {
            return false;
        }
        let looked = (long.max(self.generations / 5) as usize).min(self.best.len());
        let part = (looked * 3 / 10).max(1);
        [&self.best, &self.median].into_iter().all(|ranks| {
            let window = &ranks[ranks.len() - looked..];
            median(&window[looked - part..]) >= median(&window[..part])
        })
    }

    /// How near objectives are that count as alike.
    fn tolerance(&self, rank: Rank) -> f64 {
        let unit = if self.unit > 0.0 { self.unit.min(1.0) } else { 1.0 };
        let digits = 4.0 * f64::EPSILON * measure(rank).abs();
        (1e-12 * unit).max(if digits.is_finite() { digits } else { 0.0 })
    }
}

fn median(ranks: &[Rank]) -> Rank {
    let mut sorted = ranks.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

/// What decides between ranks of one kind: the objective of the feasible, the violation of others.
fn measure(rank: Rank) -> f64 {
    if rank.feasible() { order_value(rank.objective) } else { f64::from_bits(rank.violation) }
}

/// How far the ranks are apart: infinitely where they are of two kinds, not at all where they are equal.
fn spread(ranks: impl IntoIterator<Item = Rank>) -> f64 {
    let mut ranks = ranks.into_iter();
    let Some(first) = ranks.next() else { return 0.0 };
    let (mut least, mut greatest) = (first, first);
    for rank in ranks {
        least = least.min(rank);
        greatest = greatest.max(rank);
    }
    if least == greatest {
        return 0.0;
    }
    let distance = measure(greatest) - measure(least);
    if least.feasible() == greatest.feasible() && distance.is_finite() { distance } else { f64::INFINITY }
}
