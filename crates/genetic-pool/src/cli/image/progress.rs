//! Shows the steps of a build: a line drawn over and over on a terminal, a line a step elsewhere.

use std::time::Instant;

use genetic_pool_cluster::image::{BuildEvent, StepState};
use indicatif::ProgressBar;

use crate::cli::{
    printer::{Colour, Printer},
    progress, words,
};

/// How much of an instruction is shown: programs of steps are long.
const WIDTH: usize = 90;

/// Consumes the events of one build and shows them on standard error.
pub(in crate::cli) struct Steps {
    printer: Printer,
    /// Drawn over and over, where a person watches.
    live: Option<ProgressBar>,
    /// When each step that runs began.
    began: Vec<(usize, Instant)>,
    pulled: bool,
}

impl Steps {
    /// A view for events that come from now on.
    pub(in crate::cli) fn new(printer: Printer) -> Steps {
        let live = printer.live.then(progress::bar);
        if let Some(bar) = &live {
            bar.enable_steady_tick(std::time::Duration::from_millis(100));
        }
        Steps { printer, live, began: Vec::new(), pulled: false }
    }

    /// Shows `event`.
    pub(in crate::cli) fn event(&mut self, event: BuildEvent) {
        match event {
            BuildEvent::Pull { image, words } => self.pull(&image, &words),
            BuildEvent::Step { name, state, .. } if is_of_engine(&name) && state != StepState::Failed => {}
            BuildEvent::Step { number, name, state: StepState::Running, line, .. } => self.runs(number, &name, line),
            BuildEvent::Step { number, name, state, seconds, .. } => {
                self.began.retain(|(step, _)| *step != number);
                let (colour, word) = match state {
                    StepState::Done => (Colour::Green, format!("done in {}", words::seconds(seconds))),
                    StepState::Cached => (Colour::Dim, "done before".to_owned()),
                    StepState::Failed => (Colour::Red, "failed".to_owned()),
                    StepState::Running => return,
                };
                self.talk(&format!("step {number}: {} {}", cut(&name), self.printer.paint(colour, &word)));
            }
        }
    }

    fn pull(&mut self, image: &str, words: &str) {
        match &self.live {
            Some(bar) => bar.set_message(format!("fetching {image}: {words}")),
            None if self.pulled => {}
            None => self.printer.talk(format_args!("fetching {image}")),
        }
        self.pulled = true;
    }

    fn runs(&mut self, number: usize, name: &str, line: Option<String>) {
        let began = self.began.iter().find(|(step, _)| *step == number).map(|(_, began)| *began);
        let began = began.unwrap_or_else(|| {
            self.began.push((number, Instant::now()));
            Instant::now()
        });
        match (&self.live, line) {
            (Some(bar), line) => {
                let line = line.unwrap_or_else(|| cut(name));
                bar.set_message(format!("step {number}, {}: {line}", words::duration(began.elapsed())));
            }
            // Steps print many lines; who cannot watch them does not want them in a log.
            (None, Some(_)) => {}
            (None, None) => self.printer.talk(format_args!("step {number}: {}", cut(name))),
        }
    }

    /// Prints above the live line.
    fn talk(&self, text: &str) {
        match &self.live {
            Some(bar) => bar.suspend(|| self.printer.talk(text)),
            None => self.printer.talk(text),
        }
    }
}

impl Drop for Steps {
    /// What is printed next must not stand behind a half-drawn line.
    fn drop(&mut self) {
        if let Some(bar) = &self.live {
            bar.finish_and_clear();
        }
    }
}

/// Whether a step is no instruction of ours: reading the folder, looking the base up.
fn is_of_engine(name: &str) -> bool {
    name.starts_with("[internal]") || !(name.starts_with('[') || name.starts_with("exporting"))
}

/// The beginning of `name`.
fn cut(name: &str) -> String {
    match name.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_instructions_are_cut_between_letters() {
        assert_eq!(cut("RUN x"), "RUN x");
        let long = cut(&"ä".repeat(200));
        assert_eq!(long.chars().count(), WIDTH + 1);
    }
}
