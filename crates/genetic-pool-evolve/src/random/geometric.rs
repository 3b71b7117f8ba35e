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
