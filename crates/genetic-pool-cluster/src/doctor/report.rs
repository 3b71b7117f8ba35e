//! Findings as people read them.

use std::fmt;

use serde::Serialize;

use super::{Finding, State};

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// In the order in which a cluster would meet them.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing was found that keeps clusters from working.
    pub fn is_fit(&self) -> bool {
        self.findings.iter().all(|finding| finding.state != State::Problem)
    }

    /// How many findings are in `state`.
    pub fn count(&self, state: State) -> usize {
        self.findings.iter().filter(|finding| finding.state == state).count()
    }
}

impl State {
    fn words(self) -> &'static str {
        match self {
            State::Ok => "✓ ok",
            State::Warning => "! warning",
            State::Problem => "✗ problem",
            State::Unknown => "? unknown",
        }
    }
}

impl fmt::Display for Report {
    /// A line a finding, and one below it for its remedy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
        for (index, Finding { name, state, seen, remedy }) in self.findings.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{:<9}  {name:<width$}  {seen}", state.words())?;
            if let Some(remedy) = remedy {
                write!(f, "\n{:<9}  {:<width$}  hint: {remedy}", "", "")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_words_and_remedies_stand_below() {
        let report = Report {
            findings: vec![
                Finding::ok("engine", "Docker 20.10.24"),
                Finding::warning("image", "there is no `genetic-pool:latest`", "`genetic-pool image build` builds it"),
                Finding::problem("port", "127.0.0.1:8265 is taken", "free it"),
                Finding::unknown("disk", "the engine is on another machine"),
            ],
        };
        insta::assert_snapshot!(report, @r"
        ✓ ok       engine  Docker 20.10.24
        ! warning  image   there is no `genetic-pool:latest`
                           hint: `genetic-pool image build` builds it
        ✗ problem  port    127.0.0.1:8265 is taken
                           hint: free it
        ? unknown  disk    the engine is on another machine
        ");
        assert!(!report.is_fit());
        assert_eq!(report.count(State::Warning), 1);
        insta::assert_snapshot!(serde_json::to_string(&report).unwrap(), @r#"{"findings":[{"name":"engine","state":"ok","seen":"Docker 20.10.24","remedy":null},{"name":"image","state":"warning","seen":"there is no `genetic-pool:latest`","remedy":"`genetic-pool image build` builds it"},{"name":"port","state":"problem","seen":"127.0.0.1:8265 is taken","remedy":"free it"},{"name":"disk","state":"unknown","seen":"the engine is on another machine","remedy":null}]}"#);
    }
}
