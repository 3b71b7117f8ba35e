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
    /// A feasible candidate reaches these values of goals: `{ drag = 0.021 }`; of several goals one candidate all.
    pub target: Option<Named<f64>>,
    /// This many evaluations without a better candidate; with several goals without a new one on the front.
    #[schemars(range(min = 1))]
    pub stall: Option<u64>,
    /// Several goals: this many evaluations in which the hypervolume of the front has not grown by a thousandth.
    #[schemars(range(min = 1))]
    pub hypervolume_stall: Option<u64>,
    /// One goal: the population's objectives lie within this of each other, relative to the best's magnitude; above 0.
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
    /// A feasible candidate reaches these values of goals; of several goals one candidate all.
    pub target: Option<Named<f64>>,
    /// This many evaluations without a better candidate; with several goals without a new one on the front.
    #[schemars(range(min = 1))]
    pub stall: Option<u64>,
    /// Several goals: this many evaluations in which the hypervolume of the front has not grown by a thousandth.
    #[schemars(range(min = 1))]
    pub hypervolume_stall: Option<u64>,
    /// One goal: the population's objectives lie within this of each other, relative to the best's magnitude; above 0.
    pub spread: Option<f64>,
}
