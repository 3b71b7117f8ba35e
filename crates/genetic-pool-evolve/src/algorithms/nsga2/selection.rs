//! Who survives, and who then is preferred as a parent.

use crate::{
    algorithms::{Population, Rank},
    operators::survival::{
        crowding::Crowding,
        non_dominated::{NonDominated, Points},
    },
    outcomes::OutcomeShape,
    problem::{CandidateId, Signature},
    space::Shape,
};

/// A population of the least dominated and least crowded, with the room to select it in.
///
/// All it holds follows from the population alone, so that no snapshot needs it.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    population: Population,
    /// By row of the population: the rank within it.
    ranks: Vec<Rank>,
    sorting: NonDominated,
    crowding: Crowding,
    /// Of all that are selected from: objectives to be minimised, violations, ids.
    values: Vec<f64>,
    violations: Vec<u64>,
    candidates: Vec<CandidateId>,
    members: Vec<u32>,
    /// By row of all: its rank within the survivors; [`Rank::WORST`] where it does not survive.
    survivors: Vec<Rank>,
}

impl Selection {
    /// An empty one.
    pub(super) fn new(genome: Shape, outcome: OutcomeShape) -> Selection {
        Selection { population: Population::new(genome, outcome, 0), ..Selection::default() }
    }

    /// The population.
    pub(super) fn population(&self) -> &Population {
        &self.population
    }

    /// By row: the rank within the population.
    pub(super) fn ranks(&self) -> &[Rank] {
        &self.ranks
    }

    /// As it was when it held `population`.
    pub(super) fn restore(&mut self, signature: &Signature, population: Population) {
        self.population.clear();
        self.select(signature, &population, population.len());
    }

    /// Takes `offspring` in and keeps `size` of all, each newcomer in the row of one that leaves.
    pub(super) fn select(&mut self, signature: &Signature, offspring: &Population, size: usize) {
        let parents = self.population.len();
        self.load(signature, offspring);
        self.rank_survivors(signature.goals.len(), size);
        self.ranks.clear();
        self.ranks.extend_from_slice(&self.survivors[..parents]);
        let mut row = 0;
        for (from, rank) in self.survivors[parents..].iter().enumerate() {
            if *rank == Rank::WORST {
                continue;
            }
            while row < parents && self.ranks[row] != Rank::WORST {
                row += 1;
            }
            if row < parents {
                self.population.copy_row(row, offspring, from);
                self.ranks[row] = *rank;
            } else {
                self.population.push(offspring, from);
                self.ranks.push(*rank);
            }
        }
    }

    /// Puts parents and offspring side by side.
    fn load(&mut self, signature: &Signature, offspring: &Population) {
        let goals = signature.goals.len();
        self.values.clear();
        self.violations.clear();
        self.candidates.clear();
        for population in [&self.population, offspring] {
            let start = self.values.len();
            self.values.extend_from_slice(&population.outcomes.objectives);
            let values = &mut self.values[start..];
            for (goal, named) in signature.goals.iter().enumerate() {
                for value in values.iter_mut().skip(goal).step_by(goals) {
                    // No negative zero: it would be another place in one comparison and the same in others.
                    *value = named.direction.minimized(*value) + 0.0;
                }
            }
            for (row, _) in &population.outcomes.failures {
                values[row * goals..][..goals].fill(f64::INFINITY);
            }
            self.violations.extend(population.ranks.iter().map(|rank| rank.violation));
            self.candidates.extend_from_slice(&population.candidates);
        }
        if self.violations.iter().all(|violation| *violation == 0) {
            self.violations.clear();
        }
    }

    /// Finds the `size` survivors and their ranks among themselves.
    fn rank_survivors(&mut self, goals: usize, size: usize) {
        let points = Points { goals, values: &self.values, violations: &self.violations, candidates: &self.candidates };
        self.sorting.sort(points);
        self.survivors.clear();
        self.survivors.resize(self.candidates.len(), Rank::WORST);
        let mut room = size;
        for front in 0..self.sorting.n_fronts() {
            if room == 0 {
                break;
            }
            self.members.clear();
            self.members.extend_from_slice(self.sorting.front(front));
            let distances = if self.members.len() > room {
                self.crowding.thin(points, &mut self.members, room)
            } else {
                self.crowding.distances(points, &self.members)
            };
            room -= self.members.len();
            for (row, distance) in self.members.iter().zip(distances) {
                self.survivors[*row as usize] = Rank::within(front as u32, *distance);
            }
        }
    }
}
