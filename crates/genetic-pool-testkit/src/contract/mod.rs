//! What every implementation of a contract of the engine must do, whatever it is.

pub mod algorithm;
pub mod evaluator;
mod in_space;
mod replay;

pub use self::in_space::assert_in_space;
