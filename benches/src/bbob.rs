//! How many targets of the `bbob` functions are reached in a given time, with N evaluations at once.
//!
//! `genetic-pool-benches bbob [ALGORITHM[:KEY=VALUE,…]]… [--dimension D] [--parallel N] [--multiples M,…]
//! [--instances A,…] [--seeds S] [--spread σ] [--functions F,…] [--by-function] [--threads T]`

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use genetic_pool_evolve::{
    algorithms::{CmaEsOptions, Covariance, GeneticOptions, JdeOptions, LShadeOptions, Options, Restarts, Setup},
    evaluator::{Batch, Results},
    maths::exp,
    outcomes::{OutcomeShape, Outcomes},
    parallel::evaluate,
    problem::Problem,
    problems::{Bbob, BbobOptions},
    random::{Purpose, Stream, normals},
    vector::Width,
};

/// The distances from the optimal value that count: 10² to 10⁻⁸, 51 of them.
const TARGETS: usize = 51;

/// What is run.
#[derive(Clone, Debug)]
struct Plan {
    dimension: usize,
    /// Evaluations at once.
    parallel: usize,
    /// Budgets over the dimension.
    multiples: Vec<u64>,
    functions: Vec<u64>,
    instances: Vec<u64>,
    seeds: u64,
    /// The standard deviation of the logarithm of an evaluation's time; its mean is 1.
    spread: f64,
    by_function: bool,
    threads: usize,
}

/// Prints a line an algorithm: the share of targets reached in the time of each budget over `parallel` mean evaluations.
pub(crate) fn bench(arguments: &[String]) {
    let (plan, algorithms) = read(arguments);
    println!(
        "bbob D {} N {} spread {} instances {:?} seeds {}, targets reached by {:?}·D/N",
        plan.dimension, plan.parallel, plan.spread, plan.instances, plan.seeds, plan.multiples
    );
    for algorithm in algorithms {
        let options = options(&algorithm);
        let start = std::time::Instant::now();
        let shares = run_all(&plan, &options);
        let all: Vec<&Vec<f64>> = shares.iter().flatten().collect();
        println!("{} {algorithm} ({:.0} s)", line(&plan, &all), start.elapsed().as_secs_f64());
        if plan.by_function {
            for (function, shares) in plan.functions.iter().zip(&shares) {
                println!("  f{function:<3} {}", line(&plan, &shares.iter().collect::<Vec<_>>()));
            }
        }
    }
}

fn line(plan: &Plan, shares: &[&Vec<f64>]) -> String {
    let mean = |k: usize| shares.iter().map(|share| share[k]).sum::<f64>() / shares.len() as f64;
    (0..plan.multiples.len()).map(|k| format!("{:.3}", mean(k))).collect::<Vec<_>>().join(" ")
}

/// By function, by instance and seed: the share of targets for each budget.
fn run_all(plan: &Plan, options: &Options) -> Vec<Vec<Vec<f64>>> {
    let mut cases = Vec::new();
    for function in &plan.functions {
        for instance in &plan.instances {
            cases.extend((0..plan.seeds).map(|seed| (*function, *instance, seed)));
        }
    }
    let next = AtomicUsize::new(0);
    let mut found: Vec<(usize, Vec<f64>)> = std::thread::scope(|scope| {
        let worker = || {
            let mut found = Vec::new();
            loop {
                let case = next.fetch_add(1, Ordering::Relaxed);
                let Some((function, instance, seed)) = cases.get(case) else { break };
                found.push((case, run(plan, options, *function, *instance, *seed)));
            }
            found
        };
        let workers: Vec<_> = (0..plan.threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no run panics")).collect()
    });
    found.sort_by_key(|(case, _)| *case);
    let by_function = cases.len() / plan.functions.len();
    let shares: Vec<Vec<f64>> = found.into_iter().map(|(_, shares)| shares).collect();
    shares.chunks(by_function).map(<[_]>::to_vec).collect()
}

/// An evaluation that is under way: ordered by when it ends, then by its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ends {
    time: u64,
    started: u64,
}

