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
/// pages 115–148; the form for bounded variables is that of K. Deb and M. Goyal: A combined genetic adaptive search
/// (GeneAS) for engineering design. Computer Science and Informatics 26(4), 1996, pages 30–45, in which the spread to
/// either side is cut where the bound of that side is met.
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
