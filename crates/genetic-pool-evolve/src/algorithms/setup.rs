//! What every algorithm is set up from, beside its own settings.

use std::sync::Arc;

use super::{FailureRank, Population, rank::rank_rows};
use crate::{
    operators::Operators,
    outcomes::{OutcomeShape, Outcomes},
    problem::{CandidateId, Signature},
    space::Genomes,
};

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
    /// Evaluations that are paid for already; may be none.
    pub known: Known,
    /// The evaluations after which the run surely ends, where that is known.
    pub budget: Option<u64>,
}

impl Setup {
    /// Of a problem with signature `signature` and nothing special about it: candidates alone, failures last, no
    /// operators of its own, no start points, no budget.
    pub fn new(signature: Arc<Signature>, seed: u64) -> Setup {
        Setup {
            start: signature.space.genomes(0),
            known: Known::none(&signature),
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

/// Evaluations that are paid for already: by another run, by hand.
///
/// They are no candidates of the run: they cost nothing of its budget, no generation counts them, and the best
/// candidate of the run is one of its own. Algorithms take them in their own way: where there is a population the best
/// of them stand in it from the beginning, in place of random candidates. There they bear the ids of
/// [`CandidateId::KNOWN`], by their rows, and the digest begins with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Points of the space.
    pub genomes: Genomes,
    /// What became of them, row by row, in the user's units.
    pub outcomes: Outcomes,
}

impl Known {
    /// None of `signature`'s.
    pub fn none(signature: &Signature) -> Known {
        Known { genomes: signature.space.genomes(0), outcomes: Outcomes::new(OutcomeShape::of(signature), 0) }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.genomes.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.genomes.rows == 0
    }
}

impl Setup {
    /// All that is known, ranked by the first goal, in the order in which it stands.
    pub(super) fn known(&self) -> Population {
        let Known { genomes, outcomes } = &self.known;
        let space = &self.signature.space;
        let mut population = Population::new(space.layout().shape, OutcomeShape::of(&self.signature), 0);
        population.candidates.extend((0..genomes.rows as u64).map(|row| CandidateId::new(CandidateId::KNOWN, row)));
        population.genomes.extend(genomes, 0..genomes.rows);
        (0..genomes.rows).for_each(|row| space.update_activity(&mut population.genomes, row));
        population.outcomes.clone_from(outcomes);
        population.ranks.resize(genomes.rows, super::Rank::WORST);
        rank_rows(&self.signature, &mut population, self.failure_rank);
        population
    }

    /// The best of what is known, at most `most`, best first.
    pub(super) fn best_known(&self, most: usize) -> Population {
        let all = self.known();
        let mut best = Population::new(all.genomes.shape, all.outcomes.shape, 0);
        all.order().into_iter().take(most).for_each(|row| best.push(&all, row));
        best
    }
}
