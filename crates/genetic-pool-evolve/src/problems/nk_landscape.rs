//! NK landscapes: how rugged they are is a number.

use serde::Deserialize;

use super::{Dimension, bits};
use crate::{
    problem::{Failure, Outcome, Problem, Signature, Trial},
    random::{Purpose, Stream},
    space::Genome,
};

/// A random landscape over n bits whose ruggedness is set by K, to be maximised.
///
/// `value` is the mean over the bits of what each contributes: a number in (0, 1) drawn for each of the 2^(K + 1)
/// settings of the bit and of K others, drawn too. 0 others: every bit for itself, one optimum; n - 1: no structure.
/// The best value depends on the seed; S. A. Kauffman and S. Levin: Towards a general theory of adaptive walks on rugged
/// landscapes. Journal of Theoretical Biology 128(1), 1987,
/// [doi:10.1016/S0022-5193(87)80029-2](https://doi.org/10.1016/S0022-5193(87)80029-2).
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "NkLandscapeOptions")]
pub struct NkLandscape {
    signature: Signature,
    neighbours: usize,
    /// For each bit its own number and its neighbours'.
    links: Vec<u32>,
    /// For each bit its contribution at each setting of the bits linked to it.
    contributions: Vec<f64>,
}

/// The options of [`NkLandscape`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NkLandscapeOptions {
    /// How many bits; 100 unless given. Bits times 2^(`neighbours` + 1) are at most 2^24.
    pub bits: Option<Dimension>,
    /// How many others each bit depends on, fewer than bits; 4 unless given.
    pub neighbours: Option<usize>,
    /// What the landscape is drawn from; 0 unless given.
    pub seed: Option<u64>,
}

/// Options that do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NkLandscapeError {
    #[error("option `neighbours` must be less than `bits`, {bits}, found {found}")]
    Neighbours { bits: usize, found: usize },
    #[error("`bits` times 2^(`neighbours` + 1) must be at most 2^24, found {bits} and {neighbours}")]
    TooLarge { bits: usize, neighbours: usize },
}

impl TryFrom<NkLandscapeOptions> for NkLandscape {
    type Error = NkLandscapeError;

    fn try_from(options: NkLandscapeOptions) -> Result<NkLandscape, NkLandscapeError> {
        let bits = options.bits.map_or(100, Dimension::get);
        let neighbours = options.neighbours.unwrap_or(4);
        if neighbours >= bits {
            return Err(NkLandscapeError::Neighbours { bits, found: neighbours });
        }
        if neighbours > 23 || bits << (neighbours + 1) > 1 << 24 {
            return Err(NkLandscapeError::TooLarge { bits, neighbours });
        }
        let seed = options.seed.unwrap_or(0);
        let mut stream = Stream::new(seed, 0, Purpose::Instance, 0);
        let mut links = Vec::with_capacity(bits * (neighbours + 1));
        for bit in 0..bits {
            let start = links.len();
            links.push(bit as u32);
            while links.len() <= start + neighbours {
                let other = stream.below(bits) as u32;
                if !links[start..].contains(&other) {
                    links.push(other);
                }
            }
        }
        let contributions = (0..bits << (neighbours + 1)).map(|_| stream.unit()).collect();
        Ok(NkLandscape { signature: bits::signature(bits, "value"), neighbours, links, contributions })
    }
}

impl Problem for NkLandscape {
    fn signature(&self) -> Signature {
        self.signature.clone()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let words = genome.bits();
        let mut sum = 0.0;
        let bits = self.links.chunks_exact(self.neighbours + 1);
        let count = bits.len() as f64;
        for (links, contributions) in bits.zip(self.contributions.chunks_exact(2 << self.neighbours)) {
            let setting = links.iter().fold(0, |setting, bit| {
                let bit = *bit as usize;
                setting << 1 | (words[bit / 64] >> (bit % 64) & 1) as usize
            });
            sum += contributions[setting];
        }
        outcome.objectives[0] = sum / count;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::tests::{by_batch, by_row, genomes};

    fn landscape(bits: usize, neighbours: usize, seed: u64) -> NkLandscape {
        let options = NkLandscapeOptions { bits: Dimension::new(bits), neighbours: Some(neighbours), seed: Some(seed) };
        NkLandscape::try_from(options).unwrap()
    }

    /// The value of every setting of up to 12 bits.
    fn all(problem: &NkLandscape, bits: usize) -> Vec<f64> {
        let mut genomes = problem.signature().space.genomes(1 << bits);
        genomes.bits = (0..1 << bits).collect();
        by_row(problem, &genomes)
    }

    fn local_optima(values: &[f64], bits: usize) -> usize {
        let best = |place: &usize| (0..bits).all(|bit| values[place ^ 1 << bit] < values[*place]);
        (0..values.len()).filter(best).count()
    }

    #[test]
    fn one_optimum_without_neighbours_and_many_with_all() {
        let bits = 10;
        let smooth = all(&landscape(bits, 0, 3), bits);
        assert_eq!(local_optima(&smooth, bits), 1);
        // Independent values have 2^n / (n + 1) local optima on average: 93.1.
        let optima: usize = (0..10).map(|seed| local_optima(&all(&landscape(bits, bits - 1, seed), bits), bits)).sum();
        assert!((850..=1010).contains(&optima), "{optima}");
        let between = local_optima(&all(&landscape(bits, 4, 3), bits), bits);
        assert!((2..80).contains(&between), "{between}");
    }

    #[test]
    fn a_bit_changes_what_is_linked_to_it_alone() {
        let problem = landscape(70, 3, 1);
        let genomes = genomes(&problem, 30, 0.0);
        let values = by_row(&problem, &genomes);
        assert_eq!(by_batch(&problem, &genomes, 0..30), values);
        assert!(values.iter().all(|value| (0.2..0.8).contains(value)), "{values:?}");
        let linked = problem.links.chunks(4).filter(|links| links.contains(&69)).count();
        let mut flipped = genomes.clone();
        flipped.bits.iter_mut().skip(1).step_by(2).for_each(|word| *word ^= 1 << 5);
        for (before, after) in values.iter().zip(by_row(&problem, &flipped)) {
            assert!(*before != after && (before - after).abs() <= linked as f64 / 70.0, "{before} {after}");
        }
        assert_ne!(by_row(&landscape(70, 3, 2), &genomes), values);
    }

    #[test]
    fn options_that_do_not_fit_are_refused() {
        let message = |bits, neighbours| {
            let options = NkLandscapeOptions { bits: Dimension::new(bits), neighbours: Some(neighbours), seed: None };
            NkLandscape::try_from(options).unwrap_err().to_string()
        };
        assert_eq!(message(10, 10), "option `neighbours` must be less than `bits`, 10, found 10");
        let large = "`bits` times 2^(`neighbours` + 1) must be at most 2^24, found 100 and ";
        assert_eq!(message(100, 20), format!("{large}20"));
        assert_eq!(message(100, 70), format!("{large}70"));
    }
}
