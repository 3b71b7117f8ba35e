//! Whole lines from the pieces an engine hands out.

use bollard::container::LogOutput;
use jiff::Timestamp;

/// Where a node wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// A file of Ray's.
    File,
}

/// A line, and when it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) time: Timestamp,
    pub(super) source: Source,
    pub(super) text: String,
}

/// Puts the pieces of one container together, and knows how far it has read, so that a log can be opened again and
/// gives no line twice.
///
/// The engine cuts lines of more than 16 KiB and puts the time before each piece. What one stream writes comes in the
/// order of its times; between the two streams times may be a little out of order, so each has a place of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Reader {
    stdout: Place,
    stderr: Place,
    /// The time of the very first piece: where only the last lines were asked for, what is older stays unread.
    first: Option<Timestamp>,
}

/// How far one stream has been read.
#[derive(Clone, Debug, Default)]
struct Place {
    /// The time of the last piece, and how many pieces had it.
    last: Option<(Timestamp, usize)>,
    /// How many pieces of that time came since the log was opened again.
    again: usize,
    /// The beginning of a line whose end is still to come.
    begun: Option<(Timestamp, Vec<u8>)>,
}

impl Reader {
    /// The time of the last piece.
    pub(super) fn reached(&self) -> Option<Timestamp> {
        let last = |place: &Place| place.last.map(|(time, _)| time);
        last(&self.stdout).max(last(&self.stderr))
    }

    /// The log was opened again; what was read already will come a second time.
    pub(super) fn reopened(&mut self) {
        self.stdout.again = 0;
        self.stderr.again = 0;
    }

    /// Takes a piece; gives the line that it ends.
    pub(super) fn take(&mut self, piece: LogOutput) -> Option<Entry> {
        let (place, source, bytes) = match piece {
            LogOutput::StdErr { message } => (&mut self.stderr, Source::Stderr, message),
            LogOutput::StdOut { message } | LogOutput::Console { message } | LogOutput::StdIn { message } => {
                (&mut self.stdout, Source::Stdout, message)
            }
        };
        let (time, text) = dated(&bytes)?;
        if time < *self.first.get_or_insert(time) {
            return None;
        }
        place.is_new(time).then(|| place.add(time, source, text)).flatten()
    }

    /// Lines that were begun and will have no end.
    pub(super) fn rest(&mut self) -> Vec<Entry> {
        let streams = [(&mut self.stdout, Source::Stdout), (&mut self.stderr, Source::Stderr)];
        let begun = streams.into_iter().filter_map(|(place, source)| Some((place.begun.take()?, source)));
        let mut rest: Vec<Entry> = begun.map(|((time, bytes), source)| entry(time, source, &bytes)).collect();
        rest.sort_by_key(|entry| entry.time);
        rest
    }
}

impl Place {
    /// Whether a piece of `time` has not been read before; from now on it has.
    fn is_new(&mut self, time: Timestamp) -> bool {
        match &mut self.last {
            Some((last, _)) if time < *last => false,
            Some((last, read)) if time == *last => {
                self.again += 1;
                if self.again <= *read {
                    return false;
                }
                *read += 1;
                true
            }
            _ => {
                self.last = Some((time, 1));
                self.again = 1;
                true
            }
        }
    }

    fn add(&mut self, time: Timestamp, source: Source, text: &[u8]) -> Option<Entry> {
        let (whole, text) = match text.strip_suffix(b"\n") {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (time, mut line) = self.begun.take().unwrap_or((time, Vec::new()));
        line.extend_from_slice(text);
        if whole || line.len() > LONGEST {
            return Some(entry(time, source, &line));
        }
        self.begun = Some((time, line));
        None
    }
}

/// A line that grows beyond this is cut, so that a node that never ends its line cannot take all memory.
const LONGEST: usize = 1 << 20;

fn entry(time: Timestamp, source: Source, bytes: &[u8]) -> Entry {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    Entry { time, source, text: String::from_utf8_lossy(bytes).into_owned() }
}

/// The time before the first space, and what stands behind it.
fn dated(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let time = std::str::from_utf8(&bytes[..space]).ok()?.parse().ok()?;
    Some((time, &bytes[space + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(text: &str) -> LogOutput {
        LogOutput::StdOut { message: text.to_owned().into() }
    }

    fn error(text: &str) -> LogOutput {
        LogOutput::StdErr { message: text.to_owned().into() }
    }

    fn texts(reader: &mut Reader, pieces: &[LogOutput]) -> Vec<String> {
        pieces.iter().filter_map(|piece| reader.take(piece.clone())).map(|entry| entry.text).collect()
    }

    #[test]
    fn pieces_of_a_long_line_become_one_of_the_first_ones_time() {
        let mut reader = Reader::default();
        let head = format!("2026-11-24T10:00:00.000000001Z {}", "a".repeat(16_384));
        assert_eq!(reader.take(out(&head)), None);
        let line = reader.take(error("2026-11-24T10:00:00.000000002Z between\n")).unwrap();
        assert_eq!((line.source, line.text.as_str()), (Source::Stderr, "between"));
        let line = reader.take(out("2026-11-24T10:00:00.000000003Z b\r\n")).unwrap();
        assert_eq!((line.source, line.text.len()), (Source::Stdout, 16_385));
        assert_eq!(line.time, "2026-11-24T10:00:00.000000001Z".parse().unwrap());
        assert_eq!(reader.rest(), []);
    }

    #[test]
    fn a_line_without_an_end_is_given_at_the_end() {
        let mut reader = Reader::default();
        assert_eq!(reader.take(out("2026-11-24T10:00:00Z last words")), None);
        assert_eq!(reader.rest().remove(0).text, "last words");
        assert_eq!(reader.rest(), []);
    }

    #[test]
    fn an_empty_line_is_a_line_and_spaces_stay() {
        let mut reader = Reader::default();
        let pieces = [out("2026-11-24T10:00:00Z \n"), out("2026-11-24T10:00:00Z   x \n")];
        assert_eq!(texts(&mut reader, &pieces), ["", "  x "]);
    }

    #[test]
    fn a_log_that_is_opened_again_gives_no_line_twice_and_loses_none() {
        let pieces = [
            out("2026-11-24T10:00:00Z a\n"),
            out("2026-11-24T10:00:01Z b\n"),
            out("2026-11-24T10:00:01Z b\n"),
            error("2026-11-24T10:00:00.5Z c\n"),
            out("2026-11-24T10:00:01Z b\n"),
            out("2026-11-24T10:00:02Z d\n"),
        ];
        for cut in 0..=pieces.len() {
            let mut reader = Reader::default();
            let mut read = texts(&mut reader, &pieces[..cut]);
            reader.reopened();
            read.extend(texts(&mut reader, &pieces));
            assert_eq!(read, ["a", "b", "b", "c", "b", "d"], "cut at {cut}");
        }
    }

    #[test]
    fn what_stands_before_the_last_lines_stays_unread() {
        let all = [
            error("2026-11-24T10:00:00.1Z a\n"),
            out("2026-11-24T10:00:00.2Z b\n"),
            out("2026-11-24T10:00:00.3Z c\n"),
            error("2026-11-24T10:00:00.4Z d\n"),
        ];
        let mut reader = Reader::default();
        assert_eq!(texts(&mut reader, &all[2..3]), ["c"]);
        assert_eq!(reader.reached(), Some("2026-11-24T10:00:00.3Z".parse().unwrap()));
        reader.reopened();
        assert_eq!(texts(&mut reader, &all), ["d"]);
    }
}
