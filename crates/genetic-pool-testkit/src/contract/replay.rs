//! Running an algorithm in one of many possible orders.

use std::collections::BTreeMap;

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
            let results = self.evaluate(order);
            self.algorithm.tell(&results).unwrap();
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
        assert!(batch.candidates.is_sorted_by(|a, b| a.0 + 1 == b.0), "ids do not follow each other");
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

    /// Evaluates some of what is out.
    fn evaluate(&mut self, order: Order) -> Results {
        let rows = self.out.candidates.len();
        let mut chosen: Vec<usize> = (0..rows).collect();
        if let Order::Stirred(_) = order {
            for last in (1..rows).rev() {
                chosen.swap(last, self.stream.below(last + 1));
            }
            chosen.truncate(self.stream.below(rows + 1));
        }
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
        results
    }

    fn commit(&mut self) -> bool {
        let unit = self.algorithm.next_unit();
        let island = self.algorithm.next_island();
        let Some(committed) = self.algorithm.commit() else { return false };
        let candidates = committed.candidates;
        assert_eq!(candidates.len(), unit);
        let island = island.unwrap_or(candidates.candidates[0].island());
        let next = self.next.entry(island).or_default();
        for (row, index) in (*next..).take(unit).enumerate() {
            assert_eq!(candidates.candidates[row], CandidateId::new(island, index), "ids are not committed in order");
            let rank = Rank::of(&self.signature, &candidates.outcomes, row, FailureRank::Worst);
            assert_eq!(candidates.ranks[row], rank);
        }
        *next += unit as u64;
        check_population(&committed, &self.next);
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

/// `next`: by island the first candidate that is not committed.
fn check_population(committed: &Committed<'_>, next: &BTreeMap<u16, u64>) {
    let population = committed.population;
    assert!(population.is_consistent());
    let mut ids = population.candidates.clone();
    ids.sort_unstable();
    assert!(ids.is_sorted_by(|a, b| a < b), "the population holds a candidate twice");
    let committed = |id: &CandidateId| next.get(&id.island()).is_some_and(|next| id.index() < *next);
    assert!(ids.iter().all(committed), "the population holds what was not committed");
}
