//! From nothing to a child that is ready.

use std::{
    io::Read,
    time::{Duration, Instant},
};

use super::{
    super::{
        child::{Child, Ended, Happened, Start},
        frames::Refusal,
        output::Capture,
    },
    language::{Asked, Language, Said},
    slot::Slot,
};

/// How long a child may take to get ready.
const START: Duration = Duration::from_mins(5);

/// Why a child did not get ready.
pub(super) enum NotReady {
    /// Nobody waits for it any more.
    Cancelled,
    /// With these words; `hopeless` where it will never be otherwise.
    Failed { hopeless: bool, message: String, hint: Option<String> },
}

impl Slot {
    /// Starts a child and waits until it is ready.
    pub(super) fn start(&mut self, start: &Start, language: &dyn Language) -> Result<Child, NotReady> {
        let failed = |message: String| NotReady::Failed { hopeless: false, message, hint: None };
        let mut child = Child::start(start, &self.shared.directory, true)
            .map_err(|error| failed(format!("a process for evaluations cannot be started: {error}")))?;
        language.greet(child.outgoing());
        let deadline = Instant::now() + START;
        loop {
            match language.hear(child.received(), Asked::Greeting, &mut self.heard) {
                Ok(Some((length, Said::Ready))) => {
                    child.consume(length);
                    // What it printed on the way is nobody's.
                    child.collect_output();
                    child.output.take();
                    self.shared.queue.started();
                    return Ok(child);
                }
                Ok(Some((_, Said::Refused(Refusal { message, hint })))) => {
                    return Err(NotReady::Failed { hopeless: true, message, hint });
                }
                Ok(Some(_)) => return Err(failed("the evaluation's process answered out of turn".to_owned())),
                Err(words) => {
                    child.collect_output();
                    let said = with(&child.output);
                    return Err(failed(format!("the evaluation's process answered {words} when it was greeted{said}")));
                }
                Ok(None) => {}
            }
            let happened = child
                .wait(&self.wake, Some(deadline))
                .map_err(|error| failed(format!("the pipe to the evaluation's process broke: {error}")))?;
            let what = match happened {
                Happened::Received => continue,
                Happened::Woken => {
                    let _ = self.wake.read(&mut [0; 64]);
                    if self.shared.queue.idle() {
                        return Err(NotReady::Cancelled);
                    }
                    continue;
                }
                Happened::Ended(ended) => ended_words(ended, start),
                Happened::Closed => "closed its output".to_owned(),
                Happened::Late => format!("was not ready after {} s", START.as_secs()),
            };
            child.collect_output();
            let hopeless = matches!(happened, Happened::Ended(ended) if ended.hopeless());
            let message = format!("the evaluation's process {what}{}", with(&child.output));
            return Err(NotReady::Failed { hopeless, message, hint: None });
        }
    }
}

/// The last lines of `output`, on lines of their own.
fn with(output: &Capture) -> String {
    let said = output.last_lines(20);
    if said.is_empty() { said } else { format!("\n{said}") }
}

/// How a child ended that was not yet ready.
pub(super) fn ended_words(ended: Ended, start: &Start) -> String {
    match ended {
        Ended::NotStarted(errno) => {
            let program = start.command.first().map(|program| program.to_string_lossy()).unwrap_or_default();
            format!("`{program}` cannot be started: {}", std::io::Error::from_raw_os_error(errno))
        }
        Ended::Exited(code) => format!("ended with exit code {code} before it was ready"),
        Ended::Signaled(signal) => format!("was ended by signal {signal} before it was ready"),
        Ended::GuardKilled => "was killed before it was ready".to_owned(),
    }
}
