//! Which algorithm an experiment runs with, and with which settings.

use std::sync::Arc;

use genetic_pool_evolve::algorithms::{
    Algorithm, Choice, ConfigError, FailureRank, RestoreError, Settings, Setup, Snapshot,
};

use crate::experiment::{Experiment, Then};

/// An experiment's algorithm, all decided.
pub struct Plan {
    /// Which, and why.
    pub chosen: Chosen,
    /// The algorithm with its settings.
    pub settings: Settings,
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

impl Plan {
    /// The algorithm of `experiment`: a function of the file alone.
    pub fn new(experiment: &Experiment) -> Result<Plan, ConfigError> {
        let Choice { settings, why } = experiment.algorithm.choose_with(
            &experiment.operators(),
            &experiment.signature,
            experiment.stop.budget(),
            experiment.parallel,
        )?;
        let json = serde_json::to_value(&settings).unwrap_or_default();
        let chosen = Chosen { name: settings.name(), why, settings: json };
        Ok(Plan { chosen, settings })
    }

    /// The algorithm at its start.
    pub fn begin(&self, experiment: &Experiment) -> Result<Box<dyn Algorithm>, ConfigError> {
        self.settings.begin(setup(experiment))
    }

    /// The algorithm as `snapshot` holds it.
    pub(super) fn restore(
        &self,
        experiment: &Experiment,
        snapshot: &Snapshot,
    ) -> Result<Box<dyn Algorithm>, RestoreError> {
        self.settings.restore(setup(experiment), snapshot)
    }
}

impl Chosen {
    /// As the store keeps it.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "name": self.name, "why": self.why, "settings": self.settings })
    }
}

fn setup(experiment: &Experiment) -> Setup {
    Setup {
        signature: Arc::new(experiment.signature.clone()),
        seed: experiment.seed,
        island: 0,
        batch: experiment.problem.batch,
        failure_rank: failure_rank(experiment),
        operators: experiment.operators(),
        start: experiment.start.clone(),
        known: experiment.known.clone(),
        budget: experiment.stop.budget(),
    }
}

fn failure_rank(experiment: &Experiment) -> FailureRank {
    match experiment.problem.on_failure.then {
        Then::Rank(rank) => rank,
        Then::Stop => FailureRank::Worst,
    }
}
