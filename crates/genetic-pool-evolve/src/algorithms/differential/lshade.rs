//! L-SHADE.

use serde::{Deserialize, Serialize};

use super::{
    LShadeSettings,
    archive::Archive,
    axes::Axes,
    draw::{Chunk, History, draw_by_history},
    generations::{self, Generations},
    memory::{Memory, Success},
    vary::Mutation,
};
use crate::{
    algorithms::{
        Algorithm, Committed, ConfigError, Population, RestoreError, Setup, Snapshot, TellError, population::standing,
    },
    evaluator::{Batch, Results},
    vector::Width,
};

/// Success-history based adaptive differential evolution with linear reduction of the population, by generations.
///
/// A candidate's trial goes from it towards one of the best, by `scale`, and by as much of the difference between two
/// others, one of which may be a parent that was replaced lately (current-to-pbest/1); it takes each gene of that with
/// probability `rate`. Both are drawn about values that led to something better before. A trial beyond a bound stands
/// midway between its parent and the bound.
///
/// R. Tanabe and A. S. Fukunaga: Improving the search performance of SHADE using linear population size reduction. CEC
/// 2014, [doi:10.1109/CEC.2014.6900380](https://doi.org/10.1109/CEC.2014.6900380). What is ours: candidates compare by
/// [`Rank`](crate::algorithms::Rank), so that constraints and failures have their place; a population that finds nothing
/// better any more gives way to a random one for the rest of the budget, its best candidate kept; reals on a log scale or
/// a step, whole numbers and ordinals are varied as continuous coordinates.
///
/// The population shrinks from its first size to the least over `Setup::budget` evaluations; where no budget is known,
/// over [`USUAL_BUDGET`](LShade::USUAL_BUDGET) a gene, and begins again from random when these are over. Generations
/// shrink with it: the last ones leave slots empty where there are more than the least population.
#[derive(Clone, Debug)]
pub struct LShade {
    settings: LShadeSettings,
    seed: u64,
    island: u16,
    budget: Option<u64>,
    generations: Generations,
    memory: Memory,
    archive: Archive,
    /// The scale and the rate of each trial.
    scales: Vec<f64>,
    rates: Vec<f64>,
    successes: Vec<Success>,
    best: Vec<u32>,
}

/// The state between two generations.
#[derive(Serialize, Deserialize)]
struct State {
    generations: generations::State,
    memory: Memory,
    archive: Vec<f64>,
}

impl LShade {
    /// Its name.
    pub const NAME: &str = "l-shade";
    /// The version of its semantics.
    pub const VERSION: u32 = 1;
    /// Evaluations a gene that stand in for a budget: those of the competition its constants were tuned for.
    pub const USUAL_BUDGET: u64 = 10_000;

    /// The algorithm before its first candidate.
    pub fn new(setup: Setup, settings: LShadeSettings) -> Result<LShade, ConfigError> {
        settings.check(&setup)?;
        let axes = Axes::of(&setup.signature.space, LShade::NAME)?;
        Ok(LShade {
            seed: setup.seed,
            island: setup.island,
            budget: setup.budget,
            memory: Memory::new(settings.memory),
            archive: Archive::new(axes.len()),
            generations: Generations::new(setup, axes, settings.population),
            settings,
            scales: Vec::new(),
            rates: Vec::new(),
            successes: Vec::new(),
            best: Vec::new(),
        })
    }

    /// The algorithm as it was at `snapshot`, which an algorithm set up the same took.
    pub fn restore(setup: Setup, settings: LShadeSettings, snapshot: &Snapshot) -> Result<LShade, RestoreError> {
        let mut restored = LShade::new(setup, settings).map_err(|source| RestoreError::Config { source })?;
        let State { generations, memory, archive } = snapshot.read(LShade::NAME, LShade::VERSION)?;
        restored.generations.restore(generations, restored.settings.minimum_population)?;
        let axes = &restored.generations.axes;
        let most = restored.archive_size(restored.generations.population.len());
        let fits = memory.is_consistent(restored.settings.memory)
            && archive.len().is_multiple_of(axes.len())
            && archive.len() / axes.len() <= most
            && axes.hold(&archive);
        if !fits {
            return Err(RestoreError::Shape);
        }
        restored.memory = memory;
        restored.archive.positions = archive;
        restored.give_up_if_done();
        Ok(restored)
    }

