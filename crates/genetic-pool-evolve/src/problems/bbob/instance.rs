//! What is drawn for one instance of a function: optimum, rotations, peaks.

use super::functions::Function;
use crate::maths;

/// One instance of one function, all that does not depend on x computed.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) function: Function,
    pub(super) dimension: usize,
    /// Where the function is least.
    pub(super) x_opt: Vec<f64>,
    /// Its value there.
    pub(super) f_opt: f64,
    /// The first matrix that is applied, row by row; empty where there is none.
    pub(super) first: Vec<f64>,
    /// The second matrix that is applied; empty where there is none, or where it is the first again.
    pub(super) second: Vec<f64>,
    /// One weight for each variable; what it is for is the function's.
    pub(super) weights: Vec<f64>,
    /// The peaks of Gallagher's functions.
    pub(super) peaks: Vec<Peak>,
}

/// A bell of Gallagher's functions: `height`·exp(-Σ `scales`ᵢ (zᵢ - `centre`ᵢ)² / 2n), z being rotated.
#[derive(Clone, Debug)]
pub(super) struct Peak {
    pub(super) height: f64,
    pub(super) log_height: f64,
    pub(super) scales: Vec<f64>,
    pub(super) centre: Vec<f64>,
}

impl Instance {
    pub(super) fn new(function: Function, instance: i64, dimension: usize) -> Instance {
        let seed = function.seed() + 10_000 * instance;
        let mut drawn = Instance {
            function,
            dimension,
            x_opt: x_opt(seed, dimension),
            f_opt: f_opt(seed),
            first: Vec::new(),
            second: Vec::new(),
            weights: Vec::new(),
            peaks: Vec::new(),
        };
        drawn.particulars(seed);
        drawn
    }

    /// What is the function's own.
    fn particulars(&mut self, seed: i64) {
        let n = self.dimension;
        // The two rotations: R and Q of the report.
        let r = || rotation(seed + 1_000_000, n);
        let q = || rotation(seed, n);
        match self.function {
            Function::Sphere => {}
            Function::EllipsoidSeparable => self.weights = powers(1e6, n),
            Function::RastriginSeparable => self.weights = half_powers(10.0, n),
            Function::BuecheRastrigin => {
                self.weights = powers(10.0_f64.sqrt(), n);
                self.x_opt.iter_mut().step_by(2).for_each(|x| *x = x.abs());
            }
            Function::LinearSlope => {
                let signs: Vec<f64> = self.x_opt.iter().map(|x| if *x < 0.0 { -1.0 } else { 1.0 }).collect();
                self.weights = powers(10.0, n).iter().zip(&signs).map(|(power, sign)| sign * power).collect();
                self.x_opt = signs.iter().map(|sign| 5.0 * sign).collect();
            }
            Function::AttractiveSector | Function::SharpRidge => {
                self.first = product(&r(), &scale_rows(q(), &powers(10.0_f64.sqrt(), n)), n);
            }
            Function::StepEllipsoid => {
                let roots: Vec<f64> = powers(10.0, n).into_iter().map(f64::sqrt).collect();
                self.first = scale_rows(q(), &roots);
                self.second = r();
                self.weights = powers(100.0, n);
            }
            Function::Rosenbrock => self.x_opt.iter_mut().for_each(|x| *x *= 0.75),
            Function::RosenbrockRotated | Function::GriewankRosenbrock => {
                let stretch = Function::stretch(n);
                let q = q();
                self.x_opt =
                    (0..n).map(|j| q.chunks_exact(n).fold(0.0, |sum, row| sum + row[j]) / (2.0 * stretch)).collect();
                self.first = q.iter().map(|entry| stretch * entry).collect();
            }
            Function::EllipsoidRotated => {
                self.first = r();
                self.weights = powers(1e6, n);
            }
            Function::Discus => self.first = r(),
            Function::BentCigar => {
                self.x_opt = x_opt(seed + 1_000_000, n);
                self.first = r();
            }
            Function::DifferentPowers => {
                self.first = r();
                self.weights = fractions(n).into_iter().map(|fraction| 2.0 + 4.0 * fraction).collect();
            }
            Function::RastriginRotated => {
                self.first = r();
                self.second = product(&self.first, &scale_rows(q(), &powers(10.0_f64.sqrt(), n)), n);
            }
            Function::Weierstrass => {
                self.first = r();
                self.second = product(&self.first, &scale_rows(q(), &powers(0.1, n)), n);
            }
            Function::SchaffersF7 => {
                self.first = r();
                self.second = scale_rows(q(), &powers(10.0_f64.sqrt(), n));
            }
            Function::SchaffersF7IllConditioned => {
                self.first = r();
                self.second = scale_rows(q(), &powers(1000.0_f64.sqrt(), n));
            }
            Function::Schwefel => {
                // Half of 4.2096874637, a hundredth of where x sin √x is greatest in [0, 500].
                let sign = |u: f64| if u < 0.5 { -1.0 } else { 1.0 };
                self.x_opt = uniform(n, seed).into_iter().map(|u| sign(u) * 0.5 * 4.209_687_463_7).collect();
                self.weights = half_powers(10.0, n);
            }
            Function::Gallagher101 => self.set_peaks(seed, 101, [10.0, 5.0], 1000.0_f64.sqrt()),
            Function::Gallagher21 => self.set_peaks(seed, 21, [9.8, 4.9], 1000.0),
            Function::Katsuura => {
                self.first = product(&r(), &scale_rows(q(), &powers(10.0, n)), n);
                self.weights = (1..=n).map(|i| i as f64).collect();
            }
            Function::LunacekBiRastrigin => {
                let sign = |g: f64| if g < 0.0 { -1.0 } else { 1.0 };
                self.x_opt = gauss(n, seed).into_iter().map(|g| sign(g) * 0.5 * 2.5).collect();
                self.first = product(&r(), &scale_rows(q(), &powers(10.0, n)), n);
            }
        }
    }

