//! What a driver tells in its log: a line for each event, few and short enough for a log that is read over and over.
//!
//! The log is a view: what counts is the run's file. Lines are known by [`MARK`]; everything else in the log is talk of
//! Ray's or of the evaluation's.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use genetic_pool_evolve::problem::FailureKind;
use serde::{Deserialize, Serialize};

use crate::event::RunEvent;

/// What a driver's lines begin with.
pub const MARK: &str = "@genetic-pool ";
/// Where the run stands is told this often, at first.
const PROGRESS: Duration = Duration::from_millis(400);
/// Generations are told this often, at first.
const GENERATION: Duration = Duration::from_millis(250);
/// The longer a run has taken, the less often it is told: this share of its time, and this often at least. A log of days
/// is still read in seconds.
const SHARE: u32 = 500;
const SELDOM: Duration = Duration::from_secs(5);
/// So many failures of a kind are told as they are, so many notes, and no more characters of a message.
const FAILURES: u32 = 20;
const NOTES: u32 = 100;
const MESSAGE: usize = 4096;

/// A line of a driver's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Its number in this log, from 1: what is read twice is known by it.
    pub at: u64,
    /// What it says.
    pub said: Said,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// Something happened.
    Event(RunEvent),
    /// So many more failures, which are not told one by one.
    Failures(u64),
    /// The run cannot be begun, or broke off.
    Broke(Broke),
}

/// A run cannot be begun, or broke off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broke {
    /// What went wrong.
    pub message: String,
    /// Why, from the nearest cause to the last.
    pub causes: Vec<String>,
    /// What to do.
    pub hint: Option<String>,
    /// The exit code of a run here that breaks off so.
    pub exit: u8,
}

impl Line {
    /// The line as it stands in the log.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        Ok(format!("{MARK}{}\n", serde_json::to_string(self)?))
    }

    /// The line that `text`, a line of the log, is or ends with.
    pub fn read(text: &str) -> Option<Line> {
        // Somebody else's text without a line feed may stand before it.
        let start = text.find(MARK)? + MARK.len();
        serde_json::from_str(text[start..].trim_end()).ok()
    }
}

/// Chooses what of a run's events is told, and numbers it.
#[derive(Debug)]
pub struct Teller {
    began: Instant,
    at: u64,
    progress: Option<Instant>,
    generation: Option<Instant>,
    failures: HashMap<FailureKind, u32>,
    notes: u32,
    untold: u64,
}

impl Default for Teller {
    fn default() -> Teller {
        let (progress, generation, failures) = (None, None, HashMap::new());
        Teller { began: Instant::now(), at: 0, progress, generation, failures, notes: 0, untold: 0 }
    }
}

impl Teller {
    /// The lines for `event`: most often one or none.
    pub fn event(&mut self, event: &RunEvent) -> Vec<Line> {
        let now = Instant::now();
        let seldom = (now.duration_since(self.began) / SHARE).min(SELDOM);
        let due = |told: &mut Option<Instant>, pause: Duration| {
            let pause = pause.max(seldom);
            let due = told.is_none_or(|told| now.duration_since(told) >= pause);
            if due {
                *told = Some(now);
            }
            due
        };
        let told = match event {
            RunEvent::Started(_) | RunEvent::Finished(_) => event.clone(),
            RunEvent::Progress(_) if due(&mut self.progress, PROGRESS) => event.clone(),
            RunEvent::Generation(_) if due(&mut self.generation, GENERATION) => event.clone(),
            RunEvent::Progress(_) | RunEvent::Generation(_) => return Vec::new(),
            RunEvent::Failure(failure) => {
                let told = self.failures.entry(failure.kind).or_default();
                *told += 1;
                if *told > FAILURES {
                    self.untold += 1;
                    return Vec::new();
                }
                let mut failure = failure.clone();
                failure.message = shortened(&failure.message);
                RunEvent::Failure(failure)
            }
            RunEvent::Note(note) => {
                self.notes += 1;
                if self.notes > NOTES {
                    return Vec::new();
                }
                let mut note = note.clone();
                note.message = shortened(&note.message);
                RunEvent::Note(note)
            }
        };
        let mut lines = Vec::new();
        if self.untold > 0 {
            let untold = std::mem::take(&mut self.untold);
            lines.push(self.line(Said::Failures(untold)));
        }
        lines.push(self.line(Said::Event(told)));
        lines
    }

