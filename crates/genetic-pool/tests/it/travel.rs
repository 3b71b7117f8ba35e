//! What is sent to a cluster works where it is unpacked: the packed program drives a run, as a job does on a head.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use genetic_pool::{
    event::RunEvent,
    experiment::{Experiment, Overrides},
    registry::Registry,
    remote::{
        job::{FORMAT, Job},
        nodes::Placement,
        package::{Executable, Package},
        said::{Line, Said},
    },
    run,
    store::RunId,
};
use genetic_pool_testkit::{Ended, TestContext};

use crate::{
    context,
    scene::{digest, python},
};

/// Takes 10 ms.
const SLOW: &str = "
import time

def f(parameters, context):
    time.sleep(0.01)
    return parameters['x'] * parameters['x']
";

/// What a driver says of a generation.
const GENERATION: &str = "\"event\":\"generation\"";

/// A package of this program and the experiment at `file`, unpacked.
pub(crate) fn unpacked(context: &TestContext, file: &Path) -> PathBuf {
    let experiment = Experiment::load(file, &Overrides::default(), &Registry::built_in()).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_genetic-pool"));
    let executable = Executable::read(program, program).unwrap();
    let package = Package::new(executable, &experiment.text, run::files(&experiment).unwrap());
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(package.pack().unwrap())).unwrap();
    let folder = context.work().join("package");
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let path = folder.join(entry.enclosed_name().unwrap());
        if entry.is_dir() {
            fs::create_dir_all(path).unwrap();
            continue;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::io::copy(&mut entry, &mut fs::File::create(&path).unwrap()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(entry.unix_mode().unwrap())).unwrap();
    }
    folder
}

fn job(context: &TestContext, attempt: u32) -> Job {
    Job {
        format: FORMAT,
        run: RunId::parse("20261124-101530-k3f9").unwrap(),
        attempt,
        name: "it's".into(),
        directory: "/home/of/somebody".into(),
        command: "genetic-pool run experiment.toml --on genetic-ray".into(),
        home: context.data(),
        python: "python3".into(),
        place: Placement::Driver,
        slots: Some(2),
        keep_outcomes: false,
    }
}

/// The job's command in the folder of its package.
fn command(context: &TestContext, package: &Path, job: &Job) -> Command {
    let mut command = context.command_of("sh", &["-c", &job.entrypoint().unwrap()]);
    command.current_dir(package);
    command
}

fn lines(ended: &Ended) -> Vec<Line> {
    let lines: Vec<Line> = ended.stdout.lines().filter_map(Line::read).collect();
    assert!(lines.iter().map(|line| line.at).eq(1..=lines.len() as u64), "{ended}");
    lines
}

/// The digest of the last line.
fn said_digest(ended: &Ended) -> String {
    match lines(ended).pop().map(|line| line.said) {
        Some(Said::Event(RunEvent::Finished(finished))) => finished.digest,
        other => panic!("{other:?}:\n{ended}"),
    }
}

#[test]
fn a_packed_run_is_the_same_run() {
    let context = context();
    let file = context.write("a.toml", "format = 1\n[problem]\nname = \"rastrigin\"\n[stop]\nevaluations = 5_000\n");
    let local = context.run(&["run", "a.toml", "--json"]).success();
    let package = unpacked(&context, &file);
    let job = job(&context, 1);
    let driven = context.spawn_command(command(&context, &package, &job)).wait(Duration::from_mins(1)).success();
    assert_eq!(said_digest(&driven), digest(&local));
    // It is a run like any other, under the id that was chosen for it, from where it was written.
    let shown = context.run(&["runs", "show", job.run.as_str(), "--json"]).success();
    assert_eq!(shown.json()["run"], job.run.as_str());
    assert!(!package.join("a.toml").exists() && package.join("experiment.toml").is_file());
    // The same job again is refused: there can be one driver of a number.
    let again = context.spawn_command(command(&context, &package, &job)).wait(Duration::from_mins(1)).expect(6);
    let Said::Broke(broke) = &lines(&again)[0].said else { panic!("{again}") };
    assert!(broke.message.contains("20261124-101530-k3f9-a1"), "{broke:?}");
    assert_eq!(broke.exit, 6);
}

#[test]
fn a_driver_that_is_killed_or_stopped_is_followed_by_another() {
    let mut python = python(SLOW, "");
    let set = ["--set", "stop.evaluations=800"];
    let local = python.run(&[&["run", "experiment.toml", "--json"], &set[..]].concat()).success();
    let text = python.read("experiment.toml").replace("evaluations = 40", "evaluations = 800");
    let file = python.write("experiment.toml", text);
    let package = unpacked(&python, &file);
    // The files that were not packed are not there.
    python = python.env("PYTHONDONTWRITEBYTECODE", "1");
    fs::remove_file(python.work().join("fitness.py")).unwrap();

    let first = python.spawn_command(command(&python, &package, &job(&python, 1)));
    first.wait_for_stdout(GENERATION, Duration::from_mins(1));
    first.kill();
    python.assert_nothing_runs();
    let second = python.spawn_command(command(&python, &package, &job(&python, 2)));
    second.wait_for_stdout(GENERATION, Duration::from_mins(1));
    second.terminate();
    let second = second.wait(Duration::from_mins(1)).expect(130);
    python.assert_nothing_runs();
    let Said::Event(RunEvent::Finished(finished)) = lines(&second).pop().unwrap().said else { panic!("{second}") };
    assert_eq!(finished.stop, genetic_pool::event::Stop::Interrupted);
    // One that sees a later one gives up.
    let third = python.spawn_command(command(&python, &package, &job(&python, 3)));
    third.wait_for_stdout(GENERATION, Duration::from_mins(1));
    let fourth = python.spawn_command(command(&python, &package, &job(&python, 4)));
    assert_eq!(third.wait(Duration::from_mins(1)).code, Some(130));
    let fourth = fourth.wait(Duration::from_mins(1)).success();
    assert_eq!(said_digest(&fourth), digest(&local));
}

#[test]
fn a_job_that_nobody_submits_is_refused() {
    let ended = context().run(&["drive", "{}"]).expect(2);
    let line = Line::read(ended.stdout.trim_end()).unwrap();
    assert!(matches!(line.said, Said::Broke(_)), "{line:?}");
}
