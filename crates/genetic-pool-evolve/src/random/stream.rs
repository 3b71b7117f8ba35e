//! A stream of random words.

use super::philox;

/// What a stream's chance is for; part of its address, so that no two uses share words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// The genomes of the first population.
    Initialize = 1,
    /// Selection of parents and crossover.
    Mate = 2,
    /// Mutation.
    Mutate = 3,
    /// The seed of a trial.
    Trial = 4,
    /// What a problem is made of: shifts, rotations, instances.
    Instance = 5,
    /// Which candidates are tried before a run.
    Try = 6,
    /// Crossover of whole numbers, ordinals and choices.
    CrossInts = 7,
    /// Mutation of whole numbers, ordinals and choices.
    MutateInts = 8,
    /// Crossover of bits.
    CrossBits = 9,
    /// Mutation of bits.
    MutateBits = 10,
    /// Crossover of permutations.
    CrossItems = 11,
    /// Mutation of permutations.
    MutateItems = 12,
    /// Who of an island's population is sent to others.
    Emigrate = 60,
    /// Whose place immigrants take.
    Immigrate = 61,
    /// Which islands an island sends to.
    Topology = 62,
    /// Which members of a population are paired.
    Pair = 50,
    /// The local search of a problem.
    Improve = 51,
    /// Parents, strengths and crossover of differential evolution.
    Differ = 30,
    /// What leaves the archive of differential evolution.
    Archive = 31,
    /// The step of a trial that would be its parent.
    Step = 32,
    /// The steps of a candidate that is drawn from a normal distribution.
    Sample = 20,
    /// Steps of which a model picks some.
    Screen = 21,
    /// Where a descent begins.
    Descent = 22,
}

/// A xoshiro256++ generator, keyed by one Philox block.
///
/// Blackman and Vigna: Scrambled linear pseudorandom number generators. ACM TOMS 47(4), 2021,
/// [doi:10.1145/3460772](https://doi.org/10.1145/3460772).
#[derive(Clone, Copy, Debug)]
pub struct Stream(pub(super) [u64; 4]);

impl Stream {
    /// The stream of `purpose` and `index` (a candidate, a generation, …) on `island` in a run with seed `seed`.
    #[inline]
    pub fn new(seed: u64, island: u16, purpose: Purpose, index: u64) -> Stream {
        const DOMAIN: u64 = u64::from_be_bytes(*b"genetic\0");
        Stream(philox([index, purpose as u64, u64::from(island), 0], [seed, DOMAIN]))
    }

    /// 64 random bits.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "a stream never ends: an Option would be noise")]
    pub fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let word = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        word
    }

    /// A uniform number in the open interval (0, 1).
    #[inline]
    pub fn unit(&mut self) -> f64 {
        unit(self.next())
    }

    /// A uniform number below `n`, which is at least 1; the bias is below `n / 2^64`.
    #[inline]
    pub fn below_wide(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// A uniform index below `n`, which is 1 to 2^32; the bias is below `n / 2^32`.
    #[inline]
    pub fn below(&mut self, n: usize) -> usize {
        below((self.next() >> 32) as u32, n)
    }
}

/// The upper 52 bits of `word` as a number in (0, 1): (2k + 1)·2^-53, open and symmetric about ½.
#[inline]
pub fn unit(word: u64) -> f64 {
    f64::from_bits((word >> 12) | 0x3FF0_0000_0000_0000) - (1.0 - 1.0 / 9_007_199_254_740_992.0)
}

/// 32 random bits as an index below `n`.
#[inline]
pub fn below(half: u32, n: usize) -> usize {
    ((u64::from(half) * n as u64) >> 32) as usize
}
