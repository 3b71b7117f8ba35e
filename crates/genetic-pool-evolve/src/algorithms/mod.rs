//! Search algorithms: ask/tell state machines that know nothing of where candidates are evaluated.

mod arrangement;
pub mod auto;
mod best;
mod cma_es;
mod config;
mod differential;
mod genetic;
mod kept;
mod memetic;
mod nsga2;
mod pending;
mod population;
mod random;
mod rank;
mod schedule;
mod settings;
mod setup;
mod snapshot;

use serde::{Deserialize, Serialize};

pub use self::{
    arrangement::{CrossoverOperator, MutationOperator},
    cma_es::{CmaEs, CmaEsOptions, CmaEsSettings, Covariance, Restarts},
    config::ConfigError,
    differential::{Jde, JdeOptions, JdeSettings, LShade, LShadeOptions, LShadeSettings},
    genetic::{Genetic, GeneticOptions, GeneticSettings},
    memetic::{Memetic, MemeticOptions, MemeticSettings},
    nsga2::Nsga2,
    population::Population,
    random::{Random, RandomSettings},
    rank::{FailureRank, Rank, order_key},
    schedule::{Schedule, default_window},
    settings::{Choice, Options, Settings},
    setup::Setup,
};
use crate::{
    evaluator::{Batch, Results},
    problem::CandidateId,
};

/// A search as a state machine.
///
/// Candidates are asked for and told about in any grouping and any order; what they lead to is committed in the
/// order of their ids, one [`Committed`] unit at a time: a generation where the algorithm works by generations,
/// one candidate where it is steady-state. The contract suite holds every algorithm to that.
pub trait Algorithm: Send {
    /// Replaces `batch` with up to `room` new candidates; with none while it must wait for results.
    ///
    /// Where the problem takes groups, whole groups are given: the last may exceed `room`.
    fn ask(&mut self, room: usize, batch: &mut Batch);

    /// Takes outcomes of candidates that were asked for. Refuses all of `results` where one of them is wrong.
    fn tell(&mut self, results: &Results) -> Result<(), TellError>;

    /// Commits the next unit if all its outcomes are in. The caller may stop between two units.
    fn commit(&mut self) -> Option<Committed<'_>>;

    /// How many candidates the next unit holds.
    fn next_unit(&self) -> usize;

    /// The population after the last committed unit.
    fn population(&self) -> &Population;

    /// All its state at a commit boundary, candidates that are out included.
    ///
    /// An algorithm restored from it asks for those again and goes on as this one would.
    fn snapshot(&self) -> Snapshot;
}

/// One committed unit: candidates with consecutive ids and their outcomes.
#[derive(Clone, Copy, Debug)]
pub struct Committed<'a> {
    /// The generation they complete or belong to, from 0.
    pub generation: u64,
    /// Whether a generation ended with this unit.
    pub generation_ends: bool,
    /// The candidates, ascending, with genomes, outcomes and ranks.
    pub candidates: &'a Population,
    /// The population after them.
    pub population: &'a Population,
}

/// The state of an algorithm, to be read by the version of the same algorithm that wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The algorithm's name.
    pub algorithm: String,
    /// The version of its semantics: another one cannot go on from here.
    pub version: u32,
    /// Its state.
    pub state: Vec<u8>,
}

/// What was told and cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TellError {
    #[error("candidate {candidate} was never asked for")]
    Unknown { candidate: CandidateId },
    #[error("candidate {candidate} was told about already")]
    Duplicate { candidate: CandidateId },
    #[error("results hold {candidates} candidates and {rows} outcomes")]
    Lengths { candidates: usize, rows: usize },
    #[error("the outcomes are of other goals, constraints or measures")]
    Shape,
    #[error("candidate {candidate} has a value that is not a number among its objectives or constraints")]
    NotANumber { candidate: CandidateId },
}

/// Why a snapshot cannot be restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RestoreError {
    #[error("the snapshot is of algorithm `{found}`, not of `{expected}`")]
    Algorithm { found: String, expected: &'static str },
    #[error("the snapshot is of version {found} of `{algorithm}`; this program knows version {expected}")]
    Version { algorithm: String, found: u32, expected: u32 },
    #[error("the snapshot cannot be read")]
    Damaged {
        #[source]
        source: postcard::Error,
    },
    #[error("the snapshot is of another space, of other goals or of other settings")]
    Shape,
    #[error("the settings are not valid")]
    Config {
        #[source]
        source: ConfigError,
    },
}
