//! Ackley's function: a plateau with ripples around a deep hole.

use serde::Deserialize;

use super::function::{Function, FunctionOptions, OptionsError, Rows};
use crate::{
    maths,
    outcomes::Outcomes,
    problem::{BatchView, Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
    vector::{Width, multiversion},
};

/// A rippled plateau around one deep hole.
///
/// f(x) = 20 - 20 exp(-0.2 √(Σ zᵢ² / n)) + e - exp(Σ cos 2πzᵢ / n), z = x - s, xᵢ in \[-32.768, 32.768\]; best value 0 at
/// x = s, the shift (0 unless asked for). D. H. Ackley: A connectionist machine for genetic hillclimbing. Kluwer 1987,
/// [doi:10.1007/978-1-4613-1997-9](https://doi.org/10.1007/978-1-4613-1997-9).
///
/// cos 2πz is computed as 1 - 2 sin² πz, and what is subtracted is kept together, so that the optimum is exactly 0.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FunctionOptions")]
pub struct Ackley(Function);

impl TryFrom<FunctionOptions> for Ackley {
    type Error = OptionsError;

    fn try_from(options: FunctionOptions) -> Result<Ackley, OptionsError> {
        Ok(Ackley(Function::new(options, 1, [-32.768, 32.768], 0.0)?))
    }
}

impl Problem for Ackley {
    fn signature(&self) -> Signature {
        self.0.signature()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        self.0.evaluate(genome, outcome, |rows, out| ackley(Width::current(), rows, out));
        Ok(())
    }

    fn evaluate_batch(&self, batch: BatchView<'_>, outcomes: &mut Outcomes) {
        self.0.evaluate_batch(&batch, outcomes, |rows, out| ackley(Width::current(), rows, out));
    }
}

multiversion! {
    fn ackley(rows: Rows<'_>, out: &mut [f64]) = ackley_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn ackley_body(rows: Rows<'_>, out: &mut [f64]) {
    let n = rows.dimension as f64;
    rows.sums(
        out,
        |z| [z * z, maths::sinpi2(z)],
        |[squares, sines]| {
            let hole = 20.0 - 20.0 * maths::exp(-0.2 * (squares / n).sqrt());
            let ripples = std::f64::consts::E * (1.0 - maths::exp(-2.0 * sines / n));
            hole + ripples
        },
    );
}
