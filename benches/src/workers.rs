//! Worker processes: what a pipe carries, and how many slots are busy.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use genetic_pool::{
    evaluate::{self, Options},
    experiment::{Experiment, Overrides},
    registry::Registry,
    run::Plan,
};
use genetic_pool_evolve::{
    algorithms::Committed,
    drive::{Observer, ObserverError, drive},
    evaluator::{Batch, Evaluator, Results},
    operators::initialize::initialize,
    problem::CandidateId,
    progress::Progress,
    random::{Purpose, Stream},
    search::Search,
    stop::{FailurePolicy, StopRule, StopRules},
};

use crate::{Settings, median};

/// How many candidates of 30 reals the pipe of one worker carries a second, there and back.
pub(crate) fn pipe(settings: &Settings) {
    const CANDIDATES: usize = 400_000;
    let text = "format = 1\n[problem]\nname = \"sphere\"\n[stop]\nevaluations = 1000\n";
    let experiment = experiment(text, Path::new("."));
    let options = Options { slots: 1, processes: true, ..Options::default() };
    let mut evaluator = evaluate::evaluator(&experiment, &Registry::built_in(), options).expect("a worker starts");
    let space = &experiment.signature.space;
    let mut genomes = space.genomes(CANDIDATES);
    for row in 0..CANDIDATES {
        initialize(space, &mut genomes, row, &mut Stream::new(1, 0, Purpose::Initialize, row as u64));
    }
    let mut results = Results::default();
    let mut rates = Vec::new();
    // The first round learns what an evaluation costs, and so how many are sent together.
    for round in 0..=settings.rounds {
        let candidates = (0..CANDIDATES as u64).map(|index| CandidateId::new(0, index)).collect();
        let mut batch = Batch { candidates, genomes: genomes.clone(), groups: Vec::new() };
        let start = Instant::now();
        evaluator.submit(&mut batch).expect("the worker takes candidates");
        let mut received = 0;
        while received < CANDIDATES {
            evaluator.receive(&mut results, Duration::from_secs(10)).expect("the worker answers");
            received += results.candidates.len();
        }
        if round > 0 {
            rates.push(CANDIDATES as f64 / start.elapsed().as_secs_f64());
        }
    }
    println!("one worker pipe, 30 reals: {:.1} million candidates a second", median(rates) / 1e6);
}

/// Which share of 16 slots evaluations that sleep 10 ms keep busy.
pub(crate) fn slots(settings: &Settings) {
    for (name, schedule) in [("window 64", "{ window = 64 }"), ("generations of 64", "\"generations\"")] {
        let shares = (0..settings.rounds.min(5)).map(|_| busy_share(schedule)).collect();
        println!("16 workers, 10 ms an evaluation, {name}: {:.3} of the slots busy", median(shares));
    }
}

fn busy_share(schedule: &str) -> f64 {
    const SLOTS: usize = 16;
    const SECONDS: f64 = 0.01;
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let fitness = format!("import time\ndef f(p):\n    time.sleep({SECONDS})\n    return p['x']\n");
    std::fs::write(folder.path().join("sleeper.py"), fitness).expect("the folder can be written");
    let text = format!(
        "format = 1\nparallel = 16\ngoals = {{ x = \"minimize\" }}\n[problem]\npython = \"sleeper:f\"\n\
         [space]\nx = {{ real = [0.0, 1.0] }}\n\
         [algorithm]\nname = \"genetic\"\npopulation = 64\nschedule = {schedule}\n[stop]\nevaluations = 3840\n"
    );
    let experiment = experiment(&text, folder.path());
    let options = Options { slots: SLOTS, ..Options::default() };
    let mut evaluator = evaluate::evaluator(&experiment, &Registry::built_in(), options).expect("workers start");
    // Interpreters start once, and not in the time that is measured.
    search(&experiment, &mut *evaluator, 640);
    let start = Instant::now();
    let evaluations = search(&experiment, &mut *evaluator, 3200);
    evaluations as f64 * SECONDS / (SLOTS as f64 * start.elapsed().as_secs_f64())
}

/// Runs `evaluations` evaluations; how many they were.
pub(crate) fn search(experiment: &Experiment, evaluator: &mut dyn Evaluator, evaluations: u64) -> u64 {
    let plan = Plan::new(experiment).expect("the algorithm is valid");
    let algorithm = plan.begin(experiment).expect("the algorithm is valid");
    let rules = StopRules { any: vec![StopRule::Evaluations(evaluations)], all: Vec::new() };
    let signature = Arc::new(experiment.signature.clone());
    let mut search = Search::new(algorithm, signature, rules, FailurePolicy::default());
    drive(&mut search, evaluator, &mut Nobody).expect("the run goes through");
    search.progress().evaluations
}

/// Looks on and does nothing.
pub(crate) struct Nobody;

impl Observer for Nobody {
    fn elapsed(&mut self) -> Duration {
        Duration::ZERO
    }
    fn interrupted(&mut self) -> bool {
        false
    }
    fn committed(&mut self, _: Committed<'_>, _: &Progress) -> Result<(), ObserverError> {
        Ok(())
    }
    fn boundary(&mut self, _: &Search) -> Result<(), ObserverError> {
        Ok(())
    }
}

/// The experiment of `text` in `folder`.
pub(crate) fn experiment(text: &str, folder: &Path) -> Experiment {
    let path = folder.join("experiment.toml");
    Experiment::parse(text, &path, &Overrides::default(), &crate::bridge::registry()).expect("the experiment is valid")
}
