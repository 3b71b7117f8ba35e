//! Two parents, two children.

pub mod order;
pub mod simulated_binary;
pub mod uniform;
