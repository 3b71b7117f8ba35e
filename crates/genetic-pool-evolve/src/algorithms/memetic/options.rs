//! The keys of the memetic algorithm and what they become.

use serde::{Deserialize, Serialize};

use super::Memetic;
use crate::{
    algorithms::{
        GeneticSettings, Schedule, Setup,
        arrangement::{CrossoverOperator, MutationOperator},
        config::{ConfigError, MOST, UP_TO_MOST, check_count, check_one_goal, check_room, check_start},
    },
    operators::Operators,
    space::Space,
};

/// The keys of the memetic algorithm; `None` is chosen from the space, what the problem brings along, and `parallel`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemeticOptions {
    /// Candidates of the population, and of a generation: at least 2, and even.
    pub population: Option<usize>,
    /// Probability that two parents are crossed.
    pub crossover: Option<f64>,
    /// How permutations and sequences are crossed.
    pub crossover_operator: Option<CrossoverOperator>,
    /// Probability that a gene mutates.
    pub mutation: Option<f64>,
    /// How permutations and sequences mutate.
    pub mutation_operator: Option<MutationOperator>,
    /// Whether the problem's local search improves every child.
    pub improve: Option<bool>,
}

/// The options of a run, all decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemeticSettings {
    /// Candidates of the population, and of a generation: 2 to 2^24, and even.
    pub population: usize,
    /// Probability that two parents are crossed, 0 to 1.
    pub crossover: f64,
    /// How permutations and sequences are crossed; `None`: each kind as it is usual, or there is neither.
    pub crossover_operator: Option<CrossoverOperator>,
    /// Probability that a gene mutates, 0 to 1. A child whose permutations and sequences are what its parent's are
    /// undergoes one move.
    pub mutation: f64,
    /// How permutations and sequences mutate; `None`: as it is usual, or there is neither.
    pub mutation_operator: Option<MutationOperator>,
    /// Whether the problem's local search improves every child.
    pub improve: bool,
}

impl MemeticOptions {
    /// The settings these options stand for in `space` with what the problem brings along in `operators`, and room for
    /// `parallel` evaluations at once.
    ///
    /// Where nothing is asked for:
    /// - `population`: 100 where edge assembly crosses tours, else 30, rounded up to a multiple of `parallel`, and even;
    /// - `crossover`: 1;
    /// - `crossover_operator`: the problem's own; without one edge assembly, where it gives distances between the items
    ///   of its only parameter;
    /// - `mutation`: 0 where there are only permutations and sequences, else 1 over the number of genes;
    /// - `mutation_operator`: the problem's own, where there is one;
    /// - `improve`: where the problem has a local search.
    pub fn resolve(&self, space: &Space, operators: &Operators, parallel: usize) -> MemeticSettings {
        let parallel = parallel.clamp(1, MOST);
        let shape = space.layout().shape;
        let assembled = || {
            let fits = CrossoverOperator::EdgeAssembly.check(operators, space).is_ok();
            (operators.crossover.is_none() && fits).then_some(CrossoverOperator::EdgeAssembly)
        };
        let crossover_operator = self.crossover_operator.or_else(assembled);
        let least = if crossover_operator == Some(CrossoverOperator::EdgeAssembly) { 100_usize } else { 30 };
        let population = self.population.unwrap_or_else(|| {
            let population = least.next_multiple_of(parallel);
            population + population % 2
        });
        let genes = shape.reals + shape.ints + shape.bits + shape.items;
        MemeticSettings {
            population,
            crossover: self.crossover.unwrap_or(1.0),
            crossover_operator,
            mutation: self.mutation.unwrap_or(if shape.items == genes { 0.0 } else { 1.0 / genes as f64 }),
            mutation_operator: self.mutation_operator,
            improve: self.improve.unwrap_or(operators.improve.is_some()),
        }
    }
}

impl MemeticSettings {
    /// The first thing that is wrong with them on `setup`.
    pub fn check(&self, setup: &Setup) -> Result<(), ConfigError> {
        check_one_goal(Memetic::NAME, &setup.signature)?;
        let space = &setup.signature.space;
        let least = if self.population.is_multiple_of(2) { 2 } else { usize::MAX };
        check_count("population", self.population, least..=MOST, "2 to 16777216 and even")?;
        check_room(space, "population", self.population)?;
        for (key, found) in [("crossover", self.crossover), ("mutation", self.mutation)] {
            if !(0.0..=1.0).contains(&found) {
                return Err(ConfigError::Number { key, allowed: "0 to 1", found });
            }
        }
        check_count("batch", setup.batch, 1..=MOST, UP_TO_MOST)?;
        if let Some(operator) = self.crossover_operator {
            operator.check(&setup.operators, space)?;
        }
        if let Some(operator) = self.mutation_operator {
            operator.check(&setup.operators, space)?;
        }
        if self.improve && setup.operators.improve.is_none() {
            return Err(ConfigError::NoImprovement);
        }
        check_start(&setup.start, space, self.population)
    }

