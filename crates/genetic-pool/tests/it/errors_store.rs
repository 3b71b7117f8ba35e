//! Where runs are kept: full, read-only, damaged or of another version; and a reader that goes away.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    time::Duration,
};

use genetic_pool_testkit::{Ended, TestContext};
use insta::assert_snapshot;
use rusqlite::Connection;

use crate::{
    context,
    scene::{calm, digest, python},
};

const SPHERE: &str = "format = 1\n\n[problem]\nname = \"sphere\"\n\n[stop]\nevaluations = 1_000\n";

/// Each takes long enough to be recorded.
const SLOW: &str = "
import time

def f(parameters):
    time.sleep(0.002)
    return parameters['x']
";

/// Runs the shell text `script` where `$DATA`, the data folder, is a file system of `size` of its own, which vanishes
/// with it; `$PROGRAM` is the program. `None` where nobody may have that here, which is said.
fn on_a_disk_of(context: &TestContext, size: &str, script: &str) -> Option<Ended> {
    let namespace = ["--mount", "--map-root-user"];
    let namespace = if rustix::process::geteuid().is_root() { &namespace[..1] } else { &namespace[..] };
    let mount = |size: &str, then: &str| {
        let text = format!("mkdir -p \"$DATA\" && mount -t tmpfs -o size={size} tmpfs \"$DATA\" || exit 99\n{then}");
        let mut command = context.command_of("unshare", &[namespace, &["sh", "-c", &text]].concat());
        command.env("DATA", context.data()).env("PROGRAM", env!("CARGO_BIN_EXE_genetic-pool"));
        command
    };
    let allowed = mount("64k", "true").stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !allowed {
        eprintln!("SKIPPED: a file system of its own cannot be mounted here");
        return None;
    }
    Some(context.spawn_command(mount(size, script)).wait(Duration::from_mins(2)))
}

#[test]
fn the_disk_is_full_while_a_run_is_written() {
    // Candidate 20 fills it, as other programs do.
    let code = "
import os, time

def f(parameters, context):
    time.sleep(0.002)
    if context.candidate == '20' and not os.path.exists('filled'):
        open('filled', 'w').close()
        try:
            with open('../data/ballast', 'wb', 0) as ballast:
                while True:
                    ballast.write(bytes(4096))
        except OSError:
            pass
    return parameters['x']
";
    let context = python(code, "");
    let arguments = "--slots 2 --set stop.evaluations=200";
    let script = format!(
        "\"$PROGRAM\" run experiment.toml {arguments} >run.out 2>run.err
         echo \"exit code: $?\" >>run.err
         rm \"$DATA/ballast\"
         \"$PROGRAM\" runs list --json >list.json
         \"$PROGRAM\" resume --json"
    );
    let Some(ended) = on_a_disk_of(&context, "4m", &script) else { return };
    let resumed = ended.success();
    assert_snapshot!(context.shown(&context.read("run.err")));
    assert_eq!(context.read("run.out"), "", "nothing is finished");
    let listed = context.read("list.json");
    assert!(["\"interrupted\"", "\"failed\""].iter().any(|state| listed.contains(state)), "{listed}");
    context.assert_nothing_runs();
    let undisturbed = python(SLOW, "");
    let undisturbed = undisturbed.run(&["run", "experiment.toml", "--json", "--set", "stop.evaluations=200"]).success();
    assert_eq!(digest(&resumed), digest(&undisturbed));
}

#[test]
fn the_disk_is_full_before_a_run_begins() {
    let context = calm(context());
    context.write("experiment.toml", SPHERE);
    let script = "cat /dev/zero >\"$DATA/ballast\" 2>/dev/null; exec \"$PROGRAM\" run experiment.toml";
    let Some(ended) = on_a_disk_of(&context, "64k", script) else { return };
    assert_snapshot!(ended.expect(6));
}

#[test]
fn the_data_folder_is_read_only() {
    let context = calm(context());
    context.write("experiment.toml", SPHERE);
    let script = "mount -o remount,ro \"$DATA\" && exec \"$PROGRAM\" run experiment.toml";
    let Some(ended) = on_a_disk_of(&context, "1m", script) else { return };
    assert_snapshot!(ended.expect(6));
}

#[test]
fn what_is_in_a_read_only_data_folder_can_be_read() {
    let context = calm(context());
    context.write("experiment.toml", SPHERE);
    let script = "
        \"$PROGRAM\" run experiment.toml >/dev/null 2>&1 && mount -o remount,ro \"$DATA\" || exit 98
        \"$PROGRAM\" runs list && \"$PROGRAM\" runs show >/dev/null && \"$PROGRAM\" runs export --format csv >/dev/null";
    let Some(ended) = on_a_disk_of(&context, "4m", script) else { return };
    let ended = ended.success();
    assert!(ended.stdout.contains("finished"), "{ended}");
}

#[test]
fn the_data_folder_is_a_file() {
    let context = calm(context());
    context.write("experiment.toml", SPHERE);
    std::fs::write(context.data(), "mine").unwrap();
    assert_snapshot!(context.run(&["run", "experiment.toml"]).expect(6));
    assert_eq!(std::fs::read_to_string(context.data()).unwrap(), "mine");
}

#[test]
fn a_run_file_of_a_newer_version() {
    let context = calm(context());
    context.write("experiment.toml", SPHERE);
    context.run(&["run", "experiment.toml"]).success();
    let file = run_file(&context);
    Connection::open(&file).unwrap().execute_batch("PRAGMA user_version = 1000").unwrap();
    let ended = context.run(&["resume"]).expect(3);
    assert_snapshot!(ended);
    assert_eq!(context.run(&["runs", "show"]).expect(3).stderr, ended.stderr);
    let listed = context.run(&["runs", "list"]).success();
    assert!(listed.stdout.contains("newer"), "{listed}");
}

#[test]
fn a_run_file_that_is_none() {
    let context = calm(context());
    context.write("experiment.toml", SPHERE);
    context.run(&["run", "experiment.toml"]).success();
    std::fs::write(run_file(&context), "something else entirely, and long enough to be looked at").unwrap();
    assert_snapshot!(context.run(&["resume"]).expect(3));
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly_and_it_can_be_resumed() {
    let context = python(SLOW, "");
    let arguments = ["run", "experiment.toml", "--slots", "2", "--json", "--set", "stop.evaluations=400"];
    let mut child = context.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut reader = BufReader::with_capacity(1, child.stdout.take().unwrap());
    reader.read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"event\":\"started\","), "{first}");
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
    context.assert_nothing_runs();
    let listed = context.run(&["runs", "list", "--json"]).success().json();
    assert_eq!(listed["runs"][0]["state"], "stopped", "{listed}");
    let resumed = context.run(&["resume", "--json"]).success();
    let undisturbed = python(SLOW, "");
    let undisturbed = undisturbed.run(&["run", "experiment.toml", "--json", "--set", "stop.evaluations=400"]).success();
    assert_eq!(digest(&resumed), digest(&undisturbed));
}

#[test]
fn the_result_that_nobody_reads_is_recorded() {
    let context = calm(context());
    context.write("experiment.toml", SPHERE);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = context.command(&["run", "experiment.toml"]).stdout(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(context.run(&["runs", "list"]).success().stdout.contains("finished"));
}

/// The file of the only run.
pub(crate) fn run_file(context: &TestContext) -> std::path::PathBuf {
    let files = std::fs::read_dir(context.data().join("runs")).unwrap().map(|entry| entry.unwrap().path());
    let mut files = files.filter(|path| path.extension().is_some_and(|extension| extension == "sqlite"));
    files.next().unwrap()
}
