//! One number for a whole history: equal digests mean equal histories, bit for bit.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::{algorithms::Population, space::Genomes};

/// Candidates in a block of the chain.
const BLOCK: u64 = 1024;

/// A chain over blocks of 1,024 candidates of (id, genome bits, outcome bits, failure kind), in the order of commits.
///
/// It takes candidates in any grouping and can be stored and continued. XXH3 is no cryptographic hash: the digest
/// tells histories apart, it does not seal them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    chain: u128,
    candidates: u64,
    /// What the current block holds so far: per candidate its id, a hash of each genome column, and the outcome.
    block: Vec<u64>,
}

impl Digest {
    /// Appends `population`, whose rows are in the order of commits.
    pub fn update(&mut self, population: &Population) {
        for row in 0..population.len() {
            self.push(population, row);
        }
    }

    /// The digest so far.
    pub fn value(&self) -> u128 {
        let mut bytes = Vec::with_capacity(24 + self.block.len() * 8);
        bytes.extend_from_slice(&self.chain.to_le_bytes());
        bytes.extend_from_slice(&self.candidates.to_le_bytes());
        bytes.extend(self.block.iter().flat_map(|word| word.to_le_bytes()));
        xxh3_128(&bytes)
    }

    fn push(&mut self, population: &Population, row: usize) {
        self.block.push(population.candidates[row].0);
        push_genome(&mut self.block, &population.genomes, row);
        let outcomes = &population.outcomes;
        match outcomes.failure(row) {
            None => {
                self.block.push(0);
                for column in [outcomes.objectives(row), outcomes.constraints(row)] {
                    self.block.extend(column.iter().map(|value| value.to_bits()));
                }
                // A measure may be NaN, and which of the many NaNs it is depends on the CPU.
                let bits = |value: &f64| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
                self.block.extend(outcomes.measures(row).iter().map(bits));
            }
            Some(failure) => self.block.push(failure.kind as u64),
        }
        self.candidates += 1;
        if self.candidates.is_multiple_of(BLOCK) {
            self.block.push(self.chain as u64);
            self.block.push((self.chain >> 64) as u64);
            self.chain = xxh3_128(bytes(&self.block));
            self.block.clear();
        }
    }
}

impl std::fmt::Display for Digest {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.value())
    }
}

/// Appends a hash of each column that the genome has. The activity mask follows from them.
#[inline]
fn push_genome(words: &mut Vec<u64>, genomes: &Genomes, row: usize) {
    let shape = genomes.shape;
    macro_rules! column {
        ($column:ident, $width:expr) => {
            if $width > 0 {
                words.push(xxh3_64(bytes(&genomes.$column[row * $width..][..$width])));
            }
        };
    }
    column!(reals, shape.reals);
    column!(ints, shape.ints);
    column!(bits, shape.bit_words());
    column!(items, shape.items);
}

/// The memory of a column, which is its little-endian form on every supported host.
#[inline]
fn bytes<T: bytemuck::NoUninit>(column: &[T]) -> &[u8] {
    const { assert!(cfg!(target_endian = "little"), "digests are defined on little-endian hosts") };
    bytemuck::cast_slice(column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        outcomes::OutcomeShape,
        problem::{CandidateId, Failure, FailureKind},
        space::Shape,
    };

    fn history(rows: usize) -> Population {
        let shape = Shape { reals: 3, ints: 1, ..Shape::default() };
        let mut population = Population::new(shape, OutcomeShape { objectives: 1, ..OutcomeShape::default() }, rows);
        for row in 0..rows {
            population.candidates[row] = CandidateId::new(0, row as u64);
            population.genomes.reals[3 * row] = row as f64 * 0.1;
            population.genomes.ints[row] = -(row as i64);
            population.outcomes.objectives[row] = row as f64 / 3.0;
        }
        population.outcomes.fail(5, Failure::exception("no"));
        population
    }

    fn part(whole: &Population, range: std::ops::Range<usize>) -> Population {
        let mut part = Population::new(whole.genomes.shape, whole.outcomes.shape, range.len());
        for (to, from) in range.enumerate() {
            part.copy_row(to, whole, from);
        }
        part
    }

    #[test]
    fn grouping_and_storing_change_nothing() {
        let whole = history(3000);
        let mut at_once = Digest::default();
        at_once.update(&whole);
        let mut in_parts = Digest::default();
        for start in (0..3000).step_by(7) {
            in_parts.update(&part(&whole, start..(start + 7).min(3000)));
            let stored = postcard::to_stdvec(&in_parts).expect("writes");
            in_parts = postcard::from_bytes(&stored).expect("reads");
        }
        assert_eq!(at_once, in_parts);
        assert_eq!(at_once.to_string().len(), 32);
    }

    #[test]
    fn one_nan_is_as_good_as_another_among_measures() {
        let digest = |nan: u64| {
            let shape = OutcomeShape { objectives: 1, measures: 1, ..OutcomeShape::default() };
            let mut population = Population::new(Shape::default(), shape, 1);
            population.outcomes.measures[0] = f64::from_bits(nan);
            let mut digest = Digest::default();
            digest.update(&population);
            digest.value()
        };
        assert_eq!(digest(0x7FF8_0000_0000_0000), digest(0xFFF8_0000_0000_0001));
        assert_ne!(digest(0x7FF8_0000_0000_0000), digest(0x7FF0_0000_0000_0000));
    }

    #[test]
    fn every_bit_counts() {
        let digest = |change: &dyn Fn(&mut Population)| {
            let mut population = history(1500);
            change(&mut population);
            let mut digest = Digest::default();
            digest.update(&population);
            digest.value()
        };
        let same = digest(&|_| {});
        let others: [&dyn Fn(&mut Population); 6] = [
            &|p| p.candidates[3] = CandidateId::new(1, 3),
            &|p| p.genomes.reals[0] = -0.0,
            &|p| p.genomes.ints[1499] = 7,
            &|p| p.outcomes.objectives[1023] = f64::INFINITY,
            &|p| p.outcomes.failures[0].1.kind = FailureKind::Timeout,
            &|p| *p = part(p, 0..1499),
        ];
        for change in others {
            assert_ne!(digest(change), same);
        }
    }
}
