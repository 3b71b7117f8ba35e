//! Who stays in the population.

pub mod crowding;
pub mod non_dominated;
pub mod truncation;
