//! Lines of Ray's files, and the times that they begin with.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dated {
    /// What the line, or one above it, says.
    pub(super) time: Option<Timestamp>,
    pub(super) text: String,
}

/// Makes lines of bytes as they come.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
    time: Option<Timestamp>,
}

impl Lines {
    /// The lines that `bytes` end.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Dated> {
        let mut lines = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(part);
            if part.ends_with(b"\n") {
                lines.extend(self.rest());
            }
        }
        lines
    }

    /// The line that was begun, if there is one, as if it ended here.
    pub(super) fn rest(&mut self) -> Option<Dated> {
        if self.begun.is_empty() {
            return None;
        }
        let line = std::mem::take(&mut self.begun);
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']).to_owned();
        self.time = time(&text).or(self.time);
        Some(Dated { time: self.time, text })
    }
}

/// The time that `line` begins with: `[2026-11-24 10:00:00,123 I …`, `2026-11-24 10:00:00,123\tINFO …`.
///
/// Nodes keep UTC.
fn time(line: &str) -> Option<Timestamp> {
    let line = line.strip_prefix('[').unwrap_or(line);
    let end = line.find(|c: char| !(c.is_ascii_digit() || "-: ,.".contains(c))).unwrap_or(line.len());
    let text = line[..end].trim_end().replace(',', ".");
    // Figures are no dates: `20261124` is read as one otherwise.
    let dated = text.len() >= 19 && text.as_bytes().get(4) == Some(&b'-') && text.as_bytes().get(10) == Some(&b' ');
    let time: DateTime = dated.then_some(text)?.parse().ok()?;
    time.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_the_time_they_say_or_that_of_the_line_above() {
        let mut lines = Lines::default();
        let text = "no time yet\n[2026-11-24 10:00:00,123 I 12 12] (raylet) main.cc:1: up\r\n  more of it\n\
            2026-11-24 10:00:01,5\tINFO node.py:3 -- half";
        let mut read = Vec::new();
        for piece in text.as_bytes().chunks(7) {
            read.extend(lines.take(piece));
        }
        read.extend(lines.rest());
        let read: Vec<_> =
            read.iter().map(|line| (line.time.map(|time| time.to_string()), line.text.as_str())).collect();
        let at = |time: &str| Some(time.to_owned());
        assert_eq!(
            read,
            [
                (None, "no time yet"),
                (at("2026-11-24T10:00:00.123Z"), "[2026-11-24 10:00:00,123 I 12 12] (raylet) main.cc:1: up"),
                (at("2026-11-24T10:00:00.123Z"), "  more of it"),
                (at("2026-11-24T10:00:01.5Z"), "2026-11-24 10:00:01,5\tINFO node.py:3 -- half"),
            ]
        );
    }

    #[test]
    fn what_only_looks_like_a_time_is_none() {
        for line in ["", "[", "20261124", "2026-11-24", "2026-99-24 10:00:00,1 x", "10:00:00", "ä", "[x"] {
            assert_eq!(time(line), None, "{line}");
        }
    }
}
