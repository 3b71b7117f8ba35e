//! Edge assembly crossover.

mod cycles;
mod pieces;

use std::sync::Arc;

use self::{cycles::Cycles, pieces::Pieces};
use super::Crossover;
use crate::{
    operators::distances::{Distances, Neighbours},
    random::Stream,
};

/// Edge assembly crossover (EAX) of tours whose distances are known, with the single strategy.
///
/// The edges that only one parent has fall apart into AB-cycles, closed walks along which the parents take turns. A child
/// is its parent with the edges of one AB-cycle exchanged, which leaves it in pieces; the smallest is joined to another
/// by the exchange of two edges that costs least, until there is one. Up to thirty AB-cycles are tried for each child, and
/// the shortest tour that comes of them is the child. It is worked out on the few segments that a cycle cuts its parent
/// into, and only the shortest is laid out as a whole.
///
/// Y. Nagata and S. Kobayashi: A powerful genetic algorithm using edge assembly crossover for the traveling salesman
/// problem. INFORMS Journal on Computing 25(2), 2013,
/// [doi:10.1287/ijoc.1120.0506](https://doi.org/10.1287/ijoc.1120.0506).
///
/// Equal tours are left as they are.
#[derive(Clone, Debug)]
pub struct EdgeAssembly {
    distances: Arc<Distances>,
    neighbours: Neighbours,
}

/// How many of the nearest are looked at where pieces are joined.
const NEAREST: usize = 10;

/// How many AB-cycles are tried for a child: `N_ch` of the paper.
const CYCLES: usize = 30;

impl EdgeAssembly {
    /// For tours whose length is measured in `distances`.
    pub fn new(distances: Arc<Distances>) -> EdgeAssembly {
        EdgeAssembly { neighbours: Neighbours::new(&distances, NEAREST), distances }
    }

    /// The best child of `parent` with one of `cycles`, which begin with an edge of it where `own` is 0 and with one of
    /// the other parent where it is 1.
    fn child(&self, parent: &mut [u32], cycles: &[Vec<u32>], own: usize) {
        let mut pieces = Pieces::of(parent);
        let mut best: Option<(i64, Pieces)> = None;
        for cycle in cycles {
            pieces.clear();
            let mut change = 0;
            for (edge, a) in cycle.iter().enumerate() {
                let b = cycle[if edge + 1 < cycle.len() { edge + 1 } else { 0 }];
                if edge % 2 == own {
                    pieces.cut(*a, b);
                    change -= self.distances.get(*a, b);
                } else {
                    pieces.join(*a, b);
                    change += self.distances.get(*a, b);
                }
            }
            change += pieces.assemble(&self.distances, &self.neighbours);
            if best.as_ref().is_none_or(|(least, _)| change < *least) {
                best = Some((change, pieces.clone()));
            }
        }
        if let Some((_, mut pieces)) = best {
            let tour = pieces.lay_out();
            parent.copy_from_slice(&tour);
        }
    }
}

