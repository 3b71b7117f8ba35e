//! Floating-point numbers in JSON.
//!
//! JSON has no word for what is not finite, and `null` would not say which it was. Everything this program writes as
//! JSON for people and scripts says `"Infinity"`, `"-Infinity"` and `"NaN"`, as strings: Python's `float`,
//! JavaScript's `Number` and Rust's `parse` read them back. Finite numbers keep every bit. `null` means that there is
//! no such figure.
//!
//! The functions are for `#[serde(serialize_with = "numbers::one")]`, those of [`read`] for the way back.

pub mod read;

use serde::{Serialize, Serializer, ser::SerializeSeq};
use serde_json::Value;

/// A number.
pub fn one<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    match word(*value) {
        Some(word) => serializer.serialize_str(word),
        None => serializer.serialize_f64(*value),
    }
}

/// A number, or `null` where there is none.
pub fn maybe<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => one(value, serializer),
        None => serializer.serialize_none(),
    }
}

/// Several numbers.
pub fn many<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(Some(values.len()))?;
    for value in values {
        sequence.serialize_element(&Number(*value))?;
    }
    sequence.end()
}

/// A number as a JSON value.
pub fn value(value: f64) -> Value {
    match word(value) {
        Some(word) => Value::String(word.to_owned()),
        None => Value::from(value),
    }
}

fn word(value: f64) -> Option<&'static str> {
    match value {
        f64::INFINITY => Some("Infinity"),
        f64::NEG_INFINITY => Some("-Infinity"),
        _ if value.is_nan() => Some("NaN"),
        _ => None,
    }
}

struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        one(&self.0, serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_a_string_that_parses_back() {
        for (number, text) in [(f64::INFINITY, "Infinity"), (f64::NEG_INFINITY, "-Infinity"), (f64::NAN, "NaN")] {
            assert_eq!(value(number), Value::from(text));
            assert_eq!(text.parse::<f64>().unwrap().to_bits() & !(1 << 63 >> 12), number.to_bits() & !(1 << 63 >> 12));
        }
    }

    #[test]
    fn finite_numbers_keep_every_bit() {
        for number in [0.1 + 0.2, -0.0, f64::MIN_POSITIVE / 3.0, f64::MAX, 1e300 / 7.0] {
            let text = value(number).to_string();
            assert_eq!(serde_json::from_str::<f64>(&text).unwrap().to_bits(), number.to_bits(), "{text}");
        }
    }
}
