//! Evaluations that misbehave: each becomes its candidate's failure, or a loss, and never more.

use super::*;

/// What a fitness that misbehaves where `x` is above a half came to for a good, a bad and a good candidate.
fn between_good_ones(lab: &Lab, slots: usize) -> Failure {
    let found = lab.evaluate_x(&[0.25, 0.75, 0.125], slots);
    assert_eq!([&found[0], &found[2]], [&Ok(vec![0.25]), &Ok(vec![0.125])]);
    found[1].clone().unwrap_err()
}

/// A fitness that does `what` where `x` is above a half.
fn bad(what: &str) -> String {
    let what = what.trim().replace('\n', "\n        ");
    format!(
        "import os, sys, time, signal\ndef f(p, context):\n    x = p['x']\n    if x > 0.5:\n        {what}\n    return x\n"
    )
}

/// Whether process `pid` exists and is no zombie.
pub(super) fn lives(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z')))
}

#[test]
fn it_exits() {
    let lab = Lab::python(&bad("print('so long')\nos._exit(3)"));
    for slots in [1, 2] {
        let failure = between_good_ones(&lab, slots);
        assert_eq!(failure.kind, FailureKind::Exit);
        assert_eq!(failure.message, "the evaluation ended its process with exit code 3\nso long");
    }
}

#[test]
fn one_exit_is_never_a_failure_and_two_are() {
    // Whether the child had evaluated anything before makes no difference.
    let code = |exits: usize| {
        bad(&format!(
            "open('tries', 'a').write('.')\nif len(open('tries').read()) <= {exits}:\n    os._exit(3)\nreturn x"
        ))
    };
    for before in [&[][..], &[0.25]] {
        let xs = [before, &[0.75]].concat();
        let once = Lab::python(&code(1)).evaluate_x(&xs, 1);
        assert_eq!(once.last().unwrap(), &Ok(vec![0.75]));
        let twice = Lab::python(&code(2)).evaluate_x(&xs, 1);
        assert_eq!(twice.last().unwrap().as_ref().unwrap_err().kind, FailureKind::Exit);
    }
}

