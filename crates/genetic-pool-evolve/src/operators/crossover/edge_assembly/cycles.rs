//! What two tours differ in, as closed walks along which they take turns.

use crate::random::Stream;

/// The edges that only one of two tours has.
#[derive(Clone, Debug)]
pub(super) struct Cycles {
    /// By parent and item: the other ends of its edges.
    edges: [Vec<Ends>; 2],
}

/// Up to two items.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    items: [u32; 2],
    len: u8,
}

impl Ends {
    fn add(&mut self, item: u32) {
        self.items[usize::from(self.len)] = item;
        self.len += 1;
    }

    fn contains(&self, item: u32) -> bool {
        self.items[..usize::from(self.len)].contains(&item)
    }

    fn remove(&mut self, item: u32) {
        if self.contains(item) {
            if self.items[0] == item {
                self.items[0] = self.items[1];
            }
            self.len -= 1;
        }
    }
}

impl Cycles {
    /// What `first` and `second`, permutations of the same items, differ in.
    pub(super) fn of(first: &[u32], second: &[u32]) -> Cycles {
        let n = first.len();
        let mut all = [first, second].map(|tour| {
            let mut ends = vec![Ends::default(); n];
            for (place, item) in tour.iter().enumerate() {
                let next = tour[if place + 1 < n { place + 1 } else { 0 }];
                ends[*item as usize].add(next);
                ends[next as usize].add(*item);
            }
            ends
        });
        let [of_first, of_second] = &mut all;
        for (ends, others) in of_first.iter_mut().zip(of_second) {
            for item in ends.items {
                if others.contains(item) {
                    ends.remove(item);
                    others.remove(item);
                }
            }
        }
        Cycles { edges: all }
    }

    /// All edges as AB-cycles: each begins with an edge of the first tour, from its first item to its second, goes on
    /// with one of the second tour, and so on, and its last edge is one of the second tour back to its first item.
    ///
    /// A walk takes edges of the tours in turn, evenly where an item has two of them, and an AB-cycle is taken out of it
    /// whenever one closes.
    pub(super) fn split(mut self, stream: &mut Stream) -> Vec<Vec<u32>> {
        const NOWHERE: u32 = u32::MAX;
        let n = self.edges[0].len();
        let mut cycles = Vec::new();
        let mut walk: Vec<u32> = Vec::new();
        // By item and by whether it was left along the second tour: where in the walk it stands.
        let mut places = vec![[NOWHERE; 2]; n];
        let offset = stream.below(n);
        for start in (0..n).map(|k| (k + offset) % n) {
            // Every item has as many edges of the one tour as of the other, so that a walk goes on until all is empty.
            while self.edges[0][start].len > 0 {
                debug_assert!(walk.is_empty());
                walk.push(start as u32);
                places[start][0] = 0;
                while let Some(here) = walk.last() {
                    let here = *here;
                    let tour = (walk.len() - 1) % 2;
                    let ends = self.edges[tour][here as usize];
                    if ends.len == 0 {
                        // Back at the start, and no edge is left there.
                        walk.clear();
                        places[here as usize] = [NOWHERE; 2];
                        break;
                    }
                    let choice = if ends.len > 1 { (stream.next() >> 63) as usize } else { 0 };
                    let next = ends.items[choice];
                    self.edges[tour][here as usize].remove(next);
                    self.edges[tour][next as usize].remove(here);
                    let side = walk.len() % 2;
                    let place = places[next as usize][side];
                    if place == NOWHERE {
                        places[next as usize][side] = walk.len() as u32;
                        walk.push(next);
                        continue;
                    }
                    let place = place as usize;
                    let mut cycle = walk.split_off(place + 1);
                    for (k, item) in (place + 1..).zip(&cycle) {
                        places[*item as usize][k % 2] = NOWHERE;
                    }
                    // One that begins along the second tour is turned by an edge.
                    if place.is_multiple_of(2) {
                        cycle.insert(0, next);
                    } else {
                        cycle.push(next);
                    }
                    cycles.push(cycle);
                }
            }
        }
        cycles
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Cycles;
    use crate::operators::{chi_square, tests::stream};

    #[test]
    fn cycles_take_turns_and_hold_every_edge_once() {
        for index in 0..300 {
            let mut chance = stream(index);
            let n = 4 + chance.below(40);
            let mut shuffled = || {
                let mut items: Vec<u32> = (0..n as u32).collect();
                (1..n).rev().for_each(|last| items.swap(last, chance.below(last + 1)));
                items
            };
            let parents = [shuffled(), shuffled()];
            let edges = parents.clone().map(|tour| {
                let next = tour.iter().cycle().skip(1);
                let mut edges: Vec<[u32; 2]> = tour.iter().zip(next).map(|(a, b)| [*a.min(b), *a.max(b)]).collect();
                edges.sort_unstable();
                edges
            });
            let only = |tour: usize| -> Vec<[u32; 2]> {
                edges[tour].iter().copied().filter(|edge| !edges[1 - tour].contains(edge)).collect()
            };
            let mut found = [Vec::new(), Vec::new()];
            for cycle in Cycles::of(&parents[0], &parents[1]).split(&mut stream(index)) {
                assert!(cycle.len() >= 4 && cycle.len().is_multiple_of(2));
                for (edge, a) in cycle.iter().enumerate() {
                    let b = cycle[(edge + 1) % cycle.len()];
                    found[edge % 2].push([*a.min(&b), (*a).max(b)]);
                }
            }
            for edges in &mut found {
                edges.sort_unstable();
            }
            assert_eq!(found, [only(0), only(1)]);
        }
    }

    #[test]
    fn equal_tours_have_none() {
        assert!(Cycles::of(&[0, 1, 2, 3], &[2, 1, 0, 3]).split(&mut stream(1)).is_empty());
    }

    #[test]
    fn no_item_is_favoured() {
        // 0 1 2 3 4 and 0 2 4 1 3 share no edge: every item has two of either. Counting on by one maps both tours onto
        // themselves, so that cycles begin at every item alike.
        let mut counts = [0; 5];
        for index in 0..10_000 {
            let cycles = Cycles::of(&[0, 1, 2, 3, 4], &[0, 2, 4, 1, 3]).split(&mut stream(index));
            counts[cycles[0][0] as usize] += 1;
        }
        chi_square(&counts, &[2000.0; 5]);
    }

    #[test]
    fn edges_fall_apart_in_every_way() {
        // 0 1 2 3 4 5 6 7 and 0 2 3 1 4 6 7 5: without what they share, edges 01 12 34 45 56 70 of the first and 02 31
        // 14 46 75 50 of the second. Where a walk comes to 0, 1, 4 or 5 it has two ways, and three partitions come of them.
        let mut counts = BTreeMap::new();
        for index in 0..8000 {
            let mut cycles = Cycles::of(&[0, 1, 2, 3, 4, 5, 6, 7], &[0, 2, 3, 1, 4, 6, 7, 5]).split(&mut stream(index));
            for cycle in &mut cycles {
                cycle.sort_unstable();
            }
            cycles.sort_unstable();
            *counts.entry(cycles).or_insert(0_u64) += 1;
        }
        assert!(counts.len() == 3 && counts.values().all(|count| *count > 500), "{counts:?}");
    }
}
