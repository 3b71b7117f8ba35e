//! NSGA-II, for several goals and every space.

mod generations;
mod selection;
mod window;

use std::sync::Arc;

use self::{generations::Generations, window::Window};
use super::{
    Algorithm, Committed, ConfigError, FailureRank, GeneticSettings, Population, RestoreError, Schedule, Setup,
    Snapshot, TellError, pending::Pending,
};
use crate::{
    evaluator::{Batch, Results},
    problem::Signature,
};

/// The genetic algorithm for several goals: tournaments and survival by (front, crowding distance).
///
/// K. Deb, A. Pratap, S. Agarwal and T. Meyarivan: A fast and elitist multiobjective genetic algorithm: NSGA-II. IEEE TEC
/// 6(2), 2002, [doi:10.1109/4235.996017](https://doi.org/10.1109/4235.996017), with constraint domination as there: those
/// that violate constraints less come first. Of the last front that has room, the most crowded are taken away one at a
/// time, those left measured anew, which spreads the front better: see
/// [`Crowding`](crate::operators::survival::crowding::Crowding). Candidates are bred as
/// [`Genetic`](super::Genetic) breeds them, and its settings are these.
///
/// By [`Schedule::Generations`] it is a (μ+λ) algorithm whose unit is a generation; in a [`Schedule::Window`] a (μ+1)
/// algorithm whose unit is one candidate.
#[derive(Clone, Debug)]
pub struct Nsga2 {
    signature: Arc<Signature>,
    failure_rank: FailureRank,
    scheme: Scheme,
}

#[derive(Clone, Debug)]
enum Scheme {
    Generations(Box<Generations>),
    Window(Box<Window>),
}

impl Nsga2 {
    /// Its name.
    pub const NAME: &str = "nsga-2";
    /// The version of its semantics: another one takes other steps from the same state.
    pub const VERSION: u32 = 1;

    /// The algorithm before its first candidate.
    pub fn new(setup: Setup, settings: GeneticSettings) -> Result<Nsga2, ConfigError> {
        settings.check_ranges(&setup)?;
        let scheme = match settings.schedule {
            Schedule::Generations => Scheme::Generations(Box::new(Generations::new(&setup, &settings)?)),
            Schedule::Window(window) => Scheme::Window(Box::new(Window::new(&setup, &settings, window)?)),
            Schedule::Free(_) => return Err(ConfigError::NotFree { algorithm: Nsga2::NAME }),
        };
        Ok(Nsga2 { signature: setup.signature, failure_rank: setup.failure_rank, scheme })
    }

    /// The algorithm as it was at `snapshot`, which an algorithm set up the same took.
    pub fn restore(setup: Setup, settings: GeneticSettings, snapshot: &Snapshot) -> Result<Nsga2, RestoreError> {
        settings.check_ranges(&setup).map_err(|source| RestoreError::Config { source })?;
        let (name, version) = (Nsga2::NAME, Nsga2::VERSION);
        let scheme = match settings.schedule {
            Schedule::Generations => {
                let State::Generations(state) = snapshot.read(name, version)? else { return Err(RestoreError::Shape) };
                Scheme::Generations(Box::new(Generations::restore(&setup, &settings, *state)?))
            }
            Schedule::Window(window) => {
                let State::Window(state) = snapshot.read(name, version)? else { return Err(RestoreError::Shape) };
                Scheme::Window(Box::new(Window::restore(&setup, &settings, window, *state)?))
            }
            Schedule::Free(_) => {
                return Err(RestoreError::Config { source: ConfigError::NotFree { algorithm: Nsga2::NAME } });
            }
        };
        Ok(Nsga2 { signature: setup.signature, failure_rank: setup.failure_rank, scheme })
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

impl Algorithm for Nsga2 {
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
        Snapshot::of(Nsga2::NAME, Nsga2::VERSION, &state)
    }
}
