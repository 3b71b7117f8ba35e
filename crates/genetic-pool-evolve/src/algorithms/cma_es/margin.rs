//! Values with gaps between them are kept within reach.

use super::distribution::Distribution;
use crate::{
    maths::normal::{upper_quantile, upper_tail},
    space::Coordinates,
};

/// Moves the mean and widens the margin on each discrete axis so that with probability `least` at least, a candidate has
/// another value than the mean's.
///
/// R. Hamano, S. Saito, M. Nomura and S. Shirakawa: CMA-ES with margin: lower-bounding marginal probability for
/// mixed-integer black-box optimization. GECCO 2022, [doi:10.1145/3512290.3528827](https://doi.org/10.1145/3512290.3528827):
/// at an end of the values and for bits equations 8 and 9, between two neighbours the correction of section 4.2.
pub(super) fn keep_within_reach(distribution: &mut Distribution, coordinates: &Coordinates, least: f64) {
    for axis in (0..coordinates.dimension()).filter(|axis| coordinates.discrete(*axis)) {
        let mean = distribution.mean[axis];
        let unit = distribution.sigma * distribution.deviation(axis);
        let deviation = unit * distribution.margin[axis];
        let cell = coordinates.cell(axis, mean);
        match (cell.below, cell.above) {
            (None, None) => {}
            (Some(edge), None) => {
                let farthest = deviation * upper_quantile(least);
                distribution.mean[axis] = mean.min(edge + farthest);
            }
            (None, Some(edge)) => {
                let farthest = deviation * upper_quantile(least);
                distribution.mean[axis] = mean.max(edge - farthest);
            }
            (Some(below), Some(above)) => {
                let half = 0.5 * least;
                let down = upper_tail((mean - below) / deviation);
                let up = upper_tail((above - mean) / deviation);
                let (raised_down, raised_up) = (down.max(half), up.max(half));
                let stay = (1.0 - down - up).max(half);
                // What is too much is taken from each by what it has above the least.
                let sum = raised_down + raised_up + stay;
                let share = (1.0 - sum) / (sum - 3.0 * half);
                let down = raised_down + share * (raised_down - half);
                let up = raised_up + share * (raised_up - half);
                let (down, up) = (upper_quantile(down), upper_quantile(up));
                if down + up > 0.0 {
                    distribution.margin[axis] = (above - below) / (unit * (down + up));
                    distribution.mean[axis] = (below * up + above * down) / (down + up);
                }
            }
        }
        if !distribution.margin[axis].is_finite() || distribution.margin[axis] <= 0.0 {
            distribution.margin[axis] = 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        algorithms::Covariance,
        space::{Domain, Parameter, Space},
    };

    /// A real, a whole number of five values, and a bit.
    fn coordinates() -> Coordinates {
        let parameters = vec![
            Parameter::new("x", Domain::real(0.0, 1.0)),
            Parameter::new("n", Domain::Int { low: 0, high: 4 }),
            Parameter::new("b", Domain::Bit),
        ];
        Coordinates::of(&Space::new(parameters).unwrap()).unwrap()
    }

    /// The probabilities that a candidate's value on `axis` is below, at and above the mean's.
    fn probabilities(distribution: &Distribution, coordinates: &Coordinates, axis: usize) -> [f64; 3] {
        let mean = distribution.mean[axis];
        let cell = coordinates.cell(axis, mean);
        let deviation = distribution.sigma * distribution.deviation(axis) * distribution.margin[axis];
        let below = cell.below.map_or(0.0, |edge| upper_tail((mean - edge) / deviation));
        let above = cell.above.map_or(0.0, |edge| upper_tail((edge - mean) / deviation));
        [below, 1.0 - below - above, above]
    }

    #[test]
    fn other_values_stay_within_reach() {
        let coordinates = coordinates();
        let least = 0.02;
        for sigma in [1e-12, 1e-3, 0.03, 0.1, 1.0, 100.0] {
            for at in [-0.7, 0.0, 0.03, 0.19, 0.2, 0.21, 0.29, 0.41, 0.499, 0.5, 0.77, 0.99, 1.0, 3.0] {
                let mut distribution = Distribution::new(vec![at; 3], sigma, Covariance::Full);
                keep_within_reach(&mut distribution, &coordinates, least);
                assert_eq!((distribution.mean[0], distribution.margin[0]), (at, 1.0));
                for axis in [1, 2] {
                    let [below, stays, above] = probabilities(&distribution, &coordinates, axis);
                    let cell = coordinates.cell(axis, distribution.mean[axis]);
                    let wanted = if cell.below.is_some() && cell.above.is_some() { 0.5 * least } else { least };
                    assert!(cell.below.is_none() || below > 0.999 * wanted, "{sigma} {at}: {below}");
                    assert!(cell.above.is_none() || above > 0.999 * wanted, "{sigma} {at}: {above}");
                    assert!(stays > 0.999 * 0.5 * least, "{sigma} {at}: {stays}");
                }
            }
        }
    }

    #[test]
    fn what_is_within_reach_stays_as_it_is() {
        let coordinates = coordinates();
        let mut distribution = Distribution::new(vec![0.3, 0.52, 0.45], 0.15, Covariance::Full);
        let before = distribution.clone();
        keep_within_reach(&mut distribution, &coordinates, 0.01);
        assert!((distribution.mean[1] - before.mean[1]).abs() < 1e-9, "{distribution:?}");
        assert!((distribution.margin[1] - 1.0).abs() < 1e-9);
        assert_eq!((distribution.mean[2], distribution.margin[2]), (0.45, 1.0));
    }
}
