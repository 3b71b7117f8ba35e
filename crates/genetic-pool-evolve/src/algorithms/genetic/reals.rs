//! Crossover and mutation of the reals of many pairs.
//!
//! Chance, which every path through here keeps to:
//! - after the words of [`Mates`] its stream gives a word for each 64 genes, whose bits say which genes are crossed (½
//!   each), then a word for each of these genes, which is the crossover's;
//! - stream (seed, `Mutate`, index of the pair's first child): over the genes of both children as one row of 2n, the
//!   gap to the next gene that mutates, then that gene's word, until the row ends.

#![expect(clippy::inline_always, reason = "the bodies take the instructions of their caller")]

use super::{
    curves::Curve,
    mate::{CHUNK, Mates},
};
use crate::{
    maths::{self, AnyPower, Power},
    operators::{crossover::simulated_binary as sbx, mutation::polynomial},
    random::{Lanes, Purpose, Stream, unit},
    space::Space,
    vector::{Width, multiversion},
};

/// Mutations of a pair that are drawn side by side with those of other pairs.
const HITS: usize = 4;
/// Genes whose words are drawn side by side: a pair of more draws its own.
const LANE_GENES: usize = 64;

/// Genes gathered at once: as much as stays near the CPU, a pair at least.
const GATHERED: usize = 1 << 14;

/// Breeds the real columns of pairs.
///
/// The genes that are really crossed or mutated are gathered from all pairs of a chunk into one row, which short loops
/// without branches then work on: they vectorise, while genes that stay cost a copy.
#[derive(Clone, Debug)]
pub(super) struct Reals {
    seed: u64,
    island: u16,
    low: Vec<f64>,
    high: Vec<f64>,
    /// Whether all genes have the same bounds.
    alike: bool,
    /// Empty where every gene is varied as it is stored.
    curves: Vec<Curve>,
    crossover_eta: f64,
    mutation_eta: f64,
    clock: Clock,
    packed: Packed,
    /// By draw: the words of a chunk's pairs.
    rounds: Vec<[u64; CHUNK]>,
    masks: Vec<u64>,
}

/// How many pairs with `genes` reals each are bred at once; it changes no bit.
pub(super) fn pairs_at_once(genes: usize) -> usize {
    (GATHERED / (2 * genes).max(1)).clamp(1, CHUNK)
}

/// Gaps between mutated genes.
#[derive(Clone, Copy, Debug)]
struct Clock {
    /// 1 / log2(1 - probability).
    per_gap: f64,
}

/// Genes gathered from many rows.
#[derive(Clone, Debug, Default)]
struct Packed {
    a: Vec<f64>,
    b: Vec<f64>,
    words: Vec<u64>,
    /// Bounds; never written where all genes have the same.
    low: Vec<f64>,
    high: Vec<f64>,
    /// Where it came from.
    to: Vec<u32>,
    v: Vec<f64>,
    w: Vec<f64>,
}

impl Reals {
    /// For `space`, which has reals; `mutation` is the probability that a gene mutates.
    pub(super) fn new(
        space: &Space,
        (seed, island): (u64, u16),
        (crossover_eta, mutation_eta): (f64, f64),
        mutation: f64,
    ) -> Reals {
        let curves = Curve::of(space);
        let (low, high): (Vec<f64>, Vec<f64>) = curves.iter().map(Curve::bounds).unzip();
        let alike = low.iter().all(|bound| *bound == low[0]) && high.iter().all(|bound| *bound == high[0]);
        let straight = curves.iter().all(Curve::is_straight);
        Reals {
            seed,
            island,
            alike,
            curves: if straight { Vec::new() } else { curves },
            crossover_eta,
            mutation_eta,
            clock: Clock::new(mutation),
            packed: Packed::new(2 * pairs_at_once(low.len()) * low.len(), [low[0], high[0]]),
            rounds: vec![[0; CHUNK]; LANE_GENES],
            masks: vec![0; low.len().div_ceil(64)],
            low,
            high,
        }
    }