impl Crossover for EdgeAssembly {
    /// Leaves tours of other sizes than there are distances of as they are.
    fn cross(&self, first: &mut [u32], second: &mut [u32], stream: &mut Stream) {
        if first.len() < 4 || first.len() != self.distances.size() {
            return;
        }
        let mut cycles = Cycles::of(first, second).split(stream);
        for place in 0..cycles.len().min(CYCLES) {
            let other = place + stream.below(cycles.len() - place);
            cycles.swap(place, other);
        }
        cycles.truncate(CYCLES);
        self.child(first, &cycles, 0);
        self.child(second, &cycles, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{operators::tests::stream, random::Purpose};

    fn plane(n: usize, seed: u64) -> Arc<Distances> {
        let mut stream = Stream::new(seed, 0, Purpose::Instance, 0);
        let places: Vec<[i32; 2]> = (0..n).map(|_| [stream.below(1000) as i32, stream.below(1000) as i32]).collect();
        let distance = |pair: usize| {
            let ([x, y], [u, v]) = (places[pair / n], places[pair % n]);
            (x - u).abs() + (y - v).abs()
        };
        Arc::new(Distances::new(n, (0..n * n).map(distance).collect()).unwrap())
    }

    fn shuffled(n: usize, index: u64) -> Vec<u32> {
        let mut stream = Stream::new(1, 0, Purpose::Try, index);
        let mut items: Vec<u32> = (0..n as u32).collect();
        (1..n).rev().for_each(|last| items.swap(last, stream.below(last + 1)));
        items
    }

    fn edges(tour: &[u32]) -> Vec<[u32; 2]> {
        let next = tour.iter().cycle().skip(1);
        let mut edges: Vec<[u32; 2]> = tour.iter().zip(next).map(|(a, b)| [*a.min(b), *a.max(b)]).collect();
        edges.sort_unstable();
        edges
    }

    #[test]
    fn children_are_tours_that_depend_on_the_stream_alone() {
        for (index, n) in [0, 1, 2, 3, 4, 5, 6, 7, 20, 57, 130].into_iter().cycle().take(200).enumerate() {
            let index = index as u64;
            let crossover = EdgeAssembly::new(plane(n, index));
            let (a, b) = (shuffled(n, 2 * index), shuffled(n, 2 * index + 1));
            let (mut x, mut y) = (a.clone(), b.clone());
            crossover.cross(&mut x, &mut y, &mut stream(index));
            for child in [&x, &y] {
                let mut sorted = child.clone();
                sorted.sort_unstable();
                assert!(sorted.into_iter().eq(0..n as u32));
            }
            let (mut again, mut other) = (a.clone(), b.clone());
            crossover.cross(&mut again, &mut other, &mut stream(index));
            assert_eq!((x, y), (again, other));
            let (mut same, mut twin) = (a.clone(), a.iter().rev().copied().collect::<Vec<_>>());
            crossover.cross(&mut same, &mut twin, &mut stream(index));
            assert_eq!((edges(&same), edges(&twin)), (edges(&a), edges(&a)));
        }
    }

    #[test]
    fn children_of_near_parents_keep_what_both_have_and_take_what_is_shorter() {
        // The parents differ in two exchanges of two edges far from each other: two AB-cycles of four edges. From one
        // that has both long ways, each child takes over one of them; the better of the two is kept.
        let places: Vec<[i32; 2]> =
            (0..20).map(|k| [100 * k, 0]).chain((0..20).map(|k| [1900 - 100 * k, 90])).collect();
        let distance = |pair: usize| {
            let ([x, y], [u, v]) = (places[pair / 40], places[pair % 40]);
            (x - u).abs() + (y - v).abs()
        };
        let distances = Arc::new(Distances::new(40, (0..1600).map(distance).collect()).unwrap());
        let best: Vec<u32> = (0..40).collect();
        let mut worse = best.clone();
        worse[3..6].reverse();
        worse[22..27].reverse();
        let lengths = [&best, &worse].map(|tour| distances.length(tour));
        // Reversed are three items, 200 wide, and five, 400 wide: each costs twice what it is wide and two steps.
        assert_eq!(lengths[1] - lengths[0], 2 * 300 + 2 * 500 - 4 * 100);
        let crossover = EdgeAssembly::new(Arc::clone(&distances));
        let (mut first, mut second) = (worse.clone(), best.clone());
        crossover.cross(&mut first, &mut second, &mut stream(3));
        // The first child loses the worse of its two detours, the second takes over the lesser of them: the same tour.
        let mut middle = best.clone();
        middle[3..6].reverse();
        assert_eq!(edges(&first), edges(&middle));
        assert_eq!(edges(&second), edges(&middle));
    }

    #[test]
    fn most_children_of_good_parents_are_as_good() {
        let distances = plane(100, 5);
        let search = crate::operators::improve::OrTwoOpt::new(Arc::clone(&distances));
        let crossover = EdgeAssembly::new(Arc::clone(&distances));
        let (mut better, mut all) = (0, 0);
        for index in 0..30 {
            let mut parents = [0, 1].map(|k| shuffled(100, 2 * index + k));
            for tour in &mut parents {
                search.shorten(tour);
            }
            let lengths = parents.clone().map(|tour| distances.length(&tour));
            let [mut x, mut y] = parents;
            crossover.cross(&mut x, &mut y, &mut stream(index));
            all += 2;
            better += usize::from(distances.length(&x) < lengths[0]) + usize::from(distances.length(&y) < lengths[1]);
        }
        assert!(better * 10 > all * 8, "{better} of {all}");
    }
}
