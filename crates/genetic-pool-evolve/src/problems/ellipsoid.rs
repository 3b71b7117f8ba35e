//! The ellipsoid: squares of which the last weighs a million times the first.

use serde::Deserialize;

use super::{
    function::{Function, FunctionOptions, OptionsError, Rows},
    lanes::sum,
};
use crate::{
    maths,
    outcomes::Outcomes,
    problem::{BatchView, Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
    vector::{Width, multiversion},
};

/// Squares of which the last weighs a million times the first: convex and ill-conditioned.
///
/// f(x) = Σ 10^(6 (i - 1) / (n - 1)) zᵢ², z = x - s, xᵢ in \[-5.12, 5.12\], n at least 2; best value 0 at x = s, the
/// shift (0 unless asked for); rotated it is no longer separable. N. Hansen and A. Ostermeier: Completely derandomized
/// self-adaptation in evolution strategies. Evolutionary Computation 9(2), 2001,
/// [doi:10.1162/106365601750190398](https://doi.org/10.1162/106365601750190398).
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FunctionOptions")]
pub struct Ellipsoid {
    function: Function,
    /// What each square weighs.
    weights: Vec<f64>,
}

impl TryFrom<FunctionOptions> for Ellipsoid {
    type Error = OptionsError;

    fn try_from(options: FunctionOptions) -> Result<Ellipsoid, OptionsError> {
        let function = Function::new(options, 2, [-5.12, 5.12], 0.0)?;
        let last = options.dimension.get() as f64 - 1.0;
        let weights = (0..options.dimension.get()).map(|i| maths::pow(1e6, i as f64 / last)).collect();
        Ok(Ellipsoid { function, weights })
    }
}

impl Problem for Ellipsoid {
    fn signature(&self) -> Signature {
        self.function.signature()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        self.function.evaluate(genome, outcome, |rows, out| ellipsoid(Width::current(), rows, &self.weights, out));
        Ok(())
    }

    fn evaluate_batch(&self, batch: BatchView<'_>, outcomes: &mut Outcomes) {
        self.function.evaluate_batch(&batch, outcomes, |rows, out| {
            ellipsoid(Width::current(), rows, &self.weights, out);
        });
    }
}

multiversion! {
    fn ellipsoid(rows: Rows<'_>, weights: &[f64], out: &mut [f64]) = ellipsoid_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn ellipsoid_body(rows: Rows<'_>, weights: &[f64], out: &mut [f64]) {
    rows.side_by_side(
        out,
        |z| sum(z, weights, |z, weight| weight * (z * z)),
        |z| sum(z, weights, |z, weight| weight * (z * z)),
    );
}
