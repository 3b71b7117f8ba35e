//! Simulated binary crossover of reals within bounds.

#![expect(clippy::inline_always, reason = "a call that is not inlined keeps a loop from vectorising")]

use crate::{
    maths::{self, AnyPower, Power, WholePower},
    random::unit,
};

/// The index for which `t^(eta+1)` is taken by squaring.
pub(crate) const WHOLE_ETA: f64 = 15.0;
/// As the loops take it for [`WHOLE_ETA`].
pub(crate) type WholeEtaPower = WholePower<16>;

/// Simulated binary crossover (SBX) of one gene, bounded.
///
/// K. Deb and R. B. Agrawal: Simulated binary crossover for continuous search space. Complex Systems 9, 1995,
/// pages 115–148; in the form for bounded variables, in which the spread to either side is cut where the bound of that
/// side is met, of K. Deb: An efficient constraint handling method for genetic algorithms. CMAME 186, 2000,
/// [doi:10.1016/S0045-7825(99)00389-8](https://doi.org/10.1016/S0045-7825(99)00389-8).
///
/// With `y1 ≤ y2` the parents and `d = y2 - y1`, a side with room `gap` to its bound takes the spread factor
/// `β = v^(1/(η+1))` where `v = u·(2 - (d/(d + 2·gap))^(η+1))` is at most 1, else `(1/(2-v))^(1/(η+1))`; the children
/// are `(y1 + y2 - β1·d)/2` and `(y1 + y2 + β2·d)/2`, from one `u` for both sides. Their mean is that of the parents
/// where both bounds are equally far, else it leans away from the nearer bound.
#[derive(Clone, Copy, Debug)]
pub struct SimulatedBinary {
    eta: f64,
}

impl SimulatedBinary {
    /// With distribution index `eta`, at least 0: the greater, the nearer are children to their parents.
    pub fn new(eta: f64) -> SimulatedBinary {
        SimulatedBinary { eta }
    }

    /// The children of `a` and `b`, which differ and lie in `[low, high]`; so do the children.
    ///
    /// The upper 52 bits of `word` are `u`; the last one exchanges the children.
    pub fn cross(self, a: f64, b: f64, word: u64, low: f64, high: f64) -> (f64, f64) {
        let inverse = 1.0 / (self.eta + 1.0);
        if self.eta == WHOLE_ETA {
            cross(WholePower::<16>, inverse, a, b, word, low, high)
        } else {
            cross(AnyPower(self.eta + 1.0), inverse, a, b, word, low, high)
        }
    }
}

#[inline(always)]
fn cross<P: Power>(power: P, inverse: f64, a: f64, b: f64, word: u64, low: f64, high: f64) -> (f64, f64) {
    let (y1, y2) = (maths::min(a, b), maths::max(a, b));
    let (d, u) = (y2 - y1, unit(word));
    let lower = spread_factor(inverse, spread_argument(power, u, d, y1 - low));
    let upper = spread_factor(inverse, spread_argument(power, u, d, high - y2));
    children(y1, y2, lower, upper, word, low, high)
}

/// The columns that [`cross_packed`] works on; all as long as the first, which is a multiple of 8.
pub(crate) struct Packed<'a> {
    /// One parent's genes, then one child's.
    pub(crate) a: &'a mut [f64],
    /// The other's.
    pub(crate) b: &'a mut [f64],
    /// A random word a gene.
    pub(crate) words: &'a [u64],
    /// Bounds.
    pub(crate) low: &'a [f64],
    /// Bounds.
    pub(crate) high: &'a [f64],
    /// Room.
    pub(crate) v: &'a mut [f64],
    /// Room.
    pub(crate) w: &'a mut [f64],
}

