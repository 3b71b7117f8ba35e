//! Branch-free functions on bounded domains, for loops that vectorise.

#![expect(clippy::inline_always, reason = "a call that is not inlined keeps a loop from vectorising")]

/// 1.5·2^52: a sum with it has whole numbers for its last bits.
const MAGIC: f64 = 6_755_399_441_055_744.0;

/// The nearest whole number, ties to even, for |x| < 2^51.
#[inline(always)]
pub fn round(x: f64) -> f64 {
    (x + MAGIC) - MAGIC
}

/// The largest whole number not above `x`, for |x| < 2^51.
#[inline(always)]
pub fn floor(x: f64) -> f64 {
    let nearest = round(x);
    nearest - if nearest > x { 1.0 } else { 0.0 }
}

/// A whole number from 0 to 2^32 - 1 held in a float, as an integer.
#[inline(always)]
pub fn whole(x: f64) -> u32 {
    (x + MAGIC).to_bits() as u32
}

/// The smaller of two numbers; `b` where one of them is NaN or both are zero.
#[inline(always)]
pub fn min(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The greater of two numbers; `b` where one of them is NaN or both are zero.
#[inline(always)]
pub fn max(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The magnitude of `magnitude` with the sign of `sign`.
#[inline(always)]
pub fn copysign(magnitude: f64, sign: f64) -> f64 {
    f64::from_bits((magnitude.to_bits() & (u64::MAX >> 1)) | (sign.to_bits() & (1 << 63)))
}

/// The base-2 logarithm of a positive normal number, off by at most 3e-14 of it or, near 1, of the distance to 1.
#[inline(always)]
pub fn log2(x: f64) -> f64 {
    const C: [f64; 6] = [
        2.885390081777851,
        0.961796694112265,
        0.5770779426602745,
        0.41220922406437344,
        0.31990680366410335,
        0.2828850255666951,
    ];
    let (exponent, mantissa) = split(x);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let z = s * s;
    let z2 = z * z;
    exponent + s * ((C[0] + C[1] * z) + ((C[2] + C[3] * z) + (C[4] + C[5] * z) * z2) * z2)
}

/// Two to the power `x`, for |x| < 1000, off by at most 1.2e-12 of it.
#[inline(always)]
pub fn exp2(x: f64) -> f64 {
    const C: [f64; 9] = [
        1.0,
        0.6931471805459335,
        0.2402265069581299,
        0.05550410941205933,
        0.009618129159402558,
        0.0013333450568000645,
        0.00015403455852453838,
        1.5310079402249296e-05,
        1.3255224878668817e-06,
    ];
    let shifted = x + MAGIC;
    let r = x - (shifted - MAGIC);
    let r2 = r * r;
    let r4 = r2 * r2;
    let low = (C[0] + C[1] * r) + (C[2] + C[3] * r) * r2;
    let high = (C[4] + C[5] * r) + (C[6] + C[7] * r) * r2;
    let power = low + (high + C[8] * r4) * r4;
    f64::from_bits(power.to_bits().wrapping_add(shifted.to_bits() << 52))
}

/// sin²(πx) for |x| < 2^51, off by at most 1e-15 of it; 0 at the whole numbers.
///
/// 1 - cos(2πx) is 2·sin²(πx), exact near its zeros.
#[inline(always)]
pub fn sinpi2(x: f64) -> f64 {
    let sine = sine_of_turn(x - round(x));
    sine * sine
}

/// sin(πx) for |x| < 2^51, off by at most 1e-15 of it; 0 at the whole numbers.
#[inline(always)]
pub fn sin_pi(x: f64) -> f64 {
    let shifted = x + MAGIC;
    alternate(sine_of_turn(x - (shifted - MAGIC)), shifted)
}

/// cos(πx) for |x| < 2^51, off by at most 1e-15 of it; 0 at the halves.
#[inline(always)]
pub fn cos_pi(x: f64) -> f64 {
    let shifted = x + MAGIC;
    let turn = x - (shifted - MAGIC);
    // Exact wherever the result is small.
    alternate(sine_of_turn(0.5 - turn.abs()), shifted)
}

/// `value`, its sign turned where the whole number in the last bits of `shifted` is odd.
#[inline(always)]
fn alternate(value: f64, shifted: f64) -> f64 {
    f64::from_bits(value.to_bits() ^ (shifted.to_bits() << 63))
}

/// sin(πt) for |t| ≤ ½.
#[inline(always)]
fn sine_of_turn(t: f64) -> f64 {
    const C: [f64; 8] = [
        3.1415926535897927,
        -5.1677127800497855,
        2.5501640398618677,
        -0.599264528825224,
        0.08214587881631043,
        -0.0073703643265304155,
        0.0004659870158043378,
        -2.113362735205297e-05,
    ];
    let z = t * t;
    let z2 = z * z;
    let z4 = z2 * z2;
    let low = (C[0] + C[1] * z) + (C[2] + C[3] * z) * z2;
    let high = (C[4] + C[5] * z) + (C[6] + C[7] * z) * z2;
    t * (low + high * z4)
}

/// A positive normal number as 2^exponent times a mantissa in [√½, √2).
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    const ONE: u64 = 0x3FF0_0000_0000_0000;
    let shifted = x.to_bits().wrapping_add(ONE - SQRT_HALF);
    let exponent = f64::from_bits((shifted >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let mantissa = f64::from_bits((shifted & 0x000F_FFFF_FFFF_FFFF) + SQRT_HALF);
    (exponent, mantissa)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    /// The largest value of `error` over many arguments spread over `low..high`.
    fn worst(low: f64, high: f64, error: impl Fn(f64) -> f64) -> f64 {
        let mut stream = Stream::new(1, 0, Purpose::Try, 0);
        (0..200_000).map(|_| error(low + (high - low) * stream.unit())).fold(0.0, f64::max)
    }

    fn relative(found: f64, wanted: f64) -> f64 {
        (found / wanted - 1.0).abs()
    }

    #[test]
    fn logarithm_is_as_accurate_as_it_says() {
        assert!(worst(0.0, 20.0, |x| (log2(x) - x.log2()).abs() / x.log2().abs().max((x - 1.0).abs())) < 3e-14);
        assert_eq!(log2(1.0), 0.0);
        for k in -1022..=1023 {
            assert_eq!(log2(f64::from_bits(((k + 1023) as u64) << 52)), f64::from(k));
        }
    }

    #[test]
    fn power_of_two_is_as_accurate_as_it_says() {
        assert!(worst(-999.0, 999.0, |x| relative(exp2(x), x.exp2())) < 1.2e-12);
        assert_eq!([exp2(-3.0), exp2(0.0), exp2(10.0)], [0.125, 1.0, 1024.0]);
    }

    #[test]
    fn sines_are_as_accurate_as_they_say() {
        use std::f64::consts::PI;
        assert!(worst(-0.499, 0.499, |x| relative(sinpi2(x), (PI * x).sin().powi(2))) < 1.5e-15);
        assert!(worst(-0.5, 0.5, |x| relative(sin_pi(x), (PI * x).sin())) < 1e-15);
        // The host is given πx rounded, which costs it accuracy where the cosine is small.
        assert!(worst(-0.25, 0.25, |x| relative(cos_pi(x), (PI * x).cos())) < 1e-15);
        assert!(worst(0.25, 0.75, |x| relative(cos_pi(x), (PI * (0.5 - x)).sin())) < 1e-15);
        // Away from the first turn the host's reduction is the worse one.
        assert!(worst(-50.0, 50.0, |x| (sin_pi(x) - (PI * x).sin()).abs()) < 3e-14);
        assert!(worst(-50.0, 50.0, |x| (cos_pi(x) - (PI * x).cos()).abs()) < 3e-14);
    }

    #[test]
    fn sines_are_exact_where_they_can_be() {
        for k in -5..=5 {
            let x = f64::from(k);
            let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
            assert_eq!((sin_pi(x), sinpi2(x), cos_pi(x + 0.5)), (0.0, 0.0, 0.0));
            assert!((cos_pi(x) - sign).abs() < 1e-15);
            assert!((sin_pi(x + 0.5) - sign).abs() < 1e-15);
        }
    }

    #[test]
    fn whole_numbers_are_as_the_host_rounds_them() {
        let mut stream = Stream::new(2, 0, Purpose::Try, 0);
        for _ in 0..100_000 {
            let x = (stream.unit() - 0.5) * 1e6;
            assert_eq!(floor(x), x.floor());
            assert_eq!(round(x), x.round_ties_even());
        }
        assert_eq!([round(0.5), round(1.5), round(-0.5), floor(-3.0)], [0.0, 2.0, 0.0, -3.0]);
        assert_eq!([whole(0.0), whole(4_294_967_295.0)], [0, u32::MAX]);
    }

    #[test]
    fn signs_and_extremes() {
        assert_eq!([min(1.0, 2.0), max(1.0, 2.0), copysign(3.0, -0.0)], [1.0, 2.0, -3.0]);
    }
}
