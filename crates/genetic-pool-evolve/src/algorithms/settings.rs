//! Every algorithm by one name: its keys, its settings, its beginning.

use serde::Serialize;

use super::{
    Algorithm, CmaEs, CmaEsOptions, CmaEsSettings, ConfigError, Genetic, GeneticOptions, GeneticSettings, Jde,
    JdeOptions, JdeSettings, LShade, LShadeOptions, LShadeSettings, Memetic, MemeticOptions, MemeticSettings, Nsga2,
    Random, RandomSettings, RestoreError, Schedule, Setup, Snapshot, arrangement, auto,
};
use crate::{
    islands::{Islands, IslandsOptions, IslandsSettings},
    operators::Operators,
    problem::Signature,
};

/// Which algorithm, and what of its keys is given; the rest follows from the problem.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Options {
    /// Chosen from space, goals and budget.
    Auto,
    /// The genetic algorithm.
    Genetic(GeneticOptions),
    /// The memetic algorithm.
    Memetic(MemeticOptions),
    /// L-SHADE, differential evolution that shrinks its population.
    LShade(LShadeOptions),
    /// jDE, differential evolution whose candidates carry their settings.
    Jde(JdeOptions),
    /// NSGA-II, whose keys are those of the genetic algorithm.
    Nsga2(GeneticOptions),
    /// Random search.
    Random,
    /// The CMA evolution strategy.
    CmaEs(CmaEsOptions),
    /// Several of them, on islands.
    Islands(IslandsOptions),
}

/// Which algorithm, all decided.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Settings {
    /// The genetic algorithm.
    Genetic(GeneticSettings),
    /// The memetic algorithm.
    Memetic(MemeticSettings),
    /// L-SHADE, differential evolution that shrinks its population.
    LShade(LShadeSettings),
    /// jDE, differential evolution whose candidates carry their settings.
    Jde(JdeSettings),
    /// NSGA-II.
    Nsga2(GeneticSettings),
    /// Random search.
    Random(RandomSettings),
    /// The CMA evolution strategy.
    CmaEs(CmaEsSettings),
    /// Several of them, on islands.
    Islands(IslandsSettings),
}

/// What was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The algorithm with its settings.
    pub settings: Settings,
    /// Why, in a sentence for people.
    pub why: String,
}

impl Options {
    /// The algorithm and settings these stand for on `signature`, with a budget of `budget` evaluations where there is
    /// one, and room for `parallel` at once: a function of these alone. The problem brings nothing along.
    pub fn choose(&self, signature: &Signature, budget: Option<u64>, parallel: usize) -> Result<Choice, ConfigError> {
        self.choose_with(&Operators::default(), signature, budget, parallel)
    }

    /// The same where the problem brings `operators` along.
    pub fn choose_with(
        &self,
        operators: &Operators,
        signature: &Signature,
        budget: Option<u64>,
        parallel: usize,
    ) -> Result<Choice, ConfigError> {
        let settings = match self {
            Options::Auto => match arrangement::choose(operators, signature, budget, parallel) {
                Some(choice) => return Ok(choice),
                None => return auto::choose(signature, budget, parallel),
            },
            Options::Memetic(options) => Settings::Memetic(options.resolve(&signature.space, operators, parallel)),
            Options::Genetic(options) => Settings::Genetic(options.resolve(&signature.space, parallel)),
            Options::LShade(options) => Settings::LShade(options.resolve(&signature.space, budget, parallel)),
            Options::Jde(options) => Settings::Jde(options.resolve(&signature.space, budget, parallel)),
            Options::Nsga2(options) => Settings::Nsga2(options.resolve(&signature.space, parallel)),
            Options::Islands(options) => return options.choose(operators, signature, budget, parallel),
            Options::Random => Settings::Random(RandomSettings::default()),
            Options::CmaEs(options) => Settings::CmaEs(options.resolve(&signature.space, parallel)),
        };
        Ok(Choice { settings, why: "the experiment says so".to_owned() })
    }
}

