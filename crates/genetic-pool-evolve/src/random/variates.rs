//! Single variates of distributions that are not uniform: branch-free, so that loops over them vectorise.

#![expect(clippy::inline_always, reason = "a call that is not inlined keeps a loop from vectorising")]

use super::unit;
use crate::maths::{cos_pi, log2, sin_pi, sqrt};

/// A standard normal variate of two words: one for its length, one for its angle.
///
/// G. E. P. Box and M. E. Muller: A note on the generation of random normal deviates. Annals of Mathematical
/// Statistics 29(2), 1958, [doi:10.1214/aoms/1177706645](https://doi.org/10.1214/aoms/1177706645). None lies beyond 8.6.
#[inline(always)]
pub fn normal(length: u64, angle: u64) -> f64 {
    // A unit is below 1, so that its logarithm is negative.
    sqrt(-2.0 * std::f64::consts::LN_2 * log2(unit(length))) * cos_pi(2.0 * unit(angle))
}

/// A standard Cauchy variate of one word: its quantile. None lies beyond 3e15.
#[inline(always)]
pub fn cauchy(word: u64) -> f64 {
    let turn = unit(word) - 0.5;
    sin_pi(turn) / cos_pi(turn)
}

#[cfg(test)]
mod tests {
    use super::{cauchy, normal};
    use crate::{
        operators::chi_square,
        random::{Purpose, Stream},
    };

    const N: u64 = 80_000;

    fn stream(index: u64) -> Stream {
        Stream::new(5, 0, Purpose::Try, index)
    }

    #[test]
    fn normal_variates_are_standard_normal() {
        // The normal distribution function at -2.5, -2, … 2.5 parts the line into cells.
        let below = [0.006_209_665, 0.022_750_132, 0.066_807_201, 0.158_655_254, 0.308_537_539, 0.5];
        let mut cells: Vec<f64> = below.to_vec();
        cells.extend(below[..5].iter().rev().map(|p| 1.0 - p));
        cells.push(1.0);
        let mut counts = vec![0; 12];
        let mut drawn = stream(1);
        for _ in 0..N {
            let z = normal(drawn.next(), drawn.next());
            assert!(z.abs() < 8.6);
            counts[(((z + 2.5) * 2.0).floor() + 1.0).clamp(0.0, 11.0) as usize] += 1;
        }
        chi_square(&counts, &differences(&cells));
    }

    #[test]
    fn cauchy_variates_have_cauchy_quantiles() {
        // The distribution function is ½ + atan(x)/π: sixteen cells of one probability end at tan(π(k/16 - ½)).
        let ends: Vec<f64> =
            (1..16).map(|k| (std::f64::consts::PI * (f64::from(k) / 16.0 - 0.5)).tan()).collect();
        let mut counts = vec![0; 16];
        let mut drawn = stream(2);
        for _ in 0..N {
            let x = cauchy(drawn.next());
            counts[ends.iter().filter(|end| x > **end).count()] += 1;
        }
        chi_square(&counts, &[N as f64 / 16.0; 16]);
    }

    #[test]
    fn the_ends_are_finite_and_symmetric() {
        for (least, most) in [(cauchy(0), cauchy(u64::MAX)), (normal(0, u64::MAX / 2), -normal(0, u64::MAX / 2))] {
            assert!(least.is_finite() && most.is_finite() && least < -8.0 && most == -least, "{least} {most}");
        }
        assert!(normal(u64::MAX, 0) < 1e-7 && cauchy(u64::MAX) < 3e15);
    }

    fn differences(cells: &[f64]) -> Vec<f64> {
        let mut before = 0.0;
        cells.iter().map(|p| N as f64 * (p - std::mem::replace(&mut before, *p))).collect()
    }
}
