//! The engine on one thread, driven as a run drives it, beside loops written by hand for one problem.

use std::{hint::black_box, num::NonZero, sync::Arc, time::Duration};

use genetic_pool_evolve::{
    algorithms::{Committed, Genetic, GeneticOptions, Setup},
    drive::{Observer, ObserverError, drive},
    parallel::Threads,
    problem::Problem,
    problems::{BitOptions, FunctionOptions, OneMax, Rastrigin, Sphere},
    progress::Progress,
    search::Search,
    stop::{FailurePolicy, StopRule, StopRules},
    vector::Width,
};

use crate::{Settings, limit, median};

const GENERATIONS: usize = 250;

/// Prints the time a candidate takes beside that of the loops, both CPU time of this thread, interleaved.
pub(crate) fn bench(settings: &Settings) {
    println!("engine, AVX2: {}", Width::current().has_avx2());
    for population in [100, 1000] {
        let sphere = Arc::new(Sphere::try_from(FunctionOptions::default()).expect("the defaults are valid"));
        beside_the_limit("sphere", sphere, limit::sphere, population, settings);
        let rastrigin = Arc::new(Rastrigin::try_from(FunctionOptions::default()).expect("the defaults are valid"));
        beside_the_limit("rastrigin", rastrigin, limit::rastrigin, population, settings);
        one_max(population, settings);
    }
}

fn beside_the_limit(
    name: &str,
    problem: Arc<dyn Problem>,
    function: fn(&limit::Genome) -> f64,
    population: usize,
    settings: &Settings,
) {
    let repeats = (4000 / population).max(1) as u64;
    let evaluations = (population * (GENERATIONS + 1)) as f64 * repeats as f64;
    let nanoseconds = |run: &dyn Fn(u64)| {
        let start = thread_seconds();
        (0..repeats).for_each(run);
        (thread_seconds() - start) * 1e9 / evaluations
    };
    let limit = |seed| {
        black_box(limit::run(function, population, GENERATIONS, seed));
    };
    let ours = |seed| {
        black_box(run(&problem, population, GENERATIONS as u64, seed));
    };
    let (mut limits, mut engines, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..settings.rounds {
        let limit = nanoseconds(&limit);
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
    let problem: Arc<dyn Problem> = Arc::new(OneMax::from(BitOptions::default()));
    let repeats = (8000 / population).max(1) as u64;
    let evaluations = (population * (GENERATIONS + 1)) as f64 * repeats as f64;
    let rates = (0..settings.rounds).map(|_| {
        let start = thread_seconds();
        for seed in 0..repeats {
            black_box(run(&problem, population, GENERATIONS as u64, seed));
        }
        evaluations / (thread_seconds() - start)
    });
    println!(
        "one-max-1000 population {population:4}: {:.1} million evaluations a second",
        median(rates.collect()) / 1e6
    );
}

/// Runs `generations` after the first, digest and a summary of every generation included; the best value found.
fn run(problem: &Arc<dyn Problem>, population: usize, generations: u64, seed: u64) -> f64 {
    let signature = Arc::new(problem.signature());
    let options = GeneticOptions { population: Some(population), ..GeneticOptions::default() };
    let settings = options.resolve(&signature.space, 1);
    let algorithm = Genetic::new(Setup::new(signature.clone(), seed), settings).expect("the options are valid");
    let rules = StopRules { any: vec![StopRule::Generations(generations + 1)], all: Vec::new() };
    let mut search = Search::new(Box::new(algorithm), signature, rules, FailurePolicy::default());
    let mut evaluator = Threads::new(problem.clone(), seed, NonZero::<usize>::MIN);
    let mut summaries = Summaries::default();
    drive(&mut search, &mut evaluator, &mut summaries).expect("the run goes through");
    black_box(&summaries.of);
    black_box(search.progress().digest.value());
    search.progress().best.outcomes.objectives[0]
}

/// What a history keeps of each generation: the best, the mean and the worst of the population.
#[derive(Default)]
pub(crate) struct Summaries {
    pub(crate) of: Vec<[f64; 3]>,
}

impl Observer for Summaries {
    fn elapsed(&mut self) -> Duration {
        Duration::ZERO
    }

    fn interrupted(&mut self) -> bool {
        false
    }

    fn committed(&mut self, committed: Committed<'_>, _progress: &Progress) -> Result<(), ObserverError> {
        if committed.generation_ends {
            let values = &committed.population.outcomes.objectives;
            let mut summary = [f64::INFINITY, 0.0, f64::NEG_INFINITY];
            for value in values {
                summary = [summary[0].min(*value), summary[1] + value, summary[2].max(*value)];
            }
            summary[1] /= values.len() as f64;
            self.of.push(summary);
        }
        Ok(())
    }

    fn boundary(&mut self, _search: &Search) -> Result<(), ObserverError> {
        Ok(())
    }
}

/// CPU time of this thread.
pub(crate) fn thread_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
