//! The reorder buffer between ask, tell and commit.

use std::ops::Range;

use super::{Population, TellError};
use crate::{
    evaluator::{Batch, Results},
    outcomes::{OutcomeShape, Outcomes},
    problem::CandidateId,
    space::{Genomes, Shape},
};

/// Candidates that are bred and not yet committed: handed out in order, told about in any, committed in order.
///
/// They stand in a ring: candidate `index` is row `(index - origin) % capacity`.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    island: u16,
    batch: usize,
    /// Where groups are counted from.
    origin: u64,
    /// The oldest that is not committed.
    first: u64,
    /// The next to be asked for.
    asked: u64,
    /// The next to be bred.
    bred: u64,
    /// Whether the rows are a whole generation, which no other joins: its last group may be short.
    whole: bool,
    /// By row: whether the outcome of the candidate there is in.
    told: Vec<bool>,
    n_told: usize,
    /// Room of `capacity` rows.
    rows: Population,
}

impl Pending {
    pub(super) fn new(genome: Shape, outcome: OutcomeShape, capacity: usize, island: u16, batch: usize) -> Pending {
        Pending {
            island,
            batch: batch.max(1),
            origin: 0,
            first: 0,
            asked: 0,
            bred: 0,
            whole: false,
            told: vec![false; capacity],
            n_told: 0,
            rows: Population::new(genome, outcome, capacity),
        }
    }

    /// The oldest candidate that is not committed.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The next candidate to be bred.
    pub(super) fn bred(&self) -> u64 {
        self.bred
    }

    /// Begins again with a generation of `size` from candidate `first` on, whose genomes are to be written into
    /// [`genomes_mut`](Pending::genomes_mut), row by row.
    pub(super) fn begin_generation(&mut self, first: u64, size: usize) {
        if self.told.len() != size {
            let shape = self.rows.outcomes.shape;
            self.rows.genomes.resize(size);
            self.rows.candidates.resize(size, CandidateId::default());
            self.rows.ranks.resize(size, super::Rank::WORST);
            self.rows.outcomes.reset(shape, size);
        }
        self.told.clear();
        self.told.resize(size, false);
        self.rows.outcomes.failures.clear();
        self.n_told = 0;
        (self.origin, self.first, self.asked, self.bred) = (first, first, first, first + size as u64);
        self.whole = true;
        for (index, id) in (first..).zip(&mut self.rows.candidates) {
            *id = CandidateId::new(self.island, index);
        }
    }

    /// Goes on from candidate `first`, none bred.
    pub(super) fn begin_at(&mut self, first: u64) {
        (self.first, self.asked, self.bred) = (first, first, first);
    }

    /// The rows of a generation, to be bred.
    pub(super) fn genomes_mut(&mut self) -> &mut Genomes {
        &mut self.rows.genomes
    }

    /// All rows: those of a generation are its candidates, in order.
    pub(super) fn rows(&self) -> &Population {
        &self.rows
    }

    /// All rows, to be ranked.
    pub(super) fn rows_mut(&mut self) -> &mut Population {
        &mut self.rows
    }

    /// The next candidate's row in the ring, to be bred; there is room.
    pub(super) fn breed_next(&mut self) -> (&mut Genomes, usize) {
        let row = self.row(self.bred);
        self.told[row] = false;
        self.rows.candidates[row] = CandidateId::new(self.island, self.bred);
        self.bred += 1;
        (&mut self.rows.genomes, row)
    }

    /// How many more must be bred before `room` can be asked for: whole groups, as far as the ring has room.
    pub(super) fn wanted(&self, room: usize) -> usize {
        let room = if room == 0 { 0 } else { (room as u64).saturating_add(self.batch as u64 - 1) };
        let free = self.told.len() as u64 - (self.bred - self.first);
        (room.saturating_sub(self.bred - self.asked)).min(free) as usize
    }

