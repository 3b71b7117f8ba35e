//! Programs: kept alive in lines of JSON, or started once for each candidate.

use super::*;

/// An experiment with a command, which is the file `sim` where `sim` is given.
fn lab(sim: &str, problem: &str, space: &str) -> Lab {
    Lab::with(&[("sim", sim)], problem, space)
}

/// A command that answers every line in Python, for want of JSON in a shell.
fn alive(answer: &str) -> Lab {
    let sim = format!(
        "#!/usr/bin/env python3\nimport json, os, sys, time\n\
         hello = json.loads(input())\nprint(json.dumps({{'genetic-pool': 1}}), flush=True)\n\
         for line in sys.stdin:\n    ask = json.loads(line)\n    x = ask['parameters']['x']\n    {}\n",
        answer.trim().replace('\n', "\n    ")
    );
    lab(&sim, "command = [\"./sim\"]\n", ONE_REAL)
}

fn once(sim: &str, command: &str, results: &str) -> Lab {
    lab(sim, &format!("command = {command}\nmode = \"once\"\nresults = {{ {results} }}\n"), ONE_REAL)
}

fn message(lab: &Lab) -> (FailureKind, String) {
    let failure = lab.failure();
    (failure.kind, failure.message)
}

#[test]
fn a_command_kept_alive_gets_bits_and_gives_bits() {
    let lab = alive("print(json.dumps({'candidate': ask['candidate'], 'outcome': {'f': x}}), flush=True)");
    let mut batch = lab.batch(0..500);
    let expected = batch.genomes.reals.clone();
    let found = collect(&mut lab.processes(2), &mut batch).unwrap();
    assert!(found.iter().zip(expected).all(|(found, x)| found.as_ref().unwrap()[0].to_bits() == x.to_bits()));
}

#[test]
fn it_is_told_everything_and_may_print_on_standard_error() {
    let lab = alive(
        "
assert sorted(ask) == ['candidate', 'parameters', 'scratch', 'seed'], ask
assert os.path.isdir(ask['scratch'])
assert os.path.samefile(os.getcwd(), os.path.dirname(sys.argv[0]) or '.')
print(hello['goals'], hello['parameters'], ask['seed'], file=sys.stderr, flush=True)
print(json.dumps({'candidate': ask['candidate'], 'outcome': 1}), flush=True)",
    );
    assert_eq!(lab.evaluate(2, 1).unwrap(), [Ok(vec![1.0]), Ok(vec![1.0])]);
    let seed = genetic_pool::evolve::problem::Trial::new(7, CandidateId(1)).seed;
    assert_eq!(lab.logs()[1].output, format!("['f'] ['x'] {seed}\n"));
}

#[test]
fn its_faults_read_well() {
    let answer = |answer: &str| message(&alive(answer));
    let wrong = |message: &str| (FailureKind::WrongOutput, message.to_owned());
    assert_eq!(
        answer("print(0.5, flush=True)"),
        wrong(
            "the evaluation answered `0.5`, which is no JSON object (its standard output is for answers, one a line; other words belong on standard error)"
        )
    );
    assert_eq!(
        answer("print('{\"candidate\": \"99\", \"outcome\": 1}', flush=True)"),
        wrong("the evaluation answered `{\"candidate\":\"99\",\"outcome\":1}`, whose `candidate` was not asked for")
    );
    assert_eq!(
        answer("print(json.dumps({'candidate': ask['candidate'], 'outcome': {'g': 1}}), flush=True)"),
        wrong("the evaluation returned `g`, which is no goal, constraint or measure: there are `f`")
    );
    assert_eq!(
        answer("print(json.dumps({'candidate': ask['candidate'], 'failure': 'no mesh'}), flush=True)"),
        (FailureKind::Exception, "no mesh".to_owned())
    );
    assert_eq!(
        answer("sys.exit('out of licences')"),
        (FailureKind::Exit, "the evaluation ended its process with exit code 1\nout of licences".to_owned())
    );
}

