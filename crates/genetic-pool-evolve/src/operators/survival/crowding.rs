//! Crowding distance, and survival of those that are crowded least.

use super::non_dominated::Points;
use crate::algorithms::order_key;

/// How far apart the members of one front lie, with the room it works in.
///
/// A member's distance is the sum, over goals, of the gap between its neighbours in that goal, relative to the front's
/// extent in it; the first and the last in a goal are infinitely far: K. Deb, A. Pratap, S. Agarwal and T. Meyarivan,
/// IEEE TEC 6(2), 2002, [doi:10.1109/4235.996017](https://doi.org/10.1109/4235.996017). A goal in which all are equal,
/// or whose extent is infinite, tells nothing apart.
///
/// Members are taken away one at a time, those left measured anew: S. Kukkonen and K. Deb: Improved pruning of
/// non-dominated solutions based on crowding distance for bi-objective optimization problems. CEC 2006,
/// [doi:10.1109/CEC.2006.1688443](https://doi.org/10.1109/CEC.2006.1688443).
#[derive(Clone, Debug, Default)]
pub struct Crowding {
    /// How many members were measured.
    n: usize,
    /// By goal, by place among the members: their values; then one that stands before all and one behind all.
    values: Vec<f64>,
    /// As `values`: the places of the neighbours that are left.
    links: Vec<[u32; 2]>,
    /// By goal: 1 over the extent; 0 where it tells nothing apart.
    scales: Vec<f64>,
    /// By place: the distance; infinite where the member is taken away.
    distances: Vec<f64>,
    /// By place: whether the member is left.
    left: Vec<bool>,
    keys: Vec<u128>,
}

impl Crowding {
    /// The distances of the rows `members` of `points`, which are one front in the order that
    /// [`NonDominated`](super::non_dominated::NonDominated) gives; one each, in the same order.
    pub fn distances(&mut self, points: Points<'_>, members: &[u32]) -> &[f64] {
        self.link(points, members);
        self.measure();
        &self.distances
    }

    /// Keeps `room` of `members`, which are as for [`distances`](Crowding::distances), in their order, and gives the
    /// distances of those.
    ///
    /// The one with the least distance goes first; of several the youngest, by id. While they go the extents are those
    /// of all.
    pub fn thin(&mut self, points: Points<'_>, members: &mut Vec<u32>, room: usize) -> &[f64] {
        self.link(points, members);
        self.measure();
        for _ in room..members.len() {
            let place = self.most_crowded(points, members);
            self.take_away(place);
        }
        self.measure();
        let left = &self.left;
        keep(members, left);
        keep(&mut self.distances, left);
        &self.distances
    }

    /// Brings the values side by side and links each member with its neighbours.
    fn link(&mut self, points: Points<'_>, members: &[u32]) {
        let (goals, n) = (points.goals, members.len());
        let stride = n + 2;
        self.n = n;
        self.values.resize(goals * stride, 0.0);
        self.links.resize(goals * stride, [0; 2]);
        self.left.clear();
        self.left.resize(n, true);
        for (place, row) in members.iter().enumerate() {
            for (goal, value) in points.row(*row as usize).iter().enumerate() {
                self.values[goal * stride + place] = *value;
            }
        }
        for goal in 0..goals {
            let values = &mut self.values[goal * stride..][..stride];
            let links = &mut self.links[goal * stride..][..stride];
            let (before, behind) = (n as u32, n as u32 + 1);
            (values[n], values[n + 1]) = (f64::NEG_INFINITY, f64::INFINITY);
            let mut last = before;
            let mut append = |place: u32| {
                links[last as usize][1] = place;
                links[place as usize][0] = last;
                last = place;
            };
            // The members' order is that of the first goal; of two goals also of the second, from the end on.
            match (goal, goals) {
                (0, _) => (0..n as u32).for_each(&mut append),
                (1, 2) => (0..n as u32).rev().for_each(&mut append),
                _ => {
                    self.keys.clear();
                    let keys = values[..n].iter().zip(0..);
                    self.keys.extend(keys.map(|(value, place)| u128::from(order_key(*value)) << 64 | place));
                    self.keys.sort_unstable();
                    self.keys.iter().for_each(|key| append(*key as u32));
                }
            }
            append(behind);
        }
    }

