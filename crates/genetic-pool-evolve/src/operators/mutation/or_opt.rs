//! Or-opt mutation of permutations and sequences.

use super::Mutation;
use crate::random::{Stream, below};

/// Takes out a segment of one to three items and puts it back elsewhere, as it was or, evenly, reversed.
///
/// Every length, every place to take it from and every other place to put it to are alike. In a tour it exchanges three
/// edges. I. Or: Traveling salesman-type combinatorial problems and their relation to the logistics of regional blood
/// banking. Thesis, Northwestern University, 1976.
///
/// Takes two words; none where there are fewer than two items.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrOpt;

/// The longest segment that is moved.
const LONGEST: usize = 3;

impl Mutation for OrOpt {
    fn mutate(&self, items: &mut [u32], stream: &mut Stream) {
        let n = items.len();
        if n < 2 {
            return;
        }
        // The lowest bit is none of those that say the length.
        let word = stream.next();
        let (length, reversed) = (1 + below((word >> 32) as u32, LONGEST.min(n - 1)), word & 1 == 1);
        let word = stream.next();
        let places = n - length + 1;
        let from = below((word >> 32) as u32, places);
        let to = below(word as u32, places - 1);
        relocate(items, length, from, to + usize::from(to >= from), reversed);
    }
}

/// Moves the `length` items from place `from` on such that they stand from place `to` on.
#[inline]
pub(super) fn relocate(items: &mut [u32], length: usize, from: usize, to: usize, reversed: bool) {
    if from < to {
        items[from..to + length].rotate_left(length);
    } else {
        items[to..from + length].rotate_right(length);
    }
    if reversed {
        items[to..to + length].reverse();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::OrOpt;
    use crate::operators::{
        chi_square,
        mutation::{Mutation, tests::keeps_the_contract},
        tests::stream,
    };

    #[test]
    fn lengths_places_and_directions_are_as_said() {
        // Three items: one with probability ½, two with ½. One: of its six ways (from, to) two exchange each pair of
        // neighbours, one each turns the three right or left. Two: 0 1 behind or 1 2 before the third, as they were or
        // reversed, a quarter each.
        let expected = BTreeMap::from([
            ([0, 2, 1], 1.0 / 6.0),
            ([1, 0, 2], 1.0 / 6.0),
            ([1, 2, 0], 1.0 / 12.0 + 1.0 / 8.0),
            ([2, 0, 1], 1.0 / 12.0 + 1.0 / 8.0),
            ([2, 1, 0], 1.0 / 4.0),
        ]);
        let mut counts = BTreeMap::new();
        for index in 0..12_000 {
            let mut items = [0, 1, 2];
            OrOpt.mutate(&mut items, &mut stream(index));
            *counts.entry(items).or_insert(0) += 1;
        }
        assert!(counts.keys().eq(expected.keys()));
        let expected: Vec<f64> = expected.into_values().map(|part| part * 12_000.0).collect();
        chi_square(&counts.into_values().collect::<Vec<_>>(), &expected);
    }

    #[test]
    fn at_most_three_items_move() {
        for index in 0..1000 {
            let mut items: Vec<u32> = (0..50).collect();
            OrOpt.mutate(&mut items, &mut stream(index));
            // What is not moved keeps its order: without three items there is an ascending run of the others.
            let mut longest = [1; 50];
            for place in 0..50 {
                for before in 0..place {
                    if items[before] < items[place] {
                        longest[place] = longest[place].max(longest[before] + 1);
                    }
                }
            }
            assert!(longest.iter().max().is_some_and(|longest| *longest >= 47), "{items:?}");
        }
    }

    #[test]
    fn arrangements_stay_arrangements() {
        keeps_the_contract(&OrOpt);
    }
}