#[test]
fn a_command_that_does_not_greet_stops_the_evaluator() {
    let error = |sim: &str| lab(sim, "command = [\"./sim\"]", ONE_REAL).evaluate(1, 1).unwrap_err().message;
    assert_eq!(
        error("#!/bin/sh\necho hello\nsleep 60\n"),
        "the evaluation's process answered `hello`, which is no JSON object (its standard output is for answers, one a \
         line; other words belong on standard error) when it was greeted"
    );
    assert_eq!(
        error("#!/bin/sh\necho '{\"genetic-pool\": 2}'\n"),
        "the evaluation's process answered `{\"genetic-pool\":2}`, where {\"genetic-pool\": 1} was expected when it was greeted"
    );
    assert_eq!(error("#!/bin/sh\necho '{\"genetic-pool\": 1, \"error\": \"no licence\"}'\n"), "no licence");
    assert_eq!(
        error("#!/bin/sh\necho broken >&2\nexit 2\n"),
        "the evaluation's process ended with exit code 2 before it was ready\nbroken"
    );
    assert!(
        error("#!/no/such/interpreter\n").ends_with("/sim` cannot be started: No such file or directory (os error 2)")
    );
}

#[test]
fn a_command_that_is_not_there() {
    let error = |command: &str| {
        let error = lab("not a program", command, ONE_REAL).evaluate(1, 1).unwrap_err();
        (error.message, error.hint.unwrap())
    };
    let (message, hint) = error("command = [\"simulate-wing\"]");
    assert_eq!(message, "there is no command `simulate-wing`");
    assert!(hint.ends_with("then on PATH"));
    let (message, hint) = error("command = [\"./sim\"]");
    assert_eq!(message, "the command `./sim` is not executable");
    assert!(hint.starts_with("make it executable: chmod +x "));
}

#[test]
fn once_with_words_and_a_number_on_standard_output() {
    let sim = "#!/bin/sh\necho \"f = 1e3\"\necho \"x was $1, f = $2\"\n";
    let lab = once(sim, "[\"./sim\", \"{x}\", \"{x}\"]", "f = { pattern = \"f = (.*)\" }");
    let xs = [0.1, 1.0 / 3.0, 1.0, 5e-324];
    assert_eq!(lab.evaluate_x(&xs, 2), xs.map(|x| Ok(vec![x])));
    assert!(lab.logs()[0].output.contains("x was 0."));
}

#[test]
fn once_in_a_scratch_folder_with_files() {
    let sim = "#!/usr/bin/env python3
import json, os, sys
assert os.getcwd() == os.path.realpath(sys.argv[2]), sys.argv
parameters = json.load(open(sys.argv[1]))
assert open(sys.argv[3]).read() == 'fine'
assert sys.argv[4:] == ['17', 'pre17post', '{x}'], sys.argv
json.dump({'results': [{'drag': parameters['x']}]}, open('out.json', 'w'))
print('done')
";
    let problem = "command = [\"./sim\", \"{parameters}\", \"{scratch}\", \"mesh.txt\", \"{candidate}\", \"pre{candidate}post\", \"{{x}}\"]\n\
                   mode = \"once\"\nresults = { f = { json = \"/results/0/drag\", file = \"out.json\" } }\n";
    let lab = Lab::with(&[("sim", sim), ("mesh.txt", "fine")], problem, ONE_REAL);
    let mut batch = lab.batch(17..18);
    let x = batch.genomes.reals[0];
    let found = collect(&mut lab.processes(1), &mut batch).unwrap();
    assert_eq!(found, [Ok(vec![x])]);
    assert_eq!(lab.logs()[0].output, "done\n");
}

#[test]
fn once_by_exit_code() {
    let lab = once("#!/bin/sh\nexit 7\n", "[\"./sim\"]", "f = { exit_code = true }");
    assert_eq!(lab.evaluate(1, 1).unwrap(), [Ok(vec![7.0])]);
}

