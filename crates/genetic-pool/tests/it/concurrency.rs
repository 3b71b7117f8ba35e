//! Several terminals at once.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    context,
    scene::{digest, python},
};

const LONG: Duration = Duration::from_mins(2);

#[test]
fn different_experiments_do_not_disturb_each_other() {
    let code = "
import time

def f(parameters, context):
    time.sleep(0.002)
    with open(context.scratch + '/mine', 'x') as file:
        file.write(context.candidate)
    return parameters['x'] + SHIFT
";
    let context = python(&code.replace("SHIFT", "0.0"), "");
    context.write("other/fitness.py", code.replace("SHIFT", "1.0"));
    context.write("other/experiment.toml", context.read("experiment.toml").replace("seed = 7", "seed = 8"));
    let files = ["experiment.toml", "other/experiment.toml"];
    let set = ["--json", "--set", "stop.evaluations=120"];
    let alone = files.map(|file| digest(&context.run(&[&["run", file], &set[..]].concat()).success()));
    assert_ne!(alone[0], alone[1]);
    let running = files.map(|file| context.spawn(&[&["run", file], &set[..]].concat()));
    let together = running.map(|running| digest(&running.wait(LONG).success()));
    assert_eq!(together, alone);
    context.assert_nothing_runs();
}

#[test]
fn runs_that_begin_at_once_have_files_of_their_own() {
    let context = context();
    let text = "format = 1\n\n[problem]\nname = \"sphere\"\n\n[stop]\nevaluations = 2_000\n";
    context.write("experiment.toml", text);
    let running: Vec<_> =
        (0..8).map(|_| context.spawn(&["run", "experiment.toml", "--json", "--slots", "1"])).collect();
    let ended: Vec<_> = running.into_iter().map(|running| running.wait(LONG).success()).collect();
    let digests: BTreeSet<String> = ended.iter().map(digest).collect();
    assert_eq!(digests.len(), 1);
    let ids: BTreeSet<String> = ended.iter().map(|ended| ended.json_lines()[0]["run"].to_string()).collect();
    assert_eq!(ids.len(), 8);
    let listed = context.run(&["runs", "list", "--json"]).success().json();
    let runs = listed["runs"].as_array().unwrap();
    assert!(runs.len() == 8 && runs.iter().all(|run| run["state"] == "finished"), "{listed}");
}

#[test]
fn a_run_can_be_looked_at_while_it_goes_on() {
    let context = python("import time\n\ndef f(parameters):\n    time.sleep(0.005)\n    return parameters['x']\n", "");
    let arguments = ["run", "experiment.toml", "--json", "--slots", "2", "--set", "stop.evaluations=300"];
    let expected = digest(&context.run(&arguments).success());
    let running = context.spawn(&arguments);
    running.wait_for_stdout("\"event\":\"generation\"", LONG);
    for verb in [
        &["runs", "list"][..],
        &["runs", "show"],
        &["runs", "export", "--format", "csv"],
        &["runs", "export", "--what", "journal", "--format", "csv"],
    ] {
        context.run(verb).success();
    }
    assert_eq!(digest(&running.wait(LONG).success()), expected);
}
