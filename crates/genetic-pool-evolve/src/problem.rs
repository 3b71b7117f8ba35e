//! What is to be optimised: a space, goals, constraints, and how a candidate is evaluated.

use std::{ops::Range, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    operators::Operators,
    outcomes::Outcomes,
    space::{Genome, Genomes, Space},
};

/// An evaluation and what it is over. User code: it is never told of threads, batches or clusters.
pub trait Problem: Send + Sync {
    /// The space, goals, constraints and measures; the same at every call.
    fn signature(&self) -> Signature;

    /// Evaluates one candidate: fills `outcome`, or says why it cannot be evaluated.
    ///
    /// Exactness asks that it is a function of `genome` and `trial.seed` alone.
    fn evaluate(&self, genome: Genome<'_>, trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure>;

    /// What it brings along for the search: operators of its own, a local search, distances. None by default.
    ///
    /// Asked for once, before the first candidate: what takes long to prepare is prepared here.
    fn operators(&self) -> Operators {
        Operators::default()
    }

    /// Evaluates the rows `rows` of `genomes` into the same rows of `outcomes`.
    ///
    /// The default calls [`evaluate`](Problem::evaluate) for each; cheap problems do a block at a time.
    /// A row that fails is recorded with [`Outcomes::fail`].
    fn evaluate_batch(&self, batch: BatchView<'_>, outcomes: &mut Outcomes) {
        for row in batch.rows.clone() {
            let genome = Genome::new(batch.space, batch.genomes, row);
            let result = self.evaluate(genome, &batch.trial(row), &mut outcomes.row_mut(row));
            if let Err(failure) = result {
                outcomes.fail(row, failure);
            }
        }
    }
}

/// The candidates of one call of [`Problem::evaluate_batch`].
#[derive(Clone, Debug)]
pub struct BatchView<'a> {
    /// The problem's space.
    pub space: &'a Space,
    /// Genomes, of which only `rows` are to be evaluated.
    pub genomes: &'a Genomes,
    /// The ids of all rows.
    pub candidates: &'a [CandidateId],
    /// Which rows to evaluate.
    pub rows: Range<usize>,
    /// The run's seed, from which trials take theirs.
    pub seed: u64,
}

impl BatchView<'_> {
    /// The trial of row `row`.
    pub fn trial(&self, row: usize) -> Trial {
        Trial::new(self.seed, self.candidates[row])
    }
}

/// What a problem optimises and reports.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Where its candidates come from.
    pub space: Space,
    /// At least one.
    pub goals: Vec<Goal>,
    /// May be empty.
    pub constraints: Vec<Constraint>,
    /// Names of extra outputs, which are stored and plotted and decide nothing.
    pub measures: Vec<String>,
}

/// An objective.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// Its name.
    pub name: String,
    /// Which way is better.
    pub direction: Direction,
}

/// Which way an objective is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Smaller is better.
    Minimize,
    /// Greater is better.
    Maximize,
}

/// A named output that must stay within a bound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// Where it must stay.
    pub bound: Bound,
}

/// Where a constrained output must stay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Bound {
    /// At most this.
    Max(f64),
    /// At least this.
    Min(f64),
    /// Within `tolerance` of `value`.
    Equals {
        /// The value.
        value: f64,
        /// How far off still counts as equal; at least 0.
        tolerance: f64,
    },
}

/// A candidate: its island, and its place in that island's order of birth.
///
/// Sorting by id is sorting by (island, index); the index takes 48 bits, the island 16. The last island is none: see
/// [`CandidateId::KNOWN`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CandidateId(pub u64);

/// What is no candidate's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a candidate is a whole number below 2^48, behind `ISLAND.` on another island than 0, or behind `known.`")]
pub struct CandidateIdError;

/// One evaluation of a candidate.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Trial {
    /// Whose.
    pub candidate: CandidateId,
    /// Which repetition, from 0.
    pub replicate: u32,
    /// The seed of all chance in it: a function of the run's seed, the candidate and the replicate. A retry keeps it.
    pub seed: u64,
    /// How long it may take, where there is a limit.
    pub deadline: Option<Duration>,
    /// A folder of its own, where the evaluation has one.
    pub scratch: Option<PathBuf>,
}

/// Where one evaluation writes what it found: the outcome's columns of one row, in the order of the signature.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// One per goal, in the user's units and direction.
    pub objectives: &'a mut [f64],
    /// One per constraint: the output itself, not its violation.
    pub constraints: &'a mut [f64],
    /// One per measure.
    pub measures: &'a mut [f64],
}

/// Why a candidate could not be evaluated. It is data: the search goes on by the failure policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened, in one word.
    pub kind: FailureKind,
    /// What the evaluation said: a traceback, the last lines of its output.
    pub message: String,
}

/// What happened to an evaluation that failed. The numbers are part of the digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum FailureKind {
    /// The user's code raised an exception, returned an error or panicked.
    Exception = 1,
    /// An objective or a constraint was not a number.
    NotANumber = 2,
    /// What it returned has the wrong shape: missing or unknown names, the wrong number of goals, not a number at all.
    WrongOutput = 3,
    /// It took longer than its time limit.
    Timeout = 4,
    /// It took more memory than its limit.
    Memory = 5,
    /// It ended with an exit code or a signal of its own.
    Exit = 6,
    /// It was killed from outside three times, the last time alone in a fresh process.
    Killed = 7,
}

