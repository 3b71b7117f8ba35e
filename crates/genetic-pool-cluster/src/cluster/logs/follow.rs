//! What nodes write from now on.

use std::time::Duration;

use jiff::Timestamp;

use super::{LogLine, LogOptions, Sink};
use crate::{
    ClusterError,
    cluster::{
        Cluster,
        following::{self, Followed},
        watched::Found,
    },
};

/// Where lines that are followed go.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub(super) cluster: Cluster,
    pub(super) options: LogOptions,
    sink: Sink,
}

impl Listener {
    /// Hands `line` on, if it is asked for; `false` where nobody listens any more.
    pub(super) async fn send(&self, line: LogLine) -> bool {
        let wanted = line.time.is_none_or(|time| self.options.within(time));
        !wanted || self.sink.send(Ok(line)).await.is_ok()
    }
}

/// Has `read_on` read on in each log, until nothing is left of the cluster, nobody listens, or the time is up.
pub(super) async fn follow<Position, Following>(
    cluster: &Cluster,
    nodes: Vec<(Found, Position)>,
    options: &LogOptions,
    sink: &Sink,
    read_on: impl Fn(Listener, Followed<Position>) -> Following,
) -> Result<(), ClusterError>
where
    Position: Default,
    Following: Future<Output = Result<(), ClusterError>> + Send + 'static,
{
    let listener = Listener { cluster: cluster.clone(), options: options.clone(), sink: sink.clone() };
    let end = async {
        tokio::select! {
            () = sink.closed() => {}
            () = tokio::time::sleep(left(options.until)) => {}
        }
    };
    let one = |followed| read_on(listener.clone(), followed);
    following::follow(cluster, nodes, options.nodes.is_empty(), end, one).await
}

/// How long it is until `until`; for ever where there is none.
fn left(until: Option<Timestamp>) -> Duration {
    const FOR_EVER: Duration = Duration::from_hours(100 * 365 * 24);
    until.map_or(FOR_EVER, |until| Timestamp::now().duration_until(until).try_into().unwrap_or_default())
}
