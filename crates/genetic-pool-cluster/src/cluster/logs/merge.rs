//! Several logs, each in order, as one in order.

use futures_util::{Stream, StreamExt};
use jiff::Timestamp;

/// A source of lines, with the line of it that is next.
struct Queue<S: Stream> {
    stream: S,
    next: Option<S::Item>,
}

/// The lines of several sources in order of time; where times are equal the earlier source is first.
pub(super) struct Merge<S: Stream> {
    queues: Vec<Queue<S>>,
}

impl<T, S: Stream<Item = (Timestamp, T)> + Unpin> Merge<S> {
    /// Waits for the first line of each source.
    pub(super) async fn new(streams: Vec<S>) -> Merge<S> {
        // All at once: each has an answer of the engine to wait for.
        let queues = streams.into_iter().map(async |mut stream| Queue { next: stream.next().await, stream });
        Merge { queues: futures_util::future::join_all(queues).await }
    }

    /// The next line, and the index of its source.
    pub(super) async fn next(&mut self) -> Option<(usize, T)> {
        let heads = self.queues.iter().enumerate();
        let heads = heads.filter_map(|(index, queue)| Some((queue.next.as_ref()?.0, index)));
        let (_, index) = heads.min()?;
        let queue = &mut self.queues[index];
        let following = queue.stream.next().await;
        let (_, line) = std::mem::replace(&mut queue.next, following)?;
        Some((index, line))
    }

    /// The sources.
    pub(super) fn into_streams(self) -> Vec<S> {
        self.queues.into_iter().map(|queue| queue.stream).collect()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn lines_come_in_order_of_time_and_of_sources() {
        let at = |seconds: i64, text: &'static str| (Timestamp::from_second(seconds).unwrap(), text);
        let sources = vec![
            stream::iter(vec![at(1, "a"), at(4, "d")]),
            stream::iter(vec![]),
            stream::iter(vec![at(1, "b"), at(2, "c")]),
        ];
        let mut merge = Merge::new(sources).await;
        let mut lines = Vec::new();
        while let Some(line) = merge.next().await {
            lines.push(line);
        }
        assert_eq!(lines, [(0, "a"), (2, "b"), (2, "c"), (0, "d")]);
    }
}
