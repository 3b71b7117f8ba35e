//! The contract of evaluators, and the same bits from every language.

use genetic_pool::evolve::{
    outcomes::OutcomeShape,
    problem::{Problem, Trial},
    problems::WeldedBeam,
    space::Genome,
};
use genetic_pool_testkit::contract::evaluator::{Case, check};

use super::*;

/// Twelve candidates, two of which fail with `failure`; the others come to `x / 3`.
pub(crate) fn case(lab: &Lab, failure: &Failure) -> Case {
    let mut batch = lab.batch(0..12);
    batch.genomes.reals[5] = 0.0;
    batch.genomes.reals[6] = 0.0;
    let mut outcomes = Outcomes::new(OutcomeShape { objectives: 1, constraints: 0, measures: 0 }, 12);
    for row in 0..12 {
        match batch.genomes.reals[row] {
            0.0 => outcomes.fail(row, failure.clone()),
            x => outcomes.objectives[row] = x / 3.0,
        }
    }
    Case { batch, outcomes }
}

fn check_lab(lab: &Lab, case: &Case) {
    check(case, &mut |slots| evaluator(&lab.experiment, &Registry::built_in(), lab.options(slots)).unwrap());
}

#[test]
fn python_keeps_it() {
    let lab = Lab::python("def f(p):\n    return p['x'] / 3 if p['x'] else None\n");
    let message = "the evaluation returned `None`: is a `return` missing?".to_owned();
    check_lab(&lab, &case(&lab, &Failure { kind: FailureKind::WrongOutput, message }));
}

#[test]
fn python_in_groups_keeps_it() {
    let code =
        "class F:\n    def evaluate_batch(self, ps):\n        return [p['x'] / 3 if p['x'] else None for p in ps]\n";
    let lab = Lab::with(&[("fitness.py", code)], "python = \"fitness:F\"\nbatch = 5", ONE_REAL);
    let message = "the evaluation returned `None`: is a `return` missing?".to_owned();
    let mut case = case(&lab, &Failure { kind: FailureKind::WrongOutput, message });
    case.batch.groups = vec![0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10];
    check_lab(&lab, &case);
}

#[test]
fn a_crash_is_the_same_failure_everywhere() {
    let lab = Lab::python("import os\ndef f(p):\n    if not p['x']: os._exit(2)\n    return p['x'] / 3\n");
    let message = "the evaluation ended its process with exit code 2".to_owned();
    check_lab(&lab, &case(&lab, &Failure { kind: FailureKind::Exit, message }));
}

#[test]
fn commands_keep_it() {
    let alive = "#!/usr/bin/env python3
import json
hello = json.loads(input())
print(json.dumps({'genetic-pool': 1}), flush=True)
while True:
    try:
        ask = json.loads(input())
    except EOFError:
        break
    x = ask['parameters']['x']
    answer = {'outcome': {'f': x / 3}} if x else {'failure': 'too small'}
    print(json.dumps(dict(answer, candidate=ask['candidate'])), flush=True)
";
    let lab = Lab::with(&[("sim", alive)], "command = [\"./sim\"]", ONE_REAL);
    check_lab(&lab, &case(&lab, &Failure::exception("too small")));
    let once = "#!/bin/sh\n[ $1 = 0.0 ] && exit 3\necho $1 | awk '{ printf \"f = %.17g\\n\", $1 / 3 }'\n";
    let problem = "command = [\"./sim\", \"{x}\"]\nmode = \"once\"\nresults = { f = { pattern = \"f = (.*)\" } }";
    let lab = Lab::with(&[("sim", once)], problem, ONE_REAL);
    let failure = Failure { kind: FailureKind::Exit, message: "the command ended with exit code 3".to_owned() };
    check_lab(&lab, &case(&lab, &failure));
}

const WELDED_BEAM: &str = "
from math import sqrt
def f(p):
    h, l, t, b = p['h'], p['l'], p['t'], p['b']
    beam = 0.04811 * t * b * (14.0 + l)
    half = 0.5 * (h + t)
    radius = sqrt(l * l / 4.0 + half * half)
    moment = 6000.0 * (14.0 + l / 2.0)
    polar = 2.0 * (sqrt(2.0) * h * l * (l * l / 12.0 + half * half))
    primary = 6000.0 / (sqrt(2.0) * h * l)
    torsional = moment * radius / polar
    shear = sqrt(primary * primary + 2.0 * primary * torsional * l / (2.0 * radius) + torsional * torsional)
    bending = 6.0 * 6000.0 * 14.0 / (b * (t * t))
    deflection = 4.0 * 6000.0 * (14.0 * 14.0 * 14.0) / (30e6 * (t * t * t) * b)
    slender = 1.0 - t / (2.0 * 14.0) * sqrt(30e6 / (4.0 * 12e6))
    buckling = 4.013 * 30e6 * (t * (b * b * b) / 6.0) / (14.0 * 14.0) * slender
    return [1.10471 * (h * h) * l + beam, shear / 13600.0, bending / 30000.0, deflection / 0.25, 6000.0 / buckling,
            h / b, 0.125 / h, (0.10471 * (h * h) + beam) / 5.0]
";

#[test]
fn rust_python_and_a_command_find_the_same_bits_on_any_slots() {
    let rust = Lab::of(&[], "[problem]\nname = \"welded-beam\"\n");
    let outputs = "goals = { cost = \"minimize\" }\nconstraints = { s = { max = 1 }, bs = { max = 1 }, d = { max = 1 }, \
                   bu = { max = 1 }, w = { max = 1 }, l = { max = 1 }, m = { max = 1 } }\n";
    let space = "[space]\nh = { real = [0.1, 2.0] }\nl = { real = [0.1, 10.0] }\nt = { real = [0.1, 10.0] }\nb = { real = [0.1, 2.0] }\n";
    let python =
        Lab::of(&[("fitness.py", WELDED_BEAM)], &format!("{outputs}[problem]\npython = \"fitness:f\"\n{space}"));
    let command = format!(
        "#!/usr/bin/env python3
import json
{WELDED_BEAM}
input()
print('{{\"genetic-pool\": 1}}', flush=True)
while True:
    try:
        ask = json.loads(input())
    except EOFError:
        break
    print(json.dumps({{'candidate': ask['candidate'], 'outcome': f(ask['parameters'])}}), flush=True)
"
    );
    let command = Lab::of(&[("sim", &command)], &format!("{outputs}[problem]\ncommand = [\"./sim\"]\n{space}"));

    let problem = WeldedBeam::default();
    let batch = rust.batch(0..200);
    let mut expected = Outcomes::new(OutcomeShape::of(&problem.signature()), 200);
    for row in 0..200 {
        let genome = Genome::new(&rust.experiment.signature.space, &batch.genomes, row);
        let trial = Trial::new(7, batch.candidates[row]);
        problem.evaluate(genome, &trial, &mut expected.row_mut(row)).unwrap();
    }
    let case = Case { batch, outcomes: expected };
    check_lab(&rust, &case);
    check_lab(&python, &case);
    check_lab(&command, &case);
    // The same problem in worker processes.
    check(&case, &mut |slots| {
        let options = Options { processes: true, ..rust.options(slots) };
        evaluator(&rust.experiment, &Registry::built_in(), options).unwrap()
    });
}
