//! The keys of both algorithms and what they become.

use serde::{Deserialize, Serialize};

use super::{Jde, LShade, axes::Axes};
use crate::{
    algorithms::{
        Setup,
        config::{ConfigError, MOST, UP_TO_MOST, check_count, check_one_goal, check_room, check_start},
    },
    maths,
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
    /// - `population`: a sixth of the square root of genes times budget, at most 18 a gene and 1 GiB, at least 8; without a
    ///   budget that of [`LShade::USUAL_BUDGET`];
    /// - `minimum_population`: a quarter of `parallel`, at least the paper's 4, at most half of the population;
    /// - `memory` 6, `archive` 2.6, `best` 0.11: the paper's.
    pub fn resolve(&self, space: &Space, budget: Option<u64>, parallel: usize) -> LShadeSettings {
        let population = self.population.unwrap_or_else(|| population_for(genes(space), budget));
        LShadeSettings {
            population,
            minimum_population: self.minimum_population.unwrap_or_else(|| (parallel / 4).min(population / 2).max(4)),
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

/// The first population of L-SHADE; the paper's 18 a gene is for 10,000 evaluations a gene.
///
/// Measured on the 24 BBOB functions, instances 1 to 3, as the share of 51 targets reached with 1, 2, 3, 4, 6, 8, 12 and
/// 18 candidates a gene: at 100, 300, 1000, 3000 and 10,000 evaluations a gene the best were 2, 2, 4, 18 and 18 in 5
/// dimensions, 1, 2, 6, 8 and 8 in 10, and 1, 1, 3, 8 and 18 in 20. A sixth of the root, which is 1.7, 2.9, 5.3, 9.1 and
/// 16.7 candidates a gene there, follows them; at the small budgets 18 lose up to 0.2.
fn population_for(genes: usize, budget: Option<u64>) -> usize {
    let genes = genes.min(MOST) as f64;
    let budget = budget.map_or(genes * LShade::USUAL_BUDGET as f64, |budget| budget as f64);
    let wanted = (maths::sqrt(budget * genes) / 6.0).round();
    let room = (1_u64 << 27) as f64 / genes.max(1.0);
    wanted.min(18.0 * genes).min(room).clamp(8.0, MOST as f64) as usize
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
    /// The settings these options stand for in `space`, with a budget of `budget` evaluations where there is one and room
    /// for `parallel` evaluations at once.
    ///
    /// Where nothing is asked for:
    /// - `population`: 0.8 times the square root of the evaluations a gene, 10 to 100, and 80 without a budget; rounded up
    ///   to a multiple of `parallel` where that leaves ten generations;
    /// - `scale_change` and `rate_change` 0.1: the paper's.
    pub fn resolve(&self, space: &Space, budget: Option<u64>, parallel: usize) -> JdeSettings {
        JdeSettings {
            population: self.population.unwrap_or_else(|| steady_population_for(genes(space), budget, parallel)),
            scale_change: self.scale_change.unwrap_or(0.1),
            rate_change: self.rate_change.unwrap_or(0.1),
        }
    }
}

/// The population of jDE, the same all the time.
///
/// Measured as that of L-SHADE, with 10, 20, 30, 50 and 80 candidates, and 50, 100 and 150 at 10,000 evaluations a gene:
/// the best were, at 300, 1000, 3000 and 10,000, 10, 20, 30 and 50 in 5 dimensions, 20, 20, 50 and 100 in 10, and 20, 20,
/// 80 and 50 in 20.
fn steady_population_for(genes: usize, budget: Option<u64>, parallel: usize) -> usize {
    let each = budget.map_or(10_000.0, |budget| budget as f64 / genes.max(1) as f64);
    let wanted = (0.8 * maths::sqrt(each)).round().clamp(10.0, 100.0) as usize;
    let filled = wanted.next_multiple_of(parallel.clamp(1, MOST));
    if budget.is_none_or(|budget| budget / 10 >= filled as u64) { filled } else { wanted }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Domain, Parameter};

    fn space(genes: usize) -> Space {
        Space::new(vec![Parameter::new("x", Domain::real(0.0, 1.0)).len(genes)]).unwrap()
    }

    #[test]
    fn defaults_are_in_range_whatever_the_budget_and_the_slots() {
        for genes in [1, 2, 10, 1000, 1 << 20] {
            let space = space(genes);
            for budget in [None, Some(0), Some(1), Some(100), Some(1 << 20), Some(u64::MAX)] {
                for parallel in [0, 1, 3, 16, 64, 1001] {
                    let settings = LShadeOptions::default().resolve(&space, budget, parallel);
                    assert_eq!(settings.problems(&space, 1), []);
                    assert_eq!(JdeOptions::default().resolve(&space, budget, parallel).problems(&space, 1), []);
                }
            }
        }
    }

    #[test]
    fn populations_follow_the_budget() {
        let l_shade = |genes: usize, budget| {
            let settings = LShadeOptions::default().resolve(&space(genes), budget, 64);
            (settings.population, settings.minimum_population)
        };
        assert_eq!([l_shade(10, Some(100_000)), l_shade(10, None)], [(167, 16); 2]);
        assert_eq!([l_shade(10, Some(3000)), l_shade(10, Some(100))], [(29, 14), (8, 4)]);
        assert_eq!(l_shade(2, Some(1 << 40)), (36, 16));
        let jde = |budget, parallel| JdeOptions::default().resolve(&space(10), budget, parallel).population;
        assert_eq!([jde(None, 1), jde(Some(10_000), 1), jde(Some(10_000), 16), jde(Some(100), 16)], [80, 25, 32, 10]);
        assert_eq!(jde(Some(1 << 40), 16), 112);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let words = |problems: Vec<ConfigError>| problems.iter().map(ToString::to_string).collect::<Vec<_>>();
        let wrong = LShadeSettings { population: 3, minimum_population: 9, memory: 0, archive: -1.0, best: f64::NAN };
        let expected = [
            "`population` must be 4 to 16777216, found 3",
            "`minimum_population` must be 4 to `population`, found 9",
            "`memory` must be 1 to 65536, found 0",
            "`archive` must be 0 to 100, found -1",
            "`best` must be 0 to 1, found NaN",
            "`batch` must be 1 to 16777216, found 0",
        ];
        assert_eq!(words(wrong.problems(&space(2), 0)), expected);
        let wrong = JdeSettings { population: 1 << 25, scale_change: 1.5, rate_change: f64::INFINITY };
        let expected = [
            "`population` must be 4 to 16777216, found 33554432",
            "`scale_change` must be 0 to 1, found 1.5",
            "`rate_change` must be 0 to 1, found inf",
        ];
        assert_eq!(words(wrong.problems(&space(2), 1)), expected);
    }
}
