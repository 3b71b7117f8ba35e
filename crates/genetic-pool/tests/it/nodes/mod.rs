//! Evaluation on the nodes of a real cluster: this process is the driver, its bridge runs in the head.

mod cluster;

use std::{sync::mpsc::channel, time::Duration};

use genetic_pool::{
    evaluate::Options as Here,
    evolve::{
        algorithms::Committed,
        drive::{Observer, ObserverError, drive},
        evaluator::{Evaluator, EvaluatorError},
        problem::{Failure, FailureKind},
        progress::Progress,
        search::Search,
        stop::{FailurePolicy, StopReason},
    },
    registry::Registry,
    remote::nodes::{Follow, Nodes},
    run::Plan,
};
use genetic_pool_testkit::contract::evaluator::check;

use self::cluster::Cluster;
use crate::evaluate::{Lab, case};

/// Takes 10 ms; where it is done shows only where it is asked for.
const SLOW: &str = "
import time

def f(p):
    time.sleep(0.01)
    return (p['x'] - 0.25) ** 2
";

/// Comes to other bits on each node.
const ELSEWHERE: &str = "
import socket, time

def f(p):
    time.sleep(0.05)
    return p['x'] + len(socket.gethostname()) + sum(map(ord, socket.gethostname())) / 7
";

#[test]
fn nodes_of_a_cluster_evaluate() {
    let Some(cluster) = Cluster::up() else { return };
    the_contract_is_kept(&cluster);
    rust_and_commands_evaluate(&cluster);
    what_is_printed_comes_home(&cluster);
    a_node_that_cannot_evaluate_says_why(&cluster);
    places_that_do_not_agree_end_the_run(&cluster);
    assert_eq!(cluster.left_behind(), "");
    // The last, since it costs a worker.
    a_killed_worker_changes_nothing(&cluster);
    assert_eq!(cluster.left_behind(), "");
}

fn the_contract_is_kept(cluster: &Cluster) {
    let lab = Lab::python("def f(p):\n    return p['x'] / 3 if p['x'] else None\n");
    let message = "the evaluation returned `None`: is a `return` missing?".to_owned();
    let case = case(&lab, &Failure { kind: FailureKind::WrongOutput, message });
    check(&case, &mut |slots| Box::new(start(cluster, &lab, Some(slots)).unwrap().0));
}

fn rust_and_commands_evaluate(cluster: &Cluster) {
    let rust = "format = 1\nseed = 3\n[problem]\nname = \"rastrigin\"\n[stop]\nevaluations = 400\n";
    let once = "#!/bin/sh\necho $1 | awk '{ printf \"f = %.17g\\n\", $1 / 3 }'\n";
    let problem = "command = [\"./sim\", \"{x}\"]\nmode = \"once\"\nresults = { f = { pattern = \"f = (.*)\" } }";
    let command = Lab::with(&[("sim", once)], problem, "[space]\nx = { real = [0.0, 1.0] }\n");
    for lab in [Lab::whole(&[], rust), command] {
        let (mut nodes, _) = start(cluster, &lab, None).unwrap();
        assert_eq!(digest(&lab, &mut nodes, &mut || ()).unwrap(), here(&lab));
    }
}

fn what_is_printed_comes_home(cluster: &Cluster) {
    let lab = Lab::python("def f(p):\n    print('x is', p['x'])\n    return p['x']\n");
    let (mut nodes, _) = start(cluster, &lab, Some(2)).unwrap();
    digest(&lab, &mut nodes, &mut || ()).unwrap();
    let logs = lab.logs();
    // The budget of 100 pays for six generations of 16.
    assert_eq!(logs.len(), 96, "what canaries print is printed already");
    assert!(logs.iter().all(|log| log.output.starts_with("x is ") && log.together == 1));
}

fn a_node_that_cannot_evaluate_says_why(cluster: &Cluster) {
    let lab = Lab::python("import not_there\n");
    let (mut nodes, _) = start(cluster, &lab, Some(1)).unwrap();
    let error = digest(&lab, &mut nodes, &mut || ()).unwrap_err();
    assert!(error.message.starts_with("`worker-") && error.message.contains("not_there"), "{error}");
    drop(nodes);
    // Its program is of no use.
    let mut options = cluster.options(&lab, Some(1));
    options.executable = "/ray/nothing".into();
    options.deadline = Duration::from_secs(8);
    let follow = Follow { on_output: None, notes: channel().0 };
    let error = Nodes::start(&lab.experiment, &options, follow, &|| false).err().unwrap();
    assert!(error.message.contains("ready to evaluate for 8 s") && error.message.contains("/ray/nothing"), "{error}");
}