    /// Breeds `children`, whole rows of them, a pair after the other: from `parents`, the rows of the population.
    ///
    /// `first` is the index of the first pair's first child.
    pub(super) fn breed(
        &mut self,
        width: Width,
        mates: &mut Mates<CHUNK>,
        first: u64,
        parents: &[f64],
        children: &mut [f64],
    ) {
        breed_chunk(width, self, mates, first, parents, children);
    }

    /// Breeds one pair: the same bits.
    pub(super) fn breed_one(&mut self, mates: &mut Mates<1>, first: u64, parents: &[f64], children: &mut [f64]) {
        breed_body(self, mates, first, parents, children);
    }
}

multiversion! {
    fn breed_chunk(reals: &mut Reals, mates: &mut Mates<CHUNK>, first: u64, parents: &[f64], children: &mut [f64])
        = breed_body;
}

#[inline(always)]
fn breed_body<const N: usize>(
    reals: &mut Reals,
    mates: &mut Mates<N>,
    first: u64,
    parents: &[f64],
    children: &mut [f64],
) {
    if reals.alike {
        breed_with::<N, true>(reals, mates, first, parents, children);
    } else {
        breed_with::<N, false>(reals, mates, first, parents, children);
    }
}

#[inline(always)]
fn breed_with<const N: usize, const ALIKE: bool>(
    reals: &mut Reals,
    mates: &mut Mates<N>,
    first: u64,
    parents: &[f64],
    children: &mut [f64],
) {
    let genes = reals.low.len();
    let pairs = children.len() / (2 * genes);
    let crossing = reals.gather_crossed::<N, ALIKE>(mates, pairs, parents, children);
    reals.cross::<ALIKE>(crossing, children);
    let mutating = reals.gather_mutated::<N, ALIKE>(first, pairs, children);
    reals.mutate(mutating, children);
}

impl Reals {
    /// Copies the parents and gathers the genes to cross; how many there are.
    #[inline(always)]
    fn gather_crossed<const N: usize, const ALIKE: bool>(
        &mut self,
        mates: &mut Mates<N>,
        pairs: usize,
        parents: &[f64],
        children: &mut [f64],
    ) -> usize {
        let genes = self.low.len();
        let (low, high) = (&self.low[..genes], &self.high[..genes]);
        let together = N == CHUNK && genes <= LANE_GENES;
        // The words of all pairs are drawn together, as many as the pair that needs most.
        let mut masks = [0; N];
        if together {
            masks = mates.lanes.draw();
            let mut most = 0;
            for mask in &mut masks[..pairs] {
                *mask &= u64::MAX >> (64 - genes);
                most = most.max(mask.count_ones());
            }
            for round in &mut self.rounds[..most as usize] {
                let words = mates.lanes.draw();
                round[..N].copy_from_slice(&words);
            }
        }
        let mut len = 0;
        for pair in 0..pairs {
            let [i, j] = mates.parents[pair];
            let (a, b) = (&parents[i * genes..][..genes], &parents[j * genes..][..genes]);
            let base = pair * 2 * genes;
            let (x, y) = children[base..base + 2 * genes].split_at_mut(genes);
            x.copy_from_slice(a);
            y.copy_from_slice(b);
            if !mates.crossed[pair] {
                continue;
            }
            if together {
                let rounds = &self.rounds;
                let word = |draw: usize| rounds[draw & (LANE_GENES - 1)][pair & (CHUNK - 1)];
                len = self.packed.gather::<ALIKE>(len, masks[pair], base, [a, b, low, high], word);
                continue;
            }
            let mut stream = mates.lanes.get(pair);
            for mask in &mut self.masks {
                *mask = stream.next();
            }
            for (block, mask) in self.masks.iter().enumerate() {
                let range = 64 * block..(64 * block + 64).min(genes);
                let mask = mask & (u64::MAX >> (64 - range.len()));
                let columns = [a, b, low, high].map(|column| &column[range.clone()]);
                len = self.packed.gather::<ALIKE>(len, mask, base + range.start, columns, |_| stream.next());
            }
        }
        len
    }

