//! Islands, from the file to what is told of the run.

use std::time::Duration;

use genetic_pool_testkit::TestContext;

use crate::{context, scene::digest};

const ISLANDS: &str = "format = 1
seed = 5
parallel = 4

[problem]
name = \"rastrigin\"
options = { dimension = 5 }

[algorithm]
name = \"islands\"
islands = [{ name = \"genetic\", count = 2, population = 20 }, { name = \"genetic\", schedule = { window = 6 }, population = 16 }, { name = \"random\" }]
topology = \"full\"
every = 100

[stop]
evaluations = 4_000
";

fn found(context: &TestContext, arguments: &[&str]) -> String {
    digest(&context.run(&[&["run", "experiment.toml", "--json"], arguments].concat()).success())
}

#[test]
fn one_digest_on_threads_in_processes_and_for_python() {
    let context = context();
    context.write("experiment.toml", ISLANDS);
    let expected = found(&context, &["--slots", "1"]);
    for arguments in [&["--slots", "2"][..], &["--slots", "7"], &["--processes", "--slots", "3"]] {
        assert_eq!(found(&context, arguments), expected, "{arguments:?}");
    }
    // Longer evaluations are handed out one by one, and journalled: 3 ms each.
    let slow = "
import time

def f(parameters):
    time.sleep(0.003)
    return sum(x * x for x in parameters['x'])
";
    context.write("fitness.py", slow);
    let python = ISLANDS
        .replace("name = \"rastrigin\"\noptions = { dimension = 5 }\n", "python = \"fitness:f\"\n")
        .replace("parallel = 4\n", "parallel = 4\ngoals = { value = \"minimize\" }\n")
        .replace("[algorithm]", "[space]\nx = { real = [-5.0, 10.0], len = 5 }\n\n[algorithm]")
        .replace("4_000", "800");
    context.write("experiment.toml", python);
    let expected = found(&context, &["--slots", "1"]);
    assert_eq!(found(&context, &["--slots", "5"]), expected);
}

#[test]
fn what_is_told_of_a_run_names_its_islands() {
    let context = context();
    context.write("experiment.toml", ISLANDS);
    let checked = context.run(&["check", "experiment.toml"]).success();
    for words in ["islands 0-1", "island 2", "in a window of 6", "island 3", "random: population", "to all others"] {
        assert!(checked.stdout.contains(words), "{words}\n{checked}");
    }
    context.run(&["run", "experiment.toml"]).success();
    let shown = context.run(&["runs", "show", "latest", "--json"]).success().json();
    let islands = shown["islands"].as_array().unwrap();
    let numbers: Vec<u64> = islands.iter().map(|island| island["island"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [0, 1, 2, 3]);
    let best = shown["best"]["outcome"]["value"].as_f64().unwrap();
    let least = islands.iter().map(|island| island["best"].as_f64().unwrap()).fold(f64::INFINITY, f64::min);
    assert!(least >= best, "{shown}");
    assert_eq!(shown["algorithm"]["settings"]["islands"][3]["name"], "random", "{shown}");
    let shown = context.run(&["runs", "show", "latest"]).success();
    assert!(shown.stdout.contains("2 genetic + 1 genetic + 1 random"), "{shown}");

    let csv =
        |what: &str| context.run(&["runs", "export", "latest", "--what", what, "--format", "csv"]).success().stdout;
    let history = csv("history");
    assert!((0..4).all(|island| history.lines().any(|line| line.starts_with(&format!("{island},")))), "{history}");
    let population = csv("population");
    assert!(population.lines().any(|line| line.starts_with("3.") || line.contains(",3.")), "{population}");
}

#[test]
fn a_run_that_is_interrupted_goes_on_to_the_same_end() {
    let context = context();
    context.write("experiment.toml", ISLANDS.replace("4_000", "400_000"));
    let expected = found(&context, &["--slots", "2"]);
    let running = context.spawn(&["run", "experiment.toml", "--json", "--slots", "3"]);
    running.wait_for_stdout("\"generation\"", Duration::from_mins(1));
    running.interrupt();
    let last = running.wait(Duration::from_mins(1)).json_lines().pop().unwrap();
    assert_eq!(last["stop"], "interrupted", "{last}");
    assert!(last["evaluations"].as_u64().unwrap() < 399_000, "{last}");
    assert_eq!(digest(&context.run(&["resume", "--json", "--slots", "1"]).success()), expected);
}
