//! `cluster logs`.

use clap::Args;
use futures_util::StreamExt;
use genetic_pool_cluster::{
    ClusterError,
    cluster::{LogLine, LogOptions, Source},
    names::Role,
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{Context, Exit, Place, plain::shown, when::when};
use crate::cli::{error::CliError, screen};

/// Shows what the nodes print, merged in order of time
///
/// With `--follow` it goes on over restarts of nodes and with nodes that join, in order of arrival, until nothing is
/// left of the cluster.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool cluster logs --since 10m
  genetic-pool cluster logs -f worker-0 worker-1
  genetic-pool cluster logs head --ray gcs_server.out --tail 50")]
pub(super) struct Logs {
    /// Nodes: `head`, `worker-0`; all unless some are named
    #[arg(value_name = "NODE")]
    nodes: Vec<String>,
    /// Goes on with what is printed from now on
    #[arg(long, short)]
    follow: bool,
    /// Nothing older: `10m`, `2026-11-24T10:00`
    #[arg(long, value_name = "TIME", value_parser = when)]
    since: Option<Timestamp>,
    /// Nothing younger; what is followed ends there
    #[arg(long, value_name = "TIME", value_parser = when)]
    until: Option<Timestamp>,
    /// No more than the last lines of each node
    #[arg(long, short = 'n', value_name = "LINES")]
    tail: Option<usize>,
    /// Puts the time before each line
    #[arg(long, short)]
    timestamps: bool,
    /// A file of Ray's instead: `raylet.out`, `gcs_server.out`, `job-driver-ID.log`
    #[arg(long, value_name = "FILE")]
    ray: Option<String>,
    /// Prints JSON, an object for each line
    #[arg(long)]
    json: bool,
}

/// Lines that are there already are written at once.
const AT_ONCE: usize = 512;

impl Logs {
    pub(super) fn run(self, place: &Place, context: &Context<'_>) -> Result<Exit, CliError> {
        place.with(async |cluster, cancel| {
            let options = LogOptions {
                nodes: self.nodes,
                since: self.since,
                until: self.until,
                tail: self.tail,
                follow: self.follow,
                ray: self.ray,
            };
            let logs = tokio::select! {
                logs = cluster.logs(options) => logs?,
                () = cancel.cancelled() => return Ok(Exit::Interrupted),
            };
            let colour = screen::colour();
            let width = logs.nodes.iter().map(|node| node.to_string().len()).max().unwrap_or(0);
            let style = Style { colour, timestamps: self.timestamps, width, zone: TimeZone::system() };
            let mut lines = logs.ready_chunks(AT_ONCE);
            loop {
                let lines = tokio::select! {
                    lines = lines.next() => lines,
                    () = cancel.cancelled() => return Ok(Exit::Interrupted),
                    () = screen::unread() => return Ok(Exit::Ok),
                };
                let Some(lines) = lines else { break };
                print(context, lines, &style, self.json)?;
            }
            if self.follow {
                context.printer.note(format_args!("the logs of cluster `{}` have ended", cluster.name));
            }
            Ok(Exit::Ok)
        })
    }
}

/// Prints `lines` up to the first error among them.
fn print(
    context: &Context<'_>,
    lines: Vec<Result<LogLine, ClusterError>>,
    style: &Style,
    as_json: bool,
) -> Result<(), CliError> {
    let mut error = None;
    context.printer.write(|out| {
        for line in lines {
            match line {
                Ok(line) if as_json => writeln!(out, "{}", to_json(&line))?,
                Ok(line) => writeln!(out, "{}", style.line(&line))?,
                Err(failure) => {
                    error = Some(failure);
                    break;
                }
            }
        }
        Ok(())
    })?;
    error.map_or(Ok(()), |error| Err(error.into()))
}

/// How lines look.
struct Style {
    colour: bool,
    timestamps: bool,
    /// Of the longest name of a node.
    width: usize,
    zone: TimeZone,
}

/// Colours that are read well on dark and on light: a node has the same one each time.
const COLOURS: [u8; 6] = [36, 33, 32, 35, 34, 31];

impl Style {
    fn line(&self, line: &LogLine) -> String {
        let name = format!("{:<width$} |", line.node.to_string(), width = self.width);
        let mut text = if self.colour { format!("\x1b[{}m{name}\x1b[0m ", colour(line.node)) } else { name + " " };
        if self.timestamps {
            let time = line.time.map(|time| time.to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z"));
            text += &time.map_or_else(|| "-".to_owned(), |time| time.to_string());
            text.push(' ');
        }
        text += &shown(&line.text, self.colour);
        text.truncate(text.trim_end_matches(' ').len());
        text
    }
}

fn colour(node: Role) -> u8 {
    let index = match node {
        Role::Control | Role::Head => 0,
        Role::Worker(index) => usize::from(index) + 1,
    };
    COLOURS[index % COLOURS.len()]
}

fn to_json(line: &LogLine) -> Value {
    json!({
        "format": 1,
        "node": line.node.to_string(),
        "time": line.time.map(|time| time.to_string()),
        "stream": match line.source {
            Source::Stdout => "stdout",
            Source::Stderr => "stderr",
            Source::File => "file",
        },
        "text": line.text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(node: Role, text: &str) -> LogLine {
        let time = Some("2026-11-24T10:00:00.123456789Z".parse().unwrap());
        LogLine { node, time, source: Source::Stderr, text: text.to_owned() }
    }

    #[test]
    fn a_line_says_whose_it_is() {
        let plain = Style { colour: false, timestamps: false, width: 8, zone: TimeZone::UTC };
        assert_eq!(plain.line(&line(Role::Head, "\x1b[32mup\x1b[0m")), "head     | up");
        assert_eq!(plain.line(&line(Role::Worker(0), "")), "worker-0 |");
        let dated = Style { timestamps: true, ..plain };
        assert_eq!(dated.line(&line(Role::Worker(12), "up")), "worker-12 | 2026-11-24T10:00:00.123+00:00 up");
        assert_eq!(dated.line(&LogLine { time: None, ..line(Role::Head, "up") }), "head     | - up");
    }

    #[test]
    fn a_node_has_its_colour_each_time() {
        let style = Style { colour: true, timestamps: false, width: 4, zone: TimeZone::UTC };
        assert_eq!(style.line(&line(Role::Head, "\x1b[32mup\x1b[0m")), "\x1b[36mhead |\x1b[0m \x1b[32mup\x1b[0m");
        assert_ne!(colour(Role::Worker(0)), colour(Role::Head));
        assert_eq!(colour(Role::Worker(5)), colour(Role::Head));
    }

    #[test]
    fn json_keeps_the_line_as_it_was() {
        insta::assert_snapshot!(
            to_json(&line(Role::Worker(0), "\x1b[32mup\x1b[0m")),
            @r#"{"format":1,"node":"worker-0","time":"2026-11-24T10:00:00.123456789Z","stream":"stderr","text":"\u001b[32mup\u001b[0m"}"#
        );
    }
}
