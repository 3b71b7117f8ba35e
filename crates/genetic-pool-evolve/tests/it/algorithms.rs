//! Every algorithm, by every schedule, on spaces of every kind.

use std::sync::Arc;

use genetic_pool_evolve::{
    algorithms::{
        Algorithm, ConfigError, FailureRank, Genetic, GeneticConfig, GeneticOptions, Random, RandomConfig, Schedule,
        auto,
    },
    problem::{Direction, Goal, Problem},
    problems::{BitOptions, FunctionOptions, Mixed, OneMax, Rastrigin, Shift, Sphere, Tour, WeldedBeam},
    space::Genomes,
};
use genetic_pool_testkit::contract::algorithm::{Case, check, digest, reaches};

fn shifted() -> FunctionOptions {
    FunctionOptions { shift: Shift::Random, seed: Some(3), ..FunctionOptions::default() }
}

fn sphere() -> Arc<dyn Problem> {
    Arc::new(Sphere::try_from(shifted()).unwrap())
}

/// Name and problem.
fn problems() -> Vec<(&'static str, Arc<dyn Problem>)> {
    vec![
        ("sphere", sphere()),
        ("rastrigin", Arc::new(Rastrigin::try_from(shifted()).unwrap())),
        ("one-max", Arc::new(OneMax::from(BitOptions::default()))),
        ("mixed", Arc::new(Mixed {})),
        ("welded-beam", Arc::new(WeldedBeam {})),
    ]
}

fn genetic_config(problem: &dyn Problem, options: &GeneticOptions, batch: usize) -> GeneticConfig {
    let signature = Arc::new(problem.signature());
    GeneticConfig {
        settings: options.resolve(&signature.space, 4),
        seed: 11,
        island: 0,
        batch,
        failure_rank: FailureRank::Worst,
        start: Genomes::default(),
        signature,
    }
}

fn random_config(problem: &dyn Problem, batch: usize) -> RandomConfig {
    RandomConfig {
        signature: Arc::new(problem.signature()),
        population: 20,
        seed: 11,
        island: 0,
        batch,
        failure_rank: FailureRank::Worst,
        start: Genomes::default(),
    }
}

fn with_genetic<R>(
    problem: &dyn Problem,
    options: &GeneticOptions,
    batch: usize,
    evaluations: u64,
    then: impl FnOnce(&Case<'_>) -> R,
) -> R {
    let config = genetic_config(problem, options, batch);
    then(&Case {
        problem,
        group: batch,
        new: &|| Box::new(Genetic::new(config.clone()).unwrap()),
        restore: &|snapshot| Ok(Box::new(Genetic::restore(config.clone(), snapshot)?)),
        evaluations,
    })
}

fn with_random<R>(problem: &dyn Problem, batch: usize, evaluations: u64, then: impl FnOnce(&Case<'_>) -> R) -> R {
    let config = random_config(problem, batch);
    then(&Case {
        problem,
        group: batch,
        new: &|| Box::new(Random::new(config.clone()).unwrap()),
        restore: &|snapshot| Ok(Box::new(Random::restore(config.clone(), snapshot)?)),
        evaluations,
    })
}

fn small(schedule: Schedule) -> GeneticOptions {
    GeneticOptions { population: Some(20), schedule: Some(schedule), ..GeneticOptions::default() }
}

#[test]
fn genetic_by_generations_keeps_the_contract() {
    for (name, problem) in problems() {
        println!("{name}");
        with_genetic(&*problem, &small(Schedule::Generations), 1, 200, check);
    }
}

#[test]
fn genetic_in_a_window_keeps_the_contract() {
    for (name, problem) in problems() {
        for window in [1, 7, 20, 33] {
            println!("{name} in a window of {window}");
            with_genetic(&*problem, &small(Schedule::Window(window)), 1, 200, check);
        }
    }
}

#[test]
fn groups_keep_the_contract() {
    let problem = sphere();
    for group in [2, 3, 7, 20, 50] {
        with_genetic(&*problem, &small(Schedule::Generations), group, 200, check);
        with_random(&*problem, group, 200, check);
    }
    for group in [2, 3, 7] {
        with_genetic(&*problem, &small(Schedule::Window(15)), group, 200, check);
    }
}

#[test]
fn unequal_numbers_keep_the_contract() {
    let problem = sphere();
    for (population, offspring, tournament) in [(2, 2, 1), (3, 8, 3), (20, 4, 2), (5, 70, 5)] {
        let options = GeneticOptions {
            population: Some(population),
            offspring: Some(offspring),
            tournament: Some(tournament),
            crossover_eta: Some(2.0),
            mutation_eta: Some(7.5),
            mutation: Some(0.3),
            ..GeneticOptions::default()
        };
        with_genetic(&*problem, &options, 1, 200, check);
    }
}

#[test]
fn random_search_keeps_the_contract() {
    for (name, problem) in problems() {
        println!("{name}");
        with_random(&*problem, 1, 200, check);
    }
}
