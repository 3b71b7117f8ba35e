//! The genetic algorithm, for every space.

mod breeder;
mod curves;
mod discrete;
mod generations;
mod kept;
mod mate;
mod options;
mod reals;
mod stagnation;
mod window;

use std::sync::Arc;

pub use self::options::{GeneticOptions, GeneticSettings, Schedule, default_window};
use self::{generations::Generations, window::Window};
use super::{
    Algorithm, Committed, ConfigError, FailureRank, Population, RestoreError, Snapshot, TellError, config::check_start,
    pending::Pending,
};
use crate::{
    evaluator::{Batch, Results},
    problem::Signature,
    space::Genomes,
};

/// A genetic algorithm: tournament selection, crossover, mutation, and survival of the best.
///
/// Simulated binary crossover and polynomial mutation vary reals (on a log scale in the logarithm; on a step to the
/// nearest value), uniform crossover with creep, reset or flip whole numbers, choices and bits, order crossover with
/// inversion and insertion permutations. The best of parents and offspring survive, by Deb's rules where there are
/// constraints; ties break on the candidate's id.
///
/// By [`Schedule::Generations`] it is a (μ+λ) algorithm whose unit is a generation; in a [`Schedule::Window`] a (μ+1)
/// algorithm whose unit is one candidate, with no waiting at the end of a generation. Either begins again from a random
/// population, keeping the best, where all have become equally good and 20 candidates a gene, and 20 generations, have
/// found nothing better.
#[derive(Clone, Debug)]
pub struct Genetic {
    signature: Arc<Signature>,
    failure_rank: FailureRank,
    scheme: Scheme,
}

/// What a genetic algorithm is set up from.
#[derive(Clone, Debug)]
pub struct GeneticConfig {
    /// The space, the goal (one) and the constraints.
    pub signature: Arc<Signature>,
    /// The options, resolved.
    pub settings: GeneticSettings,
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

#[derive(Clone, Debug)]
enum Scheme {
    Generations(Box<Generations>),
    Window(Box<Window>),
}

impl Genetic {
    /// Its name.
    pub const NAME: &str = "genetic";
    /// The version of its semantics: another one takes other steps from the same state.
    pub const VERSION: u32 = 1;

    /// The algorithm before its first candidate.
    pub fn new(config: GeneticConfig) -> Result<Genetic, ConfigError> {
        config.check()?;
        let scheme = match config.settings.schedule {
            Schedule::Generations => Scheme::Generations(Box::new(Generations::new(&config))),
            Schedule::Window(window) => Scheme::Window(Box::new(Window::new(&config, window))),
        };
        Ok(Genetic { signature: config.signature, failure_rank: config.failure_rank, scheme })
    }

    /// The algorithm as it was at `snapshot`, which an algorithm with the same `config` took.
    pub fn restore(config: GeneticConfig, snapshot: &Snapshot) -> Result<Genetic, RestoreError> {
        config.check().map_err(|source| RestoreError::Config { source })?;
        let (name, version) = (Genetic::NAME, Genetic::VERSION);
        let scheme = match config.settings.schedule {
            Schedule::Generations => {
                let State::Generations(state) = snapshot.read(name, version)? else { return Err(RestoreError::Shape) };
                Scheme::Generations(Box::new(Generations::restore(&config, *state)?))
            }
            Schedule::Window(window) => {
                let State::Window(state) = snapshot.read(name, version)? else { return Err(RestoreError::Shape) };
                Scheme::Window(Box::new(Window::restore(&config, window, *state)?))
            }
        };
        Ok(Genetic { signature: config.signature, failure_rank: config.failure_rank, scheme })
    }

    fn pending(&mut self) -> &mut Pending {
        match &mut self.scheme {
            Scheme::Generations(scheme) => scheme.pending(),
            Scheme::Window(scheme) => scheme.pending(),
        }
    }
}

impl GeneticConfig {
    /// The first thing that is wrong with it.
    pub fn check(&self) -> Result<(), ConfigError> {
        let goals = self.signature.goals.len();
        if goals != 1 {
            return Err(ConfigError::Goals { algorithm: Genetic::NAME, goals });
        }
        let space = &self.signature.space;
        match self.settings.problems(space, self.batch).into_iter().next() {
            Some(problem) => Err(problem),
            None => check_start(&self.start, space, self.settings.first()),
        }
    }
}

/// What a snapshot holds.
#[derive(serde::Serialize, serde::Deserialize)]
enum State {
    Generations(Box<generations::State>),
    Window(Box<window::State>),
}

impl Algorithm for Genetic {
    fn ask(&mut self, room: usize, batch: &mut Batch) {
        match &mut self.scheme {
            Scheme::Generations(scheme) => scheme.ask(room, batch),
            Scheme::Window(scheme) => scheme.ask(room, batch),
        }
    }

    fn tell(&mut self, results: &Results) -> Result<(), TellError> {
        self.pending().tell(results)
    }

    fn commit(&mut self) -> Option<Committed<'_>> {
        match &mut self.scheme {
            Scheme::Generations(scheme) => scheme.commit(&self.signature, self.failure_rank),
            Scheme::Window(scheme) => scheme.commit(&self.signature, self.failure_rank),
        }
    }

    fn next_unit(&self) -> usize {
        match &self.scheme {
            Scheme::Generations(scheme) => scheme.next_unit(),
            Scheme::Window(_) => 1,
        }
    }

    fn population(&self) -> &Population {
        match &self.scheme {
            Scheme::Generations(scheme) => scheme.population(),
            Scheme::Window(scheme) => scheme.population(),
        }
    }

    fn snapshot(&self) -> Snapshot {
        let state = match &self.scheme {
            Scheme::Generations(scheme) => State::Generations(Box::new(scheme.state())),
            Scheme::Window(scheme) => State::Window(Box::new(scheme.state())),
        };
        Snapshot::of(Genetic::NAME, Genetic::VERSION, &state)
    }
}
