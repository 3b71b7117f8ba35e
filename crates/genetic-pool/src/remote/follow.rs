//! A run on a cluster is followed: its driver's lines become events, and in the end it is known what became of it.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use genetic_pool_cluster::{
    ClusterError,
    ray::{JobStatus, RayError},
};
use tokio_util::sync::CancellationToken;

use super::{
    error::{RaySaid, RemoteError},
    job::Job,
    link::Link,
    said::{Broke, Line, MARK, Said},
};
use crate::event::{Finished, RunEvent};

/// After such a silence it is looked whether there still is a head.
const SILENCE: Duration = Duration::from_secs(2);
/// A job that waits for its turn does not hear that it is to stop: it is asked again after this time.
const AGAIN: Duration = Duration::from_secs(5);

/// What there is to see of a run that is followed.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// Something happened.
    Event(RunEvent),
    /// So many more failures.
    Failures(u64),
    /// The driver is asked to stop.
    Stopping,
}

/// Follows the job `job` until it has ended; what it told last is the result, `None` where it told none.
///
/// Once `stop` is cancelled the driver is asked to stop, as Ctrl-C does of a run here, and is followed on. The first
/// error of `view` ends the following, and is returned as it is.
pub async fn follow<E: From<RemoteError>>(
    link: &Link,
    job: &Job,
    stop: &CancellationToken,
    view: &mut dyn FnMut(Seen) -> Result<(), E>,
) -> Result<Option<Finished>, E> {
    let mut log = std::pin::pin!(link.ray.follow_log(&job.submission()));
    let mut follower = Follower::default();
    let mut asked: Option<Instant> = None;
    let mut misses = 0;
    loop {
        let line = tokio::select! {
            biased;
            () = stop.cancelled(), if asked.is_none_or(|asked| asked.elapsed() >= AGAIN) => {
                let first = asked.replace(Instant::now()).is_none();
                if first {
                    view(Seen::Stopping)?;
                }
                match link.ray.stop(&job.submission()).await {
                    Err(error) if first => return Err(RemoteError::from(error).into()),
                    // What has become of it is in the log, or found out below.
                    _ => continue,
                }
            }
            line = log.next() => line,
            // Ray is waited for, since a head may be slow; a head that is not there is not.
            () = tokio::time::sleep(SILENCE) => {
                let state = link.cluster.head_in_words().await.map_err(RemoteError::from)?;
                misses = if state == "running" { 0 } else { misses + 1 };
                if misses > 1 {
                    let (run, cluster) = (job.run.clone(), link.cluster.name.clone());
                    return Err(RemoteError::HeadLost { run, cluster, state }.into());
                }
                continue;
            }
        };
        match line {
            Some(Ok(line)) => {
                if let Some(seen) = follower.line(&line) {
                    view(seen)?;
                }
            }
            Some(Err(error)) => return Err(lost(link, job, error).await.into()),
            None => break,
        }
    }
    if let Some(broke) = follower.broke {
        let cause = (!broke.causes.is_empty()).then(|| RaySaid(broke.causes.join(": ")));
        return Err(RemoteError::Broke { broke, cause }.into());
    }
    if follower.finished.is_none() {
        ended(link, job).await?;
    }
    Ok(follower.finished)
}

/// Fails unless the job that told no result may have come to one all the same.
async fn ended(link: &Link, job: &Job) -> Result<(), RemoteError> {
    let found = match link.ray.job(&job.submission()).await {
        Ok(found) => found,
        Err(error) => return Err(lost(link, job, error).await),
    };
    match (found.status, found.cause()) {
        (JobStatus::Succeeded, _) | (_, None) => Ok(()),
        (_, Some(cause)) => Err(RemoteError::JobEnded {
            run: job.run.clone(),
            cause: cause.to_string(),
            said: RaySaid(words(&found.message.unwrap_or_default())),
        }),
    }
}

/// Ray's words without the driver's lines, which were followed, and those that every log begins with.
fn words(message: &str) -> String {
    let known = [MARK, "Running entrypoint for job ", " -- Runtime env is setting up."];
    let lines: Vec<&str> = message.lines().filter(|line| !known.iter().any(|known| line.contains(known))).collect();
    let text = lines.join("\n");
    let text = text.trim().trim_end_matches(", last available logs (truncated to 20,000 chars):");
    if text.is_empty() { "Ray says nothing about it".to_owned() } else { text.to_owned() }
}

/// What it means that Ray does not answer as before.
async fn lost(link: &Link, job: &Job, error: RayError) -> RemoteError {
    let cluster = link.cluster.name.clone();
    let run = job.run.clone();
    match error {
        RayError::UnknownJob { .. } => RemoteError::JobLost { run, cluster },
        RayError::NoAnswer { .. } | RayError::Late { .. } | RayError::HeadStopped { .. } | RayError::NoHead { .. } => {
            match link.cluster.head_in_words().await {
                Ok(state) if state == "running" => RemoteError::Cluster(ClusterError::from(error)),
                Ok(state) => RemoteError::HeadLost { run, cluster, state },
                Err(error) => error.into(),
            }
        }
        error => error.into(),
    }
}

/// What was read so far.
#[derive(Debug, Default)]
struct Follower {
    /// The number of the last line.
    at: u64,
    finished: Option<Finished>,
    broke: Option<Broke>,
}

impl Follower {
    /// What the line `text` of the log brings that is new.
    fn line(&mut self, text: &str) -> Option<Seen> {
        let line = Line::read(text).filter(|line| line.at > self.at)?;
        self.at = line.at;
        match line.said {
            Said::Event(event) => {
                if let RunEvent::Finished(finished) = &event {
                    self.finished = Some(finished.clone());
                }
                Some(Seen::Event(event))
            }
            Said::Failures(more) => Some(Seen::Failures(more)),
            Said::Broke(broke) => {
                self.broke = Some(broke);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Note;

    #[test]
    fn the_driver_s_own_lines_are_no_words_of_ray_s() {
        let said =
            "Job entrypoint command failed with exit code -9, last available logs (truncated to 20,000 chars):\n";
        let line = Line { at: 3, said: Said::Failures(2) }.to_text().unwrap();
        assert_eq!(words(&format!("{said}{line}")), "Job entrypoint command failed with exit code -9");
        assert_eq!(words(&format!("{said}{line}thread panicked")).lines().last(), Some("thread panicked"));
        let begin =
            "2026 INFO job_manager.py:581 -- Runtime env is setting up.\nRunning entrypoint for job x: exec y\n";
        assert_eq!(words(&format!("{said}{begin}{line}")), "Job entrypoint command failed with exit code -9");
        assert_eq!(words(""), "Ray says nothing about it");
    }

    #[test]
    fn what_is_read_twice_is_seen_once() {
        let mut follower = Follower::default();
        let note = |at, text: &str| {
            let event = RunEvent::Note(Note { message: text.to_owned() });
            Line { at, said: Said::Event(event) }.to_text().unwrap()
        };
        assert!(follower.line(&note(1, "a")).is_some());
        assert!(follower.line(&note(2, "b")).is_some());
        assert_eq!(follower.line(&note(1, "a")), None);
        assert_eq!(follower.line("Running entrypoint for job x: exec ./genetic-pool drive '{}'"), None);
        assert_eq!(follower.line(&Line { at: 3, said: Said::Failures(2) }.to_text().unwrap()), Some(Seen::Failures(2)));
    }
}
