//! Exponential, logarithm and power for every number.

use super::fast::split;

const MAGIC: f64 = 6_755_399_441_055_744.0;

/// The square root, which IEEE 754 rounds correctly everywhere.
#[inline]
pub fn sqrt(x: f64) -> f64 {
    x.sqrt()
}

/// e to the power `x`, within 1 unit in the last place.
///
/// 0 below about -745.1, infinite above about 709.8, NaN for NaN. Without branches: loops over it vectorise.
#[inline]
pub fn exp(x: f64) -> f64 {
    // ln 2 in two parts; the first has 21 zeros at its end, so that its product with an exponent is exact.
    const LN2_HIGH: f64 = 0.6931471803691238;
    const LN2_LOW: f64 = 1.9082149292705877e-10;
    // (e^r - 1 - r) / r², relative error 5e-18.
    const C: [f64; 11] = [
        0.5,
        0.1666666666666667,
        0.04166666666666667,
        0.008333333333326136,
        0.0013888888888883748,
        0.00019841269874820627,
        2.4801587325547743e-05,
        2.7557255400206422e-06,
        2.75572736431103e-07,
        2.5105217004720745e-08,
        2.0914686968086876e-09,
    ];
    let clamped = if x > 710.0 { 710.0 } else { x };
    let clamped = if clamped < -746.0 { -746.0 } else { clamped };
    let shifted = clamped * std::f64::consts::LOG2_E + MAGIC;
    let k = shifted - MAGIC;
    let r = (clamped - k * LN2_HIGH) - k * LN2_LOW;
    let power = 1.0 + (r + r * r * horner(&C, r));
    let result = scale(power, shifted);
    if x.is_nan() { f64::NAN } else { result }
}

/// The natural logarithm, within 1 unit in the last place.
///
/// -∞ at 0, infinite at infinity, NaN below 0 and for NaN. Without branches: loops over it vectorise.
#[inline]
pub fn ln(x: f64) -> f64 {
    const LN2_HIGH: f64 = 0.6931471803691238;
    const LN2_LOW: f64 = 1.9082149292705877e-10;
    // (ln((1+s)/(1-s)) - 2s) / s³ over s², relative error 6e-17.
    const C: [f64; 8] = [
        0.6666666666666666,
        0.4000000000000088,
        0.2857142857080323,
        0.2222222239180047,
        0.18181795630884753,
        0.15386240205813478,
        0.13268759668560612,
        0.13086767009948175,
    ];
    let (exponent, mantissa) = split_any(x);
    let f = mantissa - 1.0;
    let s = f / (mantissa + 1.0);
    let z = s * s;
    // ln(1+f) as f less a correction, so that the leading term is exact.
    let half = 0.5 * f * f;
    let correction = half - (s * (half + z * horner(&C, z)) + exponent * LN2_LOW);
    let result = exponent * LN2_HIGH - (correction - f);
    let result = if x == f64::INFINITY { f64::INFINITY } else { result };
    let result = if x == 0.0 { f64::NEG_INFINITY } else { result };
    if x >= 0.0 { result } else { f64::NAN }
}

/// `x` to the power `y`, within 1e-15 of it (8 units in the last place at the ends of the range, 1 near 1).
///
/// The special cases are C's: 1 where `y` is 0 or `x` is 1, whatever the other; else NaN where one is NaN; a negative
/// `x` has whole powers alone, the others are NaN; 0 has the power infinity where `y` is negative.
pub fn pow(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let magnitude = x.abs();
    let whole = is_whole(y);
    if x < 0.0 && !whole && x.is_finite() && y.is_finite() {
        return f64::NAN;
    }
    let power = if magnitude == 0.0 || magnitude == f64::INFINITY {
        if (magnitude == 0.0) == (y > 0.0) { 0.0 } else { f64::INFINITY }
    } else {
        positive_power(magnitude, y)
    };
    if x.is_sign_negative() && whole && is_odd(y) { -power } else { power }
}

fn is_whole(y: f64) -> bool {
    y.abs() >= 9_007_199_254_740_992.0 || (y as i64) as f64 == y
}

