//! Long sentences in lines that fit.

/// How wide a line may be.
const WIDTH: usize = 100;

/// Stands for a space at which no line ends.
pub(super) const NO_BREAK: char = '\u{a0}';

/// `text` in lines of at most [`WIDTH`] characters, of which the first begins behind `indent` and the others are moved in
/// by as much; a word that is longer has a line of its own.
pub(super) fn wrapped(text: &str, indent: usize) -> String {
    let mut wrapped = String::with_capacity(text.len());
    let mut column = indent;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > indent && column + 1 + length > WIDTH {
            wrapped += "\n";
            wrapped += &" ".repeat(indent);
            column = indent;
        } else if column > indent {
            wrapped += " ";
            column += 1;
        }
        wrapped.extend(word.chars().map(|c| if c == NO_BREAK { ' ' } else { c }));
        column += length;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_stand_below_each_other() {
        let text = wrapped(&"four ".repeat(40), 13);
        assert!(
            text.lines().enumerate().all(|(line, text)| text.chars().count() <= WIDTH - 13 * usize::from(line == 0))
        );
        assert!(text.lines().skip(1).all(|line| line.starts_with("             four")), "{text}");
        assert_eq!(text.split_whitespace().count(), 40);
        assert_eq!(wrapped("short", 13), "short");
        assert_eq!(
            wrapped(&"tournament\u{a0}2, ".repeat(9), 13).lines().next().unwrap().matches("tournament 2,").count(),
            6
        );
        assert_eq!(wrapped(&"x".repeat(300), 13), "x".repeat(300));
    }
}
