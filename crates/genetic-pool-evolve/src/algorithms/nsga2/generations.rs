//! NSGA-II by generations: (μ+λ).

use serde::{Deserialize, Serialize};

use super::selection::Selection;
use crate::{
    algorithms::{
        Committed, ConfigError, FailureRank, GeneticSettings, Population, RestoreError, Setup, genetic::Breeder,
        pending::Pending, rank::rank_rows, snapshot::check_population,
    },
    evaluator::Batch,
    outcomes::OutcomeShape,
    problem::Signature,
};

/// A generation is bred when it is first asked for, from the population after the last: a function of that and of its
/// candidates' ids, so that a state holds no offspring.
#[derive(Clone, Debug)]
pub(super) struct Generations {
    /// Candidates that survive.
    size: usize,
    offspring: usize,
    breeder: Breeder,
    pending: Pending,
    selection: Selection,
    /// How many generations are committed.
    generation: u64,
}

/// The state between two generations.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    generation: u64,
    next: u64,
    population: Population,
}

impl Generations {
    pub(super) fn new(setup: &Setup, settings: &GeneticSettings) -> Result<Generations, ConfigError> {
        let shape = setup.signature.space.layout().shape;
        let outcome = OutcomeShape::of(&setup.signature);
        Ok(Generations {
            size: settings.population,
            offspring: settings.offspring,
            breeder: Breeder::new(setup, settings, false)?,
            pending: Pending::new(shape, outcome, settings.population, setup.island, setup.batch),
            selection: Selection::new(shape, outcome),
            generation: 0,
        })
    }

    pub(super) fn restore(
        setup: &Setup,
        settings: &GeneticSettings,
        state: State,
    ) -> Result<Generations, RestoreError> {
        let mut restored = Generations::new(setup, settings).map_err(|source| RestoreError::Config { source })?;
        check_population(&state.population, &setup.signature, setup.island, state.next)?;
        let begun = state.generation > 0;
        let rows = if begun { restored.size } else { 0 };
        let next = match state.generation {
            0 => Some(0),
            generation => (generation - 1)
                .checked_mul(restored.offspring as u64)
                .and_then(|offspring| offspring.checked_add(restored.size as u64)),
        };
        if state.population.len() != rows || next != Some(state.next) {
            return Err(RestoreError::Shape);
        }
        restored.generation = state.generation;
        restored.selection.restore(&setup.signature, state.population);
        restored.pending.begin_at(state.next);
        Ok(restored)
    }

    pub(super) fn state(&self) -> State {
        State {
            generation: self.generation,
            next: self.pending.first(),
            population: self.selection.population().clone(),
        }
    }

    pub(super) fn pending(&mut self) -> &mut Pending {
        &mut self.pending
    }

    pub(super) fn population(&self) -> &Population {
        self.selection.population()
    }

    pub(super) fn ask(&mut self, room: usize, batch: &mut Batch) {
        if self.pending.is_empty() {
            self.breed();
        }
        self.pending.ask(room, batch);
    }

    fn breed(&mut self) {
        let first = self.pending.first();
        self.pending.begin_generation(first, self.next_unit());
        if self.generation == 0 {
            self.breeder.beginning(first, self.pending.genomes_mut());
        } else {
            let (parents, ranks) = (self.selection.population(), self.selection.ranks());
            self.breeder.generation(parents, ranks, first, self.pending.genomes_mut());
        }
    }

    pub(super) fn commit(&mut self, signature: &Signature, failure: FailureRank) -> Option<Committed<'_>> {
        if !self.pending.take_generation() {
            return None;
        }
        rank_rows(signature, self.pending.rows_mut(), failure);
        self.selection.select(signature, self.pending.rows(), self.size);
        let generation = self.generation;
        self.generation += 1;
        Some(Committed {
            generation,
            generation_ends: true,
            candidates: self.pending.rows(),
            population: self.selection.population(),
        })
    }

    pub(super) fn next_unit(&self) -> usize {
        if self.generation == 0 { self.size } else { self.offspring }
    }
}
