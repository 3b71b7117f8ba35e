//! A space with every kind of parameter, vectors and nested conditions among them.

use serde::Deserialize;

use super::function::one_goal;
use crate::{
    problem::{Direction, Failure, Outcome, Problem, Signature, Trial},
    space::{Condition, Domain, Genome, Level, Parameter, Scale, Space, Value},
};

/// A small made-up design with every kind of parameter, for trying spaces and algorithms out.
///
/// Each parameter that counts adds a share of at most about 1 to the value, 0 at its best value; a finish other than
/// `coated` adds a toll, and the parameters behind the finishes count only with them. Best value 0, at
///
/// | parameter | domain | best |
/// |---|---|---|
/// | `angles` | 3 reals in \[-1, 1\] | 0.3 |
/// | `rate` | real in \[0.0001, 1\], log scale | 0.01 |
/// | `thickness` | real in \[0, 10\], step 0.25 | 7.25 |
/// | `teeth` | int in \[-20, 20\] | 13 |
/// | `grade` | ordinal 1, 2, 4, 8, 16 | 8 |
/// | `holes` | 12 bits | true, false, true, … |
/// | `order` | permutation of 8 | 0 to 7 |
/// | `finish` | choice `none`, `painted`, `coated` | `coated` |
/// | `layers` | int in \[1, 9\], when `finish` is `painted` or `coated` | 4 |
/// | `cured` | bit, when `finish` is `coated` | true |
/// | `heat` | real in \[50, 250\], when `cured` is true (and counts) | 175 |
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixed {}

impl Problem for Mixed {
    fn signature(&self) -> Signature {
        let text = |text: &str| Level::Text(text.to_owned());
        let when = |parameter: Parameter, on: &str, is: Vec<Level>| Parameter {
            when: vec![Condition { parameter: on.to_owned(), is }],
            ..parameter
        };
        let parameters = vec![
            Parameter::new("angles", Domain::real(-1.0, 1.0)).len(3),
            Parameter::new("rate", Domain::Real { low: 1e-4, high: 1.0, scale: Scale::Log, step: None }),
            Parameter::new("thickness", Domain::Real { low: 0.0, high: 10.0, scale: Scale::Linear, step: Some(0.25) }),
            Parameter::new("teeth", Domain::Int { low: -20, high: 20 }),
            Parameter::new("grade", Domain::Ordinal { levels: [1, 2, 4, 8, 16].map(Level::Int).to_vec() }),
            Parameter::new("holes", Domain::Bit).len(12),
            Parameter::new("order", Domain::Permutation { size: 8 }),
            Parameter::new("finish", Domain::Choice { levels: vec![text("none"), text("painted"), text("coated")] }),
            when(
                Parameter::new("layers", Domain::Int { low: 1, high: 9 }),
                "finish",
                vec![text("painted"), text("coated")],
            ),
            when(Parameter::new("cured", Domain::Bit), "finish", vec![text("coated")]),
            when(Parameter::new("heat", Domain::real(50.0, 250.0)), "cured", vec![Level::Bool(true)]),
        ];
        one_goal(Space::new(parameters), "value", Direction::Minimize)
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        outcome.objectives[0] = genome.values().map(|(name, value)| share(name, &value)).sum();
        Ok(())
    }
}

/// What a parameter that counts adds.
fn share(name: &str, value: &Value<'_>) -> f64 {
    match (name, value) {
        ("rate", Value::Real(rate)) => square((rate - 0.01) / (rate + 0.01)),
        ("thickness", Value::Real(thickness)) => square((thickness - 7.25) / 7.25),
        ("heat", Value::Real(heat)) => square((heat - 175.0) / 125.0),
        ("teeth", Value::Int(teeth)) => square((*teeth - 13) as f64 / 33.0),
        ("layers", Value::Int(layers)) => square((*layers - 4) as f64 / 5.0),
        ("cured", Value::Bit(cured)) => {
            if *cured {
                0.0
            } else {
                0.25
            }
        }
        ("grade", Value::Level(Level::Int(grade))) => square((*grade - 8) as f64 / 8.0),
        ("finish", Value::Level(Level::Text(finish))) => match finish.as_str() {
            "coated" => 0.0,
            "painted" => 0.4,
            _ => 0.8,
        },
        ("angles", Value::Vector(angles)) => angles
            .iter()
            .map(|angle| if let Value::Real(angle) = angle { square(angle - 0.3) / 3.0 } else { 0.0 })
            .sum(),
        ("holes", Value::Vector(holes)) => {
            let wrong = holes.iter().enumerate().filter(|(k, hole)| **hole != Value::Bit(k % 2 == 0)).count();
            wrong as f64 / 12.0
        }
        ("order", Value::Permutation(order)) => {
            let misplaced = order.iter().enumerate().filter(|(k, item)| **item != *k as u32).count();
            misplaced as f64 / 8.0
        }
        // The signature above has no other.
        _ => 0.0,
    }
}

fn square(x: f64) -> f64 {
    x * x
}
