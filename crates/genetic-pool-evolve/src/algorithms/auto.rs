//! Which algorithm suits a problem.

use super::{Choice, CmaEsOptions, ConfigError, Covariance, GeneticOptions, Settings};
use crate::{problem::Signature, space::Coordinates};

/// Chooses for `signature`, a budget of `budget` evaluations where there is one, and room for `parallel` at once.
///
/// A function of these alone: never of the machine.
///
/// - Reals, and beside them no more whole numbers, ordinals and bits than reals: the CMA evolution strategy with one
///   population, which fills the slots; above 200 parameters with separable covariance. Measured on the 24 functions of
///   BBOB in 10 dimensions with 64 evaluations at once, instances 1 to 3, it reaches 1.6, 2.2, 1.3 and 1.05 times the
///   targets of pycma with the same population after 100, 300, 1,000 and 3,000 evaluations a parameter.
///   (At 3,000 and more, up to 10 parameters, a spike that gave half the slots to L-SHADE reached a little more: two
///   islands.)
/// - Everything else with one goal: the genetic algorithm; with several NSGA-II.
pub fn choose(signature: &Signature, budget: Option<u64>, parallel: usize) -> Result<Choice, ConfigError> {
    if signature.goals.len() > 1 {
        return Ok(several_goals(signature, budget, parallel));
    }
    match Coordinates::of(&signature.space) {
        Ok(coordinates) if mostly_reals(&coordinates) && budget.is_none_or(|budget| budget >= 4) => {
            Ok(cma_es(signature, &coordinates, budget, parallel))
        }
        _ => Ok(genetic(signature, budget, parallel)),
    }
}

fn mostly_reals(coordinates: &Coordinates) -> bool {
    let discrete = (0..coordinates.dimension()).filter(|axis| coordinates.discrete(*axis)).count();
    discrete < coordinates.dimension() && 2 * discrete <= coordinates.dimension()
}

fn cma_es(signature: &Signature, coordinates: &Coordinates, budget: Option<u64>, parallel: usize) -> Choice {
    let mut options = CmaEsOptions::default();
    let mut settings = options.resolve(&signature.space, parallel);
    let dimension = coordinates.dimension();
    let kind = if coordinates.any_discrete() { "ordered parameter" } else { "real" };
    let mut why = format!("the CMA evolution strategy learns how {dimension} {kind}");
    why += match (dimension, settings.covariance) {
        (1, _) => " is best varied",
        (_, Covariance::Full) => "s depend on each other",
        (_, Covariance::Separable) => {
            "s are best varied, each alone: they are too many to learn how they depend on each other"
        }
    };
    if settings.model {
        why += ", and a quadratic model of them saves evaluations";
    }
    // A run pays for one generation at least.
    if let Some(budget) = budget
        && budget < settings.population as u64
    {
        options.population = Some(budget as usize);
        settings = options.resolve(&signature.space, parallel);
        why = format!("{why}; the budget pays for one generation of {budget}");
    } else if settings.population == parallel {
        why = format!("{why}; generations of {parallel} fill the slots");
    }
    Choice { settings: Settings::CmaEs(settings), why }
}

fn genetic(signature: &Signature, budget: Option<u64>, parallel: usize) -> Choice {
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
    let options = within_budget(&mut why, signature, budget, parallel);
    Choice { settings: Settings::Genetic(options.resolve(&signature.space, parallel)), why }
}

/// NSGA-II, whatever the space, with the usual population or one that fits the budget.
fn several_goals(signature: &Signature, budget: Option<u64>, parallel: usize) -> Choice {
    let goals = signature.goals.len();
    let mut why = format!("NSGA-II spreads its population over the trade-offs between {goals} goals, in any space");
    if goals > 3 {
        // What is made for so many, by reference directions, is not here yet.
        why = format!("{why}; with more than 3 most candidates dominate no other, and it is slow to get on");
    }
    let options = within_budget(&mut why, signature, budget, parallel);
    Choice { settings: Settings::Nsga2(options.resolve(&signature.space, parallel)), why }
}

/// The usual options, or with a population that fits the budget, which is added to `why`.
fn within_budget(why: &mut String, signature: &Signature, budget: Option<u64>, parallel: usize) -> GeneticOptions {
    let mut options = GeneticOptions::default();
    let usual = options.resolve(&signature.space, parallel).population;
    if let Some(budget) = budget {
        let population = population_for(budget, parallel);
        if population < usual {
            options.population = Some(population);
            let generations = budget / population as u64;
            *why += &format!("; a population of {population} instead of {usual}, for {generations} generations");
        }
    }
    options
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
