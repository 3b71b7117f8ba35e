//! 2-opt and or-opt for tours.

use std::{collections::VecDeque, sync::Arc};

use super::Improve;
use crate::{
    operators::distances::{Distances, Neighbours},
    random::Stream,
    space::GenomeMut,
};

/// Exchanges two edges of a tour, or moves up to three items elsewhere, as they are or reversed, as long as that
/// shortens it.
///
/// Moves join an item to one of its ten nearest. An item is looked at again only after an edge of it has changed
/// ("don't-look bits"). Items are taken in the order in which they come up, and the first move that shortens is made: no
/// chance is in it.
///
/// J. L. Bentley: Fast algorithms for geometric traveling salesman problems. ORSA Journal on Computing 4(4), 1992,
/// [doi:10.1287/ijoc.4.4.387](https://doi.org/10.1287/ijoc.4.4.387).
#[derive(Clone, Debug)]
pub struct OrTwoOpt {
    distances: Arc<Distances>,
    neighbours: Neighbours,
}

/// How many of the nearest are looked at.
const NEAREST: usize = 10;

/// The longest segment that is moved.
const LONGEST: usize = 3;

impl OrTwoOpt {
    /// For tours whose length is measured in `distances`.
    pub fn new(distances: Arc<Distances>) -> OrTwoOpt {
        OrTwoOpt { neighbours: Neighbours::new(&distances, NEAREST), distances }
    }

    /// Shortens `items`, a permutation of as many items as there are distances of.
    pub fn shorten(&self, items: &mut [u32]) {
        let n = items.len();
        debug_assert_eq!(n, self.distances.size());
        if n < 4 {
            return;
        }
        let mut tour = Tour::new(items);
        let mut queue: VecDeque<u32> = tour.items.iter().copied().collect();
        let mut queued = vec![true; n];
        let mut changed = Vec::with_capacity(8);
        while let Some(item) = queue.pop_front() {
            queued[item as usize] = false;
            loop {
                changed.clear();
                if !self.exchange(&mut tour, item, &mut changed) && !self.relocate(&mut tour, item, &mut changed) {
                    break;
                }
                for item in &changed {
                    if !std::mem::replace(&mut queued[*item as usize], true) {
                        queue.push_back(*item);
                    }
                }
            }
        }
    }

    /// 2-opt: the edge of `a` to a neighbour, and that of a near item to its neighbour on the same side.
    fn exchange(&self, tour: &mut Tour<'_>, a: u32, changed: &mut Vec<u32>) -> bool {
        for forward in [true, false] {
            let b = tour.next(a, forward);
            let from_a = self.distances.get(a, b);
            for c in self.neighbours.of(a) {
                let c = *c;
                let gain = from_a - self.distances.get(a, c);
                if gain <= 0 {
                    break;
                }
                let d = tour.next(c, forward);
                if gain + self.distances.get(c, d) - self.distances.get(b, d) > 0 {
                    // a b … c d becomes a c … b d.
                    if forward {
                        tour.reverse(b, c);
                    } else {
                        tour.reverse(c, b);
                    }
                    changed.extend([a, b, c, d]);
                    return true;
                }
            }
        }
        false
    }

    /// Or-opt: the segment that begins with `a`, on either side, to an edge of a near item, `a` next to that.
    fn relocate(&self, tour: &mut Tour<'_>, a: u32, changed: &mut Vec<u32>) -> bool {
        let n = tour.items.len();
        for forward in [true, false] {
            let before = tour.next(a, !forward);
            let from_before = self.distances.get(before, a);
            let mut end = a;
            for length in 1..=LONGEST.min(n - 3) {
                if length > 1 {
                    end = tour.next(end, forward);
                }
                let after = tour.next(end, forward);
                let freed = from_before + self.distances.get(end, after) - self.distances.get(before, after);
                for c in self.neighbours.of(a) {
                    let c = *c;
                    if from_before - self.distances.get(a, c) <= 0 {
                        break;
                    }
                    if tour.steps(a, c, forward) < length {
                        continue;
                    }
                    for keep in [true, false] {
                        // Kept: … c [a … end] d …; turned: … d [end … a] c …
                        let d = tour.next(c, keep == forward);
                        if tour.steps(a, d, forward) < length {
                            continue;
                        }
                        let cost = self.distances.get(c, a) + self.distances.get(end, d) - self.distances.get(c, d);
                        if freed > cost {
                            tour.relocate(a, length, if keep { c } else { d }, keep, forward);
                            changed.extend([before, after, a, end, c, d]);
                            return true;
                        }
                    }
                }
            }
        }
        false
    }
}

