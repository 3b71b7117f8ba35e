//! Order crossover.

use super::{Crossover, occurrences::as_permutations};
use crate::random::{Stream, below};

/// Order crossover (OX).
///
/// Each child keeps a segment of one parent in place and fills the other places, from the segment's end on and around,
/// with the missing items in the order in which the other parent has them, from the same place on and around.
///
/// L. Davis: Applying adaptive algorithms to epistatic domains. IJCAI 1985, pages 162–164; reviewed by
/// P. Larrañaga and others: Genetic algorithms for the travelling salesman problem. Artificial Intelligence Review 13,
/// 1999, [doi:10.1023/A:1006529012972](https://doi.org/10.1023/A:1006529012972).
///
/// In sequences the occurrences of a value are items of their own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Order;

impl Crossover for Order {
    fn cross(&self, first: &mut [u32], second: &mut [u32], stream: &mut Stream) {
        as_permutations(first, second, |first, second| Room::new(first.len()).cross(first, second, stream));
    }
}

/// The room that order crossover of many permutations works in.
#[derive(Clone, Debug, Default)]
pub struct Room {
    first: Vec<u32>,
    /// The items a child lacks, in order, and room for one more.
    missing: Vec<u32>,
    /// Bit `item`: whether the segment holds it; of 64 items and more.
    kept: Vec<u64>,
}

impl Room {
    /// Room for permutations of up to `size` items; longer ones make it grow.
    pub fn new(size: usize) -> Room {
        Room {
            first: Vec::with_capacity(size),
            missing: Vec::with_capacity(size + 1),
            kept: Vec::with_capacity(size.div_ceil(64)),
        }
    }

    /// Turns two permutations of the same items `0..n` into their two children.
    ///
    /// The segment lies between two different of the `n + 1` cut points, all pairs alike; it may be the whole.
    /// Takes one word; none where there are fewer than two items.
    pub fn cross(&mut self, first: &mut [u32], second: &mut [u32], stream: &mut Stream) {
        let n = first.len();
        debug_assert_eq!(n, second.len());
        if n < 2 {
            return;
        }
        let word = stream.next();
        let x = below((word >> 32) as u32, n + 1);
        let y = below(word as u32, n);
        let y = y + usize::from(y >= x);
        let (from, to) = (x.min(y), x.max(y));
        self.first.clear();
        self.first.extend_from_slice(first);
        fill(first, second, from, to, &mut self.missing, &mut self.kept);
        fill(second, &self.first, from, to, &mut self.missing, &mut self.kept);
    }
}

/// Keeps `child[from..to]` and fills the rest from `other`.
fn fill(child: &mut [u32], other: &[u32], from: usize, to: usize, missing: &mut Vec<u32>, kept: &mut Vec<u64>) {
    let n = child.len();
    missing.resize(n + 1, 0);
    if n <= 64 {
        let kept = child[from..to].iter().fold(0_u64, |kept, item| kept | 1 << (item & 63));
        gather(other, to, missing, |item| kept >> (item & 63) & 1);
    } else {
        kept.clear();
        kept.resize(n.div_ceil(64), 0);
        for item in &child[from..to] {
            kept[*item as usize / 64] |= 1 << (item % 64);
        }
        gather(other, to, missing, |item| kept[item as usize / 64] >> (item % 64) & 1);
    }
    let (behind, before) = missing.split_at(n - to);
    child[to..].copy_from_slice(behind);
    child[..from].copy_from_slice(&before[..from]);
}