/// One run on slots that are simulated.
fn run(plan: &Plan, options: &Options, function: u64, instance: u64, seed: u64) -> Vec<f64> {
    let problem = Bbob::new(BbobOptions { function, instance, dimension: plan.dimension }).expect("a function of bbob");
    let signature = problem.signature();
    let best = problem.optimum().1;
    let budget = plan.multiples.iter().max().copied().unwrap_or(0) * plan.dimension as u64;
    let settings = options.choose(&signature, Some(budget), plan.parallel).expect("the options fit").settings;
    let seed = seed + 1000 * instance + 100_000 * function;
    let setup = Setup { budget: Some(budget), ..Setup::new(Arc::new(signature.clone()), seed) };
    let mut algorithm = settings.begin(setup).expect("the settings fit");

    let shape = OutcomeShape::of(&signature);
    let (mut batch, mut results, mut outcomes) = (Batch::default(), Results::default(), Outcomes::default());
    // Every evaluation is done when it is asked for, and told about when it ends.
    let mut started = Vec::new();
    let mut out = BinaryHeap::new();
    let mut reached = [f64::INFINITY; TARGETS];
    let mut hit = 0;
    let last = budget as f64 / plan.parallel as f64;
    let mut now = 0.0;
    while hit < TARGETS {
        while out.len() < plan.parallel {
            algorithm.ask(plan.parallel - out.len(), &mut batch);
            if batch.candidates.is_empty() {
                break;
            }
            let rows = batch.candidates.len();
            outcomes.reset(shape, rows);
            evaluate(&problem, &signature, seed, &batch, 0..rows, &mut outcomes);
            for row in 0..rows {
                let ends = now + duration(plan.spread, seed, started.len() as u64);
                out.push(Reverse(Ends { time: ends.to_bits(), started: started.len() as u64 }));
                started.push((batch.candidates[row], outcomes.objectives(row)[0]));
            }
        }
        results.clear(shape);
        outcomes.reset(shape, 1);
        // All that end at one time.
        while let Some(Reverse(Ends { time, started: which })) = out.peek().copied() {
            let time = f64::from_bits(time);
            if !results.candidates.is_empty() && time > now {
                break;
            }
            out.pop();
            now = time;
            let (candidate, value) = started[which as usize];
            outcomes.objectives[0] = value;
            results.push(candidate, &outcomes, 0, 0.0);
            while hit < TARGETS && value - best <= target(hit) {
                reached[hit] = now;
                hit += 1;
            }
        }
        if now > last + 1e-9 {
            break;
        }
        algorithm.tell(&results).expect("what was asked for is told");
        while algorithm.commit().is_some() {}
    }
    let within = |multiple: &u64| {
        let time = (multiple * plan.dimension as u64) as f64 / plan.parallel as f64 + 1e-9;
        reached.iter().filter(|reached| **reached <= time).count() as f64 / TARGETS as f64
    };
    plan.multiples.iter().map(within).collect()
}

fn target(k: usize) -> f64 {
    10_f64.powf(2.0 - 0.2 * k as f64)
}

/// Log-normal, of mean 1.
fn duration(spread: f64, seed: u64, index: u64) -> f64 {
    if spread == 0.0 {
        return 1.0;
    }
    let mut normal = [0.0];
    normals(Width::current(), &mut Stream::new(seed, 7, Purpose::Try, index), &mut normal);
    exp(spread * normal[0] - 0.5 * spread * spread)
}

/// An algorithm by its name, `cma-es` with keys.
fn options(text: &str) -> Options {
    let (name, keys) = text.split_once(':').unwrap_or((text, ""));
    let keys = keys.split(',').filter_map(|pair| pair.split_once('='));
    match name {
        "auto" => Options::Auto,
        "random" => Options::Random,
        "l-shade" => Options::LShade(LShadeOptions::default()),
        "jde" => Options::Jde(JdeOptions::default()),
        "genetic" => Options::Genetic(GeneticOptions::default()),
        "cma-es" => {
            let mut options = CmaEsOptions::default();
            for (key, value) in keys {
                let number = || value.parse::<f64>().expect("a number");
                match key {
                    "population" => options.population = Some(number() as usize),
                    "sigma" => options.sigma = Some(number()),
                    "learning" => options.learning = Some(number()),
                    "mirrored" => options.mirrored = Some(value == "true"),
                    "model" => options.model = Some(value == "true"),
                    "covariance" if value == "separable" => options.covariance = Some(Covariance::Separable),
                    "covariance" => options.covariance = Some(Covariance::Full),
                    "restarts" if value == "none" => options.restarts = Some(Restarts::None),
                    "restarts" if value == "bipop" => options.restarts = Some(Restarts::Bipop),
                    "restarts" => options.restarts = Some(Restarts::Ipop),
                    _ => panic!("`cma-es` has no key `{key}`"),
                }
            }
            Options::CmaEs(options)
        }
        _ => panic!("there is no algorithm `{name}`"),
    }
}

fn read(arguments: &[String]) -> (Plan, Vec<String>) {
    let mut plan = Plan {
        dimension: 10,
        parallel: 64,
        multiples: vec![100, 300, 1000, 3000],
        functions: (1..=24).collect(),
        instances: vec![1, 2, 3],
        seeds: 1,
        spread: 0.0,
        by_function: false,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let mut algorithms = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("an option has a value").as_str();
        let list = |text: &str| text.split(',').map(|part| part.parse().expect("a number")).collect::<Vec<u64>>();
        match argument.as_str() {
            "--dimension" => plan.dimension = value().parse().expect("a number"),
            "--parallel" => plan.parallel = value().parse().expect("a number"),
            "--multiples" => plan.multiples = list(value()),
            "--functions" => plan.functions = list(value()),
            "--instances" => plan.instances = list(value()),
            "--seeds" => plan.seeds = value().parse().expect("a number"),
            "--spread" => plan.spread = value().parse().expect("a number"),
            "--threads" => plan.threads = value().parse().expect("a number"),
            "--by-function" => plan.by_function = true,
            _ => algorithms.push(argument.clone()),
        }
    }
    if algorithms.is_empty() {
        algorithms.push("auto".to_owned());
    }
    (plan, algorithms)
}
