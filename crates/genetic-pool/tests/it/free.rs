//! `schedule = "free"`: what happened is recorded, and a run is what its record says.

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

use genetic_pool::{
    evolve::{
        evaluator::{Batch, Results},
        search::Search,
        stop::FailurePolicy,
    },
    experiment::{Experiment, Overrides},
    registry::Registry,
    run::{Plan, stored_experiment},
    store::{Decision, RunReader},
};
use genetic_pool_testkit::{Running, TestContext};

use crate::{
    context,
    errors_store::run_file,
    scene::{digest, python},
};

/// Takes 2 to 20 ms, whatever the candidate's place.
const UNEVEN: &str = "
import time

def f(parameters, context):
    time.sleep(0.002 + 0.018 * (context.seed % 97) / 96)
    with open('paid', 'a') as log:
        log.write(context.candidate + '\\n')
    return (parameters['x'] - 0.3) ** 2
";

const RUN: [&str; 9] = [
    "run",
    "experiment.toml",
    "--json",
    "--slots",
    "3",
    "--set",
    "algorithm.schedule=\"free\"",
    "--set",
    "stop.evaluations=150",
];

/// The digest of a fresh search that is told what the run at `path` recorded, one outcome after the other.
fn replayed(path: &Path) -> String {
    let registry = Registry::built_in();
    let experiment: Experiment = stored_experiment(path, &Overrides::default(), &registry).unwrap();
    let reader = RunReader::open(path).unwrap();
    let mut journal = reader.journal(&|_| true).unwrap();
    let again = reader.decisions().unwrap().into_iter().filter(|decision| decision.what == Decision::AGAIN);
    journal.forget(&again.map(|decision| decision.candidate).collect::<Vec<_>>());
    let algorithm = Plan::new(&experiment).unwrap().begin(&experiment).unwrap();
    let signature = Arc::new(experiment.signature.clone());
    let mut search = Search::new(algorithm, signature, experiment.stop.clone(), FailurePolicy::default());
    let (mut batch, mut results) = (Batch::default(), Results::default());
    for row in 0..journal.len() {
        loop {
            search.ask(usize::MAX, &mut batch);
            if batch.candidates.is_empty() {
                break;
            }
        }
        results.clear(reader.outcome_shape());
        results.push(journal.results.candidates[row], &journal.results.outcomes, row, 0.0);
        search.tell(&results).unwrap();
        while search.stop(Duration::ZERO).is_none() && search.commit().is_some() {}
    }
    search.progress().digest.to_string()
}

/// How often each candidate that is recorded was evaluated to its end.
fn nothing_twice(context: &TestContext, recorded: &[String]) {
    let paid = std::fs::read_to_string(context.work().join("paid")).unwrap();
    for candidate in recorded {
        let times = paid.lines().filter(|line| line == candidate).count();
        assert_eq!(times, 1, "candidate {candidate} is paid for {times} times");
    }
}

fn has_ended(running: &Running) -> bool {
    running.stdout().contains("\"event\":\"finished\"")
}

fn recorded(context: &TestContext) -> Vec<String> {
    let reader = RunReader::open(&run_file(context)).unwrap();
    reader.journal(&|_| true).unwrap().iter().map(|row| row.candidate.to_string()).collect()
}

#[test]
fn a_run_is_what_its_record_says() {
    let context = python(UNEVEN, "");
    let ended = context.run(&RUN).success();
    let finished = ended.json_lines().pop().unwrap();
    assert_eq!((finished["order"].as_str(), finished["evaluations"].as_u64()), (Some("completion"), Some(150)));
    assert_eq!(replayed(&run_file(&context)), digest(&ended));
    let order = recorded(&context);
    let by_id: BTreeSet<u64> = order.iter().map(|id| id.parse().unwrap()).collect();
    assert!(order.len() == 150 && by_id.into_iter().eq(0..150), "{order:?}");
    assert!(!order.is_sorted_by_key(|id| id.parse::<u64>().unwrap()), "all have come in in order: {order:?}");

    let shown = context.run(&["runs", "show"]).success();
    assert!(shown.stdout.contains("\norder        that of completion, which is recorded: "), "{shown}");
    assert_eq!(context.run(&["runs", "show", "--json"]).success().json()["order"], "completion");
}

