//! Evaluations that cannot begin, fail or misbehave, as a person meets them: what happened, where, what to do; and
//! nothing of them is left when the program ends.

use std::time::{Duration, Instant};

use genetic_pool_testkit::{Ended, TestContext};
use insta::assert_snapshot;

use crate::scene::{candidate_3, digest, experiment, python};

/// Runs the experiment of `context` on two slots; it ends with `code` and leaves no process behind.
fn run(context: &TestContext, code: i32, arguments: &[&str]) -> Ended {
    let slots: &[&str] = if arguments.contains(&"--slots") { &[] } else { &["--slots", "2"] };
    let ended = context.run(&[&["run", "experiment.toml"], slots, arguments].concat()).expect(code);
    context.assert_nothing_runs();
    ended
}

/// The one candidate that misbehaves is told, and the others are evaluated.
fn one_failure(context: &TestContext) -> Ended {
    let ended = run(context, 0, &[]);
    assert!(ended.stdout.contains("\nfailures     1\n") && ended.stdout.contains("\nevaluations  40 in "), "{ended}");
    ended
}

#[test]
fn a_python_module_is_missing() {
    let context = python("", "");
    std::fs::rename(context.work().join("fitness.py"), context.work().join("fitnes.py")).unwrap();
    assert_snapshot!(run(&context, 5, &[]));
    // `try` says the same.
    let tried = context.run(&["try", "experiment.toml"]).expect(5);
    assert!(tried.stderr.contains("there is no Python module `fitness`"), "{tried}");
    assert!(tried.stderr.contains("hint: did you mean `fitnes`?"), "{tried}");
}

#[test]
fn a_python_function_is_missing() {
    let context = python("def fs(parameters):\n    return 1.0\n", "");
    assert_snapshot!(run(&context, 5, &[]));
}

#[test]
fn a_python_interpreter_is_missing() {
    let context = python("def f(parameters):\n    return 1.0\n", "interpreter = \"./venv/bin/python\"");
    assert_snapshot!(run(&context, 5, &[]));
    assert!(!context.data().join("runs").exists(), "a run was begun");
    // Nor is there one on the PATH.
    let context = python("def f(parameters):\n    return 1.0\n", "");
    let mut command = context.command(&["run", "experiment.toml"]);
    command.env("PATH", context.home());
    assert_snapshot!(context.spawn_command(command).wait(Duration::from_mins(1)).expect(5));
}

#[test]
fn a_python_module_that_cannot_be_imported() {
    let context = python("import fluid_dynamics\n\ndef f(parameters):\n    return 1.0\n", "");
    assert_snapshot!(run(&context, 5, &[]));
}

#[test]
fn a_command_is_missing() {
    let context = python("", "");
    context.write(
        "experiment.toml",
        experiment("goals = { f = \"minimize\" }", "")
            .replace("python = \"fitness:f\"", "command = [\"./simulate\", \"--fine\"]"),
    );
    assert_snapshot!(run(&context, 5, &[]));
}

#[test]
fn an_exception_in_the_first_evaluation_and_all_that_follow() {
    let code = "
def f(parameters):
    print('meshing')
    return lift(parameters) / 0


def lift(parameters):
    return parameters['span']
";
    let context = python(code, "");
    let ended =
        run(&context, 5, &["--slots", "1", "--set", "algorithm.population=100", "--set", "stop.evaluations=1000"]);
    assert_snapshot!(ended);
    // What is printed and told is there for who asks later.
    let shown = context.run(&["runs", "show", "latest"]).success();
    assert!(shown.stdout.contains("KeyError: 'span'"), "{shown}");
    let candidate = context.run(&["runs", "show", "latest", "--candidate", "0"]).success();
    assert!(candidate.stdout.contains("meshing"), "{candidate}");
}

#[test]
fn the_wrong_number_of_goals() {
    let context = python("def f(parameters):\n    return 1.0, 2.0\n", "");
    context.write(
        "experiment.toml",
        experiment(
            "goals = { drag = \"minimize\" }\nconstraints = { mass = { max = 9.0 }, stress = { max = 1.0 } }",
            "",
        ),
    );
    assert_snapshot!(run(&context, 5, &["--slots", "1"]));
}

#[test]
fn not_a_number() {
    let context = python(&candidate_3("x = float('nan')"), "");
    assert_snapshot!(one_failure(&context));
}

#[test]
fn it_prints_without_end() {
    let context = python(&candidate_3("while True:\n    os.write(1, b'y' * 99 + b'\\n')"), "timeout = \"300ms\"");
    let ended = one_failure(&context);
    assert!(ended.stderr.len() < 10_000, "its output is not for the terminal:\n{ended}");
    assert!(
        ended.stderr.contains("failure: candidate 3, time-out\n  | the evaluation took longer than 300ms\n"),
        "{ended}"
    );
    assert!(ended.stdout.contains("\ntimed  "), "{ended}");
    let file = std::fs::read_dir(context.data().join("runs")).unwrap().next().unwrap().unwrap();
    assert!(file.metadata().unwrap().len() < 4 << 20, "the run's file takes {} bytes", file.metadata().unwrap().len());
    // The start and the end of what it printed are kept.
    let shown = context.run(&["runs", "show", "latest", "--candidate", "3"]).success();
    assert!(shown.stdout.contains("yyyyyy") && shown.stdout.len() < 1 << 20, "{}", shown.stdout.len());
}

