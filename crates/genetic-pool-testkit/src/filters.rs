//! What differs from run to run, replaced by a word.

use regex_lite::Regex;

/// Replacements, in the order in which they are made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filters {
    filters: Vec<(Regex, String)>,
}

impl Filters {
    pub(crate) fn literal(&mut self, text: &str, replacement: &str) {
        self.pattern(&regex_lite::escape(text), replacement);
    }

    pub(crate) fn pattern(&mut self, pattern: &str, replacement: &str) {
        let pattern = Regex::new(pattern).unwrap_or_else(|error| panic!("filter `{pattern}`: {error}"));
        self.filters.push((pattern, replacement.to_owned()));
    }

    /// Times, rates, dates, digests.
    pub(crate) fn figures(&mut self) {
        self.pattern(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?Z?", "[DATE]");
        self.pattern(r"[\d,.?]+( million)?/(s|min|h)\b", "[RATE]");
        self.pattern(r"\b\d+(\.\d+)? (min|h|d)( \d+ (s|min|h))?\b|\b\d+(\.\d+)? (µs|ms|s)\b", "[TIME]");
        self.pattern(r#"("[a-z_]*seconds":)[0-9.e+-]+"#, "${1}[TIME]");
        self.pattern(r#"("(evaluations_per_second|busy)":)[0-9.e+-]+"#, "${1}[RATE]");
        self.pattern(r"\b[0-9a-f]{32}\b", "[DIGEST]");
    }

    pub(crate) fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (pattern, replacement) in &self.filters {
            text = pattern.replace_all(&text, replacement).into_owned();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_become_words_and_counts_stay() {
        let mut filters = Filters::default();
        filters.figures();
        for (text, expected) in [
            ("20,000 in 11 h 20 min (1,765/h)", "20,000 in [TIME] ([RATE])"),
            ("6 evaluated: 1.2 s, 340 µs", "6 evaluated: [TIME], [TIME]"),
            (r#"{"seconds":1.5,"eta_seconds":null}"#, r#"{"seconds":[TIME],"eta_seconds":null}"#),
            ("digest 00ff00ff00ff00ff00ff00ff00ff00ff", "digest [DIGEST]"),
            ("2 spaces, 3 dogs", "2 spaces, 3 dogs"),
        ] {
            assert_eq!(filters.apply(text), expected);
        }
    }

    #[test]
    fn paths_are_taken_literally() {
        let mut filters = Filters::default();
        filters.literal("/tmp/a.b(c)", "[WORK]");
        assert_eq!(filters.apply("/tmp/a.b(c)/x /tmp/aXb(c)"), "[WORK]/x /tmp/aXb(c)");
    }
}
