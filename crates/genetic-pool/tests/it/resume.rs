//! Kill, interrupt, resume: the same digest, nothing recorded is paid for twice, and who may not is told why.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use genetic_pool_testkit::{Ended, Running, TestContext};
use insta::assert_snapshot;
use rusqlite::{Connection, OpenFlags};

use crate::{
    context,
    errors_store::run_file,
    scene::{calm, digest, python},
};

/// Takes 10 ms and says whose evaluation it has done.
const PAID: &str = "
import os, time

def f(parameters, context):
    time.sleep(0.01)
    log = os.open('paid', os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, (context.candidate + '\\n').encode())
    os.close(log)
    return parameters['x'] * parameters['x']
";

const RASTRIGIN: &str = "format = 1\n\n[problem]\nname = \"rastrigin\"\noptions = { dimension = 10 }\n\n\
                         [stop]\nevaluations = 1_000_000\n";

/// The candidates whose evaluation was done, in order.
fn paid(context: &TestContext) -> Vec<String> {
    std::fs::read_to_string(context.work().join("paid")).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The candidates whose outcomes are recorded.
fn journalled(context: &TestContext) -> BTreeSet<String> {
    let ended = context.run(&["runs", "export", "--what", "journal", "--format", "csv"]).success();
    let mut lines = ended.stdout.lines();
    let column = lines.next().unwrap().split(',').position(|name| name == "candidate").unwrap();
    lines.map(|line| line.split(',').nth(column).unwrap().to_owned()).collect()
}

fn state(context: &TestContext) -> String {
    let listed = context.run(&["runs", "list", "--json"]).success().json();
    listed["runs"].as_array().unwrap().last().unwrap()["state"].as_str().unwrap().to_owned()
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(Instant::now() < end, "it does not come to it that {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A run of 10 ms evaluations, and the same one that is disturbed when half of it is done; what is found.
fn disturbed(schedule: &str, disturb: impl Fn(&TestContext, Running)) -> (TestContext, Ended) {
    let set = ["--set", "stop.evaluations=100", "--set", schedule];
    let run = [&["run", "experiment.toml", "--json", "--slots", "2"], &set[..]].concat();
    let undisturbed = python(PAID, "");
    let whole = undisturbed.run(&run).success();
    let all = paid(&undisturbed);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());

    let context = python(PAID, "");
    let running = context.spawn(&run);
    wait_until("half is done", || paid(&context).len() >= 50);
    disturb(&context, running);
    context.assert_nothing_runs();
    let recorded = journalled(&context);
    assert!(recorded.len() >= 20, "only {} are recorded", recorded.len());
    let before = paid(&context).len();
    let resumed = context.run(&["resume", "--json"]).success();
    assert_eq!(digest(&resumed), digest(&whole));
    let again: Vec<String> = paid(&context).split_off(before).into_iter().filter(|id| recorded.contains(id)).collect();
    assert_eq!(again, [""; 0], "recorded evaluations are paid for twice");
    (context, resumed)
}

#[test]
fn killed_in_generations() {
    disturbed("algorithm.schedule=\"generations\"", |context, running| {
        running.kill();
        assert_eq!(state(context), "interrupted");
        let shown = context.run(&["runs", "show"]).success();
        assert!(shown.stdout.contains("state        interrupted"), "{shown}");
    });
}

#[test]
fn killed_in_a_window() {
    let schedule = "algorithm.schedule={ window = 6 }";
    let (context, resumed) = disturbed(schedule, |_, running| drop(running.kill()));
    assert_eq!(resumed.json_lines()[0]["event"], "started");
    assert_eq!(state(&context), "finished");
}

#[test]
fn killed_where_candidates_are_evaluated_together() {
    // What is found depends on with whom; 0.7 ms to 4 ms a candidate, so that some are worth recording and some not.
    let code = "
import os, time

class Batches:
    def evaluate_batch(self, parameters, contexts):
        time.sleep(0.003 + 0.004 * (contexts[0].seed % 4))
        centre = sum(one['x'] for one in parameters)
        with open('paid', 'a') as log:
            log.write(''.join(context.candidate + '\\n' for context in contexts))
        return [one['x'] + 0.001 * centre for one in parameters]
";
    for schedule in ["algorithm.schedule=\"generations\"", "algorithm.schedule={ window = 9 }"] {
        let create = || {
            let context = python(code, "batch = 4");
            context.write("experiment.toml", context.read("experiment.toml").replace("fitness:f", "fitness:Batches"));
            context
        };
        let run =
            ["run", "experiment.toml", "--json", "--slots", "2", "--set", "stop.evaluations=200", "--set", schedule];
        let whole = create().run(&run).success();
        let context = create();
        let running = context.spawn(&run);
        wait_until("half is done", || paid(&context).len() >= 100);
        running.kill();
        assert_eq!(digest(&context.run(&["resume", "--json"]).success()), digest(&whole), "{schedule}");
    }
}

#[test]
fn interrupted_once() {
    let (context, _) = disturbed("seed=8", |context, running| {
        running.interrupt_as_a_terminal();
        let ended = running.wait(Duration::from_mins(1)).expect(130);
        let last = ended.json_lines().pop().unwrap();
        assert_eq!((last["event"].as_str(), last["stop"].as_str()), (Some("finished"), Some("interrupted")));
        assert_eq!(state(context), "stopped");
    });
    assert_eq!(state(&context), "finished");
}

#[test]
fn the_line_that_is_printed_after_ctrl_c_resumes() {
    let context = python(PAID, "");
    let running = context.spawn(&["run", "experiment.toml", "--slots", "2"]);
    wait_until("some are done", || paid(&context).len() >= 5);
    running.interrupt();
    let ended = running.wait(Duration::from_mins(1)).expect(130);
    let line = ended.stderr.rsplit_once("next:\n").unwrap_or_else(|| panic!("{ended}")).1.lines().next().unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[0], "genetic-pool", "{ended}");
    let resumed = context.run(&words[1..]).success();
    assert_snapshot!(resumed);
}

#[test]
fn sigterm_is_as_ctrl_c() {
    let context = python(PAID, "");
    let running = context.spawn(&["run", "experiment.toml"]);
    wait_until("some are done", || paid(&context).len() >= 5);
    running.terminate();
    let _ = running.wait(Duration::from_mins(1)).expect(130);
    assert_eq!(state(&context), "stopped");
}

#[test]
fn cheap_evaluations_killed_before_a_snapshot() {
    let arguments = ["run", "experiment.toml", "--json", "--set", "stop.evaluations=300_000"];
    let undisturbed = context();
    undisturbed.write("experiment.toml", RASTRIGIN);
    let whole = undisturbed.run(&arguments).success();
    let context = context();
    context.write("experiment.toml", RASTRIGIN);
    let running = context.spawn(&arguments);
    running.wait_for_stdout("\"event\":\"generation\"", Duration::from_mins(1));
    running.kill();
    assert_eq!(state(&context), "interrupted");
    assert_eq!(digest(&context.run(&["resume", "--json", "--slots", "1"]).success()), digest(&whole));
}

#[test]
fn cheap_evaluations_killed_after_a_snapshot() {
    // The first snapshot comes after two seconds: 20,000 of these take longer, and are too cheap to be recorded.
    let code = "
import os, time

def f(parameters):
    if not os.path.exists('fast'):
        time.sleep(0.0003)
    return parameters['x'] * parameters['x']
";
    let arguments = ["run", "experiment.toml", "--json", "--slots", "2", "--set", "stop.evaluations=20_000"];
    let undisturbed = python(code, "");
    undisturbed.write("fast", "");
    let whole = undisturbed.run(&arguments).success();
    let context = python(code, "");
    let running = context.spawn(&arguments);
    running.wait_for_stdout("\"event\":\"started\"", Duration::from_mins(1));
    let file = run_file(&context);
    let snapshots = || -> rusqlite::Result<u64> {
        let connection = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.query_row("SELECT max(evaluations) FROM snapshots", [], |row| row.get(0))
    };
    wait_until("there is a snapshot", || snapshots().is_ok_and(|evaluations| evaluations > 0));
    running.kill();
    context.write("fast", "");
    let resumed = context.run(&["resume", "--json"]).success();
    let events = resumed.json_lines();
    assert!(events[0]["evaluations"].as_u64().unwrap() > 0, "it goes on from the snapshot: {resumed}");
    assert_eq!(digest(&resumed), digest(&whole));
}

#[test]
fn a_finished_run() {
    let context = calm(context());
    context.write("experiment.toml", RASTRIGIN);
    context.run(&["run", "experiment.toml", "--set", "stop.evaluations=1000"]).success();
    assert_snapshot!(context.run(&["resume"]).expect(3));
}

#[test]
fn a_run_that_is_not_there() {
    let context = calm(context());
    assert_snapshot!(context.run(&["resume"]).expect(3));
    context.write("experiment.toml", RASTRIGIN);
    context.run(&["run", "experiment.toml", "--set", "stop.evaluations=1000"]).success();
    assert_snapshot!(context.run(&["resume", "20990101-000000-zzzz"]).expect(3));
}

#[test]
fn a_run_that_another_process_has() {
    let context =
        python("import time\n\ndef f(parameters):\n    open('begun', 'w').close()\n    time.sleep(1000)\n", "");
    let context = context.filter(r"process \d+", "process [PID]").filter(r"kill -INT \d+", "kill -INT [PID]");
    let running = context.spawn(&["run", "experiment.toml", "--slots", "2"]);
    wait_until("it has begun", || context.work().join("begun").exists());
    assert_eq!(state(&context), "running");
    assert_snapshot!(context.run(&["resume"]).expect(7));
    assert_snapshot!(context.run(&["runs", "rm", "latest"]).expect(7));
    assert!(context.work().join("experiment.toml").exists() && state(&context) == "running");
    running.interrupt();
    let _ = running.wait(Duration::from_mins(1)).expect(130);
}

#[test]
fn what_a_time_limit_decided_is_said_and_not_decided_again() {
    let code = "
import time

def f(parameters, context):
    if context.candidate == '3':
        open('hangs', 'a').write('.')
        time.sleep(1000)
    time.sleep(0.005)
    return parameters['x']
";
    let arguments = ["run", "experiment.toml", "--json", "--slots", "2", "--set", "stop.evaluations=60"];
    let undisturbed = python(code, "timeout = \"200ms\"");
    let whole = undisturbed.run(&arguments).success();
    assert_eq!(whole.json_lines().pop().unwrap()["timed"], true);
    let shown = undisturbed.run(&["runs", "show"]).success();
    assert!(shown.stdout.contains("\ntimed  "), "{shown}");

    let context = python(code, "timeout = \"200ms\"");
    let running = context.spawn(&arguments);
    running.wait_for_stdout("\"event\":\"failure\"", Duration::from_mins(1));
    wait_until("it is recorded", || journalled(&context).contains("3"));
    running.kill();
    let hangs = context.read("hangs");
    let resumed = context.run(&["resume", "--json"]).success();
    assert_eq!(context.read("hangs"), hangs, "the candidate was evaluated again");
    assert_eq!(digest(&resumed), digest(&whole));
    assert_eq!(resumed.json_lines().pop().unwrap()["timed"], true);
}

#[test]
fn the_problems_code_has_changed() {
    let context = python(PAID, "files = [\"mesh/*\"]");
    context.write("mesh/a.txt", "1");
    context.write("mesh/b.txt", "1");
    let running = context.spawn(&["run", "experiment.toml", "--slots", "2"]);
    wait_until("some are done", || paid(&context).len() >= 5);
    running.kill();
    context.assert_nothing_runs();
    context.write("fitness.py", PAID.replace("parameters['x'] * parameters['x']", "parameters['x']"));
    std::fs::rename(context.work().join("mesh/a.txt"), context.work().join("mesh/c.txt")).unwrap();
    context.write("mesh/b.txt", "2");
    let before = paid(&context).len();
    assert_snapshot!(context.run(&["resume"]).expect(3));
    assert_eq!(paid(&context).len(), before, "something was evaluated");
    assert_eq!(state(&context), "interrupted");
    context.run(&["resume", "--keep-outcomes"]).success();
    assert_eq!(state(&context), "finished");
    // That there is nothing to go on with is said first.
    assert!(context.run(&["resume"]).expect(3).stderr.contains("is finished"));
}

#[test]
fn the_experiment_file_may_change_or_go_meanwhile() {
    let context = python(PAID, "");
    let running = context.spawn(&["run", "experiment.toml", "--json", "--seed", "9"]);
    wait_until("some are done", || paid(&context).len() >= 5);
    running.kill();
    std::fs::remove_file(context.work().join("experiment.toml")).unwrap();
    let resumed = context.run(&["resume", "--json"]).success();
    assert_eq!(resumed.json_lines()[0]["seed"], 9);
    let undisturbed = python(PAID, "");
    let whole = undisturbed.run(&["run", "experiment.toml", "--json", "--seed", "9"]).success();
    assert_eq!(digest(&resumed), digest(&whole));
}

/// Takes 30 ms; asked to end it prints what it has not found, and ends as if all were well.
const OBEDIENT: &str = "trap 'echo f = 9; exit 0' TERM\nsleep 0.03\necho f = $1\n";

const OBEDIENT_EXPERIMENT: &str = "format = 1\nseed = 7\nparallel = 2\ngoals = { f = \"minimize\" }\n\n[problem]\n\
                                   command = [\"sh\", \"sim.sh\", \"{x}\"]\nmode = \"once\"\n\
                                   results = { f = { pattern = \"f = (.*)\" } }\n\n[space]\n\
                                   x = { real = [0.0, 1.0] }\n\n[stop]\nevaluations = 60\n";

#[test]
#[cfg(target_os = "linux")]
fn what_evaluations_say_that_somebody_else_asks_to_end_is_no_outcome() {
    use rustix::process::{Pid, Signal, kill_process};

    let run = ["run", "experiment.toml", "--json", "--slots", "2"];
    let begin = || {
        let context = calm(context());
        context.write("sim.sh", OBEDIENT);
        context.write("experiment.toml", OBEDIENT_EXPERIMENT);
        context
    };
    let whole = digest(&begin().run(&run).success());
    let context = begin();
    let running = context.spawn(&run);
    running.wait_for_stdout("\"event\":\"started\"", Duration::from_mins(1));
    // As who ends all processes of a job or a service does, parents first: but for the driver.
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(100));
        let mut processes = context.processes();
        processes.sort();
        for (id, _) in processes.into_iter().filter(|(id, _)| *id != running.id()) {
            let _ = kill_process(Pid::from_raw(id.cast_signed()).unwrap(), Signal::TERM);
        }
    }
    assert_eq!(digest(&running.wait(Duration::from_mins(1)).success()), whole);
}
