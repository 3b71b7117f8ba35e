//! The engine on one thread, driven as a run drives it, beside loops written by hand for one problem.

use std::{hint::black_box, num::NonZero, sync::Arc, time::Duration};

use genetic_pool_evolve::{
    algorithms::{Committed, GeneticOptions, JdeOptions, LShadeOptions, Options, Setup},
    drive::{Observer, ObserverError, drive},
    parallel::Threads,
    problem::Problem,
    problems::{BitOptions, FunctionOptions, OneMax, Rastrigin, Sphere, Tour, tsplib},
    progress::Progress,
    search::Search,
    stop::{FailurePolicy, StopRule, StopRules},
    vector::Width,
};

use crate::{Settings, limit, limit_differential, limit_discrete, median};

const GENERATIONS: usize = 250;

/// A function as the hand-written loops call it.
type Function = fn(&limit::Genome) -> f64;

/// A hand-written loop: from a seed to the best value found.
type Loop<'a> = &'a dyn Fn(u64) -> f64;

/// Prints the time a candidate takes beside that of the loops, both CPU time of this thread, interleaved.
pub(crate) fn bench(settings: &Settings) {
    println!("engine, AVX2: {}", Width::current().has_avx2());
    let sphere: Arc<dyn Problem> =
        Arc::new(Sphere::try_from(FunctionOptions::default()).expect("the defaults are valid"));
    let rastrigin: Arc<dyn Problem> =
        Arc::new(Rastrigin::try_from(FunctionOptions::default()).expect("the defaults are valid"));
    let functions: [(&str, &Arc<dyn Problem>, Function); 2] =
        [("sphere", &sphere, limit::sphere), ("rastrigin", &rastrigin, limit::rastrigin)];
    for population in [100, 1000] {
        let evaluations = population * (GENERATIONS + 1);
        let of = Some(population);
        let genetic = Options::Genetic(GeneticOptions { population: of, ..GeneticOptions::default() });
        let jde = Options::Jde(JdeOptions { population: of, ..JdeOptions::default() });
        let l_shade = Options::LShade(LShadeOptions { population: of, ..LShadeOptions::default() });
        for (name, problem, function) in functions {
            let loops: [(&str, &Options, Loop<'_>); 3] = [
                ("genetic", &genetic, &|seed| limit::run(function, population, GENERATIONS, seed)),
                ("jde", &jde, &|seed| limit_differential::jde(function, population, GENERATIONS, seed)),
                ("l-shade", &l_shade, &|seed| limit_differential::l_shade(function, population, evaluations, seed)),
            ];
            for (algorithm, options, by_hand) in loops {
                beside_the_limit(&format!("{algorithm} {name}"), problem, options, by_hand, population, settings);
            }
        }
        let ones: Arc<dyn Problem> = Arc::new(OneMax::from(BitOptions::default()));
        let by_hand = |seed| f64::from(limit_discrete::ones(population, GENERATIONS, seed));
        beside_the_limit("genetic one-max", &ones, &genetic, &by_hand, population, settings);
        tours(population, settings);
    }
}

fn tours(population: usize, settings: &Settings) {
    let instance = tsplib::parse(include_str!("../../examples/data/berlin52.tsp")).expect("the example is valid");
    let between = instance.distances.clone();
    let problem: Arc<dyn Problem> = Arc::new(Tour { instance });
    for crossover in [0.3, 0.9] {
        let options =
            GeneticOptions { population: Some(population), crossover: Some(crossover), ..GeneticOptions::default() };
        let by_hand = |seed| f64::from(limit_discrete::tour(&between, population, GENERATIONS, crossover, seed));
        let name = format!("genetic tour {crossover}");
        beside_the_limit(&name, &problem, &Options::Genetic(options), &by_hand, population, settings);
    }
}

fn beside_the_limit(
    name: &str,
    problem: &Arc<dyn Problem>,
    options: &Options,
    by_hand: &dyn Fn(u64) -> f64,
    population: usize,
    settings: &Settings,
) {
    let repeats = (4000 / population).max(1) as u64;
    let evaluations = (population * (GENERATIONS + 1)) as f64 * repeats as f64;
    let nanoseconds = |run: &dyn Fn(u64) -> f64| {
        let start = thread_seconds();
        (0..repeats).for_each(|seed| {
            black_box(run(seed));
        });
        (thread_seconds() - start) * 1e9 / evaluations
    };
    let (mut limits, mut engines, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..settings.rounds {
        let limit = nanoseconds(by_hand);
        let engine = nanoseconds(&|seed| run(problem, options, (population * (GENERATIONS + 1)) as u64, seed));
        limits.push(limit);
        engines.push(engine);
        ratios.push(limit / engine);
    }
    println!(
        "{name:18} population {population:4}: limit {:4.0} ns, engine {:4.0} ns a candidate, {:4.1} million a second, ratio {:.2}",
        median(limits),
        median(engines.clone()),
        1e3 / median(engines),
        median(ratios)
    );
}

/// Runs `evaluations`, digest and a summary of every generation included; the best value found.
fn run(problem: &Arc<dyn Problem>, options: &Options, evaluations: u64, seed: u64) -> f64 {
    let signature = Arc::new(problem.signature());
    let budget = Some(evaluations);
    let choice = options.choose(&signature, budget, 1).expect("the problem has one goal");
    let setup = Setup { budget, ..Setup::new(signature.clone(), seed) };
    let algorithm = choice.settings.begin(setup).expect("the options are valid");
    let rules = StopRules { any: vec![StopRule::Evaluations(evaluations)], all: Vec::new() };
    let mut search = Search::new(algorithm, signature, rules, FailurePolicy::default());
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
