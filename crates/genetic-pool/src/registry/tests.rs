//! The registry: building, strictness, and what is said about options.

use std::path::PathBuf;

use genetic_pool_evolve::{
    operators::{
        crossover::{job_order::JobOrder, order::Order},
        mutation::or_opt::OrOpt,
    },
    outcomes::{OutcomeShape, Outcomes},
    problem::{CandidateId, Failure, Outcome, Signature, Trial},
    problems::{FunctionOptions, Sphere},
    space::Genome,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;
use crate::{
    App,
    experiment::{Experiment, Overrides},
};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn build(name: &str, options: Value) -> Result<Arc<dyn Problem>, BuildErrors> {
    (Registry::built_in().get(name).unwrap().build)(&options, &examples())
}

/// What is wrong, one line a thing, hints behind a dash.
fn faults(name: &str, options: Value) -> Vec<String> {
    said(build(name, options).err().unwrap())
}

fn said(errors: BuildErrors) -> Vec<String> {
    errors
        .into_iter()
        .map(|error| match &error.hint {
            Some(hint) => format!("{error} - {hint}"),
            None => error.to_string(),
        })
        .collect()
}

#[test]
fn every_problem_is_built_from_its_documented_defaults() {
    let registry = Registry::built_in();
    let names: Vec<&str> = registry.problems.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "ackley",
            "assignment",
            "bbob",
            "dtlz",
            "ellipsoid",
            "flow-shop",
            "griewank",
            "job-shop",
            "knapsack",
            "leading-ones",
            "mixed",
            "nk-landscape",
            "one-max",
            "pressure-vessel",
            "rastrigin",
            "rosenbrock",
            "schwefel",
            "speed-reducer",
            "sphere",
            "spring",
            "tour",
            "trap",
            "welded-beam",
            "zakharov",
            "zdt"
        ]
    );
    for (name, problem) in &registry.problems {
        let mut options = serde_json::Map::new();
        for option in &problem.options {
            assert!(!option.about.is_empty());
            if let Some(default) = &option.default {
                options.insert(option.name.clone(), serde_json::from_str(default).unwrap());
            }
        }
        if options.contains_key("shift") || name == "flow-shop" {
            // Its default needs the shift or rotation it is for.
            options.remove("seed");
        }
        let needed = match name.as_str() {
            "bbob" | "dtlz" | "zdt" => json!({ "function": 1 }),
            "tour" => json!({ "file": "data/berlin52.tsp" }),
            "assignment" => json!({ "file": "data/nug12.dat" }),
            "job-shop" => json!({ "file": "data/ft10.jsp" }),
            "flow-shop" => json!({ "jobs": 20, "machines": 5, "seed": 873_654_221 }),
            _ => json!({}),
        };
        if let Some(needed) = needed.as_object().filter(|needed| !needed.is_empty()) {
            options.extend(needed.clone());
        } else {
            let plain = build(name, json!({})).unwrap().signature();
            assert_eq!(build(name, Value::Object(options.clone())).unwrap().signature(), plain, "{name}");
        }
        let signature = build(name, Value::Object(options)).unwrap().signature();
        let goals = match name.as_str() {
            "zdt" => 2,
            "dtlz" => 3,
            _ => 1,
        };
        assert_eq!(signature.goals.len(), goals);
        assert!(problem.about.lines().count() > 1 && problem.about.contains("best known"), "{name}");
        assert!(problem.about.lines().all(|line| line.len() <= 120 && line.is_ascii()), "{name}");
    }
}

#[test]
fn documented_options_are_those_that_are_read() {
    for (name, problem) in Registry::built_in().problems {
        let documented: Vec<&str> = problem.options.iter().map(|option| option.name.as_str()).collect();
        let hint = faults(&name, json!({ "no such thing": 1 }));
        let expected = if documented.is_empty() {
            "it has no options".to_owned()
        } else {
            format!("its options are `{}`", documented.join("`, `"))
        };
        assert_eq!(hint[0], format!("option `no such thing`: this problem has no such option - {expected}"));
    }
}

#[test]
fn the_example_instance_is_read_and_evaluated() {
    let problem = build("tour", json!({ "file": "data/berlin52.tsp" })).unwrap();
    let signature = problem.signature();
    assert_eq!(signature.goals[0].name, "length");
    let mut genomes = signature.space.genomes(1);
    genomes.items = (0..52).collect();
    let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), 1);
    let trial = Trial::new(1, CandidateId(0));
    problem.evaluate(Genome::new(&signature.space, &genomes, 0), &trial, &mut outcomes.row_mut(0)).unwrap();
    assert_eq!(outcomes.objectives, [22205.0]);
}

#[test]
fn examples_are_valid_experiments() {
    let registry = Registry::built_in();
    for file in
        ["berlin52.toml", "job-shop.toml", "rastrigin-30.toml", "welded-beam.toml", "tune-digits/experiment.toml"]
    {
        let path = examples().join(file);
        let experiment = Experiment::load(&path, &Overrides::default(), &registry);
        let experiment = experiment.unwrap_or_else(|error| panic!("{}", error.render()));
        assert_eq!(experiment.registered.is_some(), !file.starts_with("tune"), "{file}");
    }
}

