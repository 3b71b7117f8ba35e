//! The 24 functions.

#![expect(clippy::inline_always, reason = "bodies take the instructions of the function that calls them")]

use super::{
    instance::Instance,
    lanes::{Lanes, change, multiply, neighbours, pairwise, plain_sum, sum},
    transformations::{bend_all, oscillate, oscillate_all, penalty, sin, subtract},
};
use crate::{maths, vector::multiversion};

/// The functions by their names, in the order of their numbers, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the benchmark's")]
pub enum Function {
    Sphere,
    EllipsoidSeparable,
    RastriginSeparable,
    BuecheRastrigin,
    LinearSlope,
    AttractiveSector,
    StepEllipsoid,
    Rosenbrock,
    RosenbrockRotated,
    EllipsoidRotated,
    Discus,
    BentCigar,
    SharpRidge,
    DifferentPowers,
    RastriginRotated,
    Weierstrass,
    SchaffersF7,
    SchaffersF7IllConditioned,
    GriewankRosenbrock,
    Schwefel,
    Gallagher101,
    Gallagher21,
    Katsuura,
    LunacekBiRastrigin,
}

impl Function {
    /// All of them, in the order of their numbers.
    pub const ALL: [Function; 24] = [
        Function::Sphere,
        Function::EllipsoidSeparable,
        Function::RastriginSeparable,
        Function::BuecheRastrigin,
        Function::LinearSlope,
        Function::AttractiveSector,
        Function::StepEllipsoid,
        Function::Rosenbrock,
        Function::RosenbrockRotated,
        Function::EllipsoidRotated,
        Function::Discus,
        Function::BentCigar,
        Function::SharpRidge,
        Function::DifferentPowers,
        Function::RastriginRotated,
        Function::Weierstrass,
        Function::SchaffersF7,
        Function::SchaffersF7IllConditioned,
        Function::GriewankRosenbrock,
        Function::Schwefel,
        Function::Gallagher101,
        Function::Gallagher21,
        Function::Katsuura,
        Function::LunacekBiRastrigin,
    ];

    /// The function with the number `number`, 1 to 24.
    pub fn of_number(number: u64) -> Option<Function> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        Function::ALL.get(place).copied()
    }

    /// Its number, 1 to 24.
    pub fn number(self) -> u64 {
        self as u64 + 1
    }

    /// What its instances' seeds begin with: two functions share another's optimum and rotations.
    pub(super) fn seed(self) -> i64 {
        match self {
            Function::BuecheRastrigin => 3,
            Function::SchaffersF7IllConditioned => 17,
            other => other.number() as i64,
        }
    }

    /// By how much Rosenbrock's valley is made longer in many dimensions.
    pub(super) fn stretch(dimension: usize) -> f64 {
        let stretch = (dimension as f64).sqrt() / 8.0;
        if stretch > 1.0 { stretch } else { 1.0 }
    }
}

multiversion! {
    /// The value of each row; a row's is the same alone and among others.
    pub(super) fn values(instance: &Instance, rows: &[f64], out: &mut [f64]) = values_body;
}

/// The rows taken side by side where there is more than one.
const LANES: usize = 8;
/// The most variables whose buffers fit the stack.
const SHORT: usize = 40;

#[inline(always)]
fn values_body(instance: &Instance, rows: &[f64], out: &mut [f64]) {
    if out.len() == 1 {
        side_by_side::<1>(instance, rows, out);
    } else {
        side_by_side::<LANES>(instance, rows, out);
    }
}

#[inline(always)]
fn side_by_side<const L: usize>(instance: &Instance, rows: &[f64], out: &mut [f64]) {
    let n = instance.dimension;
    let mut short = [[0.0; L]; 2 * SHORT];
    let mut long = if n > SHORT { vec![[0.0; L]; 2 * n] } else { Vec::new() };
    let buffer = if n > SHORT { &mut long[..] } else { &mut short[..2 * n] };
    let (x, y) = buffer.split_at_mut(n);
    for (rows, out) in rows.chunks(L * n).zip(out.chunks_mut(L)) {
        for k in 0..L {
            // What is left of the last block is filled up with its first row.
            let row = if k < out.len() { k } else { 0 };
            for (x, value) in x.iter_mut().zip(&rows[row * n..][..n]) {
                x[k] = *value;
            }
        }
        let values = block(instance, x, y);
        for (out, value) in out.iter_mut().zip(values) {
            *out = value + instance.f_opt;
        }
    }
}

