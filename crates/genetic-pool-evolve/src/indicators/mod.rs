//! How good a set of candidates is where there are several goals.

mod hypervolume;
mod inverted_generational_distance;

pub use self::{
    hypervolume::{Hypervolume, hypervolume},
    inverted_generational_distance::inverted_generational_distance_plus,
};
