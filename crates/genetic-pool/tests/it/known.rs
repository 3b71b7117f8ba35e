//! `[start]`: evaluations that are paid for already.

use std::time::Duration;

use genetic_pool_testkit::TestContext;

use crate::{
    context,
    scene::{calm, digest},
};

/// An experiment on every kind of parameter, with the lines `start` in `[start]`.
fn write(context: &TestContext, name: &str, start: &str) {
    let text = format!(
        "format = 1\nparallel = 2\ngoals = {{ drag = \"minimize\", }}\nconstraints = {{ stress = {{ max = 1.0 }} }}\n\
         measures = [\"mass\"]\n\n[problem]\npython = \"fitness:f\"\n\n[space]\nspan = {{ real = [0.0, 1.0] }}\n\
         chord = {{ real = [0.5, 5.0], scale = \"log\", len = 2 }}\nribs = {{ int = [4, 40] }}\n\
         flap = {{ choice = [\"none\", \"slotted\"] }}\ngap = {{ real = [0.5, 3.0], when = {{ flap = \"slotted\" }} }}\n\
         stiff = {{ bit = true }}\nroute = {{ permutation = 4 }}\n\n[start]\n{start}\n\n[algorithm]\n\
         name = \"genetic\"\npopulation = 10\n\n[stop]\nevaluations = 40\n"
    );
    context.write(name, text);
}

const CODE: &str = "
import time

def f(p, context):
    time.sleep(0.004)
    if context.candidate == '3':
        raise ValueError('no')
    return {'drag': (p['span'] - 0.3) ** 2 + p['chord'][0] + p.get('gap', 0.0), 'stress': p['chord'][1] / 3,
            'mass': p['ribs']}
";

/// Runs `first.toml`, which starts from nothing, and exports its journal.
fn first() -> TestContext {
    let context = calm(context());
    context.write("fitness.py", CODE);
    write(&context, "first.toml", "");
    // On one slot, so that the journal is in the same order each time: it breaks ties.
    context.run(&["run", "first.toml", "--slots", "1"]).success();
    let exported = context.run(&["runs", "export", "--what", "journal", "--format", "csv"]).success();
    context.write("paid.csv", exported.stdout);
    context
}

#[test]
fn an_exported_table_comes_back() {
    let context = first();
    write(&context, "second.toml", "outcomes = \"paid.csv\"");
    let checked = context.run(&["check", "second.toml"]).success();
    // One of the forty failed.
    assert!(checked.stdout.contains("\nstart        39 known outcomes\n"), "{checked}");
    let json = context.run(&["check", "second.toml", "--json"]).success().json();
    assert_eq!((json["known"].as_u64(), json["left_out"].as_u64()), (Some(39), Some(0)));
    context.run(&["try", "second.toml"]).success();
    let begun = context.run(&["runs", "show", "--json"]).success().json()["run"].as_str().unwrap().to_owned();
    let whole = context.run(&["run", "second.toml", "--json"]).success();
    assert_eq!(whole.json_lines().pop().unwrap()["evaluations"], 40);

    // From another run it is the same, bit for bit.
    write(&context, "third.toml", &format!("run = \"{begun}:best 1000\""));
    let third = context.run(&["run", "third.toml", "--json"]).success();
    assert_eq!(digest(&third), digest(&whole));
}

#[test]
fn a_run_depends_on_no_table_once_it_has_begun() {
    let whole = {
        let context = first();
        write(&context, "second.toml", "outcomes = \"paid.csv\"");
        digest(&context.run(&["run", "second.toml", "--json", "--set", "stop.evaluations=200"]).success())
    };
    let context = first();
    write(&context, "second.toml", "outcomes = \"paid.csv\"");
    let running = context.spawn(&["run", "second.toml", "--json", "--set", "stop.evaluations=200"]);
    running.wait_for_stdout("\"event\":\"generation\"", Duration::from_mins(1));
    running.kill();
    std::fs::remove_file(context.work().join("paid.csv")).unwrap();
    assert_eq!(digest(&context.run(&["resume", "--json"]).success()), whole);
}

#[test]
fn a_final_population_is_begun_from() {
    let context = first();
    write(&context, "second.toml", "run = \"latest:population\"");
    let checked = context.run(&["check", "second.toml"]).success();
    assert!(checked.stdout.contains("\nstart        10 known outcomes\n"), "{checked}");
    context.run(&["run", "second.toml"]).success();
    let shown = context.run(&["runs", "export", "--what", "population", "--format", "csv"]).success();
    assert!(shown.stdout.lines().count() == 11, "{shown}");
}