    #[inline(always)]
    fn cross<const ALIKE: bool>(&mut self, len: usize, children: &mut [f64]) {
        let inverse = 1.0 / (self.crossover_eta + 1.0);
        self.bend(len, true);
        let packed = &mut self.packed;
        if self.crossover_eta == sbx::WHOLE_ETA {
            packed.cross::<_, ALIKE>(sbx::WholeEtaPower {}, inverse, len);
        } else {
            packed.cross::<_, ALIKE>(AnyPower(self.crossover_eta + 1.0), inverse, len);
        }
        let genes = self.low.len();
        if !self.curves.is_empty() {
            for k in 0..len {
                let curve = self.curves[packed.to[k] as usize % genes];
                packed.a[k] = curve.straighten(packed.a[k]);
                packed.b[k] = curve.straighten(packed.b[k]);
            }
        }
        for ((to, a), b) in packed.to[..len].iter().zip(&packed.a[..len]).zip(&packed.b[..len]) {
            children[*to as usize] = *a;
            children[*to as usize + genes] = *b;
        }
    }

    /// Gathers the genes to mutate; how many there are.
    #[inline(always)]
    fn gather_mutated<const N: usize, const ALIKE: bool>(
        &mut self,
        first: u64,
        pairs: usize,
        children: &[f64],
    ) -> usize {
        let genes = self.low.len();
        let (low, high) = (&self.low[..genes], &self.high[..genes]);
        let clock = self.clock;
        let mut lanes = Lanes::<N>::default();
        for (lane, index) in (first..).step_by(2).take(pairs).enumerate() {
            lanes.set(lane, Stream::new(self.seed, self.island, Purpose::Mutate, index));
        }
        // The first hits of all pairs are drawn together, the rare rest one by one.
        let mut at = [[0u32; N]; HITS];
        let mut words = [[0; N]; HITS];
        let mut place = [-1.0; N];
        for hit in 0..HITS {
            let gaps = lanes.draw();
            for k in 0..N {
                place[k] = clock.next(place[k], gaps[k]);
                at[hit][k] = maths::whole(place[k]);
            }
            words[hit] = lanes.draw();
        }
        let packed = &mut self.packed;
        let mut len = 0;
        let mut gather = |base: usize, place: usize, word: u64| {
            let gene = if place < genes { place } else { place - genes };
            packed.a[len] = children[base + place];
            packed.words[len] = word;
            if !ALIKE {
                packed.low[len] = low[gene];
                packed.high[len] = high[gene];
            }
            packed.to[len] = (base + place) as u32;
            len += 1;
        };
        for pair in 0..pairs {
            let base = pair * 2 * genes;
            let mut hit = 0;
            while hit < HITS && (at[hit][pair] as usize) < 2 * genes {
                gather(base, at[hit][pair] as usize, words[hit][pair]);
                hit += 1;
            }
            if hit == HITS {
                let mut stream = lanes.get(pair);
                let mut place = clock.next(place[pair], stream.next());
                while place < (2 * genes) as f64 {
                    gather(base, place as usize, stream.next());
                    place = clock.next(place, stream.next());
                }
            }
        }
        len
    }

    #[inline(always)]
    fn mutate(&mut self, len: usize, children: &mut [f64]) {
        let inverse = 1.0 / (self.mutation_eta + 1.0);
        self.bend(len, false);
        let packed = &mut self.packed;
        if self.mutation_eta == polynomial::WHOLE_ETA {
            packed.mutate(polynomial::WholeEtaPower {}, inverse, len);
        } else {
            packed.mutate(AnyPower(self.mutation_eta + 1.0), inverse, len);
        }
        if !self.curves.is_empty() {
            for k in 0..len {
                let to = packed.to[k] as usize;
                let curve = self.curves[to % self.low.len()];
                let up = unit(packed.words[k]) >= 0.5;
                packed.a[k] = curve.straighten_mutated(children[to], packed.a[k], up);
            }
        }
        for (to, value) in packed.to[..len].iter().zip(&packed.a[..len]) {
            children[*to as usize] = *value;
        }
    }

    /// The gathered genes from where they are stored to where they are varied.
    #[inline(always)]
    fn bend(&mut self, len: usize, both: bool) {
        if self.curves.is_empty() {
            return;
        }
        let packed = &mut self.packed;
        for k in 0..len {
            let curve = self.curves[packed.to[k] as usize % self.low.len()];
            packed.a[k] = curve.bend(packed.a[k]);
            if both {
                packed.b[k] = curve.bend(packed.b[k]);
            }
        }
    }
}

