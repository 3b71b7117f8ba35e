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
/// K. Deb and M. Goyal: A combined genetic adaptive search (GeneAS) for engineering design. Computer Science and
/// Informatics 26(4), 1996, pages 30–45; in the bounded form of K. Deb and S. Agrawal: A niched-penalty approach for
/// constraint handling in genetic algorithms. ICANNGA 1999,
/// [doi:10.1007/978-3-7091-6384-9_40](https://doi.org/10.1007/978-3-7091-6384-9_40).
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