#[test]
fn options_are_strict_and_errors_name_them() {
    assert_eq!(
        faults("rastrigin", json!({ "dimensoin": 5, "shift": "random" })),
        ["option `dimensoin`: this problem has no such option - did you mean `dimension`?"]
    );
    assert_eq!(
        faults("sphere", json!({ "dimension": "many" })),
        ["option `dimension`: expected a whole number from 1 to 1048576, found string \"many\""]
    );
    assert_eq!(
        faults("sphere", json!({ "dimension": 0 })),
        ["option `dimension`: expected a whole number from 1 to 1048576, found integer `0`"]
    );
    assert_eq!(
        faults("sphere", json!({ "dimension": -3 })),
        ["option `dimension`: expected a whole number from 1 to 1048576, found integer `-3`"]
    );
    assert_eq!(
        faults("sphere", json!({ "dimension": 2.5 })),
        ["option `dimension`: expected a whole number from 1 to 1048576, found floating point `2.5`"]
    );
    assert_eq!(
        faults("sphere", json!({ "shift": "randm" })),
        ["option `shift`: expected `none` or `random`, found `randm`"]
    );
    assert_eq!(
        faults("sphere", json!({ "seed": 1 })),
        ["option `seed` needs `shift = \"random\"` or `rotate = \"random\"`"]
    );
    assert_eq!(faults("rosenbrock", json!({ "dimension": 1 })), ["option `dimension` must be at least 2, found 1"]);
    assert_eq!(faults("sphere", json!([1])), ["expected a table of options, found a list"]);
    assert!(build("sphere", Value::Null).is_ok());
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    assert_eq!(
        faults("sphere", json!({ "sed": 1, "dimension": true, "colour": "red" })),
        [
            "option `sed`: this problem has no such option - did you mean `seed`?",
            "option `colour`: this problem has no such option - its options are `dimension`, `shift`, `rotate`, `seed`",
            "option `dimension`: expected a whole number from 1 to 1048576, found boolean `true`",
        ]
    );
    assert_eq!(
        faults("tour", json!({ "fiel": "x" })),
        ["option `fiel`: this problem has no such option - did you mean `file`?", "option `file`: is missing",]
    );
}

#[test]
fn errors_read_as_one() {
    let errors = build("sphere", json!({ "sed": 1, "dimension": true })).err().unwrap();
    assert_eq!(
        errors.to_string(),
        "option `sed`: this problem has no such option; option `dimension`: expected a whole number from 1 to 1048576, \
         found boolean `true`"
    );
}

#[test]
fn errors_of_files_say_path_and_cause() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::built_in();
    let faults = |file: &str| {
        let built = (registry.get("tour").unwrap().build)(&json!({ "file": file }), folder.path());
        said(built.err().unwrap()).concat().replace(&folder.path().display().to_string(), "FOLDER")
    };
    assert_eq!(
        faults("none.tsp"),
        "option `file`: read `FOLDER/none.tsp`: No such file or directory (os error 2) - paths are relative to the \
         folder of the experiment, `FOLDER`"
    );
    let berlin = std::fs::read_to_string(examples().join("data/berlin52.tsp")).unwrap();
    let half: Vec<&str> = berlin.lines().take(26).collect();
    std::fs::write(folder.path().join("half.tsp"), half.join("\n")).unwrap();
    assert_eq!(
        faults("half.tsp"),
        "option `file`: `FOLDER/half.tsp`: line 26: `NODE_COORD_SECTION` ends after 20 of 52 nodes - the file may have \
         been cut off on its way: compare it with where it comes from"
    );
    std::fs::write(folder.path().join("binary.tsp"), [0xff, 0xfe]).unwrap();
    assert!(faults("binary.tsp").ends_with("such a file is text in UTF-8"), "{}", faults("binary.tsp"));
}

#[test]
fn an_unknown_problem_is_answered_with_the_nearest() {
    let registry = Registry::built_in();
    let unknown = |name| registry.get(name).err().unwrap();
    assert_eq!(unknown("rastrign").to_string(), "there is no problem `rastrign`");
    assert_eq!(unknown("rastrign").hint(), "did you mean `rastrigin`?");
    assert_eq!(unknown("one_max").hint(), "did you mean `one-max`?");
    assert!(unknown("no-such-thing").hint().starts_with("there are `ackley`, `assignment`"));
}

/// A user's problem: no word of strictness, an alias, an option that may be left out.
#[derive(Debug, Deserialize)]
struct Jobs {
    machines: u32,
    #[serde(default, alias = "rush")]
    urgent: Vec<f64>,
}

impl Problem for Jobs {
    fn signature(&self) -> Signature {
        Sphere::try_from(FunctionOptions::default()).unwrap().signature()
    }

