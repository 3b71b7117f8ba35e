//! What is written to a file from now on.

use std::time::Duration;

use super::{
    File,
    dated::Lines,
    log_line,
    program::{Printed, Program},
};
use crate::{
    ClusterError,
    cluster::{
        Cluster,
        following::Followed,
        logs::{
            LogOptions, Sink,
            follow::{self, Listener},
        },
        watched::Found,
    },
    engine::EngineError,
};

/// How far a file was read.
#[derive(Clone, Debug, Default)]
struct Place {
    /// The session whose file it is.
    session: String,
    bytes: u64,
}

/// What became of a file that was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// The session, or all that ran in the container.
    Session,
    /// Nothing runs in the container.
    Container,
    /// Nobody listens any more.
    Unheard,
}

/// How long it is until a file is opened again whose session has ended.
const PAUSE: Duration = Duration::from_millis(200);

/// Follows `file` on `nodes` and those that join.
pub(super) async fn follow(
    cluster: &Cluster,
    nodes: Vec<Found>,
    file: File,
    options: &LogOptions,
    sink: &Sink,
) -> Result<(), ClusterError> {
    let nodes = nodes.into_iter().map(|node| (node, None)).collect();
    follow::follow(cluster, nodes, options, sink, |listener, log| read_on(listener, log, file.clone())).await
}

/// Reads on in the file on one node.
async fn read_on(listener: Listener, mut log: Followed<Option<Place>>, file: File) -> Result<(), ClusterError> {
    loop {
        match run(&listener, &mut log, &file).await? {
            Ended::Session => tokio::time::sleep(PAUSE).await,
            Ended::Container if log.started_again().await => {}
            Ended::Container | Ended::Unheard => return Ok(()),
        }
    }
}

/// Reads the file of one session.
async fn run(listener: &Listener, log: &mut Followed<Option<Place>>, file: &File) -> Result<Ended, ClusterError> {
    let node = log.node.clone();
    let failed = |error| EngineError::of(format!("follow `{}` of {}", file.name, node.role), error);
    let known = log.position.as_ref().map(|place| (place.session.as_str(), place.bytes));
    let engine = &listener.cluster.engine;
    let mut program = match Program::follow(engine, &node.id, &file.name, known, listener.options.tail).await {
        Ok(program) => program,
        Err(bollard::errors::Error::DockerResponseServerError { status_code: 404 | 409, .. }) => {
            return Ok(Ended::Container);
        }
        Err(error) => return Err(failed(error).into()),
    };
    let mut place = log.position.clone().unwrap_or_default();
    let mut lines = Lines::default();
    while let Some(printed) = program.next().await {
        match printed.map_err(failed)? {
            Printed::Output(bytes) => {
                place.bytes += bytes.len() as u64;
                for line in lines.take(&bytes) {
                    if !listener.send(log_line(&node, line)).await {
                        return Ok(Ended::Unheard);
                    }
                }
            }
            Printed::Error(said) => {
                if let Some((byte, session)) = begin(&said) {
                    place = Place { session: session.to_owned(), bytes: byte };
                } else if said.contains("new file") || said.contains("truncated") {
                    // `tail` tells so that another file has the name now, as when Ray rotates it.
                    place.bytes = 0;
                }
            }
        }
    }
    if !place.session.is_empty() {
        log.position = Some(place);
    }
    let heard = match lines.rest() {
        Some(line) => listener.send(log_line(&node, line)).await,
        None => true,
    };
    Ok(if heard { Ended::Session } else { Ended::Unheard })
}

/// `from BYTE SESSION`.
fn begin(said: &str) -> Option<(u64, &str)> {
    let (byte, session) = said.strip_prefix("from ")?.lines().next()?.split_once(' ')?;
    Some((byte.parse().ok()?, session))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_file_begins_is_read_as_it_is_said() {
        assert_eq!(begin("from 12 /ray/session_a\ntail: no"), Some((12, "/ray/session_a")));
        assert_eq!(begin("tail: cannot open"), None);
    }
}