#[test]
fn it_leaves_processes_behind() {
    let code = candidate_3(
        "
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open('orphan', 'w').write(str(os.getpid()))
        time.sleep(1000)
    os._exit(0)
while not os.path.exists('orphan'):
    time.sleep(0.001)",
    );
    let context = python(&code, "");
    let ended = run(&context, 0, &[]);
    assert!(!ended.stderr.contains("failure"), "{ended}");
    assert!(!context.read("orphan").is_empty());
}

#[test]
fn it_forks_without_end() {
    // Each is a failure of its own: the time-out kills all of them.
    let code = candidate_3(
        "
for _ in range(40):
    if os.fork() == 0:
        os.setsid()
        for _ in range(2):
            os.fork()
        time.sleep(1000)
time.sleep(1000)",
    );
    let context = python(&code, "timeout = \"500ms\"");
    assert_snapshot!(one_failure(&context));
}

#[test]
fn it_hangs_and_ignores_the_signal_to_end() {
    let code = candidate_3(
        "
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
print('waiting for a licence', flush=True)
while True:
    time.sleep(1)",
    );
    let context = python(&code, "timeout = \"300ms\"");
    assert_snapshot!(one_failure(&context));
}

#[test]
fn it_allocates_without_end() {
    let code = candidate_3(
        "
kept = []
while True:
    kept.append(bytearray(4 << 20))
    time.sleep(0.001)",
    );
    let context = python(&code, "resources = { memory = \"200MiB\" }");
    assert_snapshot!(one_failure(&context));
}

#[test]
fn it_exits() {
    let context = python(&candidate_3("print('no licence left', flush=True)\nos._exit(3)"), "");
    assert_snapshot!(one_failure(&context));
}

#[test]
fn it_exits_at_random() {
    // It ends its process whenever it likes, but each candidate's a single time.
    let code = "
import os

def f(parameters, context):
    if int(parameters['x'] * 1000) % 3 == 0 and not os.path.exists('tried-' + context.candidate):
        open('tried-' + context.candidate, 'w').close()
        os._exit(1)
    return parameters['x']
";
    let few = ["--set", "stop.evaluations=20"];
    let json = [&few[..], &["--json"]].concat();
    let ended = run(&python(code, "on_failure = { retries = 1 }"), 0, &json);
    assert!(!ended.stdout.contains("\"event\":\"failure\""), "{ended}");
    let undisturbed = python("def f(parameters):\n    return parameters['x']\n", "");
    assert_eq!(digest(&ended), digest(&run(&undisturbed, 0, &json)));
    // What fails all the time fails, and the rest is evaluated.
    let always = python(&code.replace(" and not os.path.exists('tried-' + context.candidate)", ""), "");
    // Which of them is found out first depends on which share a process.
    let always = always.filter(r"candidate \d+, exit", "candidate [ID], exit");
    assert_snapshot!(run(&always, 0, &few));
}

/// Begins, and never ends.
const HANGS: &str = "
import os, signal, time

def f(parameters):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open('begun', 'w').close()
    time.sleep(1000)
";

#[test]
fn ctrl_c_during_a_long_evaluation() {
    let context = python(HANGS, "");
    let running = context.spawn(&["run", "experiment.toml", "--slots", "2"]);
    wait_for(&context, "begun");
    let asked = Instant::now();
    running.interrupt();
    let ended = running.wait(Duration::from_mins(1)).expect(130);
    // A second is what it may take; the machine that tests may be busy with others.
    assert!(asked.elapsed() < Duration::from_secs(5), "it took {:?}", asked.elapsed());
    context.assert_nothing_runs();
    assert_snapshot!(ended);
}

#[test]
fn ctrl_c_twice_ends_it_at_once() {
    let context = python(HANGS, "");
    let running = context.spawn(&["run", "experiment.toml", "--slots", "2"]);
    wait_for(&context, "begun");
    running.interrupt_as_a_terminal();
    running.interrupt_as_a_terminal();
    let _ = running.wait(Duration::from_mins(1)).expect(130);
    context.assert_nothing_runs();
    let listed = context.run(&["runs", "list", "--json"]).success().json();
    let state = listed["runs"][0]["state"].as_str().unwrap();
    assert!(["interrupted", "stopped"].contains(&state), "{listed}");
}

