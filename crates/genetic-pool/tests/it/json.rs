//! `run --json`: what programs read.

use serde_json::Value;

use crate::{
    context,
    errors_store::run_file,
    scene::{calm, python},
};

const RASTRIGIN: &str = "format = 1
seed = 3

[problem]
name = \"rastrigin\"
options = { dimension = 2 }

[algorithm]
name = \"genetic\"
population = 20
";

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_first_event_is_started_and_the_last_finished() {
    let context = python("import time\n\ndef f(parameters):\n    time.sleep(0.004)\n    return parameters['x']\n", "");
    let arguments =
        ["run", "experiment.toml", "--json", "--slots", "2", "--set", "stop.evaluations=300", "--seed", "9"];
    let ended = context.run(&arguments).success();
    assert_eq!(ended.stderr, "", "{ended}");
    let events = ended.json_lines();
    let (first, last) = (&events[0], &events[events.len() - 1]);
    assert_eq!((&first["event"], &last["event"]), (&"started".into(), &"finished".into()));
    assert_eq!(
        keys(first),
        [
            "event",
            "format",
            "run",
            "file",
            "problem",
            "seed",
            "algorithm",
            "why",
            "goals",
            "slots",
            "parallel",
            "budget",
            "evaluations"
        ]
    );
    assert_eq!(first["format"], 1);
    assert_eq!((&first["seed"], &first["budget"], &first["slots"]), (&9.into(), &300.into(), &2.into()));
    assert_eq!(first["problem"], "fitness:f");
    assert_eq!(keys(last), ["event", "run", "digest", "evaluations", "seconds", "stop", "timed", "best"]);
    assert_eq!(keys(&last["best"]), ["objectives", "violation", "genome"]);
    assert_eq!((&last["evaluations"], &last["stop"]), (&300.into(), &"evaluations".into()));
    assert_eq!(last["best"]["objectives"][0], last["best"]["genome"]["x"]);
    assert!(last["seconds"].as_f64().unwrap() > 0.5, "{last}");
    let between: Vec<&str> = events[1..events.len() - 1].iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert!(between.contains(&"generation") && between.iter().all(|name| ["generation", "progress"].contains(name)));
    let evaluations: Vec<u64> = events[1..].iter().map(|event| event["evaluations"].as_u64().unwrap()).collect();
    assert!(evaluations.is_sorted(), "{evaluations:?}");
}

#[test]
fn each_generation_that_takes_long_is_told() {
    let context = python("import time\n\ndef f(parameters):\n    time.sleep(0.03)\n    return parameters['x']\n", "");
    let set = ["--set", "stop.generations=4", "--set", "algorithm.population=8"];
    let set =
        [&set[..], &["--set", "algorithm.name=\"genetic\"", "--set", "algorithm.schedule=\"generations\""]].concat();
    let ended = context.run(&[&["run", "experiment.toml", "--json", "--slots", "1"], &set[..]].concat()).success();
    let events = ended.json_lines();
    let told = |name: &str| events.iter().filter(|event| event["event"] == name).collect::<Vec<_>>();
    let generations: Vec<u64> = told("generation").iter().map(|event| event["generation"].as_u64().unwrap()).collect();
    assert_eq!(generations, [0, 1, 2, 3], "{ended}");
    assert!(!told("progress").is_empty(), "{ended}");
}

#[test]
fn what_the_command_line_sets_is_recorded() {
    let context = calm(context());
    context.write("experiment.toml", format!("{RASTRIGIN}\n[stop]\nevaluations = 1_000\n"));
    let set = ["--set", "stop.evaluations=400", "--set", "problem.options.dimension=3", "--seed", "11"];
    let ended = context.run(&[&["run", "experiment.toml", "--json"], &set[..]].concat()).success();
    let events = ended.json_lines();
    assert_eq!((&events[0]["seed"], &events[0]["budget"]), (&11.into(), &400.into()));
    assert_eq!(events.last().unwrap()["best"]["genome"]["x"].as_array().unwrap().len(), 3);
    let shown = context.run(&["runs", "show", "--json"]).success().json();
    assert_eq!(shown["seed"], 11, "{shown}");
    let connection = rusqlite::Connection::open(run_file(&context)).unwrap();
    let recorded: String =
        connection.query_row("SELECT value FROM meta WHERE key = 'experiment'", [], |row| row.get(0)).unwrap();
    for line in ["evaluations = 400", "dimension = 3", "seed = 11"] {
        assert!(recorded.contains(line), "no `{line}`:\n{recorded}");
    }
    // The file is as it was.
    assert!(context.read("experiment.toml").contains("1_000"));
}

#[test]
fn every_reason_to_stop() {
    let context = context();
    context.write("experiment.toml", format!("{RASTRIGIN}\n[stop]\nevaluations = 100_000\n"));
    let stop = |rules: &str| {
        let text = format!("{RASTRIGIN}\n[stop]\n{rules}\n");
        context.write("experiment.toml", text);
        let ended = context.run(&["run", "experiment.toml", "--json"]).success();
        let last = ended.json_lines().pop().unwrap();
        (last["stop"].as_str().unwrap().to_owned(), last["evaluations"].as_u64().unwrap(), last["timed"] == true)
    };
    // A generation of 20 that would exceed the budget is not begun.
    assert_eq!(stop("evaluations = 110"), ("evaluations".into(), 100, false));
    assert_eq!(stop("generations = 7"), ("generations".into(), 140, false));
    let (reason, evaluations, timed) = stop("evaluations = 100_000\ntarget = { value = 0.5 }");
    assert!(reason == "target" && evaluations < 100_000 && !timed);
    let (reason, evaluations, timed) = stop("evaluations = 100_000\nstall = 3_000");
    assert!(reason == "stall" && (3_000..100_000).contains(&evaluations) && !timed, "{reason} {evaluations}");
    let (reason, evaluations, timed) = stop("evaluations = 100_000\nspread = 0.1");
    assert!(reason == "spread" && evaluations < 100_000 && !timed, "{reason} {evaluations}");
    let (reason, _, timed) = stop("time = \"50ms\"");
    assert!(reason == "time" && timed);
    let (reason, evaluations, _) = stop("all = { evaluations = 200, generations = 15 }");
    assert_eq!((reason.as_str(), evaluations), ("all", 300));
}

#[test]
fn failures_are_events() {
    let context = python("def f(parameters):\n    raise ValueError('no mesh')\n", "");
    let ended = context.run(&["run", "experiment.toml", "--json", "--slots", "1"]).expect(5);
    let events = ended.json_lines();
    let failure = events.iter().find(|event| event["event"] == "failure").unwrap_or_else(|| panic!("{ended}"));
    assert_eq!(keys(failure), ["event", "candidate", "kind", "message"]);
    assert_eq!((&failure["candidate"], &failure["kind"]), (&"0".into(), &"exception".into()));
    assert!(failure["message"].as_str().unwrap().contains("ValueError: no mesh"));
    let last = events.last().unwrap();
    assert_eq!((&last["stop"], &last["best"]), (&"first-failed".into(), &Value::Null));
}

#[test]
fn figures_that_are_not_finite_are_words() {
    let context = python("def f(parameters):\n    return float('inf') if parameters['x'] < 2 else 0\n", "");
    let ended = context.run(&["run", "experiment.toml", "--json"]).success();
    assert_eq!(ended.json_lines().pop().unwrap()["best"]["objectives"][0], "Infinity", "{ended}");
}
