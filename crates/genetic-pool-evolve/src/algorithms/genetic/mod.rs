//! The genetic algorithm, for every space.

mod arrangements;
mod breeder;
mod curves;
mod discrete;
mod free;
mod generations;
mod improvement;
mod mate;
mod options;
mod reals;
mod stagnation;
mod window;

use std::{collections::VecDeque, sync::Arc};

pub(super) use self::breeder::Breeder;
pub use self::options::{GeneticOptions, GeneticSettings};
use self::{free::Free, generations::Generations, window::Window};
use super::{
    Algorithm, Arrival, Committed, ConfigError, FailureRank, Population, RestoreError, Schedule, Setup, Snapshot,
    TellError,
};
use crate::{
    evaluator::{Batch, Results},
    problem::{CandidateId, Signature},
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
/// algorithm whose unit is one candidate, with no waiting at the end of a generation; by [`Schedule::Free`] the same in
/// the order of completion, with no waiting for a candidate that takes longer. Each begins again from a random
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
    Free(Box<Free>),
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
            Schedule::Free(ahead) => Scheme::Free(Box::new(Free::new(&setup, &settings, ahead)?)),
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
            Schedule::Free(ahead) => {
                let State::Free(state) = snapshot.read(name, version)? else { return Err(RestoreError::Shape) };
                Scheme::Free(Box::new(Free::restore(&setup, &settings, ahead, *state)?))
            }
        };
        Ok(Genetic { signature: setup.signature, failure_rank: setup.failure_rank, scheme })
    }
}

/// What a snapshot holds.
#[derive(serde::Serialize, serde::Deserialize)]
enum State {
    Generations(Box<generations::State>),
    Window(Box<window::State>),
    Free(Box<free::State>),
}

impl Algorithm for Genetic {
    fn ask(&mut self, room: usize, batch: &mut Batch) {
        match &mut self.scheme {
            Scheme::Generations(scheme) => scheme.ask(room, batch),
            Scheme::Window(scheme) => scheme.ask(room, batch),
            Scheme::Free(scheme) => scheme.pending_mut().ask(room, batch),
        }
    }

    fn tell(&mut self, results: &Results) -> Result<(), TellError> {
        match &mut self.scheme {
            Scheme::Generations(scheme) => scheme.pending().tell(results),
            Scheme::Window(scheme) => scheme.pending().tell(results),
            Scheme::Free(scheme) => scheme.pending_mut().tell(results),
        }
    }

    fn commit(&mut self) -> Option<Committed<'_>> {
        match &mut self.scheme {
            Scheme::Generations(scheme) => scheme.commit(&self.signature, self.failure_rank),
            Scheme::Window(scheme) => scheme.commit(&self.signature, self.failure_rank),
            Scheme::Free(scheme) => scheme.commit(&self.signature, self.failure_rank),
        }
    }

    fn immigrate(&mut self, arrival: Arrival<'_>) {
        match &mut self.scheme {
            Scheme::Generations(scheme) => scheme.immigrate(arrival),
            Scheme::Window(scheme) => scheme.immigrate(arrival),
            // It is on no island.
            Scheme::Free(_) => {}
        }
    }

    fn next_unit(&self) -> usize {
        match &self.scheme {
            Scheme::Generations(scheme) => scheme.next_unit(),
            Scheme::Window(_) | Scheme::Free(_) => 1,
        }
    }

    fn completed(&self) -> Option<&VecDeque<CandidateId>> {
        match &self.scheme {
            Scheme::Generations(_) | Scheme::Window(_) => None,
            Scheme::Free(scheme) => Some(scheme.pending().order()),
        }
    }

    fn population(&self) -> &Population {
        match &self.scheme {
            Scheme::Generations(scheme) => scheme.population(),
            Scheme::Window(scheme) => scheme.population(),
            Scheme::Free(scheme) => scheme.population(),
        }
    }

    fn snapshot(&self) -> Snapshot {
        let state = match &self.scheme {
            Scheme::Generations(scheme) => State::Generations(Box::new(scheme.state())),
            Scheme::Window(scheme) => State::Window(Box::new(scheme.state())),
            Scheme::Free(scheme) => State::Free(Box::new(scheme.state())),
        };
        Snapshot::of(Genetic::NAME, Genetic::VERSION, &state)
    }
}
