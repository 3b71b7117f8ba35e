//! What a child is told about the experiment before it evaluates anything.

use std::path::Path;

use genetic_pool_evolve::{
    problem::Signature,
    space::{Domain, Space},
};
use serde_json::{Value, json};

use crate::experiment::{Experiment, level_to_json};

/// The JSON of a hello frame: `target` says what evaluates, the rest what over. `scratch` holds the scratch folders.
pub(super) fn hello(experiment: &Experiment, scratch: &Path, target: Value) -> Value {
    let Signature { space, .. } = &experiment.signature;
    let [goals, constraints, measures] = output_names(&experiment.signature);
    let mut hello = json!({
        "seed": experiment.seed,
        "directory": experiment.directory.to_string_lossy(),
        "options": experiment.problem.options,
        "timeout": experiment.problem.timeout.map(|timeout| timeout.as_secs_f64()),
        "scratch": scratch.to_string_lossy(),
        "space": layout(space),
        "goals": goals,
        "constraints": constraints,
        "measures": measures,
    });
    if let (Value::Object(hello), Value::Object(target)) = (&mut hello, target) {
        hello.extend(target);
    }
    hello
}

/// The names of goals, constraints and measures.
pub(super) fn output_names(signature: &Signature) -> [Vec<&str>; 3] {
    [
        signature.goals.iter().map(|goal| goal.name.as_str()).collect(),
        signature.constraints.iter().map(|constraint| constraint.name.as_str()).collect(),
        signature.measures.iter().map(String::as_str).collect(),
    ]
}

/// Where each parameter's genes stand in the columns of a frame.
fn layout(space: &Space) -> Value {
    let layout = space.layout();
    let parameters: Vec<Value> = space
        .parameters()
        .iter()
        .zip(&layout.segments)
        .map(|(parameter, segment)| {
            let (kind, levels) = match &parameter.domain {
                Domain::Real { .. } => ("real", &[][..]),
                Domain::Int { .. } => ("int", &[][..]),
                Domain::Ordinal { levels } | Domain::Choice { levels } => ("level", levels.as_slice()),
                Domain::Bit => ("bit", &[][..]),
                // A list of items is a list of items to the child.
                Domain::Permutation { .. } | Domain::Sequence { .. } => ("permutation", &[][..]),
            };
            json!({
                "name": parameter.name,
                "kind": kind,
                "start": segment.start,
                "genes": segment.len,
                "len": parameter.len,
                "levels": levels.iter().map(level_to_json).collect::<Vec<_>>(),
            })
        })
        .collect();
    let shape = layout.shape;
    json!({
        "shape": {
            "reals": shape.reals,
            "ints": shape.ints,
            "bit_words": shape.bit_words(),
            "items": shape.items,
            "mask_words": shape.mask_words(),
        },
        "parameters": parameters,
    })
}
