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
