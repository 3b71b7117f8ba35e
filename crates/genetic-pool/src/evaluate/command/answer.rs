//! From what a program answered to an outcome.

use genetic_pool_evolve::problem::{Failure, FailureKind, Outcome, Signature};
use serde_json::Value;

use super::super::hello::output_names;
use crate::experiment::did_you_mean;

/// Writes `answer` into `outcome`: a number where there is one goal, a list in the order goals, constraints, measures,
/// or an object by name. Measures may be left out.
pub(super) fn read(signature: &Signature, answer: &Value, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
    let [goals, constraints, measures] = output_names(signature);
    let needed = goals.len() + constraints.len();
    let names: Vec<&str> = goals.into_iter().chain(constraints).chain(measures).collect();
    let mut values = vec![f64::NAN; names.len()];
    match answer {
        Value::Object(object) => {
            if let Some(unknown) = object.keys().find(|name| !names.contains(&name.as_str())) {
                return Err(wrong(unknown_name(unknown, &names)));
            }
            for (place, name) in names.iter().enumerate() {
                match object.get(*name) {
                    Some(value) => values[place] = number(name, value)?,
                    None if place < needed => return Err(wrong(format!("the evaluation returned no `{name}`"))),
                    None => {}
                }
            }
        }
        Value::Array(list) => {
            if list.len() != needed && list.len() != names.len() {
                let found = if list.len() == 1 { "1 value".to_owned() } else { format!("{} values", list.len()) };
                return Err(wrong(format!("the evaluation returned {found}, where {}", expected(&names[..needed]))));
            }
            for ((place, name), value) in names.iter().enumerate().zip(list) {
                values[place] = number(name, value)?;
            }
        }
        single => {
            if needed != 1 {
                return Err(wrong(format!("the evaluation returned one value, where {}", expected(&names[..needed]))));
            }
            values[0] = number(names[0], single)?;
        }
    }
    let (goals, rest) = values.split_at(outcome.objectives.len());
    let (constraints, measures) = rest.split_at(outcome.constraints.len());
    outcome.objectives.copy_from_slice(goals);
    outcome.constraints.copy_from_slice(constraints);
    outcome.measures.copy_from_slice(measures);
    Ok(())
}

/// A failure: what was returned has the wrong shape.
pub(super) fn wrong(message: String) -> Failure {
    Failure { kind: FailureKind::WrongOutput, message }
}

/// The number `text` means: also `inf` and `nan`, and Fortran's `1.0D+03`.
pub(super) fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.replace(['D', 'd'], "e").parse().ok())
}

/// JSON has no infinities and no NaN: they may be given as text.
fn number(name: &str, value: &Value) -> Result<f64, Failure> {
    let found = match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::String(text) if text.len() < 10 => text.parse().ok().filter(|number: &f64| !number.is_finite()),
        _ => None,
    };
    found.ok_or_else(|| wrong(format!("`{name}` is {}, which is no number", short(&value.to_string()))))
}

fn expected(names: &[&str]) -> String {
    let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() == 1 {
        format!("one number, {list}, was expected")
    } else {
        format!("{} values ({list}) were expected", names.len())
    }
}

fn unknown_name(unknown: &str, names: &[&str]) -> String {
    let end = did_you_mean(unknown, names.iter().copied()).unwrap_or_else(|| {
        format!("there are {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
    });
    format!("the evaluation returned `{unknown}`, which is no goal, constraint or measure: {end}")
}

/// `text` in backticks, cut to a length that can be read.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use genetic_pool_evolve::{
        outcomes::{OutcomeShape, Outcomes},
        problem::{Bound, Constraint, Direction, Goal},
        space::{Domain, Parameter, Space},
    };
    use serde_json::json;

    use super::*;

    fn signature() -> Signature {
        Signature {
            space: Space::new(vec![Parameter::new("x", Domain::Bit)]).unwrap(),
            goals: vec![Goal { name: "drag".into(), direction: Direction::Minimize }],
            constraints: vec![Constraint { name: "stress".into(), bound: Bound::Max(1.0) }],
            measures: vec!["mass".into()],
        }
    }

    fn answer(answer: &Value) -> Result<[f64; 3], String> {
        let signature = signature();
        let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), 1);
        read(&signature, answer, &mut outcomes.row_mut(0)).map_err(|failure| failure.message)?;
        Ok([outcomes.objectives[0], outcomes.constraints[0], outcomes.measures[0]])
    }

    #[test]
    fn outputs_are_given_by_name_or_in_order() {
        assert_eq!(answer(&json!({ "stress": 2, "drag": 0.1, "mass": true })), Ok([0.1, 2.0, 1.0]));
        assert_eq!(answer(&json!([0.1, "-inf", 3.0])), Ok([0.1, f64::NEG_INFINITY, 3.0]));
        assert!(answer(&json!([0.1, 2.0])).unwrap()[2].is_nan());
    }

    #[test]
    fn what_is_wrong_with_them_is_said_by_name() {
        let expect = |value: Value, words: &str| assert_eq!(answer(&value), Err(words.to_owned()));
        expect(json!(1.0), "the evaluation returned one value, where 2 values (`drag`, `stress`) were expected");
        expect(json!([1.0]), "the evaluation returned 1 value, where 2 values (`drag`, `stress`) were expected");
        expect(json!({ "drag": 1.0 }), "the evaluation returned no `stress`");
        expect(json!({ "drag": "low", "stress": 1 }), "`drag` is `\"low\"`, which is no number");
        let unknown = "the evaluation returned `dragg`, which is no goal, constraint or measure: did you mean `drag`?";
        expect(json!({ "dragg": 1.0 }), unknown);
    }

    #[test]
    fn numbers_of_other_languages() {
        assert_eq!(parse_number(" 1.5D+03\n"), Some(1500.0));
        assert_eq!(parse_number("-inf"), Some(f64::NEG_INFINITY));
        assert_eq!(parse_number("1,5"), None);
    }
}
