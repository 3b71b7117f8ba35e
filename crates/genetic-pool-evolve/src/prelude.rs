//! What a program that optimises needs: `use genetic_pool_evolve::prelude::*;`.

pub use crate::{
    algorithms::{GeneticOptions, Options, Schedule},
    ask_tell::{AskTell, AskTellConfig, Candidate},
    closure::Closure,
    optimization::{Found, Generation, Generations, Optimization, OptimizationError},
    outcomes::Outcomes,
    problem::{
        BatchView, Bound, CandidateId, Constraint, Direction, Failure, FailureKind, Goal, Outcome, Problem, Signature,
        Trial,
    },
    space::{Condition, Domain, Genome, Level, Parameter, Scale, Space, SpaceErrors, Value},
    stop::{StopReason, StopRule, StopRules},
};
