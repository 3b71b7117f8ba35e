//! The memetic algorithm: crossover, and a problem's own local search on every child.

mod options;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::options::{MemeticOptions, MemeticSettings};
use super::{
    Algorithm, Committed, ConfigError, FailureRank, Population, RestoreError, Setup, Snapshot, TellError,
    genetic::Breeder, kept::Kept, pending::Pending, rank::rank_rows, snapshot::check_population,
};
use crate::{
    evaluator::{Batch, Results},
    outcomes::OutcomeShape,
    problem::Signature,
    random::{Purpose, Stream},
};

/// A genetic algorithm whose children compete with their own parents, and whose problem improves them first.
///
/// Each generation pairs all of the population by chance. Each pair is crossed and has two children; what a child that
/// came out as its parent lacks, a move gives it; and the problem's own local search, where there is one, improves it
/// before it becomes a candidate. A child takes the place of the parent it takes after where it is better: a population
/// keeps its variety longer than where all compete with all.
///
/// P. Moscato: On evolution, search, optimization, genetic algorithms and martial arts: towards memetic algorithms.
/// Caltech Concurrent Computation Program, report 826, 1989; the replacement is that of S. W. Mahfoud: Crowding and
/// preselection revisited. PPSN II, 1992, and of tours by Y. Nagata and S. Kobayashi: A powerful genetic algorithm using
/// edge assembly crossover for the traveling salesman problem. INFORMS Journal on Computing 25(2), 2013,
/// [doi:10.1287/ijoc.1120.0506](https://doi.org/10.1287/ijoc.1120.0506).
///
/// Where no child has been better for 30 generations, a random population takes over, and the best is kept.
/// Children are bred and improved on all threads of the process ([`parallel::for_each`](crate::parallel::for_each)),
/// with the same bits for any number of them.
#[derive(Clone, Debug)]
pub struct Memetic {
    signature: Arc<Signature>,
    failure_rank: FailureRank,
    seed: u64,
    island: u16,
    size: usize,
    breeder: Breeder,
    pending: Pending,
    population: Population,
    kept: Kept,
    /// How many generations are committed.
    generation: u64,
    /// Whether the next generation is random and replaces the population: the first one, and after stagnation.
    beginning: bool,
    /// The rows of the population as they are paired, two by two.
    pairs: Vec<u32>,
}

/// So many generations without a better child, and a population is given up.
const PATIENCE: u64 = 30;

/// The state between two generations.
#[derive(Serialize, Deserialize)]
struct State {
    generation: u64,
    next: u64,
    population: Population,
    kept: Population,
}

impl Memetic {
    /// Its name.
    pub const NAME: &str = "memetic";
    /// The version of its semantics: another one takes other steps from the same state.
    pub const VERSION: u32 = 1;

    /// The algorithm before its first candidate.
    pub fn new(setup: Setup, settings: MemeticSettings) -> Result<Memetic, ConfigError> {
        settings.check(&setup)?;
        let shape = setup.signature.space.layout().shape;
        let outcome = OutcomeShape::of(&setup.signature);
        Ok(Memetic {
            seed: setup.seed,
            island: setup.island,
            size: settings.population,
            breeder: Breeder::new(&setup, &settings.breeding(), true)?,
            pending: Pending::new(shape, outcome, settings.population, setup.island, setup.batch),
            population: Population::new(shape, outcome, 0),
            kept: Kept::new(shape, outcome),
            generation: 0,
            beginning: true,
            pairs: Vec::new(),
            failure_rank: setup.failure_rank,
            signature: setup.signature,
        })
    }

    /// The algorithm as it was at `snapshot`, which an algorithm set up the same took.
    pub fn restore(setup: Setup, settings: MemeticSettings, snapshot: &Snapshot) -> Result<Memetic, RestoreError> {
        let mut restored = Memetic::new(setup, settings).map_err(|source| RestoreError::Config { source })?;
        let state: State = snapshot.read(Memetic::NAME, Memetic::VERSION)?;
        check_population(&state.population, &restored.signature, restored.island, state.next)?;
        check_population(&state.kept, &restored.signature, restored.island, state.next)?;
        let rows = if state.generation > 0 { restored.size } else { 0 };
        let next = state.generation.checked_mul(restored.size as u64);
        if state.population.len() != rows || state.kept.len() > 1 || next != Some(state.next) {
            return Err(RestoreError::Shape);
        }
        restored.generation = state.generation;
        restored.population = state.population;
        restored.kept.restore(state.kept, &restored.population);
        restored.pending.begin_at(state.next);
        restored.beginning = state.generation == 0 || restored.stagnates();
        Ok(restored)
    }

    /// Whether nobody has entered the population for long: a function of it and of the next candidate alone.
    fn stagnates(&self) -> bool {
        let newest = self.population.candidates.iter().map(|candidate| candidate.index()).max().unwrap_or(0);
        self.pending.first().saturating_sub(newest + 1) >= PATIENCE * self.size as u64
    }

    /// Pairs the rows of the population for the generation from candidate `first` on.
    fn pair(&mut self, first: u64) {
        let mut stream = Stream::new(self.seed, self.island, Purpose::Pair, first);
        self.pairs.clear();
        self.pairs.extend(0..self.size as u32);
        for last in (1..self.size).rev() {
            self.pairs.swap(last, stream.below(last + 1));
        }
    }
}

impl Algorithm for Memetic {
    fn ask(&mut self, room: usize, batch: &mut Batch) {
        if self.pending.is_empty() {
            let first = self.pending.first();
            self.pending.begin_generation(first, self.size);
            if self.beginning {
                self.breeder.beginning(first, self.pending.genomes_mut());
            } else {
                self.pair(first);
                self.breeder.paired(&self.population, &self.pairs, first, self.pending.genomes_mut());
            }
        }
        self.pending.ask(room, batch);
    }

    fn tell(&mut self, results: &Results) -> Result<(), TellError> {
        self.pending.tell(results)
    }

    fn commit(&mut self) -> Option<Committed<'_>> {
        if !self.pending.take_generation() {
            return None;
        }
        rank_rows(&self.signature, self.pending.rows_mut(), self.failure_rank);
        let offspring = self.pending.rows();
        if self.beginning {
            self.kept.give_up(&self.population);
            self.population.clone_from(offspring);
        } else {
            for (child, parent) in self.pairs.iter().enumerate() {
                let parent = *parent as usize;
                if offspring.ranks[child] < self.population.ranks[parent] {
                    self.population.copy_row(parent, offspring, child);
                }
            }
        }
        let generation = self.generation;
        self.generation += 1;
        self.beginning = self.stagnates();
        self.kept.show(&self.population);
        Some(Committed {
            generation,
            generation_ends: true,
            candidates: self.pending.rows(),
            population: self.kept.shown(&self.population),
        })
    }

    fn next_unit(&self) -> usize {
        self.size
    }

    fn population(&self) -> &Population {
        self.kept.shown(&self.population)
    }

    fn snapshot(&self) -> Snapshot {
        let state = State {
            generation: self.generation,
            next: self.pending.first(),
            population: self.population.clone(),
            kept: self.kept.best().clone(),
        };
        Snapshot::of(Memetic::NAME, Memetic::VERSION, &state)
    }
}