#[test]
fn the_faults_of_commands_that_run_once() {
    let fault = |sim: &str, results: &str| message(&once(sim, "[\"./sim\"]", results));
    let wrong = |message: &str| (FailureKind::WrongOutput, message.to_owned());
    let pattern = "f = { pattern = \"f = (.*)\" }";
    assert_eq!(
        fault("#!/bin/sh\necho diverged >&2\nexit 3\n", pattern),
        (FailureKind::Exit, "the command ended with exit code 3\ndiverged".to_owned())
    );
    assert_eq!(
        fault("#!/bin/sh\necho nothing\n", pattern),
        wrong("nothing in its standard output matches the pattern of `f`: `f = (.*)`\nnothing")
    );
    assert_eq!(fault("#!/bin/sh\necho f = many\n", pattern), wrong("`f` is `many`, which is no number\nf = many"));
    assert_eq!(fault("#!/bin/sh\necho f = nan\n", pattern).0, FailureKind::NotANumber);
    assert!(
        fault("#!/bin/sh\necho }\n", "f = { json = \"/f\" }")
            .1
            .starts_with("its standard output, where `f` is to be found, is no JSON")
    );
    assert_eq!(
        fault("#!/bin/sh\necho '{}'\n", "f = { json = \"/f\" }"),
        wrong("its standard output has nothing at `/f`, where `f` is to be found\n{}")
    );
    assert!(
        fault("#!/bin/sh\n", "f = { json = \"/f\", file = \"out.json\" }")
            .1
            .starts_with("the command left no file `out.json`")
    );
    let crash = fault("#!/bin/sh\nkill -SEGV $$\n", pattern);
    assert_eq!(crash, (FailureKind::Exit, "the evaluation was ended by SIGSEGV (a bad memory access)".to_owned()));
}

#[test]
fn a_placeholder_that_is_not_known() {
    let lab = once("#!/bin/sh\n", "[\"./sim\", \"{y}\"]", "f = { exit_code = true }");
    let error = lab.evaluate(1, 1).unwrap_err();
    assert_eq!(error.message, "the command names `{y}`, which is no placeholder");
    assert!(error.hint.unwrap().contains("{parameters}, {x}; write {{y}}"));
}

#[test]
fn once_with_a_time_limit_kills_what_it_started() {
    let sim = "#!/bin/sh\nsleep 1000 &\necho $! >> $1/pids\nwait\n";
    let problem = "command = [\"./sim\", \"{experiment}\"]\nmode = \"once\"\nresults = { f = { exit_code = true } }\ntimeout = \"200ms\"\n";
    let lab = lab(sim, problem, ONE_REAL);
    assert_eq!(message(&lab).0, FailureKind::Timeout);
    let pids = std::fs::read_to_string(lab.path().join("pids")).unwrap();
    for pid in pids.split_whitespace() {
        assert!(!super::nasty::lives(pid));
    }
}

#[test]
fn scratch_folders_stay_as_they_are_wanted() {
    let sim = "#!/bin/sh\necho $1 > note\nexit 1\n";
    let problem = "command = [\"./sim\", \"{candidate}\"]\nmode = \"once\"\nresults = { f = { json = \"/f\" } }\nkeep = [\"failures\"]\n";
    let lab = lab(sim, problem, ONE_REAL);
    let root = lab.path().join("scratch");
    let options = Options { scratch: Some(root.clone()), ..lab.options(1) };
    collect(&mut processes(&lab.experiment, options).unwrap(), &mut lab.batch(0..5)).unwrap();
    let mut kept: Vec<_> = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    kept.sort();
    assert_eq!(kept, ["0", "1", "2"]);
    let folder = genetic_pool::evaluate::scratch_folder(&root, CandidateId(1));
    assert_eq!(std::fs::read_to_string(folder.join("note")).unwrap(), "1\n");
}

