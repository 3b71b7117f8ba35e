//! When a population has nothing left to find.

use crate::{algorithms::Population, space::Space};

/// How often each gene is tried in vain, and how many generations pass, before a population of equals is given up.
///
/// Where one gene of `n` must mutate and no other, a child does so with probability `1/(e·n)`: that `20·n` children all
/// miss has probability `exp(-20/e)`, below one in a thousand.
const PATIENCE: u64 = 20;

/// How long a population of equals is bred from before it is given up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stagnation {
    patience: u64,
}

impl Stagnation {
    /// For the number of genes of `space`, each item of a permutation counting as one, and `offspring` a generation.
    pub(super) fn new(space: &Space, offspring: usize) -> Stagnation {
        let shape = space.layout().shape;
        let genes = shape.reals + shape.ints + shape.bits + shape.items;
        Stagnation { patience: PATIENCE.saturating_mul(genes.max(offspring) as u64) }
    }

    /// Whether all of `population` are equally good, and none of the last candidates before `next` has entered it.
    ///
    /// A function of the population and of the next candidate's index alone: there is nothing to keep in a snapshot.
    pub(super) fn holds(self, population: &Population, next: u64) -> bool {
        let Some(first) = population.ranks.first() else { return false };
        let newest = || population.candidates.iter().map(|candidate| candidate.index()).max().unwrap_or(0);
        population.ranks.iter().all(|rank| rank == first) && next.saturating_sub(newest() + 1) >= self.patience
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Stagnation;
    use crate::{
        algorithms::{Algorithm, Genetic, GeneticOptions, GeneticSettings, Population, Rank, Schedule, Setup},
        evaluator::{Batch, Results},
        outcomes::OutcomeShape,
        problem::{CandidateId, Direction, Goal, Signature},
        space::{Domain, Parameter, Space},
    };

    /// A genetic algorithm on five bits, and how it is set up.
    fn config(schedule: Schedule) -> (Setup, GeneticSettings) {
        let space = Space::new(vec![Parameter::new("x", Domain::Bit).len(5)]).unwrap();
        let options = GeneticOptions {
            population: Some(6),
            offspring: Some(10),
            schedule: Some(schedule),
            ..GeneticOptions::default()
        };
        let goals = vec![Goal { name: "flat".into(), direction: Direction::Minimize }];
        let settings = options.resolve(&space, 1);
        let signature = Signature { space, goals, constraints: Vec::new(), measures: Vec::new() };
        (Setup::new(Arc::new(signature), 3), settings)
    }

    /// Evaluates all there are, in which all are equally good, and commits the next unit; its candidates.
    fn unit(algorithm: &mut Genetic) -> Population {
        let (mut batch, mut results) = (Batch::default(), Results::default());
        algorithm.ask(usize::MAX, &mut batch);
        results.clear(OutcomeShape { objectives: 1, ..OutcomeShape::default() });
        results.outcomes.reset(results.outcomes.shape, batch.candidates.len());
        results.candidates.clone_from(&batch.candidates);
        algorithm.tell(&results).unwrap();
        algorithm.commit().unwrap().candidates.clone()
    }

    #[test]
    fn a_population_that_stagnates_makes_way_for_a_random_one() {
        // Six of the first generation, then twenty generations of ten in vain, then six again.
        let (setup, settings) = config(Schedule::Generations);
        let mut algorithm = Genetic::new(setup.clone(), settings.clone()).unwrap();
        let mut sizes = Vec::new();
        for _ in 0..44 {
            // Going on from a snapshot is going on.
            let mut restored = Genetic::restore(setup.clone(), settings.clone(), &algorithm.snapshot()).unwrap();
            let candidates = unit(&mut algorithm);
            assert_eq!(unit(&mut restored), candidates);
            assert_eq!(restored.population(), algorithm.population());
            if candidates.len() == 6 {
                // All are as good as candidate 0, the best of all by its id, which stays in sight.
                let shown = &algorithm.population().candidates;
                assert_eq!(shown[..5], candidates.candidates[..5]);
                assert!(shown.contains(&CandidateId::new(0, 0)));
            }
            sizes.push(candidates.len());
        }
        let mut round = [10; 21];
        round[0] = 6;
        assert_eq!(sizes[..42], [round, round].concat());
    }

    #[test]
    fn in_a_window_the_next_population_begins_behind_what_is_bred_already() {
        for window in [1, 4, 9] {
            let (setup, settings) = config(Schedule::Window(window));
            let mut algorithm = Genetic::new(setup.clone(), settings.clone()).unwrap();
            // The first six of a population stay. Twenty times as many come in vain, and then those that are in flight.
            let lives = 6 + 20 * 6 + window as u64 - 1;
            for index in 0..3 * lives {
                let candidates = unit(&mut algorithm);
                assert_eq!(candidates.candidates, [CandidateId::new(0, index)]);
                let origin = index - index % lives;
                let mut expected: Vec<u64> = (origin..=index.min(origin + 5)).collect();
                if origin > 0 {
                    // As good as candidate 0, the best of all by its id, which stays in sight.
                    expected.pop();
                    expected.insert(0, 0);
                }
                let mut found: Vec<u64> = algorithm.population().candidates.iter().map(|id| id.index()).collect();
                found.sort_unstable();
                assert_eq!(found, expected, "candidate {index} in a window of {window}");
                // Going on from a snapshot is going on.
                let restored = Genetic::restore(setup.clone(), settings.clone(), &algorithm.snapshot()).unwrap();
                assert_eq!(restored.snapshot(), algorithm.snapshot());
                assert_eq!(restored.population(), algorithm.population());
                if index % 7 == 0 {
                    algorithm = restored;
                }
            }
        }
    }

    #[test]
    fn equals_are_given_up_when_patience_is_over() {
        let space = Space::new(vec![Parameter::new("x", Domain::Bit).len(5)]).unwrap();
        let stagnation = Stagnation::new(&space, 2);
        let mut population = Population::new(space.layout().shape, OutcomeShape::default(), 3);
        for (row, index) in [7, 90, 13].into_iter().enumerate() {
            population.candidates[row] = CandidateId::new(2, index);
            population.ranks[row] = Rank::new(0.0, 1.5);
        }
        // Candidates 91 to 189 were bred in vain, and then 190.
        assert!(!stagnation.holds(&population, 190));
        assert!(stagnation.holds(&population, 191));
        population.ranks[1] = Rank::new(0.0, 1.25);
        assert!(!stagnation.holds(&population, 1_000_000));
        assert!(!stagnation.holds(&Population::default(), 1_000_000));
    }
}
