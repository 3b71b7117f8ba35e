//! Small changes of one genome.

pub mod creep;
pub mod flip;
pub mod insertion;
pub mod inversion;
pub mod polynomial;
pub mod reset;
