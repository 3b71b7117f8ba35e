//! Evaluation on the nodes of a Ray cluster.

use std::{path::PathBuf, sync::mpsc::channel, time::Duration};

use genetic_pool::{
    evolve::{evaluator::Evaluator, outcomes::OutcomeShape},
    remote::nodes::{Follow, Nodes, Options, Placement},
};
use genetic_pool_testkit::contract::evaluator::check;

use crate::evaluate::{Lab, case};
use genetic_pool::evolve::problem::{Failure, FailureKind};

fn options(lab: &Lab, slots: Option<usize>) -> Options {
    Options {
        python: "/tmp/rayvenv/bin/python3".into(),
        bridge: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/remote/bridge.py"),
        executable: env!("CARGO_BIN_EXE_genetic-pool").into(),
        directory: lab.path().to_owned(),
        interpreter: None,
        slots,
        placement: Placement::Nodes,
        deadline: Duration::from_secs(30),
    }
}

fn nodes(lab: &Lab, slots: Option<usize>) -> Nodes {
    let (notes, _) = channel();
    let follow = Follow { on_output: None, notes };
    Nodes::start(&lab.experiment, &options(lab, slots), follow, &|| false).unwrap()
}

#[test]
fn nodes_keep_the_contract() {
    let lab = Lab::python("def f(p):\n    return p['x'] / 3 if p['x'] else None\n");
    let message = "the evaluation returned `None`: is a `return` missing?".to_owned();
    let case = case(&lab, &Failure { kind: FailureKind::WrongOutput, message });
    check(&case, &mut |slots| Box::new(nodes(&lab, Some(slots))));
}
