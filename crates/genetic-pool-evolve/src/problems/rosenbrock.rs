//! Rosenbrock's function: a long bent valley.

use serde::Deserialize;

use super::function::{Function, FunctionOptions, OptionsError, total};
use crate::{
    problem::{Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
};

/// A long bent valley with a flat floor; neighbouring variables depend on each other.
///
/// f(x) = Σ 100 (zᵢ₊₁ - zᵢ²)² + (1 - zᵢ)² over i = 1 … n - 1, z = x - s, xᵢ in \[-5, 10\], n at least 2; best value 0 at
/// zᵢ = 1, moved by the shift s (0 unless asked for). For two variables H. H. Rosenbrock: An automatic method for
/// finding the greatest or least value of a function. The Computer Journal 3(3), 1960,
/// [doi:10.1093/comjnl/3.3.175](https://doi.org/10.1093/comjnl/3.3.175); the chain of them is function 105 of Jamil and
/// Yang 2013, [doi:10.1504/IJMMNO.2013.055204](https://doi.org/10.1504/IJMMNO.2013.055204).
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
        outcome.objectives[0] = rosenbrock(genome.reals(), self.0.offsets());
        Ok(())
    }
}

/// Summed in four lanes, as the separable functions are.
fn rosenbrock(x: &[f64], shift: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let pairs = x.windows(2).zip(shift.windows(2));
    for (index, (x, s)) in pairs.enumerate() {
        let (z, next) = (x[0] - s[0], x[1] - s[1]);
        let (bend, slope) = (next - z * z, 1.0 - z);
        lanes[index % 4] += 100.0 * (bend * bend) + slope * slope;
    }
    total(lanes)
}
