//! Lines of programs, made safe to show.

/// `line` without what moves the cursor, names the window or otherwise commands a terminal; colours stay where
/// `colour`. Of a line that was drawn over the last state is left.
pub(super) fn shown(line: &str, colour: bool) -> String {
    let last = line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
    let mut text = String::with_capacity(last.len());
    let mut coloured = false;
    let mut rest = last;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\x1b' => {
                let length = sequence(rest);
                let is_colour = rest[..length].starts_with("\x1b[") && rest[..length].ends_with('m');
                if is_colour && colour {
                    text += &rest[..length];
                    coloured = !matches!(&rest[2..length], "m" | "0m");
                }
                length
            }
            '\t' => {
                text.push('\t');
                1
            }
            c if c.is_control() => c.len_utf8(),
            c => {
                text.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    if coloured {
        text += "\x1b[0m";
    }
    text
}

/// Bytes of the escape sequence that `text` begins with.
fn sequence(text: &str) -> usize {
    let rest = &text[1..];
    let end = |end: Option<usize>| end.map_or(text.len(), |end| end + 2);
    match rest.bytes().next() {
        // Parameters and intermediates, then one letter.
        Some(b'[') => end(rest[1..].find(|c: char| ('\x40'..='\x7e').contains(&c)).map(|end| end + 1)),
        // Up to a bell, or to the escape of its terminator.
        Some(b']' | b'P' | b'X' | b'^' | b'_') => match rest.find(['\x07', '\x1b']) {
            Some(at) if rest[at..].starts_with("\x1b\\") => at + 3,
            Some(at) if rest[at..].starts_with('\x07') => at + 2,
            Some(at) => at + 1,
            None => text.len(),
        },
        Some(byte) if byte.is_ascii() => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_pass_and_commands_do_not() {
        let line = "\x1b[36m(raylet)\x1b[0m up\x1b[2K\x1b]0;title\x07\x1b]8;;x\x1b\\y\x07\tz";
        assert_eq!(shown(line, true), "\x1b[36m(raylet)\x1b[0m upy\tz");
        assert_eq!(shown(line, false), "(raylet) upy\tz");
    }

    #[test]
    fn a_colour_that_is_left_on_ends_with_its_line() {
        assert_eq!(shown("\x1b[31mred", true), "\x1b[31mred\x1b[0m");
    }

    #[test]
    fn what_was_drawn_over_is_gone() {
        assert_eq!(shown("10 %\r50 %\r100 %\r", false), "100 %");
    }

    #[test]
    fn what_is_cut_short_or_strange_is_survived() {
        for (line, text) in [
            ("a\x1b", "a"),
            ("a\x1b[", "a"),
            ("a\x1b[3", "a"),
            ("a\x1b]0;x", "a"),
            ("a\x1bä", "aä"),
            ("\u{9b}1mä", "1mä"),
        ] {
            assert_eq!(shown(line, true), text, "{line:?}");
        }
    }
}
