//! The keys of the genetic algorithm and what they become.

use serde::{Deserialize, Serialize};

use super::Genetic;

use crate::{
    algorithms::{
        Schedule, Setup,
        arrangement::{CrossoverOperator, MutationOperator},
        config::{ConfigError, MOST, UP_TO_MOST, check_count, check_known, check_one_goal, check_room, check_start},
    },
    space::Space,
};

/// The keys of the genetic algorithm; `None` is chosen from the space and `parallel`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GeneticOptions {
    /// Candidates that survive, at least 2.
    pub population: Option<usize>,
    /// Candidates bred a generation, at least 2 and even.
    pub offspring: Option<usize>,
    /// How candidates follow each other.
    pub schedule: Option<Schedule>,
    /// Candidates in a tournament, at least 1.
    pub tournament: Option<usize>,
    /// Probability that two parents are crossed.
    pub crossover: Option<f64>,
    /// Distribution index of simulated binary crossover, at least 0.
    pub crossover_eta: Option<f64>,
    /// Probability that a gene mutates; `None`: 1 over the number of genes.
    pub mutation: Option<f64>,
    /// Distribution index of polynomial mutation, at least 0.
    pub mutation_eta: Option<f64>,
    /// How permutations and sequences are crossed.
    pub crossover_operator: Option<CrossoverOperator>,
    /// How permutations and sequences mutate.
    pub mutation_operator: Option<MutationOperator>,
    /// Whether the problem's local search improves every child.
    pub improve: Option<bool>,
}

/// The options of a run, all decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeneticSettings {
    /// Candidates that survive, 2 to 2^24.
    pub population: usize,
    /// Candidates bred a generation, 2 to 2^24 and even. Decides nothing in a window.
    pub offspring: usize,
    /// How candidates follow each other; a window holds 1 to 2^24, and so many may be out freely.
    pub schedule: Schedule,
    /// Candidates in a tournament, 1 to 2^16.
    pub tournament: usize,
    /// Probability that two parents are crossed, 0 to 1.
    pub crossover: f64,
    /// Distribution index of simulated binary crossover, 0 to 1000.
    pub crossover_eta: f64,
    /// Probability that a gene mutates, 0 to 1; `None`: 1 over the number of genes, each item of a permutation counting
    /// as one, and at least one move a child where there are only permutations and sequences.
    pub mutation: Option<f64>,
    /// Distribution index of polynomial mutation, 0 to 1000.
    pub mutation_eta: f64,
    /// How permutations and sequences are crossed; `None`: the problem's own way, else each kind as it is usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossover_operator: Option<CrossoverOperator>,
    /// How permutations and sequences mutate; `None`: the problem's own way, else as it is usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutation_operator: Option<MutationOperator>,
    /// Whether the problem's local search improves every child.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub improve: bool,
}

impl GeneticOptions {
    /// The settings these options stand for in `space` with room for `parallel` evaluations at once.
    ///
    /// Where nothing is asked for:
    /// - `population`: 100, rounded up to a multiple of `parallel` so that no slot waits at the end of a generation;
    /// - `offspring`: as many, rounded up to an even number;
    /// - `schedule`: generations; a window holds [`default_window`](crate::algorithms::default_window) where only its kind is asked for,
    ///   and [`default_free`](crate::algorithms::default_free) are out freely;
    /// - `crossover`: 0.3 where there are only permutations, else 0.9;
    /// - `tournament` 2, `crossover_eta` 15, `mutation_eta` 20 (the operators' usual settings);
    /// - `mutation`: 1 over the number of genes;
    /// - `crossover_operator`, `mutation_operator`: the problem's own, else order crossover of permutations, job-based
    ///   order crossover of sequences, and inversions and insertions of both;
    /// - `improve`: false.
    pub fn resolve(&self, space: &Space, parallel: usize) -> GeneticSettings {
        let parallel = parallel.clamp(1, MOST);
        let population = self.population.unwrap_or_else(|| 100usize.next_multiple_of(parallel).max(2));
        GeneticSettings {
            population,
            offspring: self.offspring.unwrap_or_else(|| population.saturating_add(population % 2)),
            schedule: self.schedule.unwrap_or(Schedule::Generations),
            tournament: self.tournament.unwrap_or(2),
            crossover: self.crossover.unwrap_or_else(|| default_crossover(space)),
            crossover_eta: self.crossover_eta.unwrap_or(15.0),
            mutation: self.mutation,
            mutation_eta: self.mutation_eta.unwrap_or(20.0),
            crossover_operator: self.crossover_operator,
            mutation_operator: self.mutation_operator,
            improve: self.improve.unwrap_or(false),
        }
    }
}

