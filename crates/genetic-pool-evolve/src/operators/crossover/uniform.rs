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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{bits, genes};
    use crate::{
        operators::{binomial, chi_square},
        random::{Purpose, Stream},
    };

    fn stream(index: u64) -> Stream {
        Stream::new(5, 0, Purpose::CrossInts, index)
    }

    #[test]
    fn each_gene_is_exchanged_half_of_the_time() {
        let mut exchanged = vec![0_u64; 70];
        for index in 0..4000 {
            let (mut a, mut b) = ([1; 70], [-1; 70]);
            genes(&mut a, &mut b, &mut stream(index));
            for (count, a) in exchanged.iter_mut().zip(a) {
                *count += u64::from(a == -1);
            }
        }
        binomial(&exchanged, 4000, 0.5);
    }

    #[test]
    fn pairs_of_genes_are_exchanged_independently() {
        // Neither, the one, the other, both: a quarter each.
        let mut counts = vec![0; 4];
        for index in 0..4000 {
            let (mut a, mut b) = ([0, 0], [1, 2]);
            genes(&mut a, &mut b, &mut stream(index));
            counts[(a[0] + a[1]) as usize] += 1;
        }
        chi_square(&counts, &[1000.0; 4]);
    }

    proptest! {
        #[test]
        fn genes_stay_in_their_place(
            pairs in proptest::collection::vec((any::<i64>(), any::<i64>()), 0..150), index: u64,
        ) {
            let (mut a, mut b): (Vec<i64>, Vec<i64>) = pairs.iter().copied().unzip();
            genes(&mut a, &mut b, &mut stream(index));
            for ((a, b), (x, y)) in a.iter().zip(&b).zip(&pairs) {
                prop_assert!((a, b) == (x, y) || (a, b) == (y, x));
            }
            let (mut again, mut other): (Vec<i64>, Vec<i64>) = pairs.iter().copied().unzip();
            genes(&mut again, &mut other, &mut stream(index));
            prop_assert_eq!((a, b), (again, other));
        }

        #[test]
        fn bits_do_as_genes_do(pairs in proptest::collection::vec((any::<u64>(), any::<u64>()), 0..5), index: u64) {
            let (mut a, mut b): (Vec<u64>, Vec<u64>) = pairs.iter().copied().unzip();
            let gene = |words: &[u64], k: usize| (words[k / 64] >> (k % 64) & 1) as i64;
            let (mut x, mut y): (Vec<i64>, Vec<i64>) = (0..64 * a.len()).map(|k| (gene(&a, k), gene(&b, k))).unzip();
            bits(&mut a, &mut b, &mut stream(index));
            genes(&mut x, &mut y, &mut stream(index));
            for k in 0..x.len() {
                prop_assert_eq!((gene(&a, k), gene(&b, k)), (x[k], y[k]));
            }
        }
    }
}
