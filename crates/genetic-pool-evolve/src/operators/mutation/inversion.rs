//! Inversion mutation of permutations and sequences.

use super::Mutation;
use crate::random::{Stream, below};

/// [`inversion`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Inversion;

impl Mutation for Inversion {
    fn mutate(&self, items: &mut [u32], stream: &mut Stream) {
        inversion(items, stream);
    }
}

/// Reverses the items between two different places, all pairs alike, both included.
///
/// In a tour it exchanges two edges, as the move of G. A. Croes: A method for solving traveling-salesman problems.
/// Operations Research 6(6), 1958, [doi:10.1287/opre.6.6.791](https://doi.org/10.1287/opre.6.6.791).
/// Takes one word; none where there are fewer than two items.
#[inline]
pub fn inversion(items: &mut [u32], stream: &mut Stream) {
    let n = items.len();
    if n < 2 {
        return;
    }
    let word = stream.next();
    let x = below((word >> 32) as u32, n);
    let y = below(word as u32, n - 1);
    let y = y + usize::from(y >= x);
    items[x.min(y)..=x.max(y)].reverse();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::inversion;
    use crate::{
        operators::chi_square,
        random::{Purpose, Stream},
    };

    fn stream(index: u64) -> Stream {
        Stream::new(5, 0, Purpose::MutateItems, index)
    }

    #[test]
    fn all_pairs_of_places_are_alike() {
        // Six pairs of four places, six different orders, one in six each.
        let mut orders = std::collections::BTreeMap::<[u32; 4], u64>::new();
        for index in 0..6000 {
            let mut items = [0, 1, 2, 3];
            inversion(&mut items, &mut stream(index));
            *orders.entry(items).or_default() += 1;
        }
        let expected = [[0, 1, 3, 2], [0, 2, 1, 3], [0, 3, 2, 1], [1, 0, 2, 3], [2, 1, 0, 3], [3, 2, 1, 0]];
        assert!(orders.keys().eq(&expected));
        chi_square(&orders.into_values().collect::<Vec<_>>(), &[1000.0; 6]);
    }

    #[test]
    fn fewer_than_two_items_draw_nothing_and_two_are_exchanged() {
        let mut drawn = stream(0);
        inversion(&mut [], &mut drawn);
        inversion(&mut [0], &mut drawn);
        assert_eq!(drawn.next(), stream(0).next());
        let mut two = [1, 0];
        inversion(&mut two, &mut drawn);
        assert_eq!(two, [0, 1]);
    }

    #[test]
    fn arrangements_stay_arrangements() {
        crate::operators::mutation::tests::keeps_the_contract(&super::Inversion);
    }

    proptest! {
        #[test]
        fn one_segment_is_reversed(n in 2_u32..200, index: u64) {
            let mut items: Vec<u32> = (0..n).collect();
            inversion(&mut items, &mut stream(index));
            let from = (0..n).position(|k| items[k as usize] != k).unwrap();
            let to = (0..n).rposition(|k| items[k as usize] != k).unwrap();
            items[from..=to].reverse();
            prop_assert!(items.into_iter().eq(0..n));
        }
    }
}
