//! A tour some of whose edges are exchanged: closed pieces of it, and how they become one tour.

use crate::operators::distances::{Distances, Neighbours};

/// A tour with edges cut and others put in, as segments of the tour between cuts.
#[derive(Clone, Debug)]
pub(super) struct Pieces {
    tour: Vec<u32>,
    /// By item: its place in the tour.
    places: Vec<u32>,
    /// Places behind which the tour is cut, ascending.
    cuts: Vec<u32>,
    /// Edges that were put in.
    joined: Vec<[u32; 2]>,
    /// By end, two a segment, the left one first: the end it is joined to.
    links: Vec<u32>,
    /// By segment: the piece it belongs to.
    piece_of: Vec<u32>,
    /// By piece: how many items it has.
    sizes: Vec<u32>,
}

/// An exchange of two edges that joins two pieces: both go out, `[a, c]` and `[b, d]` come in.
#[derive(Clone, Copy, Debug)]
struct Exchange {
    change: i64,
    out: [[u32; 2]; 2],
}

const FREE: u32 = u32::MAX;

impl Pieces {
    /// The whole of `tour`.
    pub(super) fn of(tour: &[u32]) -> Pieces {
        let mut places = vec![0; tour.len()];
        for (place, item) in (0..).zip(tour) {
            places[*item as usize] = place;
        }
        Pieces {
            tour: tour.to_vec(),
            places,
            cuts: Vec::new(),
            joined: Vec::new(),
            links: Vec::new(),
            piece_of: Vec::new(),
            sizes: Vec::new(),
        }
    }

    /// The whole of the tour again.
    pub(super) fn clear(&mut self) {
        self.cuts.clear();
        self.joined.clear();
    }

    /// Takes out the edge between `a` and `b`: one that was put in, or one of the tour.
    pub(super) fn cut(&mut self, a: u32, b: u32) {
        if let Some(place) = self.joined.iter().position(|edge| *edge == [a, b] || *edge == [b, a]) {
            self.joined.swap_remove(place);
            return;
        }
        let (a, b) = (self.places[a as usize], self.places[b as usize]);
        let last = self.tour.len() as u32 - 1;
        let place = if a.abs_diff(b) == 1 { a.min(b) } else { last };
        if let Err(at) = self.cuts.binary_search(&place) {
            self.cuts.insert(at, place);
        }
    }

    /// Puts in an edge between `a` and `b`.
    pub(super) fn join(&mut self, a: u32, b: u32) {
        self.joined.push([a, b]);
    }

    /// Joins the pieces to one tour: the smallest first, each by the exchange that costs least. What that adds to the
    /// length is returned.
    pub(super) fn assemble(&mut self, distances: &Distances, neighbours: &Neighbours) -> i64 {
        let mut change = 0;
        self.find_pieces();
        while self.sizes.len() > 1 {
            let Some((smallest, _)) = self.sizes.iter().enumerate().min_by_key(|(piece, size)| (**size, *piece)) else {
                break;
            };
            let near = self.cheapest(smallest as u32, distances, |item| neighbours.of(item).iter().copied());
            // A piece none of whose items has a near one elsewhere looks everywhere.
            let all = self.tour.len() as u32;
            let Some(best) = near.or_else(|| self.cheapest(smallest as u32, distances, |_| 0..all)) else { break };
            let [[a, b], [c, d]] = best.out;
            self.cut(a, b);
            self.cut(c, d);
            self.join(a, c);
            self.join(b, d);
            change += best.change;
            self.find_pieces();
        }
        change
    }

