//! What a problem optimises, in words and as JSON with the words of the experiment file.

use genetic_pool_evolve::{
    problem::{Bound, Constraint, Signature},
    space::{Domain, Level, Parameter, Scale, Space},
};
use serde_json::{Map, Value, json};

use super::{words, wrap::wrapped};
use crate::{experiment::level_to_json, numbers};

/// Levels of a parameter that are listed.
const LEVELS: usize = 8;
/// Parameters that are listed.
const PARAMETERS: usize = 40;

/// The space, a parameter a line, then goals, constraints and measures.
pub(crate) fn lines(signature: &Signature) -> Vec<String> {
    let parameters = signature.space.parameters();
    let mut lines = vec![format!("space        {}", size(&signature.space))];
    let width = parameters.iter().take(PARAMETERS).map(|parameter| parameter.name.chars().count()).max().unwrap_or(0);
    for parameter in parameters.iter().take(PARAMETERS) {
        lines.push(format!("  {:<width$}  {}", parameter.name, domain(parameter)));
    }
    if parameters.len() > PARAMETERS {
        lines.push(format!("  … and {} more", parameters.len() - PARAMETERS));
    }
    let goals = signature.goals.iter().map(|goal| format!("{} {}", direction(goal.direction), goal.name));
    lines.push(format!("goals        {}", goals.collect::<Vec<_>>().join(", ")));
    if !signature.constraints.is_empty() {
        let constraints: Vec<String> = signature.constraints.iter().map(constraint).collect();
        lines.push(format!("constraints  {}", wrapped(&constraints.join(", "), 13)));
    }
    if !signature.measures.is_empty() {
        lines.push(format!("measures     {}", wrapped(&signature.measures.join(", "), 13)));
    }
    lines
}

/// The same as JSON: `space`, `goals`, `constraints` and `measures` as they are written in an experiment.
pub(crate) fn json(signature: &Signature) -> Value {
    let space: Map<String, Value> = signature
        .space
        .parameters()
        .iter()
        .map(|parameter| (parameter.name.clone(), parameter_json(parameter)))
        .collect();
    let goals: Map<String, Value> =
        signature.goals.iter().map(|goal| (goal.name.clone(), json!(direction(goal.direction)))).collect();
    let constraints: Map<String, Value> = signature
        .constraints
        .iter()
        .map(|constraint| {
            let bound = match constraint.bound {
                Bound::Max(max) => json!({ "max": numbers::value(max) }),
                Bound::Min(min) => json!({ "min": numbers::value(min) }),
                Bound::Equals { value, tolerance } => {
                    json!({ "equals": numbers::value(value), "tolerance": numbers::value(tolerance) })
                }
            };
            (constraint.name.clone(), bound)
        })
        .collect();
    json!({
        "space": space,
        "parameters": signature.space.parameters().len(),
        "genes": genes(&signature.space),
        "goals": goals,
        "constraints": constraints,
        "measures": signature.measures,
    })
}

/// `12 parameters, 33 genes, about 10^41 points`
fn size(space: &Space) -> String {
    let parameters = words::things(space.parameters().len() as u64, "parameter");
    let genes = words::things(genes(space) as u64, "gene");
    match logarithm(space) {
        None => format!("{parameters}, {genes}, {}", continuous(space)),
        Some(logarithm) if logarithm < 6.0 => {
            format!("{parameters}, {genes}, {}", words::things(10f64.powf(logarithm).round() as u64, "point"))
        }
        Some(logarithm) => format!("{parameters}, {genes}, about 10^{logarithm:.0} points"),
    }
}

/// `continuous`, or how many of the genes are.
fn continuous(space: &Space) -> String {
    let is_real = |parameter: &&Parameter| matches!(parameter.domain, Domain::Real { step: None, .. });
    let reals: usize = space.parameters().iter().filter(is_real).map(Parameter::genes).sum();
    if reals == genes(space) {
        "continuous".to_owned()
    } else {
        format!("{} of them continuous", words::count(reals as u64))
    }
}

fn genes(space: &Space) -> usize {
    space.parameters().iter().map(Parameter::genes).sum()
}

