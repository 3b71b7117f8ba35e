//! A closure as a problem.

use crate::{
    problem::{Direction, Failure, Goal, Outcome, Problem, Signature, Trial},
    space::{Genome, Space},
};

/// A function of a genome with one goal and no constraints. What it panics with, or NaN, is its candidate's failure.
///
/// What needs constraints, several goals, measures or errors of its own is a [`Problem`].
#[derive(Clone, Debug)]
pub struct Closure<F> {
    signature: Signature,
    value: F,
}

impl<F: Fn(Genome<'_>) -> f64 + Send + Sync> Closure<F> {
    /// The problem of finding where in `space` `value` is least.
    pub fn minimize(space: Space, value: F) -> Closure<F> {
        Closure::new(space, Direction::Minimize, value)
    }

    /// The problem of finding where in `space` `value` is greatest.
    pub fn maximize(space: Space, value: F) -> Closure<F> {
        Closure::new(space, Direction::Maximize, value)
    }

    fn new(space: Space, direction: Direction, value: F) -> Closure<F> {
        let goals = vec![Goal { name: "value".into(), direction }];
        Closure { signature: Signature { space, goals, constraints: Vec::new(), measures: Vec::new() }, value }
    }
}

impl<F: Fn(Genome<'_>) -> f64 + Send + Sync> Problem for Closure<F> {
    fn signature(&self) -> Signature {
        self.signature.clone()
    }

    fn evaluate(&self, genome: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        outcome.objectives[0] = (self.value)(genome);
        Ok(())
    }
}
