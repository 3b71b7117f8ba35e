//! The sphere: the sum of squares.

use serde::Deserialize;

use super::function::{Function, FunctionOptions, OptionsError, Rows};
use crate::{
    outcomes::Outcomes,
    problem::{BatchView, Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
    vector::{Width, multiversion},
};

/// The sum of squares: smooth, convex, separable; the easiest function there is.
///
/// f(x) = Σ (xᵢ - sᵢ)², xᵢ in \[-5.12, 5.12\]; best value 0 at x = s, the shift (0 unless asked for).
/// Function 137 of M. Jamil and X.-S. Yang: A literature survey of benchmark functions for global optimisation
/// problems. IJMMNO 4(2), 2013, [doi:10.1504/IJMMNO.2013.055204](https://doi.org/10.1504/IJMMNO.2013.055204).
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FunctionOptions")]
pub struct Sphere(Function);

impl TryFrom<FunctionOptions> for Sphere {
    type Error = OptionsError;

    fn try_from(options: FunctionOptions) -> Result<Sphere, OptionsError> {
        Ok(Sphere(Function::new(options, 1, [-5.12, 5.12], 0.0)?))
    }
}

impl Problem for Sphere {
    fn signature(&self) -> Signature {
        self.0.signature()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        self.0.evaluate(genome, outcome, |rows, out| sphere(Width::current(), rows, out));
        Ok(())
    }

    fn evaluate_batch(&self, batch: BatchView<'_>, outcomes: &mut Outcomes) {
        self.0.evaluate_batch(&batch, outcomes, |rows, out| sphere(Width::current(), rows, out));
    }
}

multiversion! {
    fn sphere(rows: Rows<'_>, out: &mut [f64]) = sphere_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn sphere_body(rows: Rows<'_>, out: &mut [f64]) {
    rows.sums(out, |z| [z * z], |[sum]| sum);
}
