//! Random search: the baseline.

use serde::{Deserialize, Serialize};

use super::{
    Algorithm, Committed, ConfigError, Population, Rank, RestoreError, Setup, Snapshot, TellError,
    best::Best,
    config::{MOST, UP_TO_MOST, check_count, check_one_goal, check_room, check_start},
    pending::Pending,
    snapshot::check_population,
};
use crate::{
    evaluator::{Batch, Results},
    operators::initialize::initialize,
    outcomes::{OutcomeShape, Outcomes},
    random::{Purpose, Stream},
};

/// Start points, then uniform random points, each committed alone; what it keeps is the best it has seen.
///
/// Candidates are functions of their ids alone, so that up to [`Random::AHEAD`] of them may be out: fewer where genomes
/// are wide, more where groups need it.
#[derive(Clone, Debug)]
pub struct Random {
    setup: Setup,
    settings: RandomSettings,
    pending: Pending,
    best: Best,
    committed: Population,
}

/// The settings of a random search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RandomSettings {
    /// How many of the best it keeps, 1 to 2^24.
    pub population: usize,
}

impl Default for RandomSettings {
    /// It keeps 100.
    fn default() -> RandomSettings {
        RandomSettings { population: 100 }
    }
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
    /// How many candidates may be out.
    pub const AHEAD: usize = 4096;

    /// The search before its first candidate.
    pub fn new(setup: Setup, settings: RandomSettings) -> Result<Random, ConfigError> {
        settings.check(&setup)?;
        let shape = setup.signature.space.layout().shape;
        let outcome = OutcomeShape::of(&setup.signature);
        // Wide genomes are held fewer at a time: 64 MiB of them. It decides how many may be out, never what they are.
        let words = shape.reals + shape.ints + shape.bit_words() + shape.items / 2;
        let ahead = Random::AHEAD.min((1 << 23) / words.max(1)).max(64).max(2 * setup.batch);
        Ok(Random {
            pending: Pending::new(shape, outcome, ahead, setup.island, setup.batch),
            best: Best::new(settings.population, shape, outcome),
            committed: Population::new(shape, outcome, 1),
            setup,
            settings,
        })
    }

    /// The search as it was at `snapshot`, which a search set up the same took.
    pub fn restore(setup: Setup, settings: RandomSettings, snapshot: &Snapshot) -> Result<Random, RestoreError> {
        let mut restored = Random::new(setup, settings).map_err(|source| RestoreError::Config { source })?;
        let State { next, population, settled } = snapshot.read(Random::NAME, Random::VERSION)?;
        check_population(&population, &restored.setup.signature, restored.setup.island, next)?;
        let rows = next.min(restored.settings.population as u64);
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
        let Setup { signature, seed, island, start, .. } = &self.setup;
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

impl RandomSettings {
    /// The first thing that is wrong with them on `setup`.
    pub fn check(&self, setup: &Setup) -> Result<(), ConfigError> {
        check_one_goal(Random::NAME, &setup.signature)?;
        check_count("population", self.population, 1..=MOST, UP_TO_MOST)?;
        check_count("batch", setup.batch, 1..=MOST, UP_TO_MOST)?;
        let space = &setup.signature.space;
        check_room(space, "population", self.population)?;
        check_room(space, "batch", 2 * setup.batch)?;
        check_start(&setup.start, space, usize::MAX)
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
        let size = self.settings.population;
        let index = self.pending.first();
        let row = self.pending.take_first()?;
        let Setup { signature, failure_rank, .. } = &self.setup;
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
