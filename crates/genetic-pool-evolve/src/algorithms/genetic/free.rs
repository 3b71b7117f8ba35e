//! The genetic algorithm in the order of completion: (μ+1), steady state.

use serde::{Deserialize, Serialize};

use super::{GeneticSettings, breeder::Breeder, stagnation::Stagnation};
use crate::{
    algorithms::{
        Committed, ConfigError, FailureRank, Population, Rank, RestoreError, Setup,
        best::Best,
        completion::{self, Completion},
        kept::Kept,
        snapshot::{check_genomes, check_population},
    },
    outcomes::OutcomeShape,
    problem::{CandidateId, Signature},
};

/// Each commit takes one candidate into the population, in place of the worst, and breeds one more: as in a window, but
/// in the order in which candidates complete, so that none waits for one that takes longer.
///
/// When a population stagnates, the next one begins with the candidate bred next. Those bred before it may complete
/// after it: until it or one after it does they are committed to the old population, which lives on till then. Later
/// they do not enter the new one, where they would soon be the parents of all; the best of them is kept all the same.
#[derive(Clone, Debug)]
pub(super) struct Free {
    size: usize,
    /// How many are bred and not committed, but for the first population.
    ahead: u64,
    /// How many candidates a population begins with.
    first: u64,
    /// How many of the first population's are random or start points: fewer where something is known.
    begin: u64,
    /// How many of what is known stood in the first population.
    known: u64,
    /// The first candidate of the population, or of the one that follows it where that one is bred already.
    origin: u64,
    /// Whether one of those from `origin` on is committed, or it is the first population.
    begun: bool,
    breeder: Breeder,
    stagnation: Stagnation,
    pending: Completion,
    best: Best,
    kept: Kept,
    /// The candidate committed last, alone.
    committed: Population,
}

/// The state between two commits.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    origin: u64,
    population: Population,
    kept: Population,
    pending: completion::State,
}

impl Free {
    pub(super) fn new(setup: &Setup, settings: &GeneticSettings, ahead: usize) -> Result<Free, ConfigError> {
        let mut new = Free::empty(setup, settings, ahead)?;
        (0..new.first).for_each(|_| new.breed());
        Ok(new)
    }

    /// With nothing bred yet.
    fn empty(setup: &Setup, settings: &GeneticSettings, ahead: usize) -> Result<Free, ConfigError> {
        let space = &setup.signature.space;
        let shape = space.layout().shape;
        let outcome = OutcomeShape::of(&setup.signature);
        let size = settings.population;
        let first = settings.first();
        let known = setup.best_known(size);
        let mut best = Best::new(size, shape, outcome);
        let (begin, n_known) = ((first - known.len()).max(setup.start.rows), known.len());
        best.restore(known);
        Ok(Free {
            size,
            ahead: ahead as u64,
            first: first as u64,
            begin: begin as u64,
            known: n_known as u64,
            origin: 0,
            begun: true,
            breeder: Breeder::new(setup, settings, false)?,
            stagnation: Stagnation::new(space, size, setup.island),
            pending: Completion::new(shape, outcome, first, setup.island, setup.batch),
            best,
            kept: Kept::new(shape, outcome),
            committed: Population::new(shape, outcome, 1),
        })
    }

    pub(super) fn restore(
        setup: &Setup,
        settings: &GeneticSettings,
        ahead: usize,
        state: State,
    ) -> Result<Free, RestoreError> {
        let mut restored = Free::empty(setup, settings, ahead).map_err(|source| RestoreError::Config { source })?;
        let State { origin, population, kept, pending } = state;
        let (committed, bred) = (pending.committed, pending.bred());
        check_population(&population, &setup.signature, setup.island, bred)?;
        check_population(&kept, &setup.signature, setup.island, bred)?;
        check_genomes(&pending.genomes, &setup.signature.space)?;
        let n_old = population.candidates.iter().filter(|candidate| is_before(**candidate, origin)).count();
        restored.begun = origin == 0 || n_old == 0;
        let members = match (origin, restored.begun) {
            (0, _) => committed.saturating_add(restored.known).min(restored.size as u64) == population.len() as u64,
            (_, true) => (1..=restored.size).contains(&population.len()),
            (_, false) => population.len() == restored.size && n_old == restored.size,
        };
        let fits = origin <= bred
            && Some(bred) == committed.checked_add(restored.ahead).map(|bred| bred.max(restored.first))
            && members
            && (committed > 0 || population.candidates == restored.best.population().candidates)
            && kept.len() <= 1
            && restored.pending.restore(&pending);
        if !fits {
            return Err(RestoreError::Shape);
        }
        restored.origin = origin;
        restored.kept.restore(kept, &population);
        restored.best.restore(population);
        Ok(restored)
    }

    pub(super) fn state(&self) -> State {
        State {
            origin: self.origin,
            population: self.best.population().clone(),
            kept: self.kept.best().clone(),
            pending: self.pending.state(),
        }
    }

    pub(super) fn pending(&self) -> &Completion {
        &self.pending
    }

    pub(super) fn pending_mut(&mut self) -> &mut Completion {
        &mut self.pending
    }

    pub(super) fn population(&self) -> &Population {
        self.kept.shown(self.best.population())
    }

    pub(super) fn commit(&mut self, signature: &Signature, failure: FailureRank) -> Option<Committed<'_>> {
        let position = self.pending.committed();
        let row = self.pending.take_next()?;
        let rank = Rank::of(signature, &self.pending.rows().outcomes, row, failure);
        self.pending.rows_mut().ranks[row] = rank;
        self.committed.copy_row(0, self.pending.rows(), row);
        let late = is_before(self.committed.candidates[0], self.origin);
        if late && self.begun {
            self.kept.give_up(&self.committed);
            self.kept.show(self.best.population());
        } else {
            if !late && !self.begun {
                self.kept.give_up(self.best.population());
                self.best.clear();
                self.kept.show(self.best.population());
                self.begun = true;
            }
            if let Some(row) = self.best.take(&self.committed) {
                self.kept.show_row(self.best.population(), row, self.best.worst());
            }
        }
        if self.begun && self.stagnation.holds(self.best.population(), position + 1) {
            self.origin = self.pending.bred();
            self.begun = false;
        }
        if position + self.ahead >= self.first {
            self.breed();
        }
        Some(Committed {
            generation: position / self.size as u64,
            generation_ends: (position + 1).is_multiple_of(self.size as u64),
            candidates: &self.committed,
            population: self.kept.shown(self.best.population()),
        })
    }

    /// Breeds the next candidate: a random one where its population begins.
    fn breed(&mut self) {
        let index = self.pending.bred();
        let random = if self.origin == 0 { self.begin } else { self.first };
        let random = !self.begun || index < self.origin + random;
        let Some((genomes, row)) = self.pending.breed_next() else { return };
        if random {
            self.breeder.first(index, genomes, row);
        } else {
            let population = self.best.population();
            self.breeder.one(population, &population.ranks, index, genomes, row);
        }
    }
}

/// Whether `candidate` is of a population before the one that begins with candidate `origin`.
fn is_before(candidate: CandidateId, origin: u64) -> bool {
    candidate.island() == CandidateId::KNOWN || candidate.index() < origin
}
