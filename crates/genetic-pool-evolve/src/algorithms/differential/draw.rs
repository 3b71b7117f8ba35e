//! Who differs from whom, how much and in how many genes: the draws of both algorithms.
//!
//! Each candidate has a stream of its own, (seed, `Differ`, its index), whose words are, in this order: those named at
//! each algorithm's draws, then those of its crossover.

#![expect(clippy::inline_always, reason = "the bodies take the instructions of their caller")]

use super::vary::{CHUNK, Plan};
use crate::{
    random::{Lanes, Purpose, Stream, below, cauchy, normal, unit},
    vector::multiversion,
};

/// The candidates to be drawn: of a chunk, as many as there are plans.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub(super) seed: u64,
    pub(super) island: u16,
    /// The index of the first candidate.
    pub(super) first: u64,
    /// The row of its parent; the others' follow.
    pub(super) parent: usize,
    /// Rows of the population.
    pub(super) rows: usize,
    /// Genes of each.
    pub(super) genes: usize,
}

impl Chunk {
    #[inline(always)]
    fn lanes(self, n: usize, lanes: &mut Lanes<CHUNK>) {
        for lane in 0..n {
            lanes.set(lane, Stream::new(self.seed, self.island, Purpose::Differ, self.first + lane as u64));
        }
    }
}

/// What L-SHADE draws from.
#[derive(Clone, Copy, Debug)]
pub(super) struct History<'a> {
    /// The memory of scales, and of rates: below 0 where the rate stays 0.
    pub(super) scales: &'a [f64],
    pub(super) rates: &'a [f64],
    /// The rows of the best candidates.
    pub(super) best: &'a [u32],
    /// How many rows the archive has.
    pub(super) archived: usize,
}

multiversion! {
    /// L-SHADE: a word for the place in the memory and for which of the best, two words for the rate, one for the scale,
    /// one for the two others, one for the forced gene, and more for the scale where it comes out at 0 or below.
    ///
    /// The rate is normal about the memory's, of deviation 0.1, within 0 and 1; the scale Cauchy about the memory's, of
    /// width 0.1, at most 1. One other is of the population, the second of the archive too; both are different from the
    /// parent and from each other.
    pub(super) fn draw_by_history(
        chunk: Chunk,
        history: History<'_>,
        lanes: &mut Lanes<CHUNK>,
        plans: &mut [Plan],
    ) = by_history_body;
}

#[inline(always)]
fn by_history_body(chunk: Chunk, history: History<'_>, lanes: &mut Lanes<CHUNK>, plans: &mut [Plan]) {
    let n = plans.len();
    chunk.lanes(n, lanes);
    let [choice, length, angle, scale, others, forced] = [(); 6].map(|()| lanes.draw());
    let (mut rates, mut scales) = ([0.0; CHUNK], [0.0; CHUNK]);
    let (mut about, mut widths) = ([0.0; CHUNK], [0.0; CHUNK]);
    for k in 0..CHUNK {
        let place = below((choice[k] >> 32) as u32, history.scales.len());
        scales[k] = history.scales[place];
        about[k] = history.rates[place].max(0.0);
        widths[k] = if history.rates[place] < 0.0 { 0.0 } else { 0.1 };
    }
    for k in 0..CHUNK {
        rates[k] = (about[k] + widths[k] * normal(length[k], angle[k])).clamp(0.0, 1.0);
    }
    let middles = scales;
    for k in 0..CHUNK {
        scales[k] += 0.1 * cauchy(scale[k]);
    }
    for (k, plan) in plans.iter_mut().enumerate() {
        if scales[k] <= 0.0 {
            let mut stream = lanes.get(k);
            while scales[k] <= 0.0 {
                scales[k] = middles[k] + 0.1 * cauchy(stream.next());
            }
            lanes.set(k, stream);
        }
        let parent = chunk.parent + k;
        let plus = skip(below((others[k] >> 32) as u32, chunk.rows - 1), [parent]);
        let minus = below(others[k] as u32, chunk.rows + history.archived - 2);
        *plan = Plan {
            parent,
            to: history.best[below(choice[k] as u32, history.best.len())] as usize,
            plus,
            minus: skip(minus, [parent.min(plus), parent.max(plus)]),
            scale: scales[k].min(1.0),
            rate: rates[k],
            forced: below((forced[k] >> 32) as u32, chunk.genes),
        };
    }
}

/// What jDE draws from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inherited<'a> {
    /// The population's scales and rates, row by row.
    pub(super) scales: &'a [f64],
    pub(super) rates: &'a [f64],
    /// The probability that a candidate has a new scale, and a new rate.
    pub(super) scale_change: f64,
    pub(super) rate_change: f64,
    /// The least scale, and how much greater the greatest is.
    pub(super) least_scale: f64,
    pub(super) scale_range: f64,
}