#[test]
fn what_lies_outside_the_space_is_left_out() {
    let context = first();
    write(&context, "second.toml", "outcomes = \"paid.csv\"");
    let narrowed = context.read("second.toml").replace("span = { real = [0.0, 1.0] }", "span = { real = [0.0, 0.5] }");
    context.write("second.toml", narrowed);
    let json = context.run(&["check", "second.toml", "--json"]).success().json();
    let (known, left_out) = (json["known"].as_u64().unwrap(), json["left_out"].as_u64().unwrap());
    assert!(known > 5 && left_out > 5 && known + left_out == 39, "{json}");
    let checked = context.run(&["check", "second.toml"]).success();
    assert!(checked.stdout.contains(&format!("{left_out} left out, which are no points of the space")), "{checked}");
}

#[test]
fn everything_wrong_with_a_table_is_said_at_once() {
    let context = calm(context());
    context.write("fitness.py", CODE);
    write(&context, "second.toml", "outcomes = \"paid.csv\"");
    let missing = context.run(&["check", "second.toml"]).expect(3);
    assert!(missing.stderr.contains("read outcomes `paid.csv`"), "{missing}");

    context.write("paid.csv", "span,chord[0],chord[1],ribs,flap,stiff,drog,drag,drag\n");
    let ended = context.run(&["check", "second.toml"]).expect(3);
    for problem in [
        "6 problems",
        "line 1, column 7: `drog` is no parameter and no output: did you mean `drag`?",
        "line 1, column 9: `drag` stands there twice",
        "line 1: there is no column `route`",
        "line 1: there is no column `stress`",
    ] {
        assert!(ended.stderr.contains(problem) || problem == "6 problems", "{problem}\n{ended}");
    }

    let head = "span,chord[0],chord[1],ribs,flap,gap,stiff,route,drag,stress,failure\n";
    let rows = "0.5,1,1,4,none,,true,0 1 2 3,1.5,0.5,\n\
                half,1,1,4.5,none,,maybe,0 x 2 3,,nan,\n\
                0.5,1,1,4,slotted,,true,0 1 2 3,1.5,0.5,\n\
                0.5,1,1,4,none,,true,0 1 2 3,,,exception\n\
                0.5,1,1\n";
    context.write("paid.csv", format!("{head}{rows}"));
    let ended = context.run(&["check", "second.toml"]).expect(3);
    for problem in [
        "line 3, column 1: `span` is not a finite number: `half`",
        "line 3, column 4: `ribs` is not a whole number: `4.5`",
        "line 3, column 7: `stiff` is not true or false: `maybe`",
        "line 3, column 8: `route` is no list of whole numbers: `0 x 2 3`",
        "line 3, column 9: `drag` has no value, and the row has no failure",
        "line 3, column 10: `stress` is not a number: `nan`",
    ] {
        assert!(ended.stderr.contains(problem), "{problem}\n{ended}");
    }
    context.write("paid.csv", format!("{head}0.5,1,1,4,slotted,,true,0 1 2 3,1.5,0.5,\n"));
    let ended = context.run(&["check", "second.toml"]).expect(3);
    assert!(ended.stderr.contains("line 2: `gap` counts there and has no value"), "{ended}");
}

#[test]
fn runs_that_cannot_be_begun_from() {
    let context = calm(context());
    context.write("fitness.py", CODE);
    for text in ["latest", "latest:", ":best 3", "latest:best 0", "latest:best", "latest:front 3"] {
        write(&context, "second.toml", &format!("run = \"{text}\""));
        let ended = context.run(&["check", "second.toml"]).expect(3);
        assert!(ended.stderr.contains("does not say which evaluations of which run"), "{ended}");
    }
    write(&context, "second.toml", "run = \"latest:best 3\"");
    let ended = context.run(&["check", "second.toml"]).expect(3);
    assert!(ended.stderr.contains("read run `latest`, from which the experiment starts"), "{ended}");
    context.write("other.toml", "format = 1\n\n[problem]\nname = \"sphere\"\n\n[stop]\nevaluations = 1000\n");
    context.run(&["run", "other.toml"]).success();
    let ended = context.run(&["check", "second.toml"]).expect(3);
    assert!(ended.stderr.contains("has no output `drag`"), "{ended}");
}
