//! The genetic algorithm in a window: (μ+1), steady state.

use serde::{Deserialize, Serialize};

use super::{GeneticConfig, breeder::Breeder};
use crate::{
    algorithms::{
        Committed, FailureRank, Population, Rank, RestoreError, pending::Pending, snapshot::check_population,
    },
    evaluator::Batch,
    outcomes::{OutcomeShape, Outcomes},
    problem::Signature,
    space::Genomes,
};

/// Each commit takes one candidate into the population, in place of the worst, and breeds one more.
///
/// A run begins with as many random candidates as the population or the window holds, whichever is more; from then on
/// candidate `k` is bred when candidate `k - window` is committed.
#[derive(Clone, Debug)]
pub(super) struct Window {
    size: usize,
    /// How far candidates are bred ahead of commits.
    ahead: u64,
    /// How many candidates a run begins with.
    first: u64,
    breeder: Breeder,
    pending: Pending,
    population: Population,
    /// The candidate committed last, alone.
    committed: Population,
    /// The row of the worst of a full population.
    worst: usize,
}

/// The state between two commits.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    /// The oldest candidate that is not committed.
    next: u64,
    population: Population,
    /// The genomes from there on that are bred.
    in_flight: Genomes,
    /// The outcomes of the first of them, where their group is partly committed.
    settled: Outcomes,
}

impl Window {
    pub(super) fn new(config: &GeneticConfig, window: usize) -> Window {
        let mut new = Window::empty(config, window);
        new.begin();
        new
    }

    /// With nothing bred yet.
    fn empty(config: &GeneticConfig, window: usize) -> Window {
        let shape = config.signature.space.layout().shape;
        let outcome = OutcomeShape::of(&config.signature);
        let first = config.settings.first();
        Window {
            size: config.settings.population,
            ahead: window as u64,
            first: first as u64,
            breeder: Breeder::new(config),
            pending: Pending::new(shape, outcome, first, config.island, config.batch),
            population: Population::new(shape, outcome, 0),
            committed: Population::new(shape, outcome, 1),
            worst: 0,
        }
    }

    fn begin(&mut self) {
        for index in 0..self.first {
            let (genomes, row) = self.pending.breed_next();
            self.breeder.first(index, genomes, row);
        }
    }

    pub(super) fn restore(config: &GeneticConfig, window: usize, state: State) -> Result<Window, RestoreError> {
        check_population(&state.population, &config.signature)?;
        let mut restored = Window::empty(config, window);
        let State { next, population, in_flight, settled } = state;
        let bred = restored.first.max(next.saturating_add(restored.ahead));
        let fits = next < 1 << 48
            && in_flight.is_consistent()
            && in_flight.shape == config.signature.space.layout().shape
            && population.len() as u64 == next.min(restored.size as u64)
            && in_flight.rows as u64 == bred - next
            && restored.pending.fits_settled(&settled, next);
        if !fits {
            return Err(RestoreError::Shape);
        }
        restored.population = population;
        restored.find_worst();
        restored.pending.begin_at(next);
        for from in 0..in_flight.rows {
            let (genomes, row) = restored.pending.breed_next();
            genomes.copy_row(row, &in_flight, from);
        }
        restored.pending.settle(&settled);
        Ok(restored)
    }

    pub(super) fn state(&self) -> State {
        State {
            next: self.pending.first(),
            population: self.population.clone(),
            in_flight: self.pending.in_flight(),
            settled: self.pending.settled(),
        }
    }

    pub(super) fn pending(&mut self) -> &mut Pending {
        &mut self.pending
    }

    pub(super) fn population(&self) -> &Population {
        &self.population
    }

    pub(super) fn ask(&mut self, room: usize, batch: &mut Batch) {
        self.pending.ask(room, batch);
    }

    pub(super) fn commit(&mut self, signature: &Signature, failure: FailureRank) -> Option<Committed<'_>> {
        let index = self.pending.first();
        let row = self.pending.take_first()?;
        let rank = Rank::of(signature, &self.pending.rows().outcomes, row, failure);
        self.pending.rows_mut().ranks[row] = rank;
        self.committed.copy_row(0, self.pending.rows(), row);
        self.survive();
        if index + self.ahead >= self.first {
            let child = self.pending.bred();
            let (genomes, row) = self.pending.breed_next();
            self.breeder.one(&self.population, child, genomes, row);
        }
        Some(Committed {
            generation: index / self.size as u64,
            generation_ends: (index + 1).is_multiple_of(self.size as u64),
            candidates: &self.committed,
            population: &self.population,
        })
    }

    /// Takes the committed candidate into the population, unless it is the worst of all.
    fn survive(&mut self) {
        if self.population.len() < self.size {
            self.population.push(&self.committed, 0);
            if self.population.len() == self.size {
                self.find_worst();
            }
        } else if standing(&self.committed, 0) < standing(&self.population, self.worst) {
            self.population.copy_row(self.worst, &self.committed, 0);
            self.find_worst();
        }
    }

    fn find_worst(&mut self) {
        let rows = 0..self.population.len();
        self.worst = rows.max_by_key(|row| standing(&self.population, *row)).unwrap_or(0);
    }
}

/// Less is better.
fn standing(population: &Population, row: usize) -> (Rank, crate::problem::CandidateId) {
    (population.ranks[row], population.candidates[row])
}