/// Order crossover breaks many edges of a tour: within two million evaluations of berlin52, of the seeds 1 to 20, 20
/// reach the optimum at 0, 18 at 0.3, and 14 at 0.6 and at 0.9. Some is left for what is no tour. Other kinds take their
/// parents' genes whole.
fn default_crossover(space: &Space) -> f64 {
    let shape = space.layout().shape;
    let only_permutations = shape.items > 0 && shape.reals + shape.ints + shape.bits == 0;
    if only_permutations { 0.3 } else { 0.9 }
}

impl GeneticSettings {
    /// The probability that a gene mutates in `space`.
    pub fn mutation_in(&self, space: &Space) -> f64 {
        let shape = space.layout().shape;
        let genes = shape.reals + shape.ints + shape.bits + shape.items;
        self.mutation.unwrap_or(1.0 / genes.max(1) as f64)
    }

    /// How many random candidates and start points a run begins with: the population, or as many as are bred ahead of commits, where that
    /// is more.
    pub fn first(&self) -> usize {
        match self.schedule {
            Schedule::Generations => self.population,
            Schedule::Window(ahead) | Schedule::Free(ahead) => self.population.max(ahead),
        }
    }

    /// The first thing that is wrong with them on `setup`, for the genetic algorithm.
    pub fn check(&self, setup: &Setup) -> Result<(), ConfigError> {
        check_one_goal(Genetic::NAME, &setup.signature)?;
        self.check_ranges(setup)
    }

    /// The first thing that is wrong with them on `setup`, whatever its goals.
    pub(in crate::algorithms) fn check_ranges(&self, setup: &Setup) -> Result<(), ConfigError> {
        let space = &setup.signature.space;
        if let Some(problem) = self.problems(space, setup.batch).into_iter().next() {
            return Err(problem);
        }
        if let Some(operator) = self.crossover_operator {
            operator.check(&setup.operators, space)?;
        }
        if let Some(operator) = self.mutation_operator {
            operator.check(&setup.operators, space)?;
        }
        if self.improve && setup.operators.improve.is_none() {
            return Err(ConfigError::NoImprovement);
        }
        check_known(setup)?;
        check_start(&setup.start, space, self.first())
    }

