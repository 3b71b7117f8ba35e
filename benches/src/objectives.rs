//! NSGA-II on one thread beside a loop written by hand, how good their fronts are, and how long sorting takes.

use std::{hint::black_box, num::NonZero, sync::Arc};

use genetic_pool_evolve::{
    algorithms::{GeneticOptions, Nsga2, Population, Setup},
    drive::drive,
    indicators::{Hypervolume, hypervolume},
    maths,
    operators::survival::non_dominated::{NonDominated, Points},
    parallel::Threads,
    problem::{CandidateId, Direction, Failure, Goal, Outcome, Problem, Signature, Trial},
    random::{Purpose, Stream},
    search::Search,
    space::{Domain, Genome, Parameter, Space},
    stop::{FailurePolicy, StopRule, StopRules},
};

use crate::{
    Settings,
    engine::{Summaries, thread_seconds},
    limit_objectives::{self, dtlz2, zdt1},
    median,
};

const POPULATION: usize = 100;
const GENERATIONS: usize = 250;
const SEEDS: u64 = 20;

/// Prints times a candidate, medians of hypervolumes over seeds, and the time of sorting and of hypervolumes.
pub(crate) fn bench(settings: &Settings) {
    let zdt1_limit = |seed| limit_objectives::run(zdt1, POPULATION, GENERATIONS, seed).concat();
    beside_the_limit("zdt1", &(Arc::new(Zdt1) as Arc<dyn Problem>), 2, &zdt1_limit, settings);
    let dtlz2_limit = |seed| limit_objectives::run(dtlz2, POPULATION, GENERATIONS, seed).concat();
    beside_the_limit("dtlz2", &(Arc::new(Dtlz2) as Arc<dyn Problem>), 3, &dtlz2_limit, settings);
    sorting(settings);
    volumes(settings);
}

