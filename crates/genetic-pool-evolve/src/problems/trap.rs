//! Concatenated deceptive traps.

use serde::Deserialize;

use super::Dimension;
use super::bits;
use crate::{
    problem::{Failure, Outcome, Problem, Signature, Trial},
    space::Genome,
};

/// Deceptive traps side by side, to be maximised: within each, every step towards its best leads down but the last.
///
/// The bits are cut into blocks of k; one with u ones adds k where u = k, and k - 1 - u else. Best value the number of
/// bits, all ones; all zeros are a local optimum. K. Deb and D. E. Goldberg: Analyzing deception in trap functions.
/// Foundations of Genetic Algorithms 2, 1993,
/// [doi:10.1016/B978-0-08-094832-4.50012-X](https://doi.org/10.1016/B978-0-08-094832-4.50012-X).
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "TrapOptions")]
pub struct Trap {
    signature: Signature,
    bits: usize,
    size: usize,
}

/// The options of [`Trap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrapOptions {
    /// How many bits, a multiple of `size`; 100 unless given.
    pub bits: Option<Dimension>,
    /// How many bits a trap has, 2 to 64; 5 unless given.
    pub size: Option<usize>,
}

/// Options that do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TrapError {
    #[error("option `size` must be a whole number from 2 to 64, found {found}")]
    Size { found: usize },
    #[error("option `bits` must be a multiple of `size`, {size}, found {found}")]
    Bits { size: usize, found: usize },
}

impl TryFrom<TrapOptions> for Trap {
    type Error = TrapError;

    fn try_from(options: TrapOptions) -> Result<Trap, TrapError> {
        let bits = options.bits.map_or(100, Dimension::get);
        let size = options.size.unwrap_or(5);
        if !(2..=64).contains(&size) {
            return Err(TrapError::Size { found: size });
        }
        if !bits.is_multiple_of(size) {
            return Err(TrapError::Bits { size, found: bits });
        }
        Ok(Trap { signature: bits::signature(bits, "value"), bits, size })
    }
}

impl Problem for Trap {
    fn signature(&self) -> Signature {
        self.signature.clone()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let words = genome.bits();
        let mask = u64::MAX >> (64 - self.size);
        let mut value = 0;
        for start in (0..self.bits).step_by(self.size) {
            let (word, shift) = (start / 64, start % 64);
            // A block may go on in the next word.
            let next = if shift + self.size > 64 { words[word + 1] << (64 - shift) } else { 0 };
            let ones = ((words[word] >> shift | next) & mask).count_ones() as usize;
            value += if ones == self.size { self.size } else { self.size - 1 - ones };
        }
        outcome.objectives[0] = value as f64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::tests::{by_batch, by_row, genomes};

    #[test]
    fn blocks_are_counted_one_by_one() {
        for (bits, size) in [(6, 2), (100, 5), (105, 7), (128, 64), (189, 63)] {
            let options = TrapOptions { bits: Dimension::new(bits), size: Some(size) };
            let trap = Trap::try_from(options).unwrap();
            let space = trap.signature().space;
            let genomes = genomes(&trap, 40, 0.0);
            let expected: Vec<f64> = (0..40)
                .map(|row| {
                    let genome = Genome::new(&space, &genomes, row);
                    let block = |start| (0..size).filter(|k| genome.bit(start + k)).count();
                    let value = |ones| if ones == size { size } else { size - 1 - ones };
                    (0..bits).step_by(size).map(|start| value(block(start))).sum::<usize>() as f64
                })
                .collect();
            assert_eq!(by_row(&trap, &genomes), expected, "{options:?}");
            assert_eq!(by_batch(&trap, &genomes, 0..40), expected, "{options:?}");
            let mut ends = space.genomes(2);
            (0..bits).for_each(|bit| ends.bits[bit / 64] |= 1 << (bit % 64));
            let zeros = bits / size * (size - 1);
            assert_eq!(by_row(&trap, &ends), [bits as f64, zeros as f64], "{options:?}");
        }
    }

    #[test]
    fn options_that_do_not_fit_are_refused() {
        let message = |bits, size| {
            Trap::try_from(TrapOptions { bits: Dimension::new(bits), size: Some(size) }).unwrap_err().to_string()
        };
        assert_eq!(message(100, 1), "option `size` must be a whole number from 2 to 64, found 1");
        assert_eq!(message(130, 65), "option `size` must be a whole number from 2 to 64, found 65");
        assert_eq!(message(100, 7), "option `bits` must be a multiple of `size`, 7, found 100");
    }
}
