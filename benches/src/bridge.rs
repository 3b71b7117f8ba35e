//! How busy the bridge to Ray keeps slots on nodes, beside Ray's own actors, and what a candidate's journey costs.

use std::{
    path::PathBuf,
    process::Stdio,
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use genetic_pool::{
    experiment::Experiment,
    prelude::*,
    registry::Registry,
    remote::nodes::{Follow, Nodes, Options, Placement},
};
use genetic_pool_evolve::{
    evaluator::{Batch, Evaluator, Results},
    problem::CandidateId,
    random::{Purpose, Stream},
};
use serde::Deserialize;

use crate::{
    Settings, median,
    ray::{Ray, bridge},
    workers::search,
};

/// CPUs of each of the two nodes.
const SLOTS: usize = 16;
/// Candidates in flight.
const WINDOW: usize = 128;
/// Seconds an evaluation takes, in the middle.
const SECONDS: f64 = 0.01;
const EVALUATIONS: u64 = 12_800;

/// Sleeps as long as its candidate's chance says: log-normally distributed around `seconds`.
#[derive(Deserialize)]
pub(crate) struct Sleeper {
    seconds: f64,
    sigma: f64,
}

impl Sleeper {
    fn time(&self, candidate: CandidateId) -> f64 {
        if self.sigma == 0.0 {
            return self.seconds;
        }
        let mut stream = Stream::new(1, 0, Purpose::Initialize, candidate.index());
        // Box and Muller.
        let radius = (-2.0 * (1.0 - stream.unit()).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * stream.unit()).cos();
        self.seconds * (self.sigma * normal).exp()
    }
}

impl Problem for Sleeper {
    fn signature(&self) -> Signature {
        let x = Parameter::new("x", Domain::real(0.0, 1.0)).len(30);
        Signature {
            space: Space::new(vec![x]).expect("the bounds are in order"),
            goals: vec![Goal { name: "f".into(), direction: Direction::Minimize }],
            constraints: vec![],
            measures: vec![],
        }
    }

    fn evaluate(&self, genome: Genome<'_>, trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        std::thread::sleep(Duration::from_secs_f64(self.time(trial.candidate)));
        outcome.objectives[0] = genome.reals().iter().sum();
        Ok(())
    }
}

/// Prints the share of slots busy with constant and with log-normal times, and what a journey costs.
pub(crate) fn bench(settings: &Settings) {
    let Some(ray) = Ray::start(SLOTS) else {
        println!("bridge: left out; GENETIC_POOL_RAY_PYTHON is to name an interpreter that has Ray 2.60");
        return;
    };
    let rounds = settings.rounds.min(5);
    for (name, sigma) in [("constant", 0.0), ("log-normal, sigma 0.5", 0.5)] {
        let mut shares = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..rounds {
            shares[0].push(exchanged(&ray, sigma));
            shares[1].push(searched(&ray, sigma));
            shares[2].push(bare(&ray, sigma));
        }
        let [exchanged, searched, bare] = shares.map(median);
        println!(
            "2 nodes x {SLOTS} slots, 10 ms {name}, window {WINDOW}: {exchanged:.3} of the slots busy, \
             {searched:.3} committing in order; bare Ray actors {bare:.3}"
        );
    }
    let journeys = (0..rounds).map(|_| journey(&ray)).collect();
    println!("a candidate that takes no time, there and back through the bridge: {:.0} us", 1e6 * median(journeys));
}

fn sleepers(seconds: f64, sigma: f64) -> Experiment {
    let text = format!(
        "format = 1\nparallel = 32\n[problem]\nname = \"sleeper\"\noptions = {{ seconds = {seconds:?}, sigma = {sigma:?} }}\n\
         [algorithm]\nname = \"genetic\"\npopulation = 64\nschedule = {{ window = {WINDOW} }}\n[stop]\nevaluations = 1000\n"
    );
    crate::workers::experiment(&text, std::path::Path::new("."))
}

/// The evaluator on the nodes of `ray`, warm.
fn nodes(ray: &Ray, experiment: &Experiment) -> (Nodes, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    // The bridge runs as in a job of the cluster.
    let python = folder.path().join("python");
    let script =
        format!("#!/bin/sh\nRAY_AUTH_MODE=disabled RAY_ADDRESS={} exec {} \"$@\"\n", ray.address, ray.python.display());
    std::fs::write(&python, script).expect("the folder can be written");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&python, executable).expect("the folder is ours");
    let options = Options {
        python,
        bridge: bridge(folder.path()),
        executable: std::env::current_exe().expect("this program has a file"),
        directory: PathBuf::from("/"),
        interpreter: None,
        slots: None,
        placement: Placement::Nodes,
        deadline: Duration::from_mins(1),
    };
    let (notes, _) = channel();
    let follow = Follow { on_output: None, notes };
    let mut nodes = Nodes::start(experiment, &options, follow, &|| false).expect("the nodes are there");
    assert_eq!(nodes.slots(), 2 * SLOTS);
    // Children start once, and not in the time that is measured.
    window(experiment, &mut nodes, 0..10 * WINDOW as u64, WINDOW);
    (nodes, folder)
}