    /// The cheapest exchange of an edge of `piece` and an edge elsewhere that joins an item to one of those `near` it.
    fn cheapest<I: Iterator<Item = u32>>(
        &self,
        piece: u32,
        distances: &Distances,
        near: impl Fn(u32) -> I,
    ) -> Option<Exchange> {
        let mut best: Option<Exchange> = None;
        for segment in (0..self.cuts.len()).filter(|segment| self.piece_of[*segment] == piece) {
            let [from, to] = self.range(segment);
            let mut place = from;
            loop {
                let a = self.tour[place as usize];
                let around = self.around(a);
                for c in near(a) {
                    if self.piece_of[self.segment_of(self.places[c as usize])] == piece {
                        continue;
                    }
                    let beyond = self.around(c);
                    for b in around {
                        for d in beyond {
                            let out = distances.get(a, b) + distances.get(c, d);
                            let change = distances.get(a, c) + distances.get(b, d) - out;
                            if best.is_none_or(|best| change < best.change) {
                                best = Some(Exchange { change, out: [[a, b], [c, d]] });
                            }
                        }
                    }
                }
                if place == to {
                    break;
                }
                place = if place as usize + 1 < self.tour.len() { place + 1 } else { 0 };
            }
        }
        best
    }

    /// The two items next to `item`.
    fn around(&self, item: u32) -> [u32; 2] {
        let place = self.places[item as usize];
        let segment = self.segment_of(place);
        let [from, to] = self.range(segment);
        let last = self.tour.len() as u32 - 1;
        let linked = |end: usize| self.item_at(self.links[end] as usize);
        let left = if place == from {
            linked(2 * segment)
        } else {
            self.tour[if place > 0 { place - 1 } else { last } as usize]
        };
        let right = if place == to {
            linked(2 * segment + 1)
        } else {
            self.tour[if place < last { place + 1 } else { 0 } as usize]
        };
        [left, right]
    }

    /// The segment that `place` lies in: segment `k` ends at cut `k`.
    fn segment_of(&self, place: u32) -> usize {
        let segment = self.cuts.partition_point(|cut| *cut < place);
        if segment < self.cuts.len() { segment } else { 0 }
    }

    /// The first and the last place of a segment; segment 0 may go over the end of the list.
    fn range(&self, segment: usize) -> [u32; 2] {
        let before = if segment > 0 { segment - 1 } else { self.cuts.len() - 1 };
        let from = self.cuts[before] + 1;
        [if (from as usize) < self.tour.len() { from } else { 0 }, self.cuts[segment]]
    }

    fn item_at(&self, end: usize) -> u32 {
        self.tour[self.range(end / 2)[end % 2] as usize]
    }

    /// Links the ends of segments as edges were put in, and finds the pieces they form.
    fn find_pieces(&mut self) {
        let n_segments = self.cuts.len();
        self.links.clear();
        self.links.resize(2 * n_segments, FREE);
        for edge in 0..self.joined.len() {
            let ends = self.joined[edge].map(|item| {
                let place = self.places[item as usize];
                let segment = self.segment_of(place);
                let left = 2 * segment;
                // The one item of a segment has two ends, either of which will do.
                let end = if self.range(segment)[0] == place && self.links[left] == FREE { left } else { left + 1 };
                // Taken until the other end is known.
                self.links[end] = end as u32;
                end
            });
            self.links[ends[0]] = ends[1] as u32;
            self.links[ends[1]] = ends[0] as u32;
        }
        self.piece_of.clear();
        self.piece_of.resize(n_segments, FREE);
        self.sizes.clear();
        for start in 0..n_segments {
            if self.piece_of[start] != FREE {
                continue;
            }
            let piece = self.sizes.len() as u32;
            let mut size = 0;
            let mut end = 2 * start;
            while self.piece_of[end / 2] == FREE {
                self.piece_of[end / 2] = piece;
                let [from, to] = self.range(end / 2);
                size += if to >= from { to - from + 1 } else { to + self.tour.len() as u32 - from + 1 };
                end = self.links[end ^ 1] as usize;
            }
            self.sizes.push(size);
        }
    }

