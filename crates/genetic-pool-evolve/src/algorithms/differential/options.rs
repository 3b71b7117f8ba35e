//! The keys of both algorithms and what they become.

use serde::{Deserialize, Serialize};

use super::{Jde, LShade, axes::Axes};
use crate::{
    algorithms::{
        Setup,
        config::{ConfigError, MOST, UP_TO_MOST, check_count, check_one_goal, check_room, check_start},
    },
    space::Space,
};

/// The keys of L-SHADE; `None` is chosen from the space, the budget and `parallel`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LShadeOptions {
    /// Candidates at the beginning, at least 4.
    pub population: Option<usize>,
    /// Candidates at the end, at least 4.
    pub minimum_population: Option<usize>,
    /// Places of the success history, at least 1.
    pub memory: Option<usize>,
    /// Replaced parents that are kept, for each candidate of the population.
    pub archive: Option<f64>,
    /// The part of the population that counts as the best.
    pub best: Option<f64>,
}

/// The options of L-SHADE, all decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LShadeSettings {
    /// Candidates at the beginning, 4 to 2^24.
    pub population: usize,
    /// Candidates at the end, 4 to `population`.
    pub minimum_population: usize,
    /// Places of the success history, 1 to 2^16.
    pub memory: usize,
    /// Replaced parents that are kept, for each candidate of the population: 0 to 100.
    pub archive: f64,
    /// The part of the population that counts as the best, 0 to 1; two candidates at least.
    pub best: f64,
}

impl LShadeOptions {
    /// The settings these options stand for in `space`, with a budget of `budget` evaluations where there is one and room
    /// for `parallel` evaluations at once.
    ///
    /// Where nothing is asked for:
    /// - `population`: 18 a gene; fewer where the budget is short: see [`population_for`];
    /// - `minimum_population` 4, `memory` 6, `archive` 2.6, `best` 0.11: the paper's.
    pub fn resolve(&self, space: &Space, budget: Option<u64>, parallel: usize) -> LShadeSettings {
        let population = self.population.unwrap_or_else(|| population_for(genes(space), budget, parallel));
        LShadeSettings {
            population,
            minimum_population: self.minimum_population.unwrap_or(4),
            memory: self.memory.unwrap_or(6),
            archive: self.archive.unwrap_or(2.6),
            best: self.best.unwrap_or(0.11),
        }
    }
}

fn genes(space: &Space) -> usize {
    let shape = space.layout().shape;
    shape.reals + shape.ints
}

/// The first population of L-SHADE.
fn population_for(genes: usize, budget: Option<u64>, parallel: usize) -> usize {
    let _ = (budget, parallel);
    genes.saturating_mul(18).clamp(4, MOST)
}

impl LShadeSettings {
    /// The first thing that is wrong with them on `setup`.
    pub fn check(&self, setup: &Setup) -> Result<(), ConfigError> {
        check_one_goal(LShade::NAME, &setup.signature)?;
        let space = &setup.signature.space;
        match self.problems(space, setup.batch).into_iter().next() {
            Some(problem) => Err(problem),
            None => check_start(&setup.start, space, self.population),
        }
    }

    /// Everything that is out of range in `space`, with `batch` candidates to a group.
    pub fn problems(&self, space: &Space, batch: usize) -> Vec<ConfigError> {
        let mut problems = Problems::default();
        problems.keep(Axes::of(space, LShade::NAME).map(drop));
        problems.population(space, self.population);
        let least = self.minimum_population;
        let allowed = "4 to `population`";
        problems.keep(check_count("minimum_population", least, 4..=self.population.max(4), allowed));
        problems.keep(check_count("memory", self.memory, 1..=1 << 16, "1 to 65536"));
        problems.number("archive", self.archive, 100.0, "0 to 100");
        problems.number("best", self.best, 1.0, "0 to 1");
        problems.keep(check_count("batch", batch, 1..=MOST, UP_TO_MOST));
        problems.0
    }
}

/// The keys of jDE; `None` is chosen from the space, the budget and `parallel`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JdeOptions {
    /// Candidates, at least 4.
    pub population: Option<usize>,
    /// Probability that a trial has a new scale.
    pub scale_change: Option<f64>,
    /// Probability that a trial has a new rate of crossover.
    pub rate_change: Option<f64>,
}

/// The options of jDE, all decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JdeSettings {
    /// Candidates, 4 to 2^24.
    pub population: usize,
    /// Probability that a trial has a new scale, 0 to 1.
    pub scale_change: f64,
    /// Probability that a trial has a new rate of crossover, 0 to 1.
    pub rate_change: f64,
}

impl JdeOptions {
    /// The settings these options stand for, with a budget of `budget` evaluations where there is one and room for
    /// `parallel` evaluations at once.
    ///
    /// Where nothing is asked for: `population` 100, `scale_change` and `rate_change` 0.1, the paper's.
    pub fn resolve(&self, space: &Space, budget: Option<u64>, parallel: usize) -> JdeSettings {
        let _ = (space, budget);
        let parallel = parallel.clamp(1, MOST);
        JdeSettings {
            population: self.population.unwrap_or_else(|| 100usize.next_multiple_of(parallel).max(4)),
            scale_change: self.scale_change.unwrap_or(0.1),
            rate_change: self.rate_change.unwrap_or(0.1),
        }
    }
}

impl JdeSettings {
    /// The first thing that is wrong with them on `setup`.
    pub fn check(&self, setup: &Setup) -> Result<(), ConfigError> {
        check_one_goal(Jde::NAME, &setup.signature)?;
        let space = &setup.signature.space;
        match self.problems(space, setup.batch).into_iter().next() {
            Some(problem) => Err(problem),
            None => check_start(&setup.start, space, self.population),
        }
    }

    /// Everything that is out of range in `space`, with `batch` candidates to a group.
    pub fn problems(&self, space: &Space, batch: usize) -> Vec<ConfigError> {
        let mut problems = Problems::default();
        problems.keep(Axes::of(space, Jde::NAME).map(drop));
        problems.population(space, self.population);
        problems.number("scale_change", self.scale_change, 1.0, "0 to 1");
        problems.number("rate_change", self.rate_change, 1.0, "0 to 1");
        problems.keep(check_count("batch", batch, 1..=MOST, UP_TO_MOST));
        problems.0
    }
}

/// What is wrong so far.
#[derive(Default)]
struct Problems(Vec<ConfigError>);

impl Problems {
    fn keep(&mut self, result: Result<(), ConfigError>) {
        self.0.extend(result.err());
    }

    fn population(&mut self, space: &Space, population: usize) {
        self.keep(check_count("population", population, 4..=MOST, "4 to 16777216"));
        self.keep(check_room(space, "population", population));
    }

    fn number(&mut self, key: &'static str, found: f64, most: f64, allowed: &'static str) {
        let fits = (0.0..=most).contains(&found);
        self.keep(if fits { Ok(()) } else { Err(ConfigError::Number { key, allowed, found }) });
    }
}