#[test]
fn killed_again_and_again_it_is_still_what_its_record_says() {
    for stride in [13, 40] {
        let context = python(UNEVEN, "");
        let mut running = context.spawn(&RUN);
        let mut least = stride;
        let mut kills = 0;
        let paid = || std::fs::read_to_string(context.work().join("paid")).unwrap_or_default().lines().count();
        let digest = loop {
            let end = std::time::Instant::now() + Duration::from_secs(30);
            while paid() < least && !has_ended(&running) {
                assert!(std::time::Instant::now() < end, "it does not get on");
                std::thread::sleep(Duration::from_millis(3));
            }
            if has_ended(&running) {
                break digest(&running.wait(Duration::from_mins(1)).success());
            }
            running.kill();
            kills += 1;
            let before = recorded(&context);
            running = context.spawn(&["resume", "--json", "--slots", "2"]);
            // What is recorded stays recorded, in its order.
            least = paid().max(before.len()) + stride;
        };
        assert!(kills > 1, "{kills} kills");
        let path = run_file(&context);
        assert_eq!(replayed(&path), digest);
        let recorded = recorded(&context);
        assert_eq!(recorded.iter().collect::<BTreeSet<_>>().len(), recorded.len());
        assert_eq!(recorded.len(), 150);
    }
}

#[test]
fn stopped_and_resumed_nothing_is_paid_for_twice() {
    let context = python(UNEVEN, "");
    let running = context.spawn(&RUN);
    while std::fs::read_to_string(context.work().join("paid")).unwrap_or_default().lines().count() < 60 {
        assert!(!has_ended(&running) && running.stderr().is_empty(), "{}", running.stderr());
        std::thread::sleep(Duration::from_millis(3));
    }
    running.interrupt();
    let _ = running.wait(Duration::from_mins(1)).expect(130);
    let before = recorded(&context);
    let ended = context.run(&["resume", "--json"]).success();
    assert_eq!(recorded(&context)[..before.len()], before);
    nothing_twice(&context, &before);
    assert_eq!(replayed(&run_file(&context)), digest(&ended));
}

#[test]
fn on_threads_all_is_recorded_whatever_it_costs() {
    let context = context();
    context.write(
        "experiment.toml",
        "format = 1\n\n[problem]\nname = \"rastrigin\"\noptions = { dimension = 5 }\n\n[algorithm]\nname = \"genetic\"\n\
         schedule = \"free\"\n\n[stop]\nevaluations = 20_000\n",
    );
    let running = context.spawn(&["run", "experiment.toml", "--json", "--slots", "2"]);
    running.wait_for_stdout("\"event\":\"generation\"", Duration::from_mins(1));
    running.kill();
    let state = context.run(&["runs", "show", "--json"]).success().json()["state"].clone();
    let resumed = if state == "finished" { None } else { Some(context.run(&["resume", "--json"]).success()) };
    assert_eq!(recorded(&context).len(), 20_000);
    let found = context.run(&["runs", "show", "--json"]).success().json()["digest"].clone();
    assert_eq!(replayed(&run_file(&context)), found.as_str().unwrap());
    assert!(resumed.is_none_or(|resumed| digest(&resumed) == found.as_str().unwrap()));
}

#[test]
fn a_failure_that_is_tried_again_counts_as_tried_again() {
    let code = "
import os, time

def f(parameters, context):
    time.sleep(0.002 + 0.018 * (context.seed % 97) / 96)
    if context.candidate == '20' and not os.path.exists('mended'):
        raise ValueError('not yet')
    return parameters['x']
";
    let context = python(code, "on_failure = { then = \"stop\" }");
    let _ = context.run(&RUN).expect(5);
    context.write("mended", "");
    let ended = context.run(&["resume", "--json"]).success();
    assert_eq!(ended.json_lines().pop().unwrap()["evaluations"], 150);
    let path = run_file(&context);
    let decisions = RunReader::open(&path).unwrap().decisions().unwrap();
    assert!(decisions.iter().any(|decision| decision.candidate.index() == 20), "{decisions:?}");
    assert_eq!(replayed(&path), digest(&ended));
}