/// The decimal logarithm of the number of points, inactive parameters counted; `None` where a parameter is continuous.
fn logarithm(space: &Space) -> Option<f64> {
    let mut sum = 0.0;
    for parameter in space.parameters() {
        let len = parameter.len.unwrap_or(1) as f64;
        sum += match &parameter.domain {
            Domain::Real { step: None, .. } => return None,
            Domain::Real { low, high, step: Some(step), .. } => len * ((high - low) / step + 1.0).floor().log10(),
            Domain::Int { low, high } => len * ((high - low) as f64 + 1.0).log10(),
            Domain::Ordinal { levels } | Domain::Choice { levels } => len * (levels.len() as f64).log10(),
            Domain::Bit => len * 2f64.log10(),
            Domain::Permutation { size } => factorial(*size as f64),
            Domain::Sequence { counts } => {
                let size: f64 = counts.iter().map(|count| f64::from(*count)).sum();
                factorial(size) - counts.iter().map(|count| factorial(f64::from(*count))).sum::<f64>()
            }
        };
    }
    Some(sum)
}

/// The decimal logarithm of `n!`, to a thousandth: by Stirling's series.
fn factorial(n: f64) -> f64 {
    if n < 2.0 {
        return 0.0;
    }
    (n * n.ln() - n + 0.5 * (std::f64::consts::TAU * n).ln() + 1.0 / (12.0 * n)) / std::f64::consts::LN_10
}

/// `3 × real in [-1, 1], log scale, when flap = plain or slotted`
fn domain(parameter: &Parameter) -> String {
    let times = parameter.len.map_or_else(String::new, |len| format!("{} × ", words::count(len as u64)));
    let values = match &parameter.domain {
        Domain::Real { low, high, scale, step } => {
            let step = step.map_or_else(String::new, |step| format!(", step {step}"));
            let scale = if *scale == Scale::Log { ", log scale" } else { "" };
            format!("real in [{low}, {high}]{scale}{step}")
        }
        Domain::Int { low, high } => format!("int in [{low}, {high}]"),
        Domain::Ordinal { levels } => format!("ordinal {}", listed(levels, ", ")),
        Domain::Bit => "bit".to_owned(),
        Domain::Choice { levels } => format!("choice {}", listed(levels, ", ")),
        Domain::Permutation { size } => format!("permutation of {}", words::count(*size as u64)),
        Domain::Sequence { counts } => {
            let items: u64 = counts.iter().map(|count| u64::from(*count)).sum();
            format!("sequence of {} items of {} values", words::count(items), words::count(counts.len() as u64))
        }
    };
    let conditions: Vec<String> = parameter
        .when
        .iter()
        .map(|condition| format!("{} = {}", condition.parameter, listed(&condition.is, " or ")))
        .collect();
    let when = if conditions.is_empty() { String::new() } else { format!(", when {}", conditions.join(" and ")) };
    times + &values + &when
}

fn listed(levels: &[Level], separator: &str) -> String {
    let mut texts: Vec<String> = levels.iter().take(LEVELS).map(ToString::to_string).collect();
    if levels.len() > LEVELS {
        texts.push(format!("… ({} in all)", levels.len()));
    }
    texts.join(separator)
}

fn constraint(constraint: &Constraint) -> String {
    let name = &constraint.name;
    match constraint.bound {
        Bound::Max(max) => format!("{name} ≤ {max}"),
        Bound::Min(min) => format!("{name} ≥ {min}"),
        Bound::Equals { value, tolerance } => format!("{name} = {value} ± {tolerance}"),
    }
}

fn direction(direction: genetic_pool_evolve::problem::Direction) -> &'static str {
    match direction {
        genetic_pool_evolve::problem::Direction::Minimize => "minimize",
        genetic_pool_evolve::problem::Direction::Maximize => "maximize",
    }
}

