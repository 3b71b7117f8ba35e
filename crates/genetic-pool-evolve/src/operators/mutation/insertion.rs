//! Insertion mutation of permutations and sequences.

use super::{Mutation, or_opt::relocate};
use crate::{
    maths,
    random::{Stream, below, unit},
};

/// [`insertion`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Insertion;

impl Mutation for Insertion {
    fn mutate(&self, items: &mut [u32], stream: &mut Stream) {
        insertion(items, stream);
    }
}

/// Takes out a segment and puts it back elsewhere, as it was or, evenly, reversed.
///
/// A segment of `m` of the `n` items has probability `log(1 + 1/m) / log(n)`, `m` from 1 to `n - 1`, so that short
/// segments are likely and no order of magnitude is left out; then every place to take it from, then every other place
/// to put it to, are alike.
///
/// Of a single item: D. B. Fogel: An evolutionary approach to the traveling salesman problem. Biological Cybernetics
/// 60, 1988, [doi:10.1007/BF00202901](https://doi.org/10.1007/BF00202901); of segments, also reversed: P. Larrañaga and
/// others: Genetic algorithms for the travelling salesman problem. Artificial Intelligence Review 13, 1999,
/// [doi:10.1023/A:1006529012972](https://doi.org/10.1023/A:1006529012972). In a tour it exchanges three edges.
///
/// Takes two words; none where there are fewer than two items.
#[inline]
pub fn insertion(items: &mut [u32], stream: &mut Stream) {
    let n = items.len();
    if n < 2 {
        return;
    }
    // The lowest bit is none of those that say the length.
    let word = stream.next();
    let (u, reversed) = (unit(word), word & 1 == 1);
    let length = (maths::exp2(u * maths::log2(n as f64)) as usize).clamp(1, n - 1);
    let word = stream.next();
    let places = n - length + 1;
    let from = below((word >> 32) as u32, places);
    let to = below(word as u32, places - 1);
    relocate(items, length, from, to + usize::from(to >= from), reversed);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::insertion;
    use crate::{
        operators::chi_square,
        random::{Purpose, Stream},
    };

    fn stream(index: u64) -> Stream {
        Stream::new(5, 0, Purpose::MutateItems, index)
    }

    /// How often each order comes of `n` insertions into `N` items in order.
    fn orders<const N: usize>(n: u64) -> BTreeMap<[u32; N], u64> {
        let mut orders = BTreeMap::new();
        for index in 0..n {
            let mut items = std::array::from_fn(|k| k as u32);
            insertion(&mut items, &mut stream(index));
            *orders.entry(items).or_default() += 1;
        }
        orders
    }

    #[test]
    fn lengths_places_and_directions_are_as_said() {
        // Three items. One item with probability log 2/log 3: of its six ways (from, to) two exchange each pair of
        // neighbours, one each turns the three right or left. Two items with log 1.5/log 3: 1 2 behind or before the
        // third, as they were or reversed, each with a quarter of it.
        let (one, two) = (2.0_f64.ln() / 3.0_f64.ln(), 1.5_f64.ln() / 3.0_f64.ln());
        let expected = BTreeMap::from([
            ([0, 2, 1], one / 3.0),
            ([1, 0, 2], one / 3.0),
            ([1, 2, 0], one / 6.0 + two / 4.0),
            ([2, 0, 1], one / 6.0 + two / 4.0),
            ([2, 1, 0], two / 2.0),
        ]);
        let counts = orders::<3>(12_000);
        assert!(counts.keys().eq(expected.keys()));
        let expected: Vec<f64> = expected.into_values().map(|part| part * 12_000.0).collect();
        chi_square(&counts.into_values().collect::<Vec<_>>(), &expected);
    }

    #[test]
    fn long_segments_move_too() {
        // Of a hundred items in order, a reversed segment of m shows as a run of m - 1 falling steps. Of m from 10 to 99
        // with log(100/10)/log 100, half of them reversed: a quarter.
        let mut long = 0;
        for index in 0..4000 {
            let mut items: [u32; 100] = std::array::from_fn(|k| k as u32);
            insertion(&mut items, &mut stream(index));
            let falling = items.windows(2).filter(|pair| pair[0] == pair[1] + 1).count();
            long += u64::from(falling >= 9);
        }
        chi_square(&[long, 4000 - long], &[1000.0, 3000.0]);
    }

    #[test]
    fn fewer_than_two_items_draw_nothing_and_two_are_exchanged() {
        let mut drawn = stream(0);
        insertion(&mut [], &mut drawn);
        insertion(&mut [0], &mut drawn);
        assert_eq!(drawn.next(), stream(0).next());
        for _ in 0..20 {
            let mut two = [1, 0];
            insertion(&mut two, &mut drawn);
            assert_eq!(two, [0, 1]);
        }
    }

    #[test]
    fn arrangements_stay_arrangements() {
        crate::operators::mutation::tests::keeps_the_contract(&super::Insertion);
    }

    proptest! {
        #[test]
        fn a_permutation_that_differs_in_three_edges_at_most(n in 2_u32..200, index: u64) {
            let mut items: Vec<u32> = (0..n).collect();
            insertion(&mut items, &mut stream(index));
            let edges = items.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) != 1).count();
            prop_assert!(edges <= 3);
            prop_assert!(!items.iter().copied().eq(0..n));
            let mut again: Vec<u32> = (0..n).collect();
            insertion(&mut again, &mut stream(index));
            prop_assert_eq!(&again, &items);
            items.sort_unstable();
            prop_assert!(items.into_iter().eq(0..n));
        }
    }
}