impl Packed {
    /// Room for `genes`, with the bounds in place where all have the same.
    fn new(genes: usize, [low, high]: [f64; 2]) -> Packed {
        // A row is filled 64 places at a time, and worked on in whole vectors.
        let room = genes + 2 * 64;
        Packed {
            a: vec![0.0; room],
            b: vec![1.0; room],
            words: vec![0; room],
            low: vec![low; room],
            high: vec![high; room],
            to: vec![0; room],
            v: vec![0.5; room],
            w: vec![0.5; room],
        }
    }

    /// Appends the genes of `mask` in which the parents differ; the new length.
    ///
    /// `columns` are up to 64 genes of both parents and their bounds, the first of which goes to `base`.
    #[inline(always)]
    fn gather<const ALIKE: bool>(
        &mut self,
        len: usize,
        mut mask: u64,
        base: usize,
        columns: [&[f64]; 4],
        mut word: impl FnMut(usize) -> u64,
    ) -> usize {
        let [x, y, low, high] = columns;
        let genes = x.len();
        assert!(genes <= 64 && y.len() == genes && low.len() == genes && high.len() == genes);
        let (Some(a), Some(b), Some(words), Some(lows), Some(highs), Some(to)) = (
            self.a[len..].first_chunk_mut::<64>(),
            self.b[len..].first_chunk_mut::<64>(),
            self.words[len..].first_chunk_mut::<64>(),
            self.low[len..].first_chunk_mut::<64>(),
            self.high[len..].first_chunk_mut::<64>(),
            self.to[len..].first_chunk_mut::<64>(),
        ) else {
            return len;
        };
        let (mut k, mut draw) = (0, 0);
        while mask != 0 {
            let gene = mask.trailing_zeros() as usize;
            mask &= mask - 1;
            // Every gene is written and one that both parents share is written over: no branch to guess.
            a[k & 63] = x[gene];
            b[k & 63] = y[gene];
            words[k & 63] = word(draw);
            if !ALIKE {
                lows[k & 63] = low[gene];
                highs[k & 63] = high[gene];
            }
            to[k & 63] = (base + gene) as u32;
            draw += 1;
            k += usize::from(x[gene] != y[gene]);
        }
        len + k
    }

    #[inline(always)]
    fn cross<P: Power, const ALIKE: bool>(&mut self, power: P, inverse: f64, len: usize) {
        let len = len.next_multiple_of(8);
        let packed = sbx::Packed {
            a: &mut self.a[..len],
            b: &mut self.b[..len],
            words: &self.words[..len],
            low: &self.low[..len],
            high: &self.high[..len],
            v: &mut self.v[..len],
            w: &mut self.w[..len],
        };
        sbx::cross_packed::<P, ALIKE>(power, inverse, packed);
    }

    #[inline(always)]
    fn mutate<P: Power>(&mut self, power: P, inverse: f64, len: usize) {
        let len = len.next_multiple_of(8);
        let (values, words) = (&mut self.a[..len], &self.words[..len]);
        polynomial::mutate_packed(power, inverse, values, words, &self.low[..len], &self.high[..len]);
    }
}

impl Clock {
    fn new(probability: f64) -> Clock {
        let per_gap = if probability >= 1.0 {
            0.0
        } else if probability < 1e-9 {
            // 1 - p would lose p's digits.
            -std::f64::consts::LN_2 / probability
        } else {
            1.0 / maths::log2(1.0 - probability)
        };
        Clock { per_gap }
    }

    /// The next place that is hit after `place`: the gap is geometric. Places end at 4e9, which stands for none.
    #[inline(always)]
    fn next(self, place: f64, word: u64) -> f64 {
        let gap = maths::floor(maths::min(maths::log2(unit(word)) * self.per_gap, 4e9));
        maths::min(place + 1.0 + gap, 4e9)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "expected values come from the host's maths")]
mod tests {
    use super::*;
    use crate::{
        algorithms::Rank,
        operators::chi_square,
        problem::CandidateId,
        space::{Domain, Parameter, Scale},
    };

