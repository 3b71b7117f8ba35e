//! What the problems of bits share: their options and signature.

use serde::Deserialize;

use super::function::{Dimension, one_goal};
use crate::{
    problem::{Direction, Signature},
    space::{Domain, Parameter, Space},
};

/// The options of a problem of bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BitOptions {
    /// How many bits; what is meant without it is the problem's.
    pub bits: Option<Dimension>,
}

/// Maximises `goal` over `bits` bits.
pub(super) fn signature(bits: usize, goal: &str) -> Signature {
    one_goal(Space::new(vec![Parameter::new("x", Domain::Bit).len(bits)]), goal, Direction::Maximize)
}