    /// What the population that begins with candidate `origin` has: evaluations to shrink over, and its first size.
    fn term(&self, origin: u64) -> (u64, usize) {
        let size = self.settings.population;
        match self.budget {
            Some(budget) if origin < budget => {
                let left = budget - origin;
                // As many generations a candidate as the first population has.
                let part = (size as u128 * u128::from(left) / u128::from(budget)) as usize;
                (left, part.max(self.settings.minimum_population))
            }
            _ => ((self.generations.axes.len() as u64).saturating_mul(LShade::USUAL_BUDGET), size),
        }
    }

    /// How many candidates the population has after those before `next`.
    fn size_at(&self, next: u64) -> usize {
        let (evaluations, first) = self.term(self.generations.origin);
        let least = self.settings.minimum_population.min(first);
        let done = (next - self.generations.origin).min(evaluations);
        // To the nearest whole number, halves up.
        let gone = (2 * (first - least) as u128 * u128::from(done) + u128::from(evaluations))
            / (2 * u128::from(evaluations)).max(1);
        first - gone as usize
    }

    fn archive_size(&self, population: usize) -> usize {
        (self.settings.archive * population as f64).round() as usize
    }

    /// Makes way for a random population where this one stagnates or has had its evaluations.
    fn give_up_if_done(&mut self) {
        if self.generations.beginning() {
            return;
        }
        let next = self.generations.next();
        let over = next - self.generations.origin >= self.term(self.generations.origin).0;
        if over || self.generations.stagnates() {
            let (_, size) = self.term(next);
            self.generations.begin_again(size);
        }
    }

    fn breed(&mut self) {
        let population = &self.generations.population;
        let rows = population.len();
        if !self.generations.beginning() {
            let wanted = ((self.settings.best * rows as f64).round() as usize).clamp(2.min(rows), rows);
            self.best.clear();
            self.best.extend(0..rows as u32);
            if wanted < rows {
                self.best.select_nth_unstable_by_key(wanted, |row| standing(population, *row as usize));
            }
            self.best.truncate(wanted);
            self.best.sort_unstable();
        }
        self.scales.clear();
        self.rates.clear();
        let LShade { seed, island, memory, archive, best, scales, rates, .. } = self;
        let (archived, genes) = (archive.len(), self.generations.axes.len());
        self.generations.breed(Mutation::CurrentToBest, &archive.positions, |first, parent, lanes, plans| {
            let chunk = Chunk { seed: *seed, island: *island, first, parent, rows, genes };
            let history = History { scales: &memory.scales, rates: &memory.rates, best, archived };
            draw_by_history(Width::current(), chunk, history, lanes, plans);
            scales.extend(plans.iter().map(|plan| plan.scale));
            rates.extend(plans.iter().map(|plan| plan.rate));
        });
    }

    fn take_trials(&mut self) {
        self.successes.clear();
        let LShade { scales, rates, successes, archive, .. } = self;
        let keeps = self.settings.archive > 0.0;
        self.generations.take_trials(|row, (parent, child), position| {
            if child < parent {
                successes.push(Success { scale: scales[row], rate: rates[row], parent, child });
                if keeps {
                    archive.push(position);
                }
            }
        });
        self.memory.learn(&self.successes);
        let next = self.generations.next();
        let size = self.size_at(next);
        self.generations.shrink(size);
        let most = self.archive_size(self.generations.population.len());
        self.archive.trim(most, self.seed, self.island, next);
    }
}

impl Algorithm for LShade {
    fn ask(&mut self, room: usize, batch: &mut Batch) {
        if self.generations.pending().is_empty() {
            self.breed();
        }
        self.generations.pending().ask(room, batch);
    }

    fn tell(&mut self, results: &Results) -> Result<(), TellError> {
        self.generations.pending().tell(results)
    }

    fn commit(&mut self) -> Option<Committed<'_>> {
        if !self.generations.arrive() {
            return None;
        }
        if self.generations.beginning() {
            self.generations.take_random();
            self.memory = Memory::new(self.settings.memory);
            self.archive.clear();
        } else {
            self.take_trials();
        }
        self.give_up_if_done();
        Some(self.generations.close())
    }

    fn next_unit(&self) -> usize {
        self.generations.next_unit()
    }

    fn population(&self) -> &Population {
        self.generations.shown()
    }

    fn snapshot(&self) -> Snapshot {
        let state = State {
            generations: self.generations.state(),
            memory: self.memory.clone(),
            archive: self.archive.positions.clone(),
        };
        Snapshot::of(LShade::NAME, LShade::VERSION, &state)
    }
}
