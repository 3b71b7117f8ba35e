//! The genetic algorithm by generations: (μ+λ).

use serde::{Deserialize, Serialize};

use super::{GeneticSettings, breeder::Breeder, stagnation::Stagnation};
use crate::{
    algorithms::{
        Arrival, Committed, ConfigError, FailureRank, Population, RestoreError, Setup, kept::Kept, pending::Pending,
        rank::rank_rows, snapshot::check_population,
    },
    evaluator::Batch,
    operators::survival::truncation::{Contenders, Truncation},
    outcomes::OutcomeShape,
    problem::Signature,
};

/// A population that stagnates is given up for a random one, and its best candidate kept.
///
/// A generation is bred when it is first asked for, from the population after the last: a function of that and of its
/// candidates' ids, so that a state holds no offspring.
#[derive(Clone, Debug)]
pub(super) struct Generations {
    /// Candidates that survive.
    size: usize,
    /// Candidates of the first generation: none where enough is known.
    first: usize,
    offspring: usize,
    breeder: Breeder,
    stagnation: Stagnation,
    pending: Pending,
    population: Population,
    kept: Kept,
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
    pub(super) fn new(setup: &Setup, settings: &GeneticSettings) -> Result<Generations, ConfigError> {
        let shape = setup.signature.space.layout().shape;
        let outcome = OutcomeShape::of(&setup.signature);
        let population = setup.best_known(settings.population);
        let first = (settings.population - population.len()).max(setup.start.rows);
        Ok(Generations {
            size: settings.population,
            first,
            offspring: settings.offspring,
            breeder: Breeder::new(setup, settings, false)?,
            stagnation: Stagnation::new(&setup.signature.space, settings.offspring, setup.island),
            pending: Pending::new(shape, outcome, settings.population, setup.island, setup.batch),
            population,
            kept: Kept::new(shape, outcome),
            generation: 0,
            beginning: first > 0,
            truncation: Truncation::default(),
        })
    }

    pub(super) fn restore(
        setup: &Setup,
        settings: &GeneticSettings,
        state: State,
    ) -> Result<Generations, RestoreError> {
        let mut restored = Generations::new(setup, settings).map_err(|source| RestoreError::Config { source })?;
        check_population(&state.population, &setup.signature, setup.island, state.next)?;
        check_population(&state.kept, &setup.signature, setup.island, state.next)?;
        let begun = state.generation > 0;
        // By their ids: where one failed its outcome is not equal to itself.
        let same = || state.population.candidates == restored.population.candidates;
        let fits = if begun { state.population.len() == restored.size } else { same() };
        if !fits || state.kept.len() > 1 || begun != (state.next > 0) || state.generation > state.next {
            return Err(RestoreError::Shape);
        }
        restored.generation = state.generation;
        restored.population = state.population;
        restored.kept.restore(state.kept, &restored.population);
        restored.pending.begin_at(state.next);
        restored.beginning =
            if begun { restored.stagnation.holds(&restored.population, state.next) } else { restored.first > 0 };
        Ok(restored)
    }

    pub(super) fn state(&self) -> State {
        State {
            generation: self.generation,
            next: self.pending.first(),
            population: self.population.clone(),
            kept: self.kept.best().clone(),
        }
    }

    pub(super) fn pending(&mut self) -> &mut Pending {
        &mut self.pending
    }

    pub(super) fn population(&self) -> &Population {
        self.kept.shown(&self.population)
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
            let size = self.next_unit();
            self.pending.begin_generation(first, size);
            self.breeder.beginning(first, self.pending.genomes_mut());
        } else {
            self.pending.begin_generation(first, self.offspring);
            self.breeder.generation(&self.population, &self.population.ranks, first, self.pending.genomes_mut());
        }
    }

    pub(super) fn commit(&mut self, signature: &Signature, failure: FailureRank) -> Option<Committed<'_>> {
        if !self.pending.take_generation() {
            return None;
        }
        rank_rows(signature, self.pending.rows_mut(), failure);
        let offspring = self.pending.rows();
        if self.beginning && self.generation == 0 {
            begin_with(&mut self.population, offspring, self.size);
        } else if self.beginning {
            self.kept.give_up(&self.population);
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
        self.kept.show(&self.population);
        Some(Committed {
            generation,
            generation_ends: true,
            candidates: self.pending.rows(),
            population: self.population(),
        })
    }

    pub(super) fn immigrate(&mut self, arrival: Arrival<'_>) {
        let places = arrival.places(&self.population, &self.kept.best().candidates);
        if places.is_empty() {
            return;
        }
        for (to, from) in places {
            self.population.copy_row(to, arrival.immigrants, from);
        }
        self.beginning = self.stagnation.holds(&self.population, self.pending.first());
        self.kept.show(&self.population);
    }

    pub(super) fn next_unit(&self) -> usize {
        match (self.beginning, self.generation) {
            (true, 0) => self.first,
            (true, _) => self.size,
            (false, _) => self.offspring,
        }
    }
}

/// Adds the first generation to `population`, which is of what was known, and keeps the best `size`.
fn begin_with(population: &mut Population, first: &Population, size: usize) {
    if population.is_empty() {
        return population.clone_from(first);
    }
    (0..first.len()).for_each(|row| population.push(first, row));
    if population.len() > size {
        let all = population.clone();
        population.clear();
        all.order().into_iter().take(size).for_each(|row| population.push(&all, row));
    }
}

fn contenders(population: &Population) -> Contenders<'_> {
    Contenders { ranks: &population.ranks, candidates: &population.candidates }
}