    /// How its children are bred, in the words of the genetic algorithm.
    pub(super) fn breeding(&self) -> GeneticSettings {
        GeneticSettings {
            population: self.population,
            offspring: self.population,
            schedule: Schedule::Generations,
            tournament: 1,
            crossover: self.crossover,
            crossover_eta: 15.0,
            crossover_operator: self.crossover_operator,
            mutation: Some(self.mutation),
            mutation_eta: 20.0,
            mutation_operator: self.mutation_operator,
            improve: self.improve,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        operators::{crossover::job_order::JobOrder, distances::Distances, improve::OrTwoOpt},
        problem::{Direction, Goal, Signature},
        space::{Domain, Parameter},
    };

    fn setup(domain: Domain, operators: Operators) -> Setup {
        let space = Space::new(vec![Parameter::new("x", domain)]).unwrap();
        let goals = vec![Goal { name: "cost".into(), direction: Direction::Minimize }];
        let signature = Signature { space, goals, constraints: Vec::new(), measures: Vec::new() };
        Setup { operators, ..Setup::new(Arc::new(signature), 1) }
    }

    fn with_distances(size: usize) -> Operators {
        let distances = Arc::new(Distances::new(size, vec![1; size * size]).unwrap());
        let improve = Some(Arc::new(OrTwoOpt::new(Arc::clone(&distances))) as _);
        Operators { distances: Some(distances), improve, ..Operators::default() }
    }

    #[test]
    fn what_a_problem_brings_along_is_made_use_of() {
        let resolve = |setup: &Setup| {
            let settings = MemeticOptions::default().resolve(&setup.signature.space, &setup.operators, 16);
            settings.check(setup).unwrap();
            (settings.crossover_operator, settings.improve, settings.population)
        };
        let tour = Domain::Permutation { size: 5 };
        let assembly = Some(CrossoverOperator::EdgeAssembly);
        assert_eq!(resolve(&setup(tour.clone(), with_distances(5))), (assembly, true, 112));
        assert_eq!(resolve(&setup(tour.clone(), with_distances(4))), (None, true, 32));
        assert_eq!(resolve(&setup(tour.clone(), Operators::default())), (None, false, 32));
        let own = Operators { crossover: Some(Arc::new(JobOrder)), ..with_distances(5) };
        assert_eq!(resolve(&setup(tour, own)), (None, true, 32));
        assert_eq!(resolve(&setup(Domain::Bit, Operators::default())), (None, false, 32));
    }

    #[test]
    fn what_is_missing_or_out_of_range_is_refused() {
        let refused = |options: MemeticOptions, domain: Domain| {
            let setup = setup(domain, Operators::default());
            options.resolve(&setup.signature.space, &setup.operators, 1).check(&setup).unwrap_err().to_string()
        };
        let usual = MemeticOptions::default();
        let tour = || Domain::Permutation { size: 5 };
        let of = |operator| MemeticOptions { crossover_operator: Some(operator), ..MemeticOptions::default() };
        assert_eq!(
            refused(of(CrossoverOperator::EdgeAssembly), tour()),
            "`crossover_operator` is `edge-assembly`, which needs one permutation, between whose items the problem gives \
             distances"
        );
        assert_eq!(
            refused(of(CrossoverOperator::Own), tour()),
            "`crossover_operator` is `own`, which needs a crossover that the problem brings along"
        );
        assert_eq!(
            refused(of(CrossoverOperator::Order), Domain::Bit),
            "`crossover_operator` is `order`, which needs a permutation or a sequence in the space"
        );
        let own = MemeticOptions { mutation_operator: Some(MutationOperator::Own), ..usual.clone() };
        assert_eq!(
            refused(own, tour()),
            "`mutation_operator` is `own`, which needs a mutation that the problem brings along"
        );
        let improve = MemeticOptions { improve: Some(true), ..usual.clone() };
        assert_eq!(refused(improve, tour()), "`improve` is true, and the problem has no local search");
        let odd = MemeticOptions { population: Some(7), ..usual.clone() };
        assert_eq!(refused(odd, tour()), "`population` must be 2 to 16777216 and even, found 7");
        let sure = MemeticOptions { crossover: Some(1.5), ..usual };
        assert_eq!(refused(sure, tour()), "`crossover` must be 0 to 1, found 1.5");
    }
}
