//! Who leaves an island.

use serde::{Deserialize, Serialize};

use crate::{
    algorithms::{Population, standing},
    random::Stream,
};

/// Who of a population is sent to others; a copy of each, none that failed, none twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Emigration {
    /// The best.
    #[default]
    Best,
    /// Any.
    Random,
    /// Each time the better one of two that have not been chosen.
    Tournament,
}

impl Emigration {
    /// Up to `count` rows of `population`, in the order they were chosen in.
    pub fn choose(self, population: &Population, count: usize, mut stream: Stream) -> Vec<usize> {
        let mut rows: Vec<usize> = match self {
            Emigration::Best => population.order(),
            Emigration::Random | Emigration::Tournament => (0..population.len()).collect(),
        };
        rows.retain(|row| population.outcomes.failure(*row).is_none());
        let count = count.min(rows.len());
        for place in 0..count {
            let left = rows.len() - place;
            let chosen = match self {
                Emigration::Best => place,
                Emigration::Random => place + stream.below(left),
                Emigration::Tournament => {
                    let one = place + stream.below(left);
                    let other = place + stream.below(left);
                    if standing(population, rows[one]) < standing(population, rows[other]) { one } else { other }
                }
            };
            rows.swap(place, chosen);
        }
        rows.truncate(count);
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        algorithms::Rank,
        operators::chi_square,
        outcomes::OutcomeShape,
        problem::{CandidateId, Failure},
        random::Purpose,
        space::Shape,
    };

    /// Ten candidates, each better than the one before it; the last, and best, one failed.
    fn population() -> Population {
        let mut population = Population::new(Shape::default(), OutcomeShape::default(), 10);
        for row in 0..10 {
            population.candidates[row] = CandidateId::new(0, row as u64);
            population.ranks[row] = Rank::new(0.0, -(row as f64));
        }
        population.outcomes.fail(9, Failure::exception("no"));
        population
    }

    fn stream(index: u64) -> Stream {
        Stream::new(7, 0, Purpose::Emigrate, index)
    }

    #[test]
    fn the_best_are_sent_and_nobody_who_failed() {
        let population = population();
        assert_eq!(Emigration::Best.choose(&population, 3, stream(0)), [8, 7, 6]);
        assert_eq!(Emigration::Best.choose(&population, 0, stream(0)), [0; 0]);
        for emigration in [Emigration::Best, Emigration::Random, Emigration::Tournament] {
            let mut rows = emigration.choose(&population, 99, stream(0));
            rows.sort_unstable();
            assert_eq!(rows, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
            assert_eq!(emigration.choose(&Population::default(), 2, stream(0)), [0; 0]);
        }
    }

    /// Of nine, the first one chosen at random is each with probability 1/9. In a tournament of two drawn with
    /// replacement the k-th worst (k from 1) wins with probability (k² − (k − 1)²)/81.
    #[test]
    fn chance_is_what_the_policy_says() {
        let population = population();
        for emigration in [Emigration::Random, Emigration::Tournament] {
            let expected = |k: f64| match emigration {
                Emigration::Tournament => 9000.0 * (2.0 * k - 1.0) / 81.0,
                _ => 1000.0,
            };
            let mut counts = [0; 9];
            for index in 0..9000 {
                counts[emigration.choose(&population, 2, stream(index))[0]] += 1;
            }
            let expected: Vec<f64> = (1..=9).map(|k| expected(f64::from(k))).collect();
            chi_square(&counts, &expected);
        }
    }
}
