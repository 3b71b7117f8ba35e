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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::creep;
    use crate::{
        operators::chi_square,
        random::{Purpose, Stream},
    };

    fn stream(index: u64) -> Stream {
        Stream::new(5, 0, Purpose::MutateInts, index)
    }

    #[test]
    fn steps_are_harmonic_on_either_side() {
        // From 3 in [0, 10]: down with ½, m of 1 to 3 with log(1 + 1/m)/log 4; up with ½, m of 1 to 7 with
        // log(1 + 1/m)/log 8.
        let n = 20_000;
        let side =
            |room: i32| (1..=room).map(move |m| 0.5 * (1.0 + 1.0 / f64::from(m)).ln() / f64::from(room + 1).ln());
        let mut down: Vec<f64> = side(3).collect();
        down.reverse();
        let expected: Vec<f64> = down.into_iter().chain(side(7)).map(|p| p * f64::from(n)).collect();
        let mut counts = vec![0; 11];
        for index in 0..n {
            counts[creep(3, 0, 10, &mut stream(index as u64)) as usize] += 1;
        }
        assert_eq!(counts.remove(3), 0, "a hit changes the value");
        chi_square(&counts, &expected);
    }

    #[test]
    fn at_a_bound_the_only_way_is_taken() {
        let mut counts = [0; 3];
        for index in 0..6000 {
            counts[(creep(-4, -4, -1, &mut stream(index)) + 3) as usize] += 1;
        }
        let expected = [1.0, 2.0, 3.0].map(|m: f64| 6000.0 * (1.0 + 1.0 / m).ln() / 4.0_f64.ln());
        chi_square(&counts, &expected);
    }

    #[test]
    fn every_order_of_magnitude_of_a_wide_range_is_reached() {
        let decades = |index| ((creep(0, 0, 1 << 53, &mut stream(index)) as f64).log2() / 53.0 * 8.0) as usize;
        let mut counts = vec![0; 8];
        for index in 0..8000 {
            counts[decades(index).min(7)] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
    }

    #[test]
    fn the_only_value_stays() {
        assert_eq!(creep(7, 7, 7, &mut stream(0)), 7);
    }

    proptest! {
        #[test]
        fn another_value_of_the_range(low in -(1_i64 << 52)..=1 << 52, range in 1_i64..=1 << 53, at in 0.0..=1.0, index: u64) {
            let high = low + range;
            let value = low + ((range as f64 * at) as i64).clamp(0, range);
            let changed = creep(value, low, high, &mut stream(index));
            prop_assert!((low..=high).contains(&changed));
            prop_assert!(changed != value);
            prop_assert_eq!(changed, creep(value, low, high, &mut stream(index)));
        }
    }
}
