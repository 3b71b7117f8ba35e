//! What can be wrong with a TSPLIB text.

/// What is wrong, where it stands (lines count from 1), what was found and what was expected.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TsplibError {
    #[error("line {line}: expected a keyword or a section, found `{found}`")]
    Stray { line: usize, found: String },
    #[error("line {line}: unknown section or keyword without a value: `{found}`")]
    UnknownSection { line: usize, found: String },
    #[error("line {line}: section `{section}` is not supported: tours are free to use any edge")]
    UnsupportedSection { line: usize, section: String },
    #[error("line {line}: `{keyword}` was given in line {first} already")]
    Duplicate { line: usize, keyword: String, first: usize },
    #[error("line {line}: `{keyword}` has no value")]
    Empty { line: usize, keyword: String },
    #[error("line {line}: `{keyword}` is `{found}`; supported: {}", list(supported))]
    Unsupported { line: usize, keyword: String, found: String, supported: Vec<&'static str> },
    #[error("line {line}: `DIMENSION` must be a whole number from 2 to {max}, found `{found}`")]
    Dimension { line: usize, found: String, max: usize },
    #[error("line {line}: the text ends without `{keyword}`")]
    Missing { line: usize, keyword: &'static str },
    #[error("line {line}: the text ends without `{section}`, which `EDGE_WEIGHT_TYPE : {metric}` needs")]
    MissingSection { line: usize, section: &'static str, metric: String },
    #[error("line {line}: `{section}` ends after {read} of {expected} {items}")]
    Truncated { line: usize, section: &'static str, read: usize, expected: usize, items: &'static str },
    #[error("line {line}: `{section}` goes on after its {expected} {items} with `{found}`")]
    TooLong { line: usize, section: &'static str, expected: usize, items: &'static str, found: String },
    #[error("line {line}: expected a node number and two coordinates, found `{found}`")]
    NodeLine { line: usize, found: String },
    #[error("line {line}: expected a node number from 1 to {dimension}, found `{found}`")]
    NodeNumber { line: usize, found: String, dimension: usize },
    #[error("line {line}: node {node} was given in line {first} already")]
    DuplicateNode { line: usize, node: usize, first: usize },
    #[error("line {line}: expected a finite number as coordinate, found `{found}`")]
    Coordinate { line: usize, found: String },
    #[error("line {line}: expected {what} within ±{limit} degrees, found `{found}`")]
    Degrees { line: usize, what: &'static str, limit: u32, found: String },
    #[error("line {line}: expected a distance, a whole number of at most 32 bits, found `{found}`")]
    Distance { line: usize, found: String },
    #[error("nodes {from} and {to} are further apart than 2^31 - 1")]
    TooFar { from: usize, to: usize },
    #[error(
        "line {line}: the distance from node {from} to {to} is {there} and back {back}; in a `TSP` they are equal \
         (`TYPE : ATSP` allows otherwise)"
    )]
    Asymmetric { line: usize, from: usize, to: usize, there: i32, back: i32 },
}

impl TsplibError {
    /// The line it stands in, from 1, where it stands in one.
    pub fn line(&self) -> Option<usize> {
        match self {
            TsplibError::Stray { line, .. }
            | TsplibError::UnknownSection { line, .. }
            | TsplibError::UnsupportedSection { line, .. }
            | TsplibError::Duplicate { line, .. }
            | TsplibError::Empty { line, .. }
            | TsplibError::Unsupported { line, .. }
            | TsplibError::Dimension { line, .. }
            | TsplibError::Missing { line, .. }
            | TsplibError::MissingSection { line, .. }
            | TsplibError::Truncated { line, .. }
            | TsplibError::TooLong { line, .. }
            | TsplibError::NodeLine { line, .. }
            | TsplibError::NodeNumber { line, .. }
            | TsplibError::DuplicateNode { line, .. }
            | TsplibError::Coordinate { line, .. }
            | TsplibError::Degrees { line, .. }
            | TsplibError::Distance { line, .. }
            | TsplibError::Asymmetric { line, .. } => Some(*line),
            TsplibError::TooFar { .. } => None,
        }
    }
}

/// A piece of the text, short enough for a message.
pub(super) fn quote(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
