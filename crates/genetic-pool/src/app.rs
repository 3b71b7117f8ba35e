//! The whole command line as a value, for programs that bring problems of their own.

use std::{ffi::OsString, process::ExitCode, sync::Arc};

use genetic_pool_evolve::{
    operators::{Operators, Start, crossover::Crossover, improve::Improve, mutation::Mutation},
    problem::Problem,
};
use serde::de::DeserializeOwned;

use crate::{cli, evaluate, registry::Registry};

/// genetic-pool's command line, with the problems it knows by name.
///
/// A program of your own becomes the whole command line, with `check`, `try`, `run`, `resume` and all the others:
///
/// ```no_run
/// use genetic_pool::prelude::*;
///
/// #[derive(serde::Deserialize)]
/// struct Sphere {
///     dimensions: usize,
/// }
///
/// impl Problem for Sphere {
///     fn signature(&self) -> Signature {
///         let x = Parameter::new("x", Domain::real(-5.0, 5.0)).len(self.dimensions.max(1));
///         Signature {
///             space: Space::new(vec![x]).expect("the bounds are in order"),
///             goals: vec![Goal { name: "f".into(), direction: Direction::Minimize }],
///             constraints: vec![],
///             measures: vec![],
///         }
///     }
///
///     fn evaluate(&self, genome: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
///         outcome.objectives[0] = genome.reals().iter().map(|x| x * x).sum();
///         Ok(())
///     }
/// }
///
/// fn main() -> std::process::ExitCode {
///     App::new().problem::<Sphere>("my-sphere").main()
/// }
/// ```
///
/// The experiment names the problem, and its `options` are the fields of the type:
///
/// ```toml
/// [problem]
/// name = "my-sphere"
/// options = { dimensions = 30 }
/// ```
///
/// Operators of its own, for permutations and sequences, are registered beside a problem:
///
/// ```no_run
/// use genetic_pool::{evolve::operators::crossover::job_order::JobOrder, prelude::*};
///
/// /// Exchanges two items that stand next to each other.
/// #[derive(Debug)]
/// struct Exchange;
///
/// impl Mutation for Exchange {
///     fn mutate(&self, items: &mut [u32], stream: &mut Stream) {
///         if items.len() > 1 {
///             let place = stream.below(items.len() - 1);
///             items.swap(place, place + 1);
///         }
///     }
/// }
///
/// /// Begins with long jobs first.
/// #[derive(Debug)]
/// struct Descending;
///
/// impl Start for Descending {
///     fn start(&self, genome: GenomeMut<'_>, index: u64, _: &mut Stream) {
///         if index == 0 {
///             genome.items.sort_unstable_by(|a, b| b.cmp(a));
///         }
///     }
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Jobs {
///     minutes: Vec<f64>,
/// }
///
/// impl Problem for Jobs {
///     fn signature(&self) -> Signature {
///         let order = Parameter::new("order", Domain::Permutation { size: self.minutes.len().max(1) });
///         Signature {
///             space: Space::new(vec![order]).expect("there is a job"),
///             goals: vec![Goal { name: "waiting".into(), direction: Direction::Minimize }],
///             constraints: vec![],
///             measures: vec![],
///         }
///     }
///
///     fn evaluate(&self, genome: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
///         let mut now = 0.0;
///         for job in genome.permutation() {
///             outcome.objectives[0] += now;
///             now += self.minutes.get(*job as usize).copied().unwrap_or(0.0);
///         }
///         Ok(())
///     }
/// }
///
/// fn main() -> std::process::ExitCode {
///     App::new().problem::<Jobs>("jobs").crossover(JobOrder).mutation(Exchange).start(Descending).main()
/// }
/// ```
pub struct App {
    /// The problems it knows.
    pub registry: Registry,
    /// The problem that was added last.
    last: Option<String>,
}

impl App {
    /// The command line with the built-in problems.
    pub fn new() -> App {
        App { registry: Registry::built_in(), last: None }
    }

    /// Adds the problem `P` under `name`, built from `[problem.options]`.
    #[must_use]
    pub fn problem<P: Problem + DeserializeOwned + 'static>(mut self, name: &str) -> App {
        self.registry.register::<P>(name);
        self.last = Some(name.to_owned());
        self
    }

    /// Has `crossover` cross the permutations and sequences of the problem added last.
    #[must_use]
    pub fn crossover(self, crossover: impl Crossover + 'static) -> App {
        self.with(Operators { crossover: Some(Arc::new(crossover)), ..Operators::default() })
    }

    /// Has `mutation` change the permutations and sequences of the problem added last.
    #[must_use]
    pub fn mutation(self, mutation: impl Mutation + 'static) -> App {
        self.with(Operators { mutation: Some(Arc::new(mutation)), ..Operators::default() })
    }

    /// Has `start` make the candidates that a population of the problem added last begins with.
    #[must_use]
    pub fn start(self, start: impl Start + 'static) -> App {
        self.with(Operators { start: Some(Arc::new(start)), ..Operators::default() })
    }

    /// Has `improve` be the local search of the problem added last. One that needs to know the problem's options is given
    /// by the problem itself: [`Problem::operators`].
    #[must_use]
    pub fn improve(self, improve: impl Improve + 'static) -> App {
        self.with(Operators { improve: Some(Arc::new(improve)), ..Operators::default() })
    }

    /// Nothing to do where no problem was added.
    fn with(mut self, operators: Operators) -> App {
        if let Some(problem) = self.last.as_ref().and_then(|last| self.registry.problems.get_mut(last)) {
            problem.with(operators);
        }
        self
    }

    /// Runs the command line this process was started with.
    ///
    /// It is also what the program's own children are started for, the workers that evaluate, and its jobs on a
    /// cluster: call it first thing.
    pub fn main(self) -> ExitCode {
        let code = evaluate::hidden_verb(&self.registry);
        #[cfg(feature = "cluster")]
        let code = code.or_else(|| cli::drive::hidden_verb(&self.registry));
        code.unwrap_or_else(|| self.main_with(std::env::args_os()))
    }

    /// Runs the command line `arguments`, the program's own name first.
    pub fn main_with(self, arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
        cli::main(&self.registry, arguments)
    }
}

impl Default for App {
    fn default() -> App {
        App::new()
    }
}