    use super::super::mate::{Draw, Parents, choose, choose_one};

    fn space(genes: usize, kind: usize) -> Space {
        let domain = |gene: usize| {
            let low = -1.0 - gene as f64;
            match (kind, gene % 3) {
                (0, _) => Domain::Real { low: -5.12, high: 5.12, scale: Scale::Linear, step: None },
                (1, _) | (2, 0) => {
                    Domain::Real { low, high: 0.5 + 3.0 * gene as f64, scale: Scale::Linear, step: None }
                }
                (_, 1) => Domain::Real { low: 1e-3, high: 1e3, scale: Scale::Log, step: None },
                _ => Domain::Real { low, high: 3.0, scale: Scale::Linear, step: Some(0.1) },
            }
        };
        Space::new((0..genes).map(|gene| Parameter::new(format!("x{gene}"), domain(gene))).collect()).unwrap()
    }

    fn population(space: &Space, rows: usize) -> Vec<f64> {
        let mut genomes = space.genomes(rows);
        for row in 0..rows {
            let mut stream = Stream::new(1, 0, Purpose::Initialize, row as u64);
            crate::operators::initialize::initialize(space, &mut genomes, row, &mut stream);
        }
        genomes.reals
    }

    fn ranked(rows: usize) -> (Vec<Rank>, Vec<CandidateId>) {
        (0..rows).map(|row| (Rank::new(0.0, (row * 7 % 10) as f64), CandidateId::new(0, row as u64))).unzip()
    }

