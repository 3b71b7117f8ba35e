//! What is left of populations that were given up.

use super::{Population, population::standing};
use crate::{outcomes::OutcomeShape, space::Shape};

/// The best candidate of the populations that were given up, and the present population as it is shown: with that one
/// in place of its worst, where it is the better one.
///
/// It takes no part in breeding: among random candidates it would soon be the parent of all.
#[derive(Clone, Debug)]
pub(in crate::algorithms) struct Kept {
    /// None before the first population was given up.
    best: Population,
    shown: Population,
    /// The row of `shown` where `best` stands.
    place: Option<usize>,
}

impl Kept {
    pub(in crate::algorithms) fn new(genome: Shape, outcome: OutcomeShape) -> Kept {
        let none = Population::new(genome, outcome, 0);
        Kept { best: none.clone(), shown: none, place: None }
    }

    /// As it was when [`best`](Kept::best) was this, and `population` the present one.
    pub(in crate::algorithms) fn restore(&mut self, best: Population, population: &Population) {
        self.best = best;
        self.show(population);
    }

    pub(in crate::algorithms) fn best(&self) -> &Population {
        &self.best
    }

    /// Keeps the best of `population`, which is given up, unless a better one is kept already.
    pub(in crate::algorithms) fn give_up(&mut self, population: &Population) {
        let Some(row) = population.best() else { return };
        if self.best.is_empty() {
            self.best.push(population, row);
        } else if standing(population, row) < standing(&self.best, 0) {
            self.best.copy_row(0, population, row);
        }
    }

    /// Shows `population`, all of which may be new.
    pub(in crate::algorithms) fn show(&mut self, population: &Population) {
        if !self.best.is_empty() {
            self.shown.clone_from(population);
            self.put(population, population.worst().unwrap_or(0));
        }
    }

    /// Shows `population`, of which only `row` is new, as a change or at its end, and `worst` is the worst.
    pub(in crate::algorithms) fn show_row(&mut self, population: &Population, row: usize, worst: usize) {
        if self.best.is_empty() {
            return;
        }
        if let Some(place) = self.place {
            self.shown.copy_row(place, population, place);
        }
        if row == self.shown.len() {
            self.shown.push(population, row);
        } else {
            self.shown.copy_row(row, population, row);
        }
        self.put(population, worst);
    }

    fn put(&mut self, population: &Population, worst: usize) {
        let better = worst < population.len() && standing(&self.best, 0) < standing(population, worst);
        self.place = better.then_some(worst);
        if better {
            self.shown.copy_row(worst, &self.best, 0);
        }
    }

    /// `population`, which was shown last, as it is shown.
    pub(in crate::algorithms) fn shown<'a>(&'a self, population: &'a Population) -> &'a Population {
        if self.best.is_empty() { population } else { &self.shown }
    }
}