    /// Replaces `batch` with up to `room` candidates, whole groups where the problem takes groups.
    pub(super) fn ask(&mut self, room: usize, batch: &mut Batch) {
        batch.clear(self.rows.genomes.shape);
        let mut end = self.bred.min(self.asked.saturating_add(room as u64));
        if self.batch > 1 && end > self.asked {
            let size = self.batch as u64;
            let up = self.origin + (end - self.origin).div_ceil(size) * size;
            end = match up <= self.bred {
                true => up,
                false if self.whole => self.bred,
                // The last group is not complete yet.
                false => up - size,
            };
        }
        if end <= self.asked {
            return;
        }
        for rows in self.row_ranges(self.asked..end) {
            batch.candidates.extend_from_slice(&self.rows.candidates[rows.clone()]);
            batch.genomes.extend(&self.rows.genomes, rows);
        }
        if self.batch > 1 {
            let size = self.batch as u64;
            batch.groups.extend((self.asked..end).map(|index| index - (index - self.origin) % size));
        }
        self.asked = end;
    }

    /// Takes outcomes, or refuses all of them and changes nothing.
    pub(super) fn tell(&mut self, results: &Results) -> Result<(), TellError> {
        let (candidates, outcomes) = (&results.candidates, &results.outcomes);
        if !check_shape(results, self.rows.outcomes.shape)? {
            return Ok(());
        }
        check_numbers(results)?;
        for (known, candidate) in candidates.iter().enumerate() {
            if let Err(error) = self.mark(*candidate) {
                for candidate in &candidates[..known] {
                    let row = self.row(candidate.index());
                    self.told[row] = false;
                }
                return Err(error);
            }
        }
        self.n_told += candidates.len();
        let start = self.row(candidates[0].index());
        let end = start + candidates.len();
        let consecutive = self.rows.candidates.get(start..end).is_some_and(|rows| rows == candidates.as_slice());
        if consecutive && outcomes.failures.is_empty() && self.rows.outcomes.failures.is_empty() {
            copy_rows(&mut self.rows.outcomes, start, outcomes);
        } else {
            for (from, candidate) in candidates.iter().enumerate() {
                let to = self.row(candidate.index());
                self.rows.outcomes.copy_row(to, outcomes, from);
            }
        }
        Ok(())
    }

    /// Commits the generation if every outcome is in.
    pub(super) fn take_generation(&mut self) -> bool {
        let complete = self.bred > self.first && self.n_told as u64 == self.bred - self.first;
        if complete {
            (self.first, self.asked, self.n_told) = (self.bred, self.bred, 0);
        }
        complete
    }

    /// Whether no candidate is bred that is not committed.
    pub(super) fn is_empty(&self) -> bool {
        self.bred == self.first
    }

    /// The row of the oldest candidate, if its outcome is in; it is committed with this.
    ///
    /// The first of a group waits for all of it, so that a group is either not committed from at all, or known whole.
    pub(super) fn take_first(&mut self) -> Option<usize> {
        let row = self.row(self.first);
        if self.first == self.asked || !self.told[row] {
            return None;
        }
        let group = self.first..self.group_end();
        if self.first.is_multiple_of(self.batch as u64) && !group.clone().all(|index| self.told[self.row(index)]) {
            return None;
        }
        self.told[row] = false;
        self.n_told -= 1;
        self.first += 1;
        Some(row)
    }

    /// The outcomes of the rest of the group that is committed from: a state holds them, since a group that is begun
    /// cannot be evaluated again as a whole.
    pub(super) fn settled(&self) -> Outcomes {
        let mut outcomes = Outcomes::new(self.rows.outcomes.shape, 0);
        if !self.first.is_multiple_of(self.batch as u64) {
            for index in self.first..self.group_end() {
                outcomes.push(&self.rows.outcomes, self.row(index));
            }
        }
        outcomes
    }

    /// Whether `settled` is what [`settled`](Pending::settled) can have found.
    pub(super) fn fits_settled(&self, settled: &Outcomes, next: u64) -> bool {
        let size = self.batch as u64;
        let rows = next.next_multiple_of(size) - next;
        settled.is_consistent() && settled.shape == self.rows.outcomes.shape && settled.rows as u64 == rows
    }

