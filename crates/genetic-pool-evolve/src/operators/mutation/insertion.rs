//! Insertion mutation of permutations.

use crate::random::{Stream, below};

/// Takes out a segment of 1 to `longest` items and puts it back elsewhere, in the same order.
///
/// Lengths are alike up to `n - 1`; then every place to take it from; then every other place to put it to.
/// A single item: D. B. Fogel: An evolutionary approach to the traveling salesman problem. Biological Cybernetics 60,
/// 1988, [doi:10.1007/BF00202901](https://doi.org/10.1007/BF00202901). Up to three: the exchanges of I. Or, 1976.
/// Takes two words; none where there are fewer than two items.
#[inline]
pub fn insertion(items: &mut [u32], longest: usize, stream: &mut Stream) {
    let n = items.len();
    if n < 2 {
        return;
    }
    let length = 1 + stream.below(longest.clamp(1, n - 1));
    let word = stream.next();
    let places = n - length + 1;
    let from = below((word >> 32) as u32, places);
    let to = below(word as u32, places - 1);
    let to = to + usize::from(to >= from);
    if from < to {
        items[from..to + length].rotate_left(length);
    } else {
        items[to..from + length].rotate_right(length);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::insertion;
    use crate::{
        operators::chi_square,
        random::{Purpose, Stream},
    };

    fn stream(index: u64) -> Stream {
        Stream::new(5, 0, Purpose::MutateItems, index)
    }

    #[test]
    fn a_single_item_goes_to_every_other_place_alike() {
        // Three items, one moved: of the six ways (from, to) two exchange each pair of neighbours, and one each turns
        // the three left or right.
        let mut orders = std::collections::BTreeMap::<[u32; 3], u64>::new();
        for index in 0..6000 {
            let mut items = [0, 1, 2];
            insertion(&mut items, 1, &mut stream(index));
            *orders.entry(items).or_default() += 1;
        }
        assert!(orders.keys().eq(&[[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1]]));
        chi_square(&orders.into_values().collect::<Vec<_>>(), &[2000.0, 2000.0, 1000.0, 1000.0]);
    }

    #[test]
    fn segments_of_every_length_move_in_one_piece() {
        // Of eight items the lengths 1, 2, 3 alike. A segment of m items that moves by d places reads as a segment of d
        // that moves by m the other way: count by the shorter, which is the length for sure only where d > 3.
        let mut counts = [0; 3];
        let mut sure = 0;
        for index in 0..30_000 {
            let mut items = [0, 1, 2, 3, 4, 5, 6, 7];
            insertion(&mut items, 3, &mut stream(index));
            let from = (0..8).position(|k| items[k] != k as u32).unwrap();
            let to = (0..8).rposition(|k| items[k] != k as u32).unwrap();
            let turn = items[from] as usize - from;
            let (short, long) = (turn.min(to + 1 - from - turn), turn.max(to + 1 - from - turn));
            if long > 3 {
                counts[short - 1] += 1;
                sure += 1;
            }
        }
        // Of 9 - m places, a pair of places d > 3 apart: 2·(4 + 3 + 2 + 1) = 20 of 8·7, 2·(3 + 2 + 1) = 12 of 7·6 and
        // 2·(2 + 1) = 6 of 6·5.
        let expected = [20.0 / 56.0, 12.0 / 42.0, 6.0 / 30.0].map(|part: f64| part / 3.0 * 30_000.0);
        let total: f64 = expected.iter().sum();
        assert!((f64::from(sure) - total).abs() < 4.0 * total.sqrt());
        chi_square(&counts, &expected.map(|part| part * f64::from(sure) / total));
    }

    #[test]
    fn fewer_than_two_items_draw_nothing_and_two_are_exchanged() {
        let mut drawn = stream(0);
        insertion(&mut [], 3, &mut drawn);
        insertion(&mut [0], 3, &mut drawn);
        assert_eq!(drawn.next(), stream(0).next());
        for longest in [0, 1, 3, usize::MAX] {
            let mut two = [1, 0];
            insertion(&mut two, longest, &mut drawn);
            assert_eq!(two, [0, 1]);
        }
    }

    proptest! {
        #[test]
        fn two_neighbouring_segments_change_places(n in 2_u32..200, longest in 0_usize..200, index: u64) {
            let mut items: Vec<u32> = (0..n).collect();
            insertion(&mut items, longest, &mut stream(index));
            let from = (0..n).position(|k| items[k as usize] != k).unwrap();
            let to = (0..n).rposition(|k| items[k as usize] != k).unwrap();
            let turn = items[from] as usize - from;
            let other = to + 1 - from - turn;
            prop_assert!(turn.min(other) <= longest.max(1));
            items[from..=to].rotate_right(turn);
            prop_assert!(items.into_iter().eq(0..n));
        }
    }
}