    /// Measures all that are left.
    fn measure(&mut self) {
        let stride = self.n + 2;
        self.scales.clear();
        for (values, links) in self.values.chunks_exact(stride).zip(self.links.chunks_exact(stride)) {
            let ends = [links[self.n][1], links[self.n + 1][0]].map(|place| values[place as usize]);
            let extent = ends[1] - ends[0];
            self.scales.push(if extent > 0.0 && extent < f64::INFINITY { 1.0 / extent } else { 0.0 });
        }
        self.distances.clear();
        self.distances.resize(self.n, f64::INFINITY);
        for place in (0..self.n).filter(|place| self.left[*place]) {
            self.distances[place] = distance(&self.values, &self.links, &self.scales, stride, place);
        }
    }

    fn most_crowded(&self, points: Points<'_>, members: &[u32]) -> usize {
        let least = least(&self.distances);
        let youngest = |place: &usize| points.candidates[members[*place] as usize];
        let tied = (0..self.n).filter(|place| self.distances[*place] == least && self.left[*place]);
        tied.max_by_key(youngest).unwrap_or_default()
    }

    fn take_away(&mut self, place: usize) {
        let stride = self.n + 2;
        self.left[place] = false;
        self.distances[place] = f64::INFINITY;
        for links in self.links.chunks_exact_mut(stride) {
            let [before, behind] = links[place];
            links[before as usize][1] = behind;
            links[behind as usize][0] = before;
        }
        for start in (0..self.links.len()).step_by(stride) {
            for neighbour in self.links[start + place] {
                let neighbour = neighbour as usize;
                if neighbour < self.n {
                    self.distances[neighbour] = distance(&self.values, &self.links, &self.scales, stride, neighbour);
                }
            }
        }
    }
}

#[inline]
fn distance(values: &[f64], links: &[[u32; 2]], scales: &[f64], stride: usize, place: usize) -> f64 {
    let mut sum = 0.0;
    let goals = values.chunks_exact(stride).zip(links.chunks_exact(stride));
    for ((values, links), scale) in goals.zip(scales) {
        let [before, behind] = links[place];
        if *scale > 0.0 {
            sum += (values[behind as usize] - values[before as usize]) * scale;
        }
    }
    sum
}

/// The least of `values`, several side by side.
fn least(values: &[f64]) -> f64 {
    let mut least = [f64::INFINITY; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (least, value) in least.iter_mut().zip(chunk) {
            *least = if *value < *least { *value } else { *least };
        }
    }
    rest.iter().chain(&least).fold(f64::INFINITY, |least, value| if *value < least { *value } else { least })
}

