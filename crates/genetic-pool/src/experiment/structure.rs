//! Whether a document has the structure its schema asks for: every fault, not only the first.

use serde_json::Value as Json;

use super::{
    document::{Entry, Kind, Node, Path},
    nearest::did_you_mean,
};

/// One fault of structure.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// Where.
    pub(crate) path: Path,
    /// Whether it is the key that is wrong, not its value.
    pub(crate) key: bool,
    /// What is wrong, as a fragment in lower case.
    pub(crate) message: String,
    /// What stands there.
    pub(crate) found: Option<String>,
    /// What may stand there.
    pub(crate) allowed: Option<String>,
    /// What to do.
    pub(crate) hint: Option<String>,
}

impl Fault {
    /// A fault of the value at `path`.
    pub(crate) fn new(path: Path, message: impl Into<String>) -> Fault {
        Fault { path, key: false, message: message.into(), found: None, allowed: None, hint: None }
    }

    /// It is the key that is wrong, or the entry as a whole.
    #[must_use]
    pub(crate) fn at_key(mut self) -> Fault {
        self.key = true;
        self
    }

    /// Says what stands there.
    #[must_use]
    pub(crate) fn found(mut self, found: impl Into<String>) -> Fault {
        self.found = Some(found.into());
        self
    }

    /// Says what may stand there.
    #[must_use]
    pub(crate) fn allowed(mut self, allowed: impl Into<String>) -> Fault {
        self.allowed = Some(allowed.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.hint = Some(hint.into());
        self
    }
}

/// All faults of `node` against `schema`.
///
/// It reads what the schema of the experiment file uses: `$ref` into `$defs`, `type`, `properties`,
/// `additionalProperties`, `required`, `items`, `minItems`, `maxItems`, `minimum`, `maximum`, `enum`, `const`, `anyOf`
/// and `oneOf`.
pub(crate) fn check(schema: &Json, node: &Node) -> Vec<Fault> {
    let mut walk = Walk { root: schema, faults: Vec::new() };
    walk.value(schema, node, &Path::default());
    walk.faults
}

/// Whether text may stand at `path`, and nothing else.
pub(crate) fn wants_text(schema: &Json, path: &[&str]) -> bool {
    let walk = Walk { root: schema, faults: Vec::new() };
    let mut here = walk.resolve(schema);
    for key in path {
        let next = here.get("properties").and_then(|properties| properties.get(key));
        match next.or_else(|| here.get("additionalProperties")) {
            Some(next) => here = walk.resolve(next),
            None => return false,
        }
    }
    types(here) == ["string"]
}

static ANYTHING: Json = Json::Bool(true);

struct Walk<'a> {
    root: &'a Json,
    faults: Vec<Fault>,
}

