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
