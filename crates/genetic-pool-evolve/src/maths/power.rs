//! t^n by the fastest way that n allows.

#![expect(clippy::inline_always, reason = "a call that is not inlined keeps a loop from vectorising")]

use super::{exp2, log2, max};

/// How `t^n` is taken for a positive `t` up to 1.
///
/// Two ways differ in their last bits, so that the file decides which is taken, never the host.
pub(crate) trait Power: Copy {
    /// `t^n`; not below 2^-1000.
    fn of(self, t: f64) -> f64;
}

/// Any `n`, at the accuracy of [`log2`] and [`exp2`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnyPower(pub(crate) f64);

/// A whole `n` fixed at compile time, by squaring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WholePower<const N: u32>;

impl Power for AnyPower {
    #[inline(always)]
    fn of(self, t: f64) -> f64 {
        // A zero is raised to the least normal number, whose logarithm is known.
        exp2(max(self.0 * log2(max(t, f64::MIN_POSITIVE)), -999.0))
    }
}

impl<const N: u32> Power for WholePower<N> {
    #[inline(always)]
    fn of(self, t: f64) -> f64 {
        let (mut result, mut square, mut n) = (1.0, t, N);
        while n > 0 {
            if n & 1 == 1 {
                result *= square;
            }
            n >>= 1;
            if n > 0 {
                square *= square;
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree_but_for_the_last_bits() {
        for k in 1..=1000 {
            let t = f64::from(k) / 1000.0;
            let (any, whole, host) = (AnyPower(16.0).of(t), WholePower::<16>.of(t), t.powi(16));
            assert!((whole / host - 1.0).abs() < 1e-14);
            assert!((any / host - 1.0).abs() < 1e-11);
        }
        assert_eq!(WholePower::<21>.of(0.0), 0.0);
        assert!(AnyPower(16.0).of(0.0) < 1e-300);
        assert_eq!(AnyPower(1.5).of(1.0), 1.0);
    }
}
