//! Crossover and mutation of everything that is not a real.

use super::arrangements::{Arrangements, Room};
use crate::{
    operators::{
        crossover::uniform,
        mutation::{creep::creep, flip::flip, reset::reset},
    },
    random::{Geometric, Purpose, Stream},
    space::{Activity, Domain, Genomes, Space},
};

/// Breeds the whole numbers, ordinals, choices, bits, permutations and sequences of pairs of children.
///
/// Uniform crossover and creep, reset or bit-flip mutation of each gene; of permutations and sequences as
/// [`Arrangements`] says. Each column has chance of its own: a space with bits and permutations varies its bits as the
/// same space without permutations does.
#[derive(Clone, Debug)]
pub(super) struct Discrete {
    ints: Vec<IntGene>,
    bits: usize,
    /// Of permutations and sequences; `None` where there are none, or they are bred apart.
    arrangements: Option<Arrangements>,
    activity: Activity,
    /// 1 over the number of genes, each item of a permutation counting as one.
    default_mutation: f64,
    /// Of the probability asked for last.
    places: Geometric,
    room: Room,
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
    /// The operators for `space`, with `arrangements` for its permutations and sequences; `None`: these are bred apart.
    pub(super) fn new(space: &Space, arrangements: Option<Arrangements>) -> Discrete {
        let shape = space.layout().shape;
        let mut ints = Vec::with_capacity(shape.ints);
        for (parameter, segment) in space.parameters().iter().zip(&space.layout().segments) {
            let gene = match &parameter.domain {
                Domain::Int { low, high } => IntGene::Ordered { low: *low, high: *high },
                Domain::Ordinal { levels } => IntGene::Ordered { low: 0, high: levels.len() as i64 - 1 },
                Domain::Choice { levels } => IntGene::Choice { levels: levels.len() as i64 },
                Domain::Real { .. } | Domain::Bit | Domain::Permutation { .. } | Domain::Sequence { .. } => continue,
            };
            ints.extend(std::iter::repeat_n(gene, segment.len));
        }
        let genes = shape.reals + shape.ints + shape.bits + shape.items;
        let default_mutation = 1.0 / genes.max(1) as f64;
        Discrete {
            ints,
            bits: shape.bits,
            arrangements: arrangements.filter(|arrangements| !arrangements.is_empty()),
            activity: space.activity().clone(),
            default_mutation,
            places: Geometric::new(default_mutation),
            room: Room::default(),
        }
    }

    /// Whether there is nothing to breed and no activity mask to keep.
    pub(super) fn is_empty(&self) -> bool {
        self.ints.is_empty() && self.bits == 0 && self.arrangements.is_none() && self.activity.is_empty()
    }

