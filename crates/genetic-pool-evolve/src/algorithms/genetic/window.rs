//! The genetic algorithm in a window: (μ+1), steady state.

use serde::{Deserialize, Serialize};

use super::{GeneticSettings, breeder::Breeder, stagnation::Stagnation};
use crate::{
    algorithms::{
        Arrival, Committed, ConfigError, FailureRank, Population, Rank, RestoreError, Setup,
        best::Best,
        kept::Kept,
        pending::Pending,
        snapshot::{check_genomes, check_population},
    },
    evaluator::Batch,
    outcomes::{OutcomeShape, Outcomes},
    problem::Signature,
    space::Genomes,
};

/// Each commit takes one candidate into the population, in place of the worst, and breeds one more.
///
/// A population begins with as many random candidates as it or the window holds, whichever is more; from then on
/// candidate `k` is bred when candidate `k - window` is committed.
///
/// When a population stagnates, the next one begins with the candidate bred next. Those bred before it are committed
/// to the old one first: it lives until the first of the new one is committed, and its best candidate is kept.
#[derive(Clone, Debug)]
pub(super) struct Window {
    size: usize,
    /// How far candidates are bred ahead of commits.
    ahead: u64,
    /// How many candidates a population begins with.
    first: u64,
    /// How many of the first population's are random or start points: fewer where something is known.
    begin: u64,
    /// How many of what is known stood in the first population.
    known: u64,
    /// The first candidate of the population, or of the one that follows it where that one is bred already.
    origin: u64,
    breeder: Breeder,
    stagnation: Stagnation,
    pending: Pending,
    best: Best,
    kept: Kept,
    /// The candidate committed last, alone.
    committed: Population,
}

/// The state between two commits.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    /// The oldest candidate that is not committed.
    next: u64,
    origin: u64,
    population: Population,
    kept: Population,
    /// The genomes from there on that are bred.
    in_flight: Genomes,
    /// The outcomes of the first of them, where their group is partly committed.
    settled: Outcomes,
}

impl Window {
    pub(super) fn new(setup: &Setup, settings: &GeneticSettings, window: usize) -> Result<Window, ConfigError> {
        let mut new = Window::empty(setup, settings, window)?;
        (0..new.first).for_each(|_| new.breed());
        Ok(new)
    }

    /// With nothing bred yet.
    fn empty(setup: &Setup, settings: &GeneticSettings, window: usize) -> Result<Window, ConfigError> {
        let space = &setup.signature.space;
        let shape = space.layout().shape;
        let outcome = OutcomeShape::of(&setup.signature);
        let size = settings.population;
        let first = settings.first();
        let known = setup.best_known(size);
        let mut best = Best::new(size, shape, outcome);
        let (begin, n_known) = ((first - known.len()).max(setup.start.rows), known.len());
        best.restore(known);
        Ok(Window {
            size,
            ahead: window as u64,
            first: first as u64,
            begin: begin as u64,
            known: n_known as u64,
            origin: 0,
            breeder: Breeder::new(setup, settings, false)?,
            stagnation: Stagnation::new(space, size, setup.island),
            pending: Pending::new(shape, outcome, first, setup.island, setup.batch),
            best,
            kept: Kept::new(shape, outcome),
            committed: Population::new(shape, outcome, 1),
        })
    }

    pub(super) fn restore(
        setup: &Setup,
        settings: &GeneticSettings,
        window: usize,
        state: State,
    ) -> Result<Window, RestoreError> {
        let mut restored = Window::empty(setup, settings, window).map_err(|source| RestoreError::Config { source })?;
        let State { next, origin, population, kept, in_flight, settled } = state;
        check_population(&population, &setup.signature, setup.island, next)?;
        check_population(&kept, &setup.signature, setup.island, next)?;
        check_genomes(&in_flight, &setup.signature.space)?;
        let bred = restored.first.max(next + restored.ahead);
        // A population is given up when it is full, and lives on until the next one's first candidate.
        let members = match origin {
            0 => next + restored.known,
            origin if next > origin => next - origin,
            origin => origin,
        };
        let fits = origin <= bred
            && (next > 0 || population.candidates == restored.best.population().candidates)
            && population.len() as u64 == members.min(restored.size as u64)
            && kept.len() <= 1
            && in_flight.rows as u64 == bred - next
            && restored.pending.fits_settled(&settled, next);
        if !fits {
            return Err(RestoreError::Shape);
        }
        restored.origin = origin;
        restored.kept.restore(kept, &population);
        restored.best.restore(population);
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
            origin: self.origin,
            population: self.best.population().clone(),
            kept: self.kept.best().clone(),
            in_flight: self.pending.in_flight(),
            settled: self.pending.settled(),
        }
    }

    pub(super) fn pending(&mut self) -> &mut Pending {
        &mut self.pending
    }

    pub(super) fn population(&self) -> &Population {
        self.kept.shown(self.best.population())
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
        if index == self.origin && index > 0 {
            self.kept.give_up(self.best.population());
            self.best.clear();
            self.kept.show(self.best.population());
        }
        if let Some(row) = self.best.take(&self.committed) {
            self.kept.show_row(self.best.population(), row, self.best.worst());
        }
        if index >= self.origin && self.stagnation.holds(self.best.population(), index + 1) {
            self.origin = self.pending.bred();
        }
        if index + self.ahead >= self.first {
            self.breed();
        }
        Some(Committed {
            generation: index / self.size as u64,
            generation_ends: (index + 1).is_multiple_of(self.size as u64),
            candidates: &self.committed,
            population: self.kept.shown(self.best.population()),
        })
    }

    pub(super) fn immigrate(&mut self, arrival: Arrival<'_>) {
        let places = arrival.places(self.best.population(), &self.kept.best().candidates);
        if !places.is_empty() {
            self.best.replace(&places, arrival.immigrants);
            self.kept.show(self.best.population());
        }
    }

    /// Breeds the next candidate: a random one where its population begins.
    fn breed(&mut self) {
        let index = self.pending.bred();
        let (genomes, row) = self.pending.breed_next();
        let random = if self.origin == 0 { self.begin } else { self.first };
        if index < self.origin + random {
            self.breeder.first(index, genomes, row);
        } else {
            let population = self.best.population();
            self.breeder.one(population, &population.ranks, index, genomes, row);
        }
    }
}
