//! Zakharov's function: a bowl beside a steep plate.

use serde::Deserialize;

use super::{
    function::{Function, FunctionOptions, OptionsError, Rows},
    lanes::{Lanes, pairwise, plain_sum, sum},
};
use crate::{
    outcomes::Outcomes,
    problem::{BatchView, Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
    vector::{Width, multiversion},
};

/// A bowl with a steep plate across: unimodal, no variable can be found alone.
///
/// f(x) = Σ zᵢ² + p² + p⁴, p = Σ i zᵢ / 2, z = x - s, xᵢ in \[-5, 10\]; best value 0 at x = s, the shift (0 unless asked
/// for). Function 173 of M. Jamil and X.-S. Yang: A literature survey of benchmark functions for global optimisation
/// problems. IJMMNO 4(2), 2013, [doi:10.1504/IJMMNO.2013.055204](https://doi.org/10.1504/IJMMNO.2013.055204).
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FunctionOptions")]
pub struct Zakharov {
    function: Function,
    /// Half the number of each variable.
    halves: Vec<f64>,
}

impl TryFrom<FunctionOptions> for Zakharov {
    type Error = OptionsError;

    fn try_from(options: FunctionOptions) -> Result<Zakharov, OptionsError> {
        let function = Function::new(options, 1, [-5.0, 10.0], 0.0)?;
        let halves = (1..=options.dimension.get()).map(|i| 0.5 * i as f64).collect();
        Ok(Zakharov { function, halves })
    }
}

impl Problem for Zakharov {
    fn signature(&self) -> Signature {
        self.function.signature()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        self.function.evaluate(genome, outcome, |rows, out| zakharov(Width::current(), rows, &self.halves, out));
        Ok(())
    }

    fn evaluate_batch(&self, batch: BatchView<'_>, outcomes: &mut Outcomes) {
        self.function.evaluate_batch(&batch, outcomes, |rows, out| {
            zakharov(Width::current(), rows, &self.halves, out);
        });
    }
}

multiversion! {
    fn zakharov(rows: Rows<'_>, halves: &[f64], out: &mut [f64]) = zakharov_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn zakharov_body(rows: Rows<'_>, halves: &[f64], out: &mut [f64]) {
    rows.side_by_side(out, |z| plate(z, halves), |z| plate(z, halves));
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn plate<const L: usize>(z: &[Lanes<L>], halves: &[f64]) -> Lanes<L> {
    let bowl = plain_sum(z, |z| z * z);
    let slope = sum(z, halves, |z, half| half * z);
    pairwise(bowl, slope, |bowl, slope| {
        let square = slope * slope;
        bowl + square + square * square
    })
}
