//! `[stop]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{Duration, Named};

/// The rules that end a run, each by itself; at least one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// This many evaluations. A generation that would exceed it is not begun.
    #[schemars(range(min = 1))]
    pub evaluations: Option<u64>,
    /// This many generations.
    #[schemars(range(min = 1))]
    pub generations: Option<u64>,
    /// This much time since the run began, pauses not counted: `"90s"`, `"40h"`.
    pub time: Option<Duration>,
    /// The best feasible candidate reaches this value of a goal: `{ drag = 0.021 }`.
    pub target: Option<Named<f64>>,
    /// This many evaluations without a better candidate.
    #[schemars(range(min = 1))]
    pub stall: Option<u64>,
    /// The population's objectives lie within this of each other, relative to the best's magnitude; above 0.
    pub spread: Option<f64>,
    /// Rules that end the run only when all of them hold.
    pub all: Option<StopAll>,
}

/// The rules that end a run only when all of them hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StopAll {
    /// This many evaluations.
    #[schemars(range(min = 1))]
    pub evaluations: Option<u64>,
    /// This many generations.
    #[schemars(range(min = 1))]
    pub generations: Option<u64>,
    /// This much time since the run began, pauses not counted.
    pub time: Option<Duration>,
    /// The best feasible candidate reaches this value of a goal.
    pub target: Option<Named<f64>>,
    /// This many evaluations without a better candidate.
    #[schemars(range(min = 1))]
    pub stall: Option<u64>,
    /// The population's objectives lie within this of each other, relative to the best's magnitude; above 0.
    pub spread: Option<f64>,
}
