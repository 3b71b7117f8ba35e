//! Evaluation: on threads where it is Rust's, in processes where it is not.
//!
//! A process that evaluates stands behind a guard, which lets nothing of it survive (see `guard`); it is talked to in
//! frames (`frames`) or in lines of JSON (`command`), or is started anew for each candidate.

mod child;
mod command;
mod environment;
pub mod frames;
mod guard;
mod hello;
mod output;
mod processes;
mod python;
mod scratch;
mod tree;
pub mod worker;

use std::{ffi::OsString, num::NonZero, path::PathBuf, process::ExitCode, sync::Arc};

use genetic_pool_evolve::{
    evaluator::{Evaluator, EvaluatorError},
    outcomes::OutcomeShape,
    parallel::Threads,
    problem::Problem,
};
use serde_json::json;

use self::{
    child::Start,
    command::Once,
    processes::{Frames, Language, Settings, Talk},
    scratch::Scratch,
};
pub use self::{
    processes::{CandidateLog, OutputSink, Processes},
    python::interpreter,
    scratch::scratch_folder,
    tree::memory_of_evaluations,
};
use crate::{
    experiment::{CommandMode, Experiment, Fitness},
    program,
    registry::Registry,
    remote,
};

/// How an experiment is evaluated here.
#[derive(Clone, Default)]
pub struct Options {
    /// How many evaluations go at once; at least 1.
    pub slots: usize,
    /// Have Rust problems evaluated in worker processes, too, also where neither time nor memory is limited.
    pub processes: bool,
    /// The executable that is guard and worker: its `main` is [`App::main`](crate::App::main). `None`: this one.
    pub executable: Option<PathBuf>,
    /// Where candidates have their scratch folders, one each under [`scratch_folder`]; those that
    /// [`Keep`](crate::experiment::Keep) asks for stay (where the best are to be kept, those of all that could be
    /// evaluated). `None`: a temporary folder, of which nothing stays.
    pub scratch: Option<PathBuf>,
    /// Takes what evaluations print.
    pub on_output: Option<OutputSink>,
}

/// The evaluator of `experiment`.
///
/// Registered problems run on threads, or in worker processes where `options`, a limit or retries ask for it;
/// Python and commands run in processes.
pub fn evaluator(
    experiment: &Experiment,
    registry: &Registry,
    options: Options,
) -> Result<Box<dyn Evaluator>, EvaluatorError> {
    let problem = &experiment.problem;
    let limited = problem.timeout.is_some() || problem.resources.memory.is_some() || problem.on_failure.retries > 0;
    if let Fitness::Registered { name } = &problem.fitness
        && !limited
        && !options.processes
    {
        let problem = match &experiment.registered {
            Some(problem) => Arc::clone(problem),
            None => build(experiment, registry, name)?,
        };
        let slots = NonZero::new(options.slots).unwrap_or(NonZero::<usize>::MIN);
        return Ok(Box::new(Threads::new(problem, experiment.seed, slots)));
    }
    Ok(Box::new(processes(experiment, options)?))
}

/// The evaluator of `experiment` in processes.
pub fn processes(experiment: &Experiment, options: Options) -> Result<Processes, EvaluatorError> {
    let problem = &experiment.problem;
    if problem.resources.memory.is_some() && !tree::CENSUS {
        return Err(error("memory can be limited on Linux only".to_owned(), Some("take `memory` out".to_owned())));
    }
    let group = problem.batch.saturating_mul(frames::row_bytes(experiment.signature.space.layout().shape) + 16);
    if group > frames::MAX_BODY - 8 {
        let message =
            format!("a group of {} candidates takes {} MiB, more than can be sent", problem.batch, group >> 20);
        return Err(error(message, Some("make `problem.batch` smaller".to_owned())));
    }
    let directory = std::path::absolute(&experiment.directory)
        .map_err(|fault| error(format!("the folder `{}`: {fault}", experiment.directory.display()), None))?;
    let experiment = &Experiment { directory: directory.clone(), ..experiment.clone() };
    let scratch = Scratch::new(options.scratch, &problem.keep)
        .map_err(|fault| error(format!("a folder for scratch folders cannot be made: {fault}"), None))?;
    let executable = options.executable.map_or_else(own_executable, Ok)?;
    let environment = environment::environment(&problem.environment, problem.resources.cpus)?;
    let start = |command: Vec<OsString>| Start { guard: executable.clone(), command, environment: environment.clone() };
    let frames = |preamble: &'static str, seeds: bool, target: serde_json::Value| -> Box<dyn Language> {
        Box::new(Frames {
            preamble: preamble.as_bytes(),
            hello: hello::hello(experiment, scratch.root(), target),
            seeds,
            seed: experiment.seed,
            outcome: OutcomeShape::of(&experiment.signature),
        })
    };
    let talk = match &problem.fitness {
        Fitness::Registered { name } => Talk::Alive {
            start: start(vec![executable.clone().into(), "worker".into()]),
            language: frames("", false, json!({ "problem": name })),
        },
        Fitness::Python { module, function, interpreter } => {
            let interpreter = python::interpreter(interpreter.as_deref(), &directory)?;
            Talk::Alive {
                start: start(python::command(interpreter, module, function)),
                language: frames(python::SHIM, true, json!({ "module": module, "function": function })),
            }
        }
        Fitness::Command { command, mode: CommandMode::Alive } => Talk::Alive {
            start: start(command::resolve(command, &directory)?),
            language: Box::new(command::Lines::new(experiment, scratch.root().to_owned())),
        },
        Fitness::Command { command, mode: CommandMode::Once { results } } => {
            Talk::Once(Box::new(Once::new(experiment, start(command::resolve(command, &directory)?), results)?))
        }
    };
    Processes::new(Settings {
        slots: options.slots,
        talk,
        signature: experiment.signature.clone(),
        directory,
        timeout: problem.timeout,
        memory: problem.resources.memory,
        retries: problem.on_failure.retries,
        scratch,
        on_output: options.on_output,
    })
}

/// The registered problem called `name`, with the options of `experiment`.
fn build(experiment: &Experiment, registry: &Registry, name: &str) -> Result<Arc<dyn Problem>, EvaluatorError> {
    let registered = registry.get(name).map_err(|unknown| error(unknown.to_string(), Some(unknown.hint())))?;
    (registered.build)(&experiment.problem.options, &experiment.directory).map_err(|faults| {
        error(format!("problem `{name}`: {faults}"), faults.errors.into_iter().find_map(|fault| fault.hint))
    })
}

/// Does what this program's own children are started for: `guard`, `worker` and `node`, which are no verbs of the user's.
///
/// [`App::main`](crate::App::main) calls it before it reads its command line, and ends with the code it returns.
pub fn hidden_verb(registry: &Registry) -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next()?.to_str()? {
        "guard" => Some(guard::run(&arguments.collect::<Vec<_>>())),
        "worker" if arguments.next().is_none() => Some(worker::run(registry)),
        "node" if arguments.next().is_none() => Some(remote::node::run(registry)),
        _ => None,
    }
}

/// The path by which this program is started again.
fn own_executable() -> Result<PathBuf, EvaluatorError> {
    program::again().map_err(|fault| error(format!("this program's own file cannot be found: {fault}"), None))
}

fn error(message: String, hint: Option<String>) -> EvaluatorError {
    EvaluatorError { message, hint, source: None }
}
