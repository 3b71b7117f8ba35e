//! Polynomial mutation of reals within bounds.

#![expect(clippy::inline_always, reason = "a call that is not inlined keeps a loop from vectorising")]

use crate::{
    maths::{self, AnyPower, Power, WholePower},
    random::unit,
};

/// The index for which `t^(eta+1)` is taken by squaring.
pub(crate) const WHOLE_ETA: f64 = 20.0;
/// As the loops take it for [`WHOLE_ETA`].
pub(crate) type WholeEtaPower = WholePower<21>;

/// Polynomial mutation of one gene, bounded.
///
/// K. Deb and M. Goyal: A combined genetic adaptive search (`GeneAS`) for engineering design. Computer Science and
/// Informatics 26(4), 1996, pages 30–45; in the bounded form of K. Deb: An efficient
/// constraint handling method for genetic algorithms, appendix. CMAME 186, 2000,
/// [doi:10.1016/S0045-7825(99)00389-8](https://doi.org/10.1016/S0045-7825(99)00389-8); there the distance to the nearer
/// bound counts on both sides, here each side is cut by its own bound.
///
/// Down where `u < ½`, else up: with `m = min(u, 1-u)` and `δ` the distance to that side's bound over the range, the
/// step is `1 - (2m + (1 - 2m)·(1 - δ)^(η+1))^(1/(η+1))` of the range. Either side is taken half the time, however near
/// its bound; at a bound half of the mutations change nothing.
#[derive(Clone, Copy, Debug)]
pub struct Polynomial {
    eta: f64,
}

impl Polynomial {
    /// With distribution index `eta`, at least 0: the greater, the smaller are the steps.
    pub fn new(eta: f64) -> Polynomial {
        Polynomial { eta }
    }

    /// `value` changed, within `[low, high]`; the upper 52 bits of `word` are `u`.
    pub fn mutate(self, value: f64, word: u64, low: f64, high: f64) -> f64 {
        let inverse = 1.0 / (self.eta + 1.0);
        if self.eta == WHOLE_ETA {
            mutate(WholePower::<21>, inverse, value, unit(word), low, high)
        } else {
            mutate(AnyPower(self.eta + 1.0), inverse, value, unit(word), low, high)
        }
    }
}

/// [`Polynomial::mutate`] of many genes: the same bits. All slices are as long as the first.
#[inline(always)]
pub(crate) fn mutate_packed<P: Power>(
    power: P,
    inverse: f64,
    values: &mut [f64],
    words: &[u64],
    low: &[f64],
    high: &[f64],
) {
    let len = values.len();
    let (words, low, high) = (&words[..len], &low[..len], &high[..len]);
    for k in 0..len {
        values[k] = mutate(power, inverse, values[k], unit(words[k]), low[k], high[k]);
    }
}

#[inline(always)]
fn mutate<P: Power>(power: P, inverse: f64, value: f64, u: f64, low: f64, high: f64) -> f64 {
    let range = high - low;
    let m = maths::min(u, 1.0 - u);
    let gap = if u < 0.5 { value - low } else { high - value };
    let v = 2.0 * m + (1.0 - 2.0 * m) * power.of(1.0 - gap / range);
    let step = (1.0 - maths::exp2(maths::log2(v) * inverse)) * range;
    let changed = value + maths::copysign(step, u - 0.5);
    maths::min(maths::max(changed, low), high)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "expected values come from the host's maths")]
mod tests {
    use super::*;
    use crate::{
        operators::chi_square,
        random::{Purpose, Stream},
        vector::{Width, multiversion},
    };

    const DRAWS: usize = 1 << 17;

    #[test]
    fn steps_have_their_distribution() {
        // With n = η+1, down by δ of the range: (1-δ)^n falls from 1 at no step to at = (1-δ1)^n at the bound, linearly in
        // u from ½ to 0. So u = ((1-δ)^n - at) / (2(1 - at)), and mirrored up. That u must be uniform: a half each side.
        for (index, eta, value, low, high) in [
            (0, 20.0, 0.0, -5.12, 5.12),
            (1, 20.0, -5.0, -5.12, 5.12),
            (2, 3.0, 2.0, -1.5, 6.0),
            (3, 0.0, 2.0, -1.5, 6.0),
            (4, 20.0, 249.0, 99.9, 250.0),
        ] {
            let n: f64 = eta + 1.0;
            let (range, operator) = (high - low, Polynomial::new(eta));
            let mut stream = Stream::new(9, 0, Purpose::Mutate, index);
            let mut counts = [0; 64];
            for _ in 0..DRAWS {
                let changed = operator.mutate(value, stream.next(), low, high);
                assert!((low..=high).contains(&changed));
                let delta = (changed - value) / range;
                let side = |delta: f64, room: f64| {
                    let at = (1.0 - room / range).powf(n);
                    0.5 * ((1.0 - delta).powf(n) - at) / (1.0 - at)
                };
                let u = if delta < 0.0 { side(-delta, value - low) } else { 1.0 - side(delta, high - value) };
                counts[((u * 64.0) as usize).min(63)] += 1;
            }
            chi_square(&counts, &[DRAWS as f64 / 64.0; 64]);
        }
    }

