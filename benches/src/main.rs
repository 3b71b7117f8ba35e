//! How fast the engine is, beside loops written by hand for one problem, interleaved in one run.
//!
//! `genetic-pool-benches [--base] [--rounds N] [--only NAME] [--profile]`: `--base` keeps to the instructions every
//! x86-64 CPU has, `--only` to one problem, `--profile` to the engine, for a profiler. Times are CPU seconds of the thread
//! that runs both; a ratio above 1 says that the engine is faster.

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

/// What the command line asks for.
struct Settings {
    rounds: usize,
    only: Option<String>,
    profile: bool,
}

fn main() {
    let mut settings = Settings { rounds: 9, only: None, profile: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("the option has a value");
        match argument.as_str() {
            "--base" => Width::limit_to_base(),
            "--rounds" => settings.rounds = value().parse().expect("`--rounds` is a number"),
            "--only" => settings.only = Some(value()),
            "--profile" => settings.profile = true,
            other => panic!("unknown option `{other}`"),
        }
    }
    println!("AVX2: {}", Width::current().has_avx2());
    for population in [100, 1000] {
        let sphere = Arc::new(Sphere::try_from(FunctionOptions::default()).expect("the defaults are valid"));
        beside_the_limit("sphere", sphere, limit::sphere, population, &settings);
        let rastrigin = Arc::new(Rastrigin::try_from(FunctionOptions::default()).expect("the defaults are valid"));
        beside_the_limit("rastrigin", rastrigin, limit::rastrigin, population, &settings);
        one_max(population, &settings);
    }
}

fn beside_the_limit(
    name: &str,
    problem: Arc<dyn Problem>,
    function: fn(&limit::Genome) -> f64,
    population: usize,
    settings: &Settings,
) {
    if settings.only.as_ref().is_some_and(|only| only != name) {
        return;
    }
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
    for _ in 0..settings.rounds {
        let limit = if settings.profile { f64::NAN } else { nanoseconds(&limit) };
        let engine = nanoseconds(&ours);
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

fn one_max(population: usize, settings: &Settings) {
    if settings.only.as_ref().is_some_and(|only| only != "one-max") {
        return;
    }
    let problem: Arc<dyn Problem> = Arc::new(OneMax::from(BitOptions::default()));
    let repeats = (8000 / population).max(1) as u64;
    let evaluations = (population * (GENERATIONS + 1)) as f64 * repeats as f64;
    let rates = (0..settings.rounds).map(|_| {
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
