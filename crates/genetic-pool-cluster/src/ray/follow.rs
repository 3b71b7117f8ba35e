//! A job's log, line by line, while it is written.

use std::time::{Duration, Instant};

use futures_util::{Stream, stream};

use super::{
    Job, Ray, RayError,
    http::{Call, encoded},
    log_window::{LogWindow, Reading},
};

/// From one look at a log that grows to the next.
const BRISK: Duration = Duration::from_millis(300);
/// From one look at a silent log to the next, at most.
const CALM: Duration = Duration::from_millis(1200);
/// How long Ray may be out of reach before that is told.
const PATIENCE: Duration = Duration::from_secs(20);

impl Ray {
    /// The lines the job `id` prints, from the first one on, as they come; they end when the job has ended and all has
    /// been read.
    ///
    /// A line is there within half a second while the log grows, within a second and a half after a silence. The head may
    /// be out of reach for 20 seconds without a line being lost or given twice; after that, or when Ray no longer
    /// knows the job, an error is the last item. A line of more than 4 MiB comes in pieces.
    pub fn follow_log(&self, id: &str) -> impl Stream<Item = Result<String, RayError>> + Send + 'static {
        let follower = Follower {
            ray: self.clone(),
            job: id.to_owned(),
            window: LogWindow::default(),
            pause: Duration::ZERO,
            ended: false,
        };
        stream::unfold(follower, |mut follower| async {
            let item = follower.next().await?;
            Some((item, follower))
        })
    }
}

impl Ray {
    /// All the job `id` has printed; nothing where its program was not started. [`Ray::follow_log`] is for logs that
    /// are long, or that grow.
    pub async fn log(&self, id: &str) -> Result<String, RayError> {
        let job = self.job(id).await?;
        // Ray has a call for it, which fails where a log is not all UTF-8.
        let Some(node) = &job.node else { return Ok(String::new()) };
        self.call(log_of(&job, node, WHOLE)).await?.success().await?.text().await
    }
}

/// For [`log_of`]: all lines.
const WHOLE: &str = "-1";

/// Reads the last `lines` lines of what `job` prints on the node `node`.
fn log_of(job: &Job, node: &str, lines: &str) -> Call {
    let file = encoded(&format!("job-driver-{}.log", job.id));
    let path = format!("/api/v0/logs/file?node_id={}&filename={file}&lines={lines}", encoded(node));
    Call::get(format!("read the log of job `{}`", job.id), path)
}

struct Follower {
    ray: Ray,
    job: String,
    window: LogWindow,
    /// What to wait before the next look.
    pause: Duration,
    /// Nothing follows any more.
    ended: bool,
}

impl Follower {
    async fn next(&mut self) -> Option<Result<String, RayError>> {
        let mut lost: Option<Instant> = None;
        loop {
            if let Some(line) = self.window.lines.pop_front() {
                return Some(Ok(line));
            }
            if self.ended {
                return None;
            }
            tokio::time::sleep(self.pause).await;
            match self.look().await {
                Ok(()) => {
                    lost = None;
                    let silent = self.window.lines.is_empty();
                    self.pause = if silent { (self.pause * 3 / 2).clamp(BRISK, CALM) } else { BRISK };
                }
                Err(error) if error.passes() && lost.get_or_insert_with(Instant::now).elapsed() < PATIENCE => {
                    self.pause = CALM;
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
    }

    /// Reads what is new. The state is asked for first: what is read after the job has ended is all there is.
    async fn look(&mut self) -> Result<(), RayError> {
        let job = self.ray.job(&self.job).await?;
        if let Some(node) = &job.node {
            self.read(&job, node).await?;
        }
        if job.status.is_terminal() {
            self.window.close();
            self.ended = true;
        }
        Ok(())
    }

    async fn read(&mut self, job: &Job, node: &str) -> Result<(), RayError> {
        let reading = self.window.next();
        self.window.begin();
        if let Reading::Last(lines) = reading {
            let tail = self.ray.call(log_of(job, node, &lines.to_string())).await?.success().await?.bytes().await?;
            if self.window.take_last(&tail) {
                return Ok(());
            }
        }
        let mut answer = self.ray.call(log_of(job, node, WHOLE)).await?.success().await?;
        let mut offset = 0;
        while let Some(part) = answer.part().await? {
            self.window.take(offset, &part);
            offset += part.len() as u64;
        }
        Ok(())
    }
}