multiversion! {
    /// jDE: two words for the scale, of which one says whether it is new, two for the rate, one for the first two others
    /// and one for the third and for the forced gene. All four rows are different.
    pub(super) fn draw_inherited(
        chunk: Chunk,
        inherited: Inherited<'_>,
        lanes: &mut Lanes<CHUNK>,
        plans: &mut [Plan],
    ) = inherited_body;
}

#[inline(always)]
fn inherited_body(chunk: Chunk, inherited: Inherited<'_>, lanes: &mut Lanes<CHUNK>, plans: &mut [Plan]) {
    let n = plans.len();
    chunk.lanes(n, lanes);
    let [new_scale, scale, new_rate, rate, others, forced] = [(); 6].map(|()| lanes.draw());
    for (k, plan) in plans.iter_mut().enumerate() {
        let parent = chunk.parent + k;
        let fresh = inherited.least_scale + inherited.scale_range * unit(scale[k]);
        let kept = inherited.scales[parent];
        let scale = if unit(new_scale[k]) < inherited.scale_change { fresh } else { kept };
        let (fresh, kept) = (unit(rate[k]), inherited.rates[parent]);
        let rate = if unit(new_rate[k]) < inherited.rate_change { fresh } else { kept };
        let to = skip(below((others[k] >> 32) as u32, chunk.rows - 1), [parent]);
        let taken = [parent.min(to), parent.max(to)];
        let plus = skip(below(others[k] as u32, chunk.rows - 2), taken);
        let minus = below((forced[k] >> 32) as u32, chunk.rows - 3);
        let minus = skip(minus, [taken[0].min(plus), taken[0].max(plus.min(taken[1])), taken[1].max(plus)]);
        *plan = Plan { parent, to, plus, minus, scale, rate, forced: below(forced[k] as u32, chunk.genes) };
    }
}

/// The `nth` number from 0 on that is not among `taken`, which ascend.
#[inline(always)]
fn skip<const N: usize>(nth: usize, taken: [usize; N]) -> usize {
    taken.into_iter().fold(nth, |number, taken| number + usize::from(number >= taken))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "expected values come from the host's maths")]
mod tests {
    use super::*;
    use crate::{
        operators::{binomial, chi_square},
        vector::Width,
    };

    fn chunk(rows: usize, parent: usize, first: u64) -> Chunk {
        Chunk { seed: 3, island: 0, first, parent, rows, genes: 5 }
    }

    fn by_history(width: Width, chunk: Chunk, history: History<'_>, n: usize) -> (Vec<Plan>, u64) {
        let mut plans = vec![Plan::default(); n];
        let mut lanes = Lanes::default();
        draw_by_history(width, chunk, history, &mut lanes, &mut plans);
        // What follows in each stream counts too.
        let after = lanes.draw()[..n].iter().fold(0, |sum: u64, word| sum.rotate_left(1) ^ word);
        (plans, after)
    }

    fn inherited(width: Width, chunk: Chunk, (scale_change, rate_change): (f64, f64), n: usize) -> Vec<Plan> {
        let (scales, rates) = (vec![0.75; chunk.rows], vec![0.25; chunk.rows]);
        let source =
            Inherited { scales: &scales, rates: &rates, scale_change, rate_change, least_scale: 0.1, scale_range: 0.9 };
        let mut plans = vec![Plan::default(); n];
        draw_inherited(width, chunk, source, &mut Lanes::default(), &mut plans);
        plans
    }

    /// Every combination of others that are allowed is as likely.
    fn even(found: &[Vec<usize>], combinations: usize) {
        let mut counts = std::collections::BTreeMap::<&Vec<usize>, u64>::new();
        for others in found {
            *counts.entry(others).or_default() += 1;
        }
        assert_eq!(counts.len(), combinations);
        let expected = found.len() as f64 / combinations as f64;
        chi_square(&counts.into_values().collect::<Vec<_>>(), &vec![expected; combinations]);
    }

    #[test]
    fn others_are_different_and_even() {
        // Of 5 rows with parent 2: 4·3·2 triples; with 3 of the archive 4 for one and 6 for the other.
        let rows: Vec<usize> = (0..12_000).collect();
        let triples: Vec<Vec<usize>> = rows
            .iter()
            .map(|k| {
                let plan = inherited(Width::current(), chunk(5, 2, *k as u64), (0.1, 0.1), 1)[0];
                vec![plan.to, plan.plus, plan.minus]
            })
            .collect();
        even(&triples, 24);
        assert!(triples.iter().all(|others| !others.contains(&2) && others[0] != others[2] && others[1] != others[2]));
        let history = History { scales: &[0.5], rates: &[0.5], best: &[1, 3], archived: 3 };
        let drawn: Vec<Plan> =
            rows.iter().map(|k| by_history(Width::current(), chunk(5, 2, *k as u64), history, 1).0[0]).collect();
        let pairs: Vec<Vec<usize>> = drawn.iter().map(|plan| vec![plan.plus, plan.minus]).collect();
        even(&pairs, 24);
        assert!(pairs.iter().all(|pair| pair[0] != pair[1] && !pair.contains(&2) && pair[0] < 5 && pair[1] < 8));
        even(&drawn.iter().map(|plan| vec![plan.to]).collect::<Vec<_>>(), 2);
        even(&drawn.iter().map(|plan| vec![plan.forced]).collect::<Vec<_>>(), 5);
    }