/// [`SimulatedBinary::cross`] of many genes: the same bits.
///
/// In short loops rather than one long one: the chain of one gene is long, so that the reorder buffer holds two genes'
/// worth of the whole but many of each part. Where both bounds are so far that `t^n` vanishes beside 2 for every gene of
/// a block, both factors are the same to the last bit, and one is computed. With `ALIKE`, all genes have the bounds of
/// the first, and the columns of bounds are not read.
#[inline(always)]
pub(crate) fn cross_packed<P: Power, const ALIKE: bool>(power: P, inverse: f64, packed: Packed<'_>) {
    const BLOCK: usize = 64;
    // t < far implies t^n < 2^-55, whatever the rounding.
    let far = 2.0 * 0.99 * maths::exp2(maths::max(-55.0 * inverse, -999.0));
    let Packed { a, b, words, low, high, v, w } = packed;
    let total = a.len();
    let (Some(low0), Some(high0)) = (low.first().copied(), high.first().copied()) else { return };
    let mut start = 0;
    while start < total {
        // Slices of a length not known at compile time: the loop vectoriser does these better than arrays.
        let block = start..(start + BLOCK).min(total);
        start += BLOCK;
        let (p, q, words) = (&mut a[block.clone()], &mut b[block.clone()], &words[block.clone()]);
        let (low, high) = if ALIKE { (&low[..0], &high[..0]) } else { (&low[block.clone()], &high[block.clone()]) };
        let (v, w) = (&mut v[block.clone()], &mut w[block]);
        let len = p.len();
        let (q, words, v, w) = (&mut q[..len], &words[..len], &mut v[..len], &mut w[..len]);
        let (low, high) = if ALIKE { (low, high) } else { (&low[..len], &high[..len]) };
        for k in 0..len {
            let (low, high) = bounds::<ALIKE>(low, high, k, low0, high0);
            let (y1, y2) = (maths::min(p[k], q[k]), maths::max(p[k], q[k]));
            (p[k], q[k]) = (y1, y2);
            w[k] = far * maths::min(y1 - low, high - y2) - (y2 - y1);
            v[k] = 2.0 * unit(words[k]);
        }
        let mut margin = [1.0; 8];
        for w in w.as_chunks::<8>().0 {
            for k in 0..8 {
                margin[k] = maths::min(w[k], margin[k]);
            }
        }
        if margin.iter().any(|margin| *margin < 0.0) {
            for k in 0..len {
                let (low, high) = bounds::<ALIKE>(low, high, k, low0, high0);
                let (y1, y2) = (p[k], q[k]);
                let u = unit(words[k]);
                v[k] = spread_argument(power, u, y2 - y1, y1 - low);
                w[k] = spread_argument(power, u, y2 - y1, high - y2);
            }
            for w in &mut *w {
                *w = spread_factor(inverse, *w);
            }
            for v in &mut *v {
                *v = spread_factor(inverse, *v);
            }
            for k in 0..len {
                let (low, high) = bounds::<ALIKE>(low, high, k, low0, high0);
                (p[k], q[k]) = children(p[k], q[k], v[k], w[k], words[k], low, high);
            }
        } else {
            for v in &mut *v {
                *v = spread_factor(inverse, *v);
            }
            for k in 0..len {
                let (low, high) = bounds::<ALIKE>(low, high, k, low0, high0);
                (p[k], q[k]) = children(p[k], q[k], v[k], v[k], words[k], low, high);
            }
        }
    }
}

#[inline(always)]
fn bounds<const ALIKE: bool>(low: &[f64], high: &[f64], k: usize, low0: f64, high0: f64) -> (f64, f64) {
    if ALIKE { (low0, high0) } else { (low[k], high[k]) }
}

#[inline(always)]
fn spread_argument<P: Power>(power: P, u: f64, d: f64, gap: f64) -> f64 {
    u * (2.0 - power.of(d / (d + 2.0 * gap)))
}

/// `v^inverse` up to 1, `(1/(2-v))^inverse` above: written so that the logarithm is taken once.
#[inline(always)]
fn spread_factor(inverse: f64, v: f64) -> f64 {
    let log = maths::log2(maths::min(v, 2.0 - v));
    maths::exp2(maths::copysign(log, v - 1.0) * inverse)
}

