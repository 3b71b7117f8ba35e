//! The last evaluations of a descent, from which its model is made.

use serde::{Deserialize, Serialize};

/// Points in coordinates and their minimised objectives, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Archive {
    /// A row each.
    pub points: Vec<f64>,
    pub values: Vec<f64>,
    /// How many of them are of the last generation.
    pub last: usize,
}

impl Archive {
    /// Drops the oldest until `most` are left.
    pub(super) fn trim(&mut self, most: usize, dimension: usize) {
        let over = self.values.len().saturating_sub(most);
        if over > 0 {
            self.values.drain(..over);
            self.points.drain(..over * dimension);
        }
        self.last = self.last.min(self.values.len());
    }

    pub(super) fn is_consistent(&self, dimension: usize) -> bool {
        self.values.len().checked_mul(dimension) == Some(self.points.len())
            && self.last <= self.values.len()
            && self.values.iter().chain(&self.points).all(|value| value.is_finite())
    }
}
