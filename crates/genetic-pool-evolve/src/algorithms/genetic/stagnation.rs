//! When a population has nothing left to find.

use crate::{algorithms::Population, space::Space};

/// Candidates bred in vain, for each gene, before a population of equals is given up.
///
/// Where one gene of `n` must mutate and no other, a child does so with probability `1/(e·n)`: that `20·n` children all
/// miss has probability `exp(-20/e)`, below one in a thousand.
const PATIENCE: u64 = 20;

/// How long a population of equals is bred from before it is given up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stagnation {
    patience: u64,
}

impl Stagnation {
    /// For the number of genes of `space`, each item of a permutation counting as one.
    pub(super) fn new(space: &Space) -> Stagnation {
        let shape = space.layout().shape;
        let genes = shape.reals + shape.ints + shape.bits + shape.items;
        Stagnation { patience: PATIENCE.saturating_mul(genes as u64) }
    }

    /// Whether all of `population` are equally good, and none of the last candidates before `next` has entered it.
    ///
    /// A function of the population and of the next candidate's index alone: there is nothing to keep in a snapshot.
    pub(super) fn holds(self, population: &Population, next: u64) -> bool {
        let Some(first) = population.ranks.first() else { return false };
        let newest = || population.candidates.iter().map(|candidate| candidate.index()).max().unwrap_or(0);
        population.ranks.iter().all(|rank| rank == first) && next.saturating_sub(newest() + 1) >= self.patience
    }
}

#[cfg(test)]
mod tests {
    use super::Stagnation;
    use crate::{
        algorithms::{Population, Rank},
        outcomes::OutcomeShape,
        problem::CandidateId,
        space::{Domain, Parameter, Space},
    };

    #[test]
    fn equals_are_given_up_when_patience_is_over() {
        let space = Space::new(vec![Parameter::new("x", Domain::Bit).len(5)]).unwrap();
        let stagnation = Stagnation::new(&space);
        let mut population = Population::new(space.layout().shape, OutcomeShape::default(), 3);
        for (row, index) in [7, 90, 13].into_iter().enumerate() {
            population.candidates[row] = CandidateId::new(2, index);
            population.ranks[row] = Rank::new(0.0, 1.5);
        }
        // Candidates 91 to 189 were bred in vain, and then 190.
        assert!(!stagnation.holds(&population, 190));
        assert!(stagnation.holds(&population, 191));
        population.ranks[1] = Rank::new(0.0, 1.25);
        assert!(!stagnation.holds(&population, 1_000_000));
        assert!(!stagnation.holds(&Population::default(), 1_000_000));
    }
}
