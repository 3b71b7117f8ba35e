//! The distribution that candidates are drawn from, and how it learns.

#![expect(clippy::inline_always, reason = "a body takes the instructions of its caller")]

use serde::{Deserialize, Serialize};

use super::{options::Covariance, parameters::Parameters};
use crate::{
    maths::{
        exp,
        linear::{add, combine, dot, norm, rank_update},
        pow, sqrt,
        symmetric::Eigen,
    },
    vector::{Width, multiversion},
};

/// A normal distribution with mean `mean` and covariance `sigma² · margin · C · margin`, and its evolution paths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Distribution {
    pub mean: Vec<f64>,
    /// The step size.
    pub sigma: f64,
    /// By axis: what steps are multiplied by, 1 where nothing asks for more.
    pub margin: Vec<f64>,
    pub shape: Shape,
    /// The evolution path of the step size.
    path_sigma: Vec<f64>,
    /// That of the covariance.
    path: Vec<f64>,
    /// How often it has learned.
    pub updates: u64,
    /// When the covariance was decomposed last.
    decomposed: u64,
}

/// The matrix `C`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Shape {
    /// Any.
    Full {
        /// Its lower triangle, row by row; what stands above is not used.
        matrix: Vec<f64>,
        /// The eigenvectors, a row each, when it was decomposed last.
        basis: Vec<f64>,
        /// The square roots of its eigenvalues then, ascending.
        scales: Vec<f64>,
    },
    /// Diagonal.
    Separable {
        variances: Vec<f64>,
        /// Their square roots.
        scales: Vec<f64>,
    },
}

/// What a generation has taught: steps from the mean over sigma, before the margin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lesson<'a> {
    /// A row each.
    pub steps: &'a [f64],
    /// Their squared lengths in standard deviations.
    pub lengths: &'a [f64],
    /// Rows from the best to the worst.
    pub order: &'a [usize],
    /// How many of them, from the best on, are evaluated: the others failed.
    pub succeeded: usize,
    /// Whether steps longer than [`Parameters::longest`] are cut to that.
    pub cut: bool,
}

/// Room for what is needed once.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    rows: Vec<f64>,
    factors: Vec<f64>,
    step: Vec<f64>,
    white: Vec<f64>,
    eigen: Option<Eigen>,
}

impl Distribution {
    /// Isotropic, of standard deviation `sigma` about `mean`.
    pub(super) fn new(mean: Vec<f64>, sigma: f64, covariance: Covariance) -> Distribution {
        let n = mean.len();
        let shape = match covariance {
            Covariance::Separable => Shape::Separable { variances: vec![1.0; n], scales: vec![1.0; n] },
            Covariance::Full => {
                let Eigen { vectors, .. } = Eigen::identity(n);
                Shape::Full { matrix: vectors.clone(), basis: vectors, scales: vec![1.0; n] }
            }
        };
        Distribution {
            mean,
            sigma,
            margin: vec![1.0; n],
            shape,
            path_sigma: vec![0.0; n],
            path: vec![0.0; n],
            updates: 0,
            decomposed: 0,
        }
    }

    pub(super) fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// Whether all of it can have come from learning in `dimension` dimensions.
    pub(super) fn is_consistent(&self, dimension: usize, covariance: Covariance) -> bool {
        let n = dimension;
        let square = n * n;
        let fits = match &self.shape {
            Shape::Full { matrix, basis, scales } => {
                covariance == Covariance::Full
                    && (matrix.len(), basis.len(), scales.len()) == (square, square, n)
                    && basis.iter().all(|value| value.is_finite())
                    && matrix.iter().step_by(n + 1).all(|value| *value > 0.0 && value.is_finite())
                    && matrix.iter().all(|value| value.is_finite())
                    && scales.iter().all(|scale| *scale > 0.0 && scale.is_finite())
            }
            Shape::Separable { variances, scales } => {
                covariance == Covariance::Separable
                    && (variances.len(), scales.len()) == (n, n)
                    && variances.iter().chain(scales).all(|value| *value > 0.0 && value.is_finite())
            }
        };
        let vectors = [&self.mean, &self.margin, &self.path_sigma, &self.path];
        fits && vectors.iter().all(|vector| vector.len() == n && vector.iter().all(|value| value.is_finite()))
            && self.margin.iter().all(|margin| *margin > 0.0)
            && self.sigma > 0.0
            && self.sigma.is_finite()
            && self.decomposed <= self.updates
    }

