//! A quadratic model of the objective, and what it proposes.

use super::{archive::Archive, distribution::Distribution};
use crate::{
    maths::{
        linear::{cholesky, dot, norm, rank_update, solve},
        symmetric::Eigen,
    },
    vector::{Width, multiversion},
};

/// A weighted least-squares fit of a quadratic function to the best of the last evaluations, in the basis and the units
/// of the distribution: without the products of different variables while there are few evaluations, or always above
/// [`Model::MOST_FULL`] variables.
///
/// As in Z. Bouzarkouna, A. Auger and N. Hansen's local meta-models (GECCO 2011,
/// [doi:10.1145/2001576.2001632](https://doi.org/10.1145/2001576.2001632)) and N. Hansen's surrogate-assisted lq-CMA-ES
/// (GECCO 2019, [doi:10.1145/3321707.3321842](https://doi.org/10.1145/3321707.3321842)), the last of which also injects
/// the model's optimum; which evaluations it takes and how it weighs them was found by measuring.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    dimension: usize,
    /// Whether products of different variables are in it.
    full: bool,
    /// Of 1, each variable, and each product.
    coefficients: Vec<f64>,
    /// The median length of the points it was made from, in standard deviations: its unit of length.
    unit: f64,
    /// The greatest length, in that unit.
    longest: f64,
    // Room that is kept.
    chosen: Vec<usize>,
    white: Vec<f64>,
    design: Vec<f64>,
    weights: Vec<f64>,
    normal: Vec<f64>,
    right: Vec<f64>,
    residual: Vec<f64>,
    step: Vec<f64>,
    lengths: Vec<f64>,
    eigen: Option<Eigen>,
}

/// How many coefficients a quadratic function of `dimension` variables has.
fn terms(dimension: usize, full: bool) -> usize {
    if full { (dimension + 1) * (dimension + 2) / 2 } else { 2 * dimension + 1 }
}

impl Model {
    /// The most variables whose products are in it: the time of a fit grows with the sixth power of their number, and
    /// takes 2 ms at 20.
    pub(super) const MOST_FULL: usize = 24;

    /// How many evaluations are looked at: three times the coefficients, and at least two generations.
    pub(super) fn wanted(dimension: usize, population: usize) -> usize {
        (3 * terms(dimension, dimension <= Model::MOST_FULL)).max(2 * population)
    }

    /// Fits the model; false where there are too few evaluations for one, or they determine none.
    pub(super) fn fit(&mut self, width: Width, archive: &Archive, distribution: &Distribution) -> bool {
        let n = distribution.dimension();
        let rows = archive.values.len();
        self.dimension = n;
        let wanted = terms(n, true);
        self.full = n <= Model::MOST_FULL && 10 * rows >= 11 * wanted;
        if !self.full && 2 * rows < 3 * terms(n, false) {
            return false;
        }
        // The best of them, the latest first among equals of old.
        self.chosen.clear();
        self.chosen.extend(0..rows);
        self.chosen.sort_by(|a, b| archive.values[*a].total_cmp(&archive.values[*b]));
        if self.full {
            self.chosen.truncate(2 * wanted);
        }
        self.whiten_chosen(archive, distribution);
        let count = self.chosen.len();
        let best = archive.values[self.chosen[0]];
        let worst = archive.values[self.chosen[count - 1]];
        let range = worst - best;
        if !(range > 0.0 && range.is_finite()) {
            return false;
        }
        // From 20 for the best down to 1 for the worst.
        self.weights.clear();
        self.weights.extend((0..count).map(|place| 20.0 - 19.0 * place as f64 / (count - 1) as f64));
        let terms = terms(n, self.full);
        self.design.resize(count * terms, 0.0);
        fill_design(width, &mut self.design, &self.white, n, self.full);
        self.normal.clear();
        self.normal.resize(terms * terms, 0.0);
        rank_update(width, &mut self.normal, terms, 0.0, &self.weights, &self.design);
        self.residual.clear();
        self.residual.extend(self.chosen.iter().map(|row| (archive.values[*row] - best) / range));
        let trace = (0..terms).fold(0.0, |trace, k| trace + self.normal[k * terms + k]);
        let ridge = 1e-13 * trace / terms as f64;
        for k in 0..terms {
            self.normal[k * terms + k] += ridge;
        }
        if !factor(width, &mut self.normal, terms, 0.1 * ridge) {
            return false;
        }
        self.coefficients.clear();
        self.coefficients.resize(terms, 0.0);
        // Solved for what the last solution left, which takes back what the ridge and the squares of the condition cost.
        for _ in 0..3 {
            self.right.clear();
            self.right.resize(terms, 0.0);
            project(width, &mut self.right, &self.residual, &self.weights, &self.design);
            substitute(width, &self.normal, terms, &mut self.right);
            subtract(width, &mut self.residual, &self.right, &self.design);
            self.coefficients.iter_mut().zip(&self.right).for_each(|(sum, part)| *sum += part);
        }
        self.coefficients.iter().all(|coefficient| coefficient.is_finite())
    }

