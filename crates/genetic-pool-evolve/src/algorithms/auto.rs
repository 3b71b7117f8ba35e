//! Which algorithm suits a problem.

use super::{ConfigError, Genetic, GeneticOptions};
use crate::problem::Signature;

/// What was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The algorithm's name.
    pub name: &'static str,
    /// Why, in a sentence for people.
    pub why: String,
    /// The options that differ from the algorithm's defaults.
    pub options: GeneticOptions,
}

/// Chooses for `signature`, a budget of `budget` evaluations where there is one, and room for `parallel` at once.
///
/// A function of these alone: never of the machine. Several goals are refused.
pub fn choose(signature: &Signature, budget: Option<u64>, parallel: usize) -> Result<Choice, ConfigError> {
    let goals = signature.goals.len();
    if goals != 1 {
        return Err(ConfigError::Goals { algorithm: "auto", goals });
    }
    let shape = signature.space.layout().shape;
    let kinds: Vec<&str> = [
        (shape.reals, "reals"),
        (shape.ints, "whole numbers and choices"),
        (shape.bits, "bits"),
        (shape.items, "permutations"),
    ]
    .into_iter()
    .filter_map(|(genes, kind)| (genes > 0).then_some(kind))
    .collect();
    let genes = shape.reals + shape.ints + shape.bits + shape.items;
    let mut why = format!("the genetic algorithm varies every kind of parameter; here {genes} genes");
    if !kinds.is_empty() {
        why = format!("{why} ({})", kinds.join(", "));
    }
    let mut options = GeneticOptions::default();
    let usual = options.resolve(&signature.space, parallel).population;
    if let Some(population) = budget.and_then(|budget| smaller_population(budget, parallel))
        && population < usual
    {
        options.population = Some(population);
        why = format!("{why}; a population of {population} instead of {usual}, for about {GENERATIONS} generations");
    }
    Ok(Choice { name: Genetic::NAME, why, options })
}

/// Generations that a budget should at least pay for.
const GENERATIONS: u64 = 30;

/// The population that leaves a budget its generations: at least 10, filling the slots where it can.
fn smaller_population(budget: u64, parallel: usize) -> Option<usize> {
    let population = usize::try_from(budget / GENERATIONS).ok()?.max(10);
    let population =
        if parallel > 1 && population > parallel { population - population % parallel } else { population };
    Some(population.next_multiple_of(2))
}