impl Settings {
    /// The algorithm's name.
    pub fn name(&self) -> &'static str {
        match self {
            Settings::Genetic(_) => Genetic::NAME,
            Settings::Memetic(_) => Memetic::NAME,
            Settings::LShade(_) => LShade::NAME,
            Settings::Jde(_) => Jde::NAME,
            Settings::Nsga2(_) => Nsga2::NAME,
            Settings::Random(_) => Random::NAME,
            Settings::CmaEs(_) => CmaEs::NAME,
            Settings::Islands(_) => Islands::NAME,
        }
    }

    /// How candidates follow each other.
    pub fn schedule(&self) -> Schedule {
        match self {
            Settings::Memetic(_) | Settings::LShade(_) | Settings::Jde(_) | Settings::CmaEs(_) => Schedule::Generations,
            Settings::Genetic(settings) | Settings::Nsga2(settings) => settings.schedule,
            Settings::Random(settings) => Schedule::Window(settings.population),
            Settings::Islands(settings) => settings.schedule(),
        }
    }

    /// How many candidates a generation has, after the first; at most, where generations shrink; of islands, all of theirs
    /// together.
    pub fn generation(&self) -> usize {
        match self {
            Settings::Memetic(settings) => settings.population,
            Settings::LShade(settings) => settings.population,
            Settings::Jde(settings) => settings.population,
            Settings::Genetic(settings) | Settings::Nsga2(settings) => settings.offspring,
            Settings::Random(settings) => settings.population,
            Settings::CmaEs(settings) => settings.population,
            Settings::Islands(settings) => settings.islands.iter().map(Settings::generation).sum(),
        }
    }

    /// How many candidates the search begins with, which start points are among; `None`: as many as there are.
    pub fn first(&self) -> Option<usize> {
        match self {
            Settings::Memetic(settings) => Some(settings.population),
            Settings::LShade(settings) => Some(settings.population),
            Settings::Jde(settings) => Some(settings.population),
            Settings::Genetic(settings) | Settings::Nsga2(settings) => Some(settings.first()),
            Settings::Random(_) => None,
            Settings::CmaEs(settings) => Some(settings.population),
            Settings::Islands(settings) => settings.first(),
        }
    }

    /// The first thing that is wrong with them on `setup`.
    pub fn check(&self, setup: &Setup) -> Result<(), ConfigError> {
        match self {
            Settings::Genetic(settings) => settings.check(setup),
            Settings::Memetic(settings) => settings.check(setup),
            Settings::LShade(settings) => settings.check(setup),
            Settings::Jde(settings) => settings.check(setup),
            Settings::Nsga2(settings) => settings.check_ranges(setup),
            Settings::Random(settings) => settings.check(setup),
            Settings::CmaEs(settings) => settings.check(setup),
            Settings::Islands(settings) => settings.check(setup),
        }
    }

    /// The algorithm before its first candidate.
    pub fn begin(&self, setup: Setup) -> Result<Box<dyn Algorithm>, ConfigError> {
        Ok(match self {
            Settings::Genetic(settings) => Box::new(Genetic::new(setup, settings.clone())?),
            Settings::Memetic(settings) => Box::new(Memetic::new(setup, settings.clone())?),
            Settings::LShade(settings) => Box::new(LShade::new(setup, settings.clone())?),
            Settings::Jde(settings) => Box::new(Jde::new(setup, settings.clone())?),
            Settings::Nsga2(settings) => Box::new(Nsga2::new(setup, settings.clone())?),
            Settings::Random(settings) => Box::new(Random::new(setup, *settings)?),
            Settings::CmaEs(settings) => Box::new(CmaEs::new(setup, settings.clone())?),
            Settings::Islands(settings) => Box::new(Islands::new(&setup, settings.clone())?),
        })
    }

    /// The algorithm as it was at `snapshot`, which an algorithm with the same settings and setup took.
    pub fn restore(&self, setup: Setup, snapshot: &Snapshot) -> Result<Box<dyn Algorithm>, RestoreError> {
        Ok(match self {
            Settings::Genetic(settings) => Box::new(Genetic::restore(setup, settings.clone(), snapshot)?),
            Settings::Memetic(settings) => Box::new(Memetic::restore(setup, settings.clone(), snapshot)?),
            Settings::LShade(settings) => Box::new(LShade::restore(setup, settings.clone(), snapshot)?),
            Settings::Jde(settings) => Box::new(Jde::restore(setup, settings.clone(), snapshot)?),
            Settings::Nsga2(settings) => Box::new(Nsga2::restore(setup, settings.clone(), snapshot)?),
            Settings::Random(settings) => Box::new(Random::restore(setup, *settings, snapshot)?),
            Settings::CmaEs(settings) => Box::new(CmaEs::restore(setup, settings.clone(), snapshot)?),
            Settings::Islands(settings) => Box::new(Islands::restore(&setup, settings.clone(), snapshot)?),
        })
    }
}
