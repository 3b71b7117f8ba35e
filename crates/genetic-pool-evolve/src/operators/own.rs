//! What a problem brings along for the search.

use std::sync::Arc;

use super::{crossover::Crossover, distances::Distances, improve::Improve, mutation::Mutation, start::Start};

/// A problem's own operators. Each may be absent: then the algorithm's own choice stands.
///
/// A problem gives them by [`Problem::operators`](crate::problem::Problem::operators), or they are registered beside it.
#[derive(Clone, Debug, Default)]
pub struct Operators {
    /// Crosses its permutations and sequences.
    pub crossover: Option<Arc<dyn Crossover>>,
    /// Changes its permutations and sequences a little.
    pub mutation: Option<Arc<dyn Mutation>>,
    /// Makes the candidates that a population begins with.
    pub start: Option<Arc<dyn Start>>,
    /// Its local search, of which memetic algorithms make use.
    pub improve: Option<Arc<dyn Improve>>,
    /// Where the space is one permutation and what counts is the length of the closed tour: how far its items are from
    /// each other. Edge assembly needs it.
    pub distances: Option<Arc<Distances>>,
}

impl Operators {
    /// These, and where one is absent that of `others`.
    #[must_use]
    pub fn or(self, others: Operators) -> Operators {
        Operators {
            crossover: self.crossover.or(others.crossover),
            mutation: self.mutation.or(others.mutation),
            start: self.start.or(others.start),
            improve: self.improve.or(others.improve),
            distances: self.distances.or(others.distances),
        }
    }
}