fn places_that_do_not_agree_end_the_run(cluster: &Cluster) {
    let lab = Lab::python(ELSEWHERE);
    let (mut nodes, _) = start(cluster, &lab, None).unwrap();
    let error = digest(&lab, &mut nodes, &mut || ()).unwrap_err();
    assert!(error.message.starts_with("places do not agree: candidate "), "{error}");
    for word in ["`worker-0` (", "`worker-1` (", "genetic-pool ", "Python 3."] {
        assert!(error.message.contains(word), "{error}");
    }
    drop(nodes);
    // With a warning it goes on.
    let lab = Lab::python_with(ELSEWHERE, "exactness = \"warn\"");
    let (mut nodes, notes) = start(cluster, &lab, None).unwrap();
    digest(&lab, &mut nodes, &mut || ()).unwrap();
    assert!(notes.try_iter().any(|note| note.starts_with("places do not agree")));
}

fn a_killed_worker_changes_nothing(cluster: &Cluster) {
    let lab = Lab::python(SLOW);
    let lab = lab.longer(2_000);
    let (mut nodes, notes) = start(cluster, &lab, None).unwrap();
    let slots = nodes.slots();
    let mut commits = 0;
    let found = digest(&lab, &mut nodes, &mut || {
        commits += 1;
        if commits == 3 {
            cluster.kill("worker-1");
        }
    });
    assert_eq!(found.unwrap(), here(&lab));
    assert!(nodes.slots() < slots);
    // Until Ray takes it for dead, it may also be said that nothing starts there.
    let lost: Vec<String> = notes.try_iter().filter(|note| note.contains("is lost")).collect();
    let [note] = &lost[..] else { panic!("{lost:?}") };
    assert!(note.starts_with("`worker-1` is lost, "), "{note}");
    // Only what it held is evaluated again.
    let again: usize = note.split(' ').nth(3).unwrap().parse().unwrap();
    assert!((1..=4 * slots).contains(&again), "{note}");
}

type Notes = std::sync::mpsc::Receiver<String>;

/// The nodes of `cluster`, for `lab`.
fn start(cluster: &Cluster, lab: &Lab, slots: Option<usize>) -> Result<(Nodes, Notes), EvaluatorError> {
    cluster.copy(lab);
    let (notes, noted) = channel();
    let follow = Follow { on_output: lab.options(1).on_output, notes };
    Ok((Nodes::start(&lab.experiment, &cluster.options(lab, slots), follow, &|| false)?, noted))
}

/// The digest of the search of `lab` on processes of this machine.
fn here(lab: &Lab) -> String {
    let options = Here { slots: 2, executable: Some(env!("CARGO_BIN_EXE_genetic-pool").into()), ..Here::default() };
    let mut evaluator = genetic_pool::evaluate::evaluator(&lab.experiment, &Registry::built_in(), options).unwrap();
    digest(lab, &mut *evaluator, &mut || ()).unwrap()
}

/// The digest of the search of `lab` on `evaluator`; `committed` is called with every commit.
fn digest(lab: &Lab, evaluator: &mut dyn Evaluator, committed: &mut dyn FnMut()) -> Result<String, EvaluatorError> {
    let plan = Plan::new(&lab.experiment).unwrap();
    let signature = std::sync::Arc::new(lab.experiment.signature.clone());
    let (rules, policy) = (lab.experiment.stop.clone(), FailurePolicy::default());
    let mut search = Search::new(plan.begin(&lab.experiment).unwrap(), signature, rules, policy);
    match drive(&mut search, evaluator, &mut Counting(committed)) {
        Ok(StopReason::Rule(_)) => Ok(search.progress().digest.to_string()),
        Ok(other) => panic!("{other:?}"),
        Err(genetic_pool::evolve::drive::RunError::Evaluator(error)) => Err(error),
        Err(error) => panic!("{error:?}"),
    }
}

struct Counting<'a>(&'a mut dyn FnMut());

impl Observer for Counting<'_> {
    fn elapsed(&mut self) -> Duration {
        Duration::ZERO
    }
    fn interrupted(&mut self) -> bool {
        false
    }
    fn committed(&mut self, _: Committed<'_>, _: &Progress) -> Result<(), ObserverError> {
        (self.0)();
        Ok(())
    }
    fn boundary(&mut self, _: &Search) -> Result<(), ObserverError> {
        Ok(())
    }
}
