//! Operators: one a file, each with its source.
//!
//! An operator is a function on plain slices and a [`Stream`](crate::random::Stream); it never sees an algorithm.

pub mod crossover;
pub mod distances;
pub mod improve;
pub mod initialize;
pub mod mutation;
mod own;
pub mod selection;
mod start;
pub mod survival;

pub use self::{own::Operators, start::Start};

#[cfg(test)]
mod chi_square;
#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
pub(crate) use self::chi_square::{binomial, chi_square};
