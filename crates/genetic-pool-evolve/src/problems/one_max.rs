//! The number of ones.

use serde::Deserialize;

use super::bits::{self, BitOptions};
use crate::{
    outcomes::Outcomes,
    problem::{BatchView, Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
    vector::{Width, multiversion},
};

/// The number of ones among the bits, to be maximised; best value the number of bits, 1,000 unless asked otherwise.
///
/// Its theory: B. Doerr and F. Neumann (eds.): Theory of evolutionary computation. Springer 2020,
/// [doi:10.1007/978-3-030-29414-4](https://doi.org/10.1007/978-3-030-29414-4).
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "BitOptions")]
pub struct OneMax {
    signature: Signature,
    words: usize,
}

impl From<BitOptions> for OneMax {
    fn from(options: BitOptions) -> OneMax {
        let bits = options.bits.map_or(1000, super::Dimension::get);
        OneMax { signature: bits::signature(bits, "ones"), words: bits.div_ceil(64) }
    }
}

impl Problem for OneMax {
    fn signature(&self) -> Signature {
        self.signature.clone()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        ones(Width::current(), genome.bits(), self.words, outcome.objectives);
        Ok(())
    }

    fn evaluate_batch(&self, batch: BatchView<'_>, outcomes: &mut Outcomes) {
        let range = batch.rows.clone();
        let words = &batch.genomes.bits[range.start * self.words..range.end * self.words];
        ones(Width::current(), words, self.words, &mut outcomes.objectives[range]);
    }
}

multiversion! {
    /// Bits past the last one are 0 in every row.
    fn ones(rows: &[u64], words: usize, out: &mut [f64]) = ones_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn ones_body(rows: &[u64], words: usize, out: &mut [f64]) {
    for (row, value) in rows.chunks_exact(words).zip(out) {
        *value = row.iter().map(|word| word.count_ones()).sum::<u32>() as f64;
    }
}
