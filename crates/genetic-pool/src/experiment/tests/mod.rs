//! Whole files in, experiments or errors as a person reads them out.

mod islands;
mod meaning;
mod overrides;
mod problems;
mod robustness;
mod spaces;
mod structure;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use genetic_pool_evolve::{
    problem::{Constraint, Direction, Failure, Goal, Outcome, Problem, Signature, Trial},
    space::{Domain, Genome, Parameter, Space},
};

use super::{Experiment, ExperimentError, Overrides};
use crate::registry::{BuildError, BuildErrors, RegisteredProblem, Registry};

/// A file with every key.
const FULL: &str = r#"format = 1
seed = 7
parallel = 64
goals = { drag = "maximize" }
constraints = { stress = { max = 1 }, lift = { min = 0.5 }, trim = { equals = 0, tolerance = 1e-3 } }
measures = ["mass"]

[problem]
command = ["./sim", "--fast"]
mode = "once"
options = { mesh = "fine", sizes = [1, 2.5] }
files = ["wing.py", "mesh/**"]
environment = ["LM_LICENSE_FILE"]
resources = { cpus = 2, memory = "2GiB" }
timeout = "6min"
on_failure = { retries = 1, then = "infeasible", stop_after = 50 }
keep = ["best 20", "all"]
exactness = "warn"

[problem.results]
drag = { json = "/drag" }
stress = { pattern = 'stress: (\S+)', file = "out.txt" }
lift = { json = "/lift", file = "out.json" }
trim = { exit_code = true }
mass = { pattern = "mass=(.*)" }

[space]
span = { real = [20, 60.0] }
chord = { real = [0.5, 5.0], scale = "log", step = 0.5, len = 2 }
ribs = { int = [4, 40] }
grade = { ordinal = [0.5, 1, 2] }
flap = { choice = ["none", "slotted"] }
gap = { real = [0.5, 3.0], when = { flap = "slotted", grade = [1, 2.0] } }
sealed = { bit = true }
order = { permutation = 3 }

[start]
points = [{ span = 30, chord = [1, 1.5], ribs = 14, grade = 1, flap = "none", sealed = true, order = [2, 0, 1] }]

[algorithm]
name = "genetic"
population = 100
schedule = { window = 200 }
crossover_eta = 15

[stop]
evaluations = 20_000
time = "40h"
target = { drag = 0.021 }

[stop.all]
stall = 500
spread = 1e-6
"#;

/// The errors of `input` in full, completed to a file by what it leaves out.
fn errors(input: &str) -> String {
    match load(input, &Overrides::default()) {
        Err(error) => error.render(),
        Ok(_) => "no errors".to_owned(),
    }
}

/// The errors of a plain file under `--set` of each of `set`.
fn errors_of_set(set: &[&str]) -> String {
    let overrides = Overrides { set: set.iter().map(|set| (*set).to_owned()).collect(), seed: None };
    match load("", &overrides) {
        Err(error) => error.render(),
        Ok(_) => "no errors".to_owned(),
    }
}

/// The experiment `input` means, completed to a file by what it leaves out.
fn meaning(input: &str) -> Experiment {
    match load(input, &Overrides::default()) {
        Ok(experiment) => experiment,
        Err(error) => panic!("{}", error.render()),
    }
}

fn load(input: &str, overrides: &Overrides) -> Result<Experiment, ExperimentError> {
    Experiment::parse(&complete(input), Path::new("experiment.toml"), overrides, &registry())
}

fn load_text(text: &str) -> Result<Experiment, ExperimentError> {
    Experiment::parse(text, Path::new("experiment.toml"), &Overrides::default(), &registry())
}

fn complete(input: &str) -> String {
    let mut text = String::new();
    if !input.starts_with("format") {
        text.push_str("format = 1\ngoals = { cost = \"minimize\" }\n");
    }
    text.push_str(input);
    let registered = input.contains("[problem]\nname = ");
    for (header, body) in [
        ("[problem]", "python = \"model:evaluate\""),
        ("[space]", "x = { real = [0.0, 1.0] }"),
        ("[stop]", "evaluations = 100"),
    ] {
        let own = registered && header == "[space]";
        if !own && !input.contains(header) {
            text.extend(["\n", header, "\n", body, "\n"]);
        }
    }
    text
}

fn registry() -> Registry {
    let build = |goals: &'static [&'static str]| {
        move |options: &serde_json::Value, _: &Path| -> Result<Arc<dyn Problem>, BuildErrors> {
            let dimensions =
                options.get("dimensions").map_or(Some(2), serde_json::Value::as_u64).ok_or_else(|| BuildError {
                    option: Some("dimensions".to_owned()),
                    message: "must be a whole number".to_owned(),
                    hint: None,
                })?;
            let order = options.get("order") == Some(&serde_json::Value::Bool(true));
            Ok(Arc::new(Sphere { dimensions: dimensions as usize, order, goals }))
        }
    };
    let problem = |goals| RegisteredProblem {
        about: "A test.".to_owned(),
        options: Vec::new(),
        built_in: false,
        build: Box::new(build(goals)),
    };
    Registry {
        problems: BTreeMap::from([
            ("sphere".to_owned(), problem(&["value"])),
            ("trade-off".to_owned(), problem(&["drag", "mass"])),
        ]),
    }
}

struct Sphere {
    dimensions: usize,
    order: bool,
    goals: &'static [&'static str],
}

impl Problem for Sphere {
    fn signature(&self) -> Signature {
        let parameter = if self.order {
            Parameter::new("tour", Domain::Permutation { size: self.dimensions })
        } else {
            Parameter::new("x", Domain::real(-1.0, 1.0)).len(self.dimensions)
        };
        let goal = |name: &&str| Goal { name: (*name).to_owned(), direction: Direction::Minimize };
        Signature {
            space: Space::new(vec![parameter]).unwrap(),
            goals: self.goals.iter().map(goal).collect(),
            constraints: Vec::<Constraint>::new(),
            measures: Vec::new(),
        }
    }

    fn evaluate(&self, _: Genome<'_>, _: &Trial, _: &mut Outcome<'_>) -> Result<(), Failure> {
        Err(Failure::exception("never evaluated here"))
    }
}
