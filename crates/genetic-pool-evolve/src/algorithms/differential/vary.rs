//! Mutation and crossover of many candidates: the arithmetic, without the draws.

#![expect(clippy::inline_always, reason = "the bodies take the instructions of their caller")]

use super::axes::Axes;
use crate::{
    maths,
    random::Lanes,
    vector::{Width, multiversion},
};

/// Candidates whose words are drawn side by side.
pub(super) const CHUNK: usize = 32;

/// Words of a candidate that are drawn at a time, each for [`GENES`] genes.
const WORDS: usize = 64;
/// Genes that a word says the crossover of: 16 bits each.
const GENES: usize = 4;
/// What a rate of 1 is in 16 bits.
const WHOLE: f64 = 65_536.0;

/// From whom a candidate comes and how.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Plan {
    /// The row of its parent.
    pub(super) parent: usize,
    /// The rows of three others: `to`, `plus` and `minus`; `minus` may lie in the archive, whose rows follow the
    /// population's.
    pub(super) to: usize,
    pub(super) plus: usize,
    pub(super) minus: usize,
    /// The factor of differences, above 0.
    pub(super) scale: f64,
    /// The probability that a gene is crossed, 0 to 1, rounded down to a step of 2^-16.
    pub(super) rate: f64,
    /// The gene that is always crossed.
    pub(super) forced: usize,
}

/// How a plan becomes a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutation {
    /// `parent + scale·(to - parent) + scale·(plus - minus)`.
    CurrentToBest,
    /// `to + scale·(plus - minus)`.
    Random,
}

/// Where rows of coordinates are read and written.
pub(super) struct Rows<'a> {
    pub(super) population: &'a [f64],
    pub(super) archive: &'a [f64],
    pub(super) trials: &'a mut [f64],
}

/// Makes a trial of each plan, in order: its mutant in the genes that are crossed, its parent in the others.
///
/// Binomial crossover: each gene is crossed with the plan's rate, one in any case. A mutant beyond a bound stands midway
/// between its parent and the bound. `lanes` are the plans' streams: each word of one says the crossover of four genes.
#[derive(Clone, Debug)]
pub(super) struct Varier {
    /// By draw: the words of all lanes.
    words: Box<[[u64; CHUNK]; WORDS]>,
}

impl Default for Varier {
    fn default() -> Varier {
        Varier { words: Box::new([[0; CHUNK]; WORDS]) }
    }
}

impl Varier {
    pub(super) fn vary(
        &mut self,
        width: Width,
        mutation: Mutation,
        plans: &[Plan],
        lanes: &mut Lanes<CHUNK>,
        axes: &Axes,
        rows: Rows<'_>,
    ) {
        vary_chunk(width, mutation, plans, lanes, axes, rows, &mut self.words);
    }
}

multiversion! {
    fn vary_chunk(
        mutation: Mutation,
        plans: &[Plan],
        lanes: &mut Lanes<CHUNK>,
        axes: &Axes,
        rows: Rows<'_>,
        words: &mut [[u64; CHUNK]; WORDS],
    ) = vary_body;
}

#[inline(always)]
fn vary_body(
    mutation: Mutation,
    plans: &[Plan],
    lanes: &mut Lanes<CHUNK>,
    axes: &Axes,
    rows: Rows<'_>,
    words: &mut [[u64; CHUNK]; WORDS],
) {
    match mutation {
        Mutation::CurrentToBest => vary_with::<true>(plans, lanes, axes, rows, words),
        Mutation::Random => vary_with::<false>(plans, lanes, axes, rows, words),
    }
}

#[inline(always)]
fn vary_with<const CURRENT: bool>(
    plans: &[Plan],
    lanes: &mut Lanes<CHUNK>,
    axes: &Axes,
    rows: Rows<'_>,
    words: &mut [[u64; CHUNK]; WORDS],
) {
    let Rows { population, archive, trials } = rows;
    let genes = axes.low.len();
    for start in (0..genes).step_by(GENES * WORDS) {
        let len = (genes - start).min(GENES * WORDS);
        for round in &mut words[..len.div_ceil(GENES)] {
            *round = lanes.draw();
        }
        for (lane, plan) in plans.iter().enumerate() {
            let row = |row: usize| {
                let at = row * genes;
                let row = if at < population.len() { &population[at..] } else { &archive[at - population.len()..] };
                &row[start..start + len]
            };
            let block = Block {
                parent: row(plan.parent),
                to: row(plan.to),
                plus: row(plan.plus),
                minus: row(plan.minus),
                low: &axes.low[start..start + len],
                high: &axes.high[start..start + len],
            };
            let trial = &mut trials[lane * genes..][start..start + len];
            let threshold = (plan.rate * WHOLE) as u64;
            let lane = lane & (CHUNK - 1);
            let fours = len / GENES;
            for four in 0..fours {
                let word = words[four & (WORDS - 1)][lane];
                let at = four * GENES;
                let block = block.four(at);
                let mut crossed = [0.0; GENES];
                for k in 0..GENES {
                    let mutant = block.mutant::<CURRENT>(k, plan.scale);
                    let take = word >> (16 * k) & 0xFFFF < threshold;
                    crossed[k] = if take { mutant } else { block.parent[k] };
                }
                trial[at..at + GENES].copy_from_slice(&crossed);
            }
            for gene in fours * GENES..len {
                let word = words[gene / GENES][lane];
                let take = word >> (16 * (gene % GENES)) & 0xFFFF < threshold;
                trial[gene] = if take { block.mutant::<CURRENT>(gene, plan.scale) } else { block.parent[gene] };
            }
            if let Some(gene) = plan.forced.checked_sub(start).filter(|gene| *gene < len) {
                trial[gene] = block.mutant::<CURRENT>(gene, plan.scale);
            }
        }
    }
}

/// The same genes of all that make a mutant.
#[derive(Clone, Copy)]
struct Block<'a> {
    parent: &'a [f64],
    to: &'a [f64],
    plus: &'a [f64],
    minus: &'a [f64],
    low: &'a [f64],
    high: &'a [f64],
}

impl<'a> Block<'a> {
    #[inline(always)]
    fn four(self, at: usize) -> Block<'a> {
        let part = |genes: &'a [f64]| &genes[at..at + GENES];
        let Block { parent, to, plus, minus, low, high } = self;
        Block {
            parent: part(parent),
            to: part(to),
            plus: part(plus),
            minus: part(minus),
            low: part(low),
            high: part(high),
        }
    }

    #[inline(always)]
    fn mutant<const CURRENT: bool>(self, k: usize, scale: f64) -> f64 {
        let (parent, to, low, high) = (self.parent[k], self.to[k], self.low[k], self.high[k]);
        let difference = scale * (self.plus[k] - self.minus[k]);
        let mutant = if CURRENT { parent + scale * (to - parent) + difference } else { to + difference };
        let mutant = if mutant < low { 0.5 * low + 0.5 * parent } else { mutant };
        let mutant = if mutant > high { 0.5 * high + 0.5 * parent } else { mutant };
        // Halves of subnormal numbers may round beyond a bound.
        maths::max(maths::min(mutant, high), low)
    }
}
