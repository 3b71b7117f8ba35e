//! Rosenbrock's function: a long bent valley.

use serde::Deserialize;

use super::{
    function::{Function, FunctionOptions, OptionsError, Rows, total},
    lanes::Lanes,
};
use crate::{
    outcomes::Outcomes,
    problem::{BatchView, Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
    vector::{Width, multiversion},
};

/// A long bent valley with a flat floor; neighbouring variables depend on each other.
///
/// f(x) = Σ 100 (zᵢ₊₁ - zᵢ²)² + (1 - zᵢ)² over i = 1 … n - 1, z = x - s, xᵢ in \[-5, 10\], n at least 2; best value 0 at
/// zᵢ = 1, moved by the shift s (0 unless asked for) and perhaps rotated about there. For two variables
/// H. H. Rosenbrock: An automatic method for finding the greatest or least value of a function. The Computer Journal
/// 3(3), 1960, [doi:10.1093/comjnl/3.3.175](https://doi.org/10.1093/comjnl/3.3.175); the chain of them is function 105
/// of Jamil and Yang 2013, [doi:10.1504/IJMMNO.2013.055204](https://doi.org/10.1504/IJMMNO.2013.055204).
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FunctionOptions")]
pub struct Rosenbrock(Function);

impl TryFrom<FunctionOptions> for Rosenbrock {
    type Error = OptionsError;

    fn try_from(options: FunctionOptions) -> Result<Rosenbrock, OptionsError> {
        Ok(Rosenbrock(Function::new(options, 2, [-5.0, 10.0], 1.0)?))
    }
}

impl Problem for Rosenbrock {
    fn signature(&self) -> Signature {
        self.0.signature()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        self.0.evaluate(genome, outcome, |rows, out| rosenbrock(Width::current(), rows, out));
        Ok(())
    }

    fn evaluate_batch(&self, batch: BatchView<'_>, outcomes: &mut Outcomes) {
        self.0.evaluate_batch(&batch, outcomes, |rows, out| rosenbrock(Width::current(), rows, out));
    }
}

multiversion! {
    fn rosenbrock(rows: Rows<'_>, out: &mut [f64]) = rosenbrock_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn rosenbrock_body(rows: Rows<'_>, out: &mut [f64]) {
    rows.side_by_side(out, valley, valley);
}

/// Summed in four lanes, as the separable functions are.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn valley<const L: usize>(z: &[Lanes<L>]) -> Lanes<L> {
    let mut lanes = [[0.0; 4]; L];
    for (index, pair) in z.windows(2).enumerate() {
        for k in 0..L {
            let (z, next) = (pair[0][k], pair[1][k]);
            let (bend, slope) = (next - z * z, 1.0 - z);
            lanes[k][index % 4] += 100.0 * (bend * bend) + slope * slope;
        }
    }
    lanes.map(total)
}
