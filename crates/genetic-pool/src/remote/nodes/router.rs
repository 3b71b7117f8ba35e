//! Which candidate is where: a state machine without pipes, clocks or threads.
//!
//! A candidate is open until its outcome has been found once, wherever that was. A node that is lost gives back what it
//! held; an outcome that comes twice counts once.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use genetic_pool_evolve::{
    evaluator::{Batch, EvaluatorError, Results},
    outcomes::OutcomeShape,
    problem::{CandidateId, Signature},
};

use super::{
    canary::{About, Canaries},
    flow::{Pace, shares},
    unit::{self, Unit},
};
use crate::{evaluate::frames, experiment::Exactness};

/// With how many nodes a candidate may be lost.
const LOSSES: usize = 5;

/// How many bytes of genomes, and of outcomes to come, a node may hold.
const HELD_BYTES: usize = 64 << 20;

/// The candidates that are out, and the nodes.
#[derive(Debug)]
pub(super) struct Router {
    signature: Arc<Signature>,
    shape: OutcomeShape,
    /// What no node has.
    queue: VecDeque<Rc<Unit>>,
    /// Candidates that are neither found nor cancelled.
    open: HashSet<CandidateId>,
    nodes: BTreeMap<u32, Node>,
    found: Results,
    canaries: Canaries,
}

/// A node that evaluates.
#[derive(Debug)]
struct Node {
    about: About,
    slots: usize,
    /// What it has not found yet, each candidate with its unit.
    held: BTreeMap<CandidateId, Rc<Unit>>,
    /// The canaries it has not found yet.
    canaries: HashSet<CandidateId>,
    /// How many canaries it needs no more.
    canaries_seen: usize,
    /// How many units it has not found all of, canaries included.
    load: usize,
    pace: Pace,
    /// How often all was cancelled since it joined.
    cancels: u64,
}

/// What goes to a node now.
#[derive(Debug)]
pub(super) struct Dispatch {
    pub(super) node: u32,
    pub(super) units: Vec<Rc<Unit>>,
    /// How long it may gather what it has found.
    pub(super) gather: Duration,
}

impl Router {
    pub(super) fn new(signature: Arc<Signature>, exactness: Exactness) -> Router {
        let shape = OutcomeShape::of(&signature);
        let mut found = Results::default();
        found.clear(shape);
        let canaries = Canaries::new(exactness);
        let (queue, open, nodes) = (VecDeque::new(), HashSet::new(), BTreeMap::new());
        Router { signature, shape, queue, open, nodes, found, canaries }
    }

    /// How many evaluations can go at once.
    pub(super) fn slots(&self) -> usize {
        self.nodes.values().map(|node| node.slots).sum()
    }

    /// Whether something is neither found nor cancelled.
    pub(super) fn is_waiting(&self) -> bool {
        !self.open.is_empty()
    }

    /// What an evaluation takes, on the average of the nodes.
    pub(super) fn seconds(&self) -> Option<f64> {
        let known: Vec<f64> = self.nodes.values().filter_map(|node| node.pace.seconds).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    }

    pub(super) fn signature(&self) -> Arc<Signature> {
        Arc::clone(&self.signature)
    }

    pub(super) fn canaries_mut(&mut self) -> &mut Canaries {
        &mut self.canaries
    }

    /// Whether node `number` evaluates `candidate` as a canary only.
    pub(super) fn is_canary(&self, number: u32, candidate: CandidateId) -> bool {
        let node = self.nodes.get(&number);
        node.is_some_and(|node| node.canaries.contains(&candidate) && !node.held.contains_key(&candidate))
    }

    /// Takes the candidates of `batch`, leaving an empty one.
    pub(super) fn submit(&mut self, batch: &mut Batch) {
        self.open.extend(&batch.candidates);
        unit::units(batch, &mut self.queue);
    }

    /// What was found since the last call.
    pub(super) fn take_found(&mut self, results: &mut Results) -> bool {
        results.clear(self.shape);
        std::mem::swap(results, &mut self.found);
        !results.candidates.is_empty()
    }

    /// A node evaluates from now on.
    pub(super) fn join(&mut self, about: About, slots: usize) {
        let number = about.place;
        let node = Node {
            about,
            slots,
            held: BTreeMap::new(),
            canaries: HashSet::new(),
            canaries_seen: 0,
            load: 0,
            pace: Pace::default(),
            cancels: 0,
        };
        self.nodes.insert(number, node);
    }

