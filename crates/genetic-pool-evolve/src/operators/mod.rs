//! Operators: one a file, each with its source.
//!
//! An operator is a function on plain slices and a [`Stream`](crate::random::Stream); it never sees an algorithm.

pub mod crossover;
pub mod initialize;
pub mod mutation;
pub mod selection;
pub mod survival;

#[cfg(test)]
mod chi_square;
#[cfg(test)]
pub(crate) use self::chi_square::{binomial, chi_square};
