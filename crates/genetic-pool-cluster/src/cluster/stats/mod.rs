//! What the nodes of a cluster take, live.

mod figures;

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bollard::{errors::Error, query_parameters::StatsOptionsBuilder};
use futures_util::{Stream, StreamExt, future::join_all};
use jiff::Timestamp;
use tokio::{sync::mpsc, task::JoinSet};

pub(super) use self::figures::used;
use super::{
    Cluster,
    following::{self, Followed},
    watched::{self, Found, WatchError},
};
use crate::{ClusterError, engine::EngineError, names::Role};

/// Of which nodes, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatsOptions {
    /// The nodes, as `head`, `worker-0` or by the names of their containers; all where it is empty.
    pub nodes: Vec<String>,
    /// Whether to go on, with nodes that join, until nothing is left of the cluster; else each running node is told
    /// once.
    pub follow: bool,
}

/// What a node took, in a second or since it was started.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeStats {
    /// The node.
    pub node: Role,
    /// When it was measured.
    pub time: Timestamp,
    /// Per cent of one CPU in the last second: 150 is one and a half.
    pub cpu_percent: f64,
    /// Bytes of memory in use, without files that were only read.
    pub memory: u64,
    /// Bytes of memory it may take.
    pub memory_limit: u64,
    /// Bytes received over its networks since it was started.
    pub received: u64,
    /// Bytes sent over its networks since it was started.
    pub sent: u64,
    /// Bytes read from disks since it was started.
    pub read: u64,
    /// Bytes written to disks since it was started.
    pub written: u64,
    /// Processes and threads.
    pub processes: u64,
    /// How many it may have; `None` for any number.
    pub processes_limit: Option<u64>,
}

/// Figures of nodes as they come, of each about once in a second. Dropping it ends the measuring.
#[derive(Debug)]
pub struct Stats {
    figures: mpsc::Receiver<Result<NodeStats, ClusterError>>,
    /// Ends with this value.
    _measuring: JoinSet<()>,
    /// The nodes that ran when it began, which will all be told.
    pub nodes: Vec<Role>,
}

type Sink = mpsc::Sender<Result<NodeStats, ClusterError>>;

impl Cluster {
    /// What its nodes take, computed as `docker stats` does. The first figures come when there are two samples, after
    /// one to two seconds.
    pub async fn stats(&self, options: StatsOptions) -> Result<Stats, ClusterError> {
        let found = watched::find(self).await?;
        let chosen = watched::choose(&self.name, &found, &options.nodes)?;
        let running: Vec<Found> = chosen.iter().filter(|node| node.running).cloned().collect();
        if running.is_empty() && !options.follow {
            return Err(WatchError::Still { name: self.name.clone() }.into());
        }
        let nodes = running.iter().map(|node| node.role).collect();
        let (sink, figures) = mpsc::channel(64);
        let mut measuring = JoinSet::new();
        let cluster = self.clone();
        measuring.spawn(async move {
            if let Err(error) = measure(&cluster, chosen, &options, &sink).await {
                // Where nobody listens any more nobody needs to know.
                let _ = sink.send(Err(error)).await;
            }
        });
        Ok(Stats { figures, _measuring: measuring, nodes })
    }
}

impl Stream for Stats {
    type Item = Result<NodeStats, ClusterError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().figures.poll_recv(context)
    }
}

async fn measure(
    cluster: &Cluster,
    nodes: Vec<Found>,
    options: &StatsOptions,
    sink: &Sink,
) -> Result<(), ClusterError> {
    if options.follow {
        let nodes = nodes.into_iter().map(|node| (node, ())).collect();
        let one = |node| over_restarts(cluster.clone(), node, sink.clone());
        return following::follow(cluster, nodes, options.nodes.is_empty(), sink.closed(), one).await;
    }
    let running = nodes.iter().filter(|node| node.running);
    let told = join_all(running.map(|node| until(cluster, node, sink, 1))).await;
    told.into_iter().collect()
}

async fn over_restarts(cluster: Cluster, mut node: Followed<()>, sink: Sink) -> Result<(), ClusterError> {
    loop {
        until(&cluster, &node.node, &sink, usize::MAX).await?;
        if !node.started_again().await {
            return Ok(());
        }
    }
}

/// Hands on figures of `node`: at most `count`, while it runs.
async fn until(cluster: &Cluster, node: &Found, sink: &Sink, count: usize) -> Result<(), ClusterError> {
    // Only the stream's second sample has one before it.
    let options = StatsOptionsBuilder::default().stream(true).build();
    let mut samples = Box::pin(cluster.engine.docker().stats(&node.id, Some(options)));
    let mut told = 0;
    while told < count {
        let sample = match samples.next().await {
            Some(Ok(sample)) => sample,
            None | Some(Err(Error::DockerResponseServerError { status_code: 404 | 409, .. })) => break,
            Some(Err(error)) => return Err(EngineError::of(format!("measure {}", node.role), error).into()),
        };
        let Some(figures) = figures::figures(node.role, &sample) else { continue };
        if sink.send(Ok(figures)).await.is_err() {
            break;
        }
        told += 1;
    }
    Ok(())
}
