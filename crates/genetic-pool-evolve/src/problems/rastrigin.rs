//! Rastrigin's function: a parabola with a grid of local optima.

use serde::Deserialize;

use super::function::{Function, FunctionOptions, OptionsError, Rows};
use crate::{
    maths,
    outcomes::Outcomes,
    problem::{BatchView, Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
    vector::{Width, multiversion},
};

/// A parabola with a local optimum near every point of whole numbers; separable.
///
/// f(x) = Σ (zᵢ² - 10 cos 2πzᵢ + 10), z = x - s, xᵢ in \[-5.12, 5.12\]; best value 0 at x = s, the shift (0 unless asked
/// for). H. Mühlenbein, M. Schomisch and J. Born: The parallel genetic algorithm as function optimizer. Parallel
/// Computing 17, 1991, [doi:10.1016/S0167-8191(05)80052-3](https://doi.org/10.1016/S0167-8191(05)80052-3).
///
/// A term is computed as zᵢ² + 20 sin² πzᵢ, the same in exact arithmetic and accurate near the optimum.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FunctionOptions")]
pub struct Rastrigin(Function);

impl TryFrom<FunctionOptions> for Rastrigin {
    type Error = OptionsError;

    fn try_from(options: FunctionOptions) -> Result<Rastrigin, OptionsError> {
        Ok(Rastrigin(Function::new(options, 1, [-5.12, 5.12], 0.0)?))
    }
}

impl Problem for Rastrigin {
    fn signature(&self) -> Signature {
        self.0.signature()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        self.0.evaluate(genome, outcome, |rows, out| rastrigin(Width::current(), rows, out));
        Ok(())
    }

    fn evaluate_batch(&self, batch: BatchView<'_>, outcomes: &mut Outcomes) {
        self.0.evaluate_batch(&batch, outcomes, |rows, out| rastrigin(Width::current(), rows, out));
    }
}

multiversion! {
    fn rastrigin(rows: Rows<'_>, out: &mut [f64]) = rastrigin_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn rastrigin_body(rows: Rows<'_>, out: &mut [f64]) {
    rows.sums(out, |z| [z * z + 20.0 * maths::sinpi2(z)], |[sum]| sum);
}
