//! Two parents, two children.

pub mod edge_assembly;
pub mod edge_recombination;
pub mod job_order;
pub mod occurrences;
pub mod order;
pub mod partially_mapped;
pub mod simulated_binary;
pub mod uniform;

use std::fmt;

use crate::random::Stream;

/// A crossover of arrangements: of a permutation, or of a sequence, in which values repeat.
///
/// ```
/// use genetic_pool_evolve::{operators::crossover::Crossover, random::Stream};
///
/// /// Each child begins as its own parent and goes on in the order of the other.
/// #[derive(Debug)]
/// struct HeadThenOther;
///
/// impl Crossover for HeadThenOther {
///     fn cross(&self, first: &mut [u32], second: &mut [u32], stream: &mut Stream) {
///         let cut = stream.below(first.len() + 1);
///         let (a, b) = (first.to_vec(), second.to_vec());
///         for (child, other) in [(first, b), (second, a)] {
///             let mut rest = other;
///             for item in &child[..cut] {
///                 let place = rest.iter().position(|other| other == item).unwrap_or(0);
///                 rest.remove(place);
///             }
///             child[cut..].copy_from_slice(&rest);
///         }
///     }
/// }
/// ```
pub trait Crossover: fmt::Debug + Send + Sync {
    /// Turns two arrangements of the same items, copies of two parents, into their two children: arrangements of the
    /// same items again. The first child takes after the first parent where that can be said.
    ///
    /// All chance is that of `stream`.
    fn cross(&self, first: &mut [u32], second: &mut [u32], stream: &mut Stream);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Crossover;
    use crate::operators::tests::{arrangements, stream};

    /// Children are arrangements of the same items and depend on the stream alone; fewer than two items draw nothing;
    /// equal parents have equal children, where `equals` says so.
    pub(crate) fn keeps_the_contract(crossover: &dyn Crossover, equals: bool) {
        let mut drawn = stream(0);
        crossover.cross(&mut [], &mut [], &mut drawn);
        crossover.cross(&mut [0], &mut [0], &mut drawn);
        assert_eq!(drawn.next(), stream(0).next());
        for index in 0..400 {
            let [a, b] = arrangements(index);
            let (mut x, mut y) = (a.clone(), b.clone());
            crossover.cross(&mut x, &mut y, &mut stream(index));
            let sorted = |items: &[u32]| {
                let mut sorted = items.to_vec();
                sorted.sort_unstable();
                sorted
            };
            assert_eq!((sorted(&x), sorted(&y)), (sorted(&a), sorted(&a)), "{a:?} {b:?}");
            let (mut again, mut other) = (a.clone(), b.clone());
            crossover.cross(&mut again, &mut other, &mut stream(index));
            assert_eq!((x, y), (again, other));
            let (mut same, mut twin) = (a.clone(), a.clone());
            crossover.cross(&mut same, &mut twin, &mut stream(index));
            if equals {
                assert_eq!((&same, &twin), (&a, &a));
            }
        }
    }
}
