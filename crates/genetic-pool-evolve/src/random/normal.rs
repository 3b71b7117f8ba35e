//! Normal variates.

#![expect(clippy::inline_always, reason = "a body takes the instructions of its caller")]

use super::Stream;
use crate::{
    maths::{cos_pi, log2, sin_pi, sqrt},
    vector::{Width, multiversion},
};

/// Fills `out` with independent standard normal variates: by pairs, two words of `stream` each.
///
/// The words of the lengths come first, then those of the angles; the cosines are the first half of `out`, the sines
/// the second, and the last pair of an odd number gives only its cosine. G. E. P. Box and M. E. Muller: A note on the
/// generation of random normal deviates. Annals of Mathematical Statistics 29(2), 1958,
/// [doi:10.1214/aoms/1177706645](https://doi.org/10.1214/aoms/1177706645). No variate lies beyond 8.6.
#[inline]
pub fn normals(width: Width, stream: &mut Stream, out: &mut [f64]) {
    let half = out.len().div_ceil(2);
    // An odd number draws one word more, for the last angle.
    let (lengths, angles) = out.split_at_mut(half);
    lengths.fill_with(|| stream.unit());
    angles.fill_with(|| stream.unit());
    let last = (lengths.len() > angles.len()).then(|| stream.unit());
    transform(width, lengths, angles, last);
}

multiversion! {
    fn transform(lengths: &mut [f64], angles: &mut [f64], last: Option<f64>) = transform_body;
}

#[inline(always)]
fn transform_body(lengths: &mut [f64], angles: &mut [f64], last: Option<f64>) {
    if let (Some(angle), Some(length)) = (last, lengths.last_mut()) {
        *length = pair(*length, angle).0;
    }
    for (length, angle) in lengths.iter_mut().zip(angles) {
        (*length, *angle) = pair(*length, *angle);
    }
}

#[inline(always)]
fn pair(length: f64, angle: f64) -> (f64, f64) {
    // -2·ln(u) is never negative: u is below 1, where log2 is exact to its distance from 1.
    let radius = sqrt(-2.0 * std::f64::consts::LN_2 * log2(length));
    (radius * cos_pi(2.0 * angle), radius * sin_pi(2.0 * angle))
}

#[cfg(test)]
mod tests {
    use super::normals;
    use crate::{
        operators::chi_square,
        random::{Purpose, Stream},
        vector::Width,
    };

    fn drawn(index: u64, n: usize) -> Vec<f64> {
        let mut out = vec![0.0; n];
        normals(Width::current(), &mut Stream::new(5, 0, Purpose::Sample, index), &mut out);
        out
    }

    #[test]
    fn variates_are_standard_normal() {
        // Probabilities of the cells that end at -2.5, -2, … 2.5: differences of the normal distribution function.
        let below = [0.006_209_665, 0.022_750_132, 0.066_807_201, 0.158_655_254, 0.308_537_539, 0.5];
        let mut cells: Vec<f64> = below.to_vec();
        cells.extend(below[..5].iter().rev().map(|p| 1.0 - p));
        cells.push(1.0);
        for n in [1, 2, 7, 40] {
            let rounds = 80_000 / n as u64;
            let mut counts = vec![0; 12];
            let mut expected: Vec<f64> = Vec::new();
            for index in 0..rounds {
                for z in drawn(index, n) {
                    let cell = (((z + 2.5) * 2.0).floor() + 1.0).clamp(0.0, 11.0);
                    counts[cell as usize] += 1;
                }
            }
            let mut before = 0.0;
            for p in &cells {
                expected.push((p - before) * (rounds * n as u64) as f64);
                before = *p;
            }
            chi_square(&counts, &expected);
        }
    }

    #[test]
    fn a_cosine_and_its_sine_are_independent() {
        // Four quadrants by four rings of equal probability: -2·ln(1 - k/4) bounds the squared length.
        let mut counts = vec![0; 16];
        let rings = [0.575_364, 1.386_294, 2.772_589];
        for index in 0..40_000 {
            let z = drawn(index, 2);
            let square = z[0] * z[0] + z[1] * z[1];
            let ring = rings.iter().filter(|bound| square > **bound).count();
            counts[ring * 4 + usize::from(z[0] > 0.0) * 2 + usize::from(z[1] > 0.0)] += 1;
        }
        chi_square(&counts, &[2500.0; 16]);
    }

    #[test]
    fn every_width_gives_the_same_bits() {
        for n in [0, 1, 2, 3, 8, 41] {
            let mut base = vec![0.0; n];
            normals(Width::BASE, &mut Stream::new(5, 0, Purpose::Sample, 9), &mut base);
            assert_eq!(base, drawn(9, n));
            assert!(base.iter().all(|z| z.abs() < 8.6));
        }
    }
}
