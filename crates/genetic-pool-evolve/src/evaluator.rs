//! Where trials run: the contract between the run loop and threads, processes or a cluster.

use std::time::Duration;

use crate::{
    islands::Island,
    outcomes::{OutcomeShape, Outcomes},
    problem::CandidateId,
    space::{Genomes, Shape},
};

/// Evaluates candidates, any number at a time, and hands the outcomes back in any order.
///
/// What it finds must not depend on grouping, order, slots or losses: the contract suite holds every evaluator to that.
pub trait Evaluator {
    /// How many evaluations can go at once; may change during a run.
    fn slots(&self) -> usize;

    /// Takes `batch`, leaving an empty one with its buffers or others to fill.
    fn submit(&mut self, batch: &mut Batch) -> Result<(), EvaluatorError>;

    /// Replaces `results` with what has been found since the last call, waiting at most `wait` for the first of it.
    ///
    /// Returns with none before `wait` is over only where nothing is out.
    fn receive(&mut self, results: &mut Results, wait: Duration) -> Result<(), EvaluatorError>;

    /// Drops all that is out: it is never received, and what still runs is killed where that is possible.
    fn cancel(&mut self);

    /// Where whole islands can be run, if they can.
    fn islands(&mut self) -> Option<&mut dyn IslandRunner> {
        None
    }
}

/// Runs islands whole, evaluation and variation together: for evaluations that take less than handing them over.
///
/// Where an island is run, and how far at a time, must not decide what comes of it.
pub trait IslandRunner {
    /// Whether that is faster for `islands` islands than having their candidates evaluated, as far as is known.
    fn pays(&mut self, islands: usize) -> bool;

    /// How many can run at once.
    fn places(&mut self) -> usize;

    /// Has `island` run for a while, and no further than to the end of its epoch.
    fn start(&mut self, island: Box<Island>) -> Result<(), EvaluatorError>;

    /// An island that has run, waiting at most `wait` for it.
    fn finish(&mut self, wait: Duration) -> Result<Option<Ran>, EvaluatorError>;
}

/// An island that has run for a while.
pub struct Ran {
    /// The island.
    pub island: Box<Island>,
    /// How many evaluations it made.
    pub evaluations: u64,
    /// Seconds it took. Decides nothing.
    pub seconds: f64,
}

/// Candidates to be evaluated, in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Their ids.
    pub candidates: Vec<CandidateId>,
    /// Their genomes, row by row.
    pub genomes: Genomes,
    /// Where the problem takes groups (`problem.batch`): for each row the index of the first of its group.
    /// A group is evaluated by one call and is never split over two batches. Empty: each candidate alone.
    pub groups: Vec<u64>,
}

/// What became of some candidates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// Whose, in any order.
    pub candidates: Vec<CandidateId>,
    /// Their outcomes, row by row.
    pub outcomes: Outcomes,
    /// Seconds each evaluation took, 0 where it was not measured singly. Decides nothing.
    pub seconds: Vec<f32>,
}

/// Why an evaluator cannot go on. One candidate's failure is no such error: it is an outcome.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct EvaluatorError {
    /// What happened, as a fragment in lower case.
    pub message: String,
    /// What to try, where something can be said.
    pub hint: Option<String>,
    /// What caused it.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Batch {
    /// Empties it, keeping the room, for genomes of shape `shape`.
    pub fn clear(&mut self, shape: Shape) {
        self.candidates.clear();
        self.genomes.clear(shape);
        self.groups.clear();
    }
}

impl Results {
    /// Empties it, keeping the room, for outcomes of shape `shape`.
    pub fn clear(&mut self, shape: OutcomeShape) {
        self.candidates.clear();
        self.outcomes.reset(shape, 0);
        self.seconds.clear();
    }

    /// Appends one candidate's outcome: row `row` of `outcomes`.
    pub fn push(&mut self, candidate: CandidateId, outcomes: &Outcomes, row: usize, seconds: f32) {
        self.candidates.push(candidate);
        self.outcomes.push(outcomes, row);
        self.seconds.push(seconds);
    }
}
