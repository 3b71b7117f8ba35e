//! The strategy parameters of a descent.

use super::options::Covariance;
use crate::maths::{ln, sqrt};

/// Weights and rates for a dimension and a population.
///
/// N. Hansen: The CMA evolution strategy: a tutorial. [arXiv:1604.00772](https://arxiv.org/abs/1604.00772), table 1 with
/// equations 49 to 58: weights of the worse half are negative. With separable covariance, the rates of its update are
/// `(D + 2) / 3` times those: R. Ros and N. Hansen: A simple modification in CMA-ES achieving linear time and space
/// complexity. PPSN X, 2008, [doi:10.1007/978-3-540-87700-4_30](https://doi.org/10.1007/978-3-540-87700-4_30).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parameters {
    /// One a place from the best to the worst; the positive ones sum to 1.
    pub weights: Vec<f64>,
    /// How many are positive.
    pub parents: usize,
    /// The variance-effective number of parents.
    pub effective: f64,
    /// Rate and damping of the step size.
    pub c_sigma: f64,
    pub d_sigma: f64,
    /// Rate of the evolution path, of the rank-one and of the rank-μ update.
    pub c_path: f64,
    pub c_one: f64,
    pub c_mu: f64,
    /// The expected length of a standard normal vector.
    pub expected: f64,
    /// Rate of the mean.
    pub c_mean: f64,
}

impl Parameters {
    /// For `population` candidates a generation, at least 2; `learning` multiplies the rate of the rank-μ update.
    pub(super) fn new(dimension: usize, population: usize, covariance: Covariance, learning: f64) -> Parameters {
        let (n, size) = (dimension as f64, population as f64);
        let raw: Vec<f64> = (1..=population).map(|place| ln((size + 1.0) / 2.0) - ln(place as f64)).collect();
        let parents = raw.iter().filter(|weight| **weight > 0.0).count().max(1);
        let (positive, negative) = raw.split_at(parents);
        let sums = |weights: &[f64]| weights.iter().fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
        let (sum, squares) = sums(positive);
        let (negative_sum, negative_squares) = sums(negative);
        let effective = sum * sum / squares;
        let negative_effective =
            if negative_squares > 0.0 { negative_sum * negative_sum / negative_squares } else { 0.0 };

        let faster = match covariance {
            Covariance::Full => 1.0,
            Covariance::Separable => (n + 2.0) / 3.0,
        };
        let c_one = (faster * 2.0 / ((n + 1.3) * (n + 1.3) + effective)).min(0.5);
        let c_mu = faster * learning * 2.0 * (0.25 + effective - 2.0 + 1.0 / effective)
            / ((n + 2.0) * (n + 2.0) + effective);
        let c_mu = c_mu.min(1.0 - c_one);
        let limit = (1.0 + c_one / c_mu)
            .min(1.0 + 2.0 * negative_effective / (effective + 2.0))
            .min((1.0 - c_one - c_mu) / (n * c_mu));
        let weights = raw
            .iter()
            .map(|weight| if *weight > 0.0 { weight / sum } else { limit.max(0.0) * weight / -negative_sum.min(-1e-300) })
            .collect();
        let c_sigma = (effective + 2.0) / (n + effective + 5.0);
        Parameters {
            weights,
            parents,
            effective,
            c_sigma,
            d_sigma: 1.0 + 2.0 * (sqrt((effective - 1.0).max(0.0) / (n + 1.0)) - 1.0).max(0.0) + c_sigma,
            c_path: (4.0 + effective / n) / (n + 4.0 + 2.0 * effective / n),
            c_one,
            c_mu,
            expected: sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
            c_mean: 1.0,
        }
    }

    /// After how many updates the covariance is decomposed again: where less than a tenth of it has changed in a way
    /// that matters (the reference implementation's 0.5 / (D·(c₁ + c_μ)) generations).
    pub(super) fn decompose_after(&self) -> u64 {
        let n = self.expected * self.expected;
        (0.5 / (n * (self.c_one + self.c_mu))).max(1.0) as u64
    }

    /// The length, in standard deviations, to which injected steps are cut. N. Hansen: Injecting external solutions
    /// into CMA-ES. [arXiv:1110.4181](https://arxiv.org/abs/1110.4181).
    pub(super) fn longest(dimension: usize) -> f64 {
        let n = dimension as f64;
        sqrt(n) + 2.0 * n / (n + 2.0)
    }
}

/// The population where none is asked for: 4 + ⌊3·ln D⌋.
pub(super) fn default_population(dimension: usize) -> usize {
    4 + (3.0 * ln(dimension.max(1) as f64)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_those_of_the_tutorial() {
        // D = 10, λ = 10, worked out in exact arithmetic from the tutorial's equations.
        let p = Parameters::new(10, 10, Covariance::Full, 1.0);
        assert_eq!(p.parents, 5);
        assert!((p.effective - 3.167_299).abs() < 1e-5, "{}", p.effective);
        assert!((p.weights[..5].iter().sum::<f64>() - 1.0).abs() < 1e-15);
        assert!((p.weights[0] - 0.456_270).abs() < 1e-5, "{}", p.weights[0]);
        assert!((p.c_one - 2.0 / (11.3 * 11.3 + p.effective)).abs() < 1e-15);
        assert!((p.expected - 3.084_728).abs() < 1e-5, "{}", p.expected);
        // The negative ones take no more than positive definiteness allows.
        let negative: f64 = p.weights[5..].iter().sum();
        assert!(negative < 0.0 && 1.0 - p.c_one - p.c_mu + 10.0 * p.c_mu * negative >= -1e-12);
    }

    #[test]
    fn parameters_are_in_range_for_any_numbers() {
        for dimension in [1, 2, 3, 10, 40, 1000] {
            for population in [2, 3, 4, 5, 64, 5000] {
                for covariance in [Covariance::Full, Covariance::Separable] {
                    for learning in [0.5, 1.0, 2.0, 4.0] {
                        let p = Parameters::new(dimension, population, covariance, learning);
                        let rates = [p.c_sigma, p.c_path, p.c_one, p.c_mu];
                        assert!(rates.iter().all(|rate| (0.0..=1.0).contains(rate)), "{p:?}");
                        assert!(p.c_one + p.c_mu <= 1.0 + 1e-15 && p.d_sigma >= 1.0);
                        assert!(p.weights.iter().all(|weight| weight.is_finite()) && p.weights.is_sorted_by(|a, b| a >= b));
                        assert_eq!(p.weights.len(), population);
                        assert!(p.decompose_after() >= 1);
                    }
                }
            }
        }
        assert_eq!([1, 2, 10, 40].map(default_population), [4, 6, 10, 15]);
    }
}