fn beside_the_limit(
    name: &str,
    problem: &Arc<dyn Problem>,
    goals: usize,
    limit: &dyn Fn(u64) -> Vec<f64>,
    settings: &Settings,
) {
    const REPEATS: u64 = 10;
    let evaluations = (POPULATION * (GENERATIONS + 1)) as f64 * REPEATS as f64;
    let nanoseconds = |run: &dyn Fn(u64) -> Vec<f64>| {
        let start = thread_seconds();
        (0..REPEATS).for_each(|seed| drop(black_box(run(seed))));
        (thread_seconds() - start) * 1e9 / evaluations
    };
    let ours = |seed| run(problem, seed).outcomes.objectives;
    let (mut limits, mut engines, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..settings.rounds {
        let limit = nanoseconds(limit);
        let engine = nanoseconds(&ours);
        limits.push(limit);
        engines.push(engine);
        ratios.push(limit / engine);
    }
    let volume = |run: &dyn Fn(u64) -> Vec<f64>| {
        let reference = vec![1.1; goals];
        median((0..SEEDS).map(|seed| hypervolume(&run(seed), &reference).expect("the goals are few")).collect())
    };
    println!(
        "nsga-2 {name:6} limit {:4.0} ns, engine {:4.0} ns a candidate, ratio {:.2}; hypervolume {:.4} and {:.4}",
        median(limits),
        median(engines),
        median(ratios),
        volume(limit),
        volume(&ours),
    );
}

/// Runs to the last generation, digest and a summary of every generation included; the last population.
fn run(problem: &Arc<dyn Problem>, seed: u64) -> Population {
    let signature = Arc::new(problem.signature());
    let options = GeneticOptions { population: Some(POPULATION), ..GeneticOptions::default() };
    let algorithm = Nsga2::new(Setup::new(signature.clone(), seed), options.resolve(&signature.space, 1));
    let rules = StopRules { any: vec![StopRule::Generations(GENERATIONS as u64 + 1)], all: Vec::new() };
    let algorithm = Box::new(algorithm.expect("the options are valid"));
    let mut search = Search::new(algorithm, signature, rules, FailurePolicy::default());
    let mut evaluator = Threads::new(problem.clone(), seed, NonZero::<usize>::MIN);
    let mut summaries = Summaries::default();
    drive(&mut search, &mut evaluator, &mut summaries).expect("the run goes through");
    black_box(&summaries.of);
    black_box(search.progress().digest.value());
    search.population().clone()
}

/// Random points, most of them dominated, and points of one front.
fn sorting(settings: &Settings) {
    for (rows, goals) in [(200, 2), (200, 3), (10_000, 2), (10_000, 3), (10_000, 4), (10_000, 6)] {
        let candidates: Vec<CandidateId> = (0..rows as u64).map(CandidateId).collect();
        let mut milliseconds = Vec::new();
        for of_one_front in [false, true] {
            let values = points(rows, goals, of_one_front);
            let mut sorting = NonDominated::default();
            let repeats = (100_000 / rows).max(1);
            let once = || {
                let start = thread_seconds();
                for _ in 0..repeats {
                    sorting.sort(Points { goals, values: &values, violations: &[], candidates: &candidates });
                }
                black_box(sorting.n_fronts());
                (thread_seconds() - start) * 1e3 / repeats as f64
            };
            milliseconds.push(median(std::iter::repeat_with(once).take(settings.rounds).collect()));
        }
        let [anywhere, front] = milliseconds[..] else { return };
        println!("sorting {rows:6} × {goals}: {anywhere:.3} ms anywhere, {front:.3} ms of one front");
    }
}

fn volumes(settings: &Settings) {
    for (rows, goals) in [(500, 2), (500, 3), (200, 4), (100, 5), (100, 6)] {
        let values = points(rows, goals, true);
        let reference = vec![1.1; goals];
        let mut volumes = Hypervolume::default();
        let once = || {
            let start = thread_seconds();
            black_box(volumes.of(&values, &reference));
            (thread_seconds() - start) * 1e3
        };
        let milliseconds = median(std::iter::repeat_with(once).take(settings.rounds).collect());
        println!("hypervolume {rows:4} × {goals}: {milliseconds:.3} ms");
    }
}

fn points(rows: usize, goals: usize, of_one_front: bool) -> Vec<f64> {
    let mut stream = Stream::new(1, 0, Purpose::Try, goals as u64);
    let mut values = Vec::new();
    for _ in 0..rows {
        let row: Vec<f64> = (0..goals).map(|_| stream.unit()).collect();
        let length = row.iter().map(|value| value * value).sum::<f64>().sqrt();
        values.extend(row.iter().map(|value| if of_one_front { value / length } else { *value }));
    }
    values
}

/// ZDT1 of 30 variables.
struct Zdt1;

/// DTLZ2 of 12 variables and three goals.
struct Dtlz2;

fn unit_cube(variables: usize, goals: &[&str]) -> Signature {
    let goal = |name: &&str| Goal { name: (*name).into(), direction: Direction::Minimize };
    Signature {
        space: Space::new(vec![Parameter::new("x", Domain::real(0.0, 1.0)).len(variables)]).expect("it is valid"),
        goals: goals.iter().map(goal).collect(),
        constraints: Vec::new(),
        measures: Vec::new(),
    }
}

impl Problem for Zdt1 {
    fn signature(&self) -> Signature {
        unit_cube(30, &["f1", "f2"])
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let x = genome.reals();
        let g = 1.0 + 9.0 / 29.0 * x[1..].iter().fold(0.0, |sum, x| sum + x);
        outcome.objectives[0] = x[0];
        outcome.objectives[1] = g * (1.0 - (x[0] / g).sqrt());
        Ok(())
    }
}

impl Problem for Dtlz2 {
    fn signature(&self) -> Signature {
        unit_cube(12, &["f1", "f2", "f3"])
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let x = genome.reals();
        let g = 1.0 + x[2..].iter().fold(0.0, |sum, x| sum + (x - 0.5) * (x - 0.5));
        let (a, b) = (x[0] / 2.0, x[1] / 2.0);
        let (cos_a, sin_a) = (maths::cos_pi(a), maths::sin_pi(a));
        outcome.objectives[0] = g * cos_a * maths::cos_pi(b);
        outcome.objectives[1] = g * cos_a * maths::sin_pi(b);
        outcome.objectives[2] = g * sin_a;
        Ok(())
    }
}
