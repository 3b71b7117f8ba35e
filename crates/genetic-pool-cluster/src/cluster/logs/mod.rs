//! What the nodes of a cluster print, as one.

mod containers;
mod entry;
mod follow;
mod merge;
mod ray;

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::Stream;
use jiff::Timestamp;
use tokio::{sync::mpsc, task::JoinSet};

pub use self::entry::Source;
use super::{Cluster, watched};
use crate::{ClusterError, names::Role};

/// Which lines, and whether to wait for more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// The nodes, as `head`, `worker-0` or by the names of their containers; all where it is empty.
    pub nodes: Vec<String>,
    /// Nothing older.
    pub since: Option<Timestamp>,
    /// Nothing younger. What is followed ends there.
    pub until: Option<Timestamp>,
    /// No more than so many of the last lines of each node.
    pub tail: Option<usize>,
    /// Whether to go on with what is written from now on, over restarts of nodes and with nodes that join, until
    /// nothing is left of the cluster.
    pub follow: bool,
    /// A file of Ray's instead of what nodes print: `raylet.out`, `gcs_server.out`, `job-driver-ID.log`.
    pub ray: Option<String>,
}

/// A line of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The node.
    pub node: Role,
    /// When it was written; in Ray's files as far as the line, or one above it, says.
    pub time: Option<Timestamp>,
    /// Where.
    pub source: Source,
    /// What, without its line feed, with whatever colours it was given.
    pub text: String,
}

/// Lines of a cluster, as they come. Dropping it ends the reading.
#[derive(Debug)]
pub struct Logs {
    lines: mpsc::Receiver<Result<LogLine, ClusterError>>,
    /// The nodes whose lines they are; others may join.
    pub nodes: Vec<Role>,
    /// Ends with this value.
    _reading: JoinSet<()>,
}

/// Where lines go. Nobody is there any more where a send fails.
type Sink = mpsc::Sender<Result<LogLine, ClusterError>>;

impl Cluster {
    /// What the nodes print: in order of time as far as it was written before, in order of arrival from then on.
    pub async fn logs(&self, options: LogOptions) -> Result<Logs, ClusterError> {
        let found = watched::find(self).await?;
        let nodes = watched::choose(&self.name, &found, &options.nodes)?;
        let roles = nodes.iter().map(|node| node.role).collect();
        let (sink, lines) = mpsc::channel(AHEAD);
        let mut reading = JoinSet::new();
        let cluster = self.clone();
        if let Some(file) = options.ray.clone() {
            let file = ray::File::find(self, &nodes, &file).await?;
            reading.spawn(async move { ray::read(cluster, nodes, file, options, sink).await });
        } else {
            reading.spawn(async move { containers::read(cluster, nodes, options, sink).await });
        }
        Ok(Logs { lines, nodes: roles, _reading: reading })
    }
}

/// How many lines may wait for their reader.
const AHEAD: usize = 256;

impl LogOptions {
    /// Whether a line of `time` is asked for.
    fn within(&self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time <= until)
    }
}

impl Stream for Logs {
    type Item = Result<LogLine, ClusterError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().lines.poll_recv(context)
    }
}
