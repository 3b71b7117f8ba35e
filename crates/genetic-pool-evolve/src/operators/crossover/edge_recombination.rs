//! Edge recombination.

use super::{Crossover, occurrences::as_permutations};
use crate::random::Stream;

/// Edge recombination (ERX): children made of edges that one of the parents has, as far as that goes.
///
/// The first child begins with the first parent's first item, the second with the second's. From each item it goes on to
/// that of its neighbours in either parent, read as closed tours, that has the fewest neighbours left itself, ties
/// broken evenly; where none is left, to any item that is left, all alike.
///
/// D. Whitley, T. Starkweather and D. Fuquay: Scheduling problems and traveling salesmen: the genetic edge recombination
/// operator. ICGA 1989, pages 133–140; reviewed by P. Larrañaga and others: Genetic algorithms for the travelling
/// salesman problem. Artificial Intelligence Review 13, 1999,
/// [doi:10.1023/A:1006529012972](https://doi.org/10.1023/A:1006529012972).
///
/// Takes a word for each choice between several. In sequences the occurrences of a value are items of their own.
#[derive(Clone, Copy, Debug, Default)]
pub struct EdgeRecombination;

impl Crossover for EdgeRecombination {
    fn cross(&self, first: &mut [u32], second: &mut [u32], stream: &mut Stream) {
        if first.len() < 2 {
            return;
        }
        as_permutations(first, second, |first, second| {
            let edges = Edges::of(first, second);
            edges.clone().walk(first, stream);
            edges.walk(second, stream);
        });
    }
}

/// The neighbours of each item in either parent.
#[derive(Clone, Debug)]
struct Edges {
    /// By item: up to four neighbours, each once.
    neighbours: Vec<[u32; 4]>,
    /// By item: how many of them are left.
    left: Vec<u8>,
}

impl Edges {
    fn of(first: &[u32], second: &[u32]) -> Edges {
        let n = first.len();
        let mut edges = Edges { neighbours: vec![[0; 4]; n], left: vec![0; n] };
        for parent in [first, second] {
            for place in 0..n {
                let next = parent[if place + 1 < n { place + 1 } else { 0 }];
                edges.add(parent[place], next);
                edges.add(next, parent[place]);
            }
        }
        edges
    }

    fn add(&mut self, item: u32, neighbour: u32) {
        let (known, left) = (&mut self.neighbours[item as usize], &mut self.left[item as usize]);
        if !known[..usize::from(*left)].contains(&neighbour) {
            known[usize::from(*left)] = neighbour;
            *left += 1;
        }
    }

    fn left(&self, item: u32) -> &[u32] {
        &self.neighbours[item as usize][..usize::from(self.left[item as usize])]
    }

    /// Nobody can go to `item` any more.
    fn remove(&mut self, item: u32) {
        for k in 0..usize::from(self.left[item as usize]) {
            let neighbour = self.neighbours[item as usize][k] as usize;
            let (known, left) = (&mut self.neighbours[neighbour], &mut self.left[neighbour]);
            if let Some(place) = known[..usize::from(*left)].iter().position(|other| *other == item) {
                *left -= 1;
                known.copy_within(place + 1..=usize::from(*left), place);
            }
        }
    }

    /// Makes `child` the walk from its first item on.
    fn walk(mut self, child: &mut [u32], stream: &mut Stream) {
        // The items that are left, and where each stands among them.
        let mut rest: Vec<u32> = (0..child.len() as u32).collect();
        let mut places = rest.clone();
        let mut here = child[0];
        for place in child.iter_mut() {
            *place = here;
            let at = places[here as usize] as usize;
            rest.swap_remove(at);
            if let Some(moved) = rest.get(at) {
                places[*moved as usize] = at as u32;
            }
            self.remove(here);
            let fewest = self.left(here).iter().map(|item| self.left[*item as usize]).min();
            here = match fewest {
                Some(fewest) => {
                    let mut best = self.left(here).iter().filter(|item| self.left[**item as usize] == fewest);
                    let n = best.clone().count();
                    let chosen = if n > 1 { stream.below(n) } else { 0 };
                    best.nth(chosen).copied().unwrap_or(here)
                }
                None if rest.is_empty() => return,
                None => rest[if rest.len() > 1 { stream.below(rest.len()) } else { 0 }],
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{EdgeRecombination, Edges};
    use crate::operators::{
        chi_square,
        crossover::{Crossover, tests::keeps_the_contract},
        tests::stream,
    };

    #[test]
    fn edges_of_both_parents_each_once() {
        // 0-1-2-3-0 and 0-2-1-3-0 share 1-2 and 3-0.
        let edges = Edges::of(&[0, 1, 2, 3], &[0, 2, 1, 3]);
        let left: Vec<&[u32]> = (0..4).map(|item| edges.left(item)).collect();
        assert_eq!(left, [&[1, 3, 2][..], &[0, 2, 3], &[1, 3, 0], &[2, 0, 1]]);
        // Two items are each other's only neighbour.
        assert_eq!(Edges::of(&[0, 1], &[1, 0]).left(0), [1]);
    }

    #[test]
    fn ties_are_broken_evenly() {
        // Parents 0 1 2 3 4 and 0 2 1 3 4: edges 01 12 23 34 40 02 13. From 0, with 1 2 4 as neighbours: without 0 they
        // have 2 3, 1 3 and 3 left, so 4, then 3, then 1 or 2, evenly, then the other.
        let mut counts = BTreeMap::new();
        for index in 0..4000 {
            let (mut a, mut b) = ([0, 1, 2, 3, 4], [0, 2, 1, 3, 4]);
            EdgeRecombination.cross(&mut a, &mut b, &mut stream(index));
            *counts.entry(a).or_insert(0) += 1;
        }
        assert!(counts.keys().eq(&[[0, 4, 3, 1, 2], [0, 4, 3, 2, 1]]), "{counts:?}");
        chi_square(&counts.into_values().collect::<Vec<_>>(), &[2000.0; 2]);
    }

    #[test]
    fn a_walk_that_is_stuck_goes_on_anywhere() {
        // Without edges every order from the first item on is as likely: 3! of them.
        let mut counts = BTreeMap::new();
        for index in 0..6000 {
            let edges = Edges { neighbours: vec![[0; 4]; 4], left: vec![0; 4] };
            let mut child = [2, 0, 1, 3];
            edges.walk(&mut child, &mut stream(index));
            assert_eq!(child[0], 2);
            *counts.entry(child).or_insert(0) += 1;
        }
        chi_square(&counts.into_values().collect::<Vec<_>>(), &[1000.0; 6]);
    }

    #[test]
    fn most_edges_are_a_parents() {
        let (mut found, mut all) = (0, 0);
        for index in 0..100 {
            let mut stream = stream(index);
            let mut shuffled = || {
                let mut items: Vec<u32> = (0..50).collect();
                (1..50).rev().for_each(|last| items.swap(last, stream.below(last + 1)));
                items
            };
            let (mut a, mut b) = (shuffled(), shuffled());
            let edges = Edges::of(&a, &b);
            EdgeRecombination.cross(&mut a, &mut b, &mut stream);
            for child in [a, b] {
                all += 49;
                found += child.windows(2).filter(|pair| edges.left(pair[0]).contains(&pair[1])).count();
            }
        }
        assert!(found * 100 > all * 95, "{found} of {all}");
    }

    #[test]
    fn arrangements_stay_arrangements() {
        // Equal parents have one cycle of edges; which way round it is gone is chance.
        keeps_the_contract(&EdgeRecombination, false);
    }
}