    #[test]
    fn scales_are_cauchy_and_rates_normal_about_the_memory() {
        // Two places: scales about 0.3 and rates about 0.2, and a rate that is fixed at 0.
        let history = History { scales: &[0.3, 0.3], rates: &[0.2, -1.0], best: &[0, 1], archived: 0 };
        let n = 40_000;
        let plans: Vec<Plan> =
            (0..n / 8).flat_map(|k| by_history(Width::current(), chunk(9, 0, 8 * k), history, 8).0).collect();
        // The Cauchy distribution function is ½ + atan((x - 0.3) / 0.1)/π; what lies at 0 or below is drawn again, and what
        // lies above 1 is 1.
        let below = |x: f64| 0.5 + ((x - 0.3) / 0.1).atan() / std::f64::consts::PI;
        let ends = [0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.6, 0.999_999];
        let mut counts = vec![0; 9];
        for plan in &plans {
            assert!(plan.scale > 0.0 && plan.scale <= 1.0);
            counts[ends.iter().filter(|end| plan.scale > **end).count()] += 1;
        }
        let mut before = below(0.0);
        let mut expected: Vec<f64> = Vec::new();
        for end in ends.into_iter().map(below).chain([1.0]) {
            expected.push(n as f64 * (end - before) / (1.0 - below(0.0)));
            before = end;
        }
        chi_square(&counts, &expected);
        // Half at 0; of the others what is normal about 0.2, of deviation 0.1: 0 where it is two deviations below.
        let ends = [0.0, 0.1, 0.2, 0.3, 0.4];
        let mut counts = vec![0; 6];
        for plan in &plans {
            assert!((0.0..=1.0).contains(&plan.rate));
            counts[ends.iter().filter(|end| plan.rate > **end).count()] += 1;
        }
        let cells = [0.5 + 0.5 * 0.022_750_132, 0.5 * 0.135_905_122, 0.5 * 0.341_344_746];
        let expected = [cells[0], cells[1], cells[2], cells[2], cells[1], 0.5 * 0.022_750_132];
        chi_square(&counts, &expected.map(|p| p * n as f64));
    }

    #[test]
    fn candidates_inherit_or_draw_anew() {
        let n = 20_000;
        let plans: Vec<Plan> =
            (0..n / 8).flat_map(|k| inherited(Width::current(), chunk(8, 0, 8 * k), (0.1, 0.3), 8)).collect();
        let new = |of: fn(&Plan) -> bool| plans.iter().filter(|plan| of(plan)).count() as u64;
        binomial(&[new(|plan| plan.scale != 0.75)], n, 0.1);
        binomial(&[new(|plan| plan.rate != 0.25)], n, 0.3);
        // New ones are even over 0.1 to 1, and over 0 to 1.
        let (mut scales, mut rates) = (vec![0; 9], vec![0; 10]);
        for plan in &plans {
            if plan.scale != 0.75 {
                scales[(((plan.scale - 0.1) * 10.0) as usize).min(8)] += 1;
            }
            if plan.rate != 0.25 {
                rates[(plan.rate * 10.0) as usize] += 1;
            }
        }
        for counts in [scales, rates] {
            let each = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
            chi_square(&counts, &vec![each; counts.len()]);
        }
    }

    #[test]
    fn alone_or_together_at_every_width_the_draws_are_the_same() {
        let history = History { scales: &[0.05, 0.9], rates: &[0.2, 0.95], best: &[1, 3], archived: 3 };
        let together = by_history(Width::BASE, chunk(40, 3, 100), history, 30);
        assert_eq!(
            format!("{together:?}"),
            format!("{:?}", by_history(Width::widest(), chunk(40, 3, 100), history, 30))
        );
        let inherited_together = inherited(Width::BASE, chunk(40, 3, 100), (0.5, 0.5), 30);
        for (k, inherited_here) in inherited_together.iter().take(30).enumerate() {
            let chunk = chunk(40, 3 + k, 100 + k as u64);
            let alone = by_history(Width::widest(), chunk, history, 1).0[0];
            assert_eq!(format!("{alone:?}"), format!("{:?}", together.0[k]));
            let alone = inherited(Width::widest(), chunk, (0.5, 0.5), 1)[0];
            assert_eq!(format!("{alone:?}"), format!("{inherited_here:?}"));
        }
    }

    #[test]
    fn four_rows_are_enough() {
        for k in 0..200 {
            for parent in 0..4 {
                let plan = inherited(Width::current(), chunk(4, parent, k), (0.1, 0.1), 1)[0];
                let mut rows = [parent, plan.to, plan.plus, plan.minus];
                rows.sort_unstable();
                assert_eq!(rows, [0, 1, 2, 3]);
            }
        }
    }
}