fn is_odd(y: f64) -> bool {
    y.abs() < 9_007_199_254_740_992.0 && (y as i64) & 1 == 1
}

/// `x` to the power `y` for a positive finite `x`.
fn positive_power(x: f64, y: f64) -> f64 {
    // (2^r - 1) / r, relative error 5e-17.
    const C: [f64; 12] = [
        std::f64::consts::LN_2,
        0.24022650695910072,
        0.055504108664821625,
        0.00961812910762848,
        0.0013333558146406467,
        0.00015403530393370732,
        1.5252733841561274e-05,
        1.321548680870779e-06,
        1.0178057085418509e-07,
        7.054897303009422e-09,
        4.455818319966744e-10,
        2.5729326214820692e-11,
    ];
    // Any greater exponent overflows or underflows just as surely, since |log2 x| is at least 2^-53 or 0.
    const LARGEST: f64 = 1_180_591_620_717_411_303_424.0;
    let y = y.clamp(-LARGEST, LARGEST);
    let (high, low) = log2_in_two(x);
    let (product, error) = exact_product(y, high);
    let (product, error) = if product > 1030.0 {
        (1030.0, 0.0)
    } else if product < -1100.0 {
        (-1100.0, 0.0)
    } else {
        (product, error + y * low)
    };
    let shifted = product + MAGIC;
    let r = (product - (shifted - MAGIC)) + error;
    scale(1.0 + r * horner(&C, r), shifted)
}

/// The base-2 logarithm of a positive finite number as a sum of two, off by about 2^-59 of it.
fn log2_in_two(x: f64) -> (f64, f64) {
    // 2 / ln 2 in two parts.
    const HIGH: f64 = 2.8853900817779268;
    const LOW: f64 = 4.0710547481862066e-17;
    // (log2((1+s)/(1-s)) - 2s/ln 2) / s³ over s², relative error 6e-17.
    const C: [f64; 8] = [
        0.9617966939259756,
        0.5770780163555981,
        0.4121985831021106,
        0.32059890042182215,
        0.26230786391134053,
        0.22197652442853488,
        0.19142773772579882,
        0.18880213866521517,
    ];
    let (exponent, mantissa) = split_any(x);
    let f = mantissa - 1.0;
    let g = mantissa + 1.0;
    let g_low = mantissa - (g - 1.0);
    let s = f / g;
    let (product, error) = exact_product(s, g);
    let s_low = (((f - product) - error) - s * g_low) / g;
    let z = s * s;
    let (linear, error) = exact_product(HIGH, s);
    let rest = error + (HIGH * s_low + LOW * s) + s * z * horner(&C, z);
    let (sum, error) = exact_sum(exponent, linear);
    let rest = error + rest;
    let high = sum + rest;
    (high, rest - (high - sum))
}

/// A positive finite number, subnormal ones too, as 2^exponent times a mantissa in [√½, √2).
#[inline]
fn split_any(x: f64) -> (f64, f64) {
    let subnormal = x < f64::MIN_POSITIVE;
    let normal = if subnormal { x * 18_014_398_509_481_984.0 } else { x };
    let (exponent, mantissa) = split(normal);
    (exponent - if subnormal { 54.0 } else { 0.0 }, mantissa)
}

/// `power` times two to the whole number in the last bits of `shifted`, which is -1100 to 1030; rounded once.
#[inline]
fn scale(power: f64, shifted: f64) -> f64 {
    let biased = shifted.to_bits().wrapping_sub(MAGIC.to_bits()).wrapping_add(4096);
    let first = biased >> 1;
    let second = biased.wrapping_sub(first);
    let of = |half: u64| f64::from_bits(half.wrapping_sub(2048 - 1023) << 52);
    power * of(first) * of(second)
}

#[inline]
fn horner<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    let mut sum = coefficients[N - 1];
    for k in (0..N - 1).rev() {
        sum = sum * x + coefficients[k];
    }
    sum
}

