//! Placeholders in the words of a command: `{span}`, `{seed}`, `{candidate}`, `{scratch}`, `{experiment}`,
//! `{parameters}`.

use std::{collections::HashMap, ffi::OsString};

/// A word of a command, split at its placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(String),
}

/// A placeholder that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown(pub(super) String);

impl Template {
    /// Splits `word`. A name in braces must be one of `known`; `{{` and `}}` are braces, and braces around anything
    /// that is no name are left as they are.
    pub(super) fn new(word: &str, known: &[&str]) -> Result<Template, Unknown> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = word;
        while let Some(brace) = rest.find(['{', '}']) {
            text.push_str(&rest[..brace]);
            rest = &rest[brace..];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                text.push_str(&rest[..1]);
                rest = &rest[2..];
                continue;
            }
            let name = rest.strip_prefix('{').and_then(|after| after.split_once('}')).map(|(name, _)| name);
            match name {
                Some(name) if known.contains(&name) => {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                    parts.push(Part::Placeholder(name.to_owned()));
                    rest = &rest[name.len() + 2..];
                }
                Some(name) if is_name(name) => return Err(Unknown(name.to_owned())),
                _ => {
                    text.push_str(&rest[..1]);
                    rest = &rest[1..];
                }
            }
        }
        text.push_str(rest);
        parts.push(Part::Text(text));
        parts.retain(|part| *part != Part::Text(String::new()));
        Ok(Template(parts))
    }

    /// Whether it uses placeholder `name`.
    pub(super) fn uses(&self, name: &str) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Placeholder(other) if other == name))
    }

    /// The word with the placeholders' values; one without a value is empty.
    pub(super) fn fill(&self, values: &HashMap<&str, OsString>) -> OsString {
        let mut word = OsString::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => word.push(text),
                Part::Placeholder(name) => {
                    word.push(values.get(name.as_str()).map_or_else(Default::default, Clone::clone));
                }
            }
        }
        word
    }
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_and_other_braces_stay() {
        let fill = |word: &str| {
            let values = HashMap::from([("span", OsString::from("31.5"))]);
            Template::new(word, &["span", "flap"]).map(|template| template.fill(&values).into_string().unwrap())
        };
        assert_eq!(fill("--span={span},{span}"), Ok("--span=31.5,31.5".to_owned()));
        assert_eq!(fill("x{flap}y"), Ok("xy".to_owned()));
        assert_eq!(fill("{ print $1 } {{span}} {"), Ok("{ print $1 } {span} {".to_owned()));
        assert_eq!(fill(""), Ok(String::new()));
        assert_eq!(fill("{spam}"), Err(Unknown("spam".to_owned())));
    }
}
