//! The page on the experiment file, beside the schema.

use std::collections::BTreeSet;

use genetic_pool::{
    experiment::{Experiment, Overrides, schema},
    registry::Registry,
};
use serde_json::Value;

use super::{Page, page, repository};

/// A row of the page's tables: a key and its example.
struct Row {
    path: String,
    takes: String,
    example: String,
}

fn rows(page: &Page) -> Vec<Row> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("| `")?.split(" | ").collect();
        let [path, takes, _, example, _] = cells.as_slice() else { panic!("{line}") };
        Some(Row {
            path: path.trim_end_matches('`').to_owned(),
            takes: (*takes).to_owned(),
            example: example.trim_matches('`').to_owned(),
        })
    };
    page.text.lines().filter_map(row).collect()
}

/// The dotted paths of all keys, with NAME where names are the user's, and the words each may be.
fn keys(schema: &Value, inner: &Value, path: &str, keys: &mut Vec<(String, Vec<String>)>) {
    if let Some(reference) = inner["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        self::keys(schema, &schema["$defs"][name], path, keys);
    }
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    for (key, value) in inner["properties"].as_object().into_iter().flatten() {
        keys.push((below(key), Vec::new()));
        self::keys(schema, value, &below(key), keys);
    }
    if inner["additionalProperties"].is_object() {
        self::keys(schema, &inner["additionalProperties"], &below("NAME"), keys);
    }
    for list in ["anyOf", "oneOf"] {
        for branch in inner[list].as_array().into_iter().flatten() {
            self::keys(schema, branch, path, keys);
        }
    }
    let words = inner["const"]
        .as_str()
        .into_iter()
        .chain(inner["enum"].as_array().into_iter().flatten().filter_map(Value::as_str));
    for word in words {
        if let Some((_, list)) = keys.iter_mut().rfind(|(key, _)| key == path) {
            list.push(word.to_owned());
        }
    }
}

#[test]
fn every_key_has_a_row_and_every_row_is_a_key() {
    let page = page("experiment-file.md");
    let rows = rows(&page);
    let mut all = Vec::new();
    keys(schema(), schema(), "", &mut all);
    assert!(all.len() >= 60 && all.iter().any(|(_, words)| words.contains(&"infeasible".to_owned())), "{all:?}");
    for (path, words) in &all {
        let heading = page.text.contains(&format!("### `[{path}]`\n"));
        let row = rows.iter().find(|row| row.path == *path);
        assert!(heading || row.is_some(), "`{path}` has neither row nor heading");
        for word in words {
            assert!(row.is_some_and(|row| row.takes.contains(&format!("\"{word}\""))), "`{path}` may be \"{word}\"");
        }
    }
    let known: BTreeSet<&str> = all.iter().map(|(path, _)| path.as_str()).collect();
    for row in &rows {
        assert!(known.contains(row.path.as_str()), "`{}` is no key", row.path);
    }
}

/// In one of the page's whole experiments each example may stand.
#[test]
fn every_example_is_valid_somewhere() {
    let page = page("experiment-file.md");
    let bases = page.experiments();
    for Row { path, example, .. } in rows(&page) {
        let key = example.split(" = ").next().unwrap();
        // The table that the example's line stands in.
        let names: Vec<&str> = path.split('.').collect();
        let depth = names.iter().position(|name| *name == "NAME" || *name == key).unwrap();
        let set = [&names[..depth], &[example.as_str()]].concat().join(".");
        let overrides = Overrides { set: vec![set.clone()], seed: None };
        let path = repository().join("examples/experiment.toml");
        let errors: Vec<String> = bases
            .iter()
            .map(|base| Experiment::parse(&base.text, &path, &overrides, &Registry::built_in()))
            .map_while(|read| read.err().map(|error| error.render()))
            .collect();
        assert!(errors.len() < bases.len(), "{set}\n{}", errors.join("\n"));
    }
}