impl<'a> Walk<'a> {
    fn resolve(&self, schema: &'a Json) -> &'a Json {
        let name = schema.get("$ref").and_then(Json::as_str).and_then(|name| name.strip_prefix("#/$defs/"));
        name.and_then(|name| self.root.get("$defs")?.get(name)).unwrap_or(schema)
    }

    fn value(&mut self, schema: &'a Json, node: &Node, path: &Path) {
        match node.kind {
            Kind::Date(_) => return self.wrong_type(schema, node, path),
            Kind::Real(value) if !value.is_finite() => {
                return self.fault(path, "must be a finite number", Some(show(node)), None, None);
            }
            _ => {}
        }
        let schema = self.resolve(schema);
        if let Some(branches) = schema.get("anyOf").and_then(Json::as_array) {
            let fitting = branches.iter().find(|branch| accepts(self.resolve(branch), node));
            return match fitting {
                Some(branch) => self.value(branch, node, path),
                None => self.wrong_type(schema, node, path),
            };
        }
        if !accepts(schema, node) {
            return self.wrong_type(schema, node, path);
        }
        match &node.kind {
            Kind::Text(text) => self.text(schema, text, node, path),
            Kind::Int(value) => self.number(schema, *value as f64, node, path),
            Kind::Real(value) => self.number(schema, *value, node, path),
            Kind::List(nodes) => self.list(schema, nodes, path),
            Kind::Table(entries) => self.table(schema, entries, path),
            Kind::Bool(_) | Kind::Date(_) => {}
        }
    }

    fn wrong_type(&mut self, schema: &'a Json, node: &Node, path: &Path) {
        let allowed = self.describe(schema);
        let kinds = types(self.resolve(schema));
        let hint = match &node.kind {
            Kind::Text(text)
                if kinds.iter().any(|kind| matches!(*kind, "number" | "integer")) && text.parse::<f64>().is_ok() =>
            {
                Some("write the number without quotes".to_owned())
            }
            Kind::Text(text) if kinds == ["array"] && text.contains(' ') => {
                let words: Vec<String> = text.split_whitespace().map(|word| format!("{word:?}")).collect();
                Some(format!("put it in brackets: [{}]", words.join(", ")))
            }
            Kind::Text(_) | Kind::Int(_) | Kind::Real(_) if kinds == ["array"] => {
                Some(format!("put it in brackets: [{}]", show(node)))
            }
            Kind::Date(date) => Some(format!("write it as text: \"{date}\"")),
            Kind::Table(_) if kinds.contains(&"array") => Some("a list stands in brackets: [ … ]".to_owned()),
            _ => None,
        };
        let found = match node.kind {
            Kind::List(_) | Kind::Table(_) => node.kind().to_owned(),
            Kind::Bool(_) => show(node),
            _ => format!("{} {}", node.kind(), show(node)),
        };
        self.fault(path, "is of the wrong kind", Some(found), Some(allowed), hint);
    }

    fn text(&mut self, schema: &'a Json, text: &str, node: &Node, path: &Path) {
        let words = words(schema);
        if !words.is_empty() && !words.contains(&text) {
            let allowed = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
            let hint = did_you_mean(text, words);
            self.fault(path, "is none of the words that may stand here", Some(show(node)), Some(allowed), hint);
        }
    }

    fn number(&mut self, schema: &'a Json, value: f64, node: &Node, path: &Path) {
        let below = schema.get("minimum").and_then(Json::as_f64).is_some_and(|minimum| value < minimum);
        let above = schema.get("maximum").and_then(Json::as_f64).is_some_and(|maximum| value > maximum);
        if below || above {
            let message = if below { "is too small" } else { "is too large" };
            self.fault(path, message, Some(show(node)), Some(self.describe(schema)), None);
        }
    }

    fn list(&mut self, schema: &'a Json, nodes: &[Node], path: &Path) {
        let length = nodes.len() as u64;
        let short = schema.get("minItems").and_then(Json::as_u64).is_some_and(|least| length < least);
        let long = schema.get("maxItems").and_then(Json::as_u64).is_some_and(|most| length > most);
        if short || long {
            let found = Some(format!("{length} values"));
            return self.fault(path, "has the wrong number of values", found, Some(self.describe(schema)), None);
        }
        if let Some(items) = schema.get("items") {
            for (index, node) in nodes.iter().enumerate() {
                self.value(items, node, &path.index(index));
            }
        }
    }

    fn table(&mut self, schema: &'a Json, entries: &[Entry], path: &Path) {
        let properties = schema.get("properties").and_then(Json::as_object);
        for entry in entries {
            let here = path.key(&entry.key);
            if let Some(schema) = properties.and_then(|properties| properties.get(&entry.key)) {
                self.value(schema, &entry.node, &here);
            } else {
                match schema.get("additionalProperties") {
                    Some(Json::Bool(false)) => self.unknown_key(schema, &entry.key, path),
                    Some(schema) => self.value(schema, &entry.node, &here),
                    None => self.value(&ANYTHING, &entry.node, &here),
                }
            }
        }
        for key in schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
            if !entries.iter().any(|entry| entry.key == key) {
                let wanted = properties.and_then(|properties| properties.get(key));
                let hint = wanted.map(|wanted| self.resolve(wanted)).map(|wanted| match types(wanted).as_slice() {
                    ["object"] => format!("add a table [{}]", path.key(key)),
                    _ => format!("add `{key} = …`"),
                });
                let allowed = wanted.map(|wanted| self.describe(wanted));
                self.fault(&path.key(key), "is missing", None, allowed, hint);
            }
        }
    }

    fn unknown_key(&mut self, schema: &'a Json, key: &str, path: &Path) {
        let known: Vec<&str> = schema
            .get("properties")
            .and_then(Json::as_object)
            .into_iter()
            .flat_map(|known| known.keys())
            .map(String::as_str)
            .collect();
        let hint = did_you_mean(key, known.iter().copied()).or_else(|| {
            let home = self.home_of(key)?;
            let table = if home.is_empty() {
                "at the top of the file, before the first [table]".to_owned()
            } else {
                format!("in [{home}]")
            };
            Some(format!("`{key}` stands {table}"))
        });
        let allowed = Some(known.join(", "));
        self.faults.push(Fault {
            path: path.key(key),
            key: true,
            message: if path.0.is_empty() { "is no key of an experiment" } else { "is no key of this table" }
                .to_owned(),
            found: None,
            allowed,
            hint,
        });
    }

    /// The table of the file that has `key`: the empty name is the file itself.
    fn home_of(&self, key: &str) -> Option<String> {
        let properties = |schema: &'a Json| self.resolve(schema).get("properties").and_then(Json::as_object);
        let top = properties(self.root)?;
        if top.contains_key(key) {
            return Some(String::new());
        }
        let (table, _) =
            top.iter().find(|(_, schema)| properties(schema).is_some_and(|keys| keys.contains_key(key)))?;
        Some(table.clone())
    }

