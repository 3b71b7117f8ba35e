//! The JSON schema of the experiment file.

use std::sync::LazyLock;

use schemars::{Schema, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::Value as Json;

use super::wire;

/// The JSON schema (draft 2020-12) of the experiment file: what editors complete from, and what a file is checked
/// against.
pub fn schema() -> &'static Json {
    static SCHEMA: LazyLock<Json> = LazyLock::new(|| {
        let settings = SchemaSettings::draft2020_12()
            .with_transform(RecursiveTransform(without_null))
            .with_transform(RecursiveTransform(on_one_line));
        let mut schema = settings.into_generator().into_root_schema_for::<wire::File>();
        schema.insert("title".to_owned(), "genetic-pool experiment".into());
        let mut schema = schema.to_value();
        if let Json::Object(object) = &mut schema {
            // What it is comes before what it consists of.
            for key in ["description", "title", "$schema"] {
                if let Some(value) = object.shift_remove(key) {
                    object.shift_insert(0, key.to_owned(), value);
                }
            }
        }
        schema
    });
    &SCHEMA
}

/// TOML has no null: a key that may be left out is one that is not required.
fn without_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Json::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            object.insert("type".to_owned(), one);
        }
    }
    if let Some(Json::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
        if let [Json::Object(one)] = branches.as_slice() {
            let one = one.clone();
            object.remove("anyOf");
            for (key, value) in one {
                object.entry(key).or_insert(value);
            }
        }
    }
}

/// A description is a paragraph: where the source breaks it says nothing.
fn on_one_line(schema: &mut Schema) {
    if let Some(Json::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema() {
        insta::assert_snapshot!(serde_json::to_string_pretty(schema()).unwrap());
    }

    /// A key without a description is a key that nobody can look up.
    #[test]
    fn every_key_is_described() {
        fn walk(value: &Json, path: &str) {
            let Some(object) = value.as_object() else { return };
            for (key, inner) in object.get("properties").and_then(Json::as_object).into_iter().flatten() {
                assert!(inner.get("description").is_some(), "{path}.{key}");
            }
            for (key, inner) in object {
                walk(inner, &format!("{path}.{key}"));
            }
        }
        walk(schema(), "");
    }
}
