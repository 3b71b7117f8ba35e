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
    /// memetic: candidates of the population and of a generation, an even number. Default: 100 where edge assembly
    /// crosses tours, else 30, rounded up likewise.
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
    /// genetic, memetic: probability that two parents are crossed, 0 to 1. Default: genetic: 0.9; 0.3 where there are
    /// only permutations and sequences; memetic: 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub crossover: Option<f64>,
    /// genetic: distribution index of simulated binary crossover, 0 to 1000; a greater one keeps children nearer to their
    /// parents. Default: 15.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub crossover_eta: Option<f64>,
    /// genetic, memetic: probability that a gene mutates, 0 to 1. Default: 1 over the number of genes; memetic: 0 where
    /// there are only permutations and sequences.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub mutation: Option<f64>,
    /// genetic: distribution index of polynomial mutation, 0 to 1000; a greater one makes smaller steps. Default: 20.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub mutation_eta: Option<f64>,
    /// genetic, memetic: how permutations and sequences are crossed. Default: the problem's own way, where it brings one
    /// along; memetic: edge assembly, where the problem gives distances; else order crossover of permutations, job-based
    /// order crossover of sequences.
    pub crossover_operator: Option<CrossoverOperator>,
    /// genetic, memetic: how permutations and sequences mutate. Default: the problem's own way, where it brings one along,
    /// else moves.
    pub mutation_operator: Option<MutationOperator>,
    /// genetic, memetic: whether the problem's own local search improves every child. Default: memetic: where it has one;
    /// genetic: false.
    pub improve: Option<bool>,
}

/// How permutations and sequences are crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CrossoverOperator {
    /// The problem's own.
    Own,
    /// Order crossover, OX.
    Order,
    /// Partially mapped crossover, PMX.
    PartiallyMapped,
    /// Edge recombination, ERX.
    EdgeRecombination,
    /// Edge assembly, EAX, of tours whose problem gives distances.
    EdgeAssembly,
    /// Job-based order crossover, JOX.
    JobOrder,
}

/// How permutations and sequences mutate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MutationOperator {
    /// The problem's own.
    Own,
    /// An inversion or an insertion, evenly.
    Moves,
    /// A segment is reversed.
    Inversion,
    /// A segment is moved elsewhere, as it is or reversed.
    Insertion,
    /// One to three items are moved elsewhere, as they are or reversed.
    OrOpt,
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
    /// The memetic algorithm: crossover, and the problem's own local search on every child.
    Memetic,
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

/// By generations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduleWord {
    /// A generation is bred when all of the last one are evaluated.
    Generations,
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
