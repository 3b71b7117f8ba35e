//! From a population to offspring.

use std::sync::Arc;

use super::{
    GeneticSettings,
    discrete::Discrete,
    mate::{CHUNK, Draw, Mates, Parents, choose, choose_one},
    reals::{Reals, pairs_at_once},
};
use crate::{
    algorithms::{Population, Setup},
    operators::initialize::initialize,
    problem::Signature,
    random::{Purpose, Stream},
    space::Genomes,
    vector::Width,
};

/// Breeds candidates, each a function of its id and of the population it is bred from.
#[derive(Clone, Debug)]
pub(super) struct Breeder {
    signature: Arc<Signature>,
    start: Genomes,
    draw: Draw,
    mutation: Option<f64>,
    /// Where the space has reals.
    reals: Option<Reals>,
    /// Where it has anything else.
    discrete: Option<Discrete>,
    mates: Box<Mates<CHUNK>>,
    single: Box<Mates<1>>,
    /// Room for a single pair.
    pair: Genomes,
}

impl Breeder {
    pub(super) fn new(setup: &Setup, settings: &GeneticSettings) -> Breeder {
        let space = &setup.signature.space;
        let (seed, island) = (setup.seed, setup.island);
        let etas = (settings.crossover_eta, settings.mutation_eta);
        let reals = || Reals::new(space, (seed, island), etas, settings.mutation_in(space));
        let discrete = Discrete::new(space);
        Breeder {
            start: setup.start.clone(),
            draw: Draw { seed, island, tournament: settings.tournament, crossover: settings.crossover },
            mutation: settings.mutation,
            reals: (space.layout().shape.reals > 0).then(reals),
            discrete: (!discrete.is_empty()).then_some(discrete),
            mates: Box::default(),
            single: Box::default(),
            pair: space.genomes(2),
            signature: setup.signature.clone(),
        }
    }

    /// Makes row `row` candidate `index` of those a run begins with: a start point, or random.
    pub(super) fn first(&self, index: u64, genomes: &mut Genomes, row: usize) {
        let space = &self.signature.space;
        if index < self.start.rows as u64 {
            genomes.copy_row(row, &self.start, index as usize);
            space.update_activity(genomes, row);
        } else {
            let mut stream = Stream::new(self.draw.seed, self.draw.island, Purpose::Initialize, index);
            initialize(space, genomes, row, &mut stream);
        }
    }

    /// Fills `offspring`, an even number of rows, with children of `parents`; `first` is the index of the first.
    pub(super) fn generation(&mut self, parents: &Population, first: u64, offspring: &mut Genomes) {
        let width = Width::current();
        let reals = offspring.shape.reals;
        let chunk = 2 * pairs_at_once(reals);
        for start in (0..offspring.rows).step_by(chunk) {
            let rows = start..(start + chunk).min(offspring.rows);
            let (index, pairs) = (first + start as u64, rows.len() / 2);
            choose(width, self.draw, contenders(parents), index, pairs, &mut self.mates);
            if let Some(breeder) = &mut self.reals {
                let children = &mut offspring.reals[rows.start * reals..rows.end * reals];
                breeder.breed(width, &mut self.mates, index, &parents.genomes.reals, children);
            }
            if let Some(breeder) = &mut self.discrete {
                for pair in 0..pairs {
                    let row = start + 2 * pair;
                    copy_pair(offspring, row, &parents.genomes, self.mates.parents[pair]);
                    let crossed = self.mates.crossed[pair];
                    let Draw { seed, island, .. } = self.draw;
                    breeder.breed(seed, island, first + row as u64, crossed, self.mutation, offspring, row);
                }
            }
        }
    }

    /// Makes row `row` of `genomes` candidate `index`: the first child of a pair of its own, the other is dropped.
    pub(super) fn one(&mut self, parents: &Population, index: u64, genomes: &mut Genomes, row: usize) {
        choose_one(self.draw, contenders(parents), index, &mut self.single);
        if let Some(breeder) = &mut self.reals {
            breeder.breed_one(&mut self.single, index, &parents.genomes.reals, &mut self.pair.reals);
        }
        if let Some(breeder) = &mut self.discrete {
            copy_pair(&mut self.pair, 0, &parents.genomes, self.single.parents[0]);
            let Draw { seed, island, .. } = self.draw;
            breeder.breed(seed, island, index, self.single.crossed[0], self.mutation, &mut self.pair, 0);
        }
        genomes.copy_row(row, &self.pair, 0);
    }
}

fn contenders(population: &Population) -> Parents<'_> {
    Parents { ranks: &population.ranks, candidates: &population.candidates }
}

/// Copies both parents to the rows from `row` on, but for their reals.
fn copy_pair(offspring: &mut Genomes, row: usize, parents: &Genomes, pair: [usize; 2]) {
    let shape = offspring.shape;
    for (row, parent) in (row..).zip(pair) {
        if shape.ints > 0 {
            copy(&mut offspring.ints, row, &parents.ints, parent, shape.ints);
        }
        if shape.bits > 0 {
            copy(&mut offspring.bits, row, &parents.bits, parent, shape.bit_words());
        }
        if shape.items > 0 {
            copy(&mut offspring.items, row, &parents.items, parent, shape.items);
        }
        if shape.maskable > 0 {
            copy(&mut offspring.active, row, &parents.active, parent, shape.mask_words());
        }
    }
}

fn copy<T: Copy>(to: &mut [T], to_row: usize, from: &[T], from_row: usize, width: usize) {
    to[to_row * width..][..width].copy_from_slice(&from[from_row * width..][..width]);
}
