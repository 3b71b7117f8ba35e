//! How two candidates compare.

use serde::{Deserialize, Serialize};

use super::Population;
use crate::{outcomes::Outcomes, problem::Signature};

/// The place of a candidate in the order of preference: less is better. Ties break on the candidate's id.
///
/// Deb's rules: a feasible candidate beats an infeasible one; feasible ones compare by objective, infeasible ones by
/// violation. K. Deb: An efficient constraint handling method for genetic algorithms. CMAME 186, 2000,
/// [doi:10.1016/S0045-7825(99)00389-8](https://doi.org/10.1016/S0045-7825(99)00389-8).
/// Among equal violations the objective decides.
///
/// With several goals it is the first that decides: a rank is a function of the candidate's own outcome, and what tells
/// populations of several goals in order of preference is for the algorithm to say, from all of its population.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rank {
    /// The bits of the total violation, which order as it does since it is not negative.
    pub violation: u64,
    /// [`order_key`] of the minimised objective.
    pub objective: u64,
}

/// How a failed candidate compares with the others: `on_failure.then`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureRank {
    /// Behind every candidate that could be evaluated.
    #[default]
    Worst,
    /// As a candidate that violates constraints without bound: behind every finite violation, before `Worst`.
    Infeasible,
}

impl Rank {
    /// Behind everything.
    pub const WORST: Rank = Rank { violation: u64::MAX, objective: u64::MAX };

    /// The rank of a candidate with one objective.
    #[inline]
    pub fn new(violation: f64, minimized: f64) -> Rank {
        debug_assert!(violation >= 0.0);
        Rank { violation: violation.to_bits(), objective: order_key(minimized) }
    }

    /// The rank among a population of several goals: by its front, then by how far its neighbours are.
    pub(super) fn within(front: u32, distance: f64) -> Rank {
        Rank { violation: u64::from(front), objective: !order_key(distance) }
    }

    /// The rank of a candidate that failed.
    pub fn of_failure(policy: FailureRank) -> Rank {
        match policy {
            FailureRank::Worst => Rank::WORST,
            FailureRank::Infeasible => Rank { violation: f64::INFINITY.to_bits(), objective: u64::MAX },
        }
    }

    /// The rank of row `row` of `outcomes`, by the first goal of `signature`.
    pub fn of(signature: &Signature, outcomes: &Outcomes, row: usize, policy: FailureRank) -> Rank {
        if outcomes.failure(row).is_some() {
            return Rank::of_failure(policy);
        }
        let objective = signature.goals[0].direction.minimized(outcomes.objectives(row)[0]);
        Rank::new(signature.violation(outcomes.constraints(row)), objective)
    }

    /// The rank as one number that orders as it does.
    #[inline]
    pub fn key(self) -> u128 {
        u128::from(self.violation) << 64 | u128::from(self.objective)
    }

    /// Whether no constraint is violated.
    pub fn feasible(self) -> bool {
        self.violation == 0
    }
}

/// `value` as an unsigned number that orders as [`f64::total_cmp`] does.
#[inline]
pub fn order_key(value: f64) -> u64 {
    let bits = value.to_bits();
    bits ^ (((bits as i64 >> 63) as u64) | 1 << 63)
}

/// The number that [`order_key`] made `key` of.
#[inline]
pub(super) fn order_value(key: u64) -> f64 {
    f64::from_bits(key ^ (((!key as i64 >> 63) as u64) | 1 << 63))
}

/// Ranks every row of `population`.
pub(super) fn rank_rows(signature: &Signature, population: &mut Population, policy: FailureRank) {
    let outcomes = &population.outcomes;
    if outcomes.failures.is_empty() && signature.constraints.is_empty() {
        let direction = signature.goals[0].direction;
        let columns = outcomes.objectives.chunks_exact(outcomes.shape.objectives.max(1));
        for (rank, objectives) in population.ranks.iter_mut().zip(columns) {
            *rank = Rank::new(0.0, direction.minimized(objectives[0]));
        }
    } else {
        for row in 0..population.candidates.len() {
            population.ranks[row] = Rank::of(signature, outcomes, row, policy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        outcomes::OutcomeShape,
        problem::{Bound, Constraint, Direction, Failure, Goal},
        space::Space,
    };

    #[test]
    fn keys_come_back_as_numbers() {
        for value in [0.0, -0.0, 1.5, -1.5, f64::INFINITY, f64::NEG_INFINITY, 5e-324, f64::MAX, f64::MIN] {
            assert_eq!(order_value(order_key(value)).to_bits(), value.to_bits());
        }
    }

    #[test]
    fn infinities_are_values_and_failures_come_last() {
        let signature = Signature {
            space: Space::new(Vec::new()).unwrap(),
            goals: vec![Goal { name: "gain".into(), direction: Direction::Maximize }],
            constraints: vec![Constraint { name: "load".into(), bound: Bound::Max(1.0) }],
            measures: Vec::new(),
        };
        let rank = |objective: f64, load: f64| {
            let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), 1);
            (outcomes.objectives[0], outcomes.constraints[0]) = (objective, load);
            Rank::of(&signature, &outcomes, 0, FailureRank::Worst)
        };
        let mut failed = Outcomes::new(OutcomeShape::of(&signature), 1);
        failed.fail(0, Failure::exception("no"));
        let failure = |policy| Rank::of(&signature, &failed, 0, policy);
        let ranks = [
            rank(f64::INFINITY, 0.0),
            rank(2.0, 1.0),
            rank(0.0, 1.0),
            // The sign of zero orders too, so that no two bits are one place.
            rank(-0.0, 1.0),
            rank(f64::NEG_INFINITY, f64::NEG_INFINITY),
            rank(f64::INFINITY, 1.5),
            rank(3.0, 2.0),
            rank(2.0, 2.0),
            rank(f64::NEG_INFINITY, f64::INFINITY),
            failure(FailureRank::Infeasible),
            failure(FailureRank::Worst),
        ];
        assert!(ranks.is_sorted_by(|a, b| a < b && a.key() < b.key()), "{ranks:?}");
        assert!(ranks.map(Rank::feasible).into_iter().eq((0..11).map(|row| row < 5)));
    }
}
