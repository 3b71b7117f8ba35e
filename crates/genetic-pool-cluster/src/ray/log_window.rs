//! Which part of a growing log has been seen.
//!
//! Ray gives a log whole or by its last lines, and never says at which byte those begin. While the log is short it is
//! read whole, and what was seen is skipped by its count. Later its last lines are read, and what was seen last is
//! looked for in them; where it is not in there exactly once, the log is read whole again. Ray can also keep sending what
//! is new, but a reader that leaves such a stream keeps one of Ray's hundred places for state requests until the log
//! grows again: after a hundred readers of ended jobs Ray would list no nodes any more.

use std::collections::VecDeque;

/// Up to this size a log is read whole each time.
const WHOLE: u64 = 1 << 20;
/// So much of what was seen last is looked for.
const ANCHOR: usize = 4096;
/// A longer line is given in pieces.
const LONGEST: usize = 4 << 20;

/// Which part of a log has been seen, and the lines in it that nobody has taken yet.
#[derive(Debug, Default)]
pub(super) struct LogWindow {
    /// Complete lines, in order, without their ends.
    pub lines: VecDeque<String>,
    /// Bytes seen since the beginning.
    seen: u64,
    /// The last of them, at most [`ANCHOR`].
    anchor: Vec<u8>,
    /// The beginning of a line whose end is not there yet.
    open: Vec<u8>,
    /// Lines that came with the last reading.
    came: usize,
}

/// What is to be read next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The whole log.
    Whole,
    /// That many of its last lines.
    Last(usize),
}

impl LogWindow {
    /// What is to be read next.
    pub(super) fn next(&self) -> Reading {
        if self.seen < WHOLE { Reading::Whole } else { Reading::Last(16 + 4 * self.came) }
    }

    /// Begins a reading.
    pub(super) fn begin(&mut self) {
        self.came = 0;
    }

    /// Takes `part`, which begins at byte `offset` of the log.
    pub(super) fn take(&mut self, offset: u64, part: &[u8]) {
        let known = usize::try_from(self.seen.saturating_sub(offset)).unwrap_or(usize::MAX);
        if let Some(new) = part.get(known..) {
            self.append(new);
        }
    }

    /// Takes what is new in `tail`, the log's last lines; false if that cannot be told.
    pub(super) fn take_last(&mut self, tail: &[u8]) -> bool {
        if self.anchor.len() < ANCHOR {
            return false;
        }
        // The last byte is mostly a line's end: looking at it first keeps long lines of one letter cheap.
        let is_anchor = |window: &[u8]| window.last() == self.anchor.last() && window == self.anchor;
        let mut found = tail.windows(ANCHOR).enumerate().filter(|(_, window)| is_anchor(window));
        let (Some((start, _)), None) = (found.next(), found.next()) else { return false };
        self.append(&tail[start + ANCHOR..]);
        true
    }

    /// Gives up the last line, which has no end, when nothing follows any more.
    pub(super) fn close(&mut self) {
        if !self.open.is_empty() {
            let line = std::mem::take(&mut self.open);
            self.lines.push_back(text(&line));
        }
    }

    fn append(&mut self, new: &[u8]) {
        self.seen += new.len() as u64;
        self.anchor.extend_from_slice(&new[new.len().saturating_sub(ANCHOR)..]);
        let surplus = self.anchor.len().saturating_sub(ANCHOR);
        self.anchor.drain(..surplus);
        for piece in new.split_inclusive(|&byte| byte == b'\n') {
            self.open.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.open.len() >= LONGEST {
                let line = std::mem::take(&mut self.open);
                self.lines.push_back(text(&line));
                self.came += 1;
            }
        }
    }
}

/// A line without its end.
fn text(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8_lossy(line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `log`, which grows to each of `sizes` in turn, as a follower does; how often it had to be read whole.
    fn follow(log: &[u8], sizes: &[usize]) -> (Vec<String>, usize) {
        let mut window = LogWindow::default();
        let mut wholes = 0;
        for &size in sizes {
            let log = &log[..size];
            let reading = window.next();
            window.begin();
            let done = match reading {
                Reading::Whole => false,
                Reading::Last(count) => {
                    let lines: Vec<&[u8]> = log.split_inclusive(|&byte| byte == b'\n').collect();
                    window.take_last(&lines[lines.len().saturating_sub(count)..].concat())
                }
            };
            if !done {
                wholes += 1;
                // In pieces, as it comes over the wire.
                for (index, part) in log.chunks(1000).enumerate() {
                    window.take(index as u64 * 1000, part);
                }
            }
        }
        window.close();
        (window.lines.into(), wholes)
    }

    fn growing(lines: usize) -> String {
        (0..lines).fold(String::new(), |log, index| log + &format!("line {index} of a log that grows\n"))
    }

    fn lines(log: &str) -> Vec<String> {
        log.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_log_that_grows_is_seen_once_and_whole() {
        let log = growing(40_000);
        let sizes: Vec<usize> = (0..log.len()).step_by(40_001).chain([log.len()]).collect();
        let (seen, wholes) = follow(log.as_bytes(), &sizes);
        assert!(seen == lines(&log));
        assert!(wholes < sizes.len(), "the last lines were enough at least once");
    }

    #[test]
    fn lines_that_repeat_are_counted_right() {
        let log = ".\n".repeat(700_000);
        let sizes: Vec<usize> = (0..log.len()).step_by(199_999).chain([log.len()]).collect();
        assert!(follow(log.as_bytes(), &sizes).0 == lines(&log));
    }

    #[test]
    fn a_burst_that_leaves_the_last_lines_behind_is_caught_up_with() {
        let log = growing(60_000);
        let (seen, wholes) = follow(log.as_bytes(), &[1 << 20, (1 << 20) + 5000, log.len(), log.len()]);
        assert!(seen == lines(&log));
        assert_eq!(wholes, 2);
    }

    #[test]
    fn long_lines_foreign_bytes_and_a_missing_end_are_no_trouble() {
        let mut window = LogWindow::default();
        let long = "x".repeat(1 << 20);
        window.take(0, long.as_bytes());
        assert!(window.lines.is_empty());
        window.take(1 << 20, b"\na\xffb\r\n\nend");
        window.close();
        assert_eq!(window.lines, [long.as_str(), "a\u{fffd}b", "", "end"]);
    }
}
