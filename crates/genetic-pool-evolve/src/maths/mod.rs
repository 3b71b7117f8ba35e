//! Maths that decides: the same bits on every host and at every vector width.
//!
//! Built from addition, subtraction, multiplication, division, comparison and integer operations on bits alone, in a
//! written-out order: IEEE 754 rounds each of them the same way everywhere, while a host's maths library picks its
//! variant by CPU and differs in the last bit. [`exp`], [`ln`] and [`pow`] take every number; the [fast](log2)
//! functions are branch-free, vectorise from SSE2 up, and ask for arguments within the domain they state.
//!
//! The polynomials interpolate at Chebyshev nodes, computed with 60 digits.

#![expect(clippy::unreadable_literal, reason = "coefficients are computed, not read")]

mod angle;
mod fast;
mod full;
pub mod linear;
pub mod normal;
mod power;
pub mod symmetric;

pub(crate) use self::power::{AnyPower, Power, WholePower};
pub use self::{
    angle::{acos, cos},
    fast::{copysign, cos_pi, exp2, floor, log2, max, min, round, sin_pi, sinpi2, whole},
    full::{exp, ln, pow, sqrt},
};
