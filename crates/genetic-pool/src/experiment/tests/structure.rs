//! Errors of structure: keys, kinds, ranges, TOML itself.

use insta::assert_snapshot;

use super::errors;

#[test]
fn malformed_toml() {
    assert_snapshot!(errors("format = 1\nseed = = 2\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:2:8: is no TOML here: extra `=`
     2 | seed = = 2
       |        ^
    "#);
    assert_snapshot!(errors("format = 1\ngoals = { cost = \"minimize\"\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:1: is no TOML here: missing key for inline table element, expected `,`
     4 | [problem]
       | ^
    "#);
    assert_snapshot!(errors("[space]\nx = { real = [0, 1] }\nx = { real = [0, 2] }\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:5:1: is no TOML here: duplicate key
     5 | x = { real = [0, 2] }
       | ^
    "#);
    assert_snapshot!(errors("[problem\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:3:9: is no TOML here: unclosed table, expected `]`
     3 | [problem
       |         ^
    "#);
    assert_snapshot!(errors("[problem]\npython = model:evaluate\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:10: is no TOML here: string values must be quoted, expected literal string
     4 | python = model:evaluate
       |          ^^^^^^^^^^^^^^
      hint: put it in quotes: "model:evaluate"
    "#);
}

#[test]
fn unknown_keys() {
    assert_snapshot!(errors("[stop]\nevalutions = 100\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:1: stop.evalutions: is no key of this table
     4 | evalutions = 100
       | ^^^^^^^^^^
      allowed: evaluations, generations, time, target, stall, hypervolume_stall, spread, all
      hint: did you mean `evaluations`?
    "#);
    assert_snapshot!(errors("[problem]\npython = \"a:b\"\nresources = { cpu = 2, ram = 1 }\n"), @r#"
    read experiment `experiment.toml`: 2 problems

    experiment.toml:5:15: problem.resources.cpu: is no key of this table
     5 | resources = { cpu = 2, ram = 1 }
       |               ^^^
      allowed: cpus, memory
      hint: did you mean `cpus`?

    experiment.toml:5:24: problem.resources.ram: is no key of this table
     5 | resources = { cpu = 2, ram = 1 }
       |                        ^^^
      allowed: cpus, memory
    "#);
    assert_snapshot!(errors("sede = 3\n[stop]\nseed = 2\ntime = \"1h\"\n"), @r#"
    read experiment `experiment.toml`: 2 problems

    experiment.toml:3:1: sede: is no key of an experiment
     3 | sede = 3
       | ^^^^
      allowed: format, seed, parallel, goals, constraints, measures, problem, space, start, algorithm, stop
      hint: did you mean `seed`?

    experiment.toml:5:1: stop.seed: is no key of this table
     5 | seed = 2
       | ^^^^
      allowed: evaluations, generations, time, target, stall, hypervolume_stall, spread, all
      hint: `seed` stands at the top of the file, before the first [table]
    "#);
    assert_snapshot!(errors("evaluations = 100\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:3:1: evaluations: is no key of an experiment
     3 | evaluations = 100
       | ^^^^^^^^^^^
      allowed: format, seed, parallel, goals, constraints, measures, problem, space, start, algorithm, stop
      hint: `evaluations` stands in [stop]
    "#);
}

#[test]
fn wrong_kinds() {
    assert_snapshot!(errors("seed = \"7\"\nparallel = 1.5\n"), @r#"
    read experiment `experiment.toml`: 2 problems

    experiment.toml:3:8: seed: is of the wrong kind
     3 | seed = "7"
       |        ^^^
      found: text "7"
      allowed: a whole number from 0 to 9223372036854775807
      hint: write the number without quotes

    experiment.toml:4:12: parallel: is of the wrong kind
     4 | parallel = 1.5
       |            ^^^
      found: a number 1.5
      allowed: a whole number from 1 to 65536
    "#);
    assert_snapshot!(errors("measures = \"mass\"\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:3:12: measures: is of the wrong kind
     3 | measures = "mass"
       |            ^^^^^^
      found: text "mass"
      allowed: a list, each text in quotes
      hint: put it in brackets: ["mass"]
    "#);
    assert_snapshot!(errors("[space]\nx = [0, 1]\ny = { real = [0, \"1\"] }\nz = { real = [0, 1, 2] }\n"), @r#"
    read experiment `experiment.toml`: 3 problems

    experiment.toml:4:5: space.x: is of the wrong kind
     4 | x = [0, 1]
       |     ^^^^^^
      found: a list
      allowed: a table { … } of real, scale, step, int, ordinal, bit, choice, permutation, sequence, len, when

    experiment.toml:5:18: space.y.real[1]: is of the wrong kind
     5 | y = { real = [0, "1"] }
       |                  ^^^
      found: text "1"
      allowed: a number
      hint: write the number without quotes

    experiment.toml:6:14: space.z.real: has the wrong number of values
     6 | z = { real = [0, 1, 2] }
       |              ^^^^^^^^^
      found: 3 values
      allowed: a list of 2 values, each a number
    "#);
    assert_snapshot!(errors("[problem]\npython = \"a:b\"\noptions = { from = 2026-01-01, x = inf }\n"), @r#"
    read experiment `experiment.toml`: 2 problems

    experiment.toml:5:20: problem.options.from: is of the wrong kind
     5 | options = { from = 2026-01-01, x = inf }
       |                    ^^^^^^^^^^
      found: a date 2026-01-01
      allowed: anything but a date
      hint: write it as text: "2026-01-01"

    experiment.toml:5:36: problem.options.x: must be a finite number
     5 | options = { from = 2026-01-01, x = inf }
       |                                    ^^^
      found: inf
    "#);
    assert_snapshot!(errors("[algorithm]\nname = \"genetic\"\nschedule = 3\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:5:12: algorithm.schedule: is of the wrong kind
     5 | schedule = 3
       |            ^
      found: a whole number 3
      allowed: "generations", or "free", or a table { … } of window
    "#);
    assert_snapshot!(errors("[start]\npoints = { x = 0.5 }\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:1: start.points: is of the wrong kind
     4 | points = { x = 0.5 }
       | ^^^^^^
      found: a table
      allowed: a list, each a table { name = value }
      hint: a list stands in brackets: [ … ]
    "#);
}

#[test]
fn out_of_range() {
    assert_snapshot!(errors("seed = -1\nparallel = 0\n[algorithm]\nname = \"genetic\"\npopulation = 1\ncrossover = 1.5\n"), @r#"
    read experiment `experiment.toml`: 4 problems

    experiment.toml:3:8: seed: is too small
     3 | seed = -1
       |        ^^
      found: -1
      allowed: a whole number from 0 to 9223372036854775807

    experiment.toml:4:12: parallel: is too small
     4 | parallel = 0
       |            ^
      found: 0
      allowed: a whole number from 1 to 65536

    experiment.toml:7:14: algorithm.population: is too small
     7 | population = 1
       |              ^
      found: 1
      allowed: a whole number from 2 to 16777216

    experiment.toml:8:13: algorithm.crossover: is too large
     8 | crossover = 1.5
       |             ^^^
      found: 1.5
      allowed: a number from 0 to 1
    "#);
}

#[test]
fn unknown_words() {
    assert_snapshot!(errors("format = 1\ngoals = { cost = \"minimise\", mass = \"less\" }\n"), @r#"
    read experiment `experiment.toml`: 2 problems

    experiment.toml:2:18: goals.cost: is none of the words that may stand here
     2 | goals = { cost = "minimise", mass = "less" }
       |                  ^^^^^^^^^^
      found: "minimise"
      allowed: "minimize", "maximize"
      hint: did you mean `minimize`?

    experiment.toml:2:37: goals.mass: is none of the words that may stand here
     2 | goals = { cost = "minimise", mass = "less" }
       |                                     ^^^^^^
      found: "less"
      allowed: "minimize", "maximize"
    "#);
    assert_snapshot!(errors("[algorithm]\nname = \"genetics\"\npopulation = 20\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:8: algorithm.name: is none of the words that may stand here
     4 | name = "genetics"
       |        ^^^^^^^^^^
      found: "genetics"
      allowed: "auto", "genetic", "l-shade", "jde", "nsga-2", "memetic", "random", "islands", "cma-es"
      hint: did you mean `genetic`?
    "#);
    assert_snapshot!(errors("[algorithm]\nname = \"genetic\"\nschedule = \"generation\"\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:5:12: algorithm.schedule: is none of the words that may stand here
     5 | schedule = "generation"
       |            ^^^^^^^^^^^^
      found: "generation"
      allowed: "generations", "free"
      hint: did you mean `generations`?
    "#);
}

#[test]
fn missing() {
    assert_snapshot!(super::load_text("").unwrap_err().render(), @r#"
    read experiment `experiment.toml`: 3 problems

    experiment.toml: format: is missing
      allowed: a whole number of at least 1
      hint: add `format = …`

    experiment.toml: problem: is missing
      allowed: a table { … } of name, python, command, interpreter, mode, results, options, files, environment, resources, timeout, on_failure, keep, batch, exactness
      hint: add a table [problem]

    experiment.toml: stop: is missing
      allowed: a table { … } of evaluations, generations, time, target, stall, hypervolume_stall, spread, all
      hint: add a table [stop]
    "#);
    assert_snapshot!(super::load_text("seed = 1\n[problem]\npython = \"a:b\"\n[stop]\n").unwrap_err().render(), @r#"
    read experiment `experiment.toml`: 4 problems

    experiment.toml:4:2: stop: has no rule: the run would never end
     4 | [stop]
       |  ^^^^
      allowed: evaluations, generations, time, target, stall, hypervolume_stall, spread, all
      hint: evaluations = 10_000

    experiment.toml: format: is missing
      allowed: a whole number of at least 1
      hint: add `format = …`

    experiment.toml: goals: is missing: it says what is optimised
      hint: add, before the first [table]: goals = { cost = "minimize" }

    experiment.toml: space: is missing: it says what may be varied
      hint: add a table [space] with a line such as: x = { real = [0.0, 1.0] }
    "#);
}

#[test]
fn a_later_format_is_not_read_any_further() {
    assert_snapshot!(errors("format = 2\ngoals = 5\nfrobnicate = true\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:1:10: format: is format 2, of a later genetic-pool
     1 | format = 2
       |          ^
      allowed: 1: this is genetic-pool 0.1.0
      hint: install a newer genetic-pool to read this file
    "#);
}

#[test]
fn all_at_once_in_the_order_of_the_file() {
    assert_snapshot!(errors(r#"sed = 1
[problem]
python = "model.py"
timeout = "6m"
[space]
chord = { reel = [0.5, 5.0] }
span = { real = [60.0, 20.0] }
[stop]
time = "soon"
target = { drag = 0.1 }
"#), @r#"
    read experiment `experiment.toml`: 5 problems

    experiment.toml:3:1: sed: is no key of an experiment
     3 | sed = 1
       | ^^^
      allowed: format, seed, parallel, goals, constraints, measures, problem, space, start, algorithm, stop
      hint: did you mean `seed`?

    experiment.toml:5:10: problem.python: is no reference to a Python function
     5 | python = "model.py"
       |          ^^^^^^^^^^
      found: "model.py"
      allowed: "module:function"
      hint: did you mean "model:evaluate"?

    experiment.toml:6:11: problem.timeout: has the unknown unit `m`
     6 | timeout = "6m"
       |           ^^^^
      found: "6m"
      allowed: a number with `ms`, `s`, `min`, `h` or `d`, greater units first: "90s", "6min", "1h30min", "250ms"
      hint: did you mean `min`?

    experiment.toml:8:11: space.chord.reel: is no key of this table
     8 | chord = { reel = [0.5, 5.0] }
       |           ^^^^
      allowed: real, scale, step, int, ordinal, bit, choice, permutation, sequence, len, when
      hint: did you mean `real`?

    experiment.toml:11:8: stop.time: does not begin with a number
     11 | time = "soon"
        |        ^^^^^^
      found: "soon"
      allowed: a number with `ms`, `s`, `min`, `h` or `d`, greater units first: "90s", "6min", "1h30min", "250ms"
    "#);
}

#[test]
fn wide_characters_and_tabs_are_marked_where_they_stand() {
    assert_snapshot!(errors("[space]\n\t\"größe\" = { real = [0, 1], skala = \"log\" }\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:29: space."größe".skala: is no key of this table
     4 | 	"größe" = { real = [0, 1], skala = "log" }
       | 	                           ^^^^^
      allowed: real, scale, step, int, ordinal, bit, choice, permutation, sequence, len, when
    "#);
}

#[test]
fn of_a_long_line_the_part_that_matters_is_shown() {
    let items: Vec<String> =
        (0..200).map(|item| if item == 150 { "150.5".to_owned() } else { item.to_string() }).collect();
    let input =
        format!("[start]\npoints = [{{ order = [{}] }}]\n[space]\norder = {{ permutation = 200 }}\n", items.join(", "));
    assert_snapshot!(errors(&input), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:21: start.points[0].order: it is not an order of the items 0 to 199: 150.5 is none of them
     4 | points = [{ order = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 3…
       |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      found: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … 200 in all]
      allowed: each of 0 to 199 once, in any order
    "#);
    assert_snapshot!(errors(&input.replace("150.5", "\"a\"").replace("[space]", "seed = 3\n[space]")), @r#"
    read experiment `experiment.toml`: 2 problems

    experiment.toml:4:21: start.points[0].order: it is not an order of the items 0 to 199: a is none of them
     4 | points = [{ order = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 3…
       |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      found: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … 200 in all]
      allowed: each of 0 to 199 once, in any order

    experiment.toml:5:1: start.seed: is no key of this table
     5 | seed = 3
       | ^^^^
      allowed: points, outcomes, run
      hint: `seed` stands at the top of the file, before the first [table]
    "#);
}