#[test]
fn ctrl_c_during_a_trial_leaves_nothing_behind() {
    let context = python(HANGS, "");
    let running = context.spawn(&["try", "experiment.toml"]);
    wait_for(&context, "begun");
    running.interrupt_as_a_terminal();
    let ended = running.wait(Duration::from_mins(1));
    assert!(ended.code == Some(130) || ended.signal == Some(2), "{ended}");
    context.assert_nothing_runs();
}

#[test]
fn a_driver_that_is_killed_leaves_no_evaluation_behind() {
    let code = "
import os, time

def f(parameters):
    if os.fork() == 0:
        os.setsid()
        open('begun', 'w').close()
    time.sleep(1000)
";
    let context = python(code, "");
    let running = context.spawn(&["run", "experiment.toml", "--slots", "2"]);
    wait_for(&context, "begun");
    running.kill();
    context.assert_nothing_runs();
}

#[test]
fn retries_come_first() {
    let code = candidate_3(
        "
open('tries', 'a').write('.')
if len(open('tries').read()) < 3:
    raise OSError('the licence server is busy')",
    );
    let context = python(&code, "on_failure = { retries = 2 }");
    let ended = run(&context, 0, &[]);
    assert!(!ended.stderr.contains("failure"), "{ended}");
    assert_eq!(context.read("tries"), "...");
    let context = python(&code, "on_failure = { retries = 1 }");
    let ended = one_failure(&context);
    assert!(ended.stderr.contains("OSError: the licence server is busy"), "{ended}");
    assert_eq!(context.read("tries"), "..");
}

#[test]
fn then_worst_or_infeasible_or_stop() {
    let code = candidate_3("raise ValueError('the mesh degenerates')");
    for then in ["worst", "infeasible"] {
        let context = python(&code, &format!("on_failure = {{ then = \"{then}\" }}"));
        one_failure(&context);
    }
    let context = python(&code, "on_failure = { then = \"stop\" }");
    let ended = run(&context, 5, &[]);
    assert_snapshot!(ended);
}

#[test]
fn stop_after_so_many() {
    let code = "
def f(parameters):
    if parameters['x'] > 0.3:
        raise ValueError('the mesh degenerates')
    return parameters['x']
";
    let context = python(code, "on_failure = { stop_after = 3 }");
    assert_snapshot!(run(&context, 5, &["--slots", "1"]));
    // Who goes on in spite of them has three more: there are two.
    let resumed = context.run(&["resume", "--json"]).success().json_lines().pop().unwrap();
    assert_eq!((&resumed["stop"], &resumed["evaluations"]), (&"evaluations".into(), &40.into()), "{resumed}");
}

#[test]
fn what_has_failed_is_tried_again_once_it_is_mended() {
    let code = "
import os, time

def f(parameters, context):
    time.sleep(0.002)
    open('paid', 'a').write(context.candidate + ' ')
    if not os.path.exists('licence') and parameters['x'] > LIMIT:
        raise OSError('no licence')
    return parameters['x']
";
    let mended = python(&code.replace("LIMIT", "-1"), "");
    mended.write("licence", "");
    let expected = digest(&run(&mended, 0, &["--json"]));
    // None of the first, or some where the first stops the run.
    for (limit, on_failure) in [("-1", ""), ("0.8", "on_failure = { then = \"stop\" }")] {
        let context = python(&code.replace("LIMIT", limit), on_failure);
        run(&context, 5, &["--json"]);
        context.write("paid", "");
        context.write("licence", "");
        assert_eq!(digest(&context.run(&["resume", "--json"]).success()), expected, "{limit}");
        // What was evaluated before is not paid for again.
        let paid = context.read("paid").split_whitespace().count();
        assert_eq!(paid == 40, limit == "-1", "{paid} evaluations");
    }
}

#[test]
fn an_interpreter_that_is_asked_for() {
    let context = python("", "");
    // A relative path is the typist's: it is not looked for beside the experiment.
    let mine = context.write("bin/mine", "#!/bin/sh\nexec python3 \"$@\"\n");
    std::fs::set_permissions(&mine, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    context.write("nested/fitness.py", "def f(parameters):\n    return 1.0\n");
    context.write("nested/experiment.toml", context.read("experiment.toml"));
    for verb in ["run", "try"] {
        context.run(&[verb, "nested/experiment.toml", "--python", "bin/mine"]).success();
        let ended = context.run(&[verb, "nested/experiment.toml", "--python", "bin/none"]).expect(5);
        assert!(ended.stderr.contains("there is no Python interpreter `"), "{ended}");
    }
    let shown = context.run(&["runs", "show", "latest"]).success();
    assert!(shown.stdout.contains("/work/bin/mine)"), "{shown}");
}

/// Waits until the evaluation has made `file`.
fn wait_for(context: &TestContext, file: &str) {
    let end = Instant::now() + Duration::from_mins(1);
    while !context.work().join(file).exists() {
        assert!(Instant::now() < end, "`{file}` does not come");
        std::thread::sleep(Duration::from_millis(5));
    }
}
