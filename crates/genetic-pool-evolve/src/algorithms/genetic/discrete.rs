//! Crossover and mutation of everything that is not a real.

use std::ops::Range;

use crate::{
    operators::{
        crossover::{order::Order, uniform},
        mutation::{creep::creep, flip::flip, insertion::insertion, inversion::inversion, reset::reset},
    },
    random::{Geometric, Purpose, Stream},
    space::{Activity, Column, Domain, Genomes, Space},
};

/// The longest segment that insertion moves.
const LONGEST_SEGMENT: usize = 3;

/// Breeds the whole numbers, ordinals, choices, bits and permutations of pairs of children.
///
/// Uniform crossover and creep, reset or bit-flip mutation of each gene; order crossover of each permutation, and moves
/// of it (an inversion or an insertion, evenly) in place of its items' mutations. Each column has chance of its own:
/// a space with bits and permutations varies its bits as the same space without permutations does.
#[derive(Clone, Debug)]
pub struct Discrete {
    ints: Vec<IntGene>,
    bits: usize,
    permutations: Vec<Range<usize>>,
    /// Whether there is nothing but permutations.
    only_permutations: bool,
    activity: Activity,
    /// 1 over the number of genes, each item of a permutation counting as one.
    default_mutation: f64,
    /// Of the probability asked for last.
    places: Geometric,
    order: Order,
}

/// A gene of the column of whole numbers.
#[derive(Clone, Copy, Debug)]
enum IntGene {
    /// A whole number or an ordinal.
    Ordered { low: i64, high: i64 },
    /// A choice.
    Choice { levels: i64 },
}

impl Discrete {
    /// The operators for `space`.
    pub fn new(space: &Space) -> Discrete {
        let shape = space.layout().shape;
        let mut ints = Vec::with_capacity(shape.ints);
        let mut permutations = Vec::new();
        for (parameter, segment) in space.parameters().iter().zip(&space.layout().segments) {
            let gene = match &parameter.domain {
                Domain::Int { low, high } => IntGene::Ordered { low: *low, high: *high },
                Domain::Ordinal { levels } => IntGene::Ordered { low: 0, high: levels.len() as i64 - 1 },
                Domain::Choice { levels } => IntGene::Choice { levels: levels.len() as i64 },
                Domain::Real { .. } | Domain::Bit | Domain::Permutation { .. } => {
                    if segment.column == Column::Permutation {
                        permutations.push(segment.start..segment.start + segment.len);
                    }
                    continue;
                }
            };
            ints.extend(std::iter::repeat_n(gene, segment.len));
        }
        let genes = shape.reals + shape.ints + shape.bits + shape.items;
        let default_mutation = 1.0 / genes.max(1) as f64;
        Discrete {
            ints,
            bits: shape.bits,
            only_permutations: shape.items == genes,
            order: Order::new(permutations.iter().map(Range::len).max().unwrap_or(0)),
            permutations,
            activity: space.activity().clone(),
            default_mutation,
            places: Geometric::new(default_mutation),
        }
    }

    /// Whether there is nothing to breed and no activity mask to keep.
    pub fn is_empty(&self) -> bool {
        self.ints.is_empty() && self.bits == 0 && self.permutations.is_empty() && self.activity.is_empty()
    }

    /// The probability that a gene mutates where none is asked for: 1 over the number of genes of the whole space,
    /// reals included, each item of a permutation counting as a gene.
    ///
    /// A child has one mutation on average, wherever it falls: a permutation gets its part by its size.
    pub fn default_mutation(&self) -> f64 {
        self.default_mutation
    }

    /// Makes the rows `row` and `row + 1` of `offspring`, copies of two parents in all columns, their children: crosses
    /// them if `crossed`, mutates them, and computes their activity masks. Reals are left alone.
    ///
    /// `mutation` is the probability that a gene mutates; `None`: the default. A permutation of `n` items undergoes as
    /// many moves as `n` genes would mutations; where there are only permutations and `mutation` is `None`, a child has
    /// at least one, since it could be the copy of a parent otherwise.
    ///
    /// Chance is a function of `seed`, `island` and `first`, the index of the candidate in row `row`. Who needs a single
    /// child breeds a pair with that child's index as `first` and drops the second row.
    #[expect(clippy::too_many_arguments, reason = "three of them are the address of the chance")]
    pub fn breed(
        &mut self,
        seed: u64,
        island: u16,
        first: u64,
        crossed: bool,
        mutation: Option<f64>,
        offspring: &mut Genomes,
        row: usize,
    ) {
        let probability = mutation.unwrap_or(self.default_mutation);
        if self.places.probability() != probability {
            self.places = Geometric::new(probability);
        }
        let stream = |purpose| Stream::new(seed, island, purpose, first);
        let shape = offspring.shape;
        if !self.ints.is_empty() {
            let pair = &mut offspring.ints[row * shape.ints..][..2 * shape.ints];
            if crossed {
                let (a, b) = pair.split_at_mut(shape.ints);
                uniform::genes(a, b, &mut stream(Purpose::CrossInts));
            }
            self.mutate_ints(pair, &mut stream(Purpose::MutateInts));
        }
        if self.bits > 0 {
            let words = shape.bit_words();
            let (a, b) = offspring.bits[row * words..][..2 * words].split_at_mut(words);
            if crossed {
                uniform::bits(a, b, &mut stream(Purpose::CrossBits));
            }
            let mut stream = stream(Purpose::MutateBits);
            flip(a, self.bits, self.places, &mut stream);
            flip(b, self.bits, self.places, &mut stream);
        }
        if !self.permutations.is_empty() {
            let (a, b) = offspring.items[row * shape.items..][..2 * shape.items].split_at_mut(shape.items);
            if crossed {
                let mut stream = stream(Purpose::CrossItems);
                for permutation in &self.permutations {
                    self.order.cross(&mut a[permutation.clone()], &mut b[permutation.clone()], &mut stream);
                }
            }
            let at_least_one = self.only_permutations && mutation.is_none();
            let mut stream = stream(Purpose::MutateItems);
            self.mutate_items(a, at_least_one, &mut stream);
            self.mutate_items(b, at_least_one, &mut stream);
        }
        self.activity.update(offspring, row);
        self.activity.update(offspring, row + 1);
    }

    fn mutate_ints(&self, pair: &mut [i64], stream: &mut Stream) {
        let genes = self.ints.len();
        self.places.each(stream, pair.len(), |place, stream| {
            let gene = if place < genes { place } else { place - genes };
            let value = &mut pair[place];
            *value = match self.ints[gene] {
                IntGene::Ordered { low, high } => creep(*value, low, high, stream),
                IntGene::Choice { levels } => reset(*value, levels, stream),
            };
        });
    }

    fn mutate_items(&self, items: &mut [u32], at_least_one: bool, stream: &mut Stream) {
        let mut moves = 0;
        let mut permutation = 0;
        self.places.each(stream, items.len(), |place, stream| {
            while place >= self.permutations[permutation].end {
                permutation += 1;
            }
            moves += 1;
            change(&mut items[self.permutations[permutation].clone()], stream);
        });
        if moves == 0 && at_least_one {
            let permutation = self.permutations[stream.below(self.permutations.len())].clone();
            change(&mut items[permutation], stream);
        }
    }
}

/// One move: an inversion or an insertion, evenly.
fn change(items: &mut [u32], stream: &mut Stream) {
    if stream.next() >> 63 == 0 {
        inversion(items, stream);
    } else {
        insertion(items, LONGEST_SEGMENT, stream);
    }
}
