//! Job-based order crossover.

use super::Crossover;
use crate::random::Stream;

/// Job-based order crossover (JOX).
///
/// A part of the values is drawn, each with an even chance. The first child keeps these at their places in the first
/// parent and fills the other places with the other values in the order of the second parent; the second child keeps
/// the same values at their places in the second parent. Where values are jobs, a job's operations stay together in
/// place, machine by machine.
///
/// I. Ono, M. Yamamura and S. Kobayashi: A genetic algorithm for job-shop scheduling problems using job-based order
/// crossover. ICEC 1996, [doi:10.1109/ICEC.1996.542658](https://doi.org/10.1109/ICEC.1996.542658).
///
/// Takes one word for each 64 values; none where there are fewer than two items.
#[derive(Clone, Copy, Debug, Default)]
pub struct JobOrder;

impl Crossover for JobOrder {
    fn cross(&self, first: &mut [u32], second: &mut [u32], stream: &mut Stream) {
        let Some(last) = first.iter().max().filter(|_| first.len() > 1) else { return };
        let kept: Vec<u64> = (0..=last / 64).map(|_| stream.next()).collect();
        let kept = |item: u32| kept[item as usize / 64] >> (item % 64) & 1 == 1;
        let others = |items: &[u32]| -> Vec<u32> { items.iter().copied().filter(|item| !kept(*item)).collect() };
        let (of_first, of_second) = (others(first), others(second));
        for (child, others) in [(first, of_second), (second, of_first)] {
            let places = child.iter_mut().filter(|item| !kept(**item));
            places.zip(others).for_each(|(place, other)| *place = other);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::JobOrder;
    use crate::operators::{
        chi_square,
        crossover::{Crossover, tests::keeps_the_contract},
        tests::stream,
    };

    #[test]
    fn every_set_of_values_is_kept_alike() {
        // Parents 0 0 1 1 2 and 2 1 0 1 0. Children by the values that are kept, one in eight each, all or none of them
        // giving a parent:
        // none: 2 1 0 1 0, 0 0 1 1 2     all: 0 0 1 1 2, 2 1 0 1 0
        // 0: 0 0 2 1 1, 1 1 0 2 0        1, 2: 0 0 1 1 2, 2 1 0 1 0
        // 1: 2 0 1 1 0, 0 1 0 1 2        0, 2: 0 0 1 1 2, 2 1 0 1 0
        // 2: 1 0 1 0 2, 2 0 0 1 1        0, 1: 0 0 1 1 2, 2 1 0 1 0
        let mut counts = BTreeMap::new();
        for index in 0..8000 {
            let (mut a, mut b) = ([0, 0, 1, 1, 2], [2, 1, 0, 1, 0]);
            JobOrder.cross(&mut a, &mut b, &mut stream(index));
            *counts.entry((a, b)).or_insert(0) += 1;
        }
        let expected = BTreeMap::from([
            (([2, 1, 0, 1, 0], [0, 0, 1, 1, 2]), 1000.0),
            (([0, 0, 1, 1, 2], [2, 1, 0, 1, 0]), 4000.0),
            (([0, 0, 2, 1, 1], [1, 1, 0, 2, 0]), 1000.0),
            (([2, 0, 1, 1, 0], [0, 1, 0, 1, 2]), 1000.0),
            (([1, 0, 1, 0, 2], [2, 0, 0, 1, 1]), 1000.0),
        ]);
        assert!(counts.keys().eq(expected.keys()), "{counts:?}");
        let expected: Vec<f64> = expected.into_values().collect();
        chi_square(&counts.into_values().collect::<Vec<_>>(), &expected);
    }

    #[test]
    fn more_than_64_values_are_kept_evenly() {
        // The second parent is the first one backwards: of 130 values about half are kept.
        let (mut a, mut b): (Vec<u32>, Vec<u32>) = ((0..130).collect(), (0..130).rev().collect());
        JobOrder.cross(&mut a, &mut b, &mut stream(1));
        let kept = (0..130).filter(|place| a[*place as usize] == *place).count();
        assert!((40..90).contains(&kept), "{kept}");
        assert!((64..130).any(|place| a[place as usize] == place) && (64..130).any(|place| a[place as usize] != place));
    }

    #[test]
    fn arrangements_stay_arrangements() {
        keeps_the_contract(&JobOrder, true);
    }
}
