//! The experiment file as it is written.
//!
//! These structs mirror the TOML key for key; their doc comments are the descriptions of the file's JSON schema, and
//! that schema is what a file is checked against. What a combination of keys means is decided in `resolve`.

mod algorithm;
mod outputs;
mod problem;
mod space;
mod stop;
mod values;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    algorithm::{
        Accept, Algorithm, AlgorithmName, Covariance, CrossoverOperator, Emigrate, Island, MutationOperator, Replace,
        Restarts, Schedule, ScheduleWord, Topology, Window,
    },
    outputs::{Constraint, Direction},
    problem::{Exactness, Failures, Mode, Problem, Resources, Source, Then},
    space::{Parameter, Scale},
    stop::{Stop, StopAll},
    values::{Duration, Named, OneOrMany, Scalar, Size},
};

/// The version of the file's format that this program reads.
pub const FORMAT: u64 = 1;

/// An experiment of genetic-pool: what is optimised, how candidates are evaluated, and when the run ends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The version of this file's format: 1.
    #[schemars(required, range(min = 1))]
    pub format: Option<u64>,
    /// The seed of all chance: the same file with the same seed gives the same run, bit for bit. Default: 0.
    #[schemars(range(max = 9_223_372_036_854_775_807_u64))]
    pub seed: Option<u64>,
    /// The slots the search is shaped for, 1 to 65536. It belongs to the experiment, not to the machine: a machine with
    /// more or fewer slots gives the same run. Default: 16.
    #[schemars(range(min = 1, max = 65_536))]
    pub parallel: Option<u32>,
    /// What is optimised, by name: `"minimize"` or `"maximize"`. Not where a problem of this program says it itself.
    pub goals: Option<Named<Direction>>,
    /// Outputs that must stay within a bound, by name. Not where a problem of this program says it itself.
    pub constraints: Option<Named<Constraint>>,
    /// Names of further outputs, which are stored and plotted and decide nothing. Not where a problem of this program
    /// says it itself.
    pub measures: Option<Vec<String>>,
    /// How a candidate is evaluated.
    #[schemars(required)]
    pub problem: Option<Problem>,
    /// The parameters, by name, in the order in which the evaluation sees them. Not where a problem of this program
    /// says it itself.
    pub space: Option<Named<Parameter>>,
    /// What is known before the run begins.
    pub start: Option<Start>,
    /// Which algorithm searches, with its keys. Default: chosen from the space, the goals and the budget.
    pub algorithm: Option<Algorithm>,
    /// When the run ends: as soon as one of the rules holds.
    #[schemars(required)]
    pub stop: Option<Stop>,
}

/// What is known before the run begins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Points of the space that are evaluated first, in order: a value for each parameter that counts there.
    pub points: Option<Vec<Named<OneOrMany>>>,
    /// A CSV file of evaluations that are paid for already, relative to this file: a column for each parameter, goal and
    /// constraint, as `runs export --format csv` writes it.
    pub outcomes: Option<String>,
    /// Another run whose evaluations are taken as paid for: `"RUN:population"`, or `"RUN:best N"` for its N best; RUN is
    /// an id, its beginning, or `latest`.
    pub run: Option<String>,
}
