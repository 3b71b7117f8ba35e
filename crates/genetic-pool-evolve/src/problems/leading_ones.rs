//! The number of ones before the first zero.

use serde::Deserialize;

use super::bits::{self, BitOptions};
use crate::{
    problem::{Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
};

/// The number of ones before the first zero, to be maximised: each bit counts only once all before it are right.
///
/// Best value the number of bits, 100 unless asked otherwise. S. Droste, T. Jansen and I. Wegener: On the analysis of the
/// (1+1) evolutionary algorithm. Theoretical Computer Science 276, 2002,
/// [doi:10.1016/S0304-3975(01)00182-7](https://doi.org/10.1016/S0304-3975(01)00182-7).
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "BitOptions")]
pub struct LeadingOnes {
    signature: Signature,
}

impl From<BitOptions> for LeadingOnes {
    fn from(options: BitOptions) -> LeadingOnes {
        let bits = options.bits.map_or(100, super::Dimension::get);
        LeadingOnes { signature: bits::signature(bits, "leading_ones") }
    }
}

impl Problem for LeadingOnes {
    fn signature(&self) -> Signature {
        self.signature.clone()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let mut ones = 0;
        for word in genome.bits() {
            // Bits past the last one are 0, so the count never passes it.
            let leading = word.trailing_ones();
            ones += leading;
            if leading < 64 {
                break;
            }
        }
        outcome.objectives[0] = f64::from(ones);
        Ok(())
    }
}
