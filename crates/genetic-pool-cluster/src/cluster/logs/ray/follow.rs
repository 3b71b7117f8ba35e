//! What is written to a file from now on.

use super::{
    File,
    dated::Lines,
    file::session,
    log_line,
    program::{From, Printed, Program},
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
    session: Option<String>,
    bytes: u64,
}

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
    while run(&listener, &mut log, &file).await? && log.started_again().await {}
    Ok(())
}

/// Reads while the container runs; `false` where nobody listens any more.
async fn run(listener: &Listener, log: &mut Followed<Option<Place>>, file: &File) -> Result<bool, ClusterError> {
    let node = log.node.clone();
    let path = file.path();
    let failed = |error| EngineError::of(format!("follow `{}` of {}", file.name, node.role), error);
    let present = session(&listener.cluster, &node).await.map_err(failed)?;
    let (from, mut place) = match (&log.position, listener.options.tail) {
        (Some(place), _) if place.session == present => (From::Byte(place.bytes), place.clone()),
        (None, Some(tail)) => (From::Last(tail), Place { session: present, bytes: 0 }),
        _ => (From::Byte(0), Place { session: present, bytes: 0 }),
    };
    let mut program = match Program::follow(&listener.cluster.engine, &node.id, from, &path).await {
        Ok(program) => program,
        // It does not run, or is gone: its next start is waited for.
        Err(bollard::errors::Error::DockerResponseServerError { status_code: 404 | 409, .. }) => return Ok(true),
        Err(error) => return Err(failed(error).into()),
    };
    let mut lines = Lines::default();
    while let Some(printed) = program.next().await {
        match printed.map_err(failed)? {
            Printed::Output(bytes) => {
                place.bytes += bytes.len() as u64;
                for line in lines.take(&bytes) {
                    if !listener.send(log_line(&node, line)).await {
                        return Ok(false);
                    }
                }
            }
            Printed::Error(said) if said.starts_with("from ") => {
                place.bytes = said[5..].lines().next().and_then(|byte| byte.parse().ok()).unwrap_or(place.bytes);
            }
            // `tail` tells so that another file has the name now: a new session, or one that was rotated.
            Printed::Error(said) if said.contains("new file") || said.contains("truncated") => {
                place = Place { session: session(&listener.cluster, &node).await.map_err(failed)?, bytes: 0 };
            }
            Printed::Error(_) => {}
        }
    }
    log.position = Some(place);
    Ok(match lines.rest() {
        Some(line) => listener.send(log_line(&node, line)).await,
        None => true,
    })
}
