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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        operators::{binomial, chi_square},
        random::{Purpose, Stream},
        space::{Domain, Parameter, Space},
    };

    fn axes(genes: usize) -> Axes {
        let real = Domain::real(-1.0, 2.0);
        Axes::of(&Space::new(vec![Parameter::new("x", real).len(genes)]).unwrap(), "test").unwrap()
    }

    fn lanes(first: u64) -> Lanes<CHUNK> {
        let mut lanes = Lanes::default();
        (0..CHUNK).for_each(|k| lanes.set(k, Stream::new(7, 0, Purpose::Differ, first + k as u64)));
        lanes
    }

    /// `rows` points, of which the last `archived` are of the archive.
    fn points(axes: &Axes, rows: usize, seed: u64) -> Vec<f64> {
        let mut points = vec![0.0; rows * axes.len()];
        for (row, point) in points.chunks_mut(axes.len()).enumerate() {
            axes.draw(point, &mut Stream::new(seed, 0, Purpose::Initialize, row as u64));
        }
        points
    }

    fn vary(width: Width, mutation: Mutation, plans: &[Plan], axes: &Axes, points: &[f64], first: u64) -> Vec<f64> {
        let (population, archive) = points.split_at(4 * axes.len());
        let mut trials = vec![0.0; plans.len() * axes.len()];
        let rows = Rows { population, archive, trials: &mut trials };
        Varier::default().vary(width, mutation, plans, &mut lanes(first), axes, rows);
        trials
    }

    #[test]
    fn one_gene_is_always_crossed_and_the_others_with_the_rate() {
        // Of 7 genes, one is crossed in any case, and each other with the rate: 1 + Binomial(6, rate).
        let axes = axes(7);
        let points = points(&axes, 6, 1);
        for rate in [0.0, 0.25, 0.9, 1.0] {
            let n = 8000;
            let (mut counts, mut places) = (vec![0; 8], vec![0; 7]);
            for k in 0..n {
                let forced = (k % 7) as usize;
                let plan = Plan { parent: 0, to: 1, plus: 2, minus: 5, scale: 0.5, rate, forced };
                let trial = vary(Width::current(), Mutation::CurrentToBest, &[plan], &axes, &points, k);
                let crossed = (0..7).filter(|gene| trial[*gene] != points[*gene]).inspect(|gene| {
                    places[*gene] += u64::from(*gene != forced);
                });
                counts[crossed.count()] += 1;
            }
            assert_eq!(counts[0], 0);
            // C(6, k)·rate^k·(1 - rate)^(6 - k).
            let mut expected = [0.0; 7];
            let choose = [1.0, 6.0, 15.0, 20.0, 15.0, 6.0, 1.0];
            for (k, choose) in (0_i32..).zip(choose) {
                expected[k as usize] = n as f64 * choose * rate.powi(k) * (1.0 - rate).powi(6 - k);
            }
            if rate == 0.0 || rate == 1.0 {
                assert_eq!(counts[if rate == 0.0 { 1 } else { 7 }], n);
            } else {
                // Cells of few are joined to their neighbours.
                let (low, high) = if rate < 0.5 { (1..6, 6..8) } else { (4..8, 1..4) };
                let mut cells: Vec<(u64, f64)> = low.map(|k| (counts[k], expected[k - 1])).collect();
                cells.push((high.clone().map(|k| counts[k]).sum(), high.map(|k| expected[k - 1]).sum()));
                let (found, expected): (Vec<u64>, Vec<f64>) = cells.into_iter().unzip();
                chi_square(&found, &expected);
                binomial(&places[..1], n - n.div_ceil(7), rate);
            }
        }
    }

    #[test]
    fn mutants_are_what_the_papers_say() {
        let axes = axes(3);
        let points = vec![
            0.0, 1.0, -1.0, // parent
            0.5, 2.0, -1.0, // to
            1.0, 2.0, -0.5, // plus
            0.5, 0.0, 0.5, // minus
        ];
        let plan = Plan { parent: 0, to: 1, plus: 2, minus: 3, scale: 0.5, rate: 1.0, forced: 0 };
        let mutant = |mutation| vary(Width::current(), mutation, &[plan], &axes, &points, 1);
        // 0 + ½·½ + ½·½; 1 + ½·1 + ½·2 is beyond 2: midway from 1; -1 + 0 - ½ is beyond -1, where the parent is.
        assert_eq!(mutant(Mutation::CurrentToBest), [0.5, 1.5, -1.0]);
        // ½ + ½·½; 2 + ½·2 is beyond 2; -1 - ½ is beyond -1.
        assert_eq!(mutant(Mutation::Random), [0.75, 1.5, -1.0]);
    }

    #[test]
    fn ranges_as_wide_as_numbers_are_keep_their_bounds() {
        for (low, high) in [(-f64::MAX / 2.0, f64::MAX / 2.0), (f64::MAX / 2.0, f64::MAX), (5e-324, 1e-323)] {
            let space = Space::new(vec![Parameter::new("x", Domain::real(low, high)).len(9)]).unwrap();
            let axes = Axes::of(&space, "test").unwrap();
            for seed in 0..50 {
                let points = points(&axes, 6, seed);
                for mutation in [Mutation::CurrentToBest, Mutation::Random] {
                    let plan = Plan { parent: 3, to: 1, plus: 2, minus: 5, scale: 1.0, rate: 1.0, forced: 8 };
                    let trial = vary(Width::current(), mutation, &[plan], &axes, &points, seed);
                    assert!(trial.iter().all(|gene| (low..=high).contains(gene)), "{trial:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn trials_are_the_same_alone_and_at_every_width(
            genes in prop::sample::select(vec![1, 2, 3, 4, 5, 30, 255, 256, 257, 600]), first: u64, rate in 0.0..=1.0,
            scale in 0.01..=1.0, current: bool,
        ) {
            let first = first >> 1;
            let axes = axes(genes);
            let points = points(&axes, 6, first);
            let mutation = if current { Mutation::CurrentToBest } else { Mutation::Random };
            let plans: Vec<Plan> = (0..11)
                .map(|k| Plan {
                    parent: k % 4, to: (k + 1) % 4, plus: (k + 2) % 4, minus: 3 + k % 3, scale, rate, forced: k % genes,
                })
                .collect();
            let together = vary(Width::BASE, mutation, &plans, &axes, &points, first);
            prop_assert_eq!(&together, &vary(Width::widest(), mutation, &plans, &axes, &points, first));
            for (k, plan) in plans.iter().enumerate() {
                let trial = &together[k * genes..][..genes];
                let alone = vary(Width::widest(), mutation, &[*plan], &axes, &points, first + k as u64);
                prop_assert_eq!(trial, &alone);
                prop_assert!(trial.iter().all(|gene| (-1.0..=2.0).contains(gene)));
            }
        }
    }
}
