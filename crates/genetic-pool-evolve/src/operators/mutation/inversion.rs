//! Inversion mutation of permutations.

use crate::random::{Stream, below};

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
