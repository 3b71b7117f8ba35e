//! How a program ended and what it printed.

use std::fmt;

use serde_json::Value;

use crate::filters::Filters;

/// How a program ended and what it printed. Shown as exit code, standard output and standard error, filtered.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The exit code; `None` where a signal killed it.
    pub code: Option<i32>,
    /// The signal that killed it.
    pub signal: Option<i32>,
    /// All of its standard output, as it is.
    pub stdout: String,
    /// All of its standard error, as it is.
    pub stderr: String,
    pub(crate) filters: Filters,
}

impl Ended {
    /// Fails unless the exit code is `code`.
    #[track_caller]
    #[must_use = "or ask for `code`"]
    pub fn expect(self, code: i32) -> Ended {
        assert_eq!(self.code, Some(code), "the exit code is another one:\n{}", self.unfiltered());
        self
    }

    /// Fails unless it did what was asked.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "the check is often all that is wanted")]
    pub fn success(self) -> Ended {
        assert_eq!(self.code, Some(0), "the program failed:\n{}", self.unfiltered());
        self
    }

    /// Standard output as JSON, one value a line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let parse = |line: &str| match serde_json::from_str(line) {
            Ok(value) => value,
            Err(error) => panic!("not JSON ({error}): {line}\n{}", self.unfiltered()),
        };
        self.stdout.lines().map(parse).collect()
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("not JSON ({error}):\n{}", self.unfiltered()),
        }
    }

    /// Everything as it was printed.
    pub fn unfiltered(&self) -> String {
        let end = match (self.code, self.signal) {
            (Some(code), _) => format!("exit code: {code}"),
            (None, Some(signal)) => format!("killed by signal {signal}"),
            (None, None) => "still running".to_owned(),
        };
        let section = |name: &str, output: &str| match output {
            "" => String::new(),
            output if output.ends_with('\n') => format!("----- {name} -----\n{output}"),
            output => format!("----- {name} -----\n{output}(no line feed at the end)\n"),
        };
        format!("{end}\n{}{}", section("stdout", &self.stdout), section("stderr", &self.stderr))
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.filters.apply(&self.unfiltered()))
    }
}