/// The values above the optimum's; `x` and `y` are used up.
#[inline(always)]
fn block<const L: usize>(instance: &Instance, x: &mut [Lanes<L>], y: &mut [Lanes<L>]) -> Lanes<L> {
    let Instance { x_opt, first, second, weights, .. } = instance;
    let n = instance.dimension as f64;
    match instance.function {
        Function::Sphere => sum(x, x_opt, |x, x_opt| (x - x_opt) * (x - x_opt)),
        Function::EllipsoidSeparable => {
            subtract(x, x_opt);
            oscillate_all(x);
            sum(x, weights, |z, weight| weight * z * z)
        }
        Function::RastriginSeparable => {
            subtract(x, x_opt);
            oscillate_all(x);
            bend_all(x, 0.2);
            change(x, weights, |z, weight| weight * z);
            rastrigin(x)
        }
        Function::BuecheRastrigin => {
            let penalty = penalty(x);
            subtract(x, x_opt);
            oscillate_all(x);
            for (i, (z, weight)) in x.iter_mut().zip(weights).enumerate() {
                let upper = if i % 2 == 0 { 10.0 * weight } else { *weight };
                for z in z {
                    *z *= if *z > 0.0 { upper } else { *weight };
                }
            }
            pairwise(rastrigin(x), penalty, |value, penalty| value + 100.0 * penalty)
        }
        Function::LinearSlope => {
            change(x, x_opt, |x, x_opt| if x * x_opt < 25.0 { x } else { x_opt });
            sum(x, weights, |z, weight| 5.0 * weight.abs() - weight * z)
        }
        Function::AttractiveSector => {
            subtract(x, x_opt);
            multiply(first, x, y);
            let value = sum(y, x_opt, |z, x_opt| z * z * if z * x_opt > 0.0 { 1e4 } else { 1.0 });
            value.map(|value| maths::exp(0.9 * maths::ln(oscillate(value))))
        }
        Function::StepEllipsoid => {
            let penalty = penalty(x);
            subtract(x, x_opt);
            multiply(first, x, y);
            let leading = y[0];
            for y in y.iter_mut() {
                for y in y {
                    let (coarse, fine) = (maths::floor(*y + 0.5), maths::floor(10.0 * *y + 0.5) / 10.0);
                    *y = if y.abs() > 0.5 { coarse } else { fine };
                }
            }
            multiply(second, y, x);
            let steps = sum(x, weights, |z, weight| weight * z * z);
            let value = pairwise(leading, steps, |leading, steps| 0.1 * maths::max(leading.abs() * 1e-4, steps));
            pairwise(value, penalty, |value, penalty| value + penalty)
        }
        Function::Rosenbrock => {
            let stretch = Function::stretch(instance.dimension);
            change(x, x_opt, |x, x_opt| stretch * (x - x_opt) + 1.0);
            neighbours(x, valley)
        }
        Function::RosenbrockRotated => {
            rotate_to_valley(first, x, y);
            neighbours(y, valley)
        }
        Function::EllipsoidRotated => {
            subtract(x, x_opt);
            multiply(first, x, y);
            oscillate_all(y);
            sum(y, weights, |z, weight| weight * z * z)
        }
        Function::Discus => {
            subtract(x, x_opt);
            multiply(first, x, y);
            oscillate_all(y);
            pairwise(y[0], plain_sum(&y[1..], |z| z * z), |z, rest| 1e6 * z * z + rest)
        }
        Function::BentCigar => {
            subtract(x, x_opt);
            multiply(first, x, y);
            bend_all(y, 0.5);
            multiply(first, y, x);
            pairwise(x[0], plain_sum(&x[1..], |z| z * z), |z, rest| z * z + 1e6 * rest)
        }
        Function::SharpRidge => {
            subtract(x, x_opt);
            multiply(first, x, y);
            pairwise(y[0], plain_sum(&y[1..], |z| z * z), |z, rest| z * z + 100.0 * rest.sqrt())
        }
        Function::DifferentPowers => {
            subtract(x, x_opt);
            multiply(first, x, y);
            sum(y, weights, |z, power| maths::exp(power * maths::ln(z.abs()))).map(f64::sqrt)
        }
        Function::RastriginRotated => {
            subtract(x, x_opt);
            multiply(first, x, y);
            oscillate_all(y);
            bend_all(y, 0.2);
            multiply(second, y, x);
            rastrigin(x)
        }
        Function::Weierstrass => {
            let penalty = penalty(x);
            subtract(x, x_opt);
            multiply(first, x, y);
            oscillate_all(y);
            multiply(second, y, x);
            let waves = plain_sum(x, weierstrass);
            pairwise(waves, penalty, |waves, penalty| {
                let mean = waves / n;
                10.0 * (mean * mean * mean) + 10.0 / n * penalty
            })
        }
        Function::SchaffersF7 | Function::SchaffersF7IllConditioned => {
            let penalty = penalty(x);
            subtract(x, x_opt);
            multiply(first, x, y);
            bend_all(y, 0.5);
            multiply(second, y, x);
            let waves = neighbours(x, |z, next| {
                let squares = z * z + next * next;
                let wave = sin(50.0 * maths::exp(0.1 * maths::ln(squares)));
                squares.sqrt().sqrt() * (1.0 + wave * wave)
            });
            pairwise(waves, penalty, |waves, penalty| {
                let mean = waves / (n - 1.0);
                mean * mean + 10.0 * penalty
            })
        }
        Function::GriewankRosenbrock => {
            rotate_to_valley(first, x, y);
            let waves = neighbours(y, |z, next| {
                let value = valley(z, next);
                value / 4000.0 - maths::cos_pi(value * std::f64::consts::FRAC_1_PI)
            });
            waves.map(|waves| 10.0 + 10.0 * waves / (n - 1.0))
        }
        Function::Schwefel => schwefel(x_opt, weights, x, y),
        Function::Gallagher101 | Function::Gallagher21 => {
            let penalty = penalty(x);
            multiply(first, x, y);
            pairwise(gallagher(instance, y), penalty, |value, penalty| value + penalty)
        }
        Function::Katsuura => {
            let penalty = penalty(x);
            subtract(x, x_opt);
            multiply(first, x, y);
            // The product of powers, by the sum of logarithms.
            let power = 10.0 / maths::pow(n, 1.2);
            let logarithm = sum(y, weights, |z, i| maths::ln(1.0 + i * ragged(z)));
            pairwise(logarithm, penalty, |logarithm, penalty| {
                10.0 / n / n * (maths::exp(power * logarithm) - 1.0) + penalty
            })
        }
        Function::LunacekBiRastrigin => lunacek(x_opt, first, x, y),
    }
}

