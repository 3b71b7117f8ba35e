//! A problem with operators registered beside it.

use std::sync::Arc;

use genetic_pool_evolve::{
    operators::Operators,
    outcomes::Outcomes,
    problem::{BatchView, Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
};

/// `problem`, and operators that count before those it brings along itself.
pub(super) struct WithOperators {
    pub(super) problem: Arc<dyn Problem>,
    pub(super) operators: Operators,
}

impl Problem for WithOperators {
    fn signature(&self) -> Signature {
        self.problem.signature()
    }

    fn operators(&self) -> Operators {
        self.operators.clone().or(self.problem.operators())
    }

    fn evaluate(&self, genome: Genome<'_>, trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        self.problem.evaluate(genome, trial, outcome)
    }

    fn evaluate_batch(&self, batch: BatchView<'_>, outcomes: &mut Outcomes) {
        self.problem.evaluate_batch(batch, outcomes);
    }
}
