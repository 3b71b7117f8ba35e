//! From a population to offspring.

use std::sync::Arc;

use super::{
    GeneticSettings,
    arrangements::{Arrangements, Unchanged},
    discrete::Discrete,
    improvement::Improvement,
    mate::{CHUNK, Draw, Mates, Parents, choose, choose_one, pair},
    reals::{Reals, pairs_at_once},
};
use crate::{
    algorithms::{ConfigError, Population, Rank, Setup},
    operators::{Start, initialize::initialize},
    problem::Signature,
    random::{Purpose, Stream},
    space::Genomes,
    vector::Width,
};

/// Breeds candidates, each a function of its id and of the population it is bred from.
#[derive(Clone, Debug)]
pub(in crate::algorithms) struct Breeder {
    signature: Arc<Signature>,
    start: Genomes,
    rule: Option<Arc<dyn Start>>,
    draw: Draw,
    mutation: Option<f64>,
    /// Where the space has reals.
    reals: Option<Reals>,
    /// Where it has anything else.
    discrete: Option<Discrete>,
    /// What takes long enough to be done for many at once, on threads.
    improvement: Option<Improvement>,
    mates: Box<Mates<CHUNK>>,
    single: Box<Mates<1>>,
    /// Room for a single pair.
    pair: Genomes,
    /// By pair of a generation: whether it is crossed.
    crossed: Vec<bool>,
}