    /// The line that says why there is no more.
    pub fn broke(&mut self, broke: Broke) -> Line {
        self.line(Said::Broke(broke))
    }

    fn line(&mut self, said: Said) -> Line {
        self.at += 1;
        Line { at: self.at, said }
    }
}

/// The start and the end of a long text.
fn shortened(text: &str) -> String {
    if text.len() <= MESSAGE {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(MESSAGE / 4);
    let tail = text.ceil_char_boundary(text.len() - 3 * MESSAGE / 4);
    format!("{}\n…\n{}", &text[..head], &text[tail..])
}

#[cfg(test)]
mod tests {
    use genetic_pool_evolve::problem::CandidateId;

    use super::*;
    use crate::event::{CandidateFailure, Finished, Note, Order, Progress, Stop};

    fn failure(kind: FailureKind, message: &str) -> RunEvent {
        RunEvent::Failure(CandidateFailure { candidate: CandidateId(1), kind, message: message.to_owned() })
    }

    fn finished() -> RunEvent {
        RunEvent::Finished(Finished {
            run: "k3".into(),
            digest: "00".into(),
            evaluations: 1,
            seconds: 0.1 + 0.2,
            stop: Stop::Evaluations,
            timed: false,
            order: Order::Ids,
            best: None,
            front: None,
        })
    }

    #[test]
    fn lines_are_read_among_others() {
        let line = Line { at: 3, said: Said::Event(finished()) };
        let text = line.to_text().unwrap();
        assert_eq!(Line::read(&text), Some(line.clone()));
        assert_eq!(Line::read(&format!("(raylet) half a line{text}")), Some(line));
        let broke = Broke { message: "x".into(), causes: vec!["y".into()], hint: None, exit: 5 };
        let line = Line { at: 1, said: Said::Broke(broke) };
        assert_eq!(Line::read(&line.to_text().unwrap()), Some(line));
        let line = Line { at: 1, said: Said::Failures(7) };
        assert_eq!(line.to_text().unwrap(), "@genetic-pool {\"at\":1,\"said\":{\"failures\":7}}\n");
        assert_eq!(Line::read(&line.to_text().unwrap()), Some(line));
        assert_eq!(Line::read("Running entrypoint for job"), None);
        assert_eq!(Line::read("@genetic-pool {\"at\":"), None);
    }

    #[test]
    fn much_is_told_as_little() {
        let mut teller = Teller::default();
        let progress = RunEvent::Progress(Progress {
            evaluations: 1,
            received: 1,
            running: 1,
            slots: 1,
            seconds: 1.0,
            evaluations_per_second: None,
            busy: None,
            eta_seconds: None,
            best: None,
            front: None,
        });
        assert_eq!(teller.event(&progress).len(), 1);
        assert_eq!(teller.event(&progress), []);
        let told = (0..100).map(|_| teller.event(&failure(FailureKind::Exception, "no")).len()).sum::<usize>();
        assert_eq!(told, 20);
        assert_eq!(teller.event(&failure(FailureKind::NotANumber, "no")).first().unwrap().said, Said::Failures(80));
        let notes = (0..200).map(|_| teller.event(&RunEvent::Note(Note { message: "n".into() })).len()).sum::<usize>();
        assert_eq!(notes, 100);
        let last = teller.event(&finished());
        assert_eq!(last[0], Line { at: 124, said: Said::Event(finished()) });
    }

    #[test]
    fn of_a_long_message_the_start_and_the_end_are_told() {
        let long = format!("Traceback{}the end", "ä".repeat(10_000));
        let lines = Teller::default().event(&failure(FailureKind::Exception, &long));
        let Said::Event(RunEvent::Failure(failure)) = &lines[0].said else { panic!("{lines:?}") };
        assert!(failure.message.len() < 4200);
        assert!(failure.message.starts_with("Traceback") && failure.message.ends_with("the end"));
    }
}