    #[test]
    fn half_of_the_mutations_at_a_bound_stay_there() {
        let operator = Polynomial::new(20.0);
        let mut stream = Stream::new(9, 0, Purpose::Mutate, 10);
        let stayed = (0..DRAWS).filter(|_| operator.mutate(5.12, stream.next(), -5.12, 5.12) == 5.12).count() as u64;
        chi_square(&[stayed, DRAWS as u64 - stayed], &[DRAWS as f64 / 2.0; 2]);
    }

    #[test]
    fn the_mean_is_kept_in_the_middle() {
        let operator = Polynomial::new(20.0);
        let mut stream = Stream::new(9, 0, Purpose::Mutate, 11);
        let changed: Vec<f64> = (0..DRAWS).map(|_| operator.mutate(3.0, stream.next(), 1.0, 5.0) - 3.0).collect();
        let mean = changed.iter().sum::<f64>() / DRAWS as f64;
        let deviation = (changed.iter().map(|c| c * c).sum::<f64>() / DRAWS as f64).sqrt();
        assert!(mean.abs() < 4.0 * deviation / (DRAWS as f64).sqrt(), "{mean}");
    }

    #[test]
    fn values_at_the_ends_of_any_range_stay_within() {
        let mut stream = Stream::new(9, 0, Purpose::Mutate, 12);
        let ends = [-8e307, -1.0, 0.0, f64::MIN_POSITIVE, 1e-300, 1.0, 1.0 + f64::EPSILON, 8e307];
        for eta in [0.0, 0.5, 20.0, 1000.0] {
            let operator = Polynomial::new(eta);
            for (k, low) in ends.iter().enumerate() {
                for high in &ends[k + 1..] {
                    for value in [low, high] {
                        for _ in 0..20 {
                            let changed = operator.mutate(*value, stream.next(), *low, *high);
                            assert!((*low..=*high).contains(&changed), "{changed} is not within [{low}, {high}]");
                        }
                    }
                }
            }
        }
    }

    multiversion! {
        fn mutate_whole(values: &mut [f64], words: &[u64], low: &[f64], high: &[f64]) = mutate_whole_body;
    }
    #[inline(always)]
    fn mutate_whole_body(values: &mut [f64], words: &[u64], low: &[f64], high: &[f64]) {
        mutate_packed(WholeEtaPower {}, 1.0 / 21.0, values, words, low, high);
    }
    multiversion! {
        fn mutate_any(values: &mut [f64], words: &[u64], low: &[f64], high: &[f64]) = mutate_any_body;
    }
    #[inline(always)]
    fn mutate_any_body(values: &mut [f64], words: &[u64], low: &[f64], high: &[f64]) {
        mutate_packed(AnyPower(6.5), 1.0 / 6.5, values, words, low, high);
    }

    #[test]
    fn packed_genes_get_the_bits_of_genes_alone() {
        let mut stream = Stream::new(9, 0, Purpose::Mutate, 13);
        let len = 500;
        let low: Vec<f64> = (0..len).map(|_| stream.unit() - 1.0).collect();
        let high: Vec<f64> = (0..len).map(|_| stream.unit() + 0.1).collect();
        let values: Vec<f64> = low.iter().zip(&high).map(|(low, high)| low + (high - low) * stream.unit()).collect();
        let words: Vec<u64> = (0..len).map(|_| stream.next()).collect();
        for width in [Width::BASE, Width::widest()] {
            let (mut whole, mut any) = (values.clone(), values.clone());
            mutate_whole(width, &mut whole, &words, &low, &high);
            mutate_any(width, &mut any, &words, &low, &high);
            for k in 0..len {
                let alone = |eta| Polynomial::new(eta).mutate(values[k], words[k], low[k], high[k]).to_bits();
                assert_eq!((whole[k].to_bits(), any[k].to_bits()), (alone(WHOLE_ETA), alone(5.5)));
            }
        }
    }
}