    /// `count` peaks within `width`·\[0, 1\] - `offset`, of which the first, the optimum, is 0.8 of that from 0.
    fn set_peaks(&mut self, seed: i64, count: usize, [width, offset]: [f64; 2], condition: f64) {
        let n = self.dimension;
        let steps = count as f64 - 2.0;
        let rotation = rotation(seed, n);
        let places: Vec<f64> = uniform(n * count, seed).into_iter().map(|u| width * u - offset).collect();
        let conditions = order(count - 1, seed);
        self.peaks = (0..count)
            .map(|peak| {
                let place = &places[peak * n..][..n];
                let (height, condition, inward) = if peak == 0 {
                    (10.0, condition, 0.8)
                } else {
                    let height = (peak as f64 - 1.0) / steps * (9.1 - 1.1) + 1.1;
                    (height, maths::pow(1000.0, conditions[peak - 1] as f64 / steps), 1.0)
                };
                let scale = |k: usize| maths::pow(condition, k as f64 / (n as f64 - 1.0) - 0.5);
                let at = |row: &[f64]| inward * row.iter().zip(place).fold(0.0, |sum, (m, x)| sum + m * x);
                Peak {
                    height,
                    log_height: maths::ln(height),
                    scales: order(n, seed + 1000 * peak as i64).into_iter().map(scale).collect(),
                    centre: rotation.chunks_exact(n).map(at).collect(),
                }
            })
            .collect();
        self.x_opt = places[..n].iter().map(|x| 0.8 * x).collect();
        self.first = rotation;
    }
}

/// Within \[-4, 4\], in steps of 0.0008.
fn x_opt(seed: i64, dimension: usize) -> Vec<f64> {
    let place = |u: f64| {
        let x = 8.0 * maths::floor(1e4 * u) / 1e4 - 4.0;
        if x == 0.0 { -1e-5 } else { x }
    };
    uniform(dimension, seed).into_iter().map(place).collect()
}

/// A Cauchy variate times 100, within ±1000, to two decimals.
fn f_opt(seed: i64) -> f64 {
    let (numerator, denominator) = (gauss(1, seed)[0], gauss(1, seed + 1)[0]);
    let cauchy = (1e4 * numerator / denominator).clamp(-1e6, 1e6);
    (maths::floor(cauchy + 0.5) / 100.0).clamp(-1000.0, 1000.0)
}

