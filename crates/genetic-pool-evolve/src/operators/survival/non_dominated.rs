//! Non-dominated sorting: which front a candidate is of.

use std::cmp::Ordering;

use crate::{algorithms::order_key, problem::CandidateId};

/// Sorts candidates into fronts, with the room it works in.
///
/// A candidate dominates another that violates constraints more, and, of those that violate them as much (feasible ones
/// above all), one that is worse in some goal and better in none: K. Deb, A. Pratap, S. Agarwal and T. Meyarivan: A fast
/// and elitist multiobjective genetic algorithm: NSGA-II. IEEE TEC 6(2), 2002,
/// [doi:10.1109/4235.996017](https://doi.org/10.1109/4235.996017). Front 0 is dominated by none, front `k` by some of
/// front `k - 1` and by none behind it. Equal candidates are of one front.
///
/// Candidates are taken in the order of (violation, objectives, id), so that none is dominated by one that follows it,
/// and each is put into the first front that does not dominate it, found by bisection: X. Zhang, Y. Tian, R. Cheng and
/// Y. Jin: An efficient approach to nondominated sorting for evolutionary multiobjective optimization. IEEE TEC 19(2),
/// 2015, [doi:10.1109/TEVC.2014.2308305](https://doi.org/10.1109/TEVC.2014.2308305). Of a front only what can dominate is
/// kept: with two goals its last candidate, with three a staircase, so that both take O(n log n) comparisons (with three
/// goals, steps are moved as they are inserted); with more, all its candidates are looked at from the last on, which
/// takes up to O(n²).
#[derive(Clone, Debug, Default)]
pub struct NonDominated {
    fronts: Vec<u32>,
    order: Vec<u32>,
    /// All rows, front by front, each in the order of `order`.
    by_front: Vec<u32>,
    /// Where each front ends in `by_front`.
    ends: Vec<usize>,
    keys: Vec<u128>,
    /// By front: the second objective of its last candidate.
    last: Vec<f64>,
    /// By front: its steps in the second and third objective; the second ascends and the third descends.
    stairs: Vec<Vec<[f64; 2]>>,
    /// By front: all objectives but the first of its candidates, one after the other.
    members: Vec<Vec<f64>>,
}

/// Candidates to sort, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    /// How many goals, at least 1.
    pub goals: usize,
    /// Rows × goals; smaller is better. No NaN and no negative zero.
    pub values: &'a [f64],
    /// By row a number that orders as the violation of constraints does; 0: feasible. Empty: all are.
    pub violations: &'a [u64],
    /// By row the id, by which ties break; all different.
    pub candidates: &'a [CandidateId],
}

impl Points<'_> {
    /// The objectives of row `row`.
    #[inline]
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.goals..][..self.goals]
    }

    fn violation(&self, row: usize) -> u64 {
        self.violations.get(row).copied().unwrap_or(0)
    }
}

impl NonDominated {
    /// Sorts all rows of `points`.
    pub fn sort(&mut self, points: Points<'_>) {
        let rows = points.candidates.len();
        self.order_rows(points);
        self.fronts.clear();
        self.fronts.resize(rows, 0);
        let mut start = 0;
        let mut front = 0;
        while start < rows {
            let violation = points.violation(self.order[start] as usize);
            let alike = if points.violations.is_empty() {
                rows - start
            } else {
                let alike = |row: &&u32| points.violation(**row as usize) == violation;
                self.order[start..].iter().take_while(alike).count()
            };
            front += self.sort_alike(points, start..start + alike, front);
            start += alike;
        }
        self.collect_fronts(front as usize);
    }

    /// By row: its front, from 0.
    pub fn fronts(&self) -> &[u32] {
        &self.fronts
    }

    /// How many fronts there are.
    pub fn n_fronts(&self) -> usize {
        self.ends.len()
    }

    /// The rows of front `front`, in the order of (violation, objectives, id).
    pub fn front(&self, front: usize) -> &[u32] {
        let start = if front == 0 { 0 } else { self.ends[front - 1] };
        &self.by_front[start..self.ends[front]]
    }

