//! Order crossover.

use crate::random::{Stream, below};

/// Order crossover (OX), with the room it works in.
///
/// Each child keeps a segment of one parent in place and fills the other places, from the segment's end on and around,
/// with the missing items in the order in which the other parent has them, from the same place on and around.
///
/// L. Davis: Applying adaptive algorithms to epistatic domains. IJCAI 1985, pages 162–164; reviewed by
/// P. Larrañaga and others: Genetic algorithms for the travelling salesman problem. Artificial Intelligence Review 13,
/// 1999, [doi:10.1023/A:1006529012972](https://doi.org/10.1023/A:1006529012972).
#[derive(Clone, Debug, Default)]
pub struct Order {
    first: Vec<u32>,
    second: Vec<u32>,
    /// Bit `item` of each: whether the segment holds it.
    kept: Vec<u64>,
}

impl Order {
    /// Room for permutations of up to `size` items; longer ones make it grow.
    pub fn new(size: usize) -> Order {
        Order {
            first: Vec::with_capacity(size),
            second: Vec::with_capacity(size),
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
        self.second.clear();
        self.second.extend_from_slice(second);
        fill(first, &self.second, from, to, &mut self.kept);
        fill(second, &self.first, from, to, &mut self.kept);
    }
}

/// Keeps `child[from..to]` and fills the rest from `other`.
fn fill(child: &mut [u32], other: &[u32], from: usize, to: usize, kept: &mut Vec<u64>) {
    kept.clear();
    kept.resize(child.len().div_ceil(64), 0);
    for item in &child[from..to] {
        kept[*item as usize / 64] |= 1 << (item % 64);
    }
    let mut place = if to < child.len() { to } else { 0 };
    for item in other[to..].iter().chain(&other[..to]) {
        if kept[*item as usize / 64] >> (item % 64) & 1 == 0 {
            child[place] = *item;
            place += 1;
            if place == child.len() {
                place = 0;
            }
        }
    }
}
