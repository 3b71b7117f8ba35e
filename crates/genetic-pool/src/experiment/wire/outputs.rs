//! `goals` and `constraints`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which way a goal is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Smaller is better.
    Minimize,
    /// Greater is better.
    Maximize,
}

/// Where an output must stay: exactly one of `max`, `min` and `equals`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// At most this.
    pub max: Option<f64>,
    /// At least this.
    pub min: Option<f64>,
    /// This, up to `tolerance`.
    pub equals: Option<f64>,
    /// How far from `equals` still counts as equal; at least 0.
    #[schemars(range(min = 0.0))]
    pub tolerance: Option<f64>,
}