    #[test]
    fn pairs_alone_or_together_at_any_width_get_the_same_bits() {
        for kind in 0..3 {
            for genes in [1, 2, 7, 30, 64, 65, 150, 300] {
                for (etas, mutation) in [((15.0, 20.0), 1.0 / genes as f64), ((3.0, 7.5), 0.4), ((15.0, 20.0), 1.0)] {
                    let space = space(genes, kind);
                    let parents = population(&space, 20);
                    let (ranks, candidates) = ranked(20);
                    let contenders = Parents { ranks: &ranks, candidates: &candidates };
                    let draw = Draw { seed: 3, island: 0, tournament: 2, crossover: 0.9 };
                    let mut reals = Reals::new(&space, (3, 0), etas, mutation);
                    for pairs in [1, 5, pairs_at_once(genes)] {
                        let mut alone = vec![0.0; 2 * pairs * genes];
                        for (pair, children) in alone.chunks_exact_mut(2 * genes).enumerate() {
                            let mut mates = Mates::default();
                            choose_one(draw, contenders, 100 + 2 * pair as u64, &mut mates);
                            reals.breed_one(&mut mates, 100 + 2 * pair as u64, &parents, children);
                        }
                        for width in [Width::BASE, Width::widest()] {
                            let mut together = vec![0.0; alone.len()];
                            let mut mates = Mates::default();
                            choose(width, draw, contenders, 100, pairs, &mut mates);
                            reals.breed(width, &mut mates, 100, &parents, &mut together);
                            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                            assert_eq!(bits(&alone), bits(&together), "{kind} {genes} {pairs} {width:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn genes_that_no_operator_touches_keep_their_bits() {
        // With mutation alone, rare, on spaces with log scales and steps, where values change by going there and back.
        let (genes, rows) = (12, 20);
        let space = space(genes, 2);
        let parents = population(&space, rows);
        let (ranks, candidates) = ranked(rows);
        let contenders = Parents { ranks: &ranks, candidates: &candidates };
        let draw = Draw { seed: 3, island: 0, tournament: 1, crossover: 0.0 };
        let mut reals = Reals::new(&space, (3, 0), (15.0, 20.0), 0.1);
        let (mut kept, mut changed) = (0_u64, 0_u64);
        for first in (0..4000).step_by(2 * CHUNK) {
            let mut children = vec![0.0; 2 * CHUNK * genes];
            let mut mates = Mates::default();
            choose(Width::current(), draw, contenders, first, CHUNK, &mut mates);
            reals.breed(Width::current(), &mut mates, first, &parents, &mut children);
            for (child, row) in children.chunks_exact(genes).zip(mates.parents.iter().flatten()) {
                for (gene, parent) in child.iter().zip(&parents[row * genes..]) {
                    if gene.to_bits() == parent.to_bits() { kept += 1 } else { changed += 1 }
                }
            }
        }
        // A mutation changes a gene unless its step is too small to show: a straight gene's in none of so many draws.
        let all = (kept + changed) as f64;
        chi_square(&[changed, kept], &[0.1 * all, 0.9 * all]);
    }

    /// The children of `pairs` pairs of a row of -1 and a row of 1.
    fn children(pairs: usize, crossover: f64, mutation: f64) -> Vec<f64> {
        const GENES: usize = 30;
        let space = space(GENES, 0);
        let parents = [[-1.0; GENES], [1.0; GENES]].concat();
        let (ranks, candidates) = ([Rank::new(0.0, 0.0); 2], [CandidateId::new(0, 0), CandidateId::new(0, 1)]);
        // A tournament of one: either row is as likely.
        let draw = Draw { seed: 5, island: 0, tournament: 1, crossover };
        let contenders = Parents { ranks: &ranks, candidates: &candidates };
        let mut reals = Reals::new(&space, (5, 0), (15.0, 20.0), mutation);
        let mut all = vec![0.0; 2 * pairs * GENES];
        for (chunk, rows) in all.chunks_mut(2 * CHUNK * GENES).enumerate() {
            let (first, pairs) = ((chunk * 2 * CHUNK) as u64, rows.len() / (2 * GENES));
            let mut mates = Mates::default();
            choose(Width::current(), draw, contenders, first, pairs, &mut mates);
            reals.breed(Width::current(), &mut mates, first, &parents, rows);
        }
        all
    }

    #[test]
    fn each_gene_of_a_crossing_pair_is_crossed_half_the_time() {
        let pairs = 40_000;
        let all = children(pairs, 0.9, 0.0);
        let (mut unlike, mut crossing, mut genes) = (0, 0, vec![0; 30]);
        for pair in all.chunks_exact(60) {
            let (a, b) = pair.split_at(30);
            if a == b {
                continue;
            }
            unlike += 1;
            // Untouched genes keep the bits of their parents, and an exchange of exactly these has no probability.
            let touched: Vec<usize> = (0..30).filter(|gene| a[*gene].abs() != 1.0 || b[*gene].abs() != 1.0).collect();
            crossing += u64::from(!touched.is_empty());
            for gene in touched {
                genes[gene] += 1;
            }
        }
        // Parents are unlike in half of the pairs; 0.9 of these cross, all but 2^-30 of which touch a gene.
        chi_square(&[unlike, pairs as u64 - unlike], &[pairs as f64 / 2.0; 2]);
        chi_square(&[crossing, unlike - crossing], &[0.9 * unlike as f64, 0.1 * unlike as f64]);
        // A gene is one of those that cross half the time. The counts are independent binomials: each alone.
        for count in genes {
            chi_square(&[count, crossing - count], &[crossing as f64 / 2.0; 2]);
        }
    }

    #[test]
    fn mutations_of_a_child_are_binomial() {
        let pairs = 40_000;
        for probability in [1.0 / 30.0, 0.2] {
            let all = children(pairs, 0.0, probability);
            for child in 0..2 {
                let (mut places, mut hits) = (vec![0; 30], [0; 6]);
                for pair in all.chunks_exact(60) {
                    let row = &pair[30 * child..][..30];
                    let hit = (0..30).filter(|gene| row[*gene].abs() != 1.0).inspect(|gene| places[*gene] += 1).count();
                    hits[hit.min(5)] += 1;
                }
                // Binomial(30, p): C(30, k)·p^k·(1-p)^(30-k), five and more together.
                let mut expected = [0.0; 6];
                let mut term = pairs as f64 * (1.0 - probability).powi(30);
                for k in 0..=30 {
                    expected[k.min(5)] += term;
                    term *= (30 - k) as f64 / (k + 1) as f64 * probability / (1.0 - probability);
                }
                chi_square(&hits, &expected);
                for count in places {
                    let expected = pairs as f64 * probability;
                    chi_square(&[count, pairs as u64 - count], &[expected, pairs as f64 - expected]);
                }
            }
        }
    }
}
