//! What every implementation of a contract must do.

pub mod evaluator;
