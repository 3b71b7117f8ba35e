//! The same digest, whatever evaluates and on however many slots.

use genetic_pool_testkit::TestContext;

use crate::{
    context,
    scene::{digest, python},
};

/// The built-in problem in five variables; its digest is what the others must come to.
const ROSENBROCK: &str = "format = 1
seed = 5
parallel = 4

[problem]
name = \"rosenbrock\"
options = { dimension = 5 }

[algorithm]
name = \"genetic\"
population = 24

[stop]
evaluations = 1_000
";

/// The same formula, with additions and multiplications in the same order.
const FORMULA: &str = "
def rosenbrock(x):
    terms = []
    for z, following in zip(x, x[1:]):
        bend = following - z * z
        slope = 1.0 - z
        terms.append(100.0 * (bend * bend) + slope * slope)
    return (terms[0] + terms[1]) + (terms[2] + terms[3])
";

/// The experiment with `how` instead of the problem's name and options.
fn evaluated_by(how: &str) -> String {
    let outputs = "parallel = 4\ngoals = { value = \"minimize\" }\n";
    let space = "\n[space]\nx = { real = [-5.0, 10.0], len = 5 }\n\n[algorithm]";
    ROSENBROCK
        .replace("parallel = 4\n", outputs)
        .replace("name = \"rosenbrock\"\noptions = { dimension = 5 }\n", how)
        .replace("[algorithm]", space)
}

/// The digest of a run with more arguments.
fn found(context: &TestContext, arguments: &[&str]) -> String {
    digest(&context.run(&[&["run", "experiment.toml", "--json"], arguments].concat()).success())
}

const SCHEDULES: [&str; 2] = ["algorithm.schedule=\"generations\"", "algorithm.schedule={ window = 9 }"];

#[test]
fn the_same_in_rust_in_python_and_as_a_command() {
    let rust = context();
    rust.write("experiment.toml", ROSENBROCK);

    let function = context();
    function.write("fitness.py", format!("{FORMULA}\ndef f(parameters):\n    return rosenbrock(parameters['x'])\n"));
    function.write("experiment.toml", evaluated_by("python = \"fitness:f\"\n"));

    let batches = context();
    let class = "
class Batches:
    def evaluate_batch(self, parameters, contexts):
        return [rosenbrock(one['x']) for one in parameters]
";
    batches.write("fitness.py", format!("{FORMULA}{class}"));
    batches.write("experiment.toml", evaluated_by("python = \"fitness:Batches\"\nbatch = 4\n"));

    let command = context();
    let talk = "
import json, sys

sys.stdin.readline()
print('{\"genetic-pool\":1}', flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    answer = {'candidate': asked['candidate'], 'outcome': {'value': rosenbrock(asked['parameters']['x'])}}
    print(json.dumps(answer), flush=True)
";
    command.write("evaluate.py", format!("{FORMULA}{talk}"));
    command.write("experiment.toml", evaluated_by("command = [\"python3\", \"evaluate.py\"]\n"));

    for schedule in SCHEDULES {
        let set = ["--set", schedule];
        let expected = found(&rust, &[&set[..], &["--slots", "1"]].concat());
        for slots in ["2", "7"] {
            assert_eq!(found(&rust, &[&set[..], &["--slots", slots]].concat()), expected, "{slots} threads");
        }
        for slots in ["1", "3"] {
            let arguments = [&set[..], &["--processes", "--slots", slots]].concat();
            assert_eq!(found(&rust, &arguments), expected, "{slots} worker processes");
        }
        assert_eq!(found(&function, &[&set[..], &["--slots", "2"]].concat()), expected, "a Python function");
        assert_eq!(found(&batches, &[&set[..], &["--slots", "2"]].concat()), expected, "a Python class");
        assert_eq!(found(&command, &[&set[..], &["--slots", "2"]].concat()), expected, "a command");
    }
}

#[test]
fn the_same_on_any_number_of_slots_in_spite_of_uneven_times_and_failures() {
    let code = "
import time

def f(parameters, context):
    time.sleep(0.0005 * (context.seed % 7))
    if context.seed % 11 == 0:
        raise ValueError(context.seed)
    return parameters['x'] + context.seed % 1000
";
    let context = python(code, "");
    for schedule in SCHEDULES {
        let digest = |slots| found(&context, &["--set", schedule, "--set", "stop.evaluations=200", "--slots", slots]);
        let expected = digest("1");
        for slots in ["2", "7"] {
            assert_eq!(digest(slots), expected, "{slots} slots");
        }
    }
}

#[test]
fn a_batch_is_the_same_group_on_any_number_of_slots() {
    // What is found says with whom each candidate was evaluated.
    let code = "
class Batches:
    def evaluate_batch(self, parameters, contexts):
        print(len(parameters))
        centre = sum(one['x'] for one in parameters)
        return [one['x'] + 0.001 * centre for one in parameters]
";
    let context = python(code, "batch = 4");
    context.write("experiment.toml", context.read("experiment.toml").replace("fitness:f", "fitness:Batches"));
    for schedule in SCHEDULES {
        let digest = |slots| found(&context, &["--set", schedule, "--set", "stop.evaluations=120", "--slots", slots]);
        let expected = digest("1");
        for slots in ["2", "7"] {
            assert_eq!(digest(slots), expected, "{slots} slots, {schedule}");
        }
    }
}

#[test]
fn another_seed_or_file_is_another_search() {
    let context = context();
    context.write("experiment.toml", ROSENBROCK);
    let expected = found(&context, &[]);
    assert_eq!(found(&context, &["--seed", "5"]), expected);
    for other in [["--seed", "6"], ["--set", "parallel=3"], ["--set", "algorithm.population=26"]] {
        let digest = found(&context, &other);
        // The shape of the search follows from what it is asked for, not from `parallel`, where it says all.
        assert_eq!(digest == expected, other[1] == "parallel=3", "{other:?}");
    }
}

#[test]
fn runs_of_one_experiment_compare_equal() {
    let context = context();
    context.write("experiment.toml", ROSENBROCK);
    let ids: Vec<String> = ["1", "2"]
        .map(|slots| {
            let ended = context.run(&["run", "experiment.toml", "--json", "--slots", slots]).success();
            ended.json_lines()[0]["run"].as_str().unwrap().to_owned()
        })
        .into();
    let other = context.run(&["run", "experiment.toml", "--json", "--seed", "6"]).success();
    let other = other.json_lines()[0]["run"].as_str().unwrap().to_owned();
    context.run(&["runs", "compare", &ids[0], &ids[1]]).success();
    let _ = context.run(&["runs", "compare", &ids[0], &other]).expect(4);
}
