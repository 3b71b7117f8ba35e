//! (μ+1) survival: the best candidates so far.

use super::{Population, population::standing};
use crate::{outcomes::OutcomeShape, space::Shape};

/// Up to `size` of the best candidates it was given, by rank, then id, each in the row of the one it replaced.
#[derive(Clone, Debug)]
pub(super) struct Best {
    size: usize,
    population: Population,
    /// The row of the worst; 0 where there is none.
    worst: usize,
}

impl Best {
    pub(super) fn new(size: usize, genome: Shape, outcome: OutcomeShape) -> Best {
        Best { size, population: Population::new(genome, outcome, 0), worst: 0 }
    }

    /// As it was when it held `population`.
    pub(super) fn restore(&mut self, population: Population) {
        self.population = population;
        self.worst = self.population.worst().unwrap_or(0);
    }

    /// Overwrites rows with rows of `others`: pairs of a row here and a row there.
    pub(super) fn replace(&mut self, places: &[(usize, usize)], others: &Population) {
        for (to, from) in places {
            self.population.copy_row(*to, others, *from);
        }
        self.worst = self.population.worst().unwrap_or(0);
    }

    /// Holds none any more.
    pub(super) fn clear(&mut self) {
        self.population.clear();
        self.worst = 0;
    }

    pub(super) fn population(&self) -> &Population {
        &self.population
    }

    pub(super) fn worst(&self) -> usize {
        self.worst
    }

    /// Takes the candidate in row 0 of `candidate` in, unless all are better and there is no room; the row it took.
    pub(super) fn take(&mut self, candidate: &Population) -> Option<usize> {
        let row = if self.population.len() < self.size {
            let row = self.population.len();
            self.population.push(candidate, 0);
            if standing(&self.population, row) > standing(&self.population, self.worst) {
                self.worst = row;
            }
            row
        } else if standing(candidate, 0) < standing(&self.population, self.worst) {
            let row = self.worst;
            self.population.copy_row(row, candidate, 0);
            self.worst = self.population.worst().unwrap_or(0);
            row
        } else {
            return None;
        };
        Some(row)
    }
}
