//! Small changes of one genome.

pub mod creep;
pub mod flip;
pub mod insertion;
pub mod inversion;
pub mod or_opt;
pub mod polynomial;
pub mod reset;

use std::fmt;

use crate::random::Stream;

/// A small change of an arrangement: of a permutation, or of a sequence, in which values repeat.
pub trait Mutation: fmt::Debug + Send + Sync {
    /// Rearranges `items`. All chance is that of `stream`.
    fn mutate(&self, items: &mut [u32], stream: &mut Stream);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Mutation;
    use crate::operators::tests::{arrangements, stream};

    /// What comes of it is an arrangement of the same items and depends on the stream alone; fewer than two items draw
    /// nothing, and two are exchanged.
    pub(crate) fn keeps_the_contract(mutation: &dyn Mutation) {
        let mut drawn = stream(0);
        mutation.mutate(&mut [], &mut drawn);
        mutation.mutate(&mut [0], &mut drawn);
        assert_eq!(drawn.next(), stream(0).next());
        for _ in 0..20 {
            let mut two = [1, 0];
            mutation.mutate(&mut two, &mut drawn);
            assert_eq!(two, [0, 1]);
        }
        for index in 0..400 {
            let [items, _] = arrangements(index);
            let mut changed = items.clone();
            mutation.mutate(&mut changed, &mut stream(index));
            let mut again = items.clone();
            mutation.mutate(&mut again, &mut stream(index));
            assert_eq!(changed, again);
            let distinct = items.iter().collect::<std::collections::BTreeSet<_>>().len();
            assert!(changed != items || distinct < items.len() || items.len() < 2, "{items:?}");
            let [mut sorted, mut found] = [items, changed];
            sorted.sort_unstable();
            found.sort_unstable();
            assert_eq!(sorted, found);
        }
    }
}
