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