    /// Node `number` has found `results`, of what it was given after `cancels` cancellations; a note for people.
    pub(super) fn found(
        &mut self,
        number: u32,
        cancels: u64,
        results: &Results,
    ) -> Result<Option<String>, EvaluatorError> {
        let Some(node) = self.nodes.get_mut(&number).filter(|node| node.cancels == cancels) else { return Ok(None) };
        let mut note = None;
        for (row, candidate) in results.candidates.iter().enumerate() {
            if let Some(unit) = node.held.remove(candidate) {
                unit.left.set(unit.left.get() - 1);
                if unit.left.get() == 0 {
                    node.load -= 1;
                    node.pace.learn(f64::from(results.seconds[row]) * unit.rows.len() as f64);
                }
                if self.open.remove(candidate) {
                    self.found.push(*candidate, &results.outcomes, row, results.seconds[row]);
                    if self.canaries.wanted() && unit.candidates()[0] == *candidate {
                        self.canaries.offer(&unit, results, &node.about);
                    }
                }
            } else if node.canaries.remove(candidate) {
                node.load = node.load.saturating_sub(1);
                let told = self.canaries.compare(*candidate, &results.outcomes, row, &node.about, &self.signature)?;
                note = note.or(told);
            }
        }
        Ok(note)
    }

    /// Node `number` is lost: what it held goes elsewhere. How many candidates that are.
    pub(super) fn lose(&mut self, number: u32) -> Result<usize, EvaluatorError> {
        let Some(node) = self.nodes.remove(&number) else { return Ok(0) };
        let candidates = node.held.len();
        let mut last: Option<Rc<Unit>> = None;
        for unit in node.held.into_values().rev() {
            if last.as_ref().is_some_and(|last| Rc::ptr_eq(last, &unit)) {
                continue;
            }
            let mut lost_with = unit.lost_with.clone();
            lost_with.push(node.about.name.clone());
            if lost_with.len() >= LOSSES {
                return Err(lost_too_often(unit.candidates()[0], &lost_with));
            }
            self.queue.push_front(Rc::new(Unit::new(Rc::clone(&unit.work), unit.rows.clone(), lost_with)));
            last = Some(unit);
        }
        Ok(candidates)
    }

    /// Drops all that is out; the nodes are to be told.
    pub(super) fn cancel(&mut self) -> Vec<u32> {
        self.queue.clear();
        self.open.clear();
        self.found.clear(self.shape);
        let mut told = Vec::new();
        for (number, node) in self.nodes.iter_mut().filter(|(_, node)| node.load > 0) {
            // A canary that was not found is asked for again.
            if !node.canaries.is_empty() {
                node.canaries_seen = 0;
            }
            node.held.clear();
            node.canaries.clear();
            node.load = 0;
            node.cancels += 1;
            told.push(*number);
        }
        told
    }

    /// What goes where now.
    pub(super) fn dispatch(&mut self) -> Vec<Dispatch> {
        // What comes back takes room, too.
        let outcome = 16 + 8 * (self.shape.objectives + self.shape.constraints + self.shape.measures);
        let row = self
            .queue
            .front()
            .map_or(0, |unit| unit.rows.len() * (frames::row_bytes(unit.work.genomes.shape) + outcome));
        let sendable = HELD_BYTES / row.max(1);
        let nodes: Vec<(usize, usize, usize)> = self
            .nodes
            .values()
            .map(|node| (node.slots, node.load, node.pace.target(node.slots).min(node.slots.max(sendable))))
            .collect();
        let shares = shares(self.queue.len(), &nodes);
        let mut dispatches = Vec::new();
        for ((number, node), share) in self.nodes.iter_mut().zip(shares) {
            let mut units: Vec<Rc<Unit>> = self.queue.drain(..share).collect();
            for unit in &units {
                node.held.extend(unit.candidates().iter().map(|candidate| (*candidate, Rc::clone(unit))));
            }
            while let Some(canary) = self.canaries.next_for(&mut node.canaries_seen, &node.about) {
                // Where the same candidate is there as work its outcome is taken as that first.
                node.canaries.extend(canary.candidates());
                node.load += canary.candidates().len() - 1;
                units.push(canary);
            }
            if units.is_empty() {
                continue;
            }
            node.load += units.len();
            let gather = node.pace.gather(node.slots, node.load);
            dispatches.push(Dispatch { node: *number, units, gather });
        }
        dispatches
    }
}

fn lost_too_often(candidate: CandidateId, lost_with: &[String]) -> EvaluatorError {
    EvaluatorError {
        message: format!(
            "candidate {candidate} was lost {} times with the node that had it: {}",
            lost_with.len(),
            lost_with.join(", ")
        ),
        hint: Some(
            "if its evaluation takes nodes down, `problem.resources.memory` limits it alone; `resume` goes on"
                .to_owned(),
        ),
        source: None,
    }
}

#[cfg(test)]
mod tests;
