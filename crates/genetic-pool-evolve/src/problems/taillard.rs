//! The generator of benchmark instances that many papers share.

/// The congruential generator of E. Taillard: Benchmarks for basic scheduling problems. EJOR 64(2), 1993,
/// [doi:10.1016/0377-2217(93)90182-M](https://doi.org/10.1016/0377-2217(93)90182-M): multiplier 16807, modulus 2^31 - 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taillard {
    state: u64,
}

const MODULUS: u64 = (1 << 31) - 1;

impl Taillard {
    /// From a seed of 1 to 2^31 - 2.
    pub(super) fn new(seed: u32) -> Taillard {
        Taillard { state: u64::from(seed) }
    }

    /// A number of `low` to `high`, both included.
    pub(super) fn within(&mut self, low: u32, high: u32) -> u32 {
        self.state = self.state * 16_807 % MODULUS;
        let unit = self.state as f64 / MODULUS as f64;
        low + (unit * f64::from(high - low + 1)) as u32
    }
}

/// Whether a seed is one that the generator takes.
pub(super) fn is_seed(seed: u32) -> bool {
    (1..MODULUS as u32).contains(&seed)
}