fn parameter_json(parameter: &Parameter) -> Value {
    let mut object = match &parameter.domain {
        Domain::Real { low, high, scale, step } => {
            let mut object = Map::from_iter([("real".to_owned(), json!([low, high]))]);
            if *scale == Scale::Log {
                object.insert("scale".to_owned(), json!("log"));
            }
            if let Some(step) = step {
                object.insert("step".to_owned(), json!(step));
            }
            object
        }
        Domain::Int { low, high } => Map::from_iter([("int".to_owned(), json!([low, high]))]),
        Domain::Ordinal { levels } => Map::from_iter([("ordinal".to_owned(), levels_json(levels))]),
        Domain::Bit => Map::from_iter([("bit".to_owned(), json!(true))]),
        Domain::Choice { levels } => Map::from_iter([("choice".to_owned(), levels_json(levels))]),
        Domain::Permutation { size } => Map::from_iter([("permutation".to_owned(), json!(size))]),
        Domain::Sequence { counts } => Map::from_iter([("sequence".to_owned(), json!(counts))]),
    };
    if let Some(len) = parameter.len {
        object.insert("len".to_owned(), json!(len));
    }
    if !parameter.when.is_empty() {
        let when: Map<String, Value> =
            parameter.when.iter().map(|when| (when.parameter.clone(), levels_json(&when.is))).collect();
        object.insert("when".to_owned(), Value::Object(when));
    }
    Value::Object(object)
}

fn levels_json(levels: &[Level]) -> Value {
    Value::Array(levels.iter().map(level_to_json).collect())
}

#[cfg(test)]
mod tests {
    use genetic_pool_evolve::{
        problem::{Direction, Goal},
        space::Condition,
    };

    use super::*;

    fn wing() -> Signature {
        let texts = |texts: &[&str]| texts.iter().map(|text| Level::Text((*text).to_owned())).collect::<Vec<_>>();
        let parameters = vec![
            Parameter::new("span", Domain::Real { low: 20.0, high: 60.0, scale: Scale::Log, step: Some(0.5) }),
            Parameter::new("chord", Domain::real(0.5, 5.0)).len(6),
            Parameter::new("flap", Domain::Choice { levels: texts(&["none", "plain", "slotted"]) }),
            Parameter {
                when: vec![Condition { parameter: "flap".into(), is: texts(&["plain", "slotted"]) }],
                ..Parameter::new("ribs", Domain::Int { low: 4, high: 40 })
            },
        ];
        Signature {
            space: Space::new(parameters).unwrap(),
            goals: vec![Goal { name: "drag".into(), direction: Direction::Minimize }],
            constraints: vec![Constraint { name: "stress".into(), bound: Bound::Max(1.0) }],
            measures: vec!["mass".into()],
        }
    }

    #[test]
    fn a_signature_in_words() {
        assert_eq!(
            lines(&wing()).join("\n"),
            "space        4 parameters, 9 genes, 6 of them continuous\n  \
               span   real in [20, 60], log scale, step 0.5\n  \
               chord  6 × real in [0.5, 5]\n  \
               flap   choice none, plain, slotted\n  \
               ribs   int in [4, 40], when flap = plain or slotted\n\
             goals        minimize drag\n\
             constraints  stress ≤ 1\n\
             measures     mass"
        );
    }

    #[test]
    fn a_signature_as_an_experiment_writes_it() {
        assert_eq!(
            json(&wing()).to_string(),
            r#"{"space":{"span":{"real":[20.0,60.0],"scale":"log","step":0.5},"chord":{"real":[0.5,5.0],"len":6},"flap":{"choice":["none","plain","slotted"]},"ribs":{"int":[4,40],"when":{"flap":["plain","slotted"]}}},"parameters":4,"genes":9,"goals":{"drag":"minimize"},"constraints":{"stress":{"max":1.0}},"measures":["mass"]}"#
        );
    }

    #[test]
    fn the_number_of_points_is_exact_where_it_is_small() {
        let space = |parameters| size(&Space::new(parameters).unwrap());
        assert_eq!(
            space(vec![Parameter::new("tour", Domain::Permutation { size: 7 })]),
            "1 parameter, 7 genes, 5,040 points"
        );
        assert_eq!(
            space(vec![Parameter::new("tour", Domain::Permutation { size: 52 })]),
            "1 parameter, 52 genes, about 10^68 points"
        );
        assert_eq!(
            space(vec![
                Parameter::new("x", Domain::Real { low: 0.0, high: 1.0, scale: Scale::Linear, step: Some(0.1) }),
                Parameter::new("b", Domain::Bit).len(3),
            ]),
            "2 parameters, 4 genes, 88 points"
        );
    }
}