    /// What may stand here, in words.
    fn describe(&self, schema: &'a Json) -> String {
        let schema = self.resolve(schema);
        if let Some(branches) = schema.get("anyOf").and_then(Json::as_array) {
            return either(branches.iter().map(|branch| self.describe(branch)).collect());
        }
        let words = words(schema);
        if !words.is_empty() {
            return either(words.iter().map(|word| format!("\"{word}\"")).collect());
        }
        let kinds = types(schema);
        either(kinds.iter().map(|kind| self.describe_kind(schema, kind)).collect())
    }

    fn describe_kind(&self, schema: &'a Json, kind: &str) -> String {
        match kind {
            "boolean" => "true or false".to_owned(),
            "string" => "text in quotes".to_owned(),
            "integer" => format!("a whole number{}", range(schema)),
            "number" => format!("a number{}", range(schema)),
            "array" => {
                let items = schema.get("items").map_or_else(|| "anything".to_owned(), |items| self.describe(items));
                match (schema.get("minItems"), schema.get("maxItems")) {
                    (Some(least), Some(most)) if least == most => format!("a list of {least} values, each {items}"),
                    _ => format!("a list, each {items}"),
                }
            }
            _ => match schema.get("properties").and_then(Json::as_object) {
                Some(keys) => {
                    format!("a table {{ … }} of {}", keys.keys().map(String::as_str).collect::<Vec<_>>().join(", "))
                }
                None => match schema.get("additionalProperties") {
                    Some(values @ Json::Object(_)) => match types(self.resolve(values)).as_slice() {
                        ["object"] => "a table { name = { … } }".to_owned(),
                        [_] => format!("a table {{ name = value }}, each value {}", self.describe(values)),
                        _ => "a table { name = value }".to_owned(),
                    },
                    _ => "a table".to_owned(),
                },
            },
        }
    }

    fn fault(
        &mut self,
        path: &Path,
        message: &str,
        found: Option<String>,
        allowed: Option<String>,
        hint: Option<String>,
    ) {
        self.faults.push(Fault { path: path.clone(), key: false, message: message.to_owned(), found, allowed, hint });
    }
}

/// The types a schema names; none where anything goes.
fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(kind)) => vec![kind],
        Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).collect(),
        _ if !words(schema).is_empty() => vec!["string"],
        _ => Vec::new(),
    }
}

/// The words a schema closes its text to; none where any text goes.
fn words(schema: &Json) -> Vec<&str> {
    if let Some(words) = schema.get("enum").and_then(Json::as_array) {
        return words.iter().filter_map(Json::as_str).collect();
    }
    let branches = schema.get("oneOf").and_then(Json::as_array).into_iter().flatten();
    branches.chain([schema]).filter_map(|branch| branch.get("const")?.as_str()).collect()
}

fn accepts(schema: &Json, node: &Node) -> bool {
    let kinds = types(schema);
    kinds.is_empty()
        || kinds.iter().any(|kind| match node.kind {
            Kind::Text(_) => *kind == "string",
            Kind::Int(_) => matches!(*kind, "integer" | "number"),
            Kind::Real(_) => *kind == "number",
            Kind::Bool(_) => *kind == "boolean",
            Kind::List(_) => *kind == "array",
            Kind::Table(_) => *kind == "object",
            Kind::Date(_) => false,
        })
}

fn range(schema: &Json) -> String {
    let bound = |key: &str| match schema.get(key)? {
        Json::Number(bound) if bound.is_f64() => bound.as_f64().map(|bound| bound.to_string()),
        bound => Some(bound.to_string()),
    };
    match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => format!(" from {least} to {most}"),
        (Some(least), None) => format!(" of at least {least}"),
        (None, Some(most)) => format!(" of at most {most}"),
        (None, None) => String::new(),
    }
}

fn either(mut words: Vec<String>) -> String {
    match words.pop() {
        None => "anything but a date".to_owned(),
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{}, or {last}", words.join(", ")),
    }
}

/// How many values of a list are shown.
const SHOWN: usize = 12;

/// A value as it would be written; tables, and lists of lists, by their kind.
pub(crate) fn show(node: &Node) -> String {
    match &node.kind {
        Kind::Text(text) => format!("{text:?}"),
        Kind::Int(value) => value.to_string(),
        Kind::Real(value) => format!("{value:?}"),
        Kind::Bool(value) => value.to_string(),
        Kind::Date(date) => date.clone(),
        Kind::List(nodes) if nodes.iter().all(|node| !matches!(node.kind, Kind::List(_) | Kind::Table(_))) => {
            let shown: Vec<String> = nodes.iter().take(SHOWN).map(show).collect();
            let more = if nodes.len() > SHOWN { format!(", … {} in all", nodes.len()) } else { String::new() };
            format!("[{}{more}]", shown.join(", "))
        }
        Kind::List(_) | Kind::Table(_) => node.kind().to_owned(),
    }
}
