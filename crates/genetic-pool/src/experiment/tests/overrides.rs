//! `--set` and `--seed`.

use insta::assert_snapshot;

use super::{errors_of_set, load};
use crate::experiment::Overrides;

fn text(input: &str, set: &[&str]) -> String {
    let overrides = Overrides { set: set.iter().map(|set| (*set).to_owned()).collect(), seed: Some(7) };
    load(input, &overrides).map_or_else(|error| error.render(), |experiment| experiment.text)
}

#[test]
fn the_text_keeps_its_comments() {
    let input = r#"format = 1
seed = 1   # as last week
goals = { cost = "minimize" }

[problem]
python = "model:evaluate"  # the fast one
options = { mesh = "coarse", n = 2 }

[space]
# The span, in metres.
span = { real = [20.0, 60.0] }

[stop]
evaluations = 100
"#;
    let set = [
        "problem.options.mesh=fine",
        "problem.timeout=6min",
        "problem.python=other:evaluate",
        "space.span.real=[1, 2]",
        "stop.evaluations=2_000",
        "algorithm.name=genetic",
        "stop.all.stall=50",
        "parallel=4",
    ];
    assert_snapshot!(text(input, &set), @r#"
    format = 1
    seed = 7   # as last week
    goals = { cost = "minimize" }
    parallel = 4

    [problem]
    python = "other:evaluate"  # the fast one
    options = { mesh = "fine", n = 2 }
    timeout = "6min"

    [space]
    # The span, in metres.
    span = { real = [1, 2] }

    [stop]
    evaluations = 2_000

    [stop.all]
    stall = 50

    [algorithm]
    name = "genetic"
    "#);
}

#[test]
fn without_overrides_the_text_is_the_files() {
    let input = "format = 1 # odd  spacing\ngoals = {cost=\"minimize\"}\n";
    assert_eq!(load(input, &Overrides::default()).unwrap().text, super::complete(input));
}

#[test]
fn the_text_means_the_same_without_the_overrides() {
    let overrides = Overrides { set: vec!["problem.options.x=[1, 2.5]".to_owned()], seed: Some(9) };
    let first = load("", &overrides).unwrap();
    let again = super::load_text(&first.text).unwrap();
    assert_eq!(format!("{first:?}"), format!("{again:?}"));
    assert_eq!(again.seed, 9);
}

#[test]
fn a_later_one_wins() {
    let overrides = Overrides { set: vec!["seed=1".to_owned(), "seed=2".to_owned()], seed: None };
    assert_eq!(load("", &overrides).unwrap().seed, 2);
}

#[test]
fn text_without_quotes_where_text_is_wanted() {
    let set = [
        "problem.environment=[\"A\"]",
        "problem.interpreter=3",
        "problem.options.flag=true",
        "problem.options.word=tsp",
    ];
    let overrides = Overrides { set: set.iter().map(|set| (*set).to_owned()).collect(), seed: None };
    let experiment = load("", &overrides).unwrap();
    assert_eq!(experiment.problem.options, serde_json::json!({ "flag": true, "word": "tsp" }));
    let crate::experiment::Fitness::Python { interpreter, .. } = experiment.problem.fitness else { panic!("python") };
    assert_eq!(interpreter.as_deref(), Some(std::path::Path::new("3")));
}

#[test]
fn errors_name_the_flag() {
    assert_snapshot!(errors_of_set(&["stop.evaluations=many", "stop.evalutions=5", "space.x.real=[2, 1]"]), @r#"
    read experiment `experiment.toml`: 3 problems

    --set stop.evaluations=many: stop.evaluations: is of the wrong kind
      found: text "many"
      allowed: a whole number of at least 1

    --set stop.evalutions=5: stop.evalutions: is no key of this table
      allowed: evaluations, generations, time, target, stall, hypervolume_stall, spread, all
      hint: did you mean `evaluations`?

    --set space.x.real=[2, 1]: space.x.real: bounds are reversed or empty: [2, 1]
      found: [2, 1]
      allowed: [lower bound, upper bound]
      hint: did you mean [1.0, 2.0]?
    "#);
    assert_snapshot!(errors_of_set(&["seed"]), @r#"
    read experiment `experiment.toml`: 1 problem

    --set seed: has no `=`
      hint: write `--set KEY=VALUE`, for instance `--set stop.evaluations=500`
    "#);
    assert_snapshot!(errors_of_set(&["=3"]), @r#"
    read experiment `experiment.toml`: 1 problem

    --set =3: `` is no key: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`
      hint: a key is written as in the file, with dots: `problem.timeout`
    "#);
    assert_snapshot!(errors_of_set(&["problem.python.x=3"]), @r#"
    read experiment `experiment.toml`: 1 problem

    --set problem.python.x=3: problem.python: is no table, so nothing in it can be set
    "#);
    assert_snapshot!(errors_of_set(&["space.y.len=3", "measures=[\"a\""]), @r#"
    read experiment `experiment.toml`: 1 problem

    --set measures=["a": measures: has a value that is no TOML: unclosed array, expected `]`
      found: ["a"
    "#);
    assert_snapshot!(errors_of_set(&["space.y.len=3", "problem.timeout="]), @r#"
    read experiment `experiment.toml`: 1 problem

    --set problem.timeout=: problem.timeout: has no value
    "#);
    assert_snapshot!(errors_of_set(&["space.y.len=3", "problem.timeout=6m"]), @r#"
    read experiment `experiment.toml`: 2 problems

    --set problem.timeout=6m: problem.timeout: has the unknown unit `m`
      found: "6m"
      allowed: a number with `ms`, `s`, `min`, `h` or `d`, greater units first: "90s", "6min", "1h30min", "250ms"
      hint: did you mean `min`?

    --set space.y.len=3: space.y: does not say what kind of parameter it is
      allowed: exactly one of real, int, ordinal, bit, choice, permutation, sequence
      hint: for instance { real = [0.0, 1.0] }, { int = [1, 9] }, { choice = ["a", "b"] }
    "#);
    let overrides = Overrides { set: Vec::new(), seed: Some(u64::MAX) };
    assert_snapshot!(load("", &overrides).unwrap_err().render(), @r#"
    read experiment `experiment.toml`: 1 problem

    --seed 18446744073709551615: seed: is too large
      allowed: a whole number from 0 to 9223372036854775807
    "#);
}
