//! Whatever stands in a file, there is an experiment or a list of problems that can be read.

use proptest::prelude::*;

use super::{FULL, load_text, registry};
use crate::experiment::{
    Experiment, ExperimentError, Overrides,
    document::{Kind, Node, Path},
};

/// Values of every kind, at and beyond their limits.
const VALUES: &[&str] = &[
    "\"\"",
    "\"word\"",
    "\"1h\"",
    "\"0GiB\"",
    "0",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "4294967296",
    "0.5",
    "-0.0",
    "1e308",
    "inf",
    "nan",
    "true",
    "false",
    "2026-01-01",
    "[]",
    "[[]]",
    "[{}]",
    "[1, 2]",
    "[-1e308, 1e308]",
    "[-9223372036854775808, 9223372036854775807]",
    "[\"a\", 1, 0.5, true]",
    "{}",
    "{ a = {} }",
    "{ when = {} }",
    "{ real = [0, 1], when = { span = 1 } }",
    "{ x = [1, { y = 2 }] }",
];

/// All that is said about a file, checked to be said properly.
fn read(result: Result<Experiment, ExperimentError>) -> String {
    let Err(error) = result else { return String::new() };
    let text = error.render();
    // The schema and the structs disagree where one lets through what the other does not.
    assert!(!text.contains("cannot be read"), "{text}");
    assert!(matches!(error, ExperimentError::Problems { problems, .. } if !problems.is_empty()));
    text
}

fn paths(node: &Node, path: &Path, found: &mut Vec<Path>) {
    if let Kind::Table(entries) = &node.kind {
        for entry in entries {
            let path = path.key(&entry.key);
            paths(&entry.node, &path, found);
            found.push(path);
        }
    }
}

#[test]
fn any_value_at_any_key() {
    let mut keys = Vec::new();
    paths(&Node::parse(FULL).unwrap(), &Path::default(), &mut keys);
    for extra in [
        "problem.name",
        "problem.python",
        "problem.batch",
        "problem.interpreter",
        "algorithm.offspring",
        "zzz",
        "space.new",
        "space.new.bit",
    ] {
        keys.push(Path(extra.split('.').flat_map(|key| Path::of([key]).0).collect()));
    }
    assert!(keys.len() > 80, "{}", keys.len());
    for key in &keys {
        for value in VALUES {
            let overrides = Overrides { set: vec![format!("{key}={value}")], seed: None };
            read(Experiment::parse(FULL, "experiment.toml".as_ref(), &overrides, &registry()));
        }
    }
}

#[test]
fn any_line_missing() {
    let lines: Vec<&str> = FULL.lines().collect();
    for missing in 0..lines.len() {
        let rest: Vec<&str> =
            lines.iter().enumerate().filter(|(line, _)| *line != missing).map(|(_, line)| *line).collect();
        read(load_text(&rest.join("\n")));
    }
}

proptest! {
    #[test]
    fn any_damage(begin in 0..FULL.len(), length in 0_usize..40, with in "[\\[\\]{}=\"'#,. \\n\\ta-z0-9äé🦀-]{0,6}") {
        let end = (begin + length).min(FULL.len());
        let text = format!("{}{with}{}", &FULL[..begin], &FULL[end..]);
        read(load_text(&text));
    }

    #[test]
    fn any_override(set in "[a-z.]{0,12}=?[\\[\\]{}=\"'#,. a-z0-9äé-]{0,8}") {
        let overrides = Overrides { set: vec![set], seed: None };
        read(Experiment::parse(FULL, "experiment.toml".as_ref(), &overrides, &registry()));
    }
}
