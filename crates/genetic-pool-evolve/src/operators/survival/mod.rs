//! Who stays in the population.

pub mod truncation;
