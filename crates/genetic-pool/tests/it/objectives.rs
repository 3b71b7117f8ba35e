//! Runs with several goals, from the file to what people see.

use std::time::{Duration, Instant};

use genetic_pool_testkit::TestContext;
use serde_json::Value;

use crate::{context, scene::digest};

/// A plank: light or stiff, and not too thick. Takes some milliseconds and says that it was done.
const CODE: &str = "
import time

def plank(parameters, context):
    time.sleep(0.004)
    with open('paid', 'a') as log:
        log.write(context.candidate + '\\n')
    width, height = parameters['width'], parameters['height']
    return {'mass': width * height, 'stiffness': width * height ** 3, 'slenderness': height / width}
";

const EXPERIMENT: &str = "format = 1
seed = 7
parallel = 2
goals = { mass = \"minimize\", stiffness = \"maximize\" }
constraints = { slenderness = { max = 4.0 } }

[problem]
python = \"fitness:plank\"

[space]
width = { real = [0.1, 2.0] }
height = { real = [0.1, 4.0] }

[algorithm]
name = \"nsga-2\"
population = 20

[stop]
evaluations = 200
";

fn planks() -> TestContext {
    let context = context();
    context.write("fitness.py", CODE);
    context.write("experiment.toml", EXPERIMENT);
    context
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

#[test]
fn the_front_is_shown_exported_and_compared() {
    let context = planks();
    let ended = context.run(&["run", "experiment.toml", "--json"]).success();
    let events = ended.json_lines();
    let generation = events.iter().rfind(|event| event["event"] == "generation").unwrap();
    assert_eq!(generation["front"]["reference"].as_array().unwrap().len(), 2, "{generation}");
    let finished = events.last().unwrap();
    let told = &finished["front"];
    let (n, volume) = (told["candidates"].as_u64().unwrap() as usize, number(&told["hypervolume"]));
    assert!(n > 10 && volume > 0.0, "{finished}");

    // What the file holds is what the run told.
    let shown = context.run(&["runs", "show", "--json"]).success().json();
    let front = &shown["front"];
    assert_eq!(number(&front["hypervolume"]).to_bits(), volume.to_bits());
    assert_eq!(front["reference"]["mass"], told["reference"][0]);
    let objectives: Vec<[f64; 2]> = front["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|candidate| [number(&candidate["outcome"]["mass"]), -number(&candidate["outcome"]["stiffness"])])
        .collect();
    assert_eq!(objectives.len(), n);
    assert!(objectives.is_sorted_by(|a, b| a[0] < b[0] && a[1] > b[1]), "{objectives:?}");
    assert_eq!(number(&shown["best"]["outcome"]["mass"]), objectives[0][0]);
    assert_eq!(finished["best"]["genome"], shown["best"]["genome"]);
    let text = context.run(&["runs", "show"]).success().stdout;
    for expected in
        [&format!("\nfront        {n} candidates\n"), "\nhypervolume  ", "\n  candidate ", "\nbest candidate in mass\n"]
    {
        assert!(text.contains(expected), "no {expected:?} in\n{text}");
    }

    let exported = context.run(&["runs", "export", "latest", "--what", "best", "--format", "csv"]).success();
    assert_eq!(exported.stdout.lines().count(), n + 1);

    // Another seed, half the budget: against what both have in common.
    let other = ["run", "experiment.toml", "--seed", "8", "--set", "stop.evaluations=40", "--json"];
    let other = context.run(&other).success().json_lines().pop().unwrap();
    let (a, b) = (finished["run"].as_str().unwrap(), other["run"].as_str().unwrap());
    let compared = context.run(&["runs", "compare", a, b, "--json"]).expect(4).json();
    assert_eq!(compared["a"]["front"], n);
    assert!(number(&compared["a"]["hypervolume"]) > number(&compared["b"]["hypervolume"]), "{compared}");
    assert!(compared["reference"]["mass"].is_number(), "{compared}");
    let text = context.run(&["runs", "compare", a, b]).expect(4).stdout;
    assert!(text.lines().any(|line| line.starts_with("hypervolume ")), "{text}");
}

#[test]
fn a_resumed_run_comes_to_the_same_front() {
    for schedule in ["algorithm.schedule=\"generations\"", "algorithm.schedule={ window = 6 }"] {
        let run = ["run", "experiment.toml", "--json", "--slots", "2", "--set", schedule];
        let whole = planks().run(&run).success();
        let context = planks();
        let running = context.spawn(&run);
        let paid = || std::fs::read_to_string(context.work().join("paid")).unwrap_or_default().lines().count();
        let end = Instant::now() + Duration::from_mins(1);
        while paid() < 100 {
            assert!(Instant::now() < end, "half is never done");
            std::thread::sleep(Duration::from_millis(5));
        }
        running.interrupt();
        let stopped = running.wait(Duration::from_mins(1)).expect(130);
        assert_eq!(stopped.json_lines().pop().unwrap()["stop"], "interrupted");
        let resumed = context.run(&["resume", "--json"]).success();
        assert_eq!(digest(&resumed), digest(&whole));
        let front = |ended: &genetic_pool_testkit::Ended| ended.json_lines().pop().unwrap()["front"].clone();
        assert_eq!(front(&resumed), front(&whole));
    }
}

#[test]
fn auto_takes_several_goals_and_targets_are_met_together() {
    let context = planks();
    context.write("experiment.toml", EXPERIMENT.replace("name = \"nsga-2\"\npopulation = 20\n", ""));
    let checked = context.run(&["check", "experiment.toml"]).success().stdout;
    assert!(checked.contains("nsga-2") && checked.contains("trade-offs between 2 goals"), "{checked}");
    let target = ["--set", "stop.target={ mass = 1.0, stiffness = 0.5 }", "--set", "stop.evaluations=4_000"];
    let ended = context.run(&[&["run", "experiment.toml", "--json"], &target[..]].concat()).success();
    let finished = ended.json_lines().pop().unwrap();
    assert_eq!(finished["stop"], "target");
    let shown = context.run(&["runs", "show", "--json"]).success().json();
    let met = |candidate: &Value| {
        number(&candidate["outcome"]["mass"]) <= 1.0 && number(&candidate["outcome"]["stiffness"]) >= 0.5
    };
    assert!(shown["front"]["candidates"].as_array().unwrap().iter().any(met), "{shown}");
}
