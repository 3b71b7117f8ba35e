//! Bit-flip mutation.

use crate::random::{Geometric, Stream};

/// Flips each of the first `len` bits of `bits` with the probability of `places`, independently.
///
/// A. E. Eiben and J. E. Smith: Introduction to evolutionary computing, section 4.2.1,
/// [doi:10.1007/978-3-662-44874-8](https://doi.org/10.1007/978-3-662-44874-8). One word for each flip and one more.
#[inline]
pub fn flip(bits: &mut [u64], len: usize, places: Geometric, stream: &mut Stream) {
    places.each(stream, len, |place, _| bits[place / 64] ^= 1 << (place % 64));
}