    /// Takes back what [`settled`](Pending::settled) gave; its candidates are bred.
    pub(super) fn settle(&mut self, settled: &Outcomes) {
        for (from, index) in (self.first..).take(settled.rows).enumerate() {
            let row = self.row(index);
            self.told[row] = true;
            self.rows.outcomes.copy_row(row, settled, from);
        }
        self.n_told += settled.rows;
        self.asked += settled.rows as u64;
    }

    fn group_end(&self) -> u64 {
        (self.first + 1).next_multiple_of(self.batch as u64)
    }

    /// The genomes that are bred and not committed, in order.
    pub(super) fn in_flight(&self) -> Genomes {
        let mut genomes = Genomes::new(self.rows.genomes.shape, 0);
        for rows in self.row_ranges(self.first..self.bred) {
            genomes.extend(&self.rows.genomes, rows);
        }
        genomes
    }

    fn row(&self, index: u64) -> usize {
        let row = index.wrapping_sub(self.origin);
        let capacity = self.told.len() as u64;
        // A division costs more than all else here, and a generation never needs it.
        (if row < capacity { row } else { row % capacity }) as usize
    }

    /// The rows of `candidates`, which are no more than the ring holds, as one range or two.
    fn row_ranges(&self, candidates: Range<u64>) -> impl Iterator<Item = Range<usize>> {
        let (start, len) = (self.row(candidates.start), (candidates.end - candidates.start) as usize);
        let head = len.min(self.told.len() - start);
        [start..start + head, 0..len - head].into_iter().filter(|range| !range.is_empty())
    }

    fn mark(&mut self, candidate: CandidateId) -> Result<(), TellError> {
        let index = candidate.index();
        if candidate.island() != self.island || index >= self.asked {
            return Err(TellError::Unknown { candidate });
        }
        let row = self.row(index);
        if index < self.first || self.told[row] {
            return Err(TellError::Duplicate { candidate });
        }
        self.told[row] = true;
        Ok(())
    }
}

/// Refuses outcomes that are not of `shape`, or not as many as candidates; whether there are any.
pub(super) fn check_shape(results: &Results, shape: OutcomeShape) -> Result<bool, TellError> {
    let (candidates, outcomes) = (&results.candidates, &results.outcomes);
    if candidates.len() != outcomes.rows {
        return Err(TellError::Lengths { candidates: candidates.len(), rows: outcomes.rows });
    }
    if candidates.is_empty() {
        return Ok(false);
    }
    if outcomes.shape != shape || !outcomes.is_consistent() {
        return Err(TellError::Shape);
    }
    Ok(true)
}

/// Refuses NaN where nothing failed.
pub(crate) fn check_numbers(results: &Results) -> Result<(), TellError> {
    let outcomes = &results.outcomes;
    let any = |column: &[f64]| column.iter().fold(false, |any, value| any | value.is_nan());
    if !any(&outcomes.objectives) && !any(&outcomes.constraints) {
        return Ok(());
    }
    for (row, candidate) in results.candidates.iter().enumerate() {
        let nan = any(outcomes.objectives(row)) || any(outcomes.constraints(row));
        if nan && outcomes.failure(row).is_none() {
            return Err(TellError::NotANumber { candidate: *candidate });
        }
    }
    Ok(())
}

/// Overwrites rows from `start` on with all rows of `from`; neither has failures.
fn copy_rows(to: &mut Outcomes, start: usize, from: &Outcomes) {
    let shape = from.shape;
    for (to, from, width) in [
        (&mut to.objectives, &from.objectives, shape.objectives),
        (&mut to.constraints, &from.constraints, shape.constraints),
        (&mut to.measures, &from.measures, shape.measures),
    ] {
        to[start * width..][..from.len()].copy_from_slice(from);
    }
}