impl Improve for OrTwoOpt {
    /// Shortens the one permutation of `genome`; one of another size is left alone.
    fn improve(&self, genome: GenomeMut<'_>, _stream: &mut Stream) {
        if genome.items.len() == self.distances.size() {
            self.shorten(genome.items);
        }
    }
}

/// A closed tour, and where each item stands in it.
struct Tour<'a> {
    items: &'a mut [u32],
    places: Vec<u32>,
    moved: Vec<u32>,
}

impl Tour<'_> {
    fn new(items: &mut [u32]) -> Tour<'_> {
        let mut places = vec![0; items.len()];
        for (place, item) in (0..).zip(&*items) {
            places[*item as usize] = place;
        }
        Tour { items, places, moved: Vec::new() }
    }

    fn place(&self, item: u32) -> usize {
        self.places[item as usize] as usize
    }

    fn next(&self, item: u32, forward: bool) -> u32 {
        self.items[self.beyond(self.place(item), 1, forward)]
    }

    /// The place `steps` after `place`, fewer than there are places.
    fn beyond(&self, place: usize, steps: usize, forward: bool) -> usize {
        let n = self.items.len();
        let place = if forward { place + steps } else { place + n - steps };
        if place < n { place } else { place - n }
    }

    /// How many steps it is from `a` to `b`.
    fn steps(&self, a: u32, b: u32, forward: bool) -> usize {
        let (a, b) = if forward { (a, b) } else { (b, a) };
        let (a, b) = (self.place(a), self.place(b));
        if b >= a { b - a } else { b + self.items.len() - a }
    }

    fn put(&mut self, place: usize, item: u32) {
        self.items[place] = item;
        self.places[item as usize] = place as u32;
    }

    /// Reverses the items from `first` on to `last`, or all others, which is the same closed tour.
    fn reverse(&mut self, first: u32, last: u32) {
        let n = self.items.len();
        let inner = self.steps(first, last, true) + 1;
        let (mut left, mut right, len) = if 2 * inner <= n {
            (self.place(first), self.place(last), inner)
        } else {
            (self.beyond(self.place(last), 1, true), self.beyond(self.place(first), 1, false), n - inner)
        };
        for _ in 0..len / 2 {
            let (a, b) = (self.items[left], self.items[right]);
            self.put(left, b);
            self.put(right, a);
            left = self.beyond(left, 1, true);
            right = self.beyond(right, 1, false);
        }
    }

    /// Moves the `length` items from `a` on, seen in the direction `forward`, behind `target`, which is none of them: as
    /// they are, or turned round.
    fn relocate(&mut self, a: u32, length: usize, target: u32, keep: bool, forward: bool) {
        let n = self.items.len();
        let start = self.place(a);
        // Items between the segment's end and the target, the target included; those from behind the target to the
        // segment.
        let after = self.steps(a, target, forward) + 1 - length;
        let before = n - length - after;
        let mut moved = std::mem::take(&mut self.moved);
        moved.clear();
        let segment = |tour: &Self, moved: &mut Vec<u32>| {
            let item = |k: usize| tour.items[tour.beyond(start, if keep { k } else { length - 1 - k }, forward)];
            moved.extend((0..length).map(item));
        };
        let first = if after <= before {
            moved.extend((length..length + after).map(|k| self.items[self.beyond(start, k, forward)]));
            segment(self, &mut moved);
            start
        } else {
            segment(self, &mut moved);
            let first = self.beyond(start, before, !forward);
            moved.extend((0..before).map(|k| self.items[self.beyond(first, k, forward)]));
            first
        };
        for (k, item) in moved.iter().enumerate() {
            self.put(self.beyond(first, k, forward), *item);
        }
        self.moved = moved;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    fn plane(n: usize, seed: u64) -> Arc<Distances> {
        let mut stream = Stream::new(seed, 0, Purpose::Instance, 0);
        let places: Vec<[f64; 2]> = (0..n).map(|_| [1000.0 * stream.unit(), 1000.0 * stream.unit()]).collect();
        let distance = |pair: usize| {
            let ([x, y], [u, v]) = (places[pair / n], places[pair % n]);
            (((x - u) * (x - u) + (y - v) * (y - v)).sqrt() + 0.5) as i32
        };
        Arc::new(Distances::new(n, (0..n * n).map(distance).collect()).unwrap())
    }

    fn shuffled(n: usize, index: u64) -> Vec<u32> {
        let mut stream = Stream::new(1, 0, Purpose::Try, index);
        let mut items: Vec<u32> = (0..n as u32).collect();
        (1..n).rev().for_each(|last| items.swap(last, stream.below(last + 1)));
        items
    }

    #[test]
    fn a_move_changes_what_it_says() {
        let tour = |items: &[u32], moves: &dyn Fn(&mut Tour<'_>)| {
            let mut items = items.to_vec();
            let mut tour = Tour::new(&mut items);
            moves(&mut tour);
            assert!(tour.items.iter().enumerate().all(|(place, item)| tour.place(*item) == place));
            let start = items.iter().position(|item| *item == 0).unwrap();
            items.rotate_left(start);
            if items[1] > items[items.len() - 1] {
                items[1..].reverse();
            }
            items
        };
        let ten: Vec<u32> = (0..10).collect();
        assert_eq!(tour(&ten, &|tour| tour.reverse(2, 4)), [0, 1, 4, 3, 2, 5, 6, 7, 8, 9]);
        // 7 8 9 0 1, or the others, which is the same.
        assert_eq!(tour(&ten, &|tour| tour.reverse(7, 1)), [0, 1, 6, 5, 4, 3, 2, 7, 8, 9]);
        for (from, keep, expected) in
            [(2, true, [0, 1, 4, 5, 6, 2, 3, 7, 8, 9]), (2, false, [0, 1, 4, 5, 6, 3, 2, 7, 8, 9])]
        {
            assert_eq!(tour(&ten, &|tour| tour.relocate(from, 2, 6, keep, true)), expected);
            // Backwards the segment is 3 2 and goes before 7.
            assert_eq!(tour(&ten, &|tour| tour.relocate(3, 2, 7, keep, false)), expected);
        }
        // Over the end of the list, either way: 9 0 behind 2, and 9 0 behind 6.
        assert_eq!(tour(&ten, &|tour| tour.relocate(9, 2, 2, true, true)), [0, 3, 4, 5, 6, 7, 8, 1, 2, 9]);
        assert_eq!(tour(&ten, &|tour| tour.relocate(9, 2, 6, true, true)), [0, 7, 8, 1, 2, 3, 4, 5, 6, 9]);
    }

    #[test]
    fn tours_get_shorter_until_no_move_helps() {
        let mut excess = 0.0;
        for (index, n) in [1, 2, 3, 4, 5, 6, 8, 13, 100, 300].into_iter().enumerate() {
            let distances = plane(n, 7);
            let search = OrTwoOpt::new(Arc::clone(&distances));
            let mut tour = shuffled(n, index as u64);
            let before = distances.length(&tour);
            search.shorten(&mut tour);
            let length = distances.length(&tour);
            assert!(length <= before);
            let mut again = tour.clone();
            search.shorten(&mut again);
            assert_eq!(distances.length(&again), length, "{n}");
            tour.sort_unstable();
            assert!(tour.into_iter().eq(0..n as u32));
            // Random uniform: the shortest has about 0.7124·sqrt(n·area)(1 + 0.33/n).
            excess = length as f64 / (0.7124 * (n as f64).sqrt() * 1000.0);
        }
        assert!((0.9..1.15).contains(&excess), "{excess}");
    }

    #[test]
    fn no_two_edges_of_a_small_result_cross() {
        // With all items near, 2-opt leaves none of the exchanges of two edges that would shorten.
        for index in 0..50 {
            let distances = plane(9, index);
            let mut tour = shuffled(9, index);
            OrTwoOpt::new(Arc::clone(&distances)).shorten(&mut tour);
            let length = distances.length(&tour);
            for from in 0..9 {
                for to in from + 1..9 {
                    let mut other = tour.clone();
                    other[from..=to].reverse();
                    assert!(distances.length(&other) >= length, "{tour:?} {other:?}");
                }
            }
        }
    }
}
