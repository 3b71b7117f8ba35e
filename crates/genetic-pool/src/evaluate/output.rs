//! What an evaluation prints: kept, but never without end.

use std::collections::VecDeque;

/// How many bytes are kept of the beginning and of the end of one candidate's output, each.
const KEPT: usize = 32 * 1024;

/// Output as it comes, of which the beginning and the end are kept.
#[derive(Debug, Default)]
pub(super) struct Capture {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Capture {
    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        let room = (KEPT - self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        bytes = &bytes[room..];
        if bytes.len() > KEPT {
            self.dropped += (bytes.len() - KEPT) as u64;
            bytes = &bytes[bytes.len() - KEPT..];
        }
        let excess = (self.tail.len() + bytes.len()).saturating_sub(KEPT);
        self.tail.drain(..excess);
        self.dropped += excess as u64;
        self.tail.extend(bytes);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// Takes what there is and whether something is missing in its middle, where a line says so.
    pub(super) fn take(&mut self) -> (String, bool) {
        let Capture { head, tail, dropped } = std::mem::take(self);
        let mut text = String::from_utf8_lossy(&head).into_owned();
        if dropped > 0 {
            text.extend(["\n[… ", &dropped.to_string(), " bytes …]\n"]);
        }
        text.push_str(&String::from_utf8_lossy(&Vec::from(tail)));
        (text, dropped > 0)
    }

    /// The last lines, at most `lines` of them and about 4 KiB, without what surrounds them.
    pub(super) fn last_lines(&self, lines: usize) -> String {
        let all: Vec<u8> = self.head.iter().chain(&self.tail).copied().collect();
        let text = String::from_utf8_lossy(&all[all.len().saturating_sub(4096)..]).into_owned();
        let text = text.trim();
        let start = text.rmatch_indices('\n').nth(lines.saturating_sub(1)).map_or(0, |(at, _)| at + 1);
        text[start..].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{Capture, KEPT};

    #[test]
    fn a_little_is_kept_whole() {
        let mut capture = Capture::default();
        capture.push(b"one\n");
        capture.push(b"two\nthree\n");
        assert_eq!(capture.last_lines(2), "two\nthree");
        assert_eq!(capture.take(), ("one\ntwo\nthree\n".to_owned(), false));
        assert!(capture.is_empty());
    }

    #[test]
    fn much_keeps_its_beginning_and_end() {
        let mut capture = Capture::default();
        capture.push(b"begin");
        for _ in 0..1000 {
            capture.push(&[b'x'; 1000]);
        }
        capture.push(&vec![b'y'; 3 * KEPT]);
        capture.push(b"end");
        let (text, truncated) = capture.take();
        assert!(truncated && text.starts_with("beginx") && text.ends_with("yyyend"));
        let dropped = 5 + 1_000_000 + 3 * KEPT + 3 - 2 * KEPT;
        assert!(text.contains(&format!("[… {dropped} bytes …]")));
        assert!(text.len() < 2 * KEPT + 100);
    }
}
