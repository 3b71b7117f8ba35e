//! The genetic algorithm.

mod discrete;

use serde::{Deserialize, Serialize};

pub use self::discrete::Discrete;

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
