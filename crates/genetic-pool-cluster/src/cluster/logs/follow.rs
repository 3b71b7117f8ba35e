//! What nodes write from now on: over their restarts, and of those that join.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use futures_util::StreamExt;
use jiff::Timestamp;
use tokio::{sync::watch, task::JoinSet};

use super::{LogLine, LogOptions, Sink};
use crate::{
    ClusterError,
    cluster::{
        Cluster,
        changes::{Change, changes},
        watched::{self, Found},
    },
    names::Role,
};

/// A log of one container that is followed until the container is removed.
pub(super) struct Follower<Position> {
    pub(super) cluster: Cluster,
    pub(super) node: Found,
    /// How far the log was read.
    pub(super) position: Position,
    pub(super) options: LogOptions,
    starts: watch::Receiver<()>,
    sink: Sink,
}

impl<Position> Follower<Position> {
    /// Hands `line` on, if it is asked for; `false` where nobody listens any more.
    pub(super) async fn send(&self, line: LogLine) -> bool {
        let wanted = line.time.is_none_or(|time| self.options.within(time));
        !wanted || self.sink.send(Ok(line)).await.is_ok()
    }

    /// Waits until the container is started again; `false` where it is removed.
    pub(super) async fn started_again(&mut self) -> bool {
        self.starts.changed().await.is_ok()
    }
}

/// Follows `nodes`, each read so far as its position says, and those that join, which have the position there is by
/// default; until nothing is left of the cluster, nobody listens, or the time is up.
pub(super) async fn follow<Position, Following>(
    cluster: &Cluster,
    nodes: Vec<(Found, Position)>,
    options: &LogOptions,
    sink: &Sink,
    follower: impl Fn(Follower<Position>) -> Following,
) -> Result<(), ClusterError>
where
    Position: Default,
    Following: Future<Output = Result<(), ClusterError>> + Send + 'static,
{
    let roles: BTreeSet<Role> = nodes.iter().map(|(node, _)| node.role).collect();
    let is_asked_for = |role| role != Role::Control && (options.nodes.is_empty() || roles.contains(&role));
    // Tells a follower that its container was started; dropped, that it was removed.
    let mut starts: HashMap<String, watch::Sender<()>> = HashMap::new();
    let mut tasks = JoinSet::new();
    let begin = |node: Found, position: Position| {
        let (started, starts) = watch::channel(());
        let (cluster, options, sink) = (cluster.clone(), options.clone(), sink.clone());
        (started, follower(Follower { cluster, node, position, options, starts, sink }))
    };
    for (node, position) in nodes {
        let id = node.id.clone();
        let (started, following) = begin(node, position);
        starts.insert(id, started);
        tasks.spawn(following);
    }
    let mut changes = Box::pin(changes(cluster));
    let end = tokio::time::sleep(left(options.until));
    tokio::pin!(end);
    loop {
        tokio::select! {
            change = changes.next() => match change {
                Some(change) => match change? {
                    Change::Started { id, role } => match starts.get(&id) {
                        Some(started) => drop(started.send_replace(())),
                        None if is_asked_for(role) => {
                            let (started, following) =
                                begin(Found { id: id.clone(), role, running: true }, Position::default());
                            starts.insert(id, started);
                            tasks.spawn(following);
                        }
                        None => {}
                    },
                    Change::Removed { id } => {
                        starts.remove(&id);
                        if !watched::is_left(cluster).await? {
                            break;
                        }
                    }
                },
                None => return Ok(()),
            },
            Some(ended) = tasks.join_next() => finished(ended)?,
            () = sink.closed() => return Ok(()),
            () = &mut end => return Ok(()),
        }
    }
    // What removed containers said last may still be on its way.
    starts.clear();
    while let Some(ended) = tasks.join_next().await {
        finished(ended)?;
    }
    Ok(())
}

/// What a task ended with; a task that panicked has said so itself.
fn finished(ended: Result<Result<(), ClusterError>, tokio::task::JoinError>) -> Result<(), ClusterError> {
    ended.unwrap_or(Ok(()))
}

/// How long it is until `until`; for ever where there is none.
fn left(until: Option<Timestamp>) -> Duration {
    const FOR_EVER: Duration = Duration::from_hours(100 * 365 * 24);
    until.map_or(FOR_EVER, |until| Timestamp::now().duration_until(until).try_into().unwrap_or_default())
}
