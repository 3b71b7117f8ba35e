//! Reals that lie on a step.

/// How many steps fit into `[low, high]`: the values are `low + k·step` for `k` from 0 to this many.
///
/// A range that misses a whole number of steps by rounding alone, such as `[0, 0.3]` by 0.1, counts as whole.
#[inline]
pub fn steps(low: f64, high: f64, step: f64) -> f64 {
    // A range of fewer than 2^53 steps loses at most a few units in the last place; a relative 1e-9 is far above that
    // and far below a step that anyone would notice.
    (((high - low) / step) * (1.0 + 1e-9)).floor()
}

/// The value on the step nearest to `value`, within `[low, high]`.
#[inline]
pub fn snap(low: f64, high: f64, step: f64, value: f64) -> f64 {
    let k = ((value - low) / step).round().clamp(0.0, steps(low, high, step));
    (low + k * step).clamp(low, high)
}

#[cfg(test)]
mod tests {
    use super::{snap, steps};

    #[test]
    fn rounding_of_the_range_loses_no_step() {
        assert_eq!(steps(0.0, 0.3, 0.1), 3.0);
        assert_eq!(steps(0.0, 1.0, 0.1), 10.0);
        assert_eq!(steps(0.0, 1.0, 0.3), 3.0);
        assert_eq!(steps(-1.0, 1.0, 2.0), 1.0);
    }

    #[test]
    fn snapping_gives_the_nearest_value_within_the_bounds() {
        assert_eq!(snap(0.0, 1.0, 0.25, 0.6), 0.5);
        assert_eq!(snap(0.0, 1.0, 0.25, 0.63), 0.75);
        assert_eq!(snap(0.0, 1.0, 0.3, 1.0), 3.0 * 0.3);
        assert_eq!(snap(0.0, 0.3, 0.1, 7.0), 0.3);
        assert_eq!(snap(2.0, 3.0, 0.5, -7.0), 2.0);
        let once = snap(0.1, 0.9, 0.07, 0.5);
        assert_eq!(snap(0.1, 0.9, 0.07, once), once);
    }
}
