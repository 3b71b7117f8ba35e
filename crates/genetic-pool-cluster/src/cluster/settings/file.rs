//! `cluster.toml`: read strictly, all its problems at once.

use std::{ops::Range, path::Path};

use toml_edit::{Document, Item, TableLike, Value};

use super::{NodeSettings, Problem, Settings, SettingsError, parse_bytes, resolve::allowed};
use crate::{nearest::nearest, spec::Port};

impl Settings {
    /// Reads the file at `path`.
    pub fn read(path: &Path) -> Result<Settings, SettingsError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| SettingsError::Read { path: path.to_owned(), source })?;
        Settings::parse(&text, &path.display().to_string())
    }

    /// Reads `text`, which is what the file called `file` holds.
    pub fn parse(text: &str, file: &str) -> Result<Settings, SettingsError> {
        let mut walk = Walk { text, problems: Vec::new() };
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => {
                walk.problem(error.span().unwrap_or(0..0), "", format!("is no TOML: {}", error.message()));
                return Err(SettingsError::File { file: file.to_owned(), problems: walk.problems });
            }
        };
        let settings = walk.settings(document.as_table());
        walk.problems.sort_by_key(|problem| problem.line);
        if walk.problems.is_empty() {
            Ok(settings)
        } else {
            Err(SettingsError::File { file: file.to_owned(), problems: walk.problems })
        }
    }
}

/// The version of the file as it is written.
const FORMAT: i64 = 1;

const KEYS: [&str; 9] =
    ["format", "image", "workers", "slots_per_worker", "worker", "head", "port", "egress", "ray_client"];
const NODE_KEYS: [&str; 3] = ["cpus", "memory", "shm"];

struct Walk<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

impl Walk<'_> {
    fn settings(&mut self, table: &dyn TableLike) -> Settings {
        let mut settings = Settings::default();
        let mut format = None;
        for (key, item) in table.iter() {
            match key {
                "format" => format = Some(item),
                "image" => settings.image = self.text(item, key),
                "workers" => settings.workers = self.number(item, key),
                "slots_per_worker" => settings.slots_per_worker = self.number(item, key),
                "worker" => settings.worker = self.node(item, key),
                "head" => settings.head = self.node(item, key),
                "port" => settings.port = self.port(item),
                "egress" => settings.egress = self.bool(item, key),
                "ray_client" => settings.ray_client = self.bool(item, key),
                _ => self.unknown(table, key, key, &KEYS),
            }
        }
        match format {
            None => self.problem(0..0, "format", format!("is missing; write `format = {FORMAT}`")),
            Some(item) if item.as_integer() == Some(FORMAT) => {}
            Some(item) => self.problem(span(item), "format", format!("is {}; allowed is {FORMAT}", shown(item))),
        }
        settings
    }

    fn node(&mut self, item: &Item, name: &str) -> NodeSettings {
        let mut node = NodeSettings::default();
        let Some(table) = item.as_table_like() else {
            self.problem(span(item), name, format!("is {}; allowed is a table with {}", shown(item), list(&NODE_KEYS)));
            return node;
        };
        for (key, item) in table.iter() {
            let path = format!("{name}.{key}");
            match key {
                "cpus" => node.cpus = self.number(item, &path),
                "memory" => node.memory = self.bytes(item, &path),
                "shm" => node.shm = self.bytes(item, &path),
                _ => self.unknown(table, key, &path, &NODE_KEYS),
            }
        }
        node
    }

    fn text(&mut self, item: &Item, key: &str) -> Option<String> {
        let text = item.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            self.problem(span(item), key, format!("is {}; allowed is a text", shown(item)));
        }
        text.map(str::to_owned)
    }

    fn bool(&mut self, item: &Item, key: &str) -> Option<bool> {
        if item.as_bool().is_none() {
            self.problem(span(item), key, format!("is {}; allowed is true or false", shown(item)));
        }
        item.as_bool()
    }

    fn number(&mut self, item: &Item, key: &str) -> Option<u16> {
        let number = item.as_integer().and_then(|number| u64::try_from(number).ok());
        let Some(number) = number else {
            self.problem(span(item), key, format!("is {}; allowed is a whole number from 1", shown(item)));
            return None;
        };
        if let Some(fault) = allowed(key).and_then(|allowed| allowed.fault(number)) {
            self.problem(span(item), key, fault);
        }
        u16::try_from(number).ok()
    }

    fn bytes(&mut self, item: &Item, key: &str) -> Option<u64> {
        let Some(text) = item.as_str() else {
            self.problem(span(item), key, format!("is {}; allowed is a text with a unit: \"2GiB\"", shown(item)));
            return None;
        };
        let fault = match parse_bytes(text) {
            Ok(bytes) => match allowed(key).and_then(|allowed| allowed.fault(bytes)) {
                None => return Some(bytes),
                Some(fault) => fault,
            },
            Err(fault) => fault,
        };
        self.problem(span(item), key, fault);
        None
    }

    fn port(&mut self, item: &Item) -> Option<Port> {
        if item.as_str() == Some("any") {
            return Some(Port::Any);
        }
        let port = item.as_integer().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
        if port.is_none() {
            self.problem(
                span(item),
                "port",
                format!("is {}; allowed is a port from 1 to 65535, or \"any\"", shown(item)),
            );
        }
        port.map(Port::Fixed)
    }

    fn unknown(&mut self, table: &dyn TableLike, key: &str, path: &str, known: &[&str]) {
        let advice = match nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("allowed are {}", list(known)),
        };
        let place = table.get_key_value(key).and_then(|(key, _)| key.span()).unwrap_or(0..0);
        self.problem(place, path, format!("is no key; {advice}"));
    }

    fn problem(&mut self, place: Range<usize>, key: &str, message: String) {
        let line = self.text.get(..place.start).unwrap_or_default().matches('\n').count() + 1;
        self.problems.push(Problem { line: Some(line), key: key.to_owned(), message });
    }
}

