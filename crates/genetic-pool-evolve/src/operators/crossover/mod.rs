//! Two parents, two children.

pub mod order;
pub mod uniform;
