//! The best candidates of a search for several goals.

use super::{Population, order_key};
use crate::{
    operators::survival::{
        crowding::Crowding,
        non_dominated::{NonDominated, Points},
    },
    problem::Signature,
};

/// The feasible candidates that no other dominates, up to a bound.
///
/// It takes committed candidates in the order of their ids. One that equals a member in every goal is left out: the
/// first one stays. Before it takes the next unit, more than [`Archive::MOST`] are thinned to [`Archive::KEPT`], the most
/// crowded first, one by one. Where no candidate is feasible yet it holds the one that violates constraints least.
///
/// Its rows are a population that others own and store; the rest follows from that.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    goals: usize,
    /// How many members.
    n: usize,
    /// By goal: the members' objectives, to be minimised, row by row, and room to the next multiple of the lanes.
    columns: Vec<Vec<f64>>,
    /// Of two goals: the rows, from the least first objective to the greatest.
    sorted: Vec<u32>,
    own: Vec<f64>,
    dominated: Vec<usize>,
}

const LANES: usize = 8;

impl Archive {
    /// More are thinned.
    pub const MOST: usize = 400;
    /// To so many.
    pub const KEPT: usize = 200;

    /// The archive whose members are `rows`.
    pub fn new(signature: &Signature, rows: &Population) -> Archive {
        let goals = signature.goals.len();
        let mut archive = Archive { goals, columns: vec![Vec::new(); goals], ..Archive::default() };
        for row in 0..rows.len() {
            archive.set_own(signature, rows, row);
            archive.append(rows.len());
        }
        if goals == 2 {
            archive.sorted.extend(0..rows.len() as u32);
            let first = &archive.columns[0];
            archive.sorted.sort_unstable_by_key(|row| order_key(first[*row as usize]));
        }
        archive
    }

    /// Takes the candidates of a unit into `rows`; whether any came in.
    pub fn take(&mut self, signature: &Signature, rows: &mut Population, unit: &Population) -> bool {
        if rows.len() > Archive::MOST {
            *rows = thinned(signature, rows);
            *self = Archive::new(signature, rows);
        }
        let mut any = false;
        for row in 0..unit.len() {
            if unit.outcomes.failure(row).is_none() {
                any |= self.take_one(signature, rows, unit, row);
            }
        }
        any
    }

    fn take_one(&mut self, signature: &Signature, rows: &mut Population, unit: &Population, row: usize) -> bool {
        if rows.is_empty() {
            *rows = Population::new(unit.genomes.shape, unit.outcomes.shape, 0);
        } else if !rows.ranks[0].feasible() {
            if unit.ranks[row] >= rows.ranks[0] {
                return false;
            }
            rows.clear();
            *self = Archive::new(signature, rows);
        } else if !unit.ranks[row].feasible() {
            return false;
        }
        self.set_own(signature, unit, row);
        if self.goals == 2 { self.insert_sorted(rows, unit, row) } else { self.insert(rows, unit, row) }
    }

    /// Whose first objective is no greater has a second that is no less: one look tells.
    fn insert_sorted(&mut self, rows: &mut Population, unit: &Population, row: usize) -> bool {
        let [first, second] = [self.own[0], self.own[1]];
        let [firsts, seconds] = [&self.columns[0], &self.columns[1]];
        let end = self.sorted.partition_point(|row| firsts[*row as usize] <= first);
        if end > 0 && seconds[self.sorted[end - 1] as usize] <= second {
            return false;
        }
        // One that equals it in the first goal is dominated as those behind it are.
        let start = end - usize::from(end > 0 && firsts[self.sorted[end - 1] as usize] == first);
        let covered = self.sorted[start..].iter().take_while(|row| seconds[**row as usize] >= second).count();
        self.dominated.clear();
        self.dominated.extend(self.sorted.drain(start..start + covered).map(|row| row as usize));
        let place = self.replace(rows, unit, row);
        self.sorted.insert(start, place as u32);
        true
    }

    fn insert(&mut self, rows: &mut Population, unit: &Population, row: usize) -> bool {
        for start in (0..self.n).step_by(LANES) {
            let any = lanes(&self.columns, &self.own, start, |member, own| member <= own);
            // Room behind the last is infinite: it counts where all of the own objectives are.
            if any[..LANES.min(self.n - start)].iter().any(|lane| *lane != 0) {
                return false;
            }
        }
        self.dominated.clear();
        for start in (0..self.n).step_by(LANES) {
            let all = lanes(&self.columns, &self.own, start, |member, own| member >= own);
            let lanes = all[..LANES.min(self.n - start)].iter().zip(start..);
            self.dominated.extend(lanes.filter(|(lane, _)| **lane != 0).map(|(_, member)| member));
        }
        self.replace(rows, unit, row);
        true
    }

