//! Tours, schedules and assignments: how near to the best known, and how soon.

use std::{
    num::NonZero,
    sync::Arc,
    time::{Duration, Instant},
};

use genetic_pool_evolve::{
    algorithms::{Committed, Options, Setup},
    drive::{Observer, ObserverError, drive},
    parallel::Threads,
    problem::Problem,
    problems::{Assignment, JobShop, Tour, job_shop, qaplib, tsplib},
    progress::Progress,
    search::Search,
    stop::{FailurePolicy, StopRule, StopRules, Target},
};

use crate::{Settings, median};

/// How long a run may take.
const LIMIT: Duration = Duration::from_mins(1);

/// Instances of TSPLIB to about 200 cities, with their optima.
pub(crate) fn tours(settings: &Settings) {
    println!("tours: {} seeds each, until the optimum or for {} s", settings.rounds, LIMIT.as_secs());
    for (name, text, best) in [
        ("berlin52", include_str!("../data/berlin52.tsp"), 7542),
        ("eil51", include_str!("../data/eil51.tsp"), 426),
        ("eil76", include_str!("../data/eil76.tsp"), 538),
        ("kroA100", include_str!("../data/kroA100.tsp"), 21_282),
        ("ch150", include_str!("../data/ch150.tsp"), 6528),
        ("kroB200", include_str!("../data/kroB200.tsp"), 29_437),
        ("gr202", include_str!("../data/gr202.tsp"), 40_160),
    ] {
        let instance = tsplib::parse(text).expect("the instance is whole");
        measure(name, &(Arc::new(Tour { instance }) as _), f64::from(best), settings);
    }
}

/// Job shops and assignments, with their best known values.
pub(crate) fn schedules(settings: &Settings) {
    println!("schedules: {} seeds each, until the best known or for {} s", settings.rounds, LIMIT.as_secs());
    for (name, text, best) in [
        ("ft06", include_str!("../../crates/genetic-pool-evolve/tests/data/ft06.jsp"), 55),
        ("ft10", include_str!("../../crates/genetic-pool-evolve/tests/data/ft10.jsp"), 930),
        ("la38", include_str!("../../crates/genetic-pool-evolve/tests/data/la38.jsp"), 1196),
    ] {
        let instance = job_shop::parse(text).expect("the instance is whole");
        measure(name, &(Arc::new(JobShop { instance }) as _), f64::from(best), settings);
    }
    for (name, text, best) in [
        ("nug12", include_str!("../../crates/genetic-pool-evolve/tests/data/nug12.dat"), 578),
        ("nug30", include_str!("../../crates/genetic-pool-evolve/tests/data/nug30.dat"), 6124),
    ] {
        let instance = qaplib::parse(text).expect("the instance is whole");
        measure(name, &(Arc::new(Assignment { instance }) as _), f64::from(best), settings);
    }
}

fn measure(name: &str, problem: &Arc<dyn Problem>, best: f64, settings: &Settings) {
    let (mut excess, mut seconds, mut evaluations) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 1..=settings.rounds as u64 {
        let (found, spent, evaluated) = run(problem, best, seed);
        excess.push(100.0 * (found / best - 1.0));
        seconds.push(spent);
        evaluations.push(evaluated);
    }
    let reached = excess.iter().filter(|excess| **excess <= 0.0).count();
    let worst = excess.iter().copied().fold(0.0, f64::max);
    println!(
        "{name:<10} best known {best:>6}: {:.2} % above it (worst {worst:.2} %), reached by {reached}, after {:.2} s and \
         {:.0} candidates",
        median(excess),
        median(seconds),
        median(evaluations),
    );
}

/// The best found, the seconds and the candidates until then.
fn run(problem: &Arc<dyn Problem>, best: f64, seed: u64) -> (f64, f64, f64) {
    let slots = std::thread::available_parallelism().expect("the machine says how many CPUs it has");
    let slots = slots.min(NonZero::new(2).expect("two is not zero"));
    let signature = Arc::new(problem.signature());
    let operators = problem.operators();
    let start = Instant::now();
    let choice = Options::Auto.choose_with(&operators, &signature, None, 16).expect("there is one goal");
    let setup = Setup { operators, ..Setup::new(Arc::clone(&signature), seed) };
    let algorithm = choice.settings.begin(setup).expect("the settings fit");
    let rules = StopRules {
        any: vec![StopRule::Target(vec![Target { goal: 0, value: best }]), StopRule::Time(LIMIT)],
        all: Vec::new(),
    };
    let mut search = Search::new(algorithm, signature, rules, FailurePolicy::default());
    let mut evaluator = Threads::new(Arc::clone(problem), seed, slots);
    let mut watch = Watch { start, best: f64::INFINITY, seconds: 0.0, evaluations: 0 };
    drive(&mut search, &mut evaluator, &mut watch).expect("nothing fails");
    (watch.best, watch.seconds, watch.evaluations as f64)
}

/// Notes when the best was found.
struct Watch {
    start: Instant,
    best: f64,
    seconds: f64,
    evaluations: u64,
}

impl Observer for Watch {
    fn elapsed(&mut self) -> Duration {
        self.start.elapsed()
    }

    fn interrupted(&mut self) -> bool {
        false
    }

    fn committed(&mut self, _: Committed<'_>, progress: &Progress) -> Result<(), ObserverError> {
        let best = progress.best.outcomes.objectives[0];
        if best < self.best {
            *self = Watch {
                start: self.start,
                best,
                seconds: self.start.elapsed().as_secs_f64(),
                evaluations: progress.evaluations,
            };
        }
        Ok(())
    }

    fn boundary(&mut self, _: &Search) -> Result<(), ObserverError> {
        Ok(())
    }
}
