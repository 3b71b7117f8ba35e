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

#[cfg(test)]
mod tests {
    use super::flip;
    use crate::{
        operators::chi_square,
        random::{Geometric, Purpose, Stream},
    };

    fn flipped(len: usize, probability: f64, index: u64) -> Vec<u64> {
        let mut bits = vec![0; len.div_ceil(64)];
        flip(&mut bits, len, Geometric::new(probability), &mut Stream::new(5, 0, Purpose::MutateBits, index));
        bits
    }

    #[test]
    fn the_number_of_flips_is_that_of_independent_bits() {
        // 130 bits at 1/130: C(130, k)·(1/130)^k·(129/130)^(130-k) for k = 0…4, and the rest.
        let n = 10_000;
        let mut expected = Vec::new();
        let mut term = (129.0_f64 / 130.0).powi(130);
        for k in 0..5 {
            expected.push(term * f64::from(n));
            term *= f64::from(130 - k) / f64::from(k + 1) / 129.0;
        }
        expected.push(f64::from(n) - expected.iter().sum::<f64>());
        let mut counts = [0; 6];
        for index in 0..n {
            let flips: u32 = flipped(130, 1.0 / 130.0, index as u64).iter().map(|word| word.count_ones()).sum();
            counts[flips.min(5) as usize] += 1;
        }
        chi_square(&counts, &expected);
    }

    #[test]
    fn only_the_bits_there_are_flip() {
        assert_eq!(flipped(70, 1.0, 0), [u64::MAX, 0x3F]);
        assert_eq!(flipped(70, 0.0, 0), [0, 0]);
        assert_eq!(flipped(1, 1.0, 0), [1]);
        assert_eq!(flipped(0, 1.0, 0), []);
        for index in 0..1000 {
            assert_eq!(flipped(70, 0.3, index)[1] >> 6, 0);
        }
    }

    #[test]
    fn flipping_twice_from_one_stream_gives_the_bits_back() {
        let mut bits = [0x0123_4567_89AB_CDEF, 0x2A];
        for _ in 0..2 {
            flip(&mut bits, 70, Geometric::new(0.2), &mut Stream::new(5, 0, Purpose::MutateBits, 8));
        }
        assert_eq!(bits, [0x0123_4567_89AB_CDEF, 0x2A]);
    }
}
