//! What is wrong with an experiment is said before anything runs: what, where, and what to do.

use insta::assert_snapshot;

use crate::{context, scene::calm};

/// What `run` says about the experiment `text`, beside the files of `context`.
fn told(text: &str) -> genetic_pool_testkit::Ended {
    let context = calm(context());
    context.write("experiment.toml", text);
    let ended = context.run(&["run", "experiment.toml"]).expect(3);
    assert!(!context.data().exists(), "a run was begun:\n{ended}");
    // `check` and `try` say the same.
    for verb in ["check", "try"] {
        let other = context.run(&[verb, "experiment.toml"]).expect(3);
        assert_eq!(other.stderr, ended.stderr, "{verb}");
    }
    ended
}

/// The experiment `sphere` with more lines in or after `[stop]`.
fn sphere(rest: &str) -> String {
    format!("format = 1\n\n[problem]\nname = \"sphere\"\n\n[stop]\nevaluations = 1_000\n{rest}")
}

#[test]
fn malformed_toml() {
    assert_snapshot!(told("format = 1\n\n[problem]\nname = \"sphere\n\n[stop]\nevaluations = 1_000\n"));
}

#[test]
fn an_unknown_key() {
    assert_snapshot!(told(&sphere("generation = 5\n")));
}

#[test]
fn an_unknown_problem() {
    assert_snapshot!(told(&sphere("").replace("sphere", "sphear")));
}

#[test]
fn an_unknown_algorithm() {
    assert_snapshot!(told(&sphere("\n[algorithm]\nname = \"genetics\"\n")));
}

#[test]
fn bounds_reversed() {
    let text = "format = 1\ngoals = { f = \"minimize\" }\n\n[problem]\npython = \"fitness:f\"\n\n\
                [space]\nx = { real = [5.0, -5.0] }\nn = { int = [9, 1] }\n\n[stop]\nevaluations = 1_000\n";
    assert_snapshot!(told(text));
}

#[test]
fn a_permutation_where_reals_are_needed() {
    let text = "format = 1\ngoals = { f = \"minimize\" }\n\n[problem]\npython = \"fitness:f\"\n\n\
                [space]\norder = { permutation = 5, scale = \"log\" }\n\n\
                [start]\npoints = [{ order = [0.5, 1.5, 2.5, 3.5, 4.5] }]\n\n\
                [algorithm]\nname = \"genetic\"\ncrossover_eta = 10.0\n\n[stop]\nevaluations = 1_000\n";
    assert_snapshot!(told(text));
}

#[test]
fn a_space_for_a_problem_that_has_its_own() {
    assert_snapshot!(told(&sphere("\n[space]\norder = { permutation = 5 }\n")));
}

#[test]
fn a_truncated_tsplib_file() {
    let context = calm(context());
    let berlin = include_str!("../../../../examples/data/berlin52.tsp");
    let half: Vec<&str> = berlin.lines().take(20).collect();
    context.write("data/half.tsp", half.join("\n"));
    let text = "format = 1\n\n[problem]\nname = \"tour\"\noptions = { file = \"data/half.tsp\" }\n\n\
                [stop]\nevaluations = 1_000\n";
    context.write("experiment.toml", text);
    assert_snapshot!(context.run(&["run", "experiment.toml"]).expect(3));
    context.write("data/half.tsp", "");
    assert_snapshot!(context.run(&["check", "experiment.toml"]).expect(3));
    std::fs::remove_file(context.work().join("data/half.tsp")).unwrap();
    assert_snapshot!(context.run(&["try", "experiment.toml"]).expect(3));
}

#[test]
fn an_experiment_that_is_a_folder_or_not_text() {
    let context = calm(context());
    context.write("folder/experiment.toml", "");
    assert_snapshot!(context.run(&["run", "folder"]).expect(3));
    context.write("binary.toml", [0xff, 0xfe, 0x00]);
    assert_snapshot!(context.run(&["run", "binary.toml"]).expect(3));
}

#[test]
fn a_key_set_on_the_command_line_is_named_as_such() {
    let context = calm(context());
    context.write("experiment.toml", sphere(""));
    assert_snapshot!(context.run(&["run", "experiment.toml", "--set", "stop.evaluation=5"]).expect(3));
    assert_snapshot!(context.run(&["run", "experiment.toml", "--set", "stop.evaluations=many"]).expect(3));
}
