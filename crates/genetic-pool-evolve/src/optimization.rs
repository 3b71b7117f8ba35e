//! A search from its problem to its end, for programs that want no more than the answer.

use std::{collections::VecDeque, num::NonZero, sync::Arc, time::Duration};

use crate::{
    algorithms::{Committed, ConfigError, Options, Population, Setup},
    digest::Digest,
    drive::{Drive, Observer, ObserverError, RunError, drive},
    parallel::{Clock, Threads, cores},
    problem::{Problem, Signature},
    progress::Progress,
    search::Search,
    space::Genome,
    stop::{FailurePolicy, StopReason, StopRule, StopRules},
};

/// A problem and how it is searched. See [the crate's documentation](crate#the-answer) for examples.
///
/// What comes out is a function of all but `threads`, unless a rule of time ends it.
#[derive(Clone)]
pub struct Optimization {
    /// What is optimised.
    pub problem: Arc<dyn Problem>,
    /// Which algorithm.
    pub algorithm: Options,
    /// The seed of all chance.
    pub seed: u64,
    /// How many evaluations the search is shaped for at once, at least 1: it decides what comes out, threads do not.
    pub parallel: usize,
    /// How many evaluations go at once.
    pub threads: NonZero<usize>,
    /// When it ends.
    pub stop: StopRules,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptimizationError {
    /// The settings are not valid on this problem.
    #[error("set the search up")]
    Config(#[from] ConfigError),
    /// It would never end.
    #[error("there is no stop rule")]
    Endless,
    /// It broke off.
    #[error("run the search")]
    Run(#[from] RunError),
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// What was optimised.
    pub signature: Arc<Signature>,
    /// The best candidate that did not fail; with several goals those that none other beats. Empty where all failed.
    pub best: Population,
    /// The last population.
    pub population: Population,
    /// How many candidates were evaluated.
    pub evaluations: u64,
    /// Why it ended.
    pub stop: StopReason,
    /// The digest of the history.
    pub digest: Digest,
}

/// A generation that has ended.
#[derive(Clone, Debug)]
pub struct Generation {
    /// Its number, from 0.
    pub index: u64,
    /// How many candidates have been evaluated so far.
    pub evaluations: u64,
    /// The best candidate so far, as in [`Found`].
    pub best: Population,
    /// The population after it.
    pub population: Population,
}

/// The generations of a search, one after the other: it goes on only as they are asked for.
pub struct Generations {
    search: Search,
    evaluator: Threads,
    drive: Drive,
    ended: Ended,
    stop: Option<StopReason>,
    /// Nothing comes any more.
    done: bool,
}

impl Optimization {
    /// Of `problem` until `stop`: the algorithm that suits it, seed 0, shaped for 16 evaluations at once, on every core.
    pub fn new(problem: impl Problem + 'static, stop: StopRule) -> Optimization {
        Optimization {
            problem: Arc::new(problem),
            algorithm: Options::Auto,
            seed: 0,
            parallel: 16,
            threads: cores(),
            stop: StopRules { any: vec![stop], all: Vec::new() },
        }
    }

    /// Searches to the end.
    pub fn run(&self) -> Result<Found, OptimizationError> {
        let (mut search, mut evaluator) = self.begin()?;
        let stop = drive(&mut search, &mut evaluator, &mut Ended::new(false))?;
        Ok(found(&search, stop))
    }

    /// Searches generation by generation.
    pub fn generations(&self) -> Result<Generations, OptimizationError> {
        let (search, evaluator) = self.begin()?;
        Ok(Generations { search, evaluator, drive: Drive::default(), ended: Ended::new(true), stop: None, done: false })
    }

    fn begin(&self) -> Result<(Search, Threads), OptimizationError> {
        if self.stop.any.is_empty() && self.stop.all.is_empty() {
            return Err(OptimizationError::Endless);
        }
        let signature = Arc::new(self.problem.signature());
        let budget = self.stop.budget();
        let operators = self.problem.operators();
        let choice = self.algorithm.choose_with(&operators, &signature, budget, self.parallel)?;
        let algorithm =
            choice.settings.begin(Setup { operators, budget, ..Setup::new(signature.clone(), self.seed) })?;
        let search = Search::new(algorithm, signature, self.stop.clone(), FailurePolicy::default());
        Ok((search, Threads::new(self.problem.clone(), self.seed, self.threads)))
    }
}

impl Found {
    /// The genome of the best candidate, the first of them where there are several.
    pub fn genome(&self) -> Option<Genome<'_>> {
        (!self.best.is_empty()).then(|| Genome::new(&self.signature.space, &self.best.genomes, 0))
    }

    /// The objectives of the best candidate, the first of them where there are several.
    pub fn objectives(&self) -> Option<&[f64]> {
        (!self.best.is_empty()).then(|| self.best.outcomes.objectives(0))
    }
}

impl Generations {
    /// What was found, once there are no more generations; `None` before.
    pub fn found(&self) -> Option<Found> {
        self.stop.clone().map(|stop| found(&self.search, stop))
    }

    /// The search as it stands: its progress, its population, its snapshot.
    pub fn search(&self) -> &Search {
        &self.search
    }
}

impl Iterator for Generations {
    type Item = Result<Generation, OptimizationError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(generation) = self.ended.generations.pop_front() {
                return Some(Ok(generation));
            }
            if self.done {
                return None;
            }
            match self.drive.step(&mut self.search, &mut self.evaluator, &mut self.ended) {
                Ok(None) => {}
                Ok(Some(stop)) => (self.stop, self.done) = (Some(stop), true),
                Err(error) => {
                    self.done = true;
                    return Some(Err(error.into()));
                }
            }
        }
    }
}

/// Collects the generations that have ended, where they are wanted.
struct Ended {
    clock: Clock,
    wanted: bool,
    generations: VecDeque<Generation>,
}

impl Ended {
    fn new(wanted: bool) -> Ended {
        Ended { clock: Clock::start(), wanted, generations: VecDeque::new() }
    }
}

impl Observer for Ended {
    fn elapsed(&mut self) -> Duration {
        self.clock.elapsed()
    }

    fn interrupted(&mut self) -> bool {
        false
    }

    fn committed(&mut self, committed: Committed<'_>, progress: &Progress) -> Result<(), ObserverError> {
        if self.wanted && committed.generation_ends {
            self.generations.push_back(Generation {
                index: committed.generation,
                evaluations: progress.evaluations,
                best: progress.best.clone(),
                population: committed.population.clone(),
            });
        }
        Ok(())
    }

    fn boundary(&mut self, _: &Search) -> Result<(), ObserverError> {
        Ok(())
    }
}

fn found(search: &Search, stop: StopReason) -> Found {
    let progress = search.progress();
    Found {
        signature: Arc::new(search.signature().clone()),
        best: progress.best.clone(),
        population: search.population().clone(),
        evaluations: progress.evaluations,
        stop,
        digest: progress.digest.clone(),
    }
}
