//! Partially mapped crossover.

use super::{Crossover, occurrences::as_permutations};
use crate::random::{Stream, below};

/// Partially mapped crossover (PMX).
///
/// Each child keeps a segment of one parent in place. At every other place it takes the other parent's item; where the
/// segment holds that one already, the item that the other parent has where the segment has it, and so on.
///
/// D. E. Goldberg and R. Lingle: Alleles, loci, and the traveling salesman problem. ICGA 1985, pages 154–159; reviewed
/// by P. Larrañaga and others: Genetic algorithms for the travelling salesman problem. Artificial Intelligence Review
/// 13, 1999, [doi:10.1023/A:1006529012972](https://doi.org/10.1023/A:1006529012972).
///
/// The segment lies between two different of the `n + 1` cut points, all pairs alike. Takes one word; none where there
/// are fewer than two items. In sequences the occurrences of a value are items of their own.
#[derive(Clone, Copy, Debug, Default)]
pub struct PartiallyMapped;

impl Crossover for PartiallyMapped {
    fn cross(&self, first: &mut [u32], second: &mut [u32], stream: &mut Stream) {
        let n = first.len();
        if n < 2 {
            return;
        }
        let word = stream.next();
        let x = below((word >> 32) as u32, n + 1);
        let y = below(word as u32, n);
        let y = y + usize::from(y >= x);
        let (from, to) = (x.min(y), x.max(y));
        as_permutations(first, second, |first, second| {
            let (a, b) = (first.to_vec(), second.to_vec());
            map(first, &b, from, to);
            map(second, &a, from, to);
        });
    }
}

/// Keeps `child[from..to]` and takes the rest from `other`.
fn map(child: &mut [u32], other: &[u32], from: usize, to: usize) {
    const NOWHERE: u32 = u32::MAX;
    // By item: its place in the segment.
    let mut places = vec![NOWHERE; child.len()];
    for place in from..to {
        places[child[place] as usize] = place as u32;
    }
    for place in (0..from).chain(to..child.len()) {
        let mut item = other[place];
        while places[item as usize] != NOWHERE {
            item = other[places[item as usize] as usize];
        }
        child[place] = item;
    }
}

#[cfg(test)]
mod tests {
    use super::{PartiallyMapped, map};
    use crate::operators::{
        chi_square,
        crossover::{Crossover, tests::keeps_the_contract},
        tests::stream,
    };

    #[test]
    fn a_segment_is_kept_and_conflicts_are_mapped() {
        // Keep 3 4 5 6 in their places. Of the other parent's 3 at 0: the segment has 3 at place 3, where the other has
        // 1, which is free. 6 at place 2: the segment has it at 6, where the other has 4, at 4, where the other has 0.
        let mut child = [0, 1, 2, 3, 4, 5, 6, 7, 8];
        map(&mut child, &[3, 7, 6, 1, 0, 5, 4, 2, 8], 3, 7);
        assert_eq!(child, [1, 7, 0, 3, 4, 5, 6, 2, 8]);
    }

    #[test]
    fn all_pairs_of_cut_points_are_alike() {
        // Parents 0 1 2 and 1 2 0, segments between cut points of 4, one in six each. First children:
        // [0,1): 0 stays, at 1 the other's 2, at 2 its 0 → at 0 its 1: 0 2 1   [0,2): 0 1, at 2 its 0 → 1 → 2: 0 1 2
        // [0,3): 0 1 2   [1,2): 1 stays, at 0 its 1 → 2, at 2 its 0: 2 1 0   [1,3): 1 2, at 0 its 1 → 2 → 0: 0 1 2
        // [2,3): 2 stays, at 0 its 1, at 1 its 2 → 0: 1 0 2
        let mut counts = [0; 4];
        for index in 0..6000 {
            let (mut a, mut b) = ([0, 1, 2], [1, 2, 0]);
            PartiallyMapped.cross(&mut a, &mut b, &mut stream(index));
            let children = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 1, 0]];
            counts[children.iter().position(|child| *child == a).unwrap()] += 1;
        }
        chi_square(&counts, &[3000.0, 1000.0, 1000.0, 1000.0]);
    }

    #[test]
    fn arrangements_stay_arrangements() {
        keeps_the_contract(&PartiallyMapped, true);
    }
}
