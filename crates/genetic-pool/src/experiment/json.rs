//! Genomes as JSON: what evaluations, reports and scripts read.

use genetic_pool_evolve::space::{Genome, Level, Value};
use serde_json::{Map, Value as Json};

/// A genome as an object of the parameters that count there, in order. Reals keep their bits.
pub fn genome_to_json(genome: Genome<'_>) -> Map<String, Json> {
    genome.values().map(|(name, value)| (name.to_owned(), value_to_json(&value))).collect()
}

/// The value of a parameter; a real keeps its bits.
pub fn value_to_json(value: &Value<'_>) -> Json {
    match value {
        Value::Real(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Bit(value) => (*value).into(),
        Value::Level(level) => level_to_json(level),
        Value::Permutation(items) | Value::Sequence(items) => items.iter().copied().map(Json::from).collect(),
        Value::Vector(values) => values.iter().map(value_to_json).collect(),
    }
}

/// A level of an ordinal or a choice.
pub fn level_to_json(level: &Level) -> Json {
    match level {
        Level::Text(text) => text.as_str().into(),
        Level::Int(value) => (*value).into(),
        Level::Real(value) => (*value).into(),
        Level::Bool(value) => (*value).into(),
    }
}

#[cfg(test)]
mod tests {
    use genetic_pool_evolve::space::{Condition, Domain, Parameter, Space};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_does_not_count_is_absent() {
        let mut gap = Parameter::new("gap", Domain::real(0.0, 1.0));
        gap.when = vec![Condition { parameter: "flap".into(), is: vec![Level::Bool(true)] }];
        let space = Space::new(vec![
            Parameter::new("flap", Domain::Bit),
            gap,
            Parameter::new("x", Domain::Int { low: 0, high: 9 }).len(2),
            Parameter::new("mode", Domain::Choice { levels: vec![Level::Text("a".into()), Level::Real(0.5)] }),
            Parameter::new("order", Domain::Permutation { size: 3 }),
            Parameter::new("jobs", Domain::Sequence { counts: vec![1, 2] }),
        ])
        .unwrap();
        let mut genomes = space.genomes(2);
        genomes.bits = vec![0, 1];
        genomes.reals = vec![0.0, 0.1 + 0.2];
        genomes.ints = vec![1, 2, 0, 3, 4, 1];
        genomes.items = vec![0, 1, 2, 1, 0, 1, 2, 1, 0, 0, 1, 1];
        genomes.active = vec![0b11_1101, 0b11_1111];
        let json = |row| Json::Object(genome_to_json(Genome::new(&space, &genomes, row))).to_string();
        assert_eq!(json(0), r#"{"flap":false,"x":[1,2],"mode":"a","order":[0,1,2],"jobs":[1,0,1]}"#);
        assert_eq!(
            json(1),
            r#"{"flap":true,"gap":0.30000000000000004,"x":[3,4],"mode":0.5,"order":[2,1,0],"jobs":[0,1,1]}"#
        );
    }

    proptest! {
        #[test]
        fn reals_keep_their_bits(value in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO) {
            let text = value_to_json(&Value::Real(value)).to_string();
            let back: f64 = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(back.to_bits(), value.to_bits(), "{}", text);
        }
    }
}
