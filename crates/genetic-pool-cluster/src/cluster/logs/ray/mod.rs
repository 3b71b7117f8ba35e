//! Files that Ray keeps on its nodes.

mod dated;
mod file;
mod follow;
mod program;

use std::collections::VecDeque;

use futures_util::stream;
use jiff::Timestamp;
use tokio::{sync::mpsc, task::JoinSet};

pub(super) use self::file::File;
use self::{
    dated::{Dated, Lines},
    program::{Printed, Program},
};
use super::{LogLine, LogOptions, Sink, Source, merge::Merge};
use crate::{
    ClusterError,
    cluster::{Cluster, archive, watched::Found},
    engine::EngineError,
};

/// Reads `file` on those of `nodes` that have it, then what is written to it from now on where that is asked for.
pub(super) async fn read(cluster: Cluster, nodes: Vec<Found>, file: File, options: LogOptions, sink: Sink) {
    let read = if options.follow {
        follow::follow(&cluster, nodes, file, &options, &sink).await
    } else {
        written(&cluster, nodes, &file, &options, &sink).await
    };
    if let Err(error) = read {
        // Where nobody listens any more nobody needs to know.
        let _ = sink.send(Err(error)).await;
    }
}

/// A line with its place among others, as a task hands it on.
type Placed = (Timestamp, Result<Dated, ClusterError>);

async fn written(
    cluster: &Cluster,
    nodes: Vec<Found>,
    file: &File,
    options: &LogOptions,
    sink: &Sink,
) -> Result<(), ClusterError> {
    let mut tasks = JoinSet::new();
    let mut logs = Vec::new();
    for node in &nodes {
        let (lines, received) = mpsc::channel::<Placed>(64);
        let (cluster, node, file, options) = (cluster.clone(), node.clone(), file.clone(), options.clone());
        tasks.spawn(async move {
            if let Err(error) = node_file(&cluster, &node, &file, &options, &lines).await {
                let _ = lines.send((Timestamp::MIN, Err(error))).await;
            }
        });
        let next = async |mut received: mpsc::Receiver<Placed>| Some((received.recv().await?, received));
        logs.push(Box::pin(stream::unfold(received, next)));
    }
    let mut merge = Merge::new(logs).await;
    while let Some((index, line)) = merge.next().await {
        if sink.send(Ok(log_line(&nodes[index], line?))).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Hands on what `file` on `node` holds now.
async fn node_file(
    cluster: &Cluster,
    node: &Found,
    file: &File,
    options: &LogOptions,
    lines: &mpsc::Sender<Placed>,
) -> Result<(), ClusterError> {
    let failed = |error| EngineError::of(format!("read `{}` of {}", file.name, node.role), error);
    let mut wanted = Wanted { options, last: VecDeque::new() };
    let mut breaker = Lines::default();
    if node.running {
        // A file that grows while it is archived breaks the archive.
        let from = match options.tail {
            Some(tail) if options.until.is_none() => format!("-n{tail}"),
            _ => "-n+1".to_owned(),
        };
        let path = file.path();
        let mut program = Program::run(&cluster.engine, &node.id, &["tail", &from, &path]).await.map_err(failed)?;
        while let Some(printed) = program.next().await {
            if let Printed::Output(bytes) = printed.map_err(failed)? {
                for line in breaker.take(&bytes) {
                    wanted.take(line, lines).await;
                }
            }
        }
    } else {
        let mut archive = archive::get(&cluster.engine, &node.id, &file.path());
        let entry = match archive.next().await {
            Ok(Some(entry)) => entry,
            Ok(None) | Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(()),
            Err(error) => return Err(failed(error).into()),
        };
        for line in breaker.take(&archive.bytes(entry.size).await.map_err(failed)?) {
            wanted.take(line, lines).await;
        }
    }
    if let Some(line) = breaker.rest() {
        wanted.take(line, lines).await;
    }
    wanted.end(lines).await;
    Ok(())
}

/// Lines that are asked for.
struct Wanted<'a> {
    options: &'a LogOptions,
    last: VecDeque<Dated>,
}

impl Wanted<'_> {
    async fn take(&mut self, line: Dated, lines: &mpsc::Sender<Placed>) {
        if !line.time.is_none_or(|time| self.options.within(time)) {
            return;
        }
        self.last.push_back(line);
        match self.options.tail {
            Some(tail) if self.last.len() > tail => drop(self.last.pop_front()),
            Some(_) => {}
            None => self.end(lines).await,
        }
    }

    async fn end(&mut self, lines: &mpsc::Sender<Placed>) {
        for line in self.last.drain(..) {
            // Nobody listens where it fails, and this task ends soon.
            let _ = lines.send((line.time.unwrap_or(Timestamp::MIN), Ok(line))).await;
        }
    }
}

fn log_line(node: &Found, line: Dated) -> LogLine {
    LogLine { node: node.role, time: line.time, source: Source::File, text: line.text }
}
