//! One island.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{emigration::Emigration, log::Log};
use crate::{
    algorithms::{Algorithm, Arrival, Population, Replacement, Snapshot, TellError},
    evaluator::{Batch, Results},
    problem::CandidateId,
    random::{Purpose, Stream},
};

/// An algorithm with candidates and a share of the budget of its own, between two visits of the mailbox.
///
/// It can be taken out of its [`Islands`](super::Islands) and run elsewhere, as far as the end of its epoch.
pub struct Island {
    index: u16,
    rules: Rules,
    algorithm: Box<dyn Algorithm>,
    /// The evaluations it may make.
    share: Option<u64>,
    state: State,
    /// Of the candidates from the oldest uncommitted one to the last one asked for: whose outcomes are in.
    told: VecDeque<bool>,
    /// What it committed since that was last fetched.
    log: Log,
    /// Who leaves, where an epoch has ended since that was last fetched.
    post: Option<Population>,
}

/// What all islands of a run have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rules {
    pub(super) seed: u64,
    pub(super) every: u64,
    pub(super) migrants: usize,
    pub(super) emigration: Emigration,
    pub(super) replacement: Replacement,
}

/// How far an island has come, but for its algorithm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) stage: Stage,
    /// Candidates committed.
    pub(super) committed: u64,
    /// Those of this epoch.
    pub(super) in_epoch: u64,
    /// Those since its population was last looked at.
    pub(super) unseen: u64,
}

/// Where an island stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stage {
    /// Its epoch, from 0.
    pub(super) epoch: u64,
    pub(super) phase: Phase,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    /// In its epoch.
    #[default]
    Running,
    /// At its end, until the mail of others is there.
    Waiting,
    /// It cannot pay for another unit.
    Ended,
}

impl Stage {
    /// Whether nothing more comes of epoch `epoch`.
    pub(super) fn is_past(self, epoch: u64) -> bool {
        self.epoch > epoch || self.phase == Phase::Ended || (self.epoch == epoch && self.phase == Phase::Waiting)
    }
}

impl Island {
    pub(super) fn new(index: u16, rules: Rules, share: Option<u64>, algorithm: Box<dyn Algorithm>) -> Island {
        let mut island = Island::restore(index, rules, share, algorithm, State::default());
        island.end_if_poor();
        island
    }

    pub(super) fn restore(
        index: u16,
        rules: Rules,
        share: Option<u64>,
        algorithm: Box<dyn Algorithm>,
        state: State,
    ) -> Island {
        Island { index, rules, algorithm, share, state, told: VecDeque::new(), log: Log::default(), post: None }
    }