/// How a generation's parents are found.
#[derive(Clone, Copy, Debug)]
enum Pairing<'a> {
    /// By tournaments, which those of the lesser ranks win.
    Tournaments(&'a [Rank]),
    /// These rows, two by two.
    Given(&'a [u32]),
}

impl Breeder {
    /// As `settings` say, where copies of parents stay (unless there are only permutations and sequences), or, where
    /// `competing`, are changed.
    pub(in crate::algorithms) fn new(
        setup: &Setup,
        settings: &GeneticSettings,
        competing: bool,
    ) -> Result<Breeder, ConfigError> {
        let space = &setup.signature.space;
        let shape = space.layout().shape;
        let (seed, island) = (setup.seed, setup.island);
        let etas = (settings.crossover_eta, settings.mutation_eta);
        let reals = || Reals::new(space, (seed, island), etas, settings.mutation_in(space));
        let operators = &setup.operators;
        let (crossover, mutation) = (settings.crossover_operator, settings.mutation_operator);
        let only_arrangements = shape.reals + shape.ints + shape.bits == 0;
        let unchanged = match competing {
            true => Unchanged::MovesIfCopy,
            false if only_arrangements && settings.mutation.is_none() => Unchanged::Moves,
            false => Unchanged::Stays,
        };
        let arrangements = Arrangements::new(space, operators, crossover, mutation, unchanged)?;
        let improve = match (settings.improve, &operators.improve) {
            (false, _) => None,
            (true, None) => return Err(ConfigError::NoImprovement),
            (true, Some(improve)) => Some(Arc::clone(improve)),
        };
        // Operators that are named or the problem's own may be slow ones.
        let slow = improve.is_some() || crossover.is_some() || operators.crossover.is_some();
        let (together, apart) = if slow { (None, Some(arrangements)) } else { (Some(arrangements), None) };
        let discrete = Discrete::new(space, together);
        Ok(Breeder {
            start: setup.start.clone(),
            rule: operators.start.clone(),
            draw: Draw { seed, island, tournament: settings.tournament, crossover: settings.crossover },
            mutation: settings.mutation,
            reals: (shape.reals > 0).then(reals),
            discrete: (!discrete.is_empty()).then_some(discrete),
            improvement: apart.map(|arrangements| {
                Improvement::new((seed, island), arrangements, settings.mutation_in(space), improve)
            }),
            mates: Box::default(),
            single: Box::default(),
            pair: space.genomes(2),
            crossed: Vec::new(),
            signature: setup.signature.clone(),
        })
    }

    /// Fills `genomes` with the candidates from `first` on that a population begins with.
    pub(in crate::algorithms) fn beginning(&self, first: u64, genomes: &mut Genomes) {
        let mut random = Vec::with_capacity(genomes.rows);
        for row in 0..genomes.rows {
            random.push(self.random(first + row as u64, genomes, row));
        }
        if let Some(improvement) = &self.improvement {
            improvement.improve(&self.signature.space, first, genomes, |row| random[row]);
        }
    }

    /// Makes row `row` candidate `index` of those a population begins with.
    pub(in crate::algorithms) fn first(&self, index: u64, genomes: &mut Genomes, row: usize) {
        if self.random(index, genomes, row)
            && let Some(improvement) = &self.improvement
        {
            improvement.improve_one(&self.signature.space, index, genomes, row);
        }
    }

    /// Makes row `row` a start point, or random; whether it is random, or what the rule of starts made of that.
    fn random(&self, index: u64, genomes: &mut Genomes, row: usize) -> bool {
        let space = &self.signature.space;
        let random = index >= self.start.rows as u64;
        if random {
            let mut stream = Stream::new(self.draw.seed, self.draw.island, Purpose::Initialize, index);
            initialize(space, genomes, row, &mut stream);
            if let Some(rule) = &self.rule {
                genomes.row_mut(space, row).guarded(|genome| rule.start(genome, index, &mut stream));
                space.update_activity(genomes, row);
            }
        } else {
            genomes.copy_row(row, &self.start, index as usize);
            space.update_activity(genomes, row);
        }
        random
    }

    /// Fills `offspring`, an even number of rows, with children of `parents`, of whom those of the lesser of `ranks` win
    /// tournaments; `first` is the index of the first.
    pub(in crate::algorithms) fn generation(
        &mut self,
        parents: &Population,
        ranks: &[Rank],
        first: u64,
        offspring: &mut Genomes,
    ) {
        self.fill(parents, Pairing::Tournaments(ranks), first, offspring);
    }

    /// The same of the rows `pairs` of `parents`, two by two.
    pub(in crate::algorithms) fn paired(
        &mut self,
        parents: &Population,
        pairs: &[u32],
        first: u64,
        offspring: &mut Genomes,
    ) {
        self.fill(parents, Pairing::Given(pairs), first, offspring);
    }

    fn fill(&mut self, parents: &Population, pairing: Pairing<'_>, first: u64, offspring: &mut Genomes) {
        let width = Width::current();
        let reals = offspring.shape.reals;
        let chunk = 2 * pairs_at_once(reals);
        self.crossed.clear();
        for start in (0..offspring.rows).step_by(chunk) {
            let rows = start..(start + chunk).min(offspring.rows);
            let (index, pairs) = (first + start as u64, rows.len() / 2);
            match pairing {
                Pairing::Tournaments(ranks) => {
                    choose(width, self.draw, contenders(parents, ranks), index, pairs, &mut self.mates);
                }
                Pairing::Given(given) => pair(self.draw, &given[rows.clone()], index, &mut self.mates),
            }
            if let Some(breeder) = &mut self.reals {
                let children = &mut offspring.reals[rows.start * reals..rows.end * reals];
                breeder.breed(width, &mut self.mates, index, &parents.genomes.reals, children);
            }
            if self.discrete.is_none() && self.improvement.is_none() {
                continue;
            }
            for pair in 0..pairs {
                let row = start + 2 * pair;
                copy_pair(offspring, row, &parents.genomes, self.mates.parents[pair]);
                let crossed = self.mates.crossed[pair];
                self.crossed.push(crossed);
                if let Some(breeder) = &mut self.discrete {
                    let Draw { seed, island, .. } = self.draw;
                    breeder.breed(seed, island, first + row as u64, crossed, self.mutation, offspring, row);
                }
            }
        }
        if let Some(improvement) = &self.improvement {
            improvement.breed(&self.signature.space, first, offspring, &self.crossed);
        }
    }

    /// Makes row `row` of `genomes` candidate `index`: the first child of a pair of its own, the other is dropped.
    pub(in crate::algorithms) fn one(
        &mut self,
        parents: &Population,
        ranks: &[Rank],
        index: u64,
        genomes: &mut Genomes,
        row: usize,
    ) {
        choose_one(self.draw, contenders(parents, ranks), index, &mut self.single);
        if let Some(breeder) = &mut self.reals {
            breeder.breed_one(&mut self.single, index, &parents.genomes.reals, &mut self.pair.reals);
        }
        let crossed = self.single.crossed[0];
        if self.discrete.is_some() || self.improvement.is_some() {
            copy_pair(&mut self.pair, 0, &parents.genomes, self.single.parents[0]);
        }
        if let Some(breeder) = &mut self.discrete {
            let Draw { seed, island, .. } = self.draw;
            breeder.breed(seed, island, index, crossed, self.mutation, &mut self.pair, 0);
        }
        if let Some(improvement) = &self.improvement {
            improvement.breed_one(&self.signature.space, index, &mut self.pair, crossed);
        }
        genomes.copy_row(row, &self.pair, 0);
    }
}

fn contenders<'a>(population: &'a Population, ranks: &'a [Rank]) -> Parents<'a> {
    Parents { ranks, candidates: &population.candidates }
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
