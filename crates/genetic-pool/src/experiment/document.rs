//! A TOML document as a tree whose every key and value knows where it stands.

use std::{fmt, ops::Range};

use serde_json::Value as Json;
use toml_edit::{Document, Item, Key, TableLike, TomlError, Value};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its bytes in the text; `None` for a table that is only implied.
    pub(crate) span: Option<Range<usize>>,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Words.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A real number.
    Real(f64),
    /// True or false.
    Bool(bool),
    /// A date or a time, as written.
    Date(String),
    /// A list.
    List(Vec<Node>),
    /// A table, in the order of the file.
    Table(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Its bytes in the text.
    pub(crate) span: Option<Range<usize>>,
    /// The value.
    pub(crate) node: Node,
}

/// Where a value stands: `space.chord.real`, `start.points[0].span`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path(pub(crate) Vec<Segment>);

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Into a table.
    Key(String),
    /// Into a list.
    Index(usize),
}

impl Node {
    /// Reads a whole document.
    pub(crate) fn parse(text: &str) -> Result<Node, TomlError> {
        let document = Document::parse(text)?;
        Ok(Node { kind: table(document.as_table()), span: None })
    }

    /// The entries of a table; none of anything else.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The elements of a list; none of anything else.
    pub(crate) fn elements(&self) -> &[Node] {
        match &self.kind {
            Kind::List(nodes) => nodes,
            _ => &[],
        }
    }

    /// The value at `path`, with the bytes of its key where it stands in a table.
    pub(crate) fn find(&self, path: &[Segment]) -> Option<(&Node, Option<Range<usize>>)> {
        let mut found = (self, None);
        for segment in path {
            found = match segment {
                Segment::Key(key) => {
                    let entry = found.0.entries().iter().find(|entry| entry.key == *key)?;
                    (&entry.node, entry.span.clone())
                }
                Segment::Index(index) => (found.0.elements().get(*index)?, None),
            };
        }
        Some(found)
    }

    /// Removes the entry at `path`, or the entry whose list it is an element of.
    pub(crate) fn prune(&mut self, path: &[Segment]) {
        let Some(last) = path.iter().rposition(|segment| matches!(segment, Segment::Key(_))) else { return };
        let mut node = self;
        for segment in &path[..last] {
            let next = match (segment, &mut node.kind) {
                (Segment::Key(key), Kind::Table(entries)) => {
                    entries.iter_mut().find(|entry| entry.key == *key).map(|entry| &mut entry.node)
                }
                (Segment::Index(index), Kind::List(nodes)) => nodes.get_mut(*index),
                _ => None,
            };
            let Some(next) = next else { return };
            node = next;
        }
        if let (Segment::Key(key), Kind::Table(entries)) = (&path[last], &mut node.kind) {
            entries.retain(|entry| entry.key != *key);
        }
    }

    /// The same as JSON. A number that is not finite becomes null and a date its text: a checked document has neither.
    pub(crate) fn to_json(&self) -> Json {
        match &self.kind {
            Kind::Text(text) | Kind::Date(text) => text.as_str().into(),
            Kind::Int(value) => (*value).into(),
            Kind::Real(value) => (*value).into(),
            Kind::Bool(value) => (*value).into(),
            Kind::List(nodes) => nodes.iter().map(Node::to_json).collect(),
            Kind::Table(entries) => {
                Json::Object(entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect())
            }
        }
    }

    /// The kind of value, as a noun with its article where it has one.
    pub(crate) fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Text(_) => "text",
            Kind::Int(_) => "a whole number",
            Kind::Real(_) => "a number",
            Kind::Bool(_) => "true or false",
            Kind::Date(_) => "a date",
            Kind::List(_) => "a list",
            Kind::Table(_) => "a table",
        }
    }
}

fn item(item: &Item) -> Node {
    let kind = match item {
        Item::Value(inner) => return value(inner),
        Item::Table(inner) => table(inner),
        Item::ArrayOfTables(inner) => {
            Kind::List(inner.iter().map(|inner| Node { kind: table(inner), span: inner.span() }).collect())
        }
        // Iteration over a table never gives an empty item.
        Item::None => Kind::Table(Vec::new()),
    };
    Node { kind, span: item.span() }
}

fn value(value: &Value) -> Node {
    let kind = match value {
        Value::String(text) => Kind::Text(text.value().clone()),
        Value::Integer(number) => Kind::Int(*number.value()),
        Value::Float(number) => Kind::Real(*number.value()),
        Value::Boolean(bool) => Kind::Bool(*bool.value()),
        Value::Datetime(date) => Kind::Date(date.value().to_string()),
        Value::Array(array) => Kind::List(array.iter().map(self::value).collect()),
        Value::InlineTable(inner) => table(inner),
    };
    Node { kind, span: value.span() }
}

fn table(table: &dyn TableLike) -> Kind {
    let entries = table.iter().map(|(key, inner)| Entry {
        key: key.to_owned(),
        span: table.key(key).and_then(Key::span),
        node: item(inner),
    });
    Kind::Table(entries.collect())
}

impl Path {
    /// The path of `keys`.
    pub(crate) fn of<const N: usize>(keys: [&str; N]) -> Path {
        Path(keys.iter().map(|key| Segment::Key((*key).to_owned())).collect())
    }

    /// The path of `key` in the table here.
    #[must_use]
    pub(crate) fn key(&self, key: &str) -> Path {
        self.with(Segment::Key(key.to_owned()))
    }

    /// The path of element `index` of the list here.
    #[must_use]
    pub(crate) fn index(&self, index: usize) -> Path {
        self.with(Segment::Index(index))
    }

    /// Whether `other` is this path or lies within it.
    pub(crate) fn holds(&self, other: &Path) -> bool {
        other.0.starts_with(&self.0)
    }

    fn with(&self, segment: Segment) -> Path {
        let mut path = self.clone();
        path.0.push(segment);
        path
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    let dot = if place > 0 { "." } else { "" };
                    write!(f, "{dot}{}", Key::new(key.as_str()).display_repr())?;
                }
            }
        }
        Ok(())
    }
}
