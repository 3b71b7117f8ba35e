//! Candidates that come from other islands.

use serde::{Deserialize, Serialize};

use super::{Population, population::standing};
use crate::{problem::CandidateId, random::Stream};

/// What other islands send to one: evaluated candidates of the same space, goals and constraints.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Who comes, the best first; none failed, and none is there twice. They keep the ids they were born with.
    pub immigrants: &'a Population,
    /// Whose place they take.
    pub replacement: Replacement,
    /// The chance in this arrival.
    pub stream: Stream,
}

/// Whose place an immigrant takes, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// Whose place.
    pub replaced: Replaced,
    /// When it takes it.
    pub accepted: Accepted,
}

/// Whose place immigrants take; each another's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replaced {
    /// The worst: the best immigrant that of the very worst, and so on.
    #[default]
    Worst,
    /// Any but the best.
    Random,
}

/// When an immigrant takes a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accepted {
    /// Where it is better than who has it.
    #[default]
    Better,
    /// Always; but nobody takes the best one's.
    Always,
}

impl Arrival<'_> {
    /// Who takes whose place in `population`: pairs of a row of it and a row of the immigrants, each row once.
    ///
    /// Who is in `population` already, or among `known`, does not come again.
    pub fn places(mut self, population: &Population, known: &[CandidateId]) -> Vec<(usize, usize)> {
        let immigrants = self.immigrants;
        let is_new = |row: &usize| {
            let id = &immigrants.candidates[*row];
            !known.contains(id) && !population.candidates.contains(id)
        };
        let comers: Vec<usize> = (0..immigrants.len()).filter(is_new).collect();
        let mut rows = population.order();
        if rows.is_empty() || comers.is_empty() {
            return Vec::new();
        }
        // The best one's place is the last that may be taken, and only by who is better.
        let best = rows.remove(0);
        rows.reverse();
        if self.replacement.replaced == Replaced::Random {
            for place in 0..rows.len().min(comers.len()) {
                let other = place + self.stream.below(rows.len() - place);
                rows.swap(place, other);
            }
        }
        rows.push(best);
        let taken = rows.into_iter().zip(comers);
        taken
            .filter(|(row, comer)| {
                let free = self.replacement.accepted == Accepted::Always && *row != best;
                free || standing(immigrants, *comer) < standing(population, *row)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{algorithms::Rank, operators::chi_square, outcomes::OutcomeShape, random::Purpose, space::Shape};

    fn population(island: u16, objectives: &[f64]) -> Population {
        let mut population = Population::new(Shape::default(), OutcomeShape::default(), objectives.len());
        for (row, objective) in objectives.iter().enumerate() {
            population.candidates[row] = CandidateId::new(island, row as u64);
            population.ranks[row] = Rank::new(0.0, *objective);
        }
        population
    }

    fn arrival(immigrants: &Population, replaced: Replaced, accepted: Accepted, index: u64) -> Arrival<'_> {
        let replacement = Replacement { replaced, accepted };
        Arrival { immigrants, replacement, stream: Stream::new(3, 0, Purpose::Immigrate, index) }
    }

    #[test]
    fn the_best_immigrant_takes_the_place_of_the_very_worst() {
        let here = population(0, &[3.0, 1.0, 9.0, 7.0]);
        let there = population(1, &[2.0, 8.0, 8.5]);
        let places = |accepted| arrival(&there, Replaced::Worst, accepted, 0).places(&here, &[]);
        // 8.0 is worse than 7.0, and 8.5 than 3.0.
        assert_eq!(places(Accepted::Better), [(2, 0)]);
        assert_eq!(places(Accepted::Always), [(2, 0), (3, 1), (0, 2)]);
    }

    #[test]
    fn nobody_takes_the_place_of_the_best_unless_it_is_better() {
        let here = population(0, &[3.0, 1.0]);
        let there = population(1, &[2.0, 2.0, 2.0]);
        assert_eq!(arrival(&there, Replaced::Worst, Accepted::Always, 0).places(&here, &[]), [(0, 0)]);
        let there = population(1, &[0.25, 0.5]);
        assert_eq!(arrival(&there, Replaced::Worst, Accepted::Better, 0).places(&here, &[]), [(0, 0), (1, 1)]);
        assert_eq!(arrival(&there, Replaced::Worst, Accepted::Always, 0).places(&population(0, &[]), &[]), []);
    }

    #[test]
    fn nobody_is_there_twice() {
        let mut here = population(0, &[3.0, 4.0, 5.0]);
        let there = population(1, &[0.0, 1.0, 2.0]);
        here.copy_row(1, &there, 1);
        let known = [CandidateId::new(1, 0)];
        assert_eq!(arrival(&there, Replaced::Worst, Accepted::Better, 0).places(&here, &known), [(2, 2)]);
    }

    /// Two of three that are not the best, in any order: the first is each with probability 1/3.
    #[test]
    fn any_place_but_the_best_is_taken_as_often_as_another() {
        let here = population(0, &[3.0, 1.0, 9.0, 7.0]);
        let there = population(1, &[2.0, 2.5]);
        let mut counts = [0; 4];
        for index in 0..3000 {
            let places = arrival(&there, Replaced::Random, Accepted::Always, index).places(&here, &[]);
            assert_eq!(places.len(), 2);
            assert_ne!(places[0].0, places[1].0);
            counts[places[0].0] += 1;
        }
        assert_eq!(counts[1], 0);
        chi_square(&[counts[0], counts[2], counts[3]], &[1000.0; 3]);
    }
}
