//! When a run ends.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    algorithms::Population,
    problem::{CandidateId, Direction, Failure, Signature},
    progress::Progress,
};

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StopRule {
    /// This many committed evaluations; a generation that would exceed it is not begun.
    Evaluations(u64),
    /// This many ended generations; on islands, on each of them.
    Generations(u64),
    /// A feasible candidate reaches each of these.
    Target(Vec<Target>),
    /// This many committed evaluations without a better best candidate; with several goals without one that came into the
    /// archive.
    Stall(u64),
    /// This many committed evaluations in which the hypervolume of the front has not grown by [`StopRule::GROWTH`] of
    /// itself; looked at whenever a generation ends. For several goals.
    HypervolumeStall(u64),
    /// The population's objectives lie within this of each other, relative to the greatest magnitude among them.
    /// Holds only where every member is feasible, and not before the first generation has ended. For one goal.
    Spread(f64),
    /// This much time since the run began, pauses not counted.
    Time(Duration),
}

/// A value that is to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The goal's index.
    pub goal: usize,
    /// In the user's units: at most it where the goal is minimised, at least where it is maximised.
    pub value: f64,
}

/// When a run ends: as soon as one of `any` holds, or all of `all` (unless that is empty).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StopRules {
    /// Any of these.
    pub any: Vec<StopRule>,
    /// All of these.
    pub all: Vec<StopRule>,
}

/// Which failures end a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailurePolicy {
    /// The first failed candidate does: `then = "stop"`.
    pub stop: bool,
    /// So many committed failures do.
    pub stop_after: Option<u64>,
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StopReason {
    /// One of the rules of `any`.
    Rule(StopRule),
    /// All the rules of `all`.
    AllRules,
    /// It was asked to.
    Interrupted,
    /// None of the first candidates could be evaluated.
    FirstFailed {
        /// How many were tried.
        candidates: u64,
        /// What the first of them said.
        failure: Failure,
    },
    /// A candidate failed and the policy is to stop: of a generation the first that is known to have failed, else the
    /// first by id. What was committed before it is the same either way.
    Failed {
        /// Its id.
        candidate: CandidateId,
        /// What it said.
        failure: Failure,
    },
    /// As many failures as the policy allows.
    Failures {
        /// How many.
        failures: u64,
    },
}

/// What stop rules look at: the committed prefix and the clock.
#[derive(Clone, Copy, Debug)]
pub struct StopState<'a> {
    /// What has been committed.
    pub progress: &'a Progress,
    /// The population after it; an empty one will do unless [`StopRules::look_at_population`].
    pub population: &'a Population,
    /// Candidates of the next unit.
    pub next_unit: u64,
    /// Goals and constraints.
    pub signature: &'a Signature,
    /// Time since the run began.
    pub elapsed: Duration,
}

impl StopRules {
    /// The reason to stop here, if there is one.
    pub fn decide(&self, state: &StopState<'_>) -> Option<StopReason> {
        if let Some(rule) = self.any.iter().find(|rule| rule.holds(state)) {
            return Some(StopReason::Rule(rule.clone()));
        }
        let all = !self.all.is_empty() && self.all.iter().all(|rule| rule.holds(state));
        all.then_some(StopReason::AllRules)
    }

    /// Whether a clock had a part in `reason`, by which these rules ended a run.
    pub fn timed(&self, reason: &StopReason) -> bool {
        match reason {
            StopReason::Rule(rule) => rule.timed(),
            StopReason::AllRules => self.all.iter().any(StopRule::timed),
            StopReason::Interrupted
            | StopReason::FirstFailed { .. }
            | StopReason::Failed { .. }
            | StopReason::Failures { .. } => false,
        }
    }

    /// Whether a rule depends on the population.
    pub fn look_at_population(&self) -> bool {
        self.any.iter().chain(&self.all).any(|rule| matches!(rule, StopRule::Spread(_)))
    }

    /// Whether one of them asks how the hypervolume grows.
    pub fn watch_hypervolume(&self) -> bool {
        self.any.iter().chain(&self.all).any(|rule| matches!(rule, StopRule::HypervolumeStall(_)))
    }

    /// The evaluations after which the run surely ends, where the rules say.
    pub fn budget(&self) -> Option<u64> {
        self.any.iter().filter_map(|rule| if let StopRule::Evaluations(most) = rule { Some(*most) } else { None }).min()
    }
}

impl StopRule {
    /// By how much of itself a hypervolume must become greater to have grown.
    pub const GROWTH: f64 = 1e-3;

    /// Whether it holds.
    pub fn holds(&self, state: &StopState<'_>) -> bool {
        let progress = state.progress;
        match *self {
            StopRule::Evaluations(most) => progress.evaluations + state.next_unit > most,
            StopRule::Generations(most) => progress.generations >= most,
            StopRule::Target(ref targets) => {
                let best = &progress.best;
                let reached = |row: usize, target: &Target| {
                    let reached = best.outcomes.objectives(row)[target.goal];
                    match state.signature.goals[target.goal].direction {
                        Direction::Minimize => reached <= target.value,
                        Direction::Maximize => reached >= target.value,
                    }
                };
                let rows = (0..best.len()).filter(|row| best.ranks[*row].feasible());
                rows.into_iter().any(|row| targets.iter().all(|target| reached(row, target)))
            }
            StopRule::Stall(most) => progress.evaluations > 0 && progress.evaluations - progress.improved >= most,
            StopRule::HypervolumeStall(most) => {
                progress.evaluations > 0 && progress.evaluations - progress.front.grown >= most
            }
            StopRule::Spread(most) => progress.generations > 0 && spread(state.population).is_some_and(|s| s <= most),
            StopRule::Time(most) => state.elapsed >= most,
        }
    }

    fn timed(&self) -> bool {
        matches!(self, StopRule::Time(_))
    }
}

impl StopReason {
    /// Whether the run can go on from here: it was not ended by its own rules.
    pub fn resumable(&self) -> bool {
        !matches!(self, StopReason::Rule(_) | StopReason::AllRules)
    }
}

/// Greatest less least objective, of the first goal, relative to the greatest magnitude; `None` unless all members are feasible.
pub fn spread(population: &Population) -> Option<f64> {
    if population.is_empty() || population.ranks.iter().any(|rank| !rank.feasible()) {
        return None;
    }
    let width = population.outcomes.shape.objectives;
    let values = population.outcomes.objectives.iter().step_by(width);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        low = low.min(*value);
        high = high.max(*value);
    }
    let magnitude = low.abs().max(high.abs());
    if high == low {
        return Some(0.0);
    }
    Some((high - low) / magnitude)
}