/// The product of two numbers and its rounding error (T. J. Dekker: A floating-point technique for extending the
/// available precision. Numerische Mathematik 18, 1971, [doi:10.1007/BF01397083](https://doi.org/10.1007/BF01397083)).
fn exact_product(a: f64, b: f64) -> (f64, f64) {
    let halves = |x: f64| {
        let shifted = 134_217_729.0 * x;
        let high = shifted - (shifted - x);
        (high, x - high)
    };
    let product = a * b;
    let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
    (product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low)
}

/// The sum of two numbers and its rounding error (D. E. Knuth: The art of computer programming, volume 2, 4.2.2).
fn exact_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    /// How many numbers lie between two.
    fn steps(a: f64, b: f64) -> u64 {
        crate::algorithms::order_key(a).abs_diff(crate::algorithms::order_key(b))
    }

    #[test]
    fn exponential_is_as_accurate_as_it_says() {
        let mut stream = Stream::new(1, 0, Purpose::Try, 0);
        for _ in 0..200_000 {
            // The host's own result is off by up to one unit too.
            let x = -746.0 + 1457.0 * stream.unit();
            assert!(steps(exp(x), x.exp()) <= 2, "{x}");
        }
        assert_eq!([exp(0.0), exp(-0.0)], [1.0, 1.0]);
        assert_eq!([exp(f64::NEG_INFINITY), exp(-800.0), exp(800.0)], [0.0, 0.0, f64::INFINITY]);
        assert!(exp(f64::NAN).is_nan() && exp(f64::INFINITY) == f64::INFINITY);
    }

    #[test]
    fn logarithm_is_as_accurate_as_it_says() {
        let mut stream = Stream::new(2, 0, Purpose::Try, 0);
        for _ in 0..200_000 {
            let near = 0.5 + stream.unit();
            let any = f64::from_bits(stream.next() >> 1).min(f64::MAX);
            for x in [near, any] {
                assert!(x.is_nan() || steps(ln(x), x.ln()) <= 2, "{x}");
            }
        }
        let least = f64::from_bits(1);
        assert_eq!([ln(1.0), ln(0.0), ln(-0.0)], [0.0, f64::NEG_INFINITY, f64::NEG_INFINITY]);
        assert!(steps(ln(least), least.ln()) <= 1);
        assert_eq!(ln(f64::INFINITY), f64::INFINITY);
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan() && ln(f64::NEG_INFINITY).is_nan());
    }

    #[test]
    fn power_is_as_accurate_as_it_says() {
        let mut stream = Stream::new(3, 0, Purpose::Try, 0);
        for _ in 0..200_000 {
            let x = exp(40.0 * (stream.unit() - 0.5));
            let y = 60.0 * (stream.unit() - 0.5);
            let (found, wanted) = (pow(x, y), x.powf(y));
            let off = if found == wanted { 0.0 } else { (found / wanted - 1.0).abs() };
            assert!(off < 1e-15 || wanted < f64::MIN_POSITIVE, "{x} {y}: {off}");
        }
        for (x, y, power) in [(3.0, 2.0, 9.0), (2.0, -1074.0, f64::from_bits(1)), (10.0, 15.0, 1e15), (4.0, 0.5, 2.0)] {
            assert_eq!(pow(x, y), power, "{x} to the {y}");
        }
    }

    #[test]
    fn powers_of_odd_numbers_are_as_in_c() {
        let values = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            -0.5,
            2.0,
            -2.0,
            3.0,
            -3.0,
            2.5,
            -2.5,
            1e300,
            -1e300,
            1e-300,
            5e-324,
            9_007_199_254_740_993.0,
            f64::MAX,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            1.0 + f64::EPSILON,
        ];
        for x in values {
            for y in values {
                let (found, wanted): (f64, f64) = (pow(x, y), x.powf(y));
                let same = found.is_nan() && wanted.is_nan()
                    || (found.is_sign_negative() == wanted.is_sign_negative()
                        && (steps(found.abs(), wanted.abs()) <= 2 || (found / wanted - 1.0).abs() < 1e-15));
                assert!(same, "{x} to the {y}: {found}, not {wanted}");
            }
        }
    }
}
