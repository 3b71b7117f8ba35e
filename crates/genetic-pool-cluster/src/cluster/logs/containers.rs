//! What containers print.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bollard::{Docker, container::LogOutput, errors::Error, query_parameters::LogsOptionsBuilder};
use futures_util::{Stream, StreamExt};
use jiff::{SignedDuration, Timestamp};

use super::{
    LogLine, LogOptions, Sink,
    entry::{Entry, Reader},
    follow::{self, Listener},
    merge::Merge,
};
use crate::{
    ClusterError,
    cluster::{Cluster, following::Followed, watched::Found},
    engine::EngineError,
};

/// Reads what `nodes` printed, then what they print from now on where that is asked for.
pub(super) async fn read(cluster: Cluster, nodes: Vec<Found>, options: LogOptions, sink: Sink) {
    if let Err(error) = written_and_followed(&cluster, nodes, &options, &sink).await {
        // Where nobody listens any more nobody needs to know.
        let _ = sink.send(Err(error)).await;
    }
}

async fn written_and_followed(
    cluster: &Cluster,
    nodes: Vec<Found>,
    options: &LogOptions,
    sink: &Sink,
) -> Result<(), ClusterError> {
    let logs = nodes.iter().map(|node| Written::open(cluster.engine.docker(), node, options)).collect();
    let mut merge = Merge::new(logs).await;
    while let Some((index, entry)) = merge.next().await {
        if sink.send(Ok(line(&nodes[index], entry?))).await.is_err() {
            return Ok(());
        }
    }
    if !options.follow {
        return Ok(());
    }
    let readers = merge.into_streams().into_iter().map(|log| log.reader);
    follow::follow(cluster, nodes.into_iter().zip(readers).collect(), options, sink, read_on).await
}

/// Reads on in the log of one container.
async fn read_on(listener: Listener, mut log: Followed<Reader>) -> Result<(), ClusterError> {
    loop {
        // A log that is followed ends with its container, and may do so before its last lines were handed out: what is
        // missing is read once more.
        for follow in [true, false] {
            // Between its streams a log may be out of order by less than a second.
            let since = log.position.reached().map(|time| time - SignedDuration::from_secs(1));
            let since = since.or(listener.options.since);
            log.position.reopened();
            let mut pieces = pieces(listener.cluster.engine.docker(), &log.node.id, since, None, follow);
            while let Some(piece) = pieces.next().await {
                let piece = match piece {
                    Ok(piece) => piece,
                    Err(error) => return failure(&log.node, error).map_or(Ok(()), |error| Err(error.into())),
                };
                let Some(entry) = log.position.take(piece) else { continue };
                if !listener.send(line(&log.node, entry)).await {
                    return Ok(());
                }
            }
        }
        for entry in log.position.rest() {
            if !listener.send(line(&log.node, entry)).await {
                return Ok(());
            }
        }
        if !log.started_again().await {
            return Ok(());
        }
    }
}

fn line(node: &Found, entry: Entry) -> LogLine {
    LogLine { node: node.role, time: Some(entry.time), source: entry.source, text: entry.text }
}

/// What the engine hands out of the log of the container `id`, from the second `since` on.
fn pieces(
    docker: &Docker,
    id: &str,
    since: Option<Timestamp>,
    tail: Option<usize>,
    follow: bool,
) -> Pin<Box<dyn Stream<Item = Result<LogOutput, Error>> + Send>> {
    let since = since.map_or(0, |since| i32::try_from(since.as_second()).unwrap_or(i32::MAX));
    let tail = tail.map_or_else(|| "all".to_owned(), |tail| tail.to_string());
    let options = LogsOptionsBuilder::default().stdout(true).stderr(true).timestamps(true).follow(follow);
    let options = options.since(since.max(0)).tail(&tail).build();
    Box::pin(docker.logs(id, Some(options)))
}

/// What `error` says of the log of `node`; `None` where the container is gone, and its log with it.
fn failure(node: &Found, error: Error) -> Option<EngineError> {
    match error {
        Error::DockerResponseServerError { status_code: 404 | 409, .. } => None,
        error => Some(EngineError::of(format!("read the log of {}", node.role), error)),
    }
}

/// The lines a container has written so far.
struct Written {
    node: Found,
    options: LogOptions,
    pieces: Pin<Box<dyn Stream<Item = Result<LogOutput, Error>> + Send>>,
    reader: Reader,
    /// Lines that wait to be handed out.
    lines: VecDeque<Entry>,
    ended: bool,
}

impl Written {
    fn open(docker: &Docker, node: &Found, options: &LogOptions) -> Written {
        let tail = match options.tail {
            // Where nothing is to be shown it must still be known where to go on.
            Some(0) if options.follow => Some(1),
            // The engine takes the last lines first and leaves out the young ones then.
            Some(_) if options.until.is_some() => None,
            tail => tail,
        };
        let pieces = pieces(docker, &node.id, options.since, tail, false);
        let reader = Reader::default();
        Written { node: node.clone(), options: options.clone(), pieces, reader, lines: VecDeque::new(), ended: false }
    }

    /// Whether all lines must be there before the first can be handed out.
    fn gathers(&self) -> bool {
        self.options.tail.is_some() && self.options.until.is_some() || self.options.tail == Some(0)
    }

    fn keep(&mut self, entry: Entry) {
        if self.options.within(entry.time) {
            self.lines.push_back(entry);
            if self.gathers() && self.lines.len() > self.options.tail.unwrap_or(usize::MAX) {
                self.lines.pop_front();
            }
        }
    }
}

impl Stream for Written {
    type Item = (Timestamp, Result<Entry, ClusterError>);

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if this.ended || !this.gathers() {
                if let Some(entry) = this.lines.pop_front() {
                    return Poll::Ready(Some((entry.time, Ok(entry))));
                }
                if this.ended {
                    return Poll::Ready(None);
                }
            }
            match ready!(this.pieces.poll_next_unpin(context)) {
                Some(Ok(piece)) => {
                    if let Some(entry) = this.reader.take(piece) {
                        this.keep(entry);
                    }
                }
                Some(Err(error)) => {
                    this.ended = true;
                    if let Some(error) = failure(&this.node, error) {
                        return Poll::Ready(Some((Timestamp::MIN, Err(error.into()))));
                    }
                }
                None => {
                    this.ended = true;
                    if !this.options.follow {
                        for entry in this.reader.rest() {
                            this.keep(entry);
                        }
                    }
                }
            }
        }
    }
}