/// Clamped such that NaN, from parents both on a bound after rounding, becomes that bound.
#[inline(always)]
fn children(y1: f64, y2: f64, lower: f64, upper: f64, word: u64, low: f64, high: f64) -> (f64, f64) {
    let (s, d) = (y1 + y2, y2 - y1);
    let (c1, c2) = (0.5 * (s - lower * d), 0.5 * (s + upper * d));
    let c1 = maths::min(maths::max(c1, low), high).to_bits();
    let c2 = maths::max(maths::min(c2, high), low).to_bits();
    let differ = (c1 ^ c2) & 0u64.wrapping_sub(word & 1);
    (f64::from_bits(c1 ^ differ), f64::from_bits(c2 ^ differ))
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

    fn draw(index: u64, eta: f64, (a, b): (f64, f64), (low, high): (f64, f64)) -> Vec<(f64, f64)> {
        let mut stream = Stream::new(9, 0, Purpose::Mate, index);
        let operator = SimulatedBinary::new(eta);
        (0..DRAWS).map(|_| operator.cross(a, b, stream.next(), low, high)).collect()
    }

    /// Fails unless `of` are uniform on (0, 1): each of 64 equal parts holds a 64th of them.
    fn uniform(of: impl Iterator<Item = f64>) {
        let mut counts = [0; 64];
        for value in of {
            assert!((-1e-9..1.0 + 1e-9).contains(&value), "{value}");
            counts[((value * 64.0) as usize).min(63)] += 1;
        }
        chi_square(&counts, &[DRAWS as f64 / 64.0; 64]);
    }

    #[test]
    fn spread_factors_have_their_distribution() {
        // The density of β towards a side is (η+1)/2·β^η up to 1 and (η+1)/2·β^-(η+2) above, cut where the child meets
        // the bound, at β = 1 + 2·gap/d, and scaled up to 1. Its integral, with n = η+1 and α = 2 - (1 + 2·gap/d)^-n:
        // F(β) = β^n / α up to 1, (2 - β^-n) / α above. F(β) of drawn children must be uniform, for either side.
        let unequal = (-1.5, 6.0);
        for (index, eta, parents, bounds) in [
            (0, 15.0, (-1.0, 1.0), (-1e6, 1e6)),
            (1, 15.0, (2.0, -1.0), unequal),
            (2, 7.0, (2.0, -1.0), unequal),
            (3, 0.0, (2.0, -1.0), unequal),
            (4, 15.0, (-5.12, 5.1), (-5.12, 5.12)),
            (5, 2.5, (100.0, 100.5), (99.9, 250.0)),
        ] {
            let n = eta + 1.0;
            let (y1, y2) = (f64::min(parents.0, parents.1), f64::max(parents.0, parents.1));
            let (s, d) = (y1 + y2, y2 - y1);
            let integral = |beta: f64, gap: f64| {
                let alpha = 2.0 - (1.0 + 2.0 * gap / d).powf(-n);
                (if beta <= 1.0 { beta.powf(n) } else { 2.0 - beta.powf(-n) }) / alpha
            };
            let children = draw(index, eta, parents, bounds);
            assert!(children.iter().all(|(a, b)| [a, b].iter().all(|c| (bounds.0..=bounds.1).contains(*c))));
            uniform(children.iter().map(|(a, b)| integral((s - 2.0 * a.min(*b)) / d, y1 - bounds.0)));
            uniform(children.iter().map(|(a, b)| integral((2.0 * a.max(*b) - s) / d, bounds.1 - y2)));
        }
    }

    /// Mean and its standard error.
    fn mean(of: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
        let n = DRAWS as f64;
        let mean = of.clone().sum::<f64>() / n;
        let variance = of.map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
        (mean, (variance / n).sqrt())
    }

    #[test]
    fn the_mean_of_the_parents_is_kept_where_bounds_are_equally_far() {
        for (index, parents, bounds) in
            [(10, (-1.0, 1.0), (-5.0, 5.0)), (11, (3.25, 2.75), (2.5, 3.5)), (12, (-1e3, 7.0), (-1e9, 1e9))]
        {
            let children = draw(index, 15.0, parents, bounds);
            let middle = 0.5 * (parents.0 + parents.1);
            for child in [0, 1] {
                let of = children.iter().map(|(a, b)| if child == 0 { *a } else { *b });
                let (mean, error) = mean(of);
                assert!((mean - middle).abs() < 4.0 * error, "{mean} for {middle}");
            }
            // Each pair has that mean, not only all of them, where the spread is the same to both sides.
            let off = children.iter().map(|(a, b)| (0.5 * (a + b) - middle).abs()).fold(0.0, f64::max);
            assert!(off < 1e-9 * (parents.0 - parents.1).abs());
        }
    }

    #[test]
    fn a_near_bound_repels() {
        // What the bounded form is known for: on the side of the near bound the spread is cut, so that the mean moves
        // away from it. A test that it is so keeps a later repair from going unnoticed.
        let children = draw(13, 15.0, (0.0, 1.0), (0.0, 100.0));
        let (mean, error) = mean(children.iter().map(|(a, b)| 0.5 * (a + b)));
        assert!(mean > 0.5 + 10.0 * error, "{mean}");
    }

    #[test]
    fn children_change_places_half_the_time() {
        let children = draw(14, 15.0, (2.0, -1.0), (-1.5, 6.0));
        let swapped = children.iter().filter(|(a, b)| a > b).count() as u64;
        chi_square(&[swapped, DRAWS as u64 - swapped], &[DRAWS as f64 / 2.0; 2]);
    }

    #[test]
    fn the_order_of_the_parents_does_not_matter() {
        let operator = SimulatedBinary::new(15.0);
        let mut stream = Stream::new(9, 0, Purpose::Mate, 15);
        for _ in 0..1000 {
            let (a, b, word) = (stream.unit(), stream.unit(), stream.next());
            assert_eq!(operator.cross(a, b, word, 0.0, 1.0), operator.cross(b, a, word, 0.0, 1.0));
            // Mirrored parents have mirrored children.
            let mirrored = operator.cross(-a, -b, word, -1.0, 0.0);
            let (c1, c2) = operator.cross(a, b, word ^ 1, 0.0, 1.0);
            assert!((mirrored.0 + c1).abs() < 1e-12 && (mirrored.1 + c2).abs() < 1e-12);
        }
    }

    #[test]
    fn parents_at_the_ends_of_any_range_have_children_within() {
        let mut stream = Stream::new(9, 0, Purpose::Mate, 16);
        let ends = [-8e307, -1.0, 0.0, f64::MIN_POSITIVE, 1e-300, 1.0, 1.0 + f64::EPSILON, 8e307];
        for eta in [0.0, 0.5, 15.0, 1000.0] {
            let operator = SimulatedBinary::new(eta);
            for (k, low) in ends.iter().enumerate() {
                for high in &ends[k + 1..] {
                    for _ in 0..20 {
                        let (c1, c2) = operator.cross(*high, *low, stream.next(), *low, *high);
                        assert!((*low..=*high).contains(&c1) && (*low..=*high).contains(&c2));
                    }
                }
            }
        }
    }

    multiversion! {
        fn cross_whole(g: Packed<'_>) = cross_whole_body;
    }
    #[inline(always)]
    fn cross_whole_body(g: Packed<'_>) {
        cross_packed::<_, false>(WholeEtaPower {}, 1.0 / 16.0, g);
    }
    multiversion! {
        fn cross_alike(g: Packed<'_>) = cross_alike_body;
    }
    #[inline(always)]
    fn cross_alike_body(g: Packed<'_>) {
        cross_packed::<_, true>(AnyPower(4.5), 1.0 / 4.5, g);
    }

    #[test]
    fn packed_genes_get_the_bits_of_genes_alone() {
        let mut stream = Stream::new(9, 0, Purpose::Mate, 17);
        // Spread over many orders of magnitude, so that blocks far from all bounds and blocks near some both occur.
        for (near, alike) in [(1.0, true), (1e-9, true), (1.0, false), (1e-9, false)] {
            let len = 512;
            let mut column = |scale: f64| -> Vec<f64> { (0..len).map(|_| scale * (stream.unit() - 0.5)).collect() };
            let (a, b) = (column(near), column(near));
            let (mut low, mut high) = (vec![-0.5; len], vec![0.5; len]);
            if !alike {
                low = column(1.0).iter().map(|v| v - 1.0).collect();
                high = column(1.0).iter().map(|v| v + 1.0).collect();
            }
            let words: Vec<u64> = (0..len).map(|_| stream.next()).collect();
            let eta = if alike { 3.5 } else { WHOLE_ETA };
            for width in [Width::BASE, Width::widest()] {
                let (mut x, mut y) = (a.clone(), b.clone());
                let (mut v, mut w) = (vec![0.0; len], vec![0.0; len]);
                let packed =
                    Packed { a: &mut x, b: &mut y, words: &words, low: &low, high: &high, v: &mut v, w: &mut w };
                if alike {
                    cross_alike(width, packed);
                } else {
                    cross_whole(width, packed);
                }
                for k in 0..len {
                    let alone = SimulatedBinary::new(eta).cross(a[k], b[k], words[k], low[k], high[k]);
                    assert_eq!((x[k].to_bits(), y[k].to_bits()), (alone.0.to_bits(), alone.1.to_bits()));
                }
            }
        }
    }
}