/// The sum of z² + 10 - 10 cos 2πz.
#[inline(always)]
fn rastrigin<const L: usize>(z: &[Lanes<L>]) -> Lanes<L> {
    plain_sum(z, |z| z * z + 20.0 * maths::sinpi2(z))
}

/// A part of Rosenbrock's function.
#[inline(always)]
fn valley(z: f64, next: f64) -> f64 {
    let (bend, slope) = (z * z - next, z - 1.0);
    100.0 * (bend * bend) + slope * slope
}

/// `y` = `matrix`·`x` + ½.
#[inline(always)]
fn rotate_to_valley<const L: usize>(matrix: &[f64], x: &[Lanes<L>], y: &mut [Lanes<L>]) {
    multiply(matrix, x, y);
    for y in y {
        for y in y {
            *y += 0.5;
        }
    }
}

/// The twelve waves of one variable, above their least sum: Σ 2⁻ᵏ (1 + cos(2π 3ᵏ (z + ½))) = Σ 2¹⁻ᵏ sin²(π 3ᵏ z).
///
/// cos(2π 3ᵏ (z + ½)) is -cos(2π 3ᵏ z), 3ᵏ being odd.
#[inline(always)]
fn weierstrass(z: f64) -> f64 {
    let (mut value, mut amplitude, mut frequency) = (0.0, 2.0, 1.0);
    for _ in 0..12 {
        value += amplitude * maths::sinpi2(frequency * z);
        amplitude *= 0.5;
        frequency *= 3.0;
    }
    value
}

