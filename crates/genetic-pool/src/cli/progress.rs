//! Shows a run's events: a line drawn over and over on a terminal, a line now and then elsewhere, or JSON.

mod line;
pub(super) mod summary;

use std::{
    iter,
    time::{Duration, Instant},
};

use genetic_pool_evolve::problem::{FailureKind, Goal};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::line::Standing;
pub(crate) use self::summary::rounded;
use super::{
    error::CliError,
    printer::{Colour, Printer},
    words,
};
use crate::event::{CandidateFailure, Front, RunEvent, Started};

/// How often the live line is drawn at most.
const LIVE: Duration = Duration::from_millis(100);
/// When the first plain line comes: a run that takes no longer needs none.
const FIRST: Duration = Duration::from_secs(1);
/// How far apart the further ones are.
const PLAIN: Duration = Duration::from_secs(10);

/// Consumes the events of one run and shows them.
pub(crate) struct Progress {
    printer: Printer,
    program: String,
    view: View,
    started: Option<Started>,
    standing: Standing,
    /// Kinds of failures whose first message was shown.
    shown: Vec<FailureKind>,
    /// When the next line may come.
    due: Instant,
}

enum View {
    /// A person watches: one line, drawn over and over.
    Live(ProgressBar),
    /// Nobody watches: a line now and then.
    Plain,
    /// A program reads: events as JSON on standard output.
    Json,
}

impl Progress {
    /// A view for events that come from now on; `program` is what the program is called.
    pub(crate) fn new(printer: Printer, json: bool, program: &str) -> Progress {
        let view = match (json, printer.live) {
            (true, _) => View::Json,
            (false, true) => View::Live(bar()),
            (false, false) => View::Plain,
        };
        let due = match view {
            View::Live(_) | View::Json => Instant::now(),
            View::Plain => Instant::now() + FIRST,
        };
        Progress {
            printer,
            program: program.to_owned(),
            view,
            started: None,
            standing: Standing::default(),
            shown: Vec::new(),
            due,
        }
    }

    /// Shows `event`. Cheap where nothing is due.
    pub(crate) fn event(&mut self, event: &RunEvent) -> Result<(), CliError> {
        if let View::Json = self.view {
            return self.printer.json(event);
        }
        match event {
            RunEvent::Started(started) => {
                self.talk(&line::heading(started));
                if let View::Live(bar) = &self.view {
                    bar.enable_steady_tick(LIVE);
                }
                self.standing.evaluations = started.evaluations;
                self.started = Some(started.clone());
            }
            RunEvent::Progress(progress) => {
                if self.is_due() {
                    self.standing.progress(progress);
                    self.draw();
                }
            }
            RunEvent::Generation(generation) => {
                if self.is_due() {
                    self.standing.generation(generation);
                    self.draw();
                }
            }
            RunEvent::Failure(failure) => self.failure(failure),
            RunEvent::Note(note) => {
                let word = self.printer.paint(Colour::Yellow, "note:");
                self.talk(&format!("{word} {}", note.message));
            }
            RunEvent::Finished(finished) => {
                if let View::Live(bar) = &self.view {
                    bar.finish_and_clear();
                }
                let goals = self.started.as_ref().map_or(&[][..], |started| &started.goals);
                self.printer.data(summary::text(finished, goals, self.standing.failures))?;
                self.printer.next(&summary::next(finished, &self.program));
            }
        }
        Ok(())
    }

    fn is_due(&self) -> bool {
        Instant::now() >= self.due
    }

    fn draw(&mut self) {
        let Some(started) = &self.started else { return };
        let text = line::text(started, &self.standing, &jiff::Zoned::now());
        let pause = match &self.view {
            View::Live(bar) => {
                bar.set_message(text);
                LIVE
            }
            View::Plain | View::Json => {
                self.printer.talk(text);
                PLAIN
            }
        };
        self.due = Instant::now() + pause;
    }

    /// The first failure of each kind is shown as the evaluation told it, the others are counted.
    fn failure(&mut self, failure: &CandidateFailure) {
        self.standing.failures += 1;
        if self.shown.contains(&failure.kind) {
            return;
        }
        self.shown.push(failure.kind);
        let word = self.printer.paint(Colour::Yellow, "failure:");
        let heading = format!("{word} candidate {}, {}", failure.candidate, failure.kind.word());
        let message = failure.message.trim_end().lines().map(|line| format!("  | {line}"));
        self.talk(&iter::once(heading).chain(message).collect::<Vec<_>>().join("\n"));
    }

    /// Counts failures that are not told one by one.
    #[cfg(feature = "cluster")]
    pub(crate) fn failures(&mut self, more: u64) {
        self.standing.failures += more;
    }

    /// Prints above the live line.
    pub(crate) fn talk(&self, text: &str) {
        match &self.view {
            View::Live(bar) => bar.suspend(|| self.printer.talk(text)),
            View::Plain | View::Json => self.printer.talk(text),
        }
    }
}

impl Drop for Progress {
    /// An error that is printed next must not stand behind a half-drawn line.
    fn drop(&mut self) {
        if let View::Live(bar) = &self.view {
            bar.finish_and_clear();
        }
    }
}

pub(crate) fn bar() -> ProgressBar {
    let hertz = (1000 / LIVE.as_millis()) as u8;
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(hertz));
    let style =
        ProgressStyle::with_template("{spinner} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    bar.with_style(style).with_message("starting")
}

/// `front of 57 candidates, hypervolume 0.8312`.
fn front(front: &Front) -> String {
    let volume = front.hypervolume.map(|volume| format!(", hypervolume {}", words::objective(volume)));
    format!("front of {}{}", words::things(front.candidates as u64, "candidate"), volume.unwrap_or_default())
}

/// `drag 0.0213, mass 12.5`, and how far constraints are violated.
fn best(objectives: &[f64], violation: f64, goals: &[Goal]) -> String {
    let names = goals.iter().map(|goal| format!("{} ", goal.name)).chain(iter::repeat_with(String::new));
    let objectives = objectives.iter().zip(names).map(|(value, name)| name + &words::objective(*value));
    let infeasible = match violation {
        0.0 => String::new(),
        _ => format!(" (infeasible: constraints are violated by {})", words::objective(violation)),
    };
    objectives.collect::<Vec<_>>().join(", ") + &infeasible
}
