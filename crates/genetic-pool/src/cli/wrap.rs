//! Long sentences in lines that fit.

/// How wide a line may be.
const WIDTH: usize = 100;

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
        wrapped += word;
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
        assert_eq!(wrapped(&"x".repeat(300), 13), "x".repeat(300));
    }
}
