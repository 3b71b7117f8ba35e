//! When a run ends.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StopRule {
    /// This many committed evaluations; a generation that would exceed it is not begun.
    Evaluations(u64),
    /// This many committed generations.
    Generations(u64),
    /// The best feasible candidate reaches `value` in goal `goal`.
    Target {
        /// The goal's index.
        goal: usize,
        /// In the user's units: at most it where the goal is minimised, at least where it is maximised.
        value: f64,
    },
    /// This many committed evaluations without a better best candidate.
    Stall(u64),
    /// The population's objectives lie within this of each other, relative to the best's magnitude.
    Spread(f64),
    /// This much time since the run began, pauses not counted.
    Time(Duration),
}

/// When a run ends: as soon as one of `any` holds, or all of `all` (which is not empty).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StopRules {
    /// Any of these.
    pub any: Vec<StopRule>,
    /// All of these, unless it is empty.
    pub all: Vec<StopRule>,
}
