//! Candidates that are committed in the order in which they complete.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{
    Population, TellError,
    pending::{check_numbers, check_shape},
    snapshot::MOST_CANDIDATES,
};
use crate::{
    evaluator::{Batch, Results},
    outcomes::{OutcomeShape, Outcomes},
    problem::CandidateId,
    space::{Genomes, Shape},
};

/// Candidates that are bred and not yet committed: handed out in the order of their ids, which is the order of birth,
/// and committed in the order in which their outcomes were told.
///
/// Where the problem takes groups (counted from candidate 0) a group is committed when all of it is told, its members
/// in the order of their ids. What was told and is not committed is no part of a state: it is asked for again, and
/// whoever wants the same history tells it in the same order.
#[derive(Clone, Debug)]
pub(super) struct Completion {
    island: u16,
    batch: u64,
    /// By index: where each candidate that is not committed stands.
    places: BTreeMap<u64, Place>,
    /// The rows that hold none of them.
    vacant: Vec<usize>,
    /// Those that are to be committed, in order.
    order: VecDeque<CandidateId>,
    /// The next to be asked for, where it is not committed.
    asked: u64,
    /// The next to be bred.
    bred: u64,
    committed: u64,
    rows: Population,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    row: usize,
    told: bool,
}

/// The state between two commits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct State {
    /// How many are committed.
    pub(super) committed: u64,
    /// The indices of those that are bred and not committed, ascending.
    pub(super) in_flight: Vec<u64>,
    /// Their genomes.
    pub(super) genomes: Genomes,
    /// The outcomes of the rest of the group that is committed from: a group that is begun cannot be evaluated again as
    /// a whole.
    settled: Outcomes,
    /// The first of those.
    settled_from: u64,
}

impl State {
    /// The next candidate to be bred.
    pub(super) fn bred(&self) -> u64 {
        self.committed.saturating_add(self.in_flight.len() as u64)
    }
}

impl Completion {
    /// None bred yet, with room for `capacity`.
    pub(super) fn new(genome: Shape, outcome: OutcomeShape, capacity: usize, island: u16, batch: usize) -> Completion {
        Completion {
            island,
            batch: batch.max(1) as u64,
            places: BTreeMap::new(),
            vacant: (0..capacity).rev().collect(),
            order: VecDeque::new(),
            asked: 0,
            bred: 0,
            committed: 0,
            rows: Population::new(genome, outcome, capacity),
        }
    }

    /// How many are committed.
    pub(super) fn committed(&self) -> u64 {
        self.committed
    }

    /// The next candidate to be bred.
    pub(super) fn bred(&self) -> u64 {
        self.bred
    }

    /// Those whose outcomes are in, in the order in which they will be committed.
    pub(super) fn order(&self) -> &VecDeque<CandidateId> {
        &self.order
    }

    /// The rows, of which each candidate has one until the next is bred after its commit.
    pub(super) fn rows(&self) -> &Population {
        &self.rows
    }

    /// The rows, to be ranked.
    pub(super) fn rows_mut(&mut self) -> &mut Population {
        &mut self.rows
    }

    /// The next candidate's row, to be bred; `None` where all rows hold candidates that are not committed.
    pub(super) fn breed_next(&mut self) -> Option<(&mut Genomes, usize)> {
        let row = self.vacant.pop()?;
        self.places.insert(self.bred, Place { row, told: false });
        self.rows.candidates[row] = CandidateId::new(self.island, self.bred);
        self.bred += 1;
        Some((&mut self.rows.genomes, row))
    }

    /// Replaces `batch` with up to `room` candidates; with whole groups where the problem takes groups.
    pub(super) fn ask(&mut self, room: usize, batch: &mut Batch) {
        batch.clear(self.rows.genomes.shape);
        // A group is whole when its last member is bred.
        let whole = self.bred - self.bred % self.batch;
        let mut next = self.asked;
        // What is told already is the rest of a group that a state was taken in the midst of.
        for (index, place) in self.places.range(self.asked..whole).filter(|(_, place)| !place.told) {
            let begins = index.is_multiple_of(self.batch) || batch.candidates.is_empty();
            if begins && batch.candidates.len() >= room {
                break;
            }
            batch.candidates.push(self.rows.candidates[place.row]);
            batch.genomes.extend(&self.rows.genomes, place.row..place.row + 1);
            if self.batch > 1 {
                batch.groups.push(index - index % self.batch);
            }
            next = index + 1;
        }
        self.asked = next;
    }

    /// Takes outcomes, or refuses all of them and changes nothing.
    pub(super) fn tell(&mut self, results: &Results) -> Result<(), TellError> {
        if !check_shape(results, self.rows.outcomes.shape)? {
            return Ok(());
        }
        check_numbers(results)?;
        for (known, candidate) in results.candidates.iter().enumerate() {
            if let Err(error) = self.mark(*candidate) {
                for candidate in &results.candidates[..known] {
                    if let Some(place) = self.places.get_mut(&candidate.index()) {
                        place.told = false;
                    }
                }
                return Err(error);
            }
        }
        for (from, candidate) in results.candidates.iter().enumerate() {
            let row = self.places[&candidate.index()].row;
            self.rows.outcomes.copy_row(row, &results.outcomes, from);
        }
        // One after the other, as if each had been told alone: how they are grouped decides nothing.
        if self.batch == 1 {
            self.order.extend(&results.candidates);
        } else {
            self.order_groups(&results.candidates);
        }
        Ok(())
    }

