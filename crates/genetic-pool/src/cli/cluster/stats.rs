//! `cluster stats`.

use std::{collections::BTreeMap, time::Duration};

use clap::Args;
use futures_util::StreamExt;
use genetic_pool_cluster::{
    cluster::{NodeStats, Stats as Figures, StatsOptions},
    names::Role,
};
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Context, Exit, Place};
use crate::cli::{
    error::CliError,
    screen::{self, Screen},
    table::{Align, table},
    words,
};

/// Shows what the nodes take: CPU, memory, network, disks
///
/// CPU is in per cent of one CPU. Network and disks count since a node was started.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool cluster stats
  genetic-pool cluster stats worker-0 --no-stream --json")]
pub(super) struct Stats {
    /// Nodes: `head`, `worker-0`; all unless some are named
    #[arg(value_name = "NODE")]
    nodes: Vec<String>,
    /// Shows each node once
    #[arg(long)]
    no_stream: bool,
    /// Prints JSON, an object for each node and second
    #[arg(long)]
    json: bool,
}

impl Stats {
    pub(super) fn run(self, place: &Place, context: &Context<'_>) -> Result<Exit, CliError> {
        place.with(async |cluster, cancel| {
            let options = StatsOptions { nodes: self.nodes, follow: !self.no_stream };
            let figures = tokio::select! {
                figures = cluster.stats(options) => figures?,
                () = cancel.cancelled() => return Ok(Exit::Interrupted),
            };
            let ended = if self.json {
                lines(figures, context, &cancel).await?
            } else if self.no_stream {
                once(figures, context, &cancel).await?
            } else {
                tables(figures, context, &cancel).await?
            };
            if ended == Exit::Ok && !self.no_stream {
                context.printer.note(format_args!("nothing is left of cluster `{}`", cluster.name));
            }
            Ok(ended)
        })
    }
}

async fn lines(mut figures: Figures, context: &Context<'_>, cancel: &CancellationToken) -> Result<Exit, CliError> {
    loop {
        let stats = tokio::select! {
            stats = figures.next() => stats,
            () = cancel.cancelled() => return Ok(Exit::Interrupted),
            () = screen::unread() => return Err(CliError::ClosedPipe),
        };
        match stats {
            Some(stats) => context.printer.json(&to_json(&stats?))?,
            None => return Ok(Exit::Ok),
        }
    }
}

async fn once(mut figures: Figures, context: &Context<'_>, cancel: &CancellationToken) -> Result<Exit, CliError> {
    let mut known = BTreeMap::new();
    loop {
        let stats = tokio::select! {
            stats = figures.next() => stats,
            () = cancel.cancelled() => return Ok(Exit::Interrupted),
        };
        let Some(stats) = stats else { break };
        let stats = stats?;
        known.insert(stats.node, stats);
    }
    for line in text(known.values()) {
        context.printer.data(line)?;
    }
    Ok(Exit::Ok)
}

/// How often a table is shown: as often as there are figures.
const INTERVAL: Duration = Duration::from_secs(1);

async fn tables(mut figures: Figures, context: &Context<'_>, cancel: &CancellationToken) -> Result<Exit, CliError> {
    let mut screen = Screen::new(context.printer);
    let mut known: BTreeMap<Role, (Instant, NodeStats)> = BTreeMap::new();
    let mut next = None;
    let mut drawn = false;
    loop {
        let due = async {
            match next {
                Some(next) => tokio::time::sleep_until(next).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            stats = figures.next() => match stats {
                Some(stats) => {
                    let stats = stats?;
                    known.insert(stats.node, (Instant::now(), stats));
                    // The first table waits for all nodes, though not for long.
                    let now = Instant::now();
                    let all = figures.nodes.iter().all(|node| known.contains_key(node));
                    match next {
                        None => next = Some(if all { now } else { now + INTERVAL }),
                        Some(_) if all && !drawn => next = Some(now),
                        Some(_) => {}
                    }
                }
                None => return Ok(Exit::Ok),
            },
            () = due => {
                let now = Instant::now();
                // What says nothing any more does not run.
                known.retain(|_, (said, _)| now.duration_since(*said) < 4 * INTERVAL);
                screen.draw(&text(known.values().map(|(_, stats)| stats)))?;
                (next, drawn) = (Some(now + INTERVAL), true);
            }
            () = cancel.cancelled() => return Ok(Exit::Interrupted),
            () = screen::unread() => return Err(CliError::ClosedPipe),
        }
    }
}

/// A line for each node, under a line of headings.
fn text<'a>(stats: impl Iterator<Item = &'a NodeStats>) -> Vec<String> {
    let headings = ["node", "cpu", "memory", "limit", "", "received", "sent", "read", "written", "processes"];
    let mut columns = [Align::Right; 10];
    columns[0] = Align::Left;
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    rows.extend(stats.map(|stats| {
        vec![
            stats.node.to_string(),
            format!("{:.1} %", stats.cpu_percent),
            words::bytes(stats.memory),
            words::bytes(stats.memory_limit),
            format!("{:.1} %", stats.memory as f64 / stats.memory_limit.max(1) as f64 * 100.0),
            words::bytes(stats.received),
            words::bytes(stats.sent),
            words::bytes(stats.read),
            words::bytes(stats.written),
            words::count(stats.processes),
        ]
    }));
    table(&columns, &rows)
}

fn to_json(stats: &NodeStats) -> Value {
    json!({
        "format": 1,
        "node": stats.node.to_string(),
        "time": stats.time.to_string(),
        "cpu_percent": stats.cpu_percent,
        "memory": stats.memory,
        "memory_limit": stats.memory_limit,
        "received": stats.received,
        "sent": stats.sent,
        "read": stats.read,
        "written": stats.written,
        "processes": stats.processes,
        "processes_limit": stats.processes_limit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(node: Role, cpu_percent: f64) -> NodeStats {
        NodeStats {
            node,
            time: "2026-11-24T10:00:01.5Z".parse().unwrap(),
            cpu_percent,
            memory: 684 << 20,
            memory_limit: 2 << 30,
            received: 1_234_567,
            sent: 345,
            read: 0,
            written: 5 << 20,
            processes: 412,
            processes_limit: Some(1024),
        }
    }

    #[test]
    fn nodes_stand_below_each_other() {
        let nodes = [stats(Role::Head, 12.345), stats(Role::Worker(0), 199.96)];
        insta::assert_snapshot!(text(nodes.iter()).join("\n"), @r"
        node          cpu   memory  limit          received   sent  read  written  processes
        head       12.3 %  684 MiB  2 GiB  33.4 %   1.2 MiB  345 B   0 B    5 MiB        412
        worker-0  200.0 %  684 MiB  2 GiB  33.4 %   1.2 MiB  345 B   0 B    5 MiB        412
        ");
        insta::assert_snapshot!(to_json(&nodes[0]), @r#"{"format":1,"node":"head","time":"2026-11-24T10:00:01.5Z","cpu_percent":12.345,"memory":717225984,"memory_limit":2147483648,"received":1234567,"sent":345,"read":0,"written":5242880,"processes":412,"processes_limit":1024}"#);
    }
}