/// An orthogonal matrix, row by row: columns of normal variates, made orthonormal one after the other.
fn rotation(seed: i64, dimension: usize) -> Vec<f64> {
    let mut columns = gauss(dimension * dimension, seed);
    for i in 0..dimension {
        let (before, column) = columns.split_at_mut(i * dimension);
        let column = &mut column[..dimension];
        for other in before.chunks_exact(dimension) {
            let along = column.iter().zip(other).fold(0.0, |sum, (a, b)| sum + a * b);
            column.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
        }
        let length = column.iter().fold(0.0, |sum, a| sum + a * a).sqrt();
        for entry in column {
            *entry /= length;
        }
    }
    (0..dimension * dimension).map(|k| columns[k % dimension * dimension + k / dimension]).collect()
}

/// The places of `count` uniform variates in their ascending order.
fn order(count: usize, seed: i64) -> Vec<usize> {
    let values = uniform(count, seed);
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b)));
    places
}

/// `count` normal variates, by pairs of uniform ones: of each pair only the cosine is taken.
fn gauss(count: usize, seed: i64) -> Vec<f64> {
    let uniform = uniform(2 * count, seed);
    let (radii, angles) = uniform.split_at(count);
    let normal = |(radius, angle): (&f64, &f64)| {
        let value = (-2.0 * maths::ln(*radius)).sqrt() * maths::cos_pi(2.0 * angle);
        if value == 0.0 { 1e-99 } else { value }
    };
    radii.iter().zip(angles).map(normal).collect()
}

/// `count` uniform variates in (0, 1): a multiplicative generator (16807, modulo 2^31 - 1), shuffled by a table of 32.
fn uniform(count: usize, seed: i64) -> Vec<f64> {
    const MODULUS: i64 = 2_147_483_647;
    let step = |seed: i64| {
        let quotient = seed / 127_773;
        let next = 16_807 * (seed - quotient * 127_773) - 2_836 * quotient;
        if next < 0 { next + MODULUS } else { next }
    };
    let mut seed = seed.max(1);
    let mut table = [0; 32];
    for place in (0..40).rev() {
        seed = step(seed);
        if place < 32 {
            table[place] = seed;
        }
    }
    let mut last = table[0];
    (0..count)
        .map(|_| {
            let place = (last / 67_108_865) as usize;
            seed = step(seed);
            last = std::mem::replace(&mut table[place], seed);
            let value = last as f64 / MODULUS as f64;
            if value == 0.0 { 1e-99 } else { value }
        })
        .collect()
}

/// i / (n - 1) for i from 0.
pub(super) fn fractions(dimension: usize) -> Vec<f64> {
    (0..dimension).map(|i| i as f64 / (dimension as f64 - 1.0)).collect()
}

/// `condition` to the powers i / (n - 1).
fn powers(condition: f64, dimension: usize) -> Vec<f64> {
    fractions(dimension).into_iter().map(|fraction| maths::pow(condition, fraction)).collect()
}

/// The diagonal of Λ: `condition` to the powers i / 2(n - 1).
fn half_powers(condition: f64, dimension: usize) -> Vec<f64> {
    (0..dimension).map(|i| maths::pow(condition, 0.5 * i as f64 / (dimension as f64 - 1.0))).collect()
}

/// Each row of `matrix` times its scale.
fn scale_rows(mut matrix: Vec<f64>, scales: &[f64]) -> Vec<f64> {
    for (row, scale) in matrix.chunks_exact_mut(scales.len()).zip(scales) {
        for entry in row {
            *entry *= scale;
        }
    }
    matrix
}

/// The product of two square matrices, row by row.
fn product(a: &[f64], b: &[f64], dimension: usize) -> Vec<f64> {
    let mut result = vec![0.0; dimension * dimension];
    for (row, result) in a.chunks_exact(dimension).zip(result.chunks_exact_mut(dimension)) {
        for (factor, b) in row.iter().zip(b.chunks_exact(dimension)) {
            result.iter_mut().zip(b).for_each(|(result, b)| *result += factor * b);
        }
    }
    result
}
