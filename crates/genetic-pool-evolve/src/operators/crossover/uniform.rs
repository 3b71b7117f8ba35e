//! Uniform crossover.

use crate::random::Stream;

/// Exchanges each gene of `first` and `second` with probability ½, independently.
///
/// G. Syswerda: Uniform crossover in genetic algorithms. ICGA 1989, pages 2–9; A. E. Eiben and J. E. Smith:
/// Introduction to evolutionary computing, section 4.2, [doi:10.1007/978-3-662-44874-8](https://doi.org/10.1007/978-3-662-44874-8).
/// One word for each 64 genes or rest of them.
pub fn genes(first: &mut [i64], second: &mut [i64], stream: &mut Stream) {
    for (first, second) in first.chunks_mut(64).zip(second.chunks_mut(64)) {
        let word = stream.next();
        for (k, (a, b)) in first.iter_mut().zip(second).enumerate() {
            let differ = (*a ^ *b) & -((word >> k & 1) as i64);
            *a ^= differ;
            *b ^= differ;
        }
    }
}

/// The same on packed bits, each word of the stream masking 64 of them.
///
/// Bits past the last, 0 in both, stay 0.
#[inline]
pub fn bits(first: &mut [u64], second: &mut [u64], stream: &mut Stream) {
    for (a, b) in first.iter_mut().zip(second) {
        let differ = (*a ^ *b) & stream.next();
        *a ^= differ;
        *b ^= differ;
    }
}
