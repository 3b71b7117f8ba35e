//! Creep mutation of whole numbers and ordinals.

use crate::{maths, random::Stream};

/// Another value of `[low, high]` near `value`: small steps are likely, large ones possible.
///
/// Up or down evenly, or the one way where there is no room the other; then a step of `m` from 1 to the room `r` that
/// is left with probability `log(1 + 1/m) / log(1 + r)`, so that steps of every order of magnitude are equally likely
/// and no range needs a setting of its own. This is the harmonic mutation strength of B. Doerr, C. Doerr and
/// T. Kötzing: The right mutation strength for multi-valued decision variables. GECCO 2016,
/// [doi:10.48550/arXiv.1604.03277](https://doi.org/10.48550/arXiv.1604.03277), with `1/m` smoothed so that it can be
/// drawn by inversion, and cut at the bounds.
///
/// `value` comes back only where it is the only one. `high - low` is at most 2^53. Takes two words.
#[inline]
pub fn creep(value: i64, low: i64, high: i64, stream: &mut Stream) -> i64 {
    let (side, unit) = (stream.next(), stream.unit());
    let (below, above) = (value - low, high - value);
    let up = above > 0 && (below == 0 || side >> 63 == 1);
    let room = if up { above } else { below };
    if room == 0 {
        return value;
    }
    // Clamped since `exp2` may miss a power by rounding.
    let step = (maths::exp2(unit * maths::log2((room + 1) as f64)) as i64).clamp(1, room);
    if up { value + step } else { value - step }
}
