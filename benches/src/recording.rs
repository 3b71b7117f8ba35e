//! What recording a run costs, beside the same search with nobody looking on.

use std::{num::NonZero, path::Path, sync::Arc};

use genetic_pool::{
    evaluate::Options,
    registry::Registry,
    run::{self, Place, Plan, RunOptions},
    store::Home,
};
use genetic_pool_evolve::{drive::drive, parallel::Threads, search::Search, stop::FailurePolicy};

use crate::{
    Settings, median,
    workers::{Nobody, experiment},
};

/// Prints the CPU time of runs of 10 million evaluations with and without the store, and the file's size.
pub(crate) fn bench(settings: &Settings) {
    let text = "format = 1\nseed = 1\n[problem]\nname = \"rastrigin\"\n\
                [algorithm]\nname = \"genetic\"\npopulation = 1000\n[stop]\nevaluations = 10_000_000\n";
    let experiment = experiment(text, Path::new("."));
    let registry = Registry::built_in();
    let mut ratios = Vec::new();
    let mut bytes = 0;
    for _ in 0..settings.rounds.min(5) {
        let start = process_seconds();
        let algorithm = Plan::new(&experiment).and_then(|plan| plan.begin(&experiment)).expect("it is valid");
        let signature = Arc::new(experiment.signature.clone());
        let mut search = Search::new(algorithm, signature, experiment.stop.clone(), FailurePolicy::default());
        let problem = experiment.registered.clone().expect("the problem is built in");
        let mut threads = Threads::new(problem, experiment.seed, NonZero::<usize>::MIN);
        drive(&mut search, &mut threads, &mut Nobody).expect("the run goes through");
        let without = process_seconds() - start;

        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let home = Home { root: folder.path().to_owned() };
        let start = process_seconds();
        let options = RunOptions {
            registry: &registry,
            evaluate: Options { slots: 1, ..Options::default() },
            place: Place::Here,
            command: "bench".to_owned(),
            interrupted: &|| false,
            submitted: None,
            views: &mut |_| Ok(()),
        };
        run::begin(&experiment, "recording", &home, options).expect("the run goes through");
        let with = process_seconds() - start;
        bytes = home.list().expect("the folder can be read").iter().map(|run| run.bytes).sum();
        ratios.push(with / without);
    }
    println!(
        "recording 10 million evaluations of rastrigin-30, population 1000: {:+.1} % CPU, {:.1} MB",
        100.0 * (median(ratios) - 1.0),
        bytes as f64 / 1e6
    );
}

/// CPU time of this process, all its threads together.
fn process_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
