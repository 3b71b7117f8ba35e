//! `--set KEY=VALUE` and `--seed N`: changes of the file from the command line.

use toml_edit::{DocumentMut, Item, Key, Table, TableLike, Value};

use super::{
    document::{Path, Segment},
    error::{Place, Problem},
    schema::schema,
    structure::wants_text,
};

/// What the command line changes in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `KEY=VALUE` each: a dotted key of the file, and a value as TOML writes it. Where text is wanted the quotes may
    /// be left out.
    pub set: Vec<String>,
    /// The seed.
    pub seed: Option<u64>,
}

/// One change.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    /// What it sets.
    pub(crate) path: Path,
    /// How it was asked for: `--set seed=7`.
    pub(crate) flag: String,
}

/// The keys on the way to a value, and the value.
type Change = (Vec<Key>, Value);

/// The text with `overrides` applied, comments and order kept, and what was changed; or what is wrong with them.
pub(crate) fn apply(text: &str, overrides: &Overrides) -> Result<(String, Vec<Override>), Vec<Problem>> {
    let mut changes: Vec<(String, Result<Change, Box<Problem>>)> = Vec::new();
    for set in &overrides.set {
        let flag = format!("--set {set}");
        changes.push((flag.clone(), read(set, &flag)));
    }
    if let Some(seed) = overrides.seed {
        let flag = format!("--seed {seed}");
        let value = i64::try_from(seed).map(Value::from).map_err(|_| {
            let mut problem = problem(&flag, "seed", "is too large");
            problem.allowed = Some(format!("a whole number from 0 to {}", i64::MAX));
            problem
        });
        changes.push((flag, value.map(|value| (vec![Key::new("seed")], value))));
    }
    let Ok(mut document) = text.parse::<DocumentMut>() else {
        // The caller has parsed the same text already.
        return Ok((text.to_owned(), Vec::new()));
    };
    let mut applied: Vec<Override> = Vec::new();
    let mut problems = Vec::new();
    for (flag, change) in changes {
        let done = change.and_then(|(keys, value)| {
            let path = Path(keys.iter().map(|key| Segment::Key(key.get().to_owned())).collect());
            put(document.as_table_mut(), &keys, value, &flag)?;
            Ok(path)
        });
        match done {
            Ok(path) => {
                // A later change of the same key, or of what holds it, takes the place of the earlier.
                applied.retain(|earlier| !path.holds(&earlier.path));
                applied.push(Override { path, flag });
            }
            Err(problem) => problems.push(*problem),
        }
    }
    match (problems.is_empty(), applied.is_empty()) {
        (false, _) => Err(problems),
        (true, true) => Ok((text.to_owned(), applied)),
        (true, false) => Ok((document.to_string(), applied)),
    }
}

fn read(set: &str, flag: &str) -> Result<Change, Box<Problem>> {
    let Some((key, value)) = split(set) else {
        let mut problem = problem(flag, "", "has no `=`");
        problem.hint = Some("write `--set KEY=VALUE`, for instance `--set stop.evaluations=500`".to_owned());
        return Err(problem);
    };
    let keys = Key::parse(key.trim()).map_err(|error| {
        let mut problem = problem(flag, "", &format!("`{key}` is no key: {}", first_line(error.message())));
        problem.hint = Some("a key is written as in the file, with dots: `problem.timeout`".to_owned());
        problem
    })?;
    let names: Vec<&str> = keys.iter().map(Key::get).collect();
    let value = value.trim();
    let value = match value.parse::<Value>() {
        Ok(parsed) if parsed.is_str() || !wants_text(schema(), &names) => parsed,
        // What begins as TOML's own text, list or table was meant to be one.
        Err(error) if value.starts_with(['"', '\'', '[', '{']) || value.is_empty() => {
            let path = Path(names.iter().map(|name| Segment::Key((*name).to_owned())).collect()).to_string();
            let message = if value.is_empty() {
                "has no value".to_owned()
            } else {
                format!("has a value that is no TOML: {}", first_line(error.message()))
            };
            let mut problem = problem(flag, &path, &message);
            problem.found = (!value.is_empty()).then(|| value.to_owned());
            return Err(problem);
        }
        _ => Value::from(value),
    };
    Ok((keys, value))
}

/// Splits at the first `=` that does not stand in quotes.
fn split(set: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (place, c) in set.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '=') => return Some((&set[..place], &set[place + 1..])),
            _ => {}
        }
    }
    None
}

fn put(root: &mut Table, keys: &[Key], mut value: Value, flag: &str) -> Result<(), Box<Problem>> {
    let Some((last, tables)) = keys.split_last() else { return Ok(()) };
    let mut here: &mut dyn TableLike = root;
    let mut path = Path::default();
    for key in tables {
        path = path.key(key.get());
        if !here.contains_key(key.get()) {
            let mut table = Table::new();
            // A header of its own is only written where the table holds values itself.
            table.set_implicit(true);
            here.insert(key.get(), Item::Table(table));
        }
        let next = here.get_mut(key.get()).and_then(Item::as_table_like_mut);
        here = next.ok_or_else(|| problem(flag, &path.to_string(), "is no table, so nothing in it can be set"))?;
    }
    match here.get_mut(last.get()) {
        Some(Item::Value(old)) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        Some(old) => *old = Item::Value(value),
        None => {
            here.insert(last.get(), Item::Value(value));
        }
    }
    Ok(())
}

fn problem(flag: &str, path: &str, message: &str) -> Box<Problem> {
    Box::new(Problem {
        path: path.to_owned(),
        place: Place::Override(flag.to_owned()),
        message: message.to_owned(),
        found: None,
        allowed: None,
        hint: None,
    })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