/// The example `name` in a folder of its own, after `build` there.
fn example(name: &str, build: &[&str]) -> Lab {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    if let [program, arguments @ ..] = build {
        let status = std::process::Command::new(program).args(arguments).current_dir(folder.path()).status();
        assert!(status.unwrap().success());
    }
    let path = folder.path().join("experiment.toml");
    let experiment = Experiment::load(&path, &Overrides::default(), &Registry::built_in()).unwrap();
    Lab { folder, experiment, logs: Arc::default() }
}

#[test]
fn the_example_in_shell() {
    let lab = example("command-shell", &[]);
    let mut batch = lab.batch(0..2);
    batch.genomes.reals.copy_from_slice(&[1.0, 3.0, -0.1, 2.5e-7]);
    let found = collect(&mut lab.processes(2), &mut batch).unwrap();
    assert_eq!(found[0], Ok(vec![0.0, 0.0]));
    let (x, y) = (-0.1, 2.5e-7);
    let (a, b) = (x + 2.0 * y - 7.0, 2.0 * x + y - 5.0);
    assert_eq!(found[1].as_ref().unwrap()[0], a * a + b * b);
}

#[test]
fn the_example_in_c() {
    let lab = example("command-c", &["cc", "-O2", "-o", "evaluate", "evaluate.c"]);
    let mut batch = lab.batch(0..200);
    let expected: Vec<f64> = batch
        .genomes
        .reals
        .chunks(4)
        .map(|x| {
            x.windows(2).fold(0.0, |cost, x| {
                let (a, b) = (x[1] - x[0] * x[0], 1.0 - x[0]);
                cost + (100.0 * a * a + b * b)
            })
        })
        .collect();
    let found = collect(&mut lab.processes(2), &mut batch).unwrap();
    assert!(found.iter().zip(expected).all(|(found, cost)| *found == Ok(vec![cost])));
}

#[test]
fn one_that_prints_without_end_is_ended_by_its_time_out() {
    let lab = Lab::with(
        &[("sim", "#!/bin/sh\nexec yes\n")],
        "command = [\"./sim\"]\nmode = \"once\"\nresults = { f = { exit_code = true } }\ntimeout = \"500ms\"\n",
        ONE_REAL,
    );
    let failure = lab.failure();
    assert_eq!(failure.kind, FailureKind::Timeout);
}

#[test]
fn what_a_program_does_not_say_is_measured() {
    let lab = alive(
        "
time.sleep(0.05)
if x > 0.5:
    os._exit(3)
print(json.dumps({'candidate': ask['candidate'], 'outcome': x, 'seconds': -1.0}), flush=True)",
    );
    let mut processes = lab.processes(1);
    let mut batch = lab.batch(0..2);
    batch.genomes.reals.copy_from_slice(&[0.25, 0.75]);
    processes.submit(&mut batch).unwrap();
    let mut results = Results::default();
    for _ in 0..2 {
        processes.receive(&mut results, Duration::from_mins(1)).unwrap();
        assert!(results.seconds.iter().all(|seconds| (0.04..60.0).contains(seconds)), "{results:?}");
    }
}

#[test]
fn what_it_took_is_measured_where_it_does_not_say_and_where_it_fails() {
    let seconds = |answer: &str| {
        let lab = alive(answer);
        let mut processes = lab.processes(1);
        processes.submit(&mut lab.batch(0..1)).unwrap();
        let mut results = Results::default();
        while results.candidates.is_empty() {
            processes.receive(&mut results, Duration::from_secs(5)).unwrap();
        }
        results.seconds[0]
    };
    let answers = "print(json.dumps({'candidate': ask['candidate'], 'outcome': 1, 'seconds': 7.5}), flush=True)";
    assert_eq!(seconds(answers), 7.5);
    let silent = "time.sleep(0.05)\nprint(json.dumps({'candidate': ask['candidate'], 'outcome': 1}), flush=True)";
    assert!(seconds(silent) >= 0.05);
    assert!(seconds("time.sleep(0.05)\nsys.exit(1)") >= 0.05);
}