    /// The tour that the pieces, which are joined to one, are.
    pub(super) fn lay_out(&mut self) -> Vec<u32> {
        self.find_pieces();
        debug_assert!(self.sizes.len() <= 1);
        let n = self.tour.len();
        if self.cuts.is_empty() {
            return self.tour.clone();
        }
        let mut items = Vec::with_capacity(n);
        let mut end = 0;
        while items.len() < n {
            let [from, to] = self.range(end / 2);
            let at = items.len();
            if from <= to {
                items.extend_from_slice(&self.tour[from as usize..=to as usize]);
            } else {
                items.extend_from_slice(&self.tour[from as usize..]);
                items.extend_from_slice(&self.tour[..=to as usize]);
            }
            if end % 2 == 1 {
                items[at..].reverse();
            }
            end = self.links[end ^ 1] as usize;
        }
        items
    }
}

#[cfg(test)]
mod tests {
    use super::Pieces;
    use crate::operators::distances::{Distances, Neighbours};

    fn ring(n: usize) -> (Distances, Neighbours) {
        let apart = |pair: usize| {
            let steps = (pair / n).abs_diff(pair % n);
            steps.min(n - steps) as i32
        };
        let distances = Distances::new(n, (0..n * n).map(apart).collect()).unwrap();
        let neighbours = Neighbours::new(&distances, 10);
        (distances, neighbours)
    }

    #[test]
    fn pieces_are_found_and_joined_where_it_costs_least() {
        let (distances, neighbours) = ring(12);
        let tour: Vec<u32> = (0..12).collect();
        let mut pieces = Pieces::of(&tour);
        // 2 3 4 5 is closed by itself, and so is the rest.
        pieces.cut(1, 2);
        pieces.cut(6, 5);
        pieces.join(2, 5);
        pieces.join(1, 6);
        pieces.find_pieces();
        assert_eq!(pieces.sizes, [8, 4]);
        assert_eq!((pieces.around(5), pieces.around(6), pieces.around(0)), ([4, 2], [1, 7], [11, 1]));
        // Cut and joined it costs 3 + 5 - 2; back again is the exchange that costs least.
        assert_eq!(pieces.assemble(&distances, &neighbours), 2 - 8);
        assert_eq!(distances.length(&pieces.lay_out()), 12);
    }

    #[test]
    fn segments_of_one_item_and_over_the_end() {
        let (distances, neighbours) = ring(8);
        let mut pieces = Pieces::of(&[3, 4, 5, 6, 7, 0, 1, 2]);
        // 4 is taken out and put between 0 and 1: one piece.
        for (a, b) in [(3, 4), (4, 5), (0, 1)] {
            pieces.cut(a, b);
        }
        for (a, b) in [(3, 5), (0, 4), (4, 1)] {
            pieces.join(a, b);
        }
        assert_eq!(pieces.assemble(&distances, &neighbours), 0);
        let mut tour = pieces.lay_out();
        let start = tour.iter().position(|item| *item == 4).unwrap();
        tour.rotate_left(start);
        assert!(tour == [4, 1, 2, 3, 5, 6, 7, 0] || tour == [4, 0, 7, 6, 5, 3, 2, 1], "{tour:?}");
    }

    #[test]
    fn far_pieces_are_joined_too() {
        // Two lists of near items of twelve each, far from each other: no near item lies in the other piece.
        let apart = |pair: usize| {
            let (a, b) = (pair / 24, pair % 24);
            if a / 12 == b / 12 { a.abs_diff(b) as i32 } else { 1000 }
        };
        let distances = Distances::new(24, (0..576).map(apart).collect()).unwrap();
        let neighbours = Neighbours::new(&distances, 10);
        let tour: Vec<u32> = (0..24).collect();
        let mut pieces = Pieces::of(&tour);
        pieces.cut(11, 12);
        pieces.cut(23, 0);
        pieces.join(0, 11);
        pieces.join(12, 23);
        let before = 2 * 22;
        let change = pieces.assemble(&distances, &neighbours);
        assert_eq!(distances.length(&pieces.lay_out()), before + change);
        assert_eq!(change, 2000 - 22);
    }
}