    /// The chosen points in the distribution's basis, over the median of their lengths.
    fn whiten_chosen(&mut self, archive: &Archive, distribution: &Distribution) {
        let n = self.dimension;
        self.white.resize(self.chosen.len() * n, 0.0);
        self.step.resize(n, 0.0);
        self.lengths.clear();
        for (row, white) in self.chosen.iter().zip(self.white.chunks_exact_mut(n)) {
            step_to(distribution, &archive.points[row * n..][..n], &mut self.step);
            distribution.whiten(&self.step, white);
            self.lengths.push(norm(white));
        }
        let mut sorted = self.lengths.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        self.unit = sorted[sorted.len() / 2].max(1e-300);
        self.longest = sorted[sorted.len() - 1] / self.unit;
        self.white.iter_mut().for_each(|value| *value /= self.unit);
    }

    /// What it says of the point `point`, up to a factor and a summand.
    pub(super) fn value(&mut self, distribution: &Distribution, point: &[f64]) -> f64 {
        let n = self.dimension;
        let mut white = vec![0.0; n];
        self.step.resize(n, 0.0);
        step_to(distribution, point, &mut self.step);
        distribution.whiten(&self.step, &mut white);
        for value in &mut white {
            *value /= self.unit;
        }
        let mut features = vec![0.0; self.coefficients.len()];
        features_of(&mut features, &white, self.full);
        dot(&features, &self.coefficients)
    }

    /// Writes the least of the model within one of two distances of the mean to `point`, as coordinates: 0 for one and a
    /// half times the greatest length of a point it was made from, 1 for √D standard deviations. False where it has none.
    pub(super) fn minimize(
        &mut self,
        width: Width,
        distribution: &Distribution,
        which: usize,
        point: &mut [f64],
    ) -> bool {
        let n = self.dimension;
        let radius = match which {
            0 => 1.5 * self.longest,
            _ => (n as f64).sqrt() / self.unit,
        };
        let (gradient, quadratic) = self.coefficients[1..].split_at(n);
        let mut hessian = vec![0.0; n * n];
        if self.full {
            let mut at = quadratic.iter();
            for i in 0..n {
                for j in i..n {
                    let value = at.next().copied().unwrap_or(0.0);
                    hessian[j * n + i] = if i == j { 2.0 * value } else { value };
                }
            }
        } else {
            for (k, value) in quadratic.iter().enumerate() {
                hessian[k * n + k] = 2.0 * value;
            }
        }
        let eigen = self.eigen.get_or_insert_with(|| Eigen::identity(n));
        if !eigen.decompose(width, &hessian) {
            return false;
        }
        let mut white = vec![0.0; n];
        within(eigen, gradient, radius, &mut white);
        for value in &mut white {
            *value *= self.unit;
        }
        self.step.resize(n, 0.0);
        distribution.color(&white, &mut self.step);
        for (axis, (point, step)) in point.iter_mut().zip(&self.step).enumerate() {
            *point = distribution.mean[axis] + distribution.sigma * distribution.margin[axis] * step;
        }
        point.iter().all(|value| value.is_finite())
    }
}