    /// Turns standard normal variates, a row each, into steps.
    pub(super) fn transform(&self, width: Width, variates: &mut [f64], scratch: &mut Scratch) {
        match &self.shape {
            Shape::Full { basis, scales, .. } => {
                scratch.step.resize(self.dimension(), 0.0);
                turn(width, variates, basis, scales, &mut scratch.step);
            }
            Shape::Separable { scales, .. } => {
                for row in variates.chunks_exact_mut(scales.len().max(1)) {
                    row.iter_mut().zip(scales).for_each(|(value, scale)| *value *= scale);
                }
            }
        }
    }

    /// Writes `step` in the basis and the units of the covariance to `white`: standard normal for a step that was drawn.
    pub(super) fn whiten(&self, step: &[f64], white: &mut [f64]) {
        match &self.shape {
            Shape::Full { basis, scales, .. } => {
                let n = scales.len();
                for ((white, scale), row) in white.iter_mut().zip(scales).zip(basis.chunks_exact(n.max(1))) {
                    *white = dot(row, step) / scale;
                }
            }
            Shape::Separable { scales, .. } => {
                for ((white, step), scale) in white.iter_mut().zip(step).zip(scales) {
                    *white = step / scale;
                }
            }
        }
    }

    /// The inverse of [`whiten`](Distribution::whiten).
    pub(super) fn color(&self, white: &[f64], step: &mut [f64]) {
        match &self.shape {
            Shape::Full { basis, scales, .. } => {
                let scaled: Vec<f64> = white.iter().zip(scales).map(|(white, scale)| white * scale).collect();
                combine(step, &scaled, basis);
            }
            Shape::Separable { scales, .. } => {
                for ((step, white), scale) in step.iter_mut().zip(white).zip(scales) {
                    *step = white * scale;
                }
            }
        }
    }

    /// The standard deviation of steps along `axis`, before sigma and margin.
    pub(super) fn deviation(&self, axis: usize) -> f64 {
        match &self.shape {
            Shape::Full { matrix, scales, .. } => sqrt(matrix[axis * scales.len() + axis]),
            Shape::Separable { scales, .. } => scales[axis],
        }
    }

    /// The least and the greatest of the scales along the principal axes.
    pub(super) fn extent(&self) -> (f64, f64) {
        let (Shape::Full { scales, .. } | Shape::Separable { scales, .. }) = &self.shape;
        scales.iter().fold((f64::INFINITY, 0.0), |(least, greatest), scale| (least.min(*scale), greatest.max(*scale)))
    }

    /// Learns from a generation; one in which all failed teaches nothing.
    pub(super) fn learn(&mut self, width: Width, p: &Parameters, lesson: Lesson<'_>, scratch: &mut Scratch) {
        let n = self.dimension();
        if lesson.succeeded == 0 || n == 0 {
            return;
        }
        gather(p, lesson, n, scratch);
        let Scratch { rows, factors, step, white, .. } = scratch;
        // The mean moves by the better half; where fewer were evaluated, by those.
        let parents = p.parents.min(lesson.succeeded);
        step.resize(n, 0.0);
        combine(step, &factors[..parents], &rows[..parents * n]);
        for ((mean, step), margin) in self.mean.iter_mut().zip(&*step).zip(&self.margin) {
            *mean += p.c_mean * self.sigma * margin * step;
        }
        white.resize(n, 0.0);
        self.whiten(step, white);
        self.updates += 1;
        let length = self.follow_sigma(p, white);
        let steady = length / sqrt(1.0 - pow(1.0 - p.c_sigma, 2.0 * self.updates as f64))
            < (1.4 + 2.0 / (n as f64 + 1.0)) * p.expected;
        let push = if steady { sqrt(p.c_path * (2.0 - p.c_path) * p.effective) } else { 0.0 };
        for (path, step) in self.path.iter_mut().zip(&*step) {
            *path = (1.0 - p.c_path) * *path + push * step;
        }
        // Every row and the path with what it weighs in the covariance.
        let sum = factors.iter().fold(0.0, |sum, weight| sum + weight);
        let missed = if steady { 0.0 } else { p.c_one * p.c_path * (2.0 - p.c_path) };
        let keep = 1.0 + missed - p.c_one - p.c_mu * sum;
        let longest = if lesson.cut { Parameters::longest(n) } else { f64::INFINITY };
        for (factor, row) in factors.iter_mut().zip(lesson.order) {
            *factor *= p.c_mu;
            if *factor < 0.0 {
                *factor *= n as f64 / lesson.lengths[*row].min(longest * longest).max(1e-300);
            }
        }
        factors.push(p.c_one);
        rows.extend_from_slice(&self.path);
        match &mut self.shape {
            Shape::Full { matrix, .. } => rank_update(width, matrix, n, keep, factors, rows),
            Shape::Separable { variances, scales } => {
                variances.iter_mut().for_each(|variance| *variance *= keep);
                for (factor, row) in factors.iter().zip(rows.chunks_exact(n)) {
                    variances.iter_mut().zip(row).for_each(|(variance, step)| *variance += factor * step * step);
                }
                for (scale, variance) in scales.iter_mut().zip(variances) {
                    *variance = variance.max(1e-200);
                    *scale = sqrt(*variance);
                }
            }
        }
        self.sigma *= exp((p.c_sigma / p.d_sigma * (length / p.expected - 1.0)).min(1.0));
        self.sigma = self.sigma.clamp(1e-300, 1e300);
    }

