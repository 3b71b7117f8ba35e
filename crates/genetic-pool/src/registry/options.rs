//! Options from the experiment file into a problem's type: strict, and with the option's name in every error.

use std::{cell::RefCell, fmt::Display};

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor, value::MapAccessDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

use super::{BuildError, BuildErrors};
use crate::experiment::did_you_mean;

/// `P` from `options`, a JSON object.
pub(super) fn read<P: DeserializeOwned>(options: &Value) -> Result<P, BuildErrors> {
    let empty = Map::new();
    let options = match options {
        Value::Object(options) => options,
        Value::Null => &empty,
        _ => return Err(error(None, format!("expected a table of options, found {}", kind(options))).into()),
    };
    let known = names::<P>();
    let mut errors = unknown(options, known);
    let at = RefCell::new(None);
    match P::deserialize(Options { given: options, known, at: &at }) {
        Ok(problem) if errors.is_empty() => Ok(problem),
        Ok(_) => Err(BuildErrors { errors }),
        Err(fault) => {
            errors.push(explain(fault, at.into_inner()));
            Err(BuildErrors { errors })
        }
    }
}

/// The names of the fields `P` is read from; `None` where its code does not say.
pub(super) fn names<P: DeserializeOwned>() -> Option<&'static [&'static str]> {
    let names = RefCell::new(None);
    // It always fails: only what it asks for is of interest.
    let _ = P::deserialize(Probe(&names));
    names.into_inner()
}

/// The options that `known` does not name.
fn unknown(options: &Map<String, Value>, known: Option<&'static [&'static str]>) -> Vec<BuildError> {
    let Some(known) = known else { return Vec::new() };
    options
        .keys()
        .filter(|option| !known.contains(&option.as_str()))
        .map(|option| BuildError {
            option: Some(option.clone()),
            message: "this problem has no such option".to_owned(),
            hint: did_you_mean(option, known.iter().copied()).or_else(|| {
                Some(match known {
                    [] => "it has no options".to_owned(),
                    _ => format!("its options are `{}`", known.join("`, `")),
                })
            }),
        })
        .collect()
}

/// What a fault means to whoever wrote the option `at`.
fn explain(fault: Fault, at: Option<String>) -> BuildError {
    match fault {
        Fault::Missing(option) => error(Some(option.to_owned()), "is missing".to_owned()),
        Fault::Message(message) => {
            // Serde's words: "invalid type: string "x", expected a number", "unknown variant `x`, expected `y` or `z`".
            let message = match message.rsplit_once(", expected ") {
                Some((found, expected)) => {
                    let found = ["invalid type: ", "invalid value: ", "unknown variant "]
                        .iter()
                        .find_map(|prefix| found.strip_prefix(prefix));
                    match found {
                        Some(found) => format!("expected {expected}, found {found}"),
                        None => message,
                    }
                }
                None => message,
            };
            error(at, message)
        }
    }
}

fn error(option: Option<String>, message: String) -> BuildError {
    BuildError { option, message, hint: None }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

/// What went wrong while a problem was read.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("{0}")]
    Message(String),
    #[error("option `{0}` is missing")]
    Missing(&'static str),
}

impl Error for Fault {
    fn custom<T: Display>(message: T) -> Fault {
        Fault::Message(message.to_string())
    }

    fn missing_field(field: &'static str) -> Fault {
        Fault::Missing(field)
    }
}

/// The options as a serde data source that notes which one it is at.
struct Options<'a> {
    given: &'a Map<String, Value>,
    known: Option<&'static [&'static str]>,
    at: &'a RefCell<Option<String>>,
}

impl<'a> Options<'a> {
    fn access(&self) -> Access<'a> {
        Access { entries: self.given.iter(), known: self.known, value: &Value::Null, at: self.at }
    }
}

impl<'de> Deserializer<'de> for Options<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(self.access())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(MapAccessDeserializer::new(self.access()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq tuple tuple_struct map
        struct identifier ignored_any
    }
}

/// The options one by one; those that `known` does not name are left out, having been reported.
struct Access<'a> {
    entries: serde_json::map::Iter<'a>,
    known: Option<&'static [&'static str]>,
    value: &'a Value,
    at: &'a RefCell<Option<String>>,
}

impl<'de> MapAccess<'de> for Access<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let known = self.known;
        let entry = self.entries.find(|(option, _)| known.is_none_or(|known| known.contains(&option.as_str())));
        self.at.replace(entry.map(|(option, _)| option.clone()));
        let Some((option, value)) = entry else { return Ok(None) };
        self.value = value;
        seed.deserialize(option.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(self.value).map_err(Fault::custom)
    }
}

/// A data source that holds nothing and notes which fields are asked for.
struct Probe<'a>(&'a RefCell<Option<&'static [&'static str]>>);

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        Err(Fault::custom("nothing to read"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.0.replace(Some(fields));
        self.deserialize_any(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        self.0.replace(Some(&[]));
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit seq tuple tuple_struct
        map enum identifier ignored_any
    }
}