fn span(item: &Item) -> Range<usize> {
    item.span().unwrap_or(0..0)
}

/// A value as it was written, in one line.
fn shown(item: &Item) -> String {
    match item {
        Item::Value(Value::InlineTable(_)) | Item::Table(_) => "a table".to_owned(),
        Item::ArrayOfTables(_) | Item::Value(Value::Array(_)) => "a list".to_owned(),
        item => item.to_string().trim().to_owned(),
    }
}

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn a_file_is_read_whole() {
        let text = "format = 1\nimage = \"mine:1\"\nworkers = 4\nslots_per_worker = 16\nport = \"any\"\negress = true\n\
                    ray_client = false\nworker = { cpus = 2, memory = \"3GiB\" }\n[head]\nshm = \"1GiB\"\n";
        let settings = Settings::parse(text, "cluster.toml").unwrap();
        let expected = Settings {
            image: Some("mine:1".to_owned()),
            workers: Some(4),
            slots_per_worker: Some(16),
            worker: NodeSettings { cpus: Some(2), memory: Some(3 << 30), shm: None },
            head: NodeSettings { cpus: None, memory: None, shm: Some(1 << 30) },
            port: Some(Port::Any),
            egress: Some(true),
            ray_client: Some(false),
        };
        assert_eq!(settings, expected);
    }

    #[test]
    fn all_problems_are_said_at_once_with_their_lines() {
        let text = "workres = 4\nslots_per_worker = 0\nport = 70000\negress = \"yes\"\nhead = 3\n\n[worker]\ncpus = -1\n\
                    memory = \"2\"\nshm = 5\nmemroy = \"2GiB\"\ncolour = \"red\"\n";
        assert_snapshot!(Settings::parse(text, "cluster.toml").unwrap_err(), @r#"
        `cluster.toml` has 11 problems:
          line 1: `workres` is no key; did you mean `workers`?
          line 1: `format` is missing; write `format = 1`
          line 2: `slots_per_worker` is 0; at least 1 is needed
          line 3: `port` is 70000; allowed is a port from 1 to 65535, or "any"
          line 4: `egress` is "yes"; allowed is true or false
          line 5: `head` is 3; allowed is a table with `cpus`, `memory`, `shm`
          line 8: `worker.cpus` is -1; allowed is a whole number from 1
          line 9: `worker.memory` is `2`; allowed is a number with a unit: 2GiB, 512MiB, 1.5GB
          line 10: `worker.shm` is 5; allowed is a text with a unit: "2GiB"
          line 11: `worker.memroy` is no key; did you mean `memory`?
          line 12: `worker.colour` is no key; allowed are `cpus`, `memory`, `shm`
        "#);
        assert_snapshot!(Settings::parse("format = 2\nworkers = [", "cluster.toml").unwrap_err(), @r#"
        `cluster.toml` has a problem:
          line 2: is no TOML: unclosed array, expected `]`
        "#);
        assert_snapshot!(Settings::read(Path::new("/nowhere/cluster.toml")).unwrap_err(), @"failed to read `/nowhere/cluster.toml`");
    }
}
