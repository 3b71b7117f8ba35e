//! `[algorithm]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which algorithm searches, with its keys: `genetic-pool algorithms` explains them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Algorithm {
    /// Its name. Default: `"auto"`.
    pub name: Option<AlgorithmName>,
    /// genetic: candidates that survive, at least 2. Default: 100, rounded up to a multiple of `parallel`.
    #[schemars(range(min = 2, max = 16_777_216))]
    pub population: Option<u64>,
    /// genetic: candidates bred a generation, an even number of at least 2. Default: as many as `population`.
    #[schemars(range(min = 2, max = 16_777_216))]
    pub offspring: Option<u64>,
    /// genetic: how candidates follow each other. Default: `"generations"`.
    pub schedule: Option<Schedule>,
    /// genetic: candidates in a tournament, at least 1. Default: 2.
    #[schemars(range(min = 1, max = 65_536))]
    pub tournament: Option<u64>,
    /// genetic: probability that two parents are crossed, 0 to 1. Default: 0.9; 0.3 where there are only permutations.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub crossover: Option<f64>,
    /// genetic: distribution index of simulated binary crossover, 0 to 1000; a greater one keeps children nearer to their
    /// parents. Default: 15.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub crossover_eta: Option<f64>,
    /// genetic: probability that a gene mutates, 0 to 1. Default: 1 over the number of genes.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub mutation: Option<f64>,
    /// genetic: distribution index of polynomial mutation, 0 to 1000; a greater one makes smaller steps. Default: 20.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub mutation_eta: Option<f64>,
}

/// The algorithms there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlgorithmName {
    /// Chosen from the space, the goals and the budget.
    #[default]
    Auto,
    /// The genetic algorithm, for every space.
    Genetic,
    /// Random search: the baseline.
    Random,
}

/// How candidates follow each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Schedule {
    /// By generations.
    Word(ScheduleWord),
    /// Steady state.
    Window(Window),
}

/// By generations, or in the order of completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduleWord {
    /// A generation is bred when all of the last one are evaluated.
    Generations,
    /// As evaluations complete: each is taken into account when it is done, so that none waits for one that takes longer.
    /// What is found then follows from the order in which they complete, which is recorded with the run.
    Free,
}

/// Steady state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// A candidate is bred from all but the last so many before it, which may still be out; at least 1, and about
    /// three times `parallel` to keep all slots busy.
    #[schemars(range(min = 1, max = 16_777_216))]
    pub window: u64,
}
