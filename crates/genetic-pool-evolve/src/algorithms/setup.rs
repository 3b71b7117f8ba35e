//! What every algorithm is set up from, beside its own settings.

use std::sync::Arc;

use super::FailureRank;
use crate::{operators::Operators, problem::Signature, space::Genomes};

/// The problem's side of a search, and where its chance comes from.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The space, the goals and the constraints.
    pub signature: Arc<Signature>,
    /// The seed of all chance.
    pub seed: u64,
    /// Which island it is; 0 where there is one.
    pub island: u16,
    /// How many candidates the problem takes in a group; 1: it takes each alone.
    pub batch: usize,
    /// How candidates that fail compare with the others.
    pub failure_rank: FailureRank,
    /// What the problem brings along for the search.
    pub operators: Operators,
    /// The first candidates, instead of random ones; may be empty.
    pub start: Genomes,
    /// The evaluations after which the run surely ends, where that is known.
    pub budget: Option<u64>,
}

impl Setup {
    /// Of a problem with signature `signature` and nothing special about it: candidates alone, failures last, no
    /// operators of its own, no start points, no budget.
    pub fn new(signature: Arc<Signature>, seed: u64) -> Setup {
        Setup {
            start: signature.space.genomes(0),
            signature,
            seed,
            island: 0,
            batch: 1,
            failure_rank: FailureRank::Worst,
            operators: Operators::default(),
            budget: None,
        }
    }
}
