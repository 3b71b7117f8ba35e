//! `run`: what it prints, and how it is stopped.

use std::{process::Stdio, time::Duration};

use genetic_pool_testkit::{Ended, TestContext};
use insta::assert_snapshot;

use crate::context;

const SOON: Duration = Duration::from_mins(1);

const SPHERE: &str = r#"format = 1
seed = 7
problem = { name = "sphere", options = { dimension = 3 } }
algorithm = { name = "genetic", population = 20 }
stop = { evaluations = 400 }
"#;

/// An evaluation that takes its time, so that something can happen meanwhile.
const SLOW: &str = r#"format = 1
goals = { y = "minimize" }
problem = { python = "slow:evaluate" }
space = { x = { real = [0.0, 1.0] } }
algorithm = { name = "genetic", population = 4 }
stop = { evaluations = 100_000 }
"#;

fn slow() -> TestContext {
    let context = context();
    context.write("slow.toml", SLOW);
    context
        .write("slow.py", "import time\ndef evaluate(parameters):\n    time.sleep(0.01)\n    return parameters['x']\n");
    context
}

#[test]
fn the_result_for_people() {
    let context = context().filter_figures().filter(r"\b\d{8}-\d{6}-\w{4}\b", "[RUN]");
    context.write("sphere.toml", SPHERE);
    assert_snapshot!(context.run(&["run", "sphere.toml", "--slots", "1"]).success());
}

#[test]
fn events_for_programs_end_with_the_result() {
    let context = context();
    context.write("sphere.toml", SPHERE);
    let ended = context.run(&["run", "sphere.toml", "--json"]).success();
    assert_eq!(ended.stderr, "", "there is nothing to talk about");
    let events = ended.json_lines();
    assert_eq!(events[0]["event"], "started");
    assert_eq!(events[0]["format"], 1);
    let last = events.last().unwrap();
    let keys: Vec<&String> = last.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["event", "run", "digest", "evaluations", "seconds", "stop", "timed", "best"]);
    assert_eq!((&last["event"], &last["stop"]), (&"finished".into(), &"evaluations".into()));
    let keys: Vec<&String> = last["best"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["objectives", "violation", "genome"]);
    assert_eq!(last["best"]["genome"]["x"].as_array().unwrap().len(), 3);
}

#[test]
fn an_interrupt_stops_cleanly_and_says_how_to_go_on() {
    let context = slow();
    let running = context.spawn(&["run", "slow.toml", "--json"]);
    running.wait_for_stdout("\"event\":\"generation\"", SOON);
    running.interrupt();
    let ended = running.wait(SOON).expect(130);
    let events = ended.json_lines();
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["stop"]), (&"finished".into(), &"interrupted".into()));

    let running = context.spawn(&["resume"]);
    running.wait_for_stderr("goes on after", SOON);
    // The plain view speaks after a second.
    running.wait_for_stderr(" of 100,000 · ", SOON);
    running.terminate();
    let ended = running.wait(SOON).expect(130);
    let run = last["run"].as_str().unwrap();
    assert!(ended.stderr.ends_with(&format!("next:\n  genetic-pool resume {run}\n")), "{ended}");
    assert!(ended.stdout.contains("stopped by   an interruption: the run can be resumed\n"), "{ended}");
}

#[test]
fn a_killed_run_comes_to_the_same_digest() {
    let context = slow();
    let arguments = ["run", "slow.toml", "--json", "--set", "stop.evaluations=60"];
    let digest = |ended: &Ended| ended.json_lines().last().unwrap()["digest"].clone();
    let undisturbed = digest(&context.run(&arguments).success());
    assert!(undisturbed.is_string());

    let running = context.spawn(&arguments);
    running.wait_for_stdout("\"event\":\"generation\"", SOON);
    assert_eq!(running.kill().signal, Some(9));
    let resumed = context.run(&["resume", "--json"]).success();
    assert_eq!(digest(&resumed), undisturbed, "{resumed}");
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let context = slow();
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = context.command(&["run", "slow.toml", "--json"]);
    let child = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    drop((command, reader));
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn the_first_failures_are_shown_as_they_were_told() {
    let context = context();
    context.write("slow.toml", SLOW);
    context.write("slow.py", "def evaluate(parameters):\n    raise ValueError('no such mesh')\n");
    let ended = context.run(&["run", "slow.toml"]).expect(5);
    assert!(ended.stderr.contains("\nfailure: candidate "), "{ended}");
    assert!(ended.stderr.contains("  | ValueError: no such mesh\n"), "{ended}");
    assert_eq!(
        ended.stderr.matches("no such mesh').").count() + ended.stderr.matches("ValueError: no such").count(),
        1,
        "{ended}"
    );
    assert!(ended.stdout.contains("best         none: no candidate could be evaluated\n"), "{ended}");
}
