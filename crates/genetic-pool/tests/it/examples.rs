//! The examples, each with a budget that a test can pay for.

use std::{env, fs, path::Path, time::Duration};

use genetic_pool_testkit::TestContext;
use serde_json::Value;

use crate::{context, docs::repository};

/// Copies `examples/` into the working directory: evaluations leave files beside themselves.
pub(crate) fn copy(context: &TestContext) {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &to);
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    copy(&repository().join("examples"), &context.work().join("examples"));
}

/// Runs the experiment `file` of the examples with the changes `set`; its last event.
fn run(context: &TestContext, file: &str, set: &[&str]) -> Value {
    let file = format!("examples/{file}");
    let mut arguments = vec!["run", file.as_str(), "--json"];
    arguments.extend(set.iter().flat_map(|set| ["--set", *set]));
    let ended = context.spawn(&arguments).wait(Duration::from_mins(8)).success();
    let mut events = ended.json_lines();
    let failure = events.iter().find(|event| event["event"] == "failure");
    assert!(failure.is_none(), "{failure:?}");
    let last = events.pop().unwrap();
    assert_eq!(last["event"], "finished");
    assert_eq!(last["best"]["violation"], 0.0, "{last}");
    last
}

fn objective(finished: &Value) -> f64 {
    finished["best"]["objectives"][0].as_f64().unwrap()
}

#[test]
fn every_example_is_valid() {
    let context = context();
    copy(&context);
    let files = context.files("examples");
    let experiments: Vec<_> =
        files.iter().filter(|file| Path::new(file).extension().is_some_and(|end| end == "toml")).collect();
    assert!(experiments.len() >= 6, "{files:?}");
    for file in experiments {
        context.run(&["check", &format!("examples/{file}")]).success();
    }
}

#[test]
fn berlin52() {
    let context = context();
    copy(&context);
    let finished = run(&context, "berlin52.toml", &["stop.evaluations=400_000", "algorithm.population=500"]);
    // A random tour is about 30,000 long; no tour is shorter than the optimum.
    let length = objective(&finished);
    assert!((7542.0..9_000.0).contains(&length), "{finished}");
    let mut tour: Vec<u64> =
        finished["best"]["genome"]["tour"].as_array().unwrap().iter().map(|city| city.as_u64().unwrap()).collect();
    tour.sort_unstable();
    assert!(tour.into_iter().eq(0..52));
}

#[test]
fn welded_beam() {
    let context = context();
    copy(&context);
    let finished = run(&context, "welded-beam.toml", &["stop.evaluations=200_000", "algorithm.population=200"]);
    assert!((1.724_852_308..2.0).contains(&objective(&finished)), "{finished}");
}

#[test]
fn beam_trade_off() {
    let context = context();
    copy(&context);
    let finished = run(&context, "beam-trade-off/experiment.toml", &["stop.evaluations=3_000"]);
    // The cheapest of all costs 2.38 and is 0.0157 in off; the stiffest is 0.000439 in off.
    assert!((2.38..6.0).contains(&objective(&finished)), "{finished}");
    let front = &finished["front"];
    assert!(front["candidates"].as_u64().unwrap() > 50, "{finished}");
    assert!(front["hypervolume"].as_f64().unwrap() > 0.0, "{finished}");
}

#[test]
fn rastrigin_30() {
    let context = context();
    copy(&context);
    let finished = run(&context, "rastrigin-30.toml", &["stop.evaluations=20_000"]);
    assert!((0.0..30.0).contains(&objective(&finished)), "{finished}");
}

#[test]
fn command_shell() {
    let context = context();
    copy(&context);
    let finished = run(&context, "command-shell/experiment.toml", &["stop.evaluations=300"]);
    assert!(objective(&finished) < 1.0, "{finished}");
}

#[test]
fn command_c() {
    let context = context();
    copy(&context);
    let folder = context.work().join("examples/command-c");
    let mut compiler =
        context.command_of("cc", &["-O2", "-Wall", "-Wextra", "-Werror", "-o", "evaluate", "evaluate.c"]);
    compiler.current_dir(&folder);
    context.spawn_command(compiler).wait(Duration::from_mins(2)).success();
    let finished = run(&context, "command-c/experiment.toml", &["stop.evaluations=4_000"]);
    assert!(objective(&finished) < 3.0, "{finished}");
}

/// Needs scikit-learn: `dev/test` installs it and names its interpreter.
#[test]
fn tune_digits() {
    let Some(python) = env::var_os("GENETIC_POOL_TEST_PYTHON") else {
        assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "GENETIC_POOL_TEST_PYTHON is not set: use dev/test");
        eprintln!(
            "tune_digits is not run: GENETIC_POOL_TEST_PYTHON names no interpreter with scikit-learn; use dev/test"
        );
        return;
    };
    let context = context();
    copy(&context);
    let interpreter = format!("problem.interpreter={}", python.to_str().unwrap());
    let small = ["stop.evaluations=16", "algorithm.population=8", "problem.options.folds=2", interpreter.as_str()];
    let finished = run(&context, "tune-digits/experiment.toml", &small);
    assert!((0.9..1.0).contains(&objective(&finished)), "{finished}");
    let shown = context.run(&["runs", "show"]).success().stdout;
    assert!(shown.contains(python.to_str().unwrap()), "the run knows its interpreter:\n{shown}");
}