    /// Brings the rows front by front, by counting.
    fn collect_fronts(&mut self, n_fronts: usize) {
        self.ends.clear();
        self.ends.resize(n_fronts, 0);
        for front in &self.fronts {
            self.ends[*front as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut self.ends {
            // For now where the front starts.
            (sum, *end) = (sum + *end, sum);
        }
        self.by_front.clear();
        self.by_front.resize(self.fronts.len(), 0);
        for row in &self.order {
            let end = &mut self.ends[self.fronts[*row as usize] as usize];
            self.by_front[*end] = *row;
            *end += 1;
        }
    }

    fn order_rows(&mut self, points: Points<'_>) {
        let compare = |a: &u32, b: &u32| {
            let (a, b) = (*a as usize, *b as usize);
            let goals = points.row(a).iter().zip(points.row(b)).map(|(x, y)| x.total_cmp(y));
            let goals = goals.fold(Ordering::Equal, Ordering::then);
            goals.then_with(|| points.candidates[a].cmp(&points.candidates[b]))
        };
        let rows = 0..points.candidates.len() as u32;
        self.order.clear();
        if !points.violations.is_empty() {
            self.order.extend(rows);
            let violation = |row: &u32| points.violation(*row as usize);
            self.order.sort_unstable_by(|a, b| violation(a).cmp(&violation(b)).then_with(|| compare(a, b)));
            return;
        }
        // By the first goal alone, which mostly tells all apart, and faster.
        self.keys.clear();
        self.keys.extend(rows.map(|row| u128::from(order_key(points.row(row as usize)[0])) << 64 | u128::from(row)));
        self.keys.sort_unstable();
        self.order.extend(self.keys.iter().map(|key| *key as u32));
        let mut start = 0;
        for equal in self.keys.chunk_by(|a, b| a >> 64 == b >> 64) {
            if equal.len() > 1 {
                self.order[start..start + equal.len()].sort_unstable_by(compare);
            }
            start += equal.len();
        }
    }

    /// Numbers the fronts of the rows at `places` of the order, which violate constraints alike, from `base` on; how
    /// many there are.
    fn sort_alike(&mut self, points: Points<'_>, places: std::ops::Range<usize>, base: u32) -> u32 {
        self.last.clear();
        self.stairs.iter_mut().for_each(Vec::clear);
        self.members.iter_mut().for_each(Vec::clear);
        let mut n_fronts = 0;
        let mut before: Option<(&[f64], usize)> = None;
        for place in places {
            let row = self.order[place] as usize;
            let values = points.row(row);
            let front = match before {
                Some((equal, front)) if equal == values => front,
                _ => match points.goals {
                    2 => self.place_by_last(values[1]),
                    3 => self.place_on_stairs([values[1], values[2]], n_fronts),
                    _ => self.place_among_members(&values[1..], n_fronts),
                },
            };
            before = Some((values, front));
            n_fronts = n_fronts.max(front + 1);
            self.fronts[row] = base + front as u32;
        }
        n_fronts as u32
    }

    /// The front of the next of two goals: all so far are no worse in the first, and the last of a front is its best in
    /// the second.
    fn place_by_last(&mut self, second: f64) -> usize {
        let front = self.last.partition_point(|last| *last <= second);
        match self.last.get_mut(front) {
            Some(last) => *last = second,
            None => self.last.push(second),
        }
        front
    }

    fn place_on_stairs(&mut self, [second, third]: [f64; 2], n_fronts: usize) -> usize {
        let below = |stairs: &[[f64; 2]]| stairs.partition_point(|step| step[0] <= second);
        let front = self.stairs[..n_fronts].partition_point(|stairs| {
            // The step before has the least third objective of all that are no worse in the second.
            let end = below(stairs);
            end > 0 && stairs[end - 1][1] <= third
        });
        if front == self.stairs.len() {
            self.stairs.push(Vec::new());
        }
        let stairs = &mut self.stairs[front];
        let start = stairs.partition_point(|step| step[0] < second);
        let covered = stairs[start..].iter().take_while(|step| step[1] >= third).count();
        stairs.splice(start..start + covered, [[second, third]]);
        front
    }

    fn place_among_members(&mut self, rest: &[f64], n_fronts: usize) -> usize {
        let width = rest.len();
        let front = self.members[..n_fronts].partition_point(|members| {
            // With one goal, whoever came before is better.
            width == 0 || members.chunks_exact(width).rev().any(|member| no_worse(member, rest))
        });
        if front == self.members.len() {
            self.members.push(Vec::new());
        }
        self.members[front].extend_from_slice(rest);
        front
    }
}

#[inline]
fn no_worse(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a <= b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    /// Front by front, those that none of the rest dominates.
    fn by_definition(points: Points<'_>) -> Vec<u32> {
        let rows = points.candidates.len();
        let dominates = |a: usize, b: usize| {
            let (x, y) = (points.violation(a), points.violation(b));
            x < y || (x == y && no_worse(points.row(a), points.row(b)) && points.row(a) != points.row(b))
        };
        let mut fronts = vec![u32::MAX; rows];
        for front in 0.. {
            let rest: Vec<usize> = (0..rows).filter(|row| fronts[*row] == u32::MAX).collect();
            if rest.is_empty() {
                break;
            }
            for row in rest.iter().filter(|row| !rest.iter().any(|other| dominates(*other, **row))) {
                fronts[*row] = front;
            }
        }
        fronts
    }

    fn random(stream: &mut Stream, rows: usize, goals: usize, levels: usize) -> Vec<f64> {
        (0..rows * goals).map(|_| stream.below(levels) as f64).collect()
    }

    #[test]
    fn fronts_are_those_of_the_definition() {
        let mut stream = Stream::new(41, 0, Purpose::Try, 0);
        let mut sorting = NonDominated::default();
        for round in 0..600 {
            let goals = 1 + round % 6;
            // Few levels: ties and equals are common; many: hardly any.
            let levels = [3, 10, 1 << 20][round / 6 % 3];
            let rows = stream.below(60);
            let values = random(&mut stream, rows, goals, levels);
            let candidates: Vec<CandidateId> = (0..rows as u64).rev().map(CandidateId).collect();
            let violations: Vec<u64> = match round % 2 {
                0 => Vec::new(),
                _ => (0..rows).map(|_| stream.below(3) as u64).collect(),
            };
            let points = Points { goals, values: &values, violations: &violations, candidates: &candidates };
            sorting.sort(points);
            assert_eq!(sorting.fronts(), by_definition(points), "{points:?}");
            let standing = |row: &u32| {
                let row = *row as usize;
                (
                    points.violation(row),
                    points.row(row).iter().map(|v| order_key(*v)).collect::<Vec<_>>(),
                    candidates[row],
                )
            };
            let mut all = Vec::new();
            for front in 0..sorting.n_fronts() {
                let rows = sorting.front(front);
                assert!(rows.is_sorted_by(|a, b| standing(a) < standing(b)));
                assert!(rows.iter().all(|row| sorting.fronts()[*row as usize] == front as u32));
                all.extend_from_slice(rows);
            }
            all.sort_unstable();
            assert!(all.into_iter().eq(0..rows as u32));
        }
    }

    #[test]
    fn infinities_are_values() {
        let inf = f64::INFINITY;
        for goals in [2, 3, 4] {
            let rows = [[-inf, inf], [0.0, 0.0], [inf, inf], [inf, -inf], [inf, inf]];
            let values: Vec<f64> =
                rows.iter().flat_map(|[a, b]| [*a].into_iter().chain(std::iter::repeat_n(*b, goals - 1))).collect();
            let candidates: Vec<CandidateId> = (0..5).map(CandidateId).collect();
            let mut sorting = NonDominated::default();
            sorting.sort(Points { goals, values: &values, violations: &[], candidates: &candidates });
            assert_eq!(sorting.fronts(), [0, 0, 1, 0, 1]);
        }
    }
}