    /// Puts row `row` of `unit` in the place of the first that is dominated, if any, and the last rows in the places of
    /// the others; where it stands.
    fn replace(&mut self, rows: &mut Population, unit: &Population, row: usize) -> usize {
        self.dominated.sort_unstable();
        let place = match self.dominated.first() {
            Some(place) => {
                rows.copy_row(*place, unit, row);
                for (column, value) in self.columns.iter_mut().zip(&self.own) {
                    column[*place] = *value;
                }
                *place
            }
            None => {
                rows.push(unit, row);
                self.append(self.n + 1);
                self.n - 1
            }
        };
        while self.dominated.len() > 1 {
            let hole = self.dominated.pop().unwrap_or_default();
            let last = self.n - 1;
            if hole != last {
                for column in &mut self.columns {
                    column[hole] = column[last];
                }
                if let Some(moved) = self.sorted.iter_mut().find(|row| **row as usize == last) {
                    *moved = hole as u32;
                }
            }
            self.columns.iter_mut().for_each(|column| column[last] = f64::INFINITY);
            rows.swap_remove(hole);
            self.n = last;
        }
        place
    }

    fn set_own(&mut self, signature: &Signature, of: &Population, row: usize) {
        self.own.clear();
        let goals = signature.goals.iter().zip(of.outcomes.objectives(row));
        // No negative zero: it compares as zero and would be sorted as less.
        self.own.extend(goals.map(|(goal, value)| goal.direction.minimized(*value) + 0.0));
    }

    fn append(&mut self, room: usize) {
        for (column, value) in self.columns.iter_mut().zip(&self.own) {
            if column.len() <= self.n {
                column.resize(room.next_multiple_of(LANES), f64::INFINITY);
            }
            column[self.n] = *value;
        }
        self.n += 1;
    }
}

/// By lane, from row `start` on: all bits where `holds` of every goal's objective, no bit where not.
#[inline]
fn lanes(columns: &[Vec<f64>], own: &[f64], start: usize, holds: impl Fn(f64, f64) -> bool + Copy) -> [u64; LANES] {
    let mut all = [u64::MAX; LANES];
    for (column, own) in columns.iter().zip(own) {
        for (lane, member) in all.iter_mut().zip(&column[start..start + LANES]) {
            *lane &= u64::from(holds(*member, *own)).wrapping_neg();
        }
    }
    all
}

