//! `check` and `schema`.

use insta::assert_snapshot;

use crate::context;

const WING: &str = r#"format = 1
seed = 7
parallel = 64
goals = { drag = "minimize" }
constraints = { stress = { max = 1.0 } }
measures = ["mass"]

[problem]
python = "wing:simulate"
resources = { memory = "2GiB" }
timeout = "6min"
on_failure = { retries = 1, then = "worst", stop_after = 50 }

[space]
span  = { real = [20.0, 60.0] }
chord = { real = [0.5, 5.0], scale = "log", len = 6 }
ribs  = { int = [4, 40] }
flap  = { choice = ["none", "plain", "slotted"] }
gap   = { real = [0.5, 3.0], when = { flap = "slotted" } }

[start]
points = [{ span = 31.5, chord = [2.4, 2.2, 1.9, 1.6, 1.2, 0.8], ribs = 14, flap = "plain" }]

[stop]
evaluations = 20_000
time = "40h"
target = { drag = 0.021 }
"#;

#[test]
fn a_valid_experiment_on_one_screen() {
    let context = context();
    context.write("experiment.toml", WING);
    assert_snapshot!(context.run(&["check", "experiment.toml"]).success());
}

#[test]
fn a_valid_experiment_as_json() {
    let context = context();
    context.write("experiment.toml", WING);
    let json = context.run(&["check", "experiment.toml", "--json", "--set", "seed=9"]).success().json();
    assert_eq!(json["format"], 1);
    assert_eq!(json["valid"], true);
    assert_eq!(json["seed"], 9);
    assert_eq!(json["signature"]["space"]["chord"]["len"], 6);
}

#[test]
fn everything_that_is_wrong_at_once() {
    let context = context();
    let wrong = WING
        .replace("[20.0, 60.0]", "[60.0, 20.0]")
        .replace("timeout", "timout")
        .replace("\"slotted\" }", "\"sloted\" }")
        .replace("stop_after = 50", "stop_after = \"many\"");
    context.write("experiment.toml", &wrong);
    let ended = context.run(&["check", "experiment.toml"]).expect(3);
    assert_snapshot!(ended);
    for key in ["space.span", "problem.timout", "space.gap", "problem.on_failure.stop_after"] {
        assert!(ended.stderr.contains(key), "{key} is not told:\n{ended}");
    }
    let json = context.run(&["check", "experiment.toml", "--json"]).expect(3).json();
    assert_eq!(json["valid"], false);
    assert!(json["problems"].as_array().unwrap().len() >= 4, "{json}");
}

#[test]
fn text_that_is_no_toml() {
    let context = context();
    context.write("experiment.toml", "format = 1\n[problem\n");
    assert_snapshot!(context.run(&["check", "experiment.toml"]).expect(3));
}

#[test]
fn a_file_that_is_not_there() {
    assert_snapshot!(context().run(&["check", "none.toml"]).expect(3));
}

#[test]
fn the_schema_is_json_that_names_every_table() {
    let schema = context().run(&["schema"]).success().json();
    for table in ["problem", "space", "start", "algorithm", "stop"] {
        assert!(schema["properties"][table].is_object(), "{table}");
    }
}
