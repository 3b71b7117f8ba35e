//! Which algorithm suits a problem.

use super::{Choice, ConfigError, GeneticOptions, Settings};
use crate::problem::Signature;

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
    let mut why = format!(
        "the genetic algorithm varies every kind of parameter; here {genes} gene{}",
        if genes == 1 { "" } else { "s" }
    );
    if !kinds.is_empty() {
        why = format!("{why} ({})", kinds.join(", "));
    }
    let mut options = GeneticOptions::default();
    let usual = options.resolve(&signature.space, parallel).population;
    if let Some(budget) = budget {
        let population = population_for(budget, parallel);
        if population < usual {
            options.population = Some(population);
            let generations = budget / population as u64;
            why = format!("{why}; a population of {population} instead of {usual}, for {generations} generations");
        }
    }
    Ok(Choice { settings: Settings::Genetic(options.resolve(&signature.space, parallel)), why })
}

/// The population that makes the most of a budget: a fiftieth of it, at least 20, to the nearest multiple of `parallel`,
/// at least one, that leaves ten generations.
///
/// Measured at 200, 400, 1000, 2000 and 5000 evaluations on shifted sphere and Rastrigin functions of 10 and 30
/// variables, on `Mixed`, the welded beam and leading ones: the median best of 31 seeds was that of 16 to 24 at 200 to
/// 400, and of 20 to 40 at 1000 to 2000 evaluations; 8 were worse than 16 on most, and 32 at 200 and 400 on all but one.
/// Only the welded beam asked for more.
fn population_for(budget: u64, parallel: usize) -> usize {
    let budget = usize::try_from(budget).unwrap_or(usize::MAX);
    let wanted = (budget / 50).max(20);
    let parallel = parallel.max(1);
    let multiples = (wanted.saturating_add(parallel / 2) / parallel).max(1);
    let population = multiples.saturating_mul(parallel).min((budget / 10).max(10)).min(budget).max(2);
    // Offspring come in pairs: an odd one would wait for slots of its own.
    population - population % 2
}