/// The least crowded of `rows`.
fn thinned(signature: &Signature, rows: &Population) -> Population {
    let goals = signature.goals.len();
    let mut values = rows.outcomes.objectives.clone();
    for row in values.chunks_exact_mut(goals) {
        for (goal, value) in signature.goals.iter().zip(row) {
            *value = goal.direction.minimized(*value) + 0.0;
        }
    }
    let points = Points { goals, values: &values, violations: &[], candidates: &rows.candidates };
    let mut sorting = NonDominated::default();
    sorting.sort(points);
    let mut members = sorting.front(0).to_vec();
    Crowding::default().thin(points, &mut members, Archive::KEPT);
    let mut kept = Population::new(rows.genomes.shape, rows.outcomes.shape, 0);
    members.iter().for_each(|row| kept.push(rows, *row as usize));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        algorithms::{FailureRank, rank::rank_rows},
        outcomes::OutcomeShape,
        problem::{Bound, CandidateId, Constraint, Direction, Failure, Goal},
        random::{Purpose, Stream},
        space::Space,
    };

    fn signature(goals: usize) -> Signature {
        let directions = [Direction::Minimize, Direction::Maximize].into_iter().cycle();
        Signature {
            space: Space::new(Vec::new()).unwrap(),
            goals: directions.take(goals).map(|direction| Goal { name: "goal".into(), direction }).collect(),
            constraints: vec![Constraint { name: "load".into(), bound: Bound::Max(1.0) }],
            measures: Vec::new(),
        }
    }

    fn unit(signature: &Signature, stream: &mut Stream, first: u64, rows: usize, levels: usize) -> Population {
        let mut unit = Population::new(signature.space.layout().shape, OutcomeShape::of(signature), rows);
        for row in 0..rows {
            unit.candidates[row] = CandidateId::new(0, first + row as u64);
            let outcome = unit.outcomes.row_mut(row);
            outcome.objectives.iter_mut().for_each(|value| *value = stream.below(levels) as f64 - 2.0);
            outcome.constraints[0] = stream.below(4) as f64 / 2.0;
            if stream.below(9) == 0 {
                unit.outcomes.fail(row, Failure::exception("no"));
            }
        }
        rank_rows(signature, &mut unit, FailureRank::Worst);
        unit
    }

    /// The feasible rows of all that none dominates and no earlier one equals.
    fn by_definition(signature: &Signature, all: &Population) -> Vec<CandidateId> {
        let feasible: Vec<usize> = (0..all.len()).filter(|row| all.ranks[*row].feasible()).collect();
        let goals = |row: usize| {
            let goals = signature.goals.iter().zip(all.outcomes.objectives(row));
            goals.map(|(goal, value)| goal.direction.minimized(*value)).collect::<Vec<f64>>()
        };
        let no_worse = |a: usize, b: usize| goals(a).iter().zip(goals(b)).all(|(a, b)| *a <= b);
        let beaten = |row: usize| {
            feasible
                .iter()
                .any(|other| *other != row && no_worse(*other, row) && (goals(*other) != goals(row) || *other < row))
        };
        feasible.iter().filter(|row| !beaten(**row)).map(|row| all.candidates[*row]).collect()
    }

    #[test]
    fn members_are_those_that_none_dominates() {
        let mut stream = Stream::new(43, 0, Purpose::Try, 0);
        for round in 0..120 {
            let signature = signature(2 + round % 3);
            let levels = [4, 12, 1000][round / 3 % 3];
            let mut rows = Population::default();
            let mut archive = Archive::new(&signature, &rows);
            let mut all = Population::new(signature.space.layout().shape, OutcomeShape::of(&signature), 0);
            for _ in 0..15 {
                let unit = unit(&signature, &mut stream, all.len() as u64, 1 + round % 7, levels);
                let before = by_definition(&signature, &all);
                (0..unit.len()).for_each(|row| all.push(&unit, row));
                let any = archive.take(&signature, &mut rows, &unit);
                let expected = by_definition(&signature, &all);
                assert!(rows.is_consistent());
                if expected.is_empty() {
                    // The least infeasible, where there is one.
                    let best = all.best().filter(|row| all.outcomes.failure(*row).is_none());
                    assert_eq!(rows.candidates, best.map(|row| all.candidates[row]).into_iter().collect::<Vec<_>>());
                } else {
                    let mut found = rows.candidates.clone();
                    found.sort_unstable();
                    assert_eq!(found, expected);
                    // What came in and was dominated by one of the same unit came in all the same.
                    assert!(any || before == expected);
                }
                // Going on from its rows is going on.
                let again = Archive::new(&signature, &rows);
                let known = |archive: &Archive| {
                    let columns = archive.columns.iter().map(|column| column[..archive.n].to_vec());
                    (archive.n, columns.collect::<Vec<_>>(), archive.sorted.clone())
                };
                assert_eq!(known(&again), known(&archive));
            }
        }
    }

    #[test]
    fn too_many_are_thinned_when_more_come() {
        let signature = signature(2);
        let front = |n: u64, first: u64| {
            let mut unit = Population::new(signature.space.layout().shape, OutcomeShape::of(&signature), n as usize);
            for row in 0..n as usize {
                unit.candidates[row] = CandidateId::new(0, first + row as u64);
                let at = (first + row as u64) as f64;
                unit.outcomes.row_mut(row).objectives.copy_from_slice(&[at, at]);
            }
            rank_rows(&signature, &mut unit, FailureRank::Worst);
            unit
        };
        let mut rows = Population::default();
        let mut archive = Archive::new(&signature, &rows);
        assert!(archive.take(&signature, &mut rows, &front(401, 0)));
        assert_eq!(rows.len(), 401);
        assert!(archive.take(&signature, &mut rows, &front(1, 401)));
        assert_eq!(rows.len(), Archive::KEPT + 1);
        // The ends stay, and gaps are even as far as halves of halves allow.
        let mut left: Vec<u64> = rows.candidates.iter().map(|id| id.index()).collect();
        left.sort_unstable();
        assert_eq!((left[0], left[199], left[200]), (0, 400, 401));
        assert!(left.windows(2).all(|pair| pair[1] - pair[0] <= 4), "{left:?}");
    }
}
