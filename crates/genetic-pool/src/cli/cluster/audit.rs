//! `cluster audit`.

use clap::Args;
use genetic_pool_cluster::cluster::{Check, Report, Verdict};
use serde_json::json;

use super::{Context, Exit, Place};
use crate::cli::{
    error::CliError,
    table::{Align, table},
};

/// Looks for evidence that the cluster is closed, and says what it found
///
/// Each promise is looked at from outside (what the engine says), from inside each container, and by trying. Exit code 0:
/// all are proven, or were relaxed by a flag of `cluster up`; 9: one is broken, or could not be proven.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool cluster audit
  genetic-pool cluster audit --json | jq '.checks[] | select(.verdict != \"proven\")'")]
pub(super) struct Audit {
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) fn run(self, place: &Place, context: &Context<'_>) -> Result<Exit, CliError> {
        place.with(async |cluster, cancel| {
            let printer = context.printer;
            printer.talk(format_args!(
                "looking at cluster {} from outside and inside; this takes some seconds",
                cluster.name
            ));
            let report = cluster.audit(&cancel).await?;
            let verdict = report.verdict();
            if self.json {
                printer.json(&json!({
                    "format": 1, "cluster": report.cluster, "verdict": verdict, "checks": report.checks,
                }))?;
            } else {
                lines(&report).iter().try_for_each(|line| printer.data(line))?;
            }
            Ok(match verdict {
                Verdict::Proven | Verdict::Relaxed => Exit::Ok,
                Verdict::NotProven | Verdict::Broken => Exit::Cluster,
            })
        })
    }
}

/// A line for each promise and what was seen, nodes with the same together; then how it stands.
fn lines(report: &Report) -> Vec<String> {
    let mut groups: Vec<(&Check, Vec<&str>)> = Vec::new();
    for check in &report.checks {
        let same = |other: &Check| {
            (other.promise, other.verdict, &other.evidence) == (check.promise, check.verdict, &check.evidence)
        };
        match groups.iter_mut().find(|(first, _)| same(first)) {
            Some((_, nodes)) => nodes.push(&check.node),
            None => groups.push((check, vec![&check.node])),
        }
    }
    let row = |(check, nodes): &(&Check, Vec<&str>)| {
        vec![check.verdict.to_string(), check.promise.to_string(), nodes.join(", "), check.evidence.clone()]
    };
    let head = ["verdict", "promise", "node", "evidence"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = [head].into_iter().chain(groups.iter().map(row)).collect();
    let mut lines = table(&[Align::Left; 4], &rows);
    let count = |verdict| report.checks.iter().filter(|check| check.verdict == verdict).count();
    let counts = [Verdict::Proven, Verdict::Relaxed, Verdict::NotProven, Verdict::Broken]
        .map(|verdict| (verdict, count(verdict)))
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{count} {verdict}"));
    lines.push(format!(
        "{} checks of cluster {}: {}",
        report.checks.len(),
        report.cluster,
        counts.collect::<Vec<_>>().join(", ")
    ));
    lines
}

#[cfg(test)]
mod tests {
    use genetic_pool_cluster::cluster::Promise;

    use super::*;

    #[test]
    fn nodes_of_which_the_same_was_seen_share_a_line() {
        let check = |promise, node: &str, verdict, evidence: &str| Check {
            promise,
            node: node.to_owned(),
            verdict,
            evidence: evidence.to_owned(),
        };
        let report = Report {
            cluster: "genetic-ray".parse().unwrap(),
            checks: vec![
                check(Promise::User, "head", Verdict::Proven, "process 1: user 10001"),
                check(Promise::User, "worker-0", Verdict::Proven, "process 1: user 10001"),
                check(Promise::User, "worker-1", Verdict::NotProven, "it is exited"),
                check(Promise::Ports, "head", Verdict::Broken, "8265/tcp on 0.0.0.0"),
            ],
        };
        insta::assert_snapshot!(lines(&report).join("\n"), @r"
        verdict     promise                      node            evidence
        proven      runs as user 10001           head, worker-0  process 1: user 10001
        not proven  runs as user 10001           worker-1        it is exited
        broken      published on 127.0.0.1 only  head            8265/tcp on 0.0.0.0
        4 checks of cluster genetic-ray: 2 proven, 1 not proven, 1 broken
        ");
    }
}