    /// Puts the groups that are whole now at the end of the order: each where the last of its members stands in `told`.
    fn order_groups(&mut self, told: &[CandidateId]) {
        let group = |candidate: &CandidateId| candidate.index() / self.batch;
        let last: BTreeMap<u64, usize> = told.iter().map(group).zip(0..).collect();
        let mut ends: Vec<(usize, u64)> = last.into_iter().map(|(group, at)| (at, group)).collect();
        ends.sort_unstable();
        for (_, group) in ends {
            let members = group * self.batch..(group + 1) * self.batch;
            if members.clone().all(|index| self.places.get(&index).is_some_and(|place| place.told)) {
                self.order.extend(members.map(|index| CandidateId::new(self.island, index)));
            }
        }
    }

    fn mark(&mut self, candidate: CandidateId) -> Result<(), TellError> {
        let index = candidate.index();
        if candidate.island() != self.island || index >= self.bred {
            return Err(TellError::Unknown { candidate });
        }
        match self.places.get_mut(&index) {
            Some(_) if index >= self.asked => Err(TellError::Unknown { candidate }),
            Some(place) if !place.told => {
                place.told = true;
                Ok(())
            }
            Some(_) | None => Err(TellError::Duplicate { candidate }),
        }
    }

    /// The row of the candidate that completed first of those that are left; it is committed with this.
    pub(super) fn take_next(&mut self) -> Option<usize> {
        let candidate = self.order.pop_front()?;
        let place = self.places.remove(&candidate.index())?;
        self.vacant.push(place.row);
        self.committed += 1;
        Some(place.row)
    }

    /// The state between two commits.
    pub(super) fn state(&self) -> State {
        let mut genomes = Genomes::new(self.rows.genomes.shape, 0);
        self.places.values().for_each(|place| genomes.extend(&self.rows.genomes, place.row..place.row + 1));
        let mut settled = Outcomes::new(self.rows.outcomes.shape, 0);
        // Groups are committed from their first member on.
        let begun = self.order.front().map(|candidate| candidate.index()).filter(|index| index % self.batch > 0);
        let settled_from = begun.unwrap_or(0);
        if begun.is_some() {
            for index in settled_from..settled_from.next_multiple_of(self.batch) {
                settled.push(&self.rows.outcomes, self.places[&index].row);
            }
        }
        let in_flight = self.places.keys().copied().collect();
        State { committed: self.committed, in_flight, genomes, settled, settled_from }
    }

    /// Takes up `state`, whose genomes are points of the space, unless it cannot be one of these.
    pub(super) fn restore(&mut self, state: &State) -> bool {
        let State { committed, in_flight, genomes, settled, settled_from } = state;
        let bred = state.bred();
        let settled_to = settled_from.saturating_add(settled.rows as u64);
        let fits = bred < MOST_CANDIDATES
            && in_flight.len() <= self.rows.len()
            && genomes.rows == in_flight.len()
            && in_flight.is_sorted_by(|a, b| a < b)
            && in_flight.last().is_none_or(|last| *last < bred)
            && settled.is_consistent()
            && settled.shape == self.rows.outcomes.shape
            && (settled.rows == 0 || settled_to == settled_from.next_multiple_of(self.batch));
        if !fits {
            return false;
        }
        let flies = |index: u64| in_flight.binary_search(&index).is_ok();
        let is_settled = |index: u64| (*settled_from..settled_to).contains(&index);
        let whole = in_flight.iter().all(|index| {
            // But for the group that is committed from, groups are in flight from their first member on.
            let begins = index.is_multiple_of(self.batch);
            if is_settled(*index) { *index > *settled_from || !begins } else { begins || flies(index - 1) }
        });
        let ends = in_flight.iter().all(|index| {
            let last = (index + 1).is_multiple_of(self.batch) || index + 1 == bred;
            last || flies(index + 1)
        });
        let all_settled = (*settled_from..settled_to).all(flies);
        let none_before = settled.rows == 0 || !flies(settled_from.wrapping_sub(1)) || settled_from % self.batch == 0;
        if !(whole && ends && all_settled && none_before) {
            return false;
        }
        self.committed = *committed;
        for (from, index) in in_flight.iter().enumerate() {
            let Some(row) = self.vacant.pop() else { return false };
            self.rows.candidates[row] = CandidateId::new(self.island, *index);
            self.rows.genomes.copy_row(row, genomes, from);
            let told = is_settled(*index);
            if told {
                self.rows.outcomes.copy_row(row, settled, (index - settled_from) as usize);
                self.order.push_back(CandidateId::new(self.island, *index));
            }
            self.places.insert(*index, Place { row, told });
        }
        self.bred = bred;
        true
    }
}
