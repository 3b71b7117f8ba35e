//! Schwefel's function 2.26: deep basins, the best of them in a corner.

use serde::Deserialize;

use super::function::{Dimension, Function, FunctionOptions, OptionsError, Rows};
use crate::{
    maths,
    outcomes::Outcomes,
    problem::{BatchView, Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
    vector::{Width, multiversion},
};

/// Deep basins, the best of them in a corner and far from the second best; separable.
///
/// f(x) = 418.9828872724337 n - Σ xᵢ sin √|xᵢ|, xᵢ in \[-500, 500\]; best value 0 (off by rounding) at
/// xᵢ = 420.9687463599820. H.-P. Schwefel: Numerical optimization of computer models. Wiley 1981; function 2.26 there,
/// and in M. Jamil and X.-S. Yang: A literature survey of benchmark functions for global optimisation problems.
/// IJMMNO 4(2), 2013, [doi:10.1504/IJMMNO.2013.055204](https://doi.org/10.1504/IJMMNO.2013.055204).
///
/// It takes neither shift nor rotation: outside its bounds it has better values.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "SchwefelOptions")]
pub struct Schwefel(Function);

/// The options of [`Schwefel`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SchwefelOptions {
    /// How many variables; 30 unless given.
    pub dimension: Dimension,
}

/// The greatest value of x sin √x for x in \[0, 500\], where √x = -2 tan √x.
const BEST: f64 = 418.982_887_272_433_7;

impl TryFrom<SchwefelOptions> for Schwefel {
    type Error = OptionsError;

    fn try_from(options: SchwefelOptions) -> Result<Schwefel, OptionsError> {
        let options = FunctionOptions { dimension: options.dimension, ..FunctionOptions::default() };
        Ok(Schwefel(Function::new(options, 1, [-500.0, 500.0], 0.0)?))
    }
}

impl Problem for Schwefel {
    fn signature(&self) -> Signature {
        self.0.signature()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        self.0.evaluate(genome, outcome, |rows, out| schwefel(Width::current(), rows, out));
        Ok(())
    }

    fn evaluate_batch(&self, batch: BatchView<'_>, outcomes: &mut Outcomes) {
        self.0.evaluate_batch(&batch, outcomes, |rows, out| schwefel(Width::current(), rows, out));
    }
}

multiversion! {
    fn schwefel(rows: Rows<'_>, out: &mut [f64]) = schwefel_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn schwefel_body(rows: Rows<'_>, out: &mut [f64]) {
    let wave = |x: f64| x * maths::sin_pi(x.abs().sqrt() * std::f64::consts::FRAC_1_PI);
    rows.sums(out, |x| [BEST - wave(x)], |[sum]| sum);
}
