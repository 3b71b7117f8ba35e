//! One task for each container of a cluster, over restarts, for containers that join, until nothing is left.

use std::collections::{BTreeSet, HashMap};

use futures_util::StreamExt;
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
};

use super::{
    Cluster,
    changes::{Change, changes},
    watched::{self, Found},
};
use crate::{ClusterError, names::Role};

/// A container that is followed.
pub(super) struct Followed<Position> {
    pub(super) node: Found,
    /// How far it was followed.
    pub(super) position: Position,
    starts: watch::Receiver<()>,
}

impl<Position> Followed<Position> {
    /// Waits until the container is started again; `false` where it is removed.
    pub(super) async fn started_again(&mut self) -> bool {
        self.starts.changed().await.is_ok()
    }
}

/// Has `follow` follow each of `nodes` from its position on, and containers that join from the position there is by
/// default: those of the roles of `nodes`, or of any where `joining`. It ends when nothing is left of the cluster,
/// with the engine, and at `end`.
pub(super) async fn follow<Position, Following>(
    cluster: &Cluster,
    nodes: Vec<(Found, Position)>,
    joining: bool,
    end: impl Future<Output = ()>,
    follow: impl Fn(Followed<Position>) -> Following,
) -> Result<(), ClusterError>
where
    Position: Default,
    Following: Future<Output = Result<(), ClusterError>> + Send + 'static,
{
    let roles: BTreeSet<Role> = nodes.iter().map(|(node, _)| node.role).collect();
    let is_asked_for = |role| role != Role::Control && (joining || roles.contains(&role));
    // Tells a task that its container was started; dropped, that it was removed.
    let mut starts: HashMap<String, watch::Sender<()>> = HashMap::new();
    let mut tasks = JoinSet::new();
    let begin = |node: Found, position: Position| {
        let (started, starts) = watch::channel(());
        ((node.id.clone(), started), follow(Followed { node, position, starts }))
    };
    for (node, position) in nodes {
        let (started, following) = begin(node, position);
        starts.extend([started]);
        tasks.spawn(following);
    }
    let mut changes = Box::pin(changes(cluster));
    tokio::pin!(end);
    loop {
        tokio::select! {
            change = changes.next() => match change {
                Some(change) => match change? {
                    Change::Started { id, role } => match starts.get(&id) {
                        Some(started) => started.send_replace(()),
                        None if is_asked_for(role) => {
                            let (started, following) = begin(Found { id, role, running: true }, Position::default());
                            starts.extend([started]);
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

/// What a task ended with; one that panicked has said so itself.
fn finished(ended: Result<Result<(), ClusterError>, JoinError>) -> Result<(), ClusterError> {
    ended.unwrap_or(Ok(()))
}