    /// Makes the rows `row` and `row + 1` of `offspring`, copies of two parents in all columns, their children: crosses
    /// them if `crossed`, mutates them, and computes their activity masks. Reals are left alone.
    ///
    /// `mutation` is the probability that a gene mutates; `None`: 1 over the number of genes of the whole space, reals
    /// included and each item of a permutation or a sequence counting as one, so that a child has one mutation on average. A
    /// permutation of `n` items undergoes as many moves as `n` genes would mutations.
    ///
    /// Chance is a function of `seed`, `island` and `first`, the index of the candidate in row `row`. Who needs a single
    /// child breeds a pair with that child's index as `first` and drops the second row.
    #[expect(clippy::too_many_arguments, reason = "three of them are the address of the chance")]
    pub(super) fn breed(
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
        if let Some(arrangements) = &self.arrangements {
            let (a, b) = offspring.items[row * shape.items..][..2 * shape.items].split_at_mut(shape.items);
            arrangements.breed(stream, crossed, self.places, [a, b], &mut self.room);
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
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::arrangements::{Arrangements, Unchanged},
        Discrete,
    };
    use crate::{
        operators::{Operators, binomial, chi_square, initialize::initialize},
        random::{Purpose, Stream},
        space::{Condition, Domain, Genomes, Level, Parameter, Space},
    };

    fn space(parameters: Vec<Parameter>) -> Space {
        Space::new(parameters).unwrap()
    }

    fn levels(n: i64) -> Vec<Level> {
        (0..n).map(Level::Int).collect()
    }

    /// Everything at once, with conditions on each kind that can be asked.
    fn mixed() -> Space {
        let mut parameters = vec![
            Parameter::new("real", Domain::real(0.0, 1.0)).len(3),
            Parameter::new("int", Domain::Int { low: -5, high: 5 }),
            Parameter::new("flag", Domain::Bit),
            Parameter::new("route", Domain::Permutation { size: 9 }),
            Parameter::new("kind", Domain::Choice { levels: levels(3) }),
            Parameter::new("sizes", Domain::Ordinal { levels: levels(4) }).len(5),
            Parameter::new("jobs", Domain::Sequence { counts: vec![3, 0, 4, 1] }),
            Parameter::new("bits", Domain::Bit).len(100),
            Parameter::new("order", Domain::Permutation { size: 70 }),
            Parameter::new("fixed", Domain::Int { low: 3, high: 3 }),
        ];
        let mut when = |parameter: usize, on: &str, is: Level| {
            parameters[parameter].when.push(Condition { parameter: on.into(), is: vec![is] });
        };
        when(4, "int", Level::Int(0));
        when(5, "kind", Level::Int(2));
        when(7, "flag", Level::Bool(true));
        space(parameters)
    }

    /// `rows` random points.
    fn points(space: &Space, rows: usize, seed: u64) -> Genomes {
        let mut genomes = space.genomes(rows);
        for row in 0..rows {
            initialize(space, &mut genomes, row, &mut Stream::new(seed, 0, Purpose::Initialize, row as u64));
        }
        genomes
    }

    /// Fails where row `row` is no point of `space`.
    fn check_row(space: &Space, genomes: &Genomes, row: usize) {
        let shape = genomes.shape;
        for (parameter, segment) in space.parameters().iter().zip(&space.layout().segments) {
            let (start, end) = (segment.start, segment.start + segment.len);
            let ints = |low, high| {
                let genes = &genomes.ints[row * shape.ints + start..row * shape.ints + end];
                assert!(genes.iter().all(|gene| (low..=high).contains(gene)), "{}: {genes:?}", parameter.name);
            };
            match &parameter.domain {
                Domain::Int { low, high } => ints(*low, *high),
                Domain::Ordinal { levels } | Domain::Choice { levels } => ints(0, levels.len() as i64 - 1),
                Domain::Permutation { size } => {
                    let mut items = genomes.items[row * shape.items + start..row * shape.items + end].to_vec();
                    items.sort_unstable();
                    assert!(items.into_iter().eq(0..*size as u32));
                }
                Domain::Sequence { counts } => {
                    let items = &genomes.items[row * shape.items + start..row * shape.items + end];
                    let count = |value: u32| items.iter().filter(|item| **item == value).count();
                    assert!((0..).zip(counts).all(|(value, wanted)| count(value) == *wanted as usize));
                }
                Domain::Real { .. } | Domain::Bit => {}
            }
        }
        if !shape.bits.is_multiple_of(64) {
            assert_eq!(genomes.bits[(row + 1) * shape.bit_words() - 1] >> (shape.bits % 64), 0);
        }
        let mut again = genomes.clone();
        space.update_activity(&mut again, row);
        assert_eq!(&again, genomes, "the mask is that of the genes");
    }

    fn discrete(space: &Space, mutation: Option<f64>) -> Discrete {
        let shape = space.layout().shape;
        let only = shape.reals + shape.ints + shape.bits == 0;
        let unchanged = if only && mutation.is_none() { Unchanged::Moves } else { Unchanged::Stays };
        let arrangements = Arrangements::new(space, &Operators::default(), None, None, unchanged).unwrap();
        Discrete::new(space, Some(arrangements))
    }

    fn children(space: &Space, genomes: &Genomes, first: u64, crossed: bool, mutation: Option<f64>) -> Genomes {
        let mut children = genomes.clone();
        discrete(space, mutation).breed(7, 0, first, crossed, mutation, &mut children, 1);
        children
    }

    #[test]
    fn without_crossover_and_mutation_nothing_changes() {
        let space = mixed();
        let parents = points(&space, 4, 1);
        assert_eq!(children(&space, &parents, 1, false, Some(0.0)), parents);
    }

    #[test]
    fn small_spaces_are_bred_too() {
        let one = |domain| space(vec![Parameter::new("x", domain)]);
        let spaces = [
            space(Vec::new()),
            one(Domain::real(0.0, 1.0)),
            one(Domain::Bit),
            one(Domain::Int { low: 4, high: 4 }),
            one(Domain::Choice { levels: levels(1) }),
            one(Domain::Ordinal { levels: levels(2) }),
            one(Domain::Permutation { size: 1 }),
            one(Domain::Permutation { size: 2 }),
            one(Domain::Sequence { counts: vec![1] }),
            one(Domain::Sequence { counts: vec![0, 3] }),
            one(Domain::Sequence { counts: vec![1, 1] }),
            space(vec![Parameter::new("x", Domain::Bit).len(2)]),
        ];
        for space in spaces {
            let parents = points(&space, 4, 1);
            for (first, mutation) in [(0, None), (2, Some(1.0)), (4, Some(0.0))] {
                let children = children(&space, &parents, first, true, mutation);
                check_row(&space, &children, 1);
                check_row(&space, &children, 2);
            }
        }
        assert!(discrete(&one(Domain::real(0.0, 1.0)), None).is_empty());
    }

    #[test]
    fn certain_mutation_changes_every_gene_that_can_change() {
        let space = space(vec![
            Parameter::new("int", Domain::Int { low: 0, high: 9 }).len(3),
            Parameter::new("choice", Domain::Choice { levels: levels(2) }),
            Parameter::new("bits", Domain::Bit).len(70),
        ]);
        let parents = points(&space, 4, 3);
        let children = children(&space, &parents, 1, false, Some(1.0));
        for gene in 4..12 {
            assert!(parents.ints[gene] != children.ints[gene]);
        }
        assert!(parents.bits[2..6].iter().zip(&children.bits[2..6]).all(|(parent, child)| parent ^ child != 0));
        assert_eq!(parents.bits[2] ^ children.bits[2], u64::MAX);
    }

    #[test]
    fn every_gene_mutates_with_one_probability() {
        // 12 whole numbers and choices and 6 bits of a pair.
        let space = space(vec![
            Parameter::new("int", Domain::Int { low: 0, high: 9 }).len(3),
            Parameter::new("choice", Domain::Choice { levels: levels(4) }).len(3),
            Parameter::new("bits", Domain::Bit).len(3),
        ]);
        let parents = points(&space, 4, 3);
        let mut counts = vec![0; 18];
        for first in 0..5000 {
            let children = children(&space, &parents, first, false, Some(0.1));
            let ints = parents.ints[6..].iter().zip(&children.ints[6..]).map(|(old, new)| u64::from(old != new));
            let bits = (0..6).map(|gene| (parents.bits[1 + gene / 3] ^ children.bits[1 + gene / 3]) >> (gene % 3) & 1);
            for (count, changed) in counts.iter_mut().zip(ints.take(12).chain(bits)) {
                *count += changed;
            }
        }
        binomial(&counts, 5000, 0.1);
    }

    #[test]
    fn a_permutation_alone_always_moves_and_moves_as_often_as_its_items_would_mutate() {
        let parameter = || Parameter::new("route", Domain::Permutation { size: 50 });
        let alone = space(vec![parameter()]);
        let parents = points(&alone, 4, 3);
        let moved = |first, mutation| {
            let children = children(&alone, &parents, first, false, mutation);
            children.items[50..100] != parents.items[50..100]
        };
        assert!((0..1000).all(|first| moved(first, None)));
        // At 0.02 an item there is no move with 0.98^50 = 0.364. That several moves cancel is rarer than one in a
        // thousand.
        let n = 4000_u32;
        let still = (0..u64::from(n)).filter(|first| !moved(*first, Some(0.02))).count() as u64;
        let expected = f64::from(n) * 0.98_f64.powi(50);
        chi_square(&[still, u64::from(n) - still], &[expected, f64::from(n) - expected]);
        // Beside as many bits the permutation gets half of the mutations: none with (99/100)^50.
        let both = space(vec![parameter(), Parameter::new("bits", Domain::Bit).len(50)]);
        let parents = points(&both, 4, 3);
        let still = (0..u64::from(n))
            .filter(|first| children(&both, &parents, *first, false, None).items[50..100] == parents.items[50..100])
            .count() as u64;
        let expected = f64::from(n) * 0.99_f64.powi(50);
        chi_square(&[still, u64::from(n) - still], &[expected, f64::from(n) - expected]);
    }

    #[test]
    fn kinds_do_not_share_chance() {
        let bits = || Parameter::new("bits", Domain::Bit).len(200);
        let alone = space(vec![bits()]);
        let beside = space(vec![
            Parameter::new("route", Domain::Permutation { size: 20 }),
            Parameter::new("int", Domain::Int { low: 0, high: 99 }).len(10),
            bits(),
        ]);
        let parents = points(&alone, 4, 3);
        let mut others = points(&beside, 4, 4);
        others.bits.clone_from(&parents.bits);
        assert_eq!(
            children(&alone, &parents, 9, true, Some(0.1)).bits,
            children(&beside, &others, 9, true, Some(0.1)).bits,
        );
    }

    proptest! {
        #[test]
        fn children_are_points_of_the_space(
            seed: u64, first: u64, crossed: bool, mutation in proptest::option::of(0.0..=1.0),
        ) {
            let space = mixed();
            let parents = points(&space, 4, seed);
            let children = children(&space, &parents, first, crossed, mutation);
            check_row(&space, &children, 1);
            check_row(&space, &children, 2);
            prop_assert_eq!(&children.reals, &parents.reals);
            for row in [0, 3] {
                let mut restored = children.clone();
                restored.copy_row(row, &parents, row);
                prop_assert_eq!(&restored, &children, "other rows stay");
            }
            // A breeder that has bred before breeds the same.
            let mut breeder = discrete(&space, None);
            breeder.breed(1, 2, 3, true, Some(0.5), &mut parents.clone(), 0);
            let mut again = parents.clone();
            breeder.breed(7, 0, first, crossed, mutation, &mut again, 1);
            prop_assert_eq!(again, children);
        }

        #[test]
        fn crossed_genes_come_from_one_of_the_parents(seed: u64, first: u64) {
            let space = mixed();
            let parents = points(&space, 4, seed);
            let children = children(&space, &parents, first, true, Some(0.0));
            let shape = parents.shape;
            for gene in shape.ints..2 * shape.ints {
                let pair = |genomes: &Genomes| (genomes.ints[gene], genomes.ints[gene + shape.ints]);
                let (x, y) = pair(&parents);
                prop_assert!(pair(&children) == (x, y) || pair(&children) == (y, x));
            }
            for word in shape.bit_words()..2 * shape.bit_words() {
                let pair = |genomes: &Genomes| (genomes.bits[word], genomes.bits[word + shape.bit_words()]);
                let ((x, y), (a, b)) = (pair(&parents), pair(&children));
                prop_assert_eq!((a ^ b, a & b), (x ^ y, x & y));
            }
        }
    }
}
