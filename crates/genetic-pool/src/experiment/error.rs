//! What is wrong with an experiment file, and how it is said.

use std::{
    fmt::{self, Write as _},
    path::{Path, PathBuf},
};

/// Why there is no experiment.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// The file cannot be read.
    #[error("read experiment `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file, or an override of it, says something that cannot be.
    #[error("read experiment `{}`: {}", path.display(), count(problems.len()))]
    Problems {
        /// The file.
        path: PathBuf,
        /// All that is wrong with it, in the order of the file; at least one.
        problems: Vec<Problem>,
    },
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The key, as `space.chord.real`; empty where the file is no TOML at all.
    pub path: String,
    /// Where it stands.
    pub place: Place,
    /// What is wrong, as a fragment in lower case.
    pub message: String,
    /// What stands there.
    pub found: Option<String>,
    /// What may stand there.
    pub allowed: Option<String>,
    /// What to do.
    pub hint: Option<String>,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In the file.
    Line {
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// How many characters of the line it takes.
        width: usize,
        /// The whole line.
        text: String,
    },
    /// On the command line: `--set seed=x`.
    Override(String),
    /// It is missing from the file.
    Nowhere,
}

impl ExperimentError {
    /// What to do, where something can be said of the error as a whole.
    pub fn hint(&self) -> Option<String> {
        match self {
            ExperimentError::Read { path, source } => match source.kind() {
                std::io::ErrorKind::NotFound => Some(match neighbour(path) {
                    Some(near) => format!("did you mean `{}`?", near.display()),
                    None => "`genetic-pool new python NAME` writes one to start from".to_owned(),
                }),
                std::io::ErrorKind::IsADirectory => {
                    Some(format!("name the file: `{}`", path.join("experiment.toml").display()))
                }
                std::io::ErrorKind::InvalidData => Some("the file has to be text in UTF-8".to_owned()),
                _ => None,
            },
            ExperimentError::Problems { .. } => None,
        }
    }

    /// The error in full: every problem with its line, what was found and what is allowed.
    pub fn render(&self) -> String {
        let mut text = self.to_string();
        if let ExperimentError::Problems { path, problems } = self {
            for problem in problems {
                text.push_str("\n\n");
                problem.render(path, &mut text);
            }
        }
        if let Some(hint) = self.hint() {
            let _ = write!(text, "\nhint: {hint}");
        }
        text
    }
}

impl Problem {
    fn render(&self, file: &Path, text: &mut String) {
        // Writing to a String cannot fail.
        let _ = match &self.place {
            Place::Line { line, column, .. } => write!(text, "{}:{line}:{column}: ", file.display()),
            Place::Override(flag) => write!(text, "{flag}: "),
            Place::Nowhere => write!(text, "{}: ", file.display()),
        };
        let separator = if self.path.is_empty() { "" } else { ": " };
        let _ = write!(text, "{}{separator}{}", self.path, self.message);
        if let Place::Line { line, column, width, text: excerpt } = &self.place {
            let margin = line.to_string().len() + 1;
            let (excerpt, column, width) = window(excerpt, *column, *width);
            // A tab keeps its width under the excerpt.
            let indent: String = excerpt.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            let _ = write!(text, "\n {line} | {excerpt}\n {:margin$}| {indent}{}", "", "^".repeat(width));
        }
        for (label, value) in [("found", &self.found), ("allowed", &self.allowed), ("hint", &self.hint)] {
            if let Some(value) = value {
                let _ = write!(text, "\n  {label}: {value}");
            }
        }
    }
}

impl Place {
    /// The place of the bytes `span` of `text`; of its first line where it takes several.
    pub(super) fn of(text: &str, span: &std::ops::Range<usize>) -> Place {
        let begin = floor(text, span.start);
        let first = text[..begin].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[first..].find('\n').map_or(text.len(), |length| first + length);
        let excerpt = text[first..end].trim_end_matches('\r');
        let marked = &text[begin..floor(text, span.end).clamp(begin, end.max(begin))];
        Place::Line {
            line: text[..begin].matches('\n').count() + 1,
            column: text[first..begin].chars().count() + 1,
            width: marked.trim_end().chars().count(),
            text: excerpt.to_owned(),
        }
    }

    /// By line; what is missing comes after that, what the command line says last.
    pub(super) fn order(&self) -> (usize, usize) {
        match self {
            Place::Line { line, column, .. } => (*line, *column),
            Place::Nowhere => (usize::MAX, 0),
            Place::Override(_) => (usize::MAX, 1),
        }
    }
}

impl fmt::Display for Problem {
    /// The problem without its place and its line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}

/// The part of a long line around what is marked: its text, and the column and width of the mark in it.
fn window(line: &str, column: usize, width: usize) -> (String, usize, usize) {
    const WIDEST: usize = 140;
    let length = line.chars().count();
    let width = width.max(1);
    if length <= WIDEST {
        return (line.to_owned(), column, width);
    }
    let begin = (column - 1).saturating_sub(WIDEST / 4).min(length - WIDEST);
    let mut part: String = line.chars().skip(begin).take(WIDEST).collect();
    let mut column = column - begin;
    if begin > 0 {
        part.insert(0, '…');
        column += 1;
    }
    if begin + WIDEST < length {
        part.push('…');
    }
    let room = part.chars().count() + 1 - column.min(part.chars().count());
    (part, column, width.min(room))
}

fn floor(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// The experiment in the folder of `path` that may have been meant.
fn neighbour(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let entries = std::fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }).ok()?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let names: Vec<String> = names.filter(|name| is_toml(name) && name != "Cargo.toml").collect();
    let name = path.file_name()?.to_str()?;
    let only = if let [one] = &names[..] { Some(one.as_str()) } else { None };
    let near = super::nearest(name, names.iter().map(String::as_str)).or(only)?;
    Some(folder.join(near))
}

fn is_toml(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "toml")
}

fn count(problems: usize) -> String {
    match problems {
        1 => "1 problem".to_owned(),
        n => format!("{n} problems"),
    }
}