    /// Which one it is, from 0.
    pub fn index(&self) -> u16 {
        self.index
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    pub(super) fn population(&self) -> &Population {
        self.algorithm.population()
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.algorithm.snapshot()
    }

    /// As it is, but with `algorithm`, which was restored from its snapshot: nothing is out.
    pub(super) fn with(self, algorithm: Box<dyn Algorithm>) -> Island {
        Island { algorithm, told: VecDeque::new(), ..self }
    }

    pub(super) fn next_unit(&self) -> usize {
        self.algorithm.next_unit()
    }

    /// The first candidate it has not given yet.
    pub(super) fn asked(&self) -> u64 {
        self.state.committed + self.told.len() as u64
    }

    /// Replaces `batch` with up to `room` candidates, none that its share does not pay for.
    pub(super) fn ask(&mut self, room: usize, batch: &mut Batch) {
        let left = self.share.map_or(u64::MAX, |share| share.saturating_sub(self.asked()));
        let room = room.min(usize::try_from(left).unwrap_or(usize::MAX));
        if self.state.stage.phase != Phase::Running || room == 0 {
            return batch.clear(batch.genomes.shape);
        }
        self.algorithm.ask(room, batch);
        let Some(first) = batch.candidates.first() else { return };
        // What is passed over was settled when the algorithm was snapshot.
        while self.asked() < first.index() {
            self.told.push_back(true);
        }
        self.told.extend(batch.candidates.iter().map(|_| false));
    }

    /// Whether `candidate` is out.
    pub(super) fn check(&self, candidate: CandidateId) -> Result<(), TellError> {
        if candidate.index() >= self.asked() {
            return Err(TellError::Unknown { candidate });
        }
        let place = candidate.index().checked_sub(self.state.committed).map(|place| self.told[place as usize]);
        if place == Some(false) { Ok(()) } else { Err(TellError::Duplicate { candidate }) }
    }

    pub(super) fn tell(&mut self, results: &Results) -> Result<(), TellError> {
        self.algorithm.tell(results)?;
        for candidate in &results.candidates {
            let place = candidate.index().saturating_sub(self.state.committed) as usize;
            if let Some(told) = self.told.get_mut(place) {
                *told = true;
            }
        }
        Ok(())
    }

    /// Commits what can be committed before the end of its epoch.
    pub(super) fn commit(&mut self) {
        while self.state.stage.phase == Phase::Running {
            let Some(committed) = self.algorithm.commit() else { break };
            let rows = committed.candidates.len();
            let state = &mut self.state;
            state.unseen += rows as u64;
            // A population that changes one by one is looked at when half of it may be another.
            let look = committed.generation_ends || 2 * state.unseen >= committed.population.len() as u64;
            self.log.push(state.stage.epoch, &committed, look);
            state.committed += rows as u64;
            state.in_epoch += rows as u64;
            if look {
                state.unseen = 0;
            }
            self.told.drain(..rows.min(self.told.len()));
            if state.in_epoch >= self.rules.every {
                state.stage.phase = Phase::Waiting;
            } else {
                self.end_if_poor();
            }
            if self.state.stage.phase != Phase::Running {
                self.end_epoch();
            }
        }
    }

    fn end_epoch(&mut self) {
        let population = self.algorithm.population();
        self.log.look(population);
        self.state.unseen = 0;
        let Rules { seed, migrants, emigration, .. } = self.rules;
        let stream = Stream::new(seed, self.index, Purpose::Emigrate, self.state.stage.epoch);
        let mut post = Population::new(population.genomes.shape, population.outcomes.shape, 0);
        for row in emigration.choose(population, migrants, stream) {
            post.push(population, row);
        }
        self.post = Some(post);
    }

    fn end_if_poor(&mut self) {
        let next = self.state.committed.saturating_add(self.algorithm.next_unit() as u64);
        if self.share.is_some_and(|share| next > share) {
            self.state.stage.phase = Phase::Ended;
        }
    }

    /// Takes in `immigrants` and begins the next epoch.
    pub(super) fn begin_epoch(&mut self, immigrants: &Population) {
        if !immigrants.is_empty() {
            let stream = Stream::new(self.rules.seed, self.index, Purpose::Immigrate, self.state.stage.epoch);
            self.algorithm.immigrate(Arrival { immigrants, replacement: self.rules.replacement, stream });
        }
        self.state.stage = Stage { epoch: self.state.stage.epoch + 1, phase: Phase::Running };
        self.state.in_epoch = 0;
        self.end_if_poor();
    }

    /// What it has committed since it was taken out: candidates with their outcomes, in order.
    pub fn news(&self) -> impl Iterator<Item = &Population> {
        self.log.rows()
    }

    /// Fetches what it has committed, and who leaves.
    pub(super) fn fetch(&mut self, log: &mut Log) -> Option<Population> {
        log.append(&mut self.log);
        self.post.take()
    }

    /// Has candidates evaluated by `evaluate` and commits them until its epoch ends or `enough` says so.
    ///
    /// `evaluate` replaces the results with the outcomes of all of the batch.
    pub fn run(
        &mut self,
        buffers: &mut (Batch, Results),
        evaluate: &mut dyn FnMut(&Batch, &mut Results),
        enough: &mut dyn FnMut() -> bool,
    ) -> Result<(), TellError> {
        let (batch, results) = buffers;
        while self.state.stage.phase == Phase::Running && !enough() {
            self.ask(usize::MAX, batch);
            if batch.candidates.is_empty() {
                break;
            }
            evaluate(batch, results);
            self.tell(results)?;
            self.commit();
        }
        Ok(())
    }
}
