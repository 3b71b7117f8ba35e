//! Who become parents.

pub mod tournament;
