//! `[space]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{Named, OneOrMany, Scalar};

/// A parameter: exactly one of `real`, `int`, `ordinal`, `bit`, `choice`, `permutation` and `sequence` says what it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// A real number between the two bounds, both included.
    pub real: Option<[f64; 2]>,
    /// How a real is varied. Default: `"linear"`.
    pub scale: Option<Scale>,
    /// A real takes only the values lower bound + a multiple of `step`.
    pub step: Option<f64>,
    /// A whole number between the two bounds, both included.
    pub int: Option<[i64; 2]>,
    /// One of several levels in a meaningful order, from least to greatest.
    pub ordinal: Option<Vec<Scalar>>,
    /// `true`: true or false.
    pub bit: Option<bool>,
    /// One of several levels without an order.
    pub choice: Option<Vec<Scalar>>,
    /// An order of the items 0 to n - 1.
    #[schemars(range(min = 1, max = 4_294_967_295_u64))]
    pub permutation: Option<u64>,
    /// An order of values that repeat: value v, from 0 on, stands in it as often as entry v says: `[3, 3, 3]`. In a job
    /// shop value v is job v, and its k-th occurrence the job's k-th operation.
    pub sequence: Option<Vec<u32>>,
    /// Makes it a vector of so many values. Not for permutations and sequences.
    #[schemars(range(min = 1, max = 16_777_216))]
    pub len: Option<u64>,
    /// The parameter counts only where each of the named parameters, which stand above it, has the value, or one of the
    /// values: `{ flap = "slotted" }`, `{ kernel = ["rbf", "poly"] }`.
    pub when: Option<Named<OneOrMany>>,
}

/// How a real is varied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Equal differences count alike.
    Linear,
    /// Equal ratios count alike; the lower bound is above 0.
    Log,
}