    /// Everything that is out of range in `space`, with `batch` candidates to a group.
    pub fn problems(&self, space: &Space, batch: usize) -> Vec<ConfigError> {
        let mut problems = Vec::new();
        let mut keep = |result: Result<(), ConfigError>| problems.extend(result.err());
        keep(check_count("population", self.population, 2..=MOST, "2 to 16777216"));
        keep(check_room(space, "population", self.population));
        keep(check_count("tournament", self.tournament, 1..=1 << 16, "1 to 65536"));
        match self.schedule {
            Schedule::Generations => {
                let least = if self.offspring.is_multiple_of(2) { 2 } else { usize::MAX };
                keep(check_count("offspring", self.offspring, least..=MOST, "2 to 16777216 and even"));
                keep(check_room(space, "offspring", self.offspring));
            }
            Schedule::Window(window) => {
                keep(check_count("window", window, 1..=MOST, UP_TO_MOST));
                keep(check_room(space, "window", window));
            }
            Schedule::Free(free) => {
                keep(check_count("free", free, 1..=MOST, UP_TO_MOST));
                keep(check_room(space, "free", free));
            }
        }
        let mut number = |key, found: f64, most, allowed| {
            let fits = (0.0..=most).contains(&found);
            keep(if fits { Ok(()) } else { Err(ConfigError::Number { key, allowed, found }) });
        };
        number("crossover", self.crossover, 1.0, "0 to 1");
        number("crossover_eta", self.crossover_eta, 1000.0, "0 to 1000");
        number("mutation", self.mutation.unwrap_or(0.0), 1.0, "0 to 1");
        number("mutation_eta", self.mutation_eta, 1000.0, "0 to 1000");
        keep(check_count("batch", batch, 1..=MOST, UP_TO_MOST));
        match self.schedule {
            Schedule::Window(window) if batch > 1 && batch > window / 2 => {
                keep(Err(ConfigError::BatchInWindow { batch, window }));
            }
            Schedule::Free(free) if batch > 1 && batch > free / 2 => {
                keep(Err(ConfigError::BatchInFree { batch, free }));
            }
            Schedule::Generations | Schedule::Window(_) | Schedule::Free(_) => {}
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        algorithms::default_window,
        space::{Domain, Parameter},
    };

    fn space() -> Space {
        Space::new(Vec::new()).unwrap()
    }

    #[test]
    fn defaults_are_in_range_for_any_parallel() {
        for parallel in [0, 1, 2, 3, 7, 16, 64, 1001, usize::MAX] {
            let settings = GeneticOptions::default().resolve(&space(), parallel);
            assert_eq!(settings.problems(&space(), 1), []);
            assert!(settings.population >= 100);
            let schedule = Some(Schedule::Window(default_window(parallel)));
            assert_eq!(
                GeneticOptions { schedule, ..GeneticOptions::default() }
                    .resolve(&space(), parallel)
                    .problems(&space(), 1),
                []
            );
        }
    }

    #[test]
    fn generations_fill_the_slots_evenly() {
        let settings = GeneticOptions::default().resolve(&space(), 16);
        assert_eq!((settings.population, settings.offspring), (112, 112));
        let odd = GeneticOptions { population: Some(7), ..GeneticOptions::default() }.resolve(&space(), 16);
        assert_eq!((odd.population, odd.offspring), (7, 8));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let settings = GeneticSettings {
            population: 1,
            offspring: 5,
            schedule: Schedule::Generations,
            tournament: 0,
            crossover: 1.5,
            crossover_eta: -1.0,
            mutation: Some(f64::NAN),
            mutation_eta: f64::INFINITY,
            crossover_operator: None,
            mutation_operator: None,
            improve: false,
        };
        let problems: Vec<String> = settings.problems(&space(), 0).iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "`population` must be 2 to 16777216, found 1",
                "`tournament` must be 1 to 65536, found 0",
                "`offspring` must be 2 to 16777216 and even, found 5",
                "`crossover` must be 0 to 1, found 1.5",
                "`crossover_eta` must be 0 to 1000, found -1",
                "`mutation` must be 0 to 1, found NaN",
                "`mutation_eta` must be 0 to 1000, found inf",
                "`batch` must be 1 to 16777216, found 0",
            ]
        );
    }

    #[test]
    fn groups_take_at_most_half_a_window() {
        let options = GeneticOptions { schedule: Some(Schedule::Window(10)), ..GeneticOptions::default() };
        let settings = options.resolve(&space(), 4);
        assert_eq!(settings.problems(&space(), 5), []);
        assert_eq!(settings.problems(&space(), 6), [ConfigError::BatchInWindow { batch: 6, window: 10 }]);
        let single = GeneticSettings { schedule: Schedule::Window(1), ..settings };
        assert_eq!(single.problems(&space(), 1), []);
    }

    #[test]
    fn populations_that_no_machine_holds_are_refused() {
        let wide = Space::new(vec![Parameter::new("x", Domain::Bit).len(1 << 20)]).unwrap();
        let of = |population| GeneticOptions { population: Some(population), ..GeneticOptions::default() };
        let problems = |population| of(population).resolve(&wide, 1).problems(&wide, 1);
        assert_eq!(problems(1 << 19), []);
        let rows = (1 << 19) + 2;
        let room = |key| ConfigError::Room { key, rows, bytes: 1 << 17 };
        assert_eq!(problems(rows), [room("population"), room("offspring")]);
    }
}
