//! The 24 noiseless functions of the black-box optimisation benchmark.

mod functions;
mod instance;
mod lanes;
mod transformations;

#[cfg(test)]
mod tests;

use serde::Deserialize;

pub use self::functions::Function as BbobFunction;
use self::instance::Instance;
use super::function::one_goal;
use crate::{
    outcomes::Outcomes,
    problem::{BatchView, Direction, Failure, Outcome, Problem, Signature, Trial},
    space::{Domain, Genome, Parameter, Space},
    vector::Width,
};

/// One of the 24 noiseless functions of the black-box optimisation benchmark (BBOB), as COCO has them.
///
/// xᵢ in \[-5, 5\]; goal: `value`, minimised. Best value `f_opt`, between -1000 and 1000, at `x_opt`, both drawn for each
/// function and instance and given by [`optimum`](Bbob::optimum). The functions, their instances and the generator of
/// these are those of N. Hansen, S. Finck, R. Ros and A. Auger: Real-parameter black-box optimization benchmarking 2009:
/// noiseless functions definitions. INRIA RR-6829, 2009, <https://inria.hal.science/inria-00362633>, as carried on by
/// N. Hansen, A. Auger, R. Ros, O. Mersmann, T. Tušar and D. Brockhoff: COCO: a platform for comparing continuous
/// optimizers in a black-box setting. Optimization Methods and Software 36(1), 2021,
/// [doi:10.1080/10556788.2020.1808977](https://doi.org/10.1080/10556788.2020.1808977).
///
/// COCO's `bbob` suite has 2 to 40 dimensions; up to there values differ from its by rounding alone. Above, definitions
/// and generator are applied unchanged, which is not COCO's suite of large functions.
///
/// ```
/// use genetic_pool_evolve::problems::{Bbob, BbobOptions};
///
/// let rastrigin = Bbob::new(BbobOptions { function: 3, instance: 1, dimension: 5 })?;
/// assert_eq!(rastrigin.optimum().1, -462.09);
/// # Ok::<(), genetic_pool_evolve::problems::BbobError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "BbobOptions")]
pub struct Bbob {
    signature: Signature,
    instance: Instance,
}

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BbobOptions {
    /// The number of the function, 1 to 24.
    pub function: u64,
    /// Which of its instances, 1 to [`Bbob::MAX_INSTANCE`]; 1 unless given.
    #[serde(default = "first")]
    pub instance: u64,
    /// How many variables, 2 to [`Bbob::MAX_DIMENSION`]; 10 unless given.
    #[serde(default = "ten")]
    pub dimension: usize,
}

fn first() -> u64 {
    1
}

fn ten() -> usize {
    10
}

/// Options that name no function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum BbobError {
    #[error("option `function` must be a whole number from 1 to 24, found {found}")]
    Function { found: u64 },
    #[error("option `instance` must be a whole number from 1 to {}, found {found}", Bbob::MAX_INSTANCE)]
    Instance { found: u64 },
    #[error("option `dimension` must be a whole number from 2 to {}, found {found}", Bbob::MAX_DIMENSION)]
    Dimension { found: usize },
}

impl Bbob {
    /// The most variables: its matrices are dense.
    pub const MAX_DIMENSION: usize = 1000;

    /// The greatest instance: seeds of the generator stay below its modulus.
    pub const MAX_INSTANCE: u64 = 100_000;

    /// The function that `options` name.
    pub fn new(options: BbobOptions) -> Result<Bbob, BbobError> {
        let BbobOptions { function, instance, dimension } = options;
        let function = BbobFunction::of_number(function).ok_or(BbobError::Function { found: function })?;
        if !(1..=Bbob::MAX_INSTANCE).contains(&instance) {
            return Err(BbobError::Instance { found: instance });
        }
        if !(2..=Bbob::MAX_DIMENSION).contains(&dimension) {
            return Err(BbobError::Dimension { found: dimension });
        }
        let parameter = Parameter::new("x", Domain::real(-5.0, 5.0)).len(dimension);
        Ok(Bbob {
            signature: one_goal(Space::new(vec![parameter]), "value", Direction::Minimize),
            instance: Instance::new(function, instance as i64, dimension),
        })
    }

    /// `x_opt` and `f_opt`: where the function is least, and its value there.
    pub fn optimum(&self) -> (&[f64], f64) {
        (&self.instance.x_opt, self.instance.f_opt)
    }

    /// The function.
    pub fn function(&self) -> BbobFunction {
        self.instance.function
    }
}

impl TryFrom<BbobOptions> for Bbob {
    type Error = BbobError;

    fn try_from(options: BbobOptions) -> Result<Bbob, BbobError> {
        Bbob::new(options)
    }
}

impl Problem for Bbob {
    fn signature(&self) -> Signature {
        self.signature.clone()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        functions::values(Width::current(), &self.instance, genome.reals(), outcome.objectives);
        Ok(())
    }

    fn evaluate_batch(&self, batch: BatchView<'_>, outcomes: &mut Outcomes) {
        let (range, dimension) = (batch.rows.clone(), self.instance.dimension);
        let rows = &batch.genomes.reals[range.start * dimension..range.end * dimension];
        functions::values(Width::current(), &self.instance, rows, &mut outcomes.objectives[range]);
    }
}
