//! What an island has committed and nobody has seen yet.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::algorithms::{Committed, MOST_CANDIDATES, Population};

/// Committed units of an island, in order, from the first that is not published.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    chunks: VecDeque<Chunk>,
    /// What of the first chunk is published.
    published: Published,
}

/// Some units of one epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Chunk {
    epoch: u64,
    /// The candidates of all units.
    rows: Population,
    units: Vec<Unit>,
    /// The populations after those units that say so.
    looks: Vec<Population>,
}

/// A committed unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unit {
    pub(super) rows: usize,
    pub(super) generation: u64,
    pub(super) generation_ends: bool,
    /// Whether the population after it is kept.
    look: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Published {
    units: usize,
    rows: usize,
    looks: usize,
}

/// Units of fewer candidates share a chunk of up to so many.
const SHARED: usize = 256;

impl Log {
    /// Appends a unit of epoch `epoch`; with the population after it where `look`.
    pub(super) fn push(&mut self, epoch: u64, committed: &Committed<'_>, look: bool) {
        let candidates = committed.candidates;
        let fits = |chunk: &&mut Chunk| chunk.epoch == epoch && chunk.rows.len() + candidates.len() <= SHARED;
        let unit = Unit {
            rows: candidates.len(),
            generation: committed.generation,
            generation_ends: committed.generation_ends,
            look: false,
        };
        if let Some(chunk) = self.chunks.back_mut().filter(fits) {
            chunk.rows.extend(candidates, 0..candidates.len());
            chunk.units.push(unit);
        } else {
            self.chunks.push_back(Chunk { epoch, rows: candidates.clone(), units: vec![unit], looks: Vec::new() });
        }
        if look {
            self.look(committed.population);
        }
    }

    /// Keeps `population`, which is that after the last unit.
    pub(super) fn look(&mut self, population: &Population) {
        let Some(chunk) = self.chunks.back_mut() else { return };
        let Some(unit) = chunk.units.last_mut() else { return };
        if !unit.look {
            unit.look = true;
            chunk.looks.push(population.clone());
        }
    }

    /// Appends all of `newer`, none of which is published.
    pub(super) fn append(&mut self, newer: &mut Log) {
        self.chunks.append(&mut newer.chunks);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// The next unit to be published, where it is of epoch `epoch`.
    pub(super) fn next(&self, epoch: u64) -> Option<&Unit> {
        self.chunks.front().filter(|chunk| chunk.epoch == epoch)?.units.get(self.published.units)
    }

    /// Publishes the next unit: its candidates go to `candidates`, the population after it, where it is kept, to
    /// `population`.
    pub(super) fn take(&mut self, candidates: &mut Population, population: &mut Population) -> Option<Unit> {
        let chunk = self.chunks.front_mut()?;
        let unit = *chunk.units.get(self.published.units)?;
        let done = &mut self.published;
        if unit.look
            && let Some(look) = chunk.looks.get_mut(done.looks)
        {
            std::mem::swap(population, look);
            done.looks += 1;
        }
        let last = done.units + 1 == chunk.units.len();
        if last && done.rows == 0 {
            std::mem::swap(candidates, &mut chunk.rows);
        } else {
            candidates.clear();
            candidates.extend(&chunk.rows, done.rows..done.rows + unit.rows);
        }
        done.units += 1;
        done.rows += unit.rows;
        if last {
            self.chunks.pop_front();
            self.published = Published::default();
        }
        Some(unit)
    }

    /// The candidates of all chunks.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Population> {
        self.chunks.iter().map(|chunk| &chunk.rows)
    }

    /// Of which epochs there is something.
    pub(super) fn epochs(&self) -> impl Iterator<Item = u64> {
        self.chunks.iter().map(Chunk::epoch)
    }

    /// All that is not published.
    pub(super) fn state(&self) -> Vec<Chunk> {
        let mut chunks: Vec<Chunk> = self.chunks.iter().cloned().collect();
        if let Some(first) = chunks.first_mut() {
            let done = self.published;
            let rows = &self.chunks[0].rows;
            first.units.drain(..done.units);
            first.looks.drain(..done.looks);
            first.rows.clear();
            first.rows.extend(rows, done.rows..rows.len());
        }
        chunks
    }

    /// What [`state`](Log::state) gave.
    pub(super) fn restore(chunks: Vec<Chunk>) -> Log {
        Log { chunks: chunks.into(), published: Published::default() }
    }
}

impl Chunk {
    /// Whether it can be what an island committed: its units are those of `rows`, and more than none.
    pub(super) fn is_consistent(&self) -> bool {
        let rows: Option<usize> = self.units.iter().try_fold(0usize, |sum, unit| sum.checked_add(unit.rows));
        let looks = self.units.iter().filter(|unit| unit.look).count();
        !self.units.is_empty()
            && self.units.iter().all(|unit| unit.rows > 0 && unit.generation < MOST_CANDIDATES)
            && rows == Some(self.rows.len())
            && looks == self.looks.len()
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(super) fn rows(&self) -> &Population {
        &self.rows
    }

    pub(super) fn looks(&self) -> &[Population] {
        &self.looks
    }
}
