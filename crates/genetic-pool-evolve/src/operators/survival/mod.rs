//! Who stays in the population.
