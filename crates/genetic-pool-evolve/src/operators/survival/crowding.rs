//! Crowding distance, and survival of those that are crowded least.

use super::non_dominated::Points;
use crate::algorithms::order_key;

/// How far apart the members of one front lie, with the room it works in.
///
/// A member's distance is the sum, over goals, of the gap between its neighbours in that goal, relative to the front's
/// extent in it; the first and the last in any goal are infinitely far: K. Deb, A. Pratap, S. Agarwal and T. Meyarivan,
/// IEEE TEC 6(2), 2002, [doi:10.1109/4235.996017](https://doi.org/10.1109/4235.996017). A goal in which all are equal,
/// or whose extent is infinite, tells nothing apart.
///
/// Members are taken away one at a time, those left measured anew: S. Kukkonen and K. Deb: Improved pruning of
/// non-dominated solutions based on crowding distance for bi-objective optimization problems. CEC 2006,
/// [doi:10.1109/CEC.2006.1688443](https://doi.org/10.1109/CEC.2006.1688443).
#[derive(Clone, Debug, Default)]
pub struct Crowding {
    /// By goal, by place: the members' places, by the goal, then as they were given.
    sorted: Vec<u32>,
    keys: Vec<(u64, u32)>,
    /// By goal, by place: the neighbours that are left, `NONE` beyond either end.
    links: Vec<[u32; 2]>,
    /// By goal: 1 over the extent; 0 where it tells nothing apart.
    scales: Vec<f64>,
    distances: Vec<f64>,
    /// By place: whether the member is taken away.
    gone: Vec<bool>,
}

const NONE: u32 = u32::MAX;

impl Crowding {
    /// The distances of the rows `members` of `points`, which are one front in the order that
    /// [`NonDominated`](super::non_dominated::NonDominated) gives; one each, in the same order.
    pub fn distances(&mut self, points: Points<'_>, members: &[u32]) -> &[f64] {
        self.measure(points, members);
        &self.distances
    }

    /// Keeps `room` of `members`, which are as for [`distances`](Crowding::distances) and more than that, in their order.
    ///
    /// The one with the least distance goes first; of several the youngest, by id.
    pub fn thin(&mut self, points: Points<'_>, members: &mut Vec<u32>, room: usize) {
        self.measure(points, members);
        self.gone.clear();
        self.gone.resize(members.len(), false);
        for _ in room..members.len() {
            let mut last = None;
            for (place, distance) in self.distances.iter().enumerate() {
                if self.gone[place] {
                    continue;
                }
                let candidate = points.candidates[members[place] as usize];
                if last.is_none_or(|(_, least, youngest)| {
                    *distance < least || (*distance == least && candidate > youngest)
                }) {
                    last = Some((place, *distance, candidate));
                }
            }
            let Some((place, ..)) = last else { break };
            self.take_away(points, members, place);
        }
        let mut gone = self.gone.iter();
        members.retain(|_| gone.next() == Some(&false));
    }

    fn measure(&mut self, points: Points<'_>, members: &[u32]) {
        let (goals, n) = (points.goals, members.len());
        self.links.clear();
        self.links.resize(goals * n, [NONE; 2]);
        self.scales.clear();
        self.distances.clear();
        self.distances.resize(n, 0.0);
        if n == 0 {
            return;
        }
        for goal in 0..goals {
            self.sort_by(points, members, goal);
            let value = |place: u32| points.row(members[place as usize] as usize)[goal];
            let extent = value(self.sorted[n - 1]) - value(self.sorted[0]);
            self.scales.push(if extent > 0.0 && extent < f64::INFINITY { 1.0 / extent } else { 0.0 });
            let links = &mut self.links[goal * n..][..n];
            for pair in self.sorted.windows(2) {
                links[pair[0] as usize][1] = pair[1];
                links[pair[1] as usize][0] = pair[0];
            }
        }
        for place in 0..n {
            self.distances[place] = self.distance(points, members, place);
        }
    }

    /// Sorts the places by `goal`. The members' order is that of the first goal, and with two goals of the second, too,
    /// from the end on.
    fn sort_by(&mut self, points: Points<'_>, members: &[u32], goal: usize) {
        let n = members.len() as u32;
        self.sorted.clear();
        match (goal, points.goals) {
            (0, _) => self.sorted.extend(0..n),
            (1, 2) => self.sorted.extend((0..n).rev()),
            _ => {
                self.keys.clear();
                let rows = members.iter().zip(0..);
                self.keys.extend(rows.map(|(row, place)| (order_key(points.row(*row as usize)[goal]), place)));
                self.keys.sort_unstable();
                self.sorted.extend(self.keys.iter().map(|(_, place)| *place));
            }
        }
    }

    fn distance(&self, points: Points<'_>, members: &[u32], place: usize) -> f64 {
        let n = members.len();
        let mut sum = 0.0;
        for (goal, scale) in self.scales.iter().enumerate() {
            let [before, after] = self.links[goal * n + place];
            if before == NONE || after == NONE {
                return f64::INFINITY;
            }
            if *scale > 0.0 {
                let value = |place: u32| points.row(members[place as usize] as usize)[goal];
                sum += (value(after) - value(before)) * scale;
            }
        }
        sum
    }

    fn take_away(&mut self, points: Points<'_>, members: &[u32], place: usize) {
        let n = members.len();
        self.gone[place] = true;
        for goal in 0..points.goals {
            let [before, after] = self.links[goal * n + place];
            if before != NONE {
                self.links[goal * n + before as usize][1] = after;
            }
            if after != NONE {
                self.links[goal * n + after as usize][0] = before;
            }
        }
        for goal in 0..points.goals {
            for neighbour in self.links[goal * n + place] {
                if neighbour != NONE {
                    self.distances[neighbour as usize] = self.distance(points, members, neighbour as usize);
                }
            }
        }
    }
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
        assert_eq!(crowding.distances(points, &[2]), [inf]);
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
        assert_eq!(Crowding::default().distances(equal, &[0, 1, 2]), [inf, 0.0, inf]);
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
            crowding.thin(points, &mut kept, room);

            // Extents stay those of the whole front, and neighbours those by (goal, place in the front).
            let extent = |goal: usize| {
                let all = order.iter().map(|row| points.row(*row as usize)[goal]);
                all.clone().fold(f64::MIN, f64::max) - all.fold(f64::MAX, f64::min)
            };
            let mut left: Vec<usize> = (0..rows).collect();
            while left.len() > room {
                let distance = |place: usize| {
                    let mut sum = 0.0;
                    for goal in 0..goals {
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
                        if extent(goal) > 0.0 {
                            sum += (value(by_goal[at + 1]) - value(by_goal[at - 1])) * (1.0 / extent(goal));
                        }
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
