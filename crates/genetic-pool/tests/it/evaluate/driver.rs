//! The driver's end, in whatever way, is the end of all it has started.

use super::{nasty::lives, *};

const SLEEPER: &str = "
import os, subprocess, time
def f(p):
    # A child of its own, and a grandchild that has left its session.
    child = subprocess.Popen(['sleep', '1000'])
    if os.fork() == 0:
        os.setsid()
        with open('pids', 'a') as file:
            file.write('%d %d %d ' % (os.getpid(), child.pid, os.getppid()))
        os.execvp('sleep', ['sleep', '1000'])
    time.sleep(1000)
";

/// The processes that evaluations on `slots` slots have started, once all have.
fn started(pids: &Path, slots: usize) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let text = std::fs::read_to_string(pids).unwrap_or_default();
        let pids: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        if pids.len() >= 3 * slots {
            return pids;
        }
        assert!(Instant::now() < deadline, "the evaluations do not start");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn all_end(pids: &[String]) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Some(pid) = pids.iter().find(|pid| lives(pid)) {
        assert!(Instant::now() < deadline, "process {pid} is left behind");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_killed_driver_takes_everything_with_it() {
    let context = crate::context();
    let text = format!(
        "format = 1\nparallel = 2\ngoals = {{ f = \"minimize\" }}\n[problem]\npython = \"fitness:f\"\n{ONE_REAL}[stop]\nevaluations = 10\n"
    );
    context.write("experiment.toml", text);
    context.write("fitness.py", SLEEPER);
    let run = context.spawn(&["run", "experiment.toml", "--slots", "2"]);
    let pids = started(&context.work().join("pids"), 2);
    assert!(pids.iter().all(|pid| lives(pid)));
    run.kill();
    all_end(&pids);
}

#[test]
fn a_dropped_evaluator_takes_everything_with_it() {
    let lab = Lab::python(SLEEPER);
    let mut processes = lab.processes(2);
    processes.submit(&mut lab.batch(0..2)).unwrap();
    let pids = started(&lab.path().join("pids"), 2);
    drop(processes);
    assert!(!pids.iter().any(|pid| lives(pid)));
}
