//! What the run loop hands to the store, and gets back from it.

use std::path::PathBuf;

use genetic_pool_evolve::{
    evaluator::Results,
    outcomes::OutcomeShape,
    problem::{CandidateId, Failure, FailureKind, Signature},
};

use super::{Environment, RunId, StoredFile};

/// A run that begins.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The id it is to have; `None`: a new one.
    pub id: Option<RunId>,
    /// What people call its experiment: the stem of the file's name.
    pub name: String,
    /// The experiment's text, resolved: with `--set` and `--seed` applied.
    pub experiment: String,
    /// The folder of the experiment's file, absolute: where its evaluation is found again.
    pub directory: PathBuf,
    /// What tells the evaluation's code in this program from another: see [`Meta::code`](super::Meta::code).
    pub code: String,
    /// The user's files, as [`collect_files`](super::collect_files) found them.
    pub files: Vec<StoredFile>,
    /// The seed of all chance.
    pub seed: u64,
    /// Space, goals, constraints and measures.
    pub signature: Signature,
    /// The algorithm that was chosen, with all its options, as JSON.
    pub algorithm: serde_json::Value,
    /// What was expected of it, as JSON, where it was tried before.
    pub forecast: Option<serde_json::Value>,
    /// The version of the program.
    pub program_version: String,
    /// Its first session.
    pub session: NewSession,
}

/// A process that begins to work on a run.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// How many evaluations go at once here.
    pub slots: usize,
    /// Where it runs.
    pub environment: Environment,
    /// The command that was typed. It is told to who finds the run taken, and not kept in the run's file.
    pub command: String,
}

/// A generation that was committed.
///
/// Figures are of the first goal in the user's units, over the population's candidates that could be evaluated; NaN
/// where there is no such figure. The sign of a zero is not kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HistoryRow {
    /// The island.
    pub island: u16,
    /// The generation, from 0.
    pub generation: u64,
    /// Committed evaluations after it.
    pub evaluations: u64,
    /// The best candidate's objective.
    pub best: f64,
    /// How far the best candidate violates constraints in all.
    pub violation: f64,
    /// The mean objective.
    pub mean: f64,
    /// The median objective.
    pub median: f64,
    /// The worst objective.
    pub worst: f64,
    /// The greatest objective less the least.
    pub spread: f64,
    /// Failed evaluations up to here.
    pub failures: u64,
    /// Seconds since the run began, pauses not counted.
    pub seconds: f64,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Committed evaluations.
    pub evaluations: u64,
    /// Committed generations.
    pub generations: u64,
    /// The best candidate's first objective, NaN where there is none.
    pub best: f64,
    /// How far the best candidate violates constraints in all, NaN where there is none.
    pub violation: f64,
    /// Failed evaluations.
    pub failures: u64,
    /// Seconds since the run began, pauses not counted.
    pub seconds: f64,
}

/// The search at a commit boundary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRecord {
    /// Committed evaluations.
    pub evaluations: u64,
    /// Committed generations.
    pub generation: u64,
    /// For each island, how many of its candidates are committed: outcomes of others are replayed from the journal.
    pub committed: Vec<u64>,
    /// The state of the search and of the run loop, to be read by who wrote it.
    pub state: Vec<u8>,
}

/// What user code said while it evaluated a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRecord {
    /// Whose evaluation.
    pub candidate: CandidateId,
    /// Which try of it, from 0.
    pub attempt: u32,
    /// Its output.
    pub text: String,
    /// Whether some of it was dropped.
    pub truncated: bool,
}

/// The kind of the event that tells what the hypervolume of a run's front is measured against: an array, one value a goal.
pub const REFERENCE: &str = "reference";

/// Something that happened, for people to read later.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRecord {
    /// What, in a word.
    pub kind: String,
    /// The particulars, as JSON.
    pub data: serde_json::Value,
}

/// How many evaluations failed in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureTally {
    /// In which way.
    pub kind: FailureKind,
    /// How many.
    pub count: u64,
    /// The first of them.
    pub candidate: CandidateId,
    /// What it said.
    pub message: String,
}

/// Something that was decided about the search as a whole: by a clock, or by who resumed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The last candidate it lets count; for [`Decision::AGAIN`], the one whose recorded failure counts no more.
    pub candidate: CandidateId,
    /// What was decided, in a word.
    pub what: String,
}