fn keep<T: Copy>(of: &mut Vec<T>, left: &[bool]) {
    let mut kept = 0;
    for place in 0..of.len() {
        of[kept] = of[place];
        kept += usize::from(left[place]);
    }
    of.truncate(kept);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        operators::survival::non_dominated::NonDominated,
        problem::CandidateId,
        random::{Purpose, Stream},
    };

    /// Points of a front on a curve or a plane, rounded so that ties happen, in the order of the sorting.
    fn front(stream: &mut Stream, rows: usize, goals: usize) -> (Vec<f64>, Vec<CandidateId>, Vec<u32>) {
        let mut values = Vec::new();
        for _ in 0..rows {
            let mut rest = 1000.0;
            for goal in 1..goals {
                let share = (stream.unit() * rest / (goals - goal) as f64).round();
                rest -= share;
                values.push(share);
            }
            values.push(rest);
        }
        let candidates: Vec<CandidateId> = (0..rows as u64).map(CandidateId).collect();
        let mut sorting = NonDominated::default();
        sorting.sort(Points { goals, values: &values, violations: &[], candidates: &candidates });
        assert_eq!(sorting.n_fronts(), 1);
        let order = sorting.front(0).to_vec();
        (values, candidates, order)
    }

    #[test]
    fn distances_are_gaps_between_neighbours() {
        // Four points on a line: the inner two span half of each goal and a part of the rest.
        let values = [0.0, 10.0, 2.0, 8.0, 5.0, 5.0, 10.0, 0.0];
        let candidates: Vec<CandidateId> = (0..4).map(CandidateId).collect();
        let points = Points { goals: 2, values: &values, violations: &[], candidates: &candidates };
        let mut crowding = Crowding::default();
        let inf = f64::INFINITY;
        assert_eq!(crowding.distances(points, &[0, 1, 2, 3]), [inf, 1.0, 1.6, inf]);
        assert_eq!(crowding.distances(points, &[2]), [0.0]);
        assert_eq!(crowding.distances(points, &[]), [0.0; 0]);
    }

    #[test]
    fn goals_that_tell_nothing_apart_count_for_nothing() {
        let inf = f64::INFINITY;
        let values = [0.0, inf, 1.0, 1.0, 2.0, -inf];
        let candidates: Vec<CandidateId> = (0..3).map(CandidateId).collect();
        let points = Points { goals: 2, values: &values, violations: &[], candidates: &candidates };
        assert_eq!(Crowding::default().distances(points, &[0, 1, 2]), [inf, 1.0, inf]);
        let equal = Points { values: &[4.0; 6], ..points };
        assert_eq!(Crowding::default().distances(equal, &[0, 1, 2]), [0.0; 3]);
    }

    #[test]
    fn thinning_is_taking_the_most_crowded_away_again_and_again() {
        let mut stream = Stream::new(42, 0, Purpose::Try, 0);
        for round in 0..200 {
            let goals = 2 + round % 3;
            let rows = 2 + stream.below(40);
            let room = stream.below(rows);
            let (values, candidates, order) = front(&mut stream, rows, goals);
            let points = Points { goals, values: &values, violations: &[], candidates: &candidates };
            let mut crowding = Crowding::default();
            let mut kept = order.clone();
            let distances = crowding.thin(points, &mut kept, room).to_vec();
            assert_eq!(Crowding::default().distances(points, &kept), distances);

            // Extents stay those of the whole front, and neighbours those by (goal, place in the front).
            let extent = |goal: usize| {
                let all = order.iter().map(|row| points.row(*row as usize)[goal]);
                all.clone().fold(f64::MIN, f64::max) - all.fold(f64::MAX, f64::min)
            };
            let mut left: Vec<usize> = (0..rows).collect();
            while left.len() > room {
                let distance = |place: usize| {
                    let mut sum = 0.0;
                    for goal in (0..goals).filter(|goal| extent(*goal) > 0.0) {
                        let value = |place: usize| points.row(order[place] as usize)[goal];
                        let mut by_goal = left.clone();
                        by_goal.sort_by(|a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
                        if (goal, goals) == (1, 2) {
                            by_goal.clone_from(&left);
                            by_goal.reverse();
                        }
                        let at = by_goal.iter().position(|other| *other == place).unwrap();
                        if at == 0 || at + 1 == by_goal.len() {
                            return f64::INFINITY;
                        }
                        sum += (value(by_goal[at + 1]) - value(by_goal[at - 1])) * (1.0 / extent(goal));
                    }
                    sum
                };
                let worst = left.iter().copied().min_by(|a, b| {
                    let id = |place: &usize| candidates[order[*place] as usize];
                    distance(*a).total_cmp(&distance(*b)).then(id(b).cmp(&id(a)))
                });
                left.retain(|place| Some(*place) != worst);
            }
            let expected: Vec<u32> = left.iter().map(|place| order[*place]).collect();
            assert_eq!(kept, expected);
        }
    }
}
