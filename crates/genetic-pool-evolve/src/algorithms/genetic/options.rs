//! The keys of the genetic algorithm and what they become.

use serde::{Deserialize, Serialize};

use crate::space::{Genomes, Space};

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
}

/// How candidates follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Schedule {
    /// A generation is bred when the last one is committed.
    Generations,
    /// Steady state: offspring `k` is bred from the state after commits up to `k - window`.
    Window(usize),
}

/// The options of a run, all decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeneticSettings {
    /// Candidates that survive, 2 to 2^24.
    pub population: usize,
    /// Candidates bred a generation, 2 to 2^24 and even. Decides nothing in a window.
    pub offspring: usize,
    /// How candidates follow each other; a window holds 1 to 2^24.
    pub schedule: Schedule,
    /// Candidates in a tournament, 1 to 2^16.
    pub tournament: usize,
    /// Probability that two parents are crossed, 0 to 1.
    pub crossover: f64,
    /// Distribution index of simulated binary crossover, 0 to 1000.
    pub crossover_eta: f64,
    /// Probability that a gene mutates, 0 to 1; `None`: 1 over the number of genes, each item of a permutation counting
    /// as one, and at least one move a child where there are only permutations.
    pub mutation: Option<f64>,
    /// Distribution index of polynomial mutation, 0 to 1000.
    pub mutation_eta: f64,
}

/// Why an algorithm cannot be set up.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ConfigError {
    #[error("the algorithm `{algorithm}` optimises one goal, found {goals}")]
    Goals { algorithm: &'static str, goals: usize },
    #[error("`{key}` must be {allowed}, found {found}")]
    Count { key: &'static str, allowed: &'static str, found: usize },
    #[error("`{key}` must be {allowed}, found {found}")]
    Number { key: &'static str, allowed: &'static str, found: f64 },
    #[error("`batch` must be at least 1, found 0")]
    NoBatch,
    #[error("`batch` is {batch}, more than half of the window of {window}")]
    BatchInWindow { batch: usize, window: usize },
    #[error("there are {points} start points, more than the {places} candidates of the first generation")]
    StartPoints { points: usize, places: usize },
    #[error("the start points are of another space")]
    StartShape,
}

const MOST: usize = 1 << 24;

impl GeneticOptions {
    /// The settings these options stand for in `space` with room for `parallel` evaluations at once.
    ///
    /// Where nothing is asked for:
    /// - `population`: 100, rounded up to a multiple of `parallel` so that no slot waits at the end of a generation;
    /// - `offspring`: as many, rounded up to an even number;
    /// - `schedule`: generations; a window holds [`default_window`] where only its kind is asked for;
    /// - `crossover`: 0.3 where there are only permutations, else 0.9;
    /// - `tournament` 2, `crossover_eta` 15, `mutation_eta` 20 (the operators' usual settings);
    /// - `mutation`: 1 over the number of genes.
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

/// The window where none is asked for: three times the evaluations that go at once, and at least 2.
///
/// The oldest candidate keeps the others waiting only where it takes longer than the three that follow it in its slot.
pub fn default_window(parallel: usize) -> usize {
    parallel.saturating_mul(3).clamp(2, MOST)
}

impl GeneticSettings {
    /// The probability that a gene mutates in `space`.
    pub fn mutation_in(&self, space: &Space) -> f64 {
        let shape = space.layout().shape;
        let genes = shape.reals + shape.ints + shape.bits + shape.items;
        self.mutation.unwrap_or(1.0 / genes.max(1) as f64)
    }

    /// How many random candidates and start points a run begins with: the population, or the window where that is more.
    pub fn first(&self) -> usize {
        match self.schedule {
            Schedule::Generations => self.population,
            Schedule::Window(window) => self.population.max(window),
        }
    }

    /// Everything that is out of range, with `batch` candidates to a group.
    pub fn problems(&self, batch: usize) -> Vec<ConfigError> {
        let mut problems = Vec::new();
        let mut count = |key, found: usize, least, most, allowed| {
            if !(least..=most).contains(&found) {
                problems.push(ConfigError::Count { key, allowed, found });
            }
        };
        count("population", self.population, 2, MOST, "2 to 16777216");
        count("tournament", self.tournament, 1, 1 << 16, "1 to 65536");
        match self.schedule {
            Schedule::Generations => {
                let odd = !self.offspring.is_multiple_of(2);
                let least = if odd { usize::MAX } else { 2 };
                count("offspring", self.offspring, least, MOST, "2 to 16777216 and even");
            }
            Schedule::Window(window) => count("window", window, 1, MOST, "1 to 16777216"),
        }
        let mut number = |key, found: f64, most, allowed| {
            if !(0.0..=most).contains(&found) {
                problems.push(ConfigError::Number { key, allowed, found });
            }
        };
        number("crossover", self.crossover, 1.0, "0 to 1");
        number("crossover_eta", self.crossover_eta, 1000.0, "0 to 1000");
        number("mutation", self.mutation.unwrap_or(0.0), 1.0, "0 to 1");
        number("mutation_eta", self.mutation_eta, 1000.0, "0 to 1000");
        problems.extend(check_batch(batch, self.schedule));
        problems
    }
}

fn check_batch(batch: usize, schedule: Schedule) -> Option<ConfigError> {
    match schedule {
        _ if batch == 0 => Some(ConfigError::NoBatch),
        Schedule::Window(window) if batch > 1 && batch > window / 2 => {
            Some(ConfigError::BatchInWindow { batch, window })
        }
        Schedule::Generations | Schedule::Window(_) => None,
    }
}

/// What is wrong with `start` as the first rows of the `places` candidates a run in `space` begins with.
pub(in crate::algorithms) fn check_start(start: &Genomes, space: &Space, places: usize) -> Option<ConfigError> {
    if start.rows > 0 && start.shape != space.layout().shape {
        return Some(ConfigError::StartShape);
    }
    (start.rows > places).then_some(ConfigError::StartPoints { points: start.rows, places })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space() -> Space {
        Space::new(Vec::new()).unwrap()
    }

    #[test]
    fn defaults_are_in_range_for_any_parallel() {
        for parallel in [0, 1, 2, 3, 7, 16, 64, 1001, usize::MAX] {
            let settings = GeneticOptions::default().resolve(&space(), parallel);
            assert_eq!(settings.problems(1), []);
            assert!(settings.population >= 100);
            let schedule = Some(Schedule::Window(default_window(parallel)));
            assert_eq!(
                GeneticOptions { schedule, ..GeneticOptions::default() }.resolve(&space(), parallel).problems(1),
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
        };
        let problems: Vec<String> = settings.problems(0).iter().map(ToString::to_string).collect();
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
                "`batch` must be at least 1, found 0",
            ]
        );
    }

    #[test]
    fn groups_take_at_most_half_a_window() {
        let options = GeneticOptions { schedule: Some(Schedule::Window(10)), ..GeneticOptions::default() };
        let settings = options.resolve(&space(), 4);
        assert_eq!(settings.problems(5), []);
        assert_eq!(settings.problems(6), [ConfigError::BatchInWindow { batch: 6, window: 10 }]);
        let single = GeneticSettings { schedule: Schedule::Window(1), ..settings };
        assert_eq!(single.problems(1), []);
    }
}