    /// Moves the step size's path by the mean's step in standard deviations; its length.
    fn follow_sigma(&mut self, p: &Parameters, white: &[f64]) -> f64 {
        let push = sqrt(p.c_sigma * (2.0 - p.c_sigma) * p.effective);
        let keep = 1.0 - p.c_sigma;
        match &self.shape {
            // In the space's own basis, which stays where the covariance's turns.
            Shape::Full { basis, .. } => {
                self.path_sigma.iter_mut().for_each(|path| *path *= keep);
                for (white, row) in white.iter().zip(basis.chunks_exact(white.len())) {
                    add(&mut self.path_sigma, push * white, row);
                }
            }
            Shape::Separable { .. } => {
                for (path, white) in self.path_sigma.iter_mut().zip(white) {
                    *path = keep * *path + push * white;
                }
            }
        }
        norm(&self.path_sigma)
    }

    /// Decomposes the covariance if it is time to; false where it has become no covariance any more.
    pub(super) fn refresh(&mut self, width: Width, p: &Parameters, scratch: &mut Scratch) -> bool {
        let Shape::Full { matrix, basis, scales } = &mut self.shape else { return true };
        if self.updates < self.decomposed + p.decompose_after() {
            return true;
        }
        self.decomposed = self.updates;
        let n = scales.len();
        let eigen = scratch.eigen.get_or_insert_with(|| Eigen::identity(n));
        if !eigen.decompose(width, matrix) || eigen.values.first().is_none_or(|least| *least <= 0.0) {
            return false;
        }
        basis.copy_from_slice(&eigen.vectors);
        for (scale, value) in scales.iter_mut().zip(&eigen.values) {
            *scale = sqrt(*value);
        }
        true
    }

    /// Forgets all but the mean and the step size.
    pub(super) fn forget_shape(&mut self, covariance: Covariance) {
        let kept = std::mem::take(&mut self.mean);
        *self = Distribution { updates: self.updates, decomposed: self.updates, ..Distribution::new(kept, self.sigma, covariance) };
    }
}

/// Puts the steps in order, cut where they are to be, and their weights beside them.
fn gather(p: &Parameters, lesson: Lesson<'_>, n: usize, scratch: &mut Scratch) {
    let Scratch { rows, factors, .. } = scratch;
    rows.clear();
    factors.clear();
    let longest = Parameters::longest(n);
    let parents = p.parents.min(lesson.succeeded);
    let sum = p.weights[..parents].iter().fold(0.0, |sum, weight| sum + weight);
    for (place, row) in lesson.order.iter().enumerate() {
        let step = &lesson.steps[row * n..][..n];
        let length = lesson.lengths[*row];
        if lesson.cut && length > longest * longest {
            let cut = longest / sqrt(length);
            rows.extend(step.iter().map(|step| cut * step));
        } else {
            rows.extend_from_slice(step);
        }
        let weight = p.weights.get(place).copied().unwrap_or(0.0);
        factors.push(if place < parents {
            weight / sum
        } else {
            weight.min(0.0)
        });
    }
}

multiversion! {
    /// Each row times the scales, in the basis: `row ← Σ scales[k]·row[k]·basis[k]`.
    fn turn(rows: &mut [f64], basis: &[f64], scales: &[f64], scratch: &mut [f64]) = turn_body;
}

#[inline(always)]
fn turn_body(rows: &mut [f64], basis: &[f64], scales: &[f64], scratch: &mut [f64]) {
    for row in rows.chunks_exact_mut(scales.len().max(1)) {
        for ((scaled, value), scale) in scratch.iter_mut().zip(&*row).zip(scales) {
            *scaled = value * scale;
        }
        combine(row, scratch, basis);
    }
}
