//! The whole command line as a value, for programs that bring problems of their own.

use std::{ffi::OsString, process::ExitCode};

use genetic_pool_evolve::problem::Problem;
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
pub struct App {
    /// The problems it knows.
    pub registry: Registry,
}

impl App {
    /// The command line with the built-in problems.
    pub fn new() -> App {
        App { registry: Registry::built_in() }
    }

    /// Adds the problem `P` under `name`, built from `[problem.options]`.
    #[must_use]
    pub fn problem<P: Problem + DeserializeOwned + 'static>(mut self, name: &str) -> App {
        self.registry.register::<P>(name);
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