impl Signature {
    /// How far `constraints` are out of bounds in all, summed in order: 0 where the candidate is feasible.
    pub fn violation(&self, constraints: &[f64]) -> f64 {
        let mut sum = 0.0;
        for (constraint, value) in self.constraints.iter().zip(constraints) {
            sum += constraint.bound.violation(*value);
        }
        sum
    }
}

impl Bound {
    /// How far `value` is out of bounds; 0 where it is within.
    pub fn violation(&self, value: f64) -> f64 {
        let excess = match *self {
            Bound::Max(max) => value - max,
            Bound::Min(min) => min - value,
            Bound::Equals { value: wanted, tolerance } => (value - wanted).abs() - tolerance,
        };
        // -0.0 and negative excess are no violation.
        if excess > 0.0 { excess } else { 0.0 }
    }
}

impl Direction {
    /// `value` such that smaller is better; its own inverse.
    pub fn minimized(self, value: f64) -> f64 {
        match self {
            Direction::Minimize => value,
            Direction::Maximize => -value,
        }
    }
}

impl CandidateId {
    /// In place of an island: what was known before the run, by its row.
    pub const KNOWN: u16 = u16::MAX;

    /// The candidate `index` of island `island`; `index` below 2^48.
    pub fn new(island: u16, index: u64) -> CandidateId {
        debug_assert!(index < 1 << 48);
        CandidateId(u64::from(island) << 48 | index)
    }

    /// The island.
    pub fn island(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// The place in the island's order of birth, from 0.
    pub fn index(self) -> u64 {
        self.0 & ((1 << 48) - 1)
    }
}

impl std::fmt::Display for CandidateId {
    /// `17`, or `3.17` on island 3, or `known.17`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.island() {
            0 => write!(f, "{}", self.index()),
            CandidateId::KNOWN => write!(f, "known.{}", self.index()),
            island => write!(f, "{island}.{}", self.index()),
        }
    }
}

impl std::str::FromStr for CandidateId {
    type Err = CandidateIdError;

    fn from_str(text: &str) -> Result<CandidateId, CandidateIdError> {
        let (island, index) = text.split_once('.').unwrap_or(("0", text));
        let island = match island {
            "known" => CandidateId::KNOWN,
            island => island.parse().ok().filter(|island| *island != CandidateId::KNOWN).ok_or(CandidateIdError)?,
        };
        let index = index.parse().ok().filter(|index| *index < 1 << 48).ok_or(CandidateIdError)?;
        Ok(CandidateId::new(island, index))
    }
}

impl Trial {
    /// The first trial of `candidate` in a run with seed `seed`, without limit or folder.
    pub fn new(seed: u64, candidate: CandidateId) -> Trial {
        let seed =
            crate::random::Stream::new(seed, candidate.island(), crate::random::Purpose::Trial, candidate.index())
                .next();
        Trial { candidate, replicate: 0, seed, deadline: None, scratch: None }
    }
}

impl Failure {
    /// A failure of the user's own code.
    pub fn exception(message: impl Into<String>) -> Failure {
        Failure { kind: FailureKind::Exception, message: message.into() }
    }
}

impl FailureKind {
    /// The word it is called by.
    pub fn word(self) -> &'static str {
        match self {
            FailureKind::Exception => "exception",
            FailureKind::NotANumber => "not a number",
            FailureKind::WrongOutput => "wrong output",
            FailureKind::Timeout => "time-out",
            FailureKind::Memory => "memory",
            FailureKind::Exit => "exit",
            FailureKind::Killed => "killed",
        }
    }

    /// Whether a clock or the memory of the machine decided it, so that a fresh evaluation may differ.
    pub fn timed(self) -> bool {
        matches!(self, FailureKind::Timeout | FailureKind::Memory | FailureKind::Killed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        for id in [CandidateId::new(0, 0), CandidateId::new(3, 17), CandidateId::new(u16::MAX, (1 << 48) - 1)] {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert_eq!(CandidateId::new(3, 17).to_string(), "3.17");
        // 2^48 + 5 is not candidate 5.
        for text in ["", "x", "-1", "1.", ".1", "65536.1", "281474976710661"] {
            assert_eq!(text.parse::<CandidateId>(), Err(CandidateIdError), "{text}");
        }
    }

    #[test]
    fn violations_are_what_is_out_of_bounds() {
        let equals = Bound::Equals { value: 2.0, tolerance: 0.5 };
        for (bound, value, violation) in [
            (Bound::Max(1.0), 1.5, 0.5),
            (Bound::Max(1.0), f64::NEG_INFINITY, 0.0),
            (Bound::Max(1.0), f64::INFINITY, f64::INFINITY),
            (Bound::Min(1.0), 1.0, 0.0),
            (Bound::Min(1.0), -1.0, 2.0),
            (equals, 2.5, 0.0),
            (equals, 1.0, 0.5),
        ] {
            assert_eq!(bound.violation(value).to_bits(), violation.to_bits(), "{bound:?} {value}");
        }
    }
}
