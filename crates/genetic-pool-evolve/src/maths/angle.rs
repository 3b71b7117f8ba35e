//! Cosine and its inverse in radians.

use super::{cos_pi, sqrt};

/// The cosine of `x` radians for |x| < 2^51, off by at most 8e-16 + 3e-16·|x|.
#[inline]
pub fn cos(x: f64) -> f64 {
    cos_pi(x / std::f64::consts::PI)
}

/// The angle from 0 to π whose cosine is `x`, off by at most 2e-15 of it; NaN outside [-1, 1].
#[inline]
pub fn acos(x: f64) -> f64 {
    // The odd part of the arc tangent's series: enough below tan(π/32).
    const C: [f64; 9] =
        [1.0, -1.0 / 3.0, 1.0 / 5.0, -1.0 / 7.0, 1.0 / 9.0, -1.0 / 11.0, 1.0 / 13.0, -1.0 / 15.0, 1.0 / 17.0];
    // The sine and the cosine of half the angle; their squares sum to 1. 1 ± x is exact where it is small.
    let sine = sqrt((1.0 - x) * 0.5);
    let cosine = sqrt((1.0 + x) * 0.5);
    // The tangent of a quarter of the angle, at most 1, then of an eighth, a sixteenth, a thirty-second.
    let mut tangent = sine / (1.0 + cosine);
    for _ in 0..3 {
        tangent /= 1.0 + sqrt(1.0 + tangent * tangent);
    }
    let z = tangent * tangent;
    let series = C.iter().rev().fold(0.0, |sum, coefficient| sum * z + coefficient);
    32.0 * tangent * series
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the host's maths is what ours is compared with")]
    fn cosine_is_as_accurate_as_it_says() {
        let mut stream = Stream::new(1, 0, Purpose::Try, 0);
        for _ in 0..200_000 {
            let x = (stream.unit() - 0.5) * 40.0;
            assert!((cos(x) - x.cos()).abs() <= 8e-16 + 3e-16 * x.abs(), "{x}");
        }
        assert!((cos(0.0) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn inverse_cosine_is_as_accurate_as_it_says() {
        let mut stream = Stream::new(2, 0, Purpose::Try, 0);
        for _ in 0..200_000 {
            // Near the ends too, where the angle changes like a square root.
            let far = stream.unit() * 2.0 - 1.0;
            let near = 1.0 - stream.unit() * 1e-6;
            for x in [far, near, -near] {
                assert!((acos(x) / x.acos() - 1.0).abs() <= 2e-15, "{x}: {} {}", acos(x), x.acos());
            }
        }
        assert_eq!(acos(1.0), 0.0);
        assert!((acos(-1.0) - std::f64::consts::PI).abs() < 2e-15);
        assert!(acos(1.1).is_nan() && acos(-1.1).is_nan() && acos(f64::NAN).is_nan());
    }
}
