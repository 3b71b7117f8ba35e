//! What a program with a problem of its own needs: `use genetic_pool::prelude::*;`.

pub use genetic_pool_evolve::{
    operators::{Operators, Start, crossover::Crossover, improve::Improve, mutation::Mutation},
    outcomes::Outcomes,
    problem::{
        BatchView, Bound, CandidateId, Constraint, Direction, Failure, FailureKind, Goal, Outcome, Problem, Signature,
        Trial,
    },
    random::Stream,
    space::{Condition, Domain, Genome, GenomeMut, Level, Parameter, Scale, Space, SpaceError, SpaceErrors, Value},
};

#[cfg(feature = "cli")]
pub use crate::App;
