//! Who sends to whom.

use serde::{Deserialize, Serialize};

use crate::random::{Purpose, Stream};

/// Which islands an island sends its emigrants to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Topology {
    /// The next one; the last one to the first.
    #[default]
    Ring,
    /// The four around it on a grid whose opposite sides touch, with as many rows as come nearest to a square.
    Torus,
    /// The first one to all others, and all others to it.
    Star,
    /// All others.
    Full,
    /// So many others, drawn from the seed, the same throughout a run; all others where there are no more.
    Random(usize),
    /// None: each for itself.
    None,
}

impl Topology {
    /// For each of `islands` the ones that send to it, ascending; never itself, none twice.
    pub fn sources(self, islands: usize, seed: u64) -> Vec<Vec<usize>> {
        let mut sources = vec![Vec::new(); islands];
        for from in 0..islands {
            for to in self.destinations(from, islands, seed) {
                sources[to].push(from);
            }
        }
        sources
    }

    /// Where island `from` of `islands` sends to, ascending.
    fn destinations(self, from: usize, islands: usize, seed: u64) -> Vec<usize> {
        let mut to: Vec<usize> = match self {
            Topology::Ring => vec![(from + 1) % islands],
            Topology::Torus => {
                let rows = rows(islands);
                let columns = islands / rows;
                let (row, column) = (from / columns, from % columns);
                let place = |row: usize, column: usize| row % rows * columns + column % columns;
                vec![
                    place(row + rows - 1, column),
                    place(row + 1, column),
                    place(row, column + columns - 1),
                    place(row, column + 1),
                ]
            }
            Topology::Star if from > 0 => vec![0],
            Topology::Star | Topology::Full => (0..islands).collect(),
            Topology::Random(most) => {
                let mut others: Vec<usize> = (0..islands).filter(|other| *other != from).collect();
                let mut stream = Stream::new(seed, from as u16, Purpose::Topology, 0);
                let count = most.min(others.len());
                for place in 0..count {
                    let other = place + stream.below(others.len() - place);
                    others.swap(place, other);
                }
                others.truncate(count);
                others
            }
            Topology::None => Vec::new(),
        };
        to.retain(|to| *to != from);
        to.sort_unstable();
        to.dedup();
        to
    }
}

/// The rows of a grid of `islands` places: their greatest divisor that is no more than its columns.
fn rows(islands: usize) -> usize {
    let divides = |rows: &usize| islands.is_multiple_of(*rows);
    (1..=islands).take_while(|rows| rows * rows <= islands).filter(divides).last().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators::chi_square;

    const ALL: [Topology; 7] = [
        Topology::Ring,
        Topology::Torus,
        Topology::Star,
        Topology::Full,
        Topology::Random(1),
        Topology::Random(3),
        Topology::None,
    ];

    #[test]
    fn nobody_sends_to_itself_or_twice() {
        for topology in ALL {
            for islands in 0..14 {
                let sources = topology.sources(islands, 5);
                assert_eq!(sources.len(), islands);
                for (to, from) in sources.iter().enumerate() {
                    assert!(from.is_sorted_by(|a, b| a < b), "{topology:?} of {islands}: {sources:?}");
                    assert!(from.iter().all(|from| *from < islands && *from != to), "{topology:?}: {sources:?}");
                }
                assert_eq!(topology.sources(islands, 5), sources);
            }
        }
    }

    #[test]
    fn each_has_the_neighbours_its_figure_says() {
        assert_eq!(Topology::Ring.sources(4, 0), [vec![3], vec![0], vec![1], vec![2]]);
        assert_eq!(Topology::Star.sources(4, 0), [vec![1, 2, 3], vec![0], vec![0], vec![0]]);
        assert_eq!(Topology::Full.sources(3, 0), [vec![1, 2], vec![0, 2], vec![0, 1]]);
        assert_eq!(Topology::None.sources(2, 0), [vec![], vec![]]);
        // Three rows of four.
        assert_eq!([6, 7, 9, 12, 16].map(rows), [2, 1, 3, 3, 4]);
        let torus = Topology::Torus.sources(12, 0);
        assert_eq!(torus[0], [1, 3, 4, 8]);
        assert_eq!(torus[5], [1, 4, 6, 9]);
        // In two rows, who is above is below, too; in one, the torus is a ring of both directions.
        assert_eq!(Topology::Torus.sources(6, 0)[0], [1, 2, 3]);
        assert_eq!(Topology::Torus.sources(5, 0)[0], [1, 4]);
    }

    #[test]
    fn all_but_none_reach_all() {
        for topology in [Topology::Ring, Topology::Torus, Topology::Star, Topology::Full] {
            for islands in 1..14 {
                let sources = topology.sources(islands, 0);
                let mut reached = vec![0];
                while let Some(next) = (0..islands)
                    .find(|to| !reached.contains(to) && sources[*to].iter().any(|from| reached.contains(from)))
                {
                    reached.push(next);
                }
                assert_eq!(reached.len(), islands, "{topology:?} of {islands}");
            }
        }
    }

    /// One of seven others: each is drawn with probability 1/7.
    #[test]
    fn random_neighbours_are_drawn_evenly_from_the_seed() {
        let mut counts = [0; 8];
        for seed in 0..7000 {
            let to = Topology::Random(1).destinations(3, 8, seed);
            assert_eq!(to.len(), 1);
            counts[to[0]] += 1;
        }
        assert_eq!(counts[3], 0);
        chi_square(&[&counts[..3], &counts[4..]].concat(), &[1000.0; 7]);
        assert_ne!(Topology::Random(1).sources(8, 1), Topology::Random(1).sources(8, 2));
    }
}
