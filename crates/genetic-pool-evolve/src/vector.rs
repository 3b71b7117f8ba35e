//! Run-time choice of vector width: the one file with unsafe code.
//!
//! Wider vectors change the speed and never a bit: the bodies use no operation whose result depends on the width, and
//! Rust never contracts a multiplication and an addition into one rounding.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// The instructions a multiversioned function may use. Only those that this CPU has can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width(Instructions);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instructions {
    /// What the target guarantees: SSE2 on x86-64.
    Base,
    /// AVX2 with the bit manipulation instructions that every CPU with it has.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "only x86-64 has it"))]
    Avx2,
}

const UNKNOWN: u8 = 0;
const BASE: u8 = 1;
const AVX2: u8 = 2;

/// What [`Width::current`] found, or was limited to. It decides speed alone, so it may be shared by all.
static CURRENT: AtomicU8 = AtomicU8::new(UNKNOWN);

impl Width {
    /// What the target guarantees.
    pub const BASE: Width = Width(Instructions::Base);

    /// The widest this CPU has.
    pub fn widest() -> Width {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("bmi1")
            && std::arch::is_x86_feature_detected!("bmi2")
            && std::arch::is_x86_feature_detected!("lzcnt")
            && std::arch::is_x86_feature_detected!("popcnt")
        {
            return Width(Instructions::Avx2);
        }
        Width::BASE
    }

    /// The widest this CPU has, unless [`limit_to_base`](Width::limit_to_base) was called.
    #[inline]
    pub fn current() -> Width {
        match CURRENT.load(Relaxed) {
            BASE => Width::BASE,
            // Only `widest` leads to this number.
            AVX2 => Width(Instructions::Avx2),
            _ => {
                let width = Width::widest();
                CURRENT.store(if width == Width::BASE { BASE } else { AVX2 }, Relaxed);
                width
            }
        }
    }

    /// Keeps this process to what the target guarantees from here on: for measuring what wider vectors are worth.
    pub fn limit_to_base() {
        CURRENT.store(BASE, Relaxed);
    }

    /// Whether AVX2 may be used.
    #[inline]
    pub fn has_avx2(self) -> bool {
        self.0 == Instructions::Avx2
    }
}

/// Defines a function that takes a [`Width`] before its own arguments and runs the body compiled for it.
///
/// ```text
/// multiversion! {
///     /// Sums of squares of rows.
///     pub(crate) fn sphere_rows(rows: &[f64], out: &mut [f64]) = sphere_rows_body;
/// }
/// #[inline(always)]
/// fn sphere_rows_body(rows: &[f64], out: &mut [f64]) { … }
/// // sphere_rows(Width::current(), rows, out)
/// ```
///
/// The body, and all it calls in its loops, must be `#[inline(always)]`: a call that is not inlined keeps the base
/// instructions and stops vectorisation without a word.
macro_rules! multiversion {
    ($(#[$meta:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $body:ident;) => {
        $(#[$meta])*
        #[inline]
        #[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "run-time CPU dispatch"))]
        $visibility fn $name(width: $crate::vector::Width, $($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
                fn avx2($($argument: $type),*) $(-> $result)? {
                    $body($($argument),*)
                }
                if width.has_avx2() {
                    // SAFETY: a width with AVX2 exists only where all these features were detected.
                    return unsafe { avx2($($argument),*) };
                }
            }
            let _ = width;
            $body($($argument),*)
        }
    };
}
pub(crate) use multiversion;

#[cfg(test)]
mod tests {
    use super::*;

    multiversion! {
        fn sum(values: &[f64]) -> f64 = sum_body;
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
    fn sum_body(values: &[f64]) -> f64 {
        values.iter().fold(0.0, |sum, value| sum + value * value)
    }

    #[test]
    fn every_width_gives_the_same_bits() {
        let values: Vec<f64> = (0..1000).map(|k| 1.0 / f64::from(k + 1)).collect();
        assert_eq!(sum(Width::BASE, &values).to_bits(), sum(Width::widest(), &values).to_bits());
    }
}
