//! Errors of the space and of the points to start from.

use insta::assert_snapshot;

use super::errors;

#[test]
fn bounds_and_levels() {
    assert_snapshot!(errors(r#"[space]
a = { real = [60.0, 20.0] }
b = { real = [1, 1] }
c = { real = [0.0, 1.0], scale = "log" }
d = { real = [0.0, 1.0], step = 2.0 }
e = { int = [5, 4] }
f = { choice = [] }
g = { ordinal = [1, 2, 1] }
h = { bit = false }
i = { permutation = 5, len = 2 }
j = { sequence = [3, 3], len = 2 }
k = { sequence = [0, 0] }
"#), @r#"
    read experiment `experiment.toml`: 11 problems

    experiment.toml:4:14: space.a.real: bounds are reversed or empty: [60, 20]
     4 | a = { real = [60.0, 20.0] }
       |              ^^^^^^^^^^^^
      found: [60.0, 20.0]
      allowed: [lower bound, upper bound]
      hint: did you mean [20.0, 60.0]?

    experiment.toml:5:14: space.b.real: bounds are reversed or empty: [1, 1]
     5 | b = { real = [1, 1] }
       |              ^^^^^^
      found: [1, 1]
      allowed: [lower bound, upper bound]
      hint: what is constant is no parameter: put it under [problem.options]

    experiment.toml:6:34: space.c.scale: a log scale needs a lower bound above 0, found 0
     6 | c = { real = [0.0, 1.0], scale = "log" }
       |                                  ^^^^^
      found: "log"
      hint: raise the lower bound above 0, or leave the scale linear

    experiment.toml:7:33: space.d.step: the step must be above 0 and at most 1, found 2
     7 | d = { real = [0.0, 1.0], step = 2.0 }
       |                                 ^^^
      found: 2.0

    experiment.toml:8:13: space.e.int: bounds are reversed or empty: [5, 4]
     8 | e = { int = [5, 4] }
       |             ^^^^^^
      found: [5, 4]
      allowed: [lower bound, upper bound]
      hint: did you mean [4, 5]?

    experiment.toml:9:16: space.f.choice: there are no levels
     9 | f = { choice = [] }
       |                ^^
      found: []

    experiment.toml:10:17: space.g.ordinal: level `1` stands twice
     10 | g = { ordinal = [1, 2, 1] }
        |                 ^^^^^^^^^
      found: [1, 2, 1]

    experiment.toml:11:13: space.h.bit: can only be true
     11 | h = { bit = false }
        |             ^^^^^
      found: false
      hint: write { bit = true }

    experiment.toml:12:30: space.i.len: a permutation takes no `len`: its size says how long it is
     12 | i = { permutation = 5, len = 2 }
        |                              ^
      found: 2

    experiment.toml:13:32: space.j.len: a sequence takes no `len`: its counts say how long it is
     13 | j = { sequence = [3, 3], len = 2 }
        |                                ^
      found: 2

    experiment.toml:14:18: space.k.sequence: a sequence needs 1 to 2^32 - 1 items, found 0
     14 | k = { sequence = [0, 0] }
        |                  ^^^^^^
      found: [0, 0]
      allowed: how often each value stands in it, at least one of them once
    "#);
}

#[test]
fn kinds() {
    assert_snapshot!(errors(r#"[space]
a = { len = 3 }
b = { real = [0, 1], int = [0, 1] }
c = { int = [0, 9], step = 3 }
d = { ordinal = [1, 2], scale = "log" }
"#), @r#"
    read experiment `experiment.toml`: 4 problems

    experiment.toml:4:1: space.a: does not say what kind of parameter it is
     4 | a = { len = 3 }
       | ^
      allowed: exactly one of real, int, ordinal, bit, choice, permutation, sequence
      hint: for instance { real = [0.0, 1.0] }, { int = [1, 9] }, { choice = ["a", "b"] }

    experiment.toml:5:1: space.b: is of more than one kind
     5 | b = { real = [0, 1], int = [0, 1] }
       | ^
      found: real, int
      allowed: exactly one of real, int, ordinal, bit, choice, permutation, sequence
      hint: for instance { real = [0.0, 1.0] }, { int = [1, 9] }, { choice = ["a", "b"] }

    experiment.toml:6:21: space.c.step: counts only for reals, and this is an int
     6 | c = { int = [0, 9], step = 3 }
       |                     ^^^^
      hint: remove `step`

    experiment.toml:7:25: space.d.scale: counts only for reals, and this is an ordinal
     7 | d = { ordinal = [1, 2], scale = "log" }
       |                         ^^^^^
      hint: remove `scale`
    "#);
    assert_snapshot!(errors("[space]\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:3:2: space: has no parameters
     3 | [space]
       |  ^^^^^
      hint: add a table [space] with a line such as: x = { real = [0.0, 1.0] }
    "#);
}

#[test]
fn conditions() {
    assert_snapshot!(errors(r#"[space]
early = { bit = true, when = { late = true } }
late = { choice = ["plain", "slotted"] }
x = { real = [0, 1] }
y = { real = [0, 1], when = { late = "sloted", x = 0.5, flop = 1 } }
z = { real = [0, 1], when = { z = 1, early = [] } }
"#), @r#"
    read experiment `experiment.toml`: 6 problems

    experiment.toml:4:32: space.early.when.late: `when` names `late`, which is not declared before it
     4 | early = { bit = true, when = { late = true } }
       |                                ^^^^
      hint: move `late` above it

    experiment.toml:7:38: space.y.when.late: `when` asks for `late = sloted`, which is not one of its values
     7 | y = { real = [0, 1], when = { late = "sloted", x = 0.5, flop = 1 } }
       |                                      ^^^^^^^^
      found: "sloted"
      allowed: plain, slotted
      hint: did you mean `slotted`?

    experiment.toml:7:48: space.y.when.x: `when` names `x`, which is a real: only an int, ordinal, bit or choice without `len` can be asked
     7 | y = { real = [0, 1], when = { late = "sloted", x = 0.5, flop = 1 } }
       |                                                ^

    experiment.toml:7:57: space.y.when.flop: `when` names `flop`, which is not declared before it
     7 | y = { real = [0, 1], when = { late = "sloted", x = 0.5, flop = 1 } }
       |                                                         ^^^^

    experiment.toml:8:31: space.z.when.z: `when` names `z`, which is not declared before it
     8 | z = { real = [0, 1], when = { z = 1, early = [] } }
       |                               ^
      hint: a parameter cannot depend on itself

    experiment.toml:8:46: space.z.when.early: `when` names `early` without a value
     8 | z = { real = [0, 1], when = { z = 1, early = [] } }
       |                                              ^^
      found: []
    "#);
    // What hangs on a parameter that cannot be read is not reported as well.
    assert_snapshot!(errors("[space]\nflap = { chose = [\"a\"] }\ngap = { real = [0, 1], when = { flap = \"a\" } }\n"), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:10: space.flap.chose: is no key of this table
     4 | flap = { chose = ["a"] }
       |          ^^^^^
      allowed: real, scale, step, int, ordinal, bit, choice, permutation, sequence, len, when
      hint: did you mean `choice`?
    "#);
}

#[test]
fn start_points() {
    assert_snapshot!(errors(r#"[start]
points = [
    { span = 70.0, rips = 4, flap = "sloted", order = [0, 1, 1] },
    { span = 30.0, ribs = 4.5, flap = "slotted", order = [0, 1] },
    { span = 30.0, ribs = [4], flap = "none", gap = 0.55, order = [2, 1, 0] },
]
[space]
span = { real = [20.0, 60.0] }
ribs = { int = [4, 40] }
flap = { choice = ["none", "plain", "slotted"] }
gap = { real = [0.5, 3.0], step = 0.1, when = { flap = "slotted" } }
order = { permutation = 3 }
"#), @r#"
    read experiment `experiment.toml`: 10 problems

    experiment.toml:5:5: start.points[0].ribs: it counts at this point and has no value
     5 |     { span = 70.0, rips = 4, flap = "sloted", order = [0, 1, 1] },
       |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    experiment.toml:5:14: start.points[0].span: 70 lies outside [20, 60]
     5 |     { span = 70.0, rips = 4, flap = "sloted", order = [0, 1, 1] },
       |              ^^^^
      found: 70.0

    experiment.toml:5:20: start.points[0].rips: the space has no such parameter
     5 |     { span = 70.0, rips = 4, flap = "sloted", order = [0, 1, 1] },
       |                    ^^^^
      allowed: span, ribs, flap, gap, order
      hint: did you mean `ribs`?

    experiment.toml:5:37: start.points[0].flap: `sloted` is not one of its levels
     5 |     { span = 70.0, rips = 4, flap = "sloted", order = [0, 1, 1] },
       |                                     ^^^^^^^^
      found: "sloted"
      allowed: none, plain, slotted
      hint: did you mean `slotted`?

    experiment.toml:5:55: start.points[0].order: it is not an order of the items 0 to 2: 1 stands twice
     5 |     { span = 70.0, rips = 4, flap = "sloted", order = [0, 1, 1] },
       |                                                       ^^^^^^^^^
      found: [0, 1, 1]
      allowed: each of 0 to 2 once, in any order

    experiment.toml:6:5: start.points[1].gap: it counts at this point and has no value
     6 |     { span = 30.0, ribs = 4.5, flap = "slotted", order = [0, 1] },
       |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    experiment.toml:6:27: start.points[1].ribs: a whole number is wanted
     6 |     { span = 30.0, ribs = 4.5, flap = "slotted", order = [0, 1] },
       |                           ^^^
      found: 4.5

    experiment.toml:6:58: start.points[1].order: 3 values are wanted, found 2
     6 |     { span = 30.0, ribs = 4.5, flap = "slotted", order = [0, 1] },
       |                                                          ^^^^^^
      found: [0, 1]

    experiment.toml:7:27: start.points[2].ribs: a whole number is wanted
     7 |     { span = 30.0, ribs = [4], flap = "none", gap = 0.55, order = [2, 1, 0] },
       |                           ^^^
      found: [4]

    experiment.toml:7:53: start.points[2].gap: 0.55 is not on a step: the nearest value is 0.6
     7 |     { span = 30.0, ribs = [4], flap = "none", gap = 0.55, order = [2, 1, 0] },
       |                                                     ^^^^
      found: 0.55
    "#);
    assert_snapshot!(errors("[[start.points]]\nx = 2\n\n[[start.points]]\ny = 1\n"), @r#"
    read experiment `experiment.toml`: 3 problems

    experiment.toml:4:5: start.points[0].x: 2 lies outside [0, 1]
     4 | x = 2
       |     ^
      found: 2

    experiment.toml:6:1: start.points[1].x: it counts at this point and has no value
     6 | [[start.points]]
       | ^^^^^^^^^^^^^^^^

    experiment.toml:7:1: start.points[1].y: the space has no such parameter
     7 | y = 1
       | ^
      allowed: x
    "#);
}

#[test]
fn more_start_points_than_the_run_begins_with() {
    assert_snapshot!(errors(r#"[start]
points = [{ x = 0 }, { x = 0.5 }, { x = 1 }]
[algorithm]
name = "genetic"
population = 2
"#), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:4:10: start.points: has 3 points, more than the 2 candidates that the run begins with
     4 | points = [{ x = 0 }, { x = 0.5 }, { x = 1 }]
       |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      found: 3 points
      allowed: at most 2 points
      hint: let the run begin with more: [algorithm] name = "genetic", population = 3
    "#);
    let genetic = "[algorithm]\nname = \"genetic\"\npopulation = 10\n";
    let small = "[start]\npoints = [{ x = 0 }, { x = 0.5 }]\n[stop]\nevaluations = 9\n";
    assert_snapshot!(errors(&format!("{small}{genetic}")), @r#"
    read experiment `experiment.toml`: 1 problem

    experiment.toml:6:15: stop.evaluations: pays for no generation: the first has 10 candidates
     6 | evaluations = 9
       |               ^
      found: 9
      allowed: at least 10
      hint: raise it, or let the run begin with fewer: [algorithm] name = "genetic", population = …
    "#);
}
