//! The keys of the CMA evolution strategy and what they become.

use serde::{Deserialize, Serialize};

use super::{CmaEs, parameters::default_population};
use crate::{
    algorithms::{
        Setup,
        config::{ConfigError, MOST, UP_TO_MOST, check_count, check_one_goal, check_room, check_start},
    },
    space::{Coordinates, Space},
};

/// The keys of the CMA evolution strategy; `None` is chosen from the space and `parallel`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CmaEsOptions {
    /// Candidates a generation of the first descent, at least 4.
    pub population: Option<usize>,
    /// The first standard deviation over the range of a parameter, above 0 and at most 1.
    pub sigma: Option<f64>,
    /// Which covariances are learned.
    pub covariance: Option<Covariance>,
    /// What follows a descent that has ended.
    pub restarts: Option<Restarts>,
    /// Whether every other candidate is its neighbour's image in the mean.
    pub mirrored: Option<bool>,
    /// Whether a quadratic model proposes some candidates and picks others.
    pub model: Option<bool>,
    /// What the rate of the rank-μ update is multiplied by, 0.1 to 4.
    pub learning: Option<f64>,
}

/// Which covariances are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Covariance {
    /// All: time and room grow with the square of the number of parameters.
    Full,
    /// Variances alone.
    Separable,
}

/// What follows a descent that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restarts {
    /// Nothing: the first descent goes on.
    None,
    /// Descents with ever twice the population.
    Ipop,
    /// Those, and small ones between them that take as many evaluations in all.
    Bipop,
}

/// The options of a run, all decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CmaEsSettings {
    /// Candidates a generation of the first descent, 4 to 2^24.
    pub population: usize,
    /// The first standard deviation over the range of a parameter, 1e-9 to 1.
    pub sigma: f64,
    /// Which covariances are learned.
    pub covariance: Covariance,
    /// What follows a descent that has ended.
    pub restarts: Restarts,
    /// Whether every other candidate is its neighbour's image in the mean.
    pub mirrored: bool,
    /// Whether a quadratic model proposes some candidates and picks others; not where values have gaps between them.
    pub model: bool,
    /// What the rate of the rank-μ update is multiplied by, 0.1 to 4; `None`: 2 for the first 300 evaluations a
    /// parameter, 1.5 up to 1,000, and 1 from there on.
    pub learning: Option<f64>,
}

/// The most parameters whose covariances are all learned: a matrix of 128 MiB.
const MOST_FULL: usize = 4096;

/// From how many parameters on variances alone are learned, where nothing is asked for.
const SEPARABLE_ABOVE: usize = 200;

impl CmaEsOptions {
    /// The settings these options stand for in `space` with room for `parallel` evaluations at once.
    ///
    /// Where nothing is asked for:
    /// - `population`: 4 + ⌊3·ln D⌋ for D parameters, or `parallel` where that is more;
    /// - `sigma` 0.2, `restarts` ipop, `mirrored` true;
    /// - `covariance`: full up to 200 parameters, then separable;
    /// - `model`: true where every parameter is a real without a step;
    /// - `learning`: 2, 1.5, 1 as evaluations go by.
    pub fn resolve(&self, space: &Space, parallel: usize) -> CmaEsSettings {
        let coordinates = Coordinates::of(space).ok();
        let dimension = coordinates.as_ref().map_or(1, Coordinates::dimension);
        let continuous = coordinates.is_some_and(|coordinates| !coordinates.any_discrete());
        let population = default_population(dimension).max(parallel.clamp(1, MOST));
        let full = if dimension > SEPARABLE_ABOVE { Covariance::Separable } else { Covariance::Full };
        CmaEsSettings {
            population: self.population.unwrap_or(population),
            sigma: self.sigma.unwrap_or(0.2),
            covariance: self.covariance.unwrap_or(full),
            restarts: self.restarts.unwrap_or(Restarts::Ipop),
            mirrored: self.mirrored.unwrap_or(true),
            model: self.model.unwrap_or(continuous),
            learning: self.learning,
        }
    }
}

impl CmaEsSettings {
    /// The first thing that is wrong with them on `setup`.
    pub fn check(&self, setup: &Setup) -> Result<(), ConfigError> {
        check_one_goal(CmaEs::NAME, &setup.signature)?;
        let space = &setup.signature.space;
        match self.problems(space, setup.batch).into_iter().next() {
            Some(problem) => Err(problem),
            None => check_start(&setup.start, space, self.population),
        }
    }

    /// Everything that is wrong with them in `space`, with `batch` candidates to a group.
    pub fn problems(&self, space: &Space, batch: usize) -> Vec<ConfigError> {
        let mut problems = Vec::new();
        let mut keep = |result: Result<(), ConfigError>| problems.extend(result.err());
        let coordinates = Coordinates::of(space);
        let dimension = coordinates.as_ref().map_or(1, Coordinates::dimension);
        keep(match coordinates {
            Err(none) => Err(ConfigError::Parameter {
                algorithm: CmaEs::NAME,
                parameter: none.parameter,
                kind: none.kind,
                instead: "genetic",
            }),
            Ok(_) if dimension == 0 => Err(ConfigError::NothingToVary { algorithm: CmaEs::NAME }),
            Ok(_) => Ok(()),
        });
        keep(check_count("population", self.population, 4..=MOST, "4 to 16777216"));
        keep(check_room(space, "population", self.population));
        if self.covariance == Covariance::Full && dimension > MOST_FULL {
            let allowed = "`separable` for more than 4096 parameters";
            keep(Err(ConfigError::Count { key: "covariance", allowed, found: dimension }));
        }
        let mut number = |key, found: f64, least, most, allowed| {
            let fits = (least..=most).contains(&found);
            keep(if fits { Ok(()) } else { Err(ConfigError::Number { key, allowed, found }) });
        };
        number("sigma", self.sigma, 1e-9, 1.0, "1e-9 to 1");
        number("learning", self.learning.unwrap_or(1.0), 0.1, 4.0, "0.1 to 4");
        keep(check_count("batch", batch, 1..=MOST, UP_TO_MOST));
        problems
    }
}