/// Has `candidates` evaluated with so many in flight, each outcome letting one new candidate go.
fn window(experiment: &Experiment, evaluator: &mut dyn Evaluator, candidates: std::ops::Range<u64>, window: usize) {
    let space = &experiment.signature.space;
    let mut next = candidates.start;
    let (mut batch, mut results, mut out) = (Batch::default(), Results::default(), 0);
    loop {
        let count = (window - out).min((candidates.end - next) as usize);
        batch.candidates = (next..next + count as u64).map(|index| CandidateId::new(0, index)).collect();
        batch.genomes = space.genomes(count);
        (next, out) = (next + count as u64, out + count);
        if out == 0 {
            return;
        }
        if count > 0 {
            evaluator.submit(&mut batch).expect("the nodes take candidates");
        }
        evaluator.receive(&mut results, Duration::from_secs(10)).expect("the nodes answer");
        out -= results.candidates.len();
    }
}

fn exchanged(ray: &Ray, sigma: f64) -> f64 {
    let experiment = sleepers(SECONDS, sigma);
    let (mut nodes, _folder) = nodes(ray, &experiment);
    let first = 10 * WINDOW as u64;
    let sleeper = Sleeper { seconds: SECONDS, sigma };
    let work: f64 = (first..first + EVALUATIONS).map(|index| sleeper.time(CandidateId::new(0, index))).sum();
    let start = Instant::now();
    window(&experiment, &mut nodes, first..first + EVALUATIONS, WINDOW);
    work / (2.0 * SLOTS as f64 * start.elapsed().as_secs_f64())
}

fn searched(ray: &Ray, sigma: f64) -> f64 {
    let experiment = sleepers(SECONDS, sigma);
    let (mut nodes, _folder) = nodes(ray, &experiment);
    let start = Instant::now();
    let evaluations = search(&experiment, &mut nodes, EVALUATIONS);
    let sleeper = Sleeper { seconds: SECONDS, sigma };
    let work: f64 = (0..evaluations).map(|index| sleeper.time(CandidateId::new(0, index))).sum();
    work / (2.0 * SLOTS as f64 * start.elapsed().as_secs_f64())
}

fn bare(ray: &Ray, sigma: f64) -> f64 {
    let mut command = ray.python();
    command.args(["-c", include_str!("bare_ray.py")]);
    command.args([SLOTS.to_string(), WINDOW.to_string(), EVALUATIONS.to_string(), sigma.to_string()]);
    let output = command.stderr(Stdio::inherit()).output().expect("the interpreter starts");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("it prints a share")
}

/// Seconds a candidate takes that takes no time itself, generations of 1000 one after the other.
fn journey(ray: &Ray) -> f64 {
    const GENERATION: u64 = 1000;
    const GENERATIONS: u64 = 50;
    let experiment = sleepers(0.0, 0.0);
    let (mut nodes, _folder) = nodes(ray, &experiment);
    let start = Instant::now();
    for generation in 10..10 + GENERATIONS {
        let candidates = generation * GENERATION..(generation + 1) * GENERATION;
        window(&experiment, &mut nodes, candidates, GENERATION as usize);
    }
    start.elapsed().as_secs_f64() / (GENERATION * GENERATIONS) as f64
}

/// The problems the benchmarks know.
pub(crate) fn registry() -> Registry {
    let mut registry = Registry::built_in();
    registry.register::<Sleeper>("sleeper");
    registry
}
