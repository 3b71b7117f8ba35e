//! Evaluated candidates, stored by column.

use serde::{Deserialize, Serialize};

use super::Rank;
use crate::{
    outcomes::{OutcomeShape, Outcomes},
    problem::CandidateId,
    space::{Genomes, Shape},
};

/// Candidates with their genomes, outcomes and ranks, row by row; in no particular order unless said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Population {
    /// Their ids.
    pub candidates: Vec<CandidateId>,
    /// Their genomes.
    pub genomes: Genomes,
    /// Their outcomes.
    pub outcomes: Outcomes,
    /// Their ranks.
    pub ranks: Vec<Rank>,
}

impl Population {
    /// `rows` rows of zeros.
    pub fn new(genome: Shape, outcome: OutcomeShape, rows: usize) -> Population {
        Population {
            candidates: vec![CandidateId::default(); rows],
            genomes: Genomes::new(genome, rows),
            outcomes: Outcomes::new(outcome, rows),
            ranks: vec![Rank::WORST; rows],
        }
    }

    /// Whether every column has a row for each candidate.
    pub fn is_consistent(&self) -> bool {
        let rows = self.candidates.len();
        (self.genomes.rows, self.outcomes.rows, self.ranks.len()) == (rows, rows, rows)
            && self.genomes.is_consistent()
            && self.outcomes.is_consistent()
    }

    /// Appends row `row` of `other`.
    pub fn push(&mut self, other: &Population, row: usize) {
        self.candidates.push(other.candidates[row]);
        self.genomes.extend(&other.genomes, row..row + 1);
        self.outcomes.push(&other.outcomes, row);
        self.ranks.push(other.ranks[row]);
    }

    /// Appends the rows `range` of `other`.
    pub fn extend(&mut self, other: &Population, range: std::ops::Range<usize>) {
        self.candidates.extend_from_slice(&other.candidates[range.clone()]);
        self.genomes.extend(&other.genomes, range.clone());
        self.outcomes.extend(&other.outcomes, range.clone());
        self.ranks.extend_from_slice(&other.ranks[range]);
    }

    /// Removes row `row`; the last takes its place.
    pub fn swap_remove(&mut self, row: usize) {
        let last = self.len() - 1;
        if row != last {
            let (mut genomes, mut outcomes) =
                (Genomes::new(self.genomes.shape, 1), Outcomes::new(self.outcomes.shape, 1));
            genomes.copy_row(0, &self.genomes, last);
            outcomes.copy_row(0, &self.outcomes, last);
            self.genomes.copy_row(row, &genomes, 0);
            self.outcomes.copy_row(row, &outcomes, 0);
        }
        self.candidates.swap_remove(row);
        self.ranks.swap_remove(row);
        self.genomes.resize(last);
        self.outcomes.truncate(last);
    }

    /// No rows, keeping the room.
    pub fn clear(&mut self) {
        self.candidates.clear();
        self.genomes.clear(self.genomes.shape);
        self.outcomes.reset(self.outcomes.shape, 0);
        self.ranks.clear();
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.candidates.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// The row of the best candidate, by rank, then id.
    pub fn best(&self) -> Option<usize> {
        (0..self.len()).min_by_key(|row| standing(self, *row))
    }

    /// The row of the worst candidate, by rank, then id.
    pub fn worst(&self) -> Option<usize> {
        (0..self.len()).max_by_key(|row| standing(self, *row))
    }

    /// The rows from best to worst, by rank, then id.
    pub fn order(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.len()).collect();
        rows.sort_unstable_by_key(|row| standing(self, *row));
        rows
    }

    /// Overwrites row `to` with row `from` of `other`.
    pub fn copy_row(&mut self, to: usize, other: &Population, from: usize) {
        self.candidates[to] = other.candidates[from];
        self.genomes.copy_row(to, &other.genomes, from);
        self.outcomes.copy_row(to, &other.outcomes, from);
        self.ranks[to] = other.ranks[from];
    }
}

/// The place of row `row` in the order of preference: less is better, and no two candidates stand equal.
pub(crate) fn standing(population: &Population, row: usize) -> (Rank, CandidateId) {
    (population.ranks[row], population.candidates[row])
}
