//! The genetic algorithm, for every space.

mod arrangements;
mod breeder;
mod curves;
mod discrete;
mod generations;
mod improvement;
mod mate;
mod options;
mod reals;
mod stagnation;
mod window;

use std::sync::Arc;

pub(super) use self::breeder::Breeder;
pub use self::options::{GeneticOptions, GeneticSettings};
use self::{generations::Generations, window::Window};
use super::{
    Algorithm, Committed, ConfigError, FailureRank, Population, RestoreError, Schedule, Setup, Snapshot, TellError,
    pending::Pending,
};
use crate::{
    evaluator::{Batch, Results},
    problem::Signature,
};

/// A genetic algorithm: tournament selection, crossover, mutation, and survival of the best.
///
/// Simulated binary crossover and polynomial mutation vary reals (on a log scale in the logarithm; on a step to the
/// nearest value), uniform crossover with creep, reset or flip whole numbers, choices and bits, order crossover with
/// inversion and insertion permutations, job-based order crossover with the same sequences; others may be named, and a
/// problem may bring its own. The best of parents and offspring survive, by Deb's rules where there are
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
    pub fn new(setup: Setup, settings: GeneticSettings) -> Result<Genetic, ConfigError> {
        settings.check(&setup)?;
        let scheme = match settings.schedule {
            Schedule::Generations => Scheme::Generations(Box::new(Generations::new(&setup, &settings)?)),
            Schedule::Window(window) => Scheme::Window(Box::new(Window::new(&setup, &settings, window)?)),
        };
        Ok(Genetic { signature: setup.signature, failure_rank: setup.failure_rank, scheme })
    }

    /// The algorithm as it was at `snapshot`, which an algorithm set up the same took.
    pub fn restore(setup: Setup, settings: GeneticSettings, snapshot: &Snapshot) -> Result<Genetic, RestoreError> {
        settings.check(&setup).map_err(|source| RestoreError::Config { source })?;
        let (name, version) = (Genetic::NAME, Genetic::VERSION);
        let scheme = match settings.schedule {
            Schedule::Generations => {
                let State::Generations(state) = snapshot.read(name, version)? else { return Err(RestoreError::Shape) };
                Scheme::Generations(Box::new(Generations::restore(&setup, &settings, *state)?))
            }
            Schedule::Window(window) => {
                let State::Window(state) = snapshot.read(name, version)? else { return Err(RestoreError::Shape) };
                Scheme::Window(Box::new(Window::restore(&setup, &settings, window, *state)?))
            }
        };
        Ok(Genetic { signature: setup.signature, failure_rank: setup.failure_rank, scheme })
    }

    fn pending(&mut self) -> &mut Pending {
        match &mut self.scheme {
            Scheme::Generations(scheme) => scheme.pending(),
            Scheme::Window(scheme) => scheme.pending(),
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
