//! What the engineering designs share: constraints given as what is used of their limits.

use crate::{
    problem::{Bound, Constraint, Direction, Signature},
    space::{Parameter, Space},
};

use super::function::one_goal;

/// Minimises `goal`; of each of `constraints` at most 1 may be used.
pub(super) fn signature<const N: usize>(parameters: Vec<Parameter>, goal: &str, constraints: [&str; N]) -> Signature {
    let constraint = |name: &str| Constraint { name: name.to_owned(), bound: Bound::Max(1.0) };
    Signature {
        constraints: constraints.map(constraint).to_vec(),
        ..one_goal(Space::new(parameters), goal, Direction::Minimize)
    }
}
