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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithms::Covariance;

    fn distribution(sigma: f64) -> Distribution {
        Distribution::new(vec![0.5; 4], sigma, Covariance::Full)
    }

    /// A history of `generations` of ten, the best and the median of generation `g` being these.
    fn history(generations: u32, best: impl Fn(u32) -> f64, median: impl Fn(u32) -> f64) -> History {
        let mut history = History::default();
        for generation in 0..generations {
            let (best, median) = (Rank::new(0.0, best(generation)), Rank::new(0.0, median(generation)));
            history.take(|place| if place == 0 { best } else { median }, 10);
        }
        history
    }

    #[test]
    fn a_descent_goes_on_while_it_gets_somewhere() {
        let better = history(399, |g| 1.0 / f64::from(g + 1), |g| 2.0 / f64::from(g + 1));
        assert_eq!(better.ending(&distribution(0.1), 10, 0.2), None);
    }

    #[test]
    fn each_rule_ends_a_descent() {
        let moving = history(30, |g| -f64::from(g), |_| 1.0);
        assert_eq!(moving.ending(&distribution(9e-13), 10, 0.2), Some(Ending::Steps));
        assert_eq!(moving.ending(&distribution(2001.0), 10, 0.2), Some(Ending::Divergence));
        let mut far = distribution(1e-9);
        far.mean[2] = 1e9;
        assert_eq!(moving.ending(&far, 10, 0.2), Some(Ending::NoEffect));
        let mut needle = Distribution::new(vec![0.5; 2], 0.1, Covariance::Separable);
        let super::super::distribution::Shape::Separable { scales, .. } = &mut needle.shape else { unreachable!() };
        scales[0] = 1e-8;
        assert_eq!(moving.ending(&needle, 10, 0.2), Some(Ending::Condition));
        // 10 + 30·4/10 generations that are alike, and the last of them all over.
        let flat = |generations| history(generations, |_| 5.0, |_| 5.0).ending(&distribution(0.1), 10, 0.2);
        assert_eq!([flat(22), flat(23)], [None, Some(Ending::Objective)]);
        let wide = history(60, |_| 5.0, |_| 6.0);
        assert_eq!(wide.ending(&distribution(0.1), 10, 0.2), None);
        // 100 + 100·8/10 generations twice, after which nothing has become better.
        let idle = |generations| history(generations, |_| 5.0, |_| 6.0).ending(&distribution(0.1), 10, 0.2);
        assert_eq!([idle(360), idle(370)], [None, Some(Ending::Stagnation)]);
        // 100 + 150·49/√10 = 2424.3.
        let long = |generations| {
            let falling = |g: u32| -f64::from(g);
            history(generations, falling, falling).ending(&distribution(0.1), 10, 0.2)
        };
        assert_eq!([long(2424), long(2425)], [None, Some(Ending::Generations)]);
    }

    #[test]
    fn alike_is_by_the_scale_of_the_objective() {
        // What spread over 1e-20 at first is alike at 1e-32 only; beside 1e9, the last digits are nothing.
        let tiny = |g: u32| 1e-20 / f64::from(g + 1);
        assert_eq!(history(40, tiny, |g| 2.0 * tiny(g)).ending(&distribution(0.1), 10, 0.2), None);
        let great = |g: u32| 1e9 + 1e-7 * f64::from(g % 2);
        assert_eq!(history(40, great, great).ending(&distribution(0.1), 10, 0.2), Some(Ending::Objective));
    }

    #[test]
    fn kinds_of_ranks_are_far_apart() {
        let [good, better] = [Rank::new(0.0, 2.0), Rank::new(0.0, 1.5)];
        assert_eq!(spread([good, better]), 0.5);
        assert_eq!(spread([Rank::new(3.0, 0.0), Rank::new(1.0, 9.0)]), 2.0);
        assert_eq!(spread([good, Rank::new(1.0, 0.0)]), f64::INFINITY);
        assert_eq!(spread([Rank::WORST, Rank::WORST]), 0.0);
        assert_eq!(spread([good, Rank::WORST]), f64::INFINITY);
    }
}
