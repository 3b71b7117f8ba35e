//! `try`: a few candidates before a run.

use std::time::{Duration, Instant};

use genetic_pool_testkit::TestContext;
use insta::assert_snapshot;

use crate::{
    context,
    scene::{calm, python},
};

/// What `try` shows of times, sizes and what follows from them is replaced.
fn trying(context: TestContext) -> TestContext {
    context
        .filter(r"\d+(\.\d+)? (B|KiB|MiB|GiB)", "[SIZE]")
        .filter(r"\d+ % busy: about [\d,]+ evaluations", "[BUSY] % busy: about [COUNT] evaluations")
        // Of evaluations that take no time these say how busy the machine is.
        .filter(r"(?m)^(times spread|schedule = ).*\n", "")
        .filter(r"\[TIME\]( \d+ (ms|s|min))?", "[TIME]")
}

#[test]
fn a_good_function() {
    let context = trying(python("def f(parameters):\n    print('meshing')\n    return parameters['x']\n", ""));
    assert_snapshot!(context.run(&["try", "experiment.toml", "--slots", "2"]).success());
    context.assert_nothing_runs();
    // A run says beside its fact what was foreseen.
    context.run(&["run", "experiment.toml"]).success();
    let shown = context.run(&["runs", "show", "--json"]).success().json();
    assert!(!shown["forecast"].is_null(), "{shown}");
}

#[test]
fn uneven_times_ask_for_another_schedule() {
    let code = "
import time

def f(parameters):
    time.sleep(0.004 + 0.4 * parameters['x'] ** 4)
    return parameters['x']
";
    let context = python(code, "");
    let trial = ["try", "experiment.toml", "--slots", "8", "--set", "parallel=8", "--set", "algorithm.population=16"];
    let ended = context.run(&trial).success();
    assert!(ended.stdout.contains("\ntimes spread by σ = "), "{ended}");
    assert!(ended.stdout.contains("% busy by generations, ") && ended.stdout.contains("% busy as they complete\n"));
    assert!(ended.stdout.contains("\nschedule = \"free\" would pay: "), "{ended}");
    let json = context.run(&[&trial[..], &["--json"]].concat()).success().json();
    assert!(json["forecast"]["spread"].as_f64().unwrap() > 0.5, "{json}");
    assert_eq!(json["forecast"]["schedules"].as_array().unwrap().len(), 3, "{json}");
    assert!(json["pays"][0]["Free"].is_u64() && json["pays"][1].as_f64().unwrap() > 1.0, "{json}");
    // In the order of completion nothing else would pay.
    let ended = context.run(&[&trial[..], &["--set", "algorithm.schedule=\"free\""]].concat()).success();
    assert!(!ended.stdout.contains("would pay"), "{ended}");
}

#[test]
fn a_function_that_differs_each_time() {
    let code = "
import os

def f(parameters):
    return parameters['x'] + int.from_bytes(os.urandom(4), 'little') * 1e-9
";
    let ended = python(code, "").run(&["try", "experiment.toml"]).success();
    assert_eq!(ended.stdout.matches("\n  DIFFERENT the second time: f ").count(), 5, "{ended}");
    assert!(ended.stdout.contains("5 DIFFERENT the second time: a run will not be exact"), "{ended}");
    let json = python(code, "").run(&["try", "experiment.toml", "--json"]).success().json();
    assert!(json["candidates"].as_array().unwrap().iter().all(|tried| tried["same"] == false), "{json}");
}

#[test]
fn a_function_that_remembers_differs_too() {
    // The second time the candidates come in opposite order.
    let code = "
seen = []

def f(parameters):
    seen.append(parameters['x'])
    return sum(seen)
";
    let ended = python(code, "").run(&["try", "experiment.toml"]).success();
    assert!(ended.stdout.contains("DIFFERENT the second time"), "{ended}");
}

#[test]
fn chance_from_the_seed_is_no_difference() {
    let code = "
import random

def f(parameters, context):
    assert random.random() == random.Random(context.seed).random() or True
    return parameters['x'] + random.Random(context.seed).random() + random.random()
";
    let ended = python(code, "").run(&["try", "experiment.toml"]).success();
    assert!(ended.stdout.contains("same bits twice"), "{ended}");
}

#[test]
fn a_function_that_fails() {
    let context = trying(python("def f(parameters):\n    print('meshing')\n    return parameters['span']\n", ""));
    let ended = context.run(&["try", "experiment.toml"]).expect(5);
    assert_snapshot!(ended);
    context.assert_nothing_runs();
}

#[test]
fn a_cheap_problem_of_the_program() {
    let context = trying(calm(context()));
    let text =
        "format = 1\n\n[problem]\nname = \"sphere\"\noptions = { dimension = 2 }\n\n[stop]\nevaluations = 1_000\n";
    context.write("experiment.toml", text);
    let ended = context.run(&["try", "experiment.toml"]).success();
    assert!(ended.stdout.contains("5 evaluated") && ended.stdout.contains("same bits twice"), "{ended}");
    assert!(!context.data().join("runs").exists(), "a run was begun");
}

#[test]
fn an_interrupt_ends_it_at_once_and_leaves_nothing() {
    let code = "import time\n\ndef f(parameters, context):\n    open('at', 'w').write(context.scratch)\n    time.sleep(1000)\n";
    let context = python(code, "");
    let trying = context.spawn(&["try", "experiment.toml"]);
    let at = context.work().join("at");
    let deadline = Instant::now() + Duration::from_mins(1);
    while !std::fs::read_to_string(&at).is_ok_and(|text| !text.is_empty()) {
        assert!(Instant::now() < deadline, "the evaluation does not start");
        std::thread::sleep(Duration::from_millis(10));
    }
    trying.interrupt();
    assert_eq!(trying.wait(Duration::from_secs(20)).code, Some(130));
    context.assert_nothing_runs();
    let scratch = std::path::PathBuf::from(context.read("at"));
    assert!(!scratch.parent().unwrap().exists(), "{} is left behind", scratch.display());
}

#[test]
fn candidates_that_are_evaluated_in_groups_are_tried_in_groups() {
    let code = "
class f:
    def evaluate_batch(self, parameters):
        assert len(parameters) <= 3
        open('groups', 'a').write('%d ' % len(parameters))
        return [each['x'] for each in parameters]
";
    let context = python(code, "batch = 3\n");
    let ended = context.run(&["try", "experiment.toml"]).success();
    assert!(ended.stdout.contains("5 evaluated") && ended.stdout.contains("same bits twice"), "{ended}");
    assert!(context.read("groups").starts_with("3 2 3 2 "), "{}", context.read("groups"));
}
