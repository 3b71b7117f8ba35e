//! The genetic algorithm by generations: (μ+λ).

use serde::{Deserialize, Serialize};

use super::{GeneticConfig, breeder::Breeder, stagnation::Stagnation};
use crate::{
    algorithms::{
        Committed, FailureRank, Population, Rank, RestoreError, pending::Pending, rank::rank_rows,
        snapshot::check_population,
    },
    evaluator::Batch,
    operators::survival::truncation::{Contenders, Truncation},
    outcomes::OutcomeShape,
    problem::{CandidateId, Signature},
};

/// A population that stagnates is given up for a random one, which breeds without the best candidate of those before:
/// among random ones it would soon be the parent of all. That one is kept aside, and shown in place of the worst.
///
/// A generation is bred when it is first asked for, from the population after the last: a function of that and of its
/// candidates' ids, so that a state holds no offspring.
#[derive(Clone, Debug)]
pub(super) struct Generations {
    /// Candidates that survive.
    size: usize,
    offspring: usize,
    breeder: Breeder,
    stagnation: Stagnation,
    pending: Pending,
    population: Population,
    /// The best candidate of the populations that were given up; none before the first.
    kept: Population,
    /// The population with `kept` in place of its worst, where that is the better one.
    shown: Population,
    /// How many generations are committed.
    generation: u64,
    /// Whether the next generation is random and replaces the population: the first one, and after stagnation.
    beginning: bool,
    truncation: Truncation,
}

/// The state between two generations.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    generation: u64,
    next: u64,
    population: Population,
    kept: Population,
}

impl Generations {
    pub(super) fn new(config: &GeneticConfig) -> Generations {
        let shape = config.signature.space.layout().shape;
        let outcome = OutcomeShape::of(&config.signature);
        let settings = &config.settings;
        Generations {
            size: settings.population,
            offspring: settings.offspring,
            breeder: Breeder::new(config),
            stagnation: Stagnation::new(&config.signature.space, settings.offspring),
            pending: Pending::new(shape, outcome, settings.population, config.island, config.batch),
            population: Population::new(shape, outcome, 0),
            kept: Population::new(shape, outcome, 0),
            shown: Population::new(shape, outcome, 0),
            generation: 0,
            beginning: true,
            truncation: Truncation::default(),
        }
    }

    pub(super) fn restore(config: &GeneticConfig, state: State) -> Result<Generations, RestoreError> {
        let mut restored = Generations::new(config);
        check_population(&state.population, &config.signature)?;
        check_population(&state.kept, &config.signature)?;
        let rows = if state.generation == 0 { 0 } else { restored.size };
        if state.population.len() != rows || state.kept.len() > 1 || state.next >= 1 << 48 {
            return Err(RestoreError::Shape);
        }
        restored.generation = state.generation;
        restored.population = state.population;
        restored.kept = state.kept;
        restored.show();
        restored.pending.begin_at(state.next);
        restored.beginning = state.generation == 0 || restored.stagnation.holds(&restored.population, state.next);
        Ok(restored)
    }

    pub(super) fn state(&self) -> State {
        State {
            generation: self.generation,
            next: self.pending.first(),
            population: self.population.clone(),
            kept: self.kept.clone(),
        }
    }

    pub(super) fn pending(&mut self) -> &mut Pending {
        &mut self.pending
    }

    pub(super) fn population(&self) -> &Population {
        if self.kept.is_empty() { &self.population } else { &self.shown }
    }

    pub(super) fn ask(&mut self, room: usize, batch: &mut Batch) {
        if self.pending.is_empty() {
            self.breed();
        }
        self.pending.ask(room, batch);
    }

    fn breed(&mut self) {
        let first = self.pending.first();
        if self.beginning {
            self.pending.begin_generation(first, self.size);
            for row in 0..self.size {
                self.breeder.first(first + row as u64, self.pending.genomes_mut(), row);
            }
        } else {
            self.pending.begin_generation(first, self.offspring);
            self.breeder.generation(&self.population, first, self.pending.genomes_mut());
        }
    }

    pub(super) fn commit(&mut self, signature: &Signature, failure: FailureRank) -> Option<Committed<'_>> {
        if !self.pending.take_generation() {
            return None;
        }
        rank_rows(signature, self.pending.rows_mut(), failure);
        let offspring = self.pending.rows();
        if self.beginning {
            keep_best(&mut self.kept, &self.population);
            self.population.clone_from(offspring);
        } else {
            let (leaving, staying) = self.truncation.select(contenders(&self.population), contenders(offspring));
            for (to, from) in leaving.iter().zip(staying) {
                self.population.copy_row(*to as usize, offspring, *from as usize);
            }
        }
        let generation = self.generation;
        self.generation += 1;
        self.beginning = self.stagnation.holds(&self.population, self.pending.first());
        self.show();
        Some(Committed {
            generation,
            generation_ends: true,
            candidates: self.pending.rows(),
            population: self.population(),
        })
    }

    fn show(&mut self) {
        if self.kept.is_empty() {
            return;
        }
        self.shown.clone_from(&self.population);
        let worst = (0..self.size).max_by_key(|row| standing(&self.population, *row));
        if let Some(worst) = worst.filter(|row| standing(&self.kept, 0) < standing(&self.population, *row)) {
            self.shown.copy_row(worst, &self.kept, 0);
        }
    }

    pub(super) fn next_unit(&self) -> usize {
        if self.beginning { self.size } else { self.offspring }
    }
}

fn contenders(population: &Population) -> Contenders<'_> {
    Contenders { ranks: &population.ranks, candidates: &population.candidates }
}

/// Puts the best candidate of `population` into `kept`, unless a better one is there.
fn keep_best(kept: &mut Population, population: &Population) {
    let Some(best) = population.best() else { return };
    if kept.is_empty() {
        kept.push(population, best);
    } else if standing(population, best) < standing(kept, 0) {
        kept.copy_row(0, population, best);
    }
}

/// Less is better.
fn standing(population: &Population, row: usize) -> (Rank, CandidateId) {
    (population.ranks[row], population.candidates[row])
}
