//! What goes to a node in one piece: a candidate, or a group of them.

use std::{cell::Cell, collections::VecDeque, ops::Range, rc::Rc};

use genetic_pool_evolve::{evaluator::Batch, problem::CandidateId, space::Genomes};

use crate::evaluate::frames::{self, Manner};

/// How many bytes of genomes that are no group go by one frame.
const FRAME: usize = 8 << 20;

/// Rows of a batch that are evaluated by one call.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) work: Rc<Batch>,
    pub(super) rows: Range<usize>,
    /// The nodes it was lost with.
    pub(super) lost_with: Vec<String>,
    /// How many of its rows the node that has it has not found.
    pub(super) left: Cell<usize>,
}

impl Unit {
    pub(super) fn new(work: Rc<Batch>, rows: Range<usize>, lost_with: Vec<String>) -> Unit {
        let left = Cell::new(rows.len());
        Unit { work, rows, lost_with, left }
    }

    /// A batch of its own that holds it.
    pub(super) fn batch(&self) -> Batch {
        let mut batch = Batch { candidates: self.candidates().to_vec(), ..Batch::default() };
        batch.genomes.clear(self.work.genomes.shape);
        batch.genomes.extend(&self.work.genomes, self.rows.clone());
        batch.groups.extend(self.work.groups.iter().skip(self.rows.start).take(self.rows.len()));
        batch
    }

    pub(super) fn candidates(&self) -> &[CandidateId] {
        &self.work.candidates[self.rows.clone()]
    }
}

/// Appends the units of `batch` to `queue`, leaving an empty one.
pub(super) fn units(batch: &mut Batch, queue: &mut VecDeque<Rc<Unit>>) {
    let shape = batch.genomes.shape;
    let work = Rc::new(std::mem::take(batch));
    batch.clear(shape);
    let rows = work.candidates.len();
    let mut start = 0;
    while start < rows {
        let group = work.groups.get(start);
        let length = work.groups.iter().skip(start).take_while(|other| Some(*other) == group).count().max(1);
        queue.push_back(Rc::new(Unit::new(Rc::clone(&work), start..start + length, Vec::new())));
        start += length;
    }
}

/// Appends the frames that ask a node to evaluate `units`: one for each group, and as few as they fit in for all others.
pub(super) fn write(frame: &mut Vec<u8>, run_seed: u64, units: &[Rc<Unit>]) {
    let mut candidates = Vec::new();
    let mut genomes = Genomes::default();
    for unit in units {
        if unit.work.groups.is_empty() {
            if candidates.is_empty() {
                genomes.clear(unit.work.genomes.shape);
            }
            candidates.extend_from_slice(unit.candidates());
            genomes.extend(&unit.work.genomes, unit.rows.clone());
        } else {
            let manner = Manner { group: true, ..Manner::default() };
            let work = &unit.work;
            frames::write_evaluate(frame, manner, run_seed, &work.candidates, &work.genomes, unit.rows.clone());
        }
    }
    let most = (FRAME / frames::row_bytes(genomes.shape).max(1)).max(1);
    for start in (0..candidates.len()).step_by(most) {
        let rows = start..candidates.len().min(start + most);
        frames::write_evaluate(frame, Manner::default(), run_seed, &candidates, &genomes, rows);
    }
}