#[test]
fn a_loss_does_not_count_against_a_candidate_that_then_exits_once() {
    let code = bad("
open('tries', 'a').write('.')
tries = len(open('tries').read())
if tries == 1:
    os.kill(os.getpid(), signal.SIGKILL)
if tries == 2:
    os._exit(3)
return x");
    assert_eq!(Lab::python(&code).evaluate_x(&[0.75], 1), [Ok(vec![0.75])]);
}

#[test]
fn one_of_many_cheap_ones_that_hangs_costs_its_own_time_alone() {
    // They are sent many at a time, which together may take no longer than one.
    let code = "import time\ndef f(p):\n    if p['x'] == 0.75:\n        time.sleep(1000)\n    return p['x']\n";
    let lab = Lab::python_with(code, "timeout = \"500ms\"\n");
    let mut batch = lab.batch(0..3000);
    batch.genomes.reals[2222] = 0.75;
    let found = collect(&mut lab.processes(1), &mut batch).unwrap();
    assert_eq!(found[2222].as_ref().unwrap_err().kind, FailureKind::Timeout);
    assert_eq!(found.iter().filter(|found| found.is_err()).count(), 1);
}

#[test]
fn it_crashes() {
    let lab = Lab::python(&bad("import ctypes\nctypes.string_at(0)"));
    let failure = between_good_ones(&lab, 1);
    assert_eq!(failure.kind, FailureKind::Exit);
    assert!(failure.message.starts_with("the evaluation was ended by SIGSEGV (a bad memory access)\n"), "{failure:?}");
    assert!(failure.message.contains("line 6 in f"), "the interpreter says where: {failure:?}");
    assert!(!failure.message.contains("genetic-pool") && !failure.message.contains("<string>"), "{failure:?}");
}

#[test]
fn it_hangs_and_ignores_the_signal_to_end() {
    let code = bad("signal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('waiting')\nwhile True:\n    time.sleep(1)");
    let lab = Lab::python_with(&code, "timeout = \"1s\"\n");
    let failure = between_good_ones(&lab, 2);
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert_eq!(failure.message, "the evaluation took longer than 1s\nwaiting");
}

#[test]
fn it_allocates_without_end() {
    let code = bad("kept = []\nwhile True:\n    kept.append(bytearray(4 << 20))\n    time.sleep(0.001)");
    let lab = Lab::python_with(&code, "resources = { memory = \"200MiB\" }\n");
    let failure = between_good_ones(&lab, 1);
    assert_eq!(failure.kind, FailureKind::Memory);
    assert_eq!(failure.message, "the evaluation took more than 200 MiB of memory");
}

#[test]
fn its_children_allocate() {
    let code = bad("
import subprocess
subprocess.run([sys.executable, '-c', 'import time; kept = bytearray(300 << 20); time.sleep(60)'])");
    let lab = Lab::python_with(&code, "resources = { memory = \"200MiB\" }\n");
    assert_eq!(between_good_ones(&lab, 1).kind, FailureKind::Memory);
}

#[test]
fn it_prints_without_end() {
    let code = bad("while True:\n    os.write(1, b'x' * 100000)");
    let lab = Lab::python_with(&code, "timeout = \"1s\"\n");
    let failure = between_good_ones(&lab, 1);
    assert_eq!(failure.kind, FailureKind::Timeout);
    let logs = lab.logs();
    assert!(!logs.is_empty());
    for log in logs {
        assert!(log.truncated && log.output.len() < 70_000 && log.candidate == CandidateId(1));
    }
}

#[test]
fn it_prints_from_everywhere() {
    let code = bad("
import subprocess
print('python')
os.write(1, b'descriptor\\n')
subprocess.run(['echo', 'child'])
sys.stderr.write('error')
sys.stdin.read()
return x");
    let lab = Lab::python(&code);
    assert_eq!(lab.evaluate_x(&[0.75, 0.25], 1), [Ok(vec![0.75]), Ok(vec![0.25])]);
    let logs = lab.logs();
    assert_eq!(logs.len(), 1);
    assert_eq!(
        logs[0],
        CandidateLog {
            candidate: CandidateId(0),
            together: 1,
            output: "python\ndescriptor\nchild\nerror".into(),
            truncated: false
        }
    );
}

#[test]
fn it_closes_every_file() {
    let lab = Lab::python(&bad("os.closerange(0, 256)\ntime.sleep(60)"));
    let failure = between_good_ones(&lab, 1);
    assert_eq!(failure.kind, FailureKind::Exit);
    assert_eq!(failure.message, "the evaluation closed the pipe its outcome was to come through");
}

#[test]
fn it_writes_into_the_protocol() {
    let lab = Lab::python(&bad("
for fd in range(3, 64):
    try:
        os.write(fd, b'garbage ' * 10)
    except OSError:
        pass
time.sleep(60)"));
    let failure = between_good_ones(&lab, 1);
    assert_eq!(failure.kind, FailureKind::WrongOutput);
    assert!(failure.message.starts_with("the evaluation answered not a frame: it begins with"), "{failure:?}");
}

#[test]
fn it_forks_and_both_return() {
    let lab = Lab::python(&bad("os.fork()\nreturn x"));
    assert_eq!(lab.evaluate_x(&[0.75, 0.25, 0.75], 1), [Ok(vec![0.75]), Ok(vec![0.25]), Ok(vec![0.75])]);
}

#[test]
fn what_it_leaves_behind_ends_with_it() {
    // A grandchild in a session of its own, whose parent is gone, that ignores what can be ignored.
    let code = bad("
if os.fork() == 0:
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    if os.fork() == 0:
        open('pid', 'w').write(str(os.getpid()))
        os.execvpe('sleep', ['sleep', '1000'], {})
    os._exit(0)
while not (os.path.exists('pid') and open('pid').read()):
    time.sleep(0.01)
return x");
    let lab = Lab::python(&code);
    let mut processes = lab.processes(1);
    let mut batch = lab.batch(0..1);
    batch.genomes.reals[0] = 0.75;
    collect(&mut processes, &mut batch).unwrap();
    let pid = std::fs::read_to_string(lab.path().join("pid")).unwrap();
    assert!(lives(&pid));
    drop(processes);
    assert!(!lives(&pid), "process {pid} is left behind");
}

#[test]
fn one_that_forks_and_ends_again_and_again_is_caught() {
    let code = bad("
while True:
    if os.fork():
        os._exit(0)
    with open('pid', 'w') as file:
        file.write(str(os.getpid()))
");
    // The first of them ends, and with it its guard all others.
    let lab = Lab::python(&code);
    assert_eq!(between_good_ones(&lab, 1).kind, FailureKind::Exit);
    let last = || std::fs::read_to_string(lab.path().join("pid")).unwrap_or_default();
    let pid = last();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(last(), pid, "it still runs");
}

#[test]
fn a_child_that_is_killed_is_a_loss_and_the_candidate_is_found() {
    let code = bad("
if not os.path.exists('killed'):
    open('killed', 'w').close()
    os.kill(os.getpid(), signal.SIGKILL)
return x");
    let lab = Lab::python(&code);
    assert_eq!(lab.evaluate_x(&[0.25, 0.75], 1), [Ok(vec![0.25]), Ok(vec![0.75])]);
}

#[test]
fn the_third_loss_of_a_candidate_is_its_failure() {
    let lab = Lab::python_with(
        &bad("open('tries', 'a').write('.')\nos.kill(os.getpid(), signal.SIGKILL)"),
        "on_failure = { retries = 5 }\n",
    );
    let failure = between_good_ones(&lab, 2);
    assert_eq!(failure.kind, FailureKind::Killed);
    assert_eq!(std::fs::read_to_string(lab.path().join("tries")).unwrap(), "...");
}

#[test]
fn it_kills_its_guard_and_its_group() {
    let lab = Lab::python(&bad(
        "open('pids', 'a').write('%d ' % os.getpid())\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)",
    ));
    assert_eq!(between_good_ones(&lab, 1).kind, FailureKind::Killed);
    for pid in std::fs::read_to_string(lab.path().join("pids")).unwrap().split_whitespace() {
        assert!(!lives(pid), "process {pid} is left behind");
    }
    let lab = Lab::python(&bad("os.killpg(0, signal.SIGKILL)"));
    assert_eq!(between_good_ones(&lab, 1).kind, FailureKind::Killed);
}

#[test]
fn it_exits_at_random_after_its_answer() {
    let code = "
import os, threading
def f(p):
    if int(p['x'] * 1000) % 7 == 0:
        threading.Timer(0.002, os._exit, (5,)).start()
    return p['x']
";
    let lab = Lab::python(code);
    let found = lab.evaluate(60, 2).unwrap();
    let good = found.iter().filter(|found| found.is_ok()).count();
    assert!(good >= 50, "{found:?}");
}

#[test]
fn failures_are_retried_with_the_same_seed() {
    let code = bad("
open('seeds', 'a').write('%d\\n' % context.seed)
if len(open('seeds').readlines()) < 3:
    raise OSError('the licence server is busy')
return x");
    let lab = Lab::python_with(&code, "on_failure = { retries = 2 }\n");
    assert_eq!(lab.evaluate_x(&[0.75], 1), [Ok(vec![0.75])]);
    let seeds = std::fs::read_to_string(lab.path().join("seeds")).unwrap();
    let seeds: Vec<&str> = seeds.lines().collect();
    assert_eq!(seeds, [seeds[0]; 3]);
    let always =
        Lab::python_with(&bad("open('tries', 'a').write('.')\nraise OSError"), "on_failure = { retries = 2 }\n");
    assert_eq!(between_good_ones(&always, 1).kind, FailureKind::Exception);
    assert_eq!(std::fs::read_to_string(always.path().join("tries")).unwrap(), "...");
}

#[test]
fn a_crash_in_a_cheap_group_is_one_candidates() {
    // After some hundred candidates they are sent many at a time.
    let lab = Lab::python("import os\ndef f(p):\n    if p['x'] == 0.75:\n        os._exit(9)\n    return p['x']\n");
    let mut batch = lab.batch(0..3000);
    for bad in [7, 1000, 2222, 2223] {
        batch.genomes.reals[bad] = 0.75;
    }
    let expected = batch.genomes.reals.clone();
    let found = collect(&mut lab.processes(2), &mut batch).unwrap();
    for (found, x) in found.iter().zip(expected) {
        match found {
            Ok(values) => assert_eq!(values[..], [x]),
            Err(failure) => assert!(x == 0.75 && failure.kind == FailureKind::Exit, "{failure:?}"),
        }
    }
    assert_eq!(found.iter().filter(|found| found.is_err()).count(), 4);
}

#[test]
fn one_of_a_group_that_hangs_is_found_alone() {
    let code = "
import time
class f:
    def evaluate_batch(self, parameters):
        if any(each['x'] == 0.75 for each in parameters):
            open('hung', 'a').write('%d ' % len(parameters))
            time.sleep(1000)
        return [each['x'] for each in parameters]
";
    let lab = Lab::python_with(code, "batch = 4\ntimeout = \"300ms\"\n");
    let mut batch = lab.batch(0..8);
    batch.genomes.reals.copy_from_slice(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 0.6, 0.7]);
    batch.groups = vec![0, 0, 0, 0, 4, 4, 4, 4];
    let found = collect(&mut lab.processes(1), &mut batch).unwrap();
    for (row, found) in found.iter().enumerate() {
        assert_eq!(found.is_err(), row == 5, "{row}: {found:?}");
    }
    assert_eq!(found[5].as_ref().unwrap_err().kind, FailureKind::Timeout);
    assert_eq!(std::fs::read_to_string(lab.path().join("hung")).unwrap(), "4 1 1 ");
}

#[test]
fn a_worker_that_cannot_start_stops_the_evaluator_with_its_words() {
    let lab = Lab::python("import os\nprint('no room for us')\nos._exit(7)\n");
    let error = lab.evaluate(2, 2).unwrap_err();
    let expected = "the evaluation's process ended with exit code 7 before it was ready\nno room for us";
    assert_eq!(error.message, expected);
}

#[test]
fn cancelled_candidates_are_killed_and_never_received() {
    let code = bad("open('pid', 'w').write(str(os.getpid()))\ntime.sleep(1000)");
    let lab = Lab::python(&code);
    let mut processes = lab.processes(2);
    let mut batch = lab.batch(0..2);
    batch.genomes.reals.fill(0.75);
    processes.submit(&mut batch).unwrap();
    let pid = lab.path().join("pid");
    let text = loop {
        match std::fs::read_to_string(&pid) {
            Ok(text) if !text.is_empty() => break text,
            _ => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let start = Instant::now();
    processes.cancel();
    let mut results = Results::default();
    processes.receive(&mut results, Duration::from_mins(1)).unwrap();
    assert!(results.candidates.is_empty() && start.elapsed() < Duration::from_secs(30));
    let mut batch = lab.batch(5..6);
    batch.genomes.reals[0] = 0.5;
    assert_eq!(collect(&mut processes, &mut batch).unwrap(), [Ok(vec![0.5])]);
    drop(processes);
    assert!(!lives(&text));
}

#[test]
fn what_is_cancelled_while_a_child_starts_does_not_keep_its_slot() {
    let code = "
import time
open('starting', 'w').close()
time.sleep(1)
def f(p):
    if p['x'] > 0.5:
        time.sleep(1000)
    return p['x']
";
    let lab = Lab::python(code);
    let mut processes = lab.processes(1);
    let mut batch = lab.batch(0..1);
    batch.genomes.reals[0] = 0.75;
    processes.submit(&mut batch).unwrap();
    while !lab.path().join("starting").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    processes.cancel();
    let mut batch = lab.batch(1..2);
    batch.genomes.reals[0] = 0.25;
    assert_eq!(collect(&mut processes, &mut batch).unwrap(), [Ok(vec![0.25])]);
}

#[test]
fn a_slot_that_panics_ends_the_evaluator_and_nothing_hangs() {
    let lab = Lab::python("def f(p):\n    print('x')\n    return 1.0\n");
    let options = Options { on_output: Some(Arc::new(|_| panic!("the reader of output is broken"))), ..lab.options(1) };
    let error = collect(&mut processes(&lab.experiment, options).unwrap(), &mut lab.batch(0..3)).unwrap_err();
    assert_eq!(error.message, "a slot of the evaluator panicked, which is a bug");
}

#[test]
fn a_group_that_cannot_be_sent_is_refused() {
    let space = "[space]\nx = { real = [0.0, 1.0], len = 1000000 }\n";
    let lab = Lab::with(&[], "python = \"fitness:f\"\nbatch = 40", space);
    let error = processes(&lab.experiment, lab.options(1)).unwrap_err();
    assert_eq!(error.message, "a group of 40 candidates takes 305 MiB, more than can be sent");
}
