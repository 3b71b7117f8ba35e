//! Reals on a log scale or a step: where they are varied is not where they are stored.

use crate::{
    maths,
    space::{Domain, Scale, Space, snap},
};

/// How one real gene is stored and varied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Curve {
    /// Natural bounds.
    low: f64,
    high: f64,
    log: bool,
    step: Option<f64>,
}

impl Curve {
    /// One for each real gene of `space`.
    pub(super) fn of(space: &Space) -> Vec<Curve> {
        let mut curves = Vec::with_capacity(space.layout().shape.reals);
        for parameter in space.parameters() {
            if let Domain::Real { low, high, scale, step } = parameter.domain {
                let curve = Curve { low, high, log: scale == Scale::Log, step };
                curves.extend(std::iter::repeat_n(curve, parameter.genes()));
            }
        }
        curves
    }

    /// Whether it is varied as it is stored.
    pub(super) fn is_straight(&self) -> bool {
        !self.log && self.step.is_none()
    }

    /// The bounds within which it is varied: of the logarithm to base 2 on a log scale.
    pub(super) fn bounds(&self) -> (f64, f64) {
        if self.log { (maths::log2(self.low), maths::log2(self.high)) } else { (self.low, self.high) }
    }

    /// From the stored value to the varied one.
    pub(super) fn bend(&self, value: f64) -> f64 {
        if !self.log {
            return value;
        }
        // Neighbours of a bound may round beyond its logarithm.
        let (low, high) = self.bounds();
        maths::log2(value).clamp(low, high)
    }

    /// From the varied value to the one to store.
    pub(super) fn straighten(&self, value: f64) -> f64 {
        let natural = if self.log { maths::exp2(value).clamp(self.low, self.high) } else { value };
        match self.step {
            Some(step) => snap(self.low, self.high, step, natural),
            None => natural,
        }
    }

    /// The stored value after a mutation of `before` to the varied value `value`; `up` says which way it went.
    ///
    /// On a step a mutation moves by one step at least: coarse steps would stand still otherwise.
    pub(super) fn straighten_mutated(&self, before: f64, value: f64, up: bool) -> f64 {
        let after = self.straighten(value);
        let Some(step) = self.step else { return after };
        if after != before {
            return after;
        }
        let by = if up { step } else { -step };
        let moved = snap(self.low, self.high, step, before + by);
        if moved == before { snap(self.low, self.high, step, before - by) } else { moved }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_scale_comes_back_within_its_bounds() {
        let curve = Curve { low: 1e-5, high: 10.0, log: true, step: None };
        let (low, high) = curve.bounds();
        assert_eq!((curve.bend(1e-5), curve.bend(10.0)), (low, high));
        for k in 0..=1000 {
            let value = low + (high - low) * f64::from(k) / 1000.0;
            let natural = curve.straighten(value);
            assert!((1e-5..=10.0).contains(&natural));
            assert!((curve.bend(natural) - value).abs() < 1e-11);
        }
    }

    #[test]
    fn a_mutation_moves_at_least_a_step() {
        let curve = Curve { low: 0.0, high: 1.0, log: false, step: Some(0.25) };
        assert_eq!(curve.straighten_mutated(0.5, 0.51, true), 0.75);
        assert_eq!(curve.straighten_mutated(0.5, 0.49, false), 0.25);
        assert_eq!(curve.straighten_mutated(1.0, 1.0, true), 0.75);
        assert_eq!(curve.straighten_mutated(0.0, 0.6, true), 0.5);
    }
}
