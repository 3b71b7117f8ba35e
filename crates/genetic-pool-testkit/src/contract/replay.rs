//! Running an algorithm in one of many possible orders.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use genetic_pool_evolve::{
    algorithms::{Algorithm, Committed, FailureRank, Rank},
    digest::Digest,
    evaluator::{Batch, Results},
    islands::Islands,
    outcomes::{OutcomeShape, Outcomes},
    parallel::evaluate,
    problem::{CandidateId, Failure, Problem, Signature},
    random::{Purpose, Stream},
};

use super::assert_in_space;

/// How candidates are asked for and told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// All that there are, told as they came.
    Whole,
    /// One at a time.
    Single,
    /// A few at a time, kept back and told in other portions and another order; a function of this number.
    Stirred(u64),
}

/// What a run came to; equal runs are equal here.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct History {
    pub(super) digest: String,
    pub(super) population: String,
    pub(super) evaluations: u64,
    pub(super) generations: u64,
    pub(super) best: Rank,
}

/// A run of one algorithm on one problem, checked at every commit.
pub(super) struct Replay<'a> {
    pub(super) algorithm: Box<dyn Algorithm>,
    problem: &'a dyn Problem,
    signature: Signature,
    fails: &'a dyn Fn(u64) -> bool,
    group: usize,
    digest: Digest,
    /// Candidates committed.
    evaluations: u64,
    /// Those of each island.
    next: BTreeMap<u16, u64>,
    /// How many islands there are.
    islands: u64,
    /// Where commits are in the order of completion: what is to be committed, in order; `None` elsewhere.
    order: Option<VecDeque<CandidateId>>,
    /// By group: how many of its members are told.
    of_group: BTreeMap<u64, usize>,
    /// All that was told, in order.
    pub(super) told: Vec<CandidateId>,
    committed: BTreeSet<CandidateId>,
    generations: u64,
    /// Asked for and not told about.
    out: Batch,
    batch: Batch,
    stream: Stream,
}

/// The seed of every run here.
pub(super) const SEED: u64 = 20;

