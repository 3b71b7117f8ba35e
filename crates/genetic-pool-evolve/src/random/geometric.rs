//! Where rare events fall among many places.

use super::Stream;
use crate::maths;

/// Independent events of one probability at each of many places, found by the gaps between them.
///
/// The number of places passed over before the next event is geometric, so that one draw a *hit* does the work of one
/// draw a *place*: the mutation clock of K. Deb and D. Deb: Analysing mutation schemes for real-parameter genetic
/// algorithms. IJAISC 4(1), 2014, [doi:10.1504/IJAISC.2014.059280](https://doi.org/10.1504/IJAISC.2014.059280).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometric {
    probability: f64,
    /// 1 / log2(1 - probability); 0 where every place is hit.
    per_gap: f64,
}

impl Geometric {
    /// Events of probability `probability`: none where it is 0 or less, everywhere where it is 1 or more.
    pub fn new(probability: f64) -> Geometric {
        let per_gap = if probability >= 1.0 {
            0.0
        } else if probability < 1e-9 {
            // 1 - p would lose p's digits: log2(1 - p) = -p·log2(e) there, to a relative 5e-10.
            -std::f64::consts::LN_2 / probability
        } else {
            1.0 / maths::log2(1.0 - probability)
        };
        Geometric { probability, per_gap }
    }

    /// The probability at each place.
    pub fn probability(self) -> f64 {
        self.probability
    }

    /// The next place that is hit, from `from` on.
    ///
    /// Takes one word of `stream`. Places end at `usize::MAX`, which stands for none.
    #[inline]
    pub fn next(self, stream: &mut Stream, from: usize) -> usize {
        if self.probability > 0.0 {
            from.saturating_add((maths::log2(stream.unit()) * self.per_gap) as usize)
        } else {
            usize::MAX
        }
    }

    /// Calls `hit` with every place below `places` that is hit, ascending; `hit` may draw from the same stream.
    #[inline]
    pub fn each(self, stream: &mut Stream, places: usize, mut hit: impl FnMut(usize, &mut Stream)) {
        let mut place = self.next(stream, 0);
        while place < places {
            hit(place, stream);
            place = self.next(stream, place + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Geometric;
    use crate::{
        operators::{binomial, chi_square},
        random::{Purpose, Stream},
    };

    fn hits(probability: f64, places: usize, index: u64) -> Vec<usize> {
        let mut hits = Vec::new();
        let mut stream = Stream::new(3, 0, Purpose::MutateBits, index);
        Geometric::new(probability).each(&mut stream, places, |place, _| hits.push(place));
        hits
    }

    #[test]
    fn every_place_is_hit_with_the_probability() {
        for (probability, n) in [(0.5, 4_000), (0.1, 20_000), (0.01, 100_000)] {
            let mut counts = vec![0; 50];
            for index in 0..n {
                for place in hits(probability, 50, index) {
                    counts[place] += 1;
                }
            }
            binomial(&counts, n, probability);
        }
    }

    #[test]
    fn the_number_of_hits_is_binomial() {
        // 20 places, p = 0.1: C(20, k)·0.1^k·0.9^(20-k) for k = 0…5, and the rest.
        let mut expected = Vec::new();
        let mut term = 0.9_f64.powi(20);
        for k in 0..6 {
            expected.push(term);
            term *= f64::from(20 - k) / f64::from(k + 1) * 0.1 / 0.9;
        }
        expected.push(1.0 - expected.iter().sum::<f64>());
        let n = 20_000;
        let mut counts = vec![0; 7];
        for index in 0..n {
            counts[hits(0.1, 20, index).len().min(6)] += 1;
        }
        chi_square(&counts, &expected.iter().map(|p| p * n as f64).collect::<Vec<_>>());
    }

    #[test]
    fn never_and_always() {
        for never in [0.0, -1.0, f64::NAN] {
            assert_eq!(hits(never, 1000, 1), []);
        }
        for always in [1.0, 2.0] {
            assert_eq!(hits(always, 70, 1), (0..70).collect::<Vec<_>>());
        }
        assert_eq!(hits(0.5, 0, 1), []);
    }

    #[test]
    fn a_tiny_probability_hits_rarely() {
        for tiny in [1e-8, 1e-10, 1e-17, 1e-300, f64::MIN_POSITIVE] {
            assert!((0..100).all(|index| hits(tiny, 1000, index).is_empty()), "{tiny}");
        }
        // Where the two ways to the logarithm meet, the gaps agree.
        let gap =
            |probability| Geometric::new(probability).next(&mut Stream::new(3, 0, Purpose::MutateBits, 9), 0) as f64;
        assert!((gap(0.999_999e-9) / gap(1.000_001e-9) - 1.0).abs() < 1e-5);
    }
}