/// The step that leads to `point`.
pub(super) fn step_to(distribution: &Distribution, point: &[f64], step: &mut [f64]) {
    for (axis, (step, point)) in step.iter_mut().zip(point).enumerate() {
        *step = (point - distribution.mean[axis]) / (distribution.sigma * distribution.margin[axis]);
    }
}

/// The least of the quadratic function with the Hessian `eigen` and `gradient` at 0, within `radius` of 0.
///
/// J. J. Moré and D. C. Sorensen: Computing a trust region step. SIAM J. Sci. Stat. Comput. 4(3), 1983,
/// [doi:10.1137/0904038](https://doi.org/10.1137/0904038); the multiplier is found by halving.
fn within(eigen: &Eigen, gradient: &[f64], radius: f64, out: &mut [f64]) {
    let n = gradient.len();
    let turned: Vec<f64> = eigen.vectors.chunks_exact(n).map(|row| dot(row, gradient)).collect();
    let least = eigen.values[0];
    let largest = eigen.values.iter().fold(1e-300_f64, |largest, value| largest.max(value.abs()));
    let mut step = vec![0.0; n];
    let length = |multiplier: f64, step: &mut [f64]| {
        for ((step, turned), value) in step.iter_mut().zip(&turned).zip(&eigen.values) {
            *step = -turned / (value + multiplier);
        }
        norm(step)
    };
    if !(least > 1e-10 * largest && length(0.0, &mut step) <= radius) {
        let mut low = (-least).max(0.0) + 1e-12 * largest;
        let mut high = low + norm(gradient) / radius + largest;
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if length(middle, &mut step) > radius {
                low = middle;
            } else {
                high = middle;
            }
        }
        length(high, &mut step);
    }
    crate::maths::linear::combine(out, &step, &eigen.vectors);
}

/// The terms at `white`: 1, each variable, each product of two or each square.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a body takes the instructions of its caller")]
fn features_of(out: &mut [f64], white: &[f64], full: bool) {
    let n = white.len();
    out[0] = 1.0;
    out[1..=n].copy_from_slice(white);
    let mut at = n + 1;
    for (i, value) in white.iter().enumerate() {
        let others = if full { &white[i..] } else { &white[i..=i] };
        for (out, other) in out[at..at + others.len()].iter_mut().zip(others) {
            *out = value * other;
        }
        at += others.len();
    }
}

multiversion! {
    fn fill_design(design: &mut [f64], white: &[f64], n: usize, full: bool) = fill_design_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "a body takes the instructions of its caller")]
fn fill_design_body(design: &mut [f64], white: &[f64], n: usize, full: bool) {
    for (features, white) in design.chunks_exact_mut(terms(n, full)).zip(white.chunks_exact(n)) {
        features_of(features, white, full);
    }
}

multiversion! {
    fn factor(matrix: &mut [f64], n: usize, least: f64) -> bool = cholesky;
}

multiversion! {
    fn substitute(factor: &[f64], n: usize, b: &mut [f64]) = solve;
}

multiversion! {
    /// Adds `Σ weights[r]·residual[r]·design[r]` to `right`.
    fn project(right: &mut [f64], residual: &[f64], weights: &[f64], design: &[f64]) = project_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "a body takes the instructions of its caller")]
fn project_body(right: &mut [f64], residual: &[f64], weights: &[f64], design: &[f64]) {
    let n = right.len();
    for ((residual, weight), row) in residual.iter().zip(weights).zip(design.chunks_exact(n)) {
        crate::maths::linear::add(right, weight * residual, row);
    }
}

