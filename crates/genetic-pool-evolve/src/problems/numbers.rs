//! Numbers of a text, line by line.

/// What is wrong with a text of numbers, where it stands (lines count from 1), what was found and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NumbersError {
    #[error("line {line}: expected a whole number of at most {most}, found `{found}`")]
    Number { line: usize, most: u32, found: String },
    #[error("line {line}: expected {expected}, found {found}")]
    Shape { line: usize, expected: String, found: String },
    #[error("line {line}: the text ends before {missing}")]
    Truncated { line: usize, missing: String },
}

/// The lines of `text` that hold numbers, with their numbers: empty ones and those behind `#` are passed over.
pub(super) fn lines(text: &str, most: u32) -> Result<Vec<(usize, Vec<u32>)>, NumbersError> {
    let mut lines = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.split('#').next().unwrap_or_default();
        let mut numbers = Vec::new();
        for word in content.split_whitespace() {
            let number = word.parse().ok().filter(|number| *number <= most);
            let wrong = || NumbersError::Number { line, most, found: word.chars().take(40).collect() };
            numbers.push(number.ok_or_else(wrong)?);
        }
        if !numbers.is_empty() {
            lines.push((line, numbers));
        }
    }
    Ok(lines)
}
