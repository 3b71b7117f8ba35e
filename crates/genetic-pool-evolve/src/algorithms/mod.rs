//! Search algorithms: ask/tell state machines that know nothing of where candidates are evaluated.

mod archive;
mod arrangement;
mod arrival;
pub mod auto;
mod best;
mod cma_es;
mod completion;
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

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

pub use self::{
    archive::Archive,
    arrangement::{CrossoverOperator, MutationOperator},
    arrival::{Accepted, Arrival, Replaced, Replacement},
    cma_es::{CmaEs, CmaEsOptions, CmaEsSettings, Covariance, Restarts},
    config::ConfigError,
    differential::{Jde, JdeOptions, JdeSettings, LShade, LShadeOptions, LShadeSettings},
    genetic::{Genetic, GeneticOptions, GeneticSettings},
    memetic::{Memetic, MemeticOptions, MemeticSettings},
    nsga2::Nsga2,
    population::Population,
    random::{Random, RandomSettings},
    rank::{FailureRank, Rank, order_key},
    schedule::{Schedule, default_free, default_window},
    settings::{Choice, Options, Settings},
    setup::{Known, Setup},
};
pub(crate) use self::{
    config::{MOST, UP_TO_MOST, check_count},
    pending::check_numbers,
    population::standing,
    snapshot::{MOST_CANDIDATES, check_genomes},
};
use crate::{
    evaluator::{Batch, Results},
    islands::Islands,
    problem::CandidateId,
};

/// A search as a state machine.
///
/// Candidates are asked for and told about in any grouping and any order; what they lead to is committed in the
/// order of their ids, one [`Committed`] unit at a time: a generation where the algorithm works by generations,
/// one candidate where it is steady-state. By [`Schedule::Free`] it is committed in the order in which it was told, and
/// the history is a function of that order, not of the grouping. The contract suite holds every algorithm to that.
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

    /// By [`Schedule::Free`], the candidates whose outcomes are in, in the order in which they will be committed; `None`
    /// where that is the order of ids.
    fn completed(&self) -> Option<&VecDeque<CandidateId>> {
        None
    }

    /// Takes in candidates that other islands found: between two units, before any candidate is asked for that is not
    /// bred yet. None of them changes what is bred already.
    ///
    /// What it makes of them is a function of its state and of `arrival` alone, and part of its state from then on: they
    /// keep their ids, and a population that holds one of them does so in place of one of its own. The default is for
    /// algorithms that take nobody in: they only send.
    fn immigrate(&mut self, _arrival: Arrival<'_>) {}

    /// The islands it is made of, where it is.
    fn islands(&mut self) -> Option<&mut Islands> {
        None
    }

    /// Which island the next unit is of; `None`: there is only one, or all have ended.
    fn next_island(&self) -> Option<u16> {
        None
    }

    /// The population after the last committed unit.
    fn population(&self) -> &Population;

    /// All its state at a commit boundary, candidates that are out included.
    ///
    /// An algorithm restored from it asks for those again and goes on as this one would.
    fn snapshot(&self) -> Snapshot;
}

/// One committed unit: candidates and their outcomes.
#[derive(Clone, Copy, Debug)]
pub struct Committed<'a> {
    /// The generation they complete or belong to, from 0.
    pub generation: u64,
    /// Whether a generation ended with this unit.
    pub generation_ends: bool,
    /// The candidates with genomes, outcomes and ranks, in the order of commits: their ids follow each other unless the
    /// schedule is [`Schedule::Free`].
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