    fn evaluate(&self, _: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        outcome.objectives[0] = f64::from(self.machines) + self.urgent.iter().sum::<f64>();
        Ok(())
    }
}

#[test]
fn wrong_instances_are_refused() {
    let shop = |jobs, seed| faults("flow-shop", json!({ "jobs": jobs, "machines": 5, "seed": seed }));
    assert_eq!(
        shop(20, 0),
        [
            "there is no instance of 20 jobs, 5 machines and seed 0 - 1 to 1048576 operations in all, and a seed of 1 to \
          2147483646"
        ]
    );
    assert_eq!(shop(1 << 31, 1).len(), 1);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cut.jsp"), "2 2\n0 1 1 1\n").unwrap();
    let registry = Registry::built_in();
    let built = (registry.get("job-shop").unwrap().build)(&json!({ "file": "cut.jsp" }), folder.path());
    let said = said(built.err().unwrap()).concat();
    assert!(said.contains("line 2: the text ends before job 2 of 2 - the file may have been cut off"), "{said}");
}

#[test]
fn operators_are_registered_beside_a_problem() {
    let app = App::new().problem::<Jobs>("jobs").crossover(JobOrder).mutation(OrOpt).crossover(Order);
    let build = |name: &str, options: Value| (app.registry.get(name).unwrap().build)(&options, &examples()).unwrap();
    let jobs = build("jobs", json!({ "machines": 3 }));
    let operators = jobs.operators();
    // The one that was named last counts, and nothing of it comes to the other problems.
    assert_eq!(format!("{:?}", operators.crossover), "Some(Order)");
    assert_eq!(format!("{:?}", operators.mutation), "Some(OrOpt)");
    assert!(operators.start.is_none() && operators.improve.is_none() && operators.distances.is_none());
    assert_eq!(jobs.signature(), build("sphere", json!({})).signature());
    let tour = build("tour", json!({ "file": "data/berlin52.tsp" })).operators();
    assert!(tour.crossover.is_none() && tour.improve.is_some() && tour.distances.is_some());
}

#[test]
fn a_users_problem_is_read_as_strictly() {
    let mut registry = Registry::built_in();
    registry.register::<Jobs>("jobs").about = "mine".to_owned();
    let problem = registry.get("jobs").unwrap();
    assert_eq!(problem.about, "mine");
    assert!(problem.options.iter().any(|option| option.name == "machines"));
    let build = |options: Value| (problem.build)(&options, Path::new("."));
    assert!(build(json!({ "machines": 3 })).is_ok());
    assert!(build(json!({ "machines": 3, "urgent": [1, 2.5] })).is_ok());
    assert!(build(json!({ "machines": 3, "rush": [1] })).is_ok(), "a name of its own for a field");
    assert_eq!(said(build(json!({})).err().unwrap()), ["option `machines`: is missing"]);
    assert_eq!(
        said(build(json!({ "machine": 1 })).err().unwrap()),
        [
            "option `machine`: this problem has no such option - did you mean `machines`?",
            "option `machines`: is missing",
        ]
    );
    assert_eq!(
        said(build(json!({ "machines": 3, "urgent": ["x"] })).err().unwrap()),
        ["option `urgent`: expected f64, found string \"x\""]
    );
}

#[test]
fn a_name_that_is_given_twice_is_the_last_ones() {
    let mut registry = Registry::built_in();
    registry.register::<Jobs>("sphere");
    assert!((registry.get("sphere").unwrap().build)(&json!({ "machines": 1 }), Path::new(".")).is_ok());
}

/// Problems may also be without options, wrapped, or one of several.
#[derive(Deserialize)]
struct Unit;

#[derive(Deserialize)]
struct Wrapped(Jobs);

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Either {
    Shop(Jobs),
    Line { length: u32 },
}

#[test]
fn any_shape_of_type_is_read() {
    assert_eq!(options::names::<Unit>(), Some(&[][..]));
    assert!(options::names::<Wrapped>().unwrap().contains(&"machines"));
    assert_eq!(options::names::<Either>(), None);
    assert!(options::read::<Unit>(&json!({})).is_ok());
    assert!(options::read::<Unit>(&json!({ "x": 1 })).is_err());
    assert_eq!(options::read::<Wrapped>(&json!({ "machines": 2 })).map_err(said).unwrap().0.machines, 2);
    let Either::Shop(jobs) = options::read(&json!({ "shop": { "machines": 4 } })).map_err(said).unwrap() else {
        panic!("the other one");
    };
    assert_eq!(jobs.machines, 4);
    let wrong = options::read::<Either>(&json!({ "line": { "length": "x" } })).err().unwrap();
    assert_eq!(said(wrong), ["option `line`: expected u32, found string \"x\""]);
    let Either::Line { length } = options::read(&json!({ "line": { "length": 4 } })).map_err(said).unwrap() else {
        panic!("the other one");
    };
    assert_eq!(length, 4);
}