/// How far z, 2z, 4z … are from whole numbers: Σ |2ʲz - round(2ʲz)| / 2ʲ for j from 1 to 32.
#[inline(always)]
fn ragged(z: f64) -> f64 {
    let (mut value, mut scale) = (0.0, 1.0);
    for _ in 1..=32 {
        scale *= 2.0;
        let scaled = scale * z;
        value += (scaled - maths::round(scaled)).abs() / scale;
    }
    value
}

/// Deep basins, the second best far from the best; z is within ±500 or pays for it.
#[inline(always)]
fn schwefel<const L: usize>(x_opt: &[f64], weights: &[f64], x: &mut [Lanes<L>], y: &mut [Lanes<L>]) -> Lanes<L> {
    let n = x.len() as f64;
    change(x, x_opt, |x, x_opt| 2.0 * maths::copysign(1.0, x_opt) * x);
    y[0] = x[0];
    for ((y, pair), x_opt) in y[1..].iter_mut().zip(x.windows(2)).zip(x_opt) {
        let best = 2.0 * x_opt.abs();
        *y = pairwise(pair[0], pair[1], |before, x| x + 0.25 * (before - best));
    }
    for ((y, weight), x_opt) in y.iter_mut().zip(weights).zip(x_opt) {
        let best = 2.0 * x_opt.abs();
        *y = y.map(|y| 100.0 * (weight * (y - best) + best));
    }
    let waves = plain_sum(y, |z| z * sin(z.abs().sqrt()));
    let penalty = plain_sum(y, |z| {
        let beyond = maths::max(z.abs() - 500.0, 0.0);
        beyond * beyond
    });
    pairwise(waves, penalty, |waves, penalty| 0.01 * (penalty + 418.982_887_272_433_9 - waves / n))
}

/// What the highest of the peaks at `z` leaves of 10, oscillated and squared.
///
/// The highest is found by its logarithm, so that one exponential is taken and not one a peak.
#[inline(always)]
fn gallagher<const L: usize>(instance: &Instance, z: &[Lanes<L>]) -> Lanes<L> {
    let factor = -0.5 / instance.dimension as f64;
    let (mut best, mut height, mut exponent) = ([f64::NEG_INFINITY; L], [0.0; L], [0.0; L]);
    for peak in &instance.peaks {
        let mut distance = [0.0; L];
        for ((z, scale), centre) in z.iter().zip(&peak.scales).zip(&peak.centre) {
            for k in 0..L {
                distance[k] += scale * ((z[k] - centre) * (z[k] - centre));
            }
        }
        for k in 0..L {
            let here = factor * distance[k];
            let logarithm = peak.log_height + here;
            let higher = logarithm > best[k];
            best[k] = if higher { logarithm } else { best[k] };
            height[k] = if higher { peak.height } else { height[k] };
            exponent[k] = if higher { here } else { exponent[k] };
        }
    }
    pairwise(height, exponent, |height, exponent| {
        let value = oscillate(10.0 - height * maths::exp(exponent));
        value * value
    })
}

/// Two bowls with the ripples of Rastrigin's function, the greater one beside the better one.
#[inline(always)]
fn lunacek<const L: usize>(x_opt: &[f64], matrix: &[f64], x: &mut [Lanes<L>], y: &mut [Lanes<L>]) -> Lanes<L> {
    const NEAR: f64 = 2.5;
    let n = x.len() as f64;
    let shape = 1.0 - 0.5 / ((n + 20.0).sqrt() - 4.1);
    let far = -((NEAR * NEAR - 1.0) / shape).sqrt();
    let penalty = penalty(x);
    change(x, x_opt, |x, x_opt| 2.0 * maths::copysign(1.0, x_opt) * x - NEAR);
    let near_bowl = plain_sum(x, |x| x * x);
    let far_bowl = plain_sum(x, |x| (x + NEAR - far) * (x + NEAR - far));
    multiply(matrix, x, y);
    let ripples = plain_sum(y, |z| 20.0 * maths::sinpi2(z));
    let bowls = pairwise(near_bowl, far_bowl, |near, far| maths::min(near, n + shape * far));
    pairwise(pairwise(bowls, ripples, |bowls, ripples| bowls + ripples), penalty, |value, penalty| {
        value + 1e4 * penalty
    })
}
