//! Which algorithm an experiment runs with, and with which settings.

use std::sync::Arc;

use genetic_pool_evolve::{
    algorithms::{
        Algorithm, ConfigError, FailureRank, Genetic, GeneticConfig, GeneticSettings, Random, RandomConfig,
        RestoreError, Schedule, Snapshot, auto,
    },
    problem::Signature,
};

use crate::experiment::{AlgorithmSettings, Experiment, Then};

/// An experiment's algorithm, all decided.
pub struct Plan {
    /// Which, and why.
    pub chosen: Chosen,
    settings: Settings,
}

/// Which algorithm was chosen.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Its name.
    pub name: &'static str,
    /// Why, in a sentence.
    pub why: String,
    /// Its settings, as JSON.
    pub settings: serde_json::Value,
}

enum Settings {
    Genetic(GeneticSettings),
    Random,
}

impl Plan {
    /// The algorithm of `experiment`: a function of the file alone.
    pub fn new(experiment: &Experiment) -> Result<Plan, ConfigError> {
        let (why, options) = match &experiment.algorithm {
            AlgorithmSettings::Auto => {
                let choice = auto::choose(&experiment.signature, experiment.stop.budget(), experiment.parallel)?;
                (choice.why, choice.options)
            }
            AlgorithmSettings::Genetic(options) => ("the experiment says so".to_owned(), options.clone()),
            AlgorithmSettings::Random => {
                let settings = serde_json::json!({ "population": Random::POPULATION });
                let chosen = Chosen { name: Random::NAME, why: "the experiment says so".to_owned(), settings };
                return Ok(Plan { chosen, settings: Settings::Random });
            }
        };
        let settings = options.resolve(&experiment.signature.space, experiment.parallel);
        let json = serde_json::to_value(&settings).unwrap_or_default();
        let chosen = Chosen { name: Genetic::NAME, why, settings: json };
        Ok(Plan { chosen, settings: Settings::Genetic(settings) })
    }

    /// How candidates follow each other, and how many a generation has.
    pub fn schedule(&self) -> (Schedule, usize) {
        match &self.settings {
            Settings::Genetic(settings) => (settings.schedule, settings.offspring),
            Settings::Random => (Schedule::Window(Random::POPULATION), Random::POPULATION),
        }
    }

    /// The algorithm at its start.
    pub fn begin(&self, experiment: &Experiment) -> Result<Box<dyn Algorithm>, ConfigError> {
        Ok(match &self.settings {
            Settings::Genetic(settings) => Box::new(Genetic::new(genetic(experiment, settings.clone()))?),
            Settings::Random => Box::new(Random::new(random(experiment))?),
        })
    }

    /// The algorithm as `snapshot` holds it.
    pub(super) fn restore(
        &self,
        experiment: &Experiment,
        snapshot: &Snapshot,
    ) -> Result<Box<dyn Algorithm>, RestoreError> {
        Ok(match &self.settings {
            Settings::Genetic(settings) => Box::new(Genetic::restore(genetic(experiment, settings.clone()), snapshot)?),
            Settings::Random => Box::new(Random::restore(random(experiment), snapshot)?),
        })
    }
}

impl Chosen {
    /// As the store keeps it.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "name": self.name, "why": self.why, "settings": self.settings })
    }
}

fn genetic(experiment: &Experiment, settings: GeneticSettings) -> GeneticConfig {
    GeneticConfig {
        signature: signature(experiment),
        settings,
        seed: experiment.seed,
        island: 0,
        batch: experiment.problem.batch,
        failure_rank: failure_rank(experiment),
        start: experiment.start.clone(),
    }
}

fn random(experiment: &Experiment) -> RandomConfig {
    RandomConfig {
        signature: signature(experiment),
        population: Random::POPULATION,
        seed: experiment.seed,
        island: 0,
        batch: experiment.problem.batch,
        failure_rank: failure_rank(experiment),
        start: experiment.start.clone(),
    }
}

fn signature(experiment: &Experiment) -> Arc<Signature> {
    Arc::new(experiment.signature.clone())
}

fn failure_rank(experiment: &Experiment) -> FailureRank {
    match experiment.problem.on_failure.then {
        Then::Rank(rank) => rank,
        Then::Stop => FailureRank::Worst,
    }
}