/// Writes the items of `other`, from place `to` on and around, that are not `kept` to `missing`.
#[inline]
fn gather(other: &[u32], to: usize, missing: &mut [u32], kept: impl Fn(u32) -> u64) {
    let mut len = 0;
    for part in [&other[to..], &other[..to]] {
        for item in part {
            // Every item is written and one that is kept is written over: no branch to guess.
            missing[len] = *item;
            len += 1 - kept(*item) as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Order, Room, fill};
    use crate::{
        operators::{chi_square, crossover::tests::keeps_the_contract},
        random::{Purpose, Stream},
    };

    fn stream(index: u64) -> Stream {
        Stream::new(5, 0, Purpose::CrossItems, index)
    }

    #[test]
    fn a_segment_is_kept_and_the_rest_follows_the_other_parent() {
        // Keep 3 4 5 6 in their places; from after them on, the other parent reads 0 1 | 4 5 2 7 6 3 8, cut at 7:
        // 3 8 0 1 4 5 2 7 6, without the kept ones 8 0 1 2 7, which fill places 7, 8, 0, 1, 2.
        let mut child = [0, 1, 2, 3, 4, 5, 6, 7, 8];
        fill(&mut child, &[0, 1, 4, 5, 2, 7, 6, 3, 8], 3, 7, &mut Vec::new(), &mut Vec::new());
        assert_eq!(child, [1, 2, 7, 3, 4, 5, 6, 8, 0]);
        // A segment at the end, and one at the start.
        let mut child = [0, 1, 2, 3];
        fill(&mut child, &[3, 2, 1, 0], 2, 4, &mut Vec::new(), &mut Vec::new());
        assert_eq!(child, [1, 0, 2, 3]);
        let mut child = [0, 1, 2, 3];
        fill(&mut child, &[3, 2, 1, 0], 0, 1, &mut Vec::new(), &mut Vec::new());
        assert_eq!(child, [0, 2, 1, 3]);
    }

    #[test]
    fn all_pairs_of_cut_points_are_alike() {
        // Parents 0 1 2 and 2 1 0, segments between cut points of 4, one in six each. First children:
        // [0,1): 0, then 1 and 2 in the order 1 0 2 → 0 1 2   [0,2) keeps 0 1 → 0 1 2   [0,3) → 0 1 2
        // [1,2): 1 stays, 0 2 from place 2 on → 2 1 0   [1,3) keeps 1 2 → 0 1 2
        // [2,3): 2 stays, from the start 1 0 → 1 0 2
        let mut counts = [0; 3];
        let mut order = Room::new(3);
        for index in 0..6000 {
            let (mut a, mut b) = ([0, 1, 2], [2, 1, 0]);
            order.cross(&mut a, &mut b, &mut stream(index));
            counts[[[0, 1, 2], [2, 1, 0], [1, 0, 2]].iter().position(|child| *child == a).unwrap()] += 1;
        }
        chi_square(&counts, &[4000.0, 1000.0, 1000.0]);
    }

    #[test]
    fn fewer_than_two_items_draw_nothing() {
        let mut order = Room::default();
        let mut drawn = stream(0);
        order.cross(&mut [], &mut [], &mut drawn);
        order.cross(&mut [0], &mut [0], &mut drawn);
        assert_eq!(drawn.next(), stream(0).next());
    }

    #[test]
    fn arrangements_stay_arrangements() {
        keeps_the_contract(&Order, true);
    }

    fn parents() -> impl Strategy<Value = (Vec<u32>, Vec<u32>)> {
        (0..200_u32).prop_flat_map(|n| {
            let items: Vec<u32> = (0..n).collect();
            (Just(items.clone()).prop_shuffle(), Just(items).prop_shuffle())
        })
    }

    proptest! {
        #[test]
        fn children_are_permutations_that_depend_on_the_stream_alone((a, b) in parents(), index: u64) {
            let (mut x, mut y) = (a.clone(), b.clone());
            Room::default().cross(&mut x, &mut y, &mut stream(index));
            for child in [&x, &y] {
                let mut sorted = child.clone();
                sorted.sort_unstable();
                prop_assert!(sorted.into_iter().eq(0..a.len() as u32));
            }
            let mut order = Room::new(3);
            order.cross(&mut [1, 0, 2], &mut [0, 1, 2], &mut stream(1));
            let (mut again, mut other) = (a.clone(), b.clone());
            order.cross(&mut again, &mut other, &mut stream(index));
            prop_assert_eq!((x, y), (again, other));
            let (mut same, mut twin) = (a.clone(), a.clone());
            order.cross(&mut same, &mut twin, &mut stream(index));
            prop_assert_eq!((&same, &twin), (&a, &a), "equal parents have equal children");
        }
    }
}