impl Decision {
    /// A failure that stopped the run was tried again.
    pub const AGAIN: &str = "again";
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq)]
pub struct RunResult {
    /// The digest of its history, in hexadecimal.
    pub digest: String,
    /// Why it ended, in a word.
    pub stop: String,
    /// Committed evaluations.
    pub evaluations: u64,
    /// Committed generations.
    pub generations: u64,
    /// Seconds since the run began, pauses not counted.
    pub seconds: f64,
    /// Whether a clock or the machine's memory decided something.
    pub timed: bool,
}

/// How a session ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// A stop rule ended the run: there is nothing to go on with.
    Finished(RunResult),
    /// Somebody stopped it; it can be resumed.
    Stopped(RunResult),
    /// Something went wrong; it can be resumed once that is put right.
    Failed {
        /// What, as the user was told.
        message: String,
        /// What to do, as the user was told.
        hint: Option<String>,
    },
}

/// Journalled outcomes, in the order in which they were found.
///
/// Where a candidate stands in it twice its first outcome counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal {
    /// Whose, what, and how long it took.
    pub results: Results,
    /// For each, whether a clock or the machine's memory decided it.
    pub timed: Vec<bool>,
}

/// A journalled outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JournalRow<'a> {
    /// Whose.
    pub candidate: CandidateId,
    /// Its objectives; NaN where it failed.
    pub objectives: &'a [f64],
    /// Its constraint outputs; NaN where it failed.
    pub constraints: &'a [f64],
    /// Its measures; NaN where it failed.
    pub measures: &'a [f64],
    /// Why it could not be evaluated.
    pub failure: Option<&'a Failure>,
    /// Seconds it took; 0 where that was not measured.
    pub seconds: f32,
    /// Whether a clock or the machine's memory decided it.
    pub timed: bool,
}

impl Journal {
    /// An empty one for outcomes of shape `shape`.
    pub fn new(shape: OutcomeShape) -> Journal {
        let mut journal = Journal::default();
        journal.results.clear(shape);
        journal
    }

    /// How many outcomes.
    pub fn len(&self) -> usize {
        self.timed.len()
    }

    /// Takes out the evaluations that failed, so that they are tried again; whose they were.
    pub fn forget_failures(&mut self) -> Vec<CandidateId> {
        let failed = self.results.outcomes.failures.iter().map(|(row, _)| self.results.candidates[*row]).collect();
        self.keep(|journal, row| journal.results.outcomes.failure(row).is_none());
        failed
    }

    /// Takes out the first failure of each candidate in `again`, as often as it stands there: it was tried again.
    pub fn forget(&mut self, again: &[CandidateId]) {
        let mut again = again.to_vec();
        self.keep(|journal, row| {
            let failed = journal.results.outcomes.failure(row).is_some();
            let place = again.iter().position(|other| failed && *other == journal.results.candidates[row]);
            place.map(|place| again.swap_remove(place)).is_none()
        });
    }

    /// Takes out the first `rows`.
    pub fn skip(&mut self, rows: usize) {
        self.keep(|_, row| row >= rows);
    }

    fn keep(&mut self, mut wanted: impl FnMut(&Journal, usize) -> bool) {
        let all = std::mem::take(self);
        *self = Journal::new(all.results.outcomes.shape);
        for (row, candidate) in all.results.candidates.iter().enumerate() {
            if wanted(&all, row) {
                self.results.push(*candidate, &all.results.outcomes, row, all.results.seconds[row]);
                self.timed.push(all.timed[row]);
            }
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.timed.is_empty()
    }

    /// Outcome `row`.
    pub fn row(&self, row: usize) -> JournalRow<'_> {
        let outcomes = &self.results.outcomes;
        JournalRow {
            candidate: self.results.candidates[row],
            objectives: outcomes.objectives(row),
            constraints: outcomes.constraints(row),
            measures: outcomes.measures(row),
            failure: outcomes.failure(row),
            seconds: self.results.seconds[row],
            timed: self.timed[row],
        }
    }

    /// The outcomes, in order.
    pub fn iter(&self) -> impl Iterator<Item = JournalRow<'_>> {
        (0..self.len()).map(|row| self.row(row))
    }
}