multiversion! {
    /// Takes what `coefficients` say from `residual`.
    fn subtract(residual: &mut [f64], coefficients: &[f64], design: &[f64]) = subtract_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "a body takes the instructions of its caller")]
fn subtract_body(residual: &mut [f64], coefficients: &[f64], design: &[f64]) {
    for (residual, row) in residual.iter_mut().zip(design.chunks_exact(coefficients.len())) {
        *residual -= dot(row, coefficients);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        algorithms::Covariance,
        random::{Purpose, Stream, normals},
    };

    /// Points about the mean and what a quadratic function of them is, least at `best`.
    fn archive(n: usize, rows: usize, best: &[f64], twisted: bool) -> Archive {
        let mut archive = Archive::default();
        for index in 0..rows as u64 {
            let mut point = vec![0.0; n];
            normals(Width::current(), &mut Stream::new(3, 0, Purpose::Try, index), &mut point);
            for value in &mut point {
                *value = 0.5 + 0.1 * *value;
            }
            let from: Vec<f64> = point.iter().zip(best).map(|(value, best)| value - best).collect();
            let mut value = 7.0;
            for k in 0..n {
                value += (k + 1) as f64 * from[k] * from[k];
                if twisted && k > 0 {
                    value += 0.9 * from[k] * from[k - 1];
                }
            }
            archive.values.push(value);
            archive.points.extend(point);
        }
        archive
    }

    #[test]
    fn the_least_of_a_quadratic_function_is_found() {
        for (n, rows, twisted) in [(1, 4, false), (2, 20, true), (6, 100, true), (6, 25, false), (30, 150, false)] {
            let best: Vec<f64> = (0..n).map(|k| 0.5 + 0.02 * (k % 5) as f64).collect();
            let distribution = Distribution::new(vec![0.5; n], 0.1, Covariance::Full);
            let archive = archive(n, rows, &best, twisted);
            let mut model = Model::default();
            assert!(model.fit(Width::current(), &archive, &distribution));
            let mut point = vec![0.0; n];
            assert!(model.minimize(Width::current(), &distribution, 0, &mut point));
            for (found, wanted) in point.iter().zip(&best) {
                assert!((found - wanted).abs() < 1e-9, "{n}: {found} {wanted}");
            }
            let lower = model.value(&distribution, &best);
            assert!((0..rows).all(|row| model.value(&distribution, &archive.points[row * n..][..n]) >= lower));
        }
    }

    #[test]
    fn steps_stay_within_the_radius() {
        // A saddle and a slope have no least: the farthest point of the ball in the right direction.
        let mut eigen = Eigen::identity(2);
        assert!(eigen.decompose(Width::current(), &[1.0, 0.0, 0.0, -2.0]));
        for gradient in [[0.3, 0.4], [1e-3, -5.0], [0.0, 1e-9]] {
            let mut step = [0.0; 2];
            within(&eigen, &gradient, 1.5, &mut step);
            assert!((norm(&step) - 1.5).abs() < 1e-6, "{gradient:?}: {step:?}");
            assert!(dot(&step, &gradient) < 0.0);
        }
    }

    #[test]
    fn too_few_or_equal_points_make_no_model() {
        let distribution = Distribution::new(vec![0.5; 3], 0.1, Covariance::Full);
        let mut model = Model::default();
        assert!(!model.fit(Width::current(), &Archive::default(), &distribution));
        assert!(!model.fit(Width::current(), &archive(3, 10, &[0.5; 3], true), &distribution));
        let mut flat = archive(3, 40, &[0.5; 3], true);
        flat.values.fill(2.0);
        assert!(!model.fit(Width::current(), &flat, &distribution));
        let mut same = archive(3, 40, &[0.5; 3], true);
        same.points.fill(0.5);
        let _ = model.fit(Width::current(), &same, &distribution);
    }
}