impl<'a> Replay<'a> {
    /// `fails` says which candidates fail, those of islands counted in turn; groups hold up to `group` candidates.
    pub(super) fn new(
        mut algorithm: Box<dyn Algorithm>,
        problem: &'a dyn Problem,
        fails: &'a dyn Fn(u64) -> bool,
        group: usize,
    ) -> Replay<'a> {
        let signature = problem.signature();
        let mut out = Batch::default();
        out.clear(signature.space.layout().shape);
        let order = algorithm.completed().map(|_| VecDeque::new());
        Replay {
            islands: algorithm.islands().map_or(1, |islands| Islands::len(islands)) as u64,
            algorithm,
            problem,
            signature,
            fails,
            group,
            digest: Digest::default(),
            evaluations: 0,
            next: BTreeMap::new(),
            order,
            of_group: BTreeMap::new(),
            told: Vec::new(),
            committed: BTreeSet::new(),
            generations: 0,
            out,
            batch: Batch::default(),
            stream: Stream::new(SEED, 0, Purpose::Try, 0),
        }
    }

    /// Goes on until at least `evaluations` are committed, with whole units.
    pub(super) fn run(&mut self, order: Order, evaluations: u64) {
        if let Order::Stirred(index) = order {
            self.stream = Stream::new(SEED, 0, Purpose::Try, index);
        }
        loop {
            while self.evaluations < evaluations && self.commit() {}
            if self.evaluations >= evaluations {
                return;
            }
            self.ask(order);
            let chosen = self.choose(order);
            self.tell(chosen);
        }
    }

    /// Goes on until at least `evaluations` are committed, telling what is not committed yet in the order of `told`, in
    /// portions of up to `portion`.
    pub(super) fn run_told(&mut self, told: &[CandidateId], portion: usize, evaluations: u64) {
        let mut rest: VecDeque<CandidateId> =
            told.iter().copied().filter(|candidate| !self.committed.contains(candidate)).collect();
        // Of a group that a state was taken in the midst of, the rest is in the state.
        let settled: Vec<CandidateId> = self.order.iter().flatten().copied().collect();
        rest.retain(|candidate| !settled.contains(candidate));
        loop {
            while self.evaluations < evaluations && self.commit() {}
            if self.evaluations >= evaluations {
                return;
            }
            self.ask(Order::Whole);
            let place = |candidate: &CandidateId| self.out.candidates.iter().position(|other| other == candidate);
            let chosen: Vec<usize> = rest.iter().map_while(place).take(portion).collect();
            assert!(!chosen.is_empty(), "{:?} is told next and not out", rest.front());
            rest.drain(..chosen.len());
            self.tell(chosen);
        }
    }

    /// Asks for as many as the order says, which may be none.
    fn ask(&mut self, order: Order) {
        let room = match order {
            Order::Whole => usize::MAX,
            Order::Single => usize::from(self.out.candidates.is_empty()),
            Order::Stirred(_) => self.stream.below(8),
        };
        self.algorithm.ask(room, &mut self.batch);
        let batch = &self.batch;
        let rows = batch.candidates.len();
        assert!(rows <= room.saturating_add(self.group - 1), "{rows} candidates where there is room for {room}");
        let free = self.order.is_some();
        let follow = |a: &CandidateId, b: &CandidateId| if free { a < b } else { a.0 + 1 == b.0 };
        assert!(batch.candidates.is_sorted_by(follow), "ids do not follow each other");
        assert_eq!(batch.genomes.rows, rows);
        assert_eq!(batch.groups.len(), if self.group > 1 { rows } else { 0 });
        for row in 0..rows {
            assert_in_space(&self.signature.space, &batch.genomes, row);
        }
        self.check_groups();
        self.out.candidates.extend_from_slice(&batch.candidates);
        self.out.genomes.extend(&batch.genomes, 0..rows);
        assert!(room == 0 || !self.out.candidates.is_empty(), "nothing is out and nothing is given");
    }

    /// Groups are as long as they may be, but for the last of a generation, and whole.
    fn check_groups(&self) {
        let batch = &self.batch;
        let mut start = 0;
        while start < batch.groups.len() {
            let group = batch.groups[start];
            assert_eq!(batch.candidates[start].index(), group, "a batch begins or goes on within a group");
            let len = batch.groups[start..].iter().take_while(|other| **other == group).count();
            assert!(len <= self.group);
            start += len;
        }
    }

    /// Some of what is out, by row.
    fn choose(&mut self, order: Order) -> Vec<usize> {
        let rows = self.out.candidates.len();
        let mut chosen: Vec<usize> = (0..rows).collect();
        if let Order::Stirred(_) = order {
            for last in (1..rows).rev() {
                chosen.swap(last, self.stream.below(last + 1));
            }
            chosen.truncate(self.stream.below(rows + 1));
        }
        chosen
    }

    /// Evaluates the rows `chosen` of what is out, and tells them in that order.
    fn tell(&mut self, mut chosen: Vec<usize>) {
        let rows = self.out.candidates.len();
        let mut results = self.results();
        let mut outcomes = Outcomes::new(self.shape(), rows);
        evaluate(self.problem, &self.signature, SEED, &self.out, 0..rows, &mut outcomes);
        for row in &chosen {
            let candidate = self.out.candidates[*row];
            if (self.fails)(candidate.index() * self.islands + u64::from(candidate.island())) {
                outcomes.fail(*row, Failure::exception("as the test wants it"));
            }
            results.push(candidate, &outcomes, *row, 0.0);
        }
        chosen.sort_unstable();
        let mut rest = Batch::default();
        rest.clear(self.out.genomes.shape);
        for row in (0..rows).filter(|row| chosen.binary_search(row).is_err()) {
            rest.candidates.push(self.out.candidates[row]);
            rest.genomes.extend(&self.out.genomes, row..row + 1);
        }
        self.out = rest;
        self.note(&results.candidates);
        self.algorithm.tell(&results).unwrap();
        if let Some(order) = &self.order {
            assert_eq!(self.algorithm.completed(), Some(order), "the order of completion");
        }
    }

    /// Takes down that these are told, in this order.
    pub(super) fn note(&mut self, candidates: &[CandidateId]) {
        self.told.extend(candidates);
        if let Some(order) = &mut self.order {
            for candidate in candidates {
                let group = candidate.index() / self.group as u64;
                let known = self.of_group.entry(group).or_default();
                *known += 1;
                if *known == self.group {
                    let first = group * self.group as u64;
                    order.extend((first..first + *known as u64).map(|index| CandidateId::new(0, index)));
                }
            }
        }
    }

    fn commit(&mut self) -> bool {
        let unit = self.algorithm.next_unit();
        let island = self.algorithm.next_island();
        let Some(committed) = self.algorithm.commit() else {
            assert!(self.order.as_ref().is_none_or(|order| order.len() < unit), "a whole unit is not committed");
            return false;
        };
        let candidates = committed.candidates;
        assert_eq!(candidates.len(), unit);
        let island = island.unwrap_or(candidates.candidates[0].island());
        let next = self.next.entry(island).or_default();
        for (row, index) in (*next..).take(unit).enumerate() {
            let expected = match &mut self.order {
                None => CandidateId::new(island, index),
                Some(order) => order.pop_front().unwrap(),
            };
            assert_eq!(candidates.candidates[row], expected, "what is committed is not what is next");
            assert!(self.committed.insert(expected), "{expected} is committed twice");
            let rank = Rank::of(&self.signature, &candidates.outcomes, row, FailureRank::Worst);
            assert_eq!(candidates.ranks[row], rank);
        }
        *next += unit as u64;
        check_population(&committed, &self.committed);
        self.digest.update(candidates);
        self.evaluations += unit as u64;
        self.generations += u64::from(committed.generation_ends);
        true
    }

    /// What it came to.
    pub(super) fn history(&self) -> History {
        let population = self.algorithm.population();
        let mut of_population = Digest::default();
        of_population.update(population);
        History {
            digest: self.digest.to_string(),
            population: of_population.to_string(),
            evaluations: self.evaluations,
            generations: self.generations,
            best: population.best().map_or(Rank::WORST, |row| population.ranks[row]),
        }
    }

    /// Goes on with `algorithm`, which was restored: what was out is asked for again.
    pub(super) fn resume(&mut self, algorithm: Box<dyn Algorithm>) {
        self.algorithm = algorithm;
        // A group that is committed from is known whole; of others what was told is forgotten.
        if let Some(order) = &mut self.order {
            let group = self.group as u64;
            let rest = order.front().map_or(0, |next| next.index().next_multiple_of(group) - next.index());
            order.truncate(rest as usize);
        }
        self.of_group.clear();
        self.out.clear(self.signature.space.layout().shape);
    }

    /// No results.
    pub(super) fn results(&self) -> Results {
        let mut results = Results::default();
        results.clear(self.shape());
        results
    }

    pub(super) fn shape(&self) -> OutcomeShape {
        OutcomeShape::of(&self.signature)
    }
}

fn check_population(committed: &Committed<'_>, all: &BTreeSet<CandidateId>) {
    let population = committed.population;
    assert!(population.is_consistent());
    let mut ids = population.candidates.clone();
    ids.sort_unstable();
    assert!(ids.is_sorted_by(|a, b| a < b), "the population holds a candidate twice");
    let own = |id: &&CandidateId| id.island() != CandidateId::KNOWN;
    assert!(ids.iter().filter(own).all(|id| all.contains(id)), "the population holds what was not committed");
}
