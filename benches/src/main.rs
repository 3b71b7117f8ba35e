//! How fast the engine is, beside loops written by hand for one problem, interleaved in one run.
//!
//! `genetic-pool-benches [--base] [--rounds N]`: `--base` keeps to the instructions every x86-64 CPU has. Times are CPU
//! seconds of the thread that runs both; a ratio above 1 says that the engine is faster.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints, and breaks off where it cannot go on"
)]

mod engine;
mod limit;

use std::{hint::black_box, sync::Arc};

use genetic_pool_evolve::{
    problem::Problem,
    problems::{BitOptions, FunctionOptions, OneMax, Rastrigin, Sphere},
    vector::Width,
};

const GENERATIONS: usize = 250;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--base") {
        Width::limit_to_base();
    }
    let rounds = arguments
        .iter()
        .position(|argument| argument == "--rounds")
        .and_then(|at| arguments.get(at + 1))
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(9);
    println!("AVX2: {}", Width::current().has_avx2());
    for population in [100, 1000] {
        let sphere = Arc::new(Sphere::try_from(FunctionOptions::default()).expect("the defaults are valid"));
        beside_the_limit("sphere", sphere, limit::sphere, population, rounds);
        let rastrigin = Arc::new(Rastrigin::try_from(FunctionOptions::default()).expect("the defaults are valid"));
        beside_the_limit("rastrigin", rastrigin, limit::rastrigin, population, rounds);
    }
    for population in [100, 1000] {
        one_max(population, rounds);
    }
}

fn beside_the_limit(
    name: &str,
    problem: Arc<dyn Problem>,
    function: fn(&limit::Genome) -> f64,
    population: usize,
    rounds: usize,
) {
    let repeats = (4000 / population).max(1) as u64;
    let evaluations = (population * (GENERATIONS + 1)) as f64 * repeats as f64;
    let nanoseconds = |run: &dyn Fn(u64)| {
        let start = cpu_seconds();
        (0..repeats).for_each(run);
        (cpu_seconds() - start) * 1e9 / evaluations
    };
    let limit = |seed| {
        black_box(limit::run(function, population, GENERATIONS, seed));
    };
    let ours = |seed| {
        black_box(engine::run(&problem, population, GENERATIONS as u64, seed));
    };
    let (mut limits, mut engines, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (limit, engine) = (nanoseconds(&limit), nanoseconds(&ours));
        limits.push(limit);
        engines.push(engine);
        ratios.push(limit / engine);
    }
    println!(
        "{name:10} population {population:4}: limit {:4.0} ns, engine {:4.0} ns a candidate, ratio {:.2}",
        median(limits),
        median(engines),
        median(ratios)
    );
}

fn one_max(population: usize, rounds: usize) {
    let problem: Arc<dyn Problem> = Arc::new(OneMax::from(BitOptions::default()));
    let repeats = (8000 / population).max(1) as u64;
    let evaluations = (population * (GENERATIONS + 1)) as f64 * repeats as f64;
    let rates = (0..rounds).map(|_| {
        let start = cpu_seconds();
        for seed in 0..repeats {
            black_box(engine::run(&problem, population, GENERATIONS as u64, seed));
        }
        evaluations / (cpu_seconds() - start)
    });
    println!(
        "one-max-1000 population {population:4}: {:.1} million evaluations a second",
        median(rates.collect()) / 1e6
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// CPU time of this thread.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
