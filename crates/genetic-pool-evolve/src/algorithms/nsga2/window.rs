//! NSGA-II in a window: (μ+1), steady state.

use serde::{Deserialize, Serialize};

use super::selection::Selection;
use crate::{
    algorithms::{
        Committed, ConfigError, FailureRank, GeneticSettings, Population, Rank, RestoreError, Setup,
        genetic::Breeder,
        pending::Pending,
        snapshot::{check_genomes, check_population},
    },
    evaluator::Batch,
    outcomes::{OutcomeShape, Outcomes},
    problem::Signature,
    space::Genomes,
};

/// Each commit takes one candidate into the population, in place of the last by (front, crowding), and breeds one more.
///
/// It begins with as many random candidates as the population or the window holds, whichever is more; from then on
/// candidate `k` is bred when candidate `k - window` is committed. J. J. Durillo, A. J. Nebro, F. Luna and E. Alba: On the
/// effect of the steady-state selection scheme in multi-objective genetic algorithms. EMO 2009,
/// [doi:10.1007/978-3-642-01020-0_18](https://doi.org/10.1007/978-3-642-01020-0_18).
#[derive(Clone, Debug)]
pub(super) struct Window {
    size: usize,
    /// How far candidates are bred ahead of commits.
    ahead: u64,
    /// How many candidates it begins with.
    first: u64,
    breeder: Breeder,
    pending: Pending,
    selection: Selection,
    /// The candidate committed last, alone.
    committed: Population,
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
    pub(super) fn new(setup: &Setup, settings: &GeneticSettings, window: usize) -> Result<Window, ConfigError> {
        let mut new = Window::empty(setup, settings, window)?;
        (0..new.first).for_each(|_| new.breed());
        Ok(new)
    }

    /// With nothing bred yet.
    fn empty(setup: &Setup, settings: &GeneticSettings, window: usize) -> Result<Window, ConfigError> {
        let shape = setup.signature.space.layout().shape;
        let outcome = OutcomeShape::of(&setup.signature);
        let first = settings.first();
        Ok(Window {
            size: settings.population,
            ahead: window as u64,
            first: first as u64,
            breeder: Breeder::new(setup, settings, false)?,
            pending: Pending::new(shape, outcome, first, setup.island, setup.batch),
            selection: Selection::new(shape, outcome),
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
        let State { next, population, in_flight, settled } = state;
        check_population(&population, &setup.signature, setup.island, next)?;
        check_genomes(&in_flight, &setup.signature.space)?;
        let bred = restored.first.max(next + restored.ahead);
        let fits = population.len() as u64 == next.min(restored.size as u64)
            && in_flight.rows as u64 == bred - next
            && restored.pending.fits_settled(&settled, next);
        if !fits {
            return Err(RestoreError::Shape);
        }
        restored.selection.restore(&setup.signature, population);
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
            population: self.selection.population().clone(),
            in_flight: self.pending.in_flight(),
            settled: self.pending.settled(),
        }
    }

    pub(super) fn pending(&mut self) -> &mut Pending {
        &mut self.pending
    }

    pub(super) fn population(&self) -> &Population {
        self.selection.population()
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
        self.selection.select(signature, &self.committed, self.size);
        if index + self.ahead >= self.first {
            self.breed();
        }
        Some(Committed {
            generation: index / self.size as u64,
            generation_ends: (index + 1).is_multiple_of(self.size as u64),
            candidates: &self.committed,
            population: self.selection.population(),
        })
    }

    /// Breeds the next candidate: a random one at the beginning.
    fn breed(&mut self) {
        let index = self.pending.bred();
        let (genomes, row) = self.pending.breed_next();
        if index < self.first {
            self.breeder.first(index, genomes, row);
        } else {
            let (parents, ranks) = (self.selection.population(), self.selection.ranks());
            self.breeder.one(parents, ranks, index, genomes, row);
        }
    }
}
