//! The normal distribution's tail and its inverse.

use super::{exp, ln, sqrt};

/// The probability that a standard normal variate is above `x`, off by at most 1e-13 of it for `x` up to 30.
pub fn upper_tail(x: f64) -> f64 {
    if x < 0.0 {
        return 1.0 - upper_tail(-x);
    }
    let density = exp(-0.5 * x * x) * (1.0 / sqrt(2.0 * std::f64::consts::PI));
    if x < 2.0 {
        // ½ less the density times x + x³/3 + x⁵/(3·5) + …
        let (mut term, mut sum) = (x, x);
        for k in 1..40 {
            term *= x * x / f64::from(2 * k + 1);
            sum += term;
        }
        0.5 - density * sum
    } else {
        // Laplace's continued fraction 1/(x + 1/(x + 2/(x + 3/(x + …)))), from its end.
        let below = (1..=160).rev().fold(x, |below, k| x + f64::from(k) / below);
        density / below
    }
}

/// The `x` that a standard normal variate is above with probability `p`, for `p` from 1e-300 to ½, off by at most 1e-10.
pub fn upper_quantile(p: f64) -> f64 {
    let p = p.clamp(1e-300, 0.5);
    // The tail's logarithm is concave and near to a parabola: Newton's steps from a point above come down to the root.
    let mut x = sqrt(-2.0 * ln(p));
    for _ in 0..12 {
        let tail = upper_tail(x);
        let density = exp(-0.5 * x * x) * (1.0 / sqrt(2.0 * std::f64::consts::PI));
        x += (ln(tail) - ln(p)) * tail / density;
    }
    x.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_as_in_tables() {
        // From mpmath, 20 digits.
        for (x, wanted) in [
            (0.0, 0.5),
            (0.5, 0.308_537_538_725_986_9),
            (1.0, 0.158_655_253_931_457_05),
            (1.9, 0.028_716_559_816_001_8),
            (2.1, 0.017_864_420_562_816_55),
            (3.0, 0.001_349_898_031_630_094_5),
            (6.0, 9.865_876_450_376_98e-10),
            (10.0, 7.619_853_024_160_527e-24),
        ] {
            assert!((upper_tail(x) / wanted - 1.0).abs() < 1e-12, "{x}: {}", upper_tail(x));
            assert!((upper_tail(-x) - (1.0 - wanted)).abs() < 1e-15);
        }
    }

    #[test]
    fn quantiles_undo_tails() {
        for k in 0..100 {
            let x = 0.3 * f64::from(k);
            assert!((upper_quantile(upper_tail(x)) - x).abs() < 1e-10, "{x}: {}", upper_quantile(upper_tail(x)));
        }
        assert_eq!(upper_quantile(0.7), upper_quantile(0.5));
        assert!(upper_quantile(0.0) < 38.0);
    }
}
