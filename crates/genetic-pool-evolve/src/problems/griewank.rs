//! Griewank's function: a bowl with ripples that fade as variables are added.

use serde::Deserialize;

use super::{
    function::{Function, FunctionOptions, OptionsError, Rows},
    lanes::{Lanes, pairwise, plain_sum},
};
use crate::{
    maths,
    outcomes::Outcomes,
    problem::{BatchView, Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
    vector::{Width, multiversion},
};

/// A wide bowl with ripples that depend on all variables at once.
///
/// f(x) = 1 + Σ zᵢ² / 4000 - Π cos(zᵢ / √i), z = x - s, xᵢ in \[-600, 600\]; best value 0 at x = s, the shift (0 unless
/// asked for). A. O. Griewank: Generalized descent for global optimization. Journal of Optimization Theory and
/// Applications 34(1), 1981, [doi:10.1007/BF00933356](https://doi.org/10.1007/BF00933356).
///
/// A cosine is computed as 1 - 2 sin² of half the angle, so that the optimum is exactly 0.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FunctionOptions")]
pub struct Griewank {
    function: Function,
    /// For each variable how many half turns its half angle is.
    turns: Vec<f64>,
}

impl TryFrom<FunctionOptions> for Griewank {
    type Error = OptionsError;

    fn try_from(options: FunctionOptions) -> Result<Griewank, OptionsError> {
        let function = Function::new(options, 1, [-600.0, 600.0], 0.0)?;
        let turns =
            (1..=options.dimension.get()).map(|i| 0.5 * std::f64::consts::FRAC_1_PI / (i as f64).sqrt()).collect();
        Ok(Griewank { function, turns })
    }
}

impl Problem for Griewank {
    fn signature(&self) -> Signature {
        self.function.signature()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        self.function.evaluate(genome, outcome, |rows, out| griewank(Width::current(), rows, &self.turns, out));
        Ok(())
    }

    fn evaluate_batch(&self, batch: BatchView<'_>, outcomes: &mut Outcomes) {
        self.function.evaluate_batch(&batch, outcomes, |rows, out| {
            griewank(Width::current(), rows, &self.turns, out);
        });
    }
}

multiversion! {
    fn griewank(rows: Rows<'_>, turns: &[f64], out: &mut [f64]) = griewank_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn griewank_body(rows: Rows<'_>, turns: &[f64], out: &mut [f64]) {
    rows.side_by_side(out, |z| ripples(z, turns), |z| ripples(z, turns));
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn ripples<const L: usize>(z: &[Lanes<L>], turns: &[f64]) -> Lanes<L> {
    let mut product = [1.0; L];
    for (z, turns) in z.iter().zip(turns) {
        product = pairwise(product, *z, |product, z| product * (1.0 - 2.0 * maths::sinpi2(z * turns)));
    }
    let bowl = plain_sum(z, |z| z * z);
    pairwise(bowl, product, |bowl, product| bowl / 4000.0 + (1.0 - product))
}
