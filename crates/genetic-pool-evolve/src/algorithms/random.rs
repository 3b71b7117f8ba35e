//! Random search: the baseline.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Algorithm, Committed, ConfigError, FailureRank, Population, Rank, RestoreError, Snapshot, TellError,
    best::Best,
    config::{MOST, UP_TO_MOST, check_count, check_room, check_start},
    pending::Pending,
    snapshot::check_population,
};
use crate::{
    evaluator::{Batch, Results},
    operators::initialize::initialize,
    outcomes::{OutcomeShape, Outcomes},
    problem::Signature,
    random::{Purpose, Stream},
    space::Genomes,
};

/// Start points, then uniform random points, each committed alone; what it keeps is the best it has seen.
///
/// Candidates are functions of their ids alone, so that up to [`Random::AHEAD`] of them may be out: fewer where genomes
/// are wide, more where groups need it.
#[derive(Clone, Debug)]
pub struct Random {
    config: RandomConfig,
    pending: Pending,
    best: Best,
    committed: Population,
}

/// What a random search is set up from.
#[derive(Clone, Debug)]
pub struct RandomConfig {
    /// The space, the goal (one) and the constraints.
    pub signature: Arc<Signature>,
    /// How many of the best it keeps, 1 to 2^24.
    pub population: usize,
    /// The seed of all chance.
    pub seed: u64,
    /// Which island it is; 0 where there is one.
    pub island: u16,
    /// How many candidates the problem takes in a group; 1: it takes each alone.
    pub batch: usize,
    /// How candidates that fail compare with the others.
    pub failure_rank: FailureRank,
    /// The first candidates, instead of random ones; may be empty.
    pub start: Genomes,
}

/// The state between two commits.
#[derive(Serialize, Deserialize)]
struct State {
    next: u64,
    population: Population,
    /// The outcomes of the candidates from there on, where their group is partly committed.
    settled: Outcomes,
}

impl Random {
    /// Its name.
    pub const NAME: &str = "random";
    /// The version of its semantics.
    pub const VERSION: u32 = 1;
    /// How many it keeps where nothing is asked for.
    pub const POPULATION: usize = 100;
    /// How many candidates may be out.
    pub const AHEAD: usize = 4096;

    /// The search before its first candidate.
    pub fn new(config: RandomConfig) -> Result<Random, ConfigError> {
        config.check()?;
        let shape = config.signature.space.layout().shape;
        let outcome = OutcomeShape::of(&config.signature);
        // Wide genomes are held fewer at a time: 64 MiB of them. It decides how many may be out, never what they are.
        let words = shape.reals + shape.ints + shape.bit_words() + shape.items / 2;
        let ahead = Random::AHEAD.min((1 << 23) / words.max(1)).max(64).max(2 * config.batch);
        Ok(Random {
            pending: Pending::new(shape, outcome, ahead, config.island, config.batch),
            best: Best::new(config.population, shape, outcome),
            committed: Population::new(shape, outcome, 1),
            config,
        })
    }

    /// The search as it was at `snapshot`, which a search with the same `config` took.
    pub fn restore(config: RandomConfig, snapshot: &Snapshot) -> Result<Random, RestoreError> {
        let mut restored = Random::new(config).map_err(|source| RestoreError::Config { source })?;
        let State { next, population, settled } = snapshot.read(Random::NAME, Random::VERSION)?;
        check_population(&population, &restored.config.signature, restored.config.island, next)?;
        let rows = next.min(restored.config.population as u64);
        if population.len() as u64 != rows || !restored.pending.fits_settled(&settled, next) {
            return Err(RestoreError::Shape);
        }
        restored.best.restore(population);
        restored.pending.begin_at(next);
        restored.breed(settled.rows);
        restored.pending.settle(&settled);
        Ok(restored)
    }

    fn breed(&mut self, room: usize) {
        let RandomConfig { signature, seed, island, start, .. } = &self.config;
        let space = &signature.space;
        let wanted = self.pending.wanted(room);
        for _ in 0..wanted {
            let index = self.pending.bred();
            let (genomes, row) = self.pending.breed_next();
            if index < start.rows as u64 {
                genomes.copy_row(row, start, index as usize);
                space.update_activity(genomes, row);
            } else {
                initialize(space, genomes, row, &mut Stream::new(*seed, *island, Purpose::Initialize, index));
            }
        }
    }
}

impl RandomConfig {
    /// The first thing that is wrong with it.
    pub fn check(&self) -> Result<(), ConfigError> {
        let goals = self.signature.goals.len();
        if goals != 1 {
            return Err(ConfigError::Goals { algorithm: Random::NAME, goals });
        }
        check_count("population", self.population, 1..=MOST, UP_TO_MOST)?;
        check_count("batch", self.batch, 1..=MOST, UP_TO_MOST)?;
        let space = &self.signature.space;
        check_room(space, "population", self.population)?;
        check_room(space, "batch", 2 * self.batch)?;
        check_start(&self.start, space, usize::MAX)
    }
}

impl Algorithm for Random {
    fn ask(&mut self, room: usize, batch: &mut Batch) {
        self.breed(room);
        self.pending.ask(room, batch);
    }

    fn tell(&mut self, results: &Results) -> Result<(), TellError> {
        self.pending.tell(results)
    }

    fn commit(&mut self) -> Option<Committed<'_>> {
        let size = self.config.population;
        let index = self.pending.first();
        let row = self.pending.take_first()?;
        let RandomConfig { signature, failure_rank, .. } = &self.config;
        self.pending.rows_mut().ranks[row] = Rank::of(signature, &self.pending.rows().outcomes, row, *failure_rank);
        self.committed.copy_row(0, self.pending.rows(), row);
        self.best.take(&self.committed);
        Some(Committed {
            generation: index / size as u64,
            generation_ends: (index + 1).is_multiple_of(size as u64),
            candidates: &self.committed,
            population: self.best.population(),
        })
    }

    fn next_unit(&self) -> usize {
        1
    }

    fn population(&self) -> &Population {
        self.best.population()
    }

    fn snapshot(&self) -> Snapshot {
        let state = State {
            next: self.pending.first(),
            population: self.best.population().clone(),
            settled: self.pending.settled(),
        };
        Snapshot::of(Random::NAME, Random::VERSION, &state)
    }
}
