//! Errors of `[problem]`, of the outputs, of the algorithm and of the stop rules.

use insta::assert_snapshot;

use super::errors;

#[test]
fn what_evaluates() {
    assert_snapshot!(errors("[problem]\ntimeout = \"1h\"\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:3:2: problem: does not say what evaluates a candidate
     3 | [problem]
       |  ^^^^^^^
      allowed: exactly one of name, python, command
      hint: name = "rastrigin", python = "module:function", or command = ["./program"]
    "#);
    assert_snapshot!(errors("[problem]\nname = \"sphere\"\npython = \"a:b\"\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:3:2: problem: says more than once what evaluates a candidate
     3 | [problem]
       |  ^^^^^^^
      found: name, python
      allowed: exactly one of name, python, command
      hint: keep one of them
    "#);
    assert_snapshot!(errors("format = 1\n[problem]\nname = \"spere\"\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:3:8: problem.name: is no problem of this program
     3 | name = "spere"
       |        ^^^^^^^
      found: "spere"
      allowed: sphere, trade-off
      hint: did you mean `sphere`?
    "#);
    assert_snapshot!(errors("format = 1\n[problem]\nname = \"sphere\"\noptions = { dimensions = \"two\" }\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:26: problem.options.dimensions: must be a whole number
     4 | options = { dimensions = "two" }
       |                          ^^^^^
      found: "two"
      hint: `genetic-pool problems sphere` explains its options
    "#);
    assert_snapshot!(errors("measures = [\"a\"]\n[problem]\nname = \"sphere\"\n[space]\nx = { real = [0, 1] }\n"), @r#"
    read experiment `experiment.toml`: 3 problems

    experiment.toml:2:1: goals: is said by the problem's own code
     2 | goals = { cost = "minimize" }
       | ^^^^^
      hint: remove `goals`; `[problem.options]` is where such a problem is shaped

    experiment.toml:3:1: measures: is said by the problem's own code
     3 | measures = ["a"]
       | ^^^^^^^^
      hint: remove `measures`; `[problem.options]` is where such a problem is shaped

    experiment.toml:6:2: space: is said by the problem's own code
     6 | [space]
       |  ^^^^^
      hint: remove `space`; `[problem.options]` is where such a problem is shaped
    "#);
    let random = "format = 1\n[problem]\nname = \"trade-off\"\n[algorithm]\nname = \"random\"\n";
    assert_snapshot!(errors(random), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:5:8: algorithm.name: is `random`, which searches for one goal, and there are 2
     5 | name = "random"
       |        ^^^^^^^^
      found: "random"
      allowed: "auto", "nsga-2"
      hint: the goals are drag, mass
    "#);
}

#[test]
fn python_references() {
    assert_snapshot!(errors("[problem]\npython = \"wing.py:simulate\"\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:10: problem.python: is no reference to a Python function
     4 | python = "wing.py:simulate"
       |          ^^^^^^^^^^^^^^^^^^
      found: "wing.py:simulate"
      allowed: "module:function"
      hint: did you mean "wing:simulate"?
    "#);
    assert_snapshot!(errors("[problem]\npython = \"wing\"\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:10: problem.python: is no reference to a Python function
     4 | python = "wing"
       |          ^^^^^^
      found: "wing"
      allowed: "module:function"
      hint: did you mean "wing:evaluate"?
    "#);
    assert_snapshot!(errors("[problem]\npython = \"aero.wing.simulate\"\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:10: problem.python: is no reference to a Python function
     4 | python = "aero.wing.simulate"
       |          ^^^^^^^^^^^^^^^^^^^^
      found: "aero.wing.simulate"
      allowed: "module:function"
      hint: did you mean "aero.wing:simulate"?
    "#);
    assert_snapshot!(errors("[problem]\npython = \"a b:c\"\nmode = \"once\"\n"), @r#"
    read experiment `experiment.toml`: 2 problems

    experiment.toml:4:10: problem.python: is no reference to a Python function
     4 | python = "a b:c"
       |          ^^^^^^^
      found: "a b:c"
      allowed: "module:function"

    experiment.toml:5:1: problem.mode: counts only with `command`, not with `python`
     5 | mode = "once"
       | ^^^^
    "#);
}

#[test]
fn commands() {
    assert_snapshot!(errors("[problem]\ncommand = []\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:11: problem.command: is empty
     4 | command = []
       |           ^^
      found: []
      allowed: the program and its arguments: ["./simulate", "--fast"]
    "#);
    assert_snapshot!(errors("[problem]\ncommand = [\"./sim --fast\"]\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:11: problem.command: is one word with spaces, and no shell takes it apart
     4 | command = ["./sim --fast"]
       |           ^^^^^^^^^^^^^^^^
      found: ["./sim --fast"]
      hint: did you mean ["./sim", "--fast"]?
    "#);
    assert_snapshot!(errors("[problem]\ncommand = \"./sim --fast\"\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:11: problem.command: is of the wrong kind
     4 | command = "./sim --fast"
       |           ^^^^^^^^^^^^^^
      found: text "./sim --fast"
      allowed: a list, each text in quotes
      hint: put it in brackets: ["./sim", "--fast"]
    "#);
    assert_snapshot!(errors("[problem]\ncommand = [\"./sim\"]\nmode = \"once\"\nbatch = 4\n"), @r#"
    read experiment `experiment.toml`: 2 problems

    experiment.toml:3:2: problem.results: is missing: it says where the command leaves its outputs
     3 | [problem]
       |  ^^^^^^^
      hint: for instance: results = { cost = { json = "/cost" } }

    experiment.toml:6:1: problem.batch: counts only with `python` or `name`, not with `command`
     6 | batch = 4
       | ^^^^^
    "#);
    assert_snapshot!(errors("[problem]\ncommand = [\"./sim\"]\nresults = { cost = { json = \"/cost\" } }\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:5:1: problem.results: counts only with mode = "once"
     5 | results = { cost = { json = "/cost" } }
       | ^^^^^^^
      hint: a command that is kept alive answers with lines of JSON
    "#);
    assert_snapshot!(errors(r#"measures = ["mass", "code", "size"]
[problem]
command = ["./sim"]
mode = "once"
interpreter = "python3"

[problem.results]
cots = { json = "/cost" }
mass = { pattern = "mass: .*", file = "/tmp/out.txt" }
code = { exit_code = true, json = "" }
size = { json = "$.size.total" }
"#), @r#"
    read experiment `experiment.toml`: 7 problems

    experiment.toml:7:1: problem.interpreter: counts only with `python`, not with `command`
     7 | interpreter = "python3"
       | ^^^^^^^^^^^

    experiment.toml:9:10: problem.results.cost: is missing: nothing says where this output is found
     9 | [problem.results]
       |          ^^^^^^^
      hint: cost = { json = "/cost" }

    experiment.toml:10:1: problem.results.cots: is no goal, constraint or measure
     10 | cots = { json = "/cost" }
        | ^^^^
      allowed: cost, mass, code, size
      hint: did you mean `cost`?

    experiment.toml:11:20: problem.results.mass.pattern: has 0 groups
     11 | mass = { pattern = "mass: .*", file = "/tmp/out.txt" }
        |                    ^^^^^^^^^^
      found: "mass: .*"
      allowed: a regular expression with one group, which holds the number
      hint: mark the number with ( ), and other groups with (?: )

    experiment.toml:11:39: problem.results.mass.file: is not relative
     11 | mass = { pattern = "mass: .*", file = "/tmp/out.txt" }
        |                                       ^^^^^^^^^^^^^^
      found: "/tmp/out.txt"
      allowed: a file of the evaluation's scratch folder, such as "out.txt"

    experiment.toml:12:1: problem.results.code: does not say in one way where the output is found
     12 | code = { exit_code = true, json = "" }
        | ^^^^
      allowed: exactly one of json, pattern, exit_code

    experiment.toml:13:17: problem.results.size.json: is no JSON pointer
     13 | size = { json = "$.size.total" }
        |                 ^^^^^^^^^^^^^^
      found: "$.size.total"
      allowed: "/key", "/key/0/other", or "" for the whole
      hint: did you mean "/size/total"?
    "#);
    assert_snapshot!(errors("[problem]\ncommand = [\"./sim\"]\nmode = \"once\"\nresults.cost = { pattern = \"cost: (\" }\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:6:28: problem.results.cost.pattern: is no regular expression: found open group without closing ')'
     6 | results.cost = { pattern = "cost: (" }
       |                            ^^^^^^^^^
      found: "cost: ("
      hint: in TOML single quotes keep backslashes as they are: '(\d+)'
    "#);
}

#[test]
fn surroundings() {
    assert_snapshot!(errors(r#"[problem]
python = "a:b"
files = ["/etc/passwd", "../data/**", "mesh/[", "ok.txt"]
environment = ["TOKEN=secret", "2ND"]
timeout = "6m"
keep = ["best", "failure", "best 0"]

[problem.resources]
cpus = 0
memory = "2G"
"#), @r#"
    read experiment `experiment.toml`: 11 problems

    experiment.toml:5:10: problem.files[0]: is not relative
     5 | files = ["/etc/passwd", "../data/**", "mesh/[", "ok.txt"]
       |          ^^^^^^^^^^^^^
      found: "/etc/passwd"
      allowed: patterns within the folder of this file: "model.py", "mesh/**"

    experiment.toml:5:25: problem.files[1]: leaves the folder
     5 | files = ["/etc/passwd", "../data/**", "mesh/[", "ok.txt"]
       |                         ^^^^^^^^^^^^
      found: "../data/**"
      allowed: patterns within the folder of this file: "model.py", "mesh/**"

    experiment.toml:5:39: problem.files[2]: is no pattern: unclosed character class; missing ']'
     5 | files = ["/etc/passwd", "../data/**", "mesh/[", "ok.txt"]
       |                                       ^^^^^^^^
      found: "mesh/["
      allowed: patterns within the folder of this file: "model.py", "mesh/**"

    experiment.toml:6:16: problem.environment[0]: is no name of an environment variable
     6 | environment = ["TOKEN=secret", "2ND"]
       |                ^^^^^^^^^^^^^^
      found: "TOKEN=…"
      hint: write "TOKEN": values stay in the environment, out of files and logs

    experiment.toml:6:32: problem.environment[1]: is no name of an environment variable
     6 | environment = ["TOKEN=secret", "2ND"]
       |                                ^^^^^
      found: "2ND"
      allowed: letters, digits and _: "LM_LICENSE_FILE"

    experiment.toml:7:11: problem.timeout: has the unknown unit `m`
     7 | timeout = "6m"
       |           ^^^^
      found: "6m"
      allowed: a number with `ms`, `s`, `min`, `h` or `d`, greater units first: "90s", "6min", "1h30min", "250ms"
      hint: did you mean `min`?

    experiment.toml:8:9: problem.keep[0]: is none of what can be kept
     8 | keep = ["best", "failure", "best 0"]
       |         ^^^^^^
      found: "best"
      allowed: "best N", "failures", "all"
      hint: say how many: "best 20"

    experiment.toml:8:17: problem.keep[1]: is none of what can be kept
     8 | keep = ["best", "failure", "best 0"]
       |                 ^^^^^^^^^
      found: "failure"
      allowed: "best N", "failures", "all"
      hint: did you mean `failures`?

    experiment.toml:8:28: problem.keep[2]: is none of what can be kept
     8 | keep = ["best", "failure", "best 0"]
       |                            ^^^^^^^^
      found: "best 0"
      allowed: "best N", "failures", "all"

    experiment.toml:11:8: problem.resources.cpus: is too small
     11 | cpus = 0
        |        ^
      found: 0
      allowed: a whole number from 1 to 65536

    experiment.toml:12:10: problem.resources.memory: has the unknown unit `G`
     12 | memory = "2G"
        |          ^^^^
      found: "2G"
      allowed: a number with `B`, `kB`, `MB`, `GB`, `TB` (powers of 1000) or `KiB`, `MiB`, `GiB`, `TiB` (powers of 1024): "2GiB", "512MB"; or a whole number of bytes
      hint: did you mean `GiB`?
    "#);
    assert_snapshot!(errors("[problem]\npython = \"a:b\"\nresources.memory = 512\non_failure = { then = \"stop\", stop_after = 5 }\n"), @r#"
    read experiment `experiment.toml`: 2 problems

    experiment.toml:5:20: problem.resources.memory: is 512 bytes, and no process runs in that
     5 | resources.memory = 512
       |                    ^^^
      found: 512
      allowed: at least 1MiB
      hint: write the unit: "512MB", "2GiB"

    experiment.toml:6:31: problem.on_failure.stop_after: does not count with then = "stop", which stops at the first
     6 | on_failure = { then = "stop", stop_after = 5 }
       |                               ^^^^^^^^^^
      hint: leave out `then` to stop after several failures
    "#);
}

#[test]
fn outputs() {
    assert_snapshot!(errors(r#"format = 1
goals = { cost = "minimize", mass = "maximize" }
[algorithm]
name = "genetic"
[stop]
spread = 1e-6
all = { spread = 1e-3, hypervolume_stall = 100 }
"#), @r#"
    read experiment `experiment.toml`: 3 problems

    experiment.toml:4:8: algorithm.name: is `genetic`, which searches for one goal, and there are 2
     4 | name = "genetic"
       |        ^^^^^^^^^
      found: "genetic"
      allowed: "auto", "nsga-2"
      hint: the goals are cost, mass

    experiment.toml:6:1: stop.spread: counts only with one goal, and there are 2
     6 | spread = 1e-6
       | ^^^^^^
      hint: `hypervolume_stall` ends a run whose front grows no more

    experiment.toml:7:9: stop.all.spread: counts only with one goal, and there are 2
     7 | all = { spread = 1e-3, hypervolume_stall = 100 }
       |         ^^^^^^
      hint: `hypervolume_stall` ends a run whose front grows no more
    "#);
    assert_snapshot!(errors("[stop]\nhypervolume_stall = 100\n"), @r"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:1: stop.hypervolume_stall: counts only with several goals, and there is one
     4 | hypervolume_stall = 100
       | ^^^^^^^^^^^^^^^^^
      hint: `stall` is the rule for one goal
    ");
    assert_snapshot!(errors(r#"measures = ["cost", "size", "size"]
constraints = { stress = { max = 1.0, min = 0.5 }, bend = {}, twist = { equals = 2.0 }, sag = { max = 1, tolerance = 0.1 } }
"#), @r#"
    read experiment `experiment.toml`: 6 problems

    experiment.toml:3:13: measures[0]: stands under `goals` too, and an output has one role
     3 | measures = ["cost", "size", "size"]
       |             ^^^^^^

    experiment.toml:3:29: measures[2]: stands twice
     3 | measures = ["cost", "size", "size"]
       |                             ^^^^^^

    experiment.toml:4:17: constraints.stress: needs exactly one bound
     4 | constraints = { stress = { max = 1.0, min = 0.5 }, bend = {}, twist = { equals = 2.0 }, sag = { max = 1, tolerance = 0.1 } }
       |                 ^^^^^^
      allowed: { max = … }, { min = … }, or { equals = …, tolerance = … }
      hint: { equals = 0.75, tolerance = 0.25 } says the same

    experiment.toml:4:52: constraints.bend: needs exactly one bound
     4 | constraints = { stress = { max = 1.0, min = 0.5 }, bend = {}, twist = { equals = 2.0 }, sag = { max = 1, tolerance = 0.1 } }
       |                                                    ^^^^
      allowed: { max = … }, { min = … }, or { equals = …, tolerance = … }

    experiment.toml:4:63: constraints.twist.tolerance: is missing: computed numbers are hardly ever equal
     4 | constraints = { stress = { max = 1.0, min = 0.5 }, bend = {}, twist = { equals = 2.0 }, sag = { max = 1, tolerance = 0.1 } }
       |                                                               ^^^^^
      hint: say how far off still counts: { equals = 2, tolerance = 1e-6 }

    experiment.toml:4:106: constraints.sag.tolerance: counts only with `equals`
     4 | constraints = { stress = { max = 1.0, min = 0.5 }, bend = {}, twist = { equals = 2.0 }, sag = { max = 1, tolerance = 0.1 } }
       |                                                                                                          ^^^^^^^^^
    "#);
}

#[test]
fn algorithms() {
    assert_snapshot!(errors("[algorithm]\npopulation = 20\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:1: algorithm.population: is a key of `genetic`, `memetic`, `nsga-2`, `cma-es`, `l-shade`, `jde`, and the algorithm is `auto`
     4 | population = 20
       | ^^^^^^^^^^
      hint: add name = "genetic" to set it
    "#);
    assert_snapshot!(errors("[algorithm]\nname = \"random\"\nmutation = 0.1\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:5:1: algorithm.mutation: is a key of `genetic`, `memetic`, `nsga-2`, and the algorithm is `random`
     5 | mutation = 0.1
       | ^^^^^^^^
      hint: random search has no keys: remove it
    "#);
    assert_snapshot!(errors(r#"[problem]
python = "a:B"
batch = 8
[space]
n = { int = [0, 5] }
[algorithm]
name = "genetic"
population = 10
offspring = 7
tournament = 11
crossover_eta = 15
[stop]
evaluations = 5
"#), @r#"
    read experiment `experiment.toml`: 4 problems

    experiment.toml:11:13: algorithm.offspring: is odd, and two parents have two children
     11 | offspring = 7
        |             ^
      found: 7
      allowed: an even number

    experiment.toml:12:14: algorithm.tournament: is larger than the population of 10
     12 | tournament = 11
        |              ^^
      found: 11
      allowed: a whole number from 1 to 10

    experiment.toml:13:1: algorithm.crossover_eta: counts only for reals, and this space has none
     13 | crossover_eta = 15
        | ^^^^^^^^^^^^^
      hint: remove `crossover_eta`

    experiment.toml:15:15: stop.evaluations: pays for no generation: the first has 10 candidates
     15 | evaluations = 5
        |               ^
      found: 5
      allowed: at least 10
      hint: raise it, or let the run begin with fewer: [algorithm] name = "genetic", population = …
    "#);
    assert_snapshot!(errors("[problem]\npython = \"a:B\"\nbatch = 8\n[algorithm]\nname = \"genetic\"\noffspring = 8\nschedule = { window = 12 }\n"), @r#"
    read experiment `experiment.toml`: 2 problems

    experiment.toml:8:1: algorithm.offspring: counts only with schedule = "generations": a window breeds one at a time
     8 | offspring = 8
       | ^^^^^^^^^

    experiment.toml:9:1: algorithm.schedule: has a window of 12, too small for batches of 8
     9 | schedule = { window = 12 }
       | ^^^^^^^^
      allowed: a window of at least twice `problem.batch`
      hint: schedule = { window = 48 }
    "#);
    assert_snapshot!(errors("format = 1\n[problem]\nname = \"sphere\"\noptions = { order = true }\n[algorithm]\nname = \"genetic\"\nmutation_eta = 20\n"), @r#"
    read experiment `experiment.toml`: 2 problems

    experiment.toml:7:1: algorithm.mutation_eta: counts only for reals, and this space has none
     7 | mutation_eta = 20
       | ^^^^^^^^^^^^
      hint: remove `mutation_eta`

    experiment.toml:10:15: stop.evaluations: pays for no generation: the first has 112 candidates
     10 | evaluations = 100
        |               ^^^
      found: 100
      allowed: at least 112
      hint: raise it, or let the run begin with fewer: [algorithm] name = "genetic", population = …
    "#);
}

#[test]
fn differential_evolution_is_for_numbers() {
    let found = errors("[space]\nx = { bit = true, len = 3 }\n[algorithm]\nname = \"l-shade\"\n");
    let message = "algorithm.name: the algorithm `l-shade` does not vary `x`, a bit: use `genetic`";
    assert!(found.contains(message) && found.contains("hint: name = \"genetic\""), "{found}");
    let found =
        errors("[algorithm]\nname = \"l-shade\"\npopulation = 10\nminimum_population = 11\nrate_change = 0.2\n");
    assert!(found.contains("algorithm.minimum_population: is more than the population of 10"), "{found}");
    assert!(found.contains("algorithm.rate_change: is a key of `jde`, and the algorithm is `l-shade`"), "{found}");
}

#[test]
fn stops() {
    assert_snapshot!(errors("[stop]\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:3:2: stop: has no rule: the run would never end
     3 | [stop]
       |  ^^^^
      allowed: evaluations, generations, time, target, stall, hypervolume_stall, spread, all
      hint: evaluations = 10_000
    "#);
    assert_snapshot!(errors("[stop]\ntarget = { csot = 0.1 }\nspread = 0\ntime = \"90\"\n"), @r#"
    read experiment `experiment.toml`: 3 problems

    experiment.toml:4:12: stop.target.csot: is no goal
     4 | target = { csot = 0.1 }
       |            ^^^^
      allowed: cost
      hint: did you mean `cost`?

    experiment.toml:5:10: stop.spread: must be above 0
     5 | spread = 0
       |          ^
      found: 0
      hint: spread = 1e-6

    experiment.toml:6:8: stop.time: has no unit after 90
     6 | time = "90"
       |        ^^^^
      found: "90"
      allowed: a number with `ms`, `s`, `min`, `h` or `d`, greater units first: "90s", "6min", "1h30min", "250ms"
      hint: "90s" for seconds, "90min" for minutes
    "#);
    assert_snapshot!(errors("[stop]\nevaluations = 10\nall = {}\ntarget = {}\n"), @r#"
    read experiment `experiment.toml`: 2 problems

    experiment.toml:5:1: stop.all: has no rule
     5 | all = {}
       | ^^^
      allowed: evaluations, generations, time, target, stall, hypervolume_stall, spread

    experiment.toml:6:1: stop.target: names no goal
     6 | target = {}
       | ^^^^^^
      allowed: { goal = value }
    "#);
}
