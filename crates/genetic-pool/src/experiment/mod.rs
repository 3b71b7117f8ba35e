//! The experiment: what a person wrote, checked and resolved.
//!
//! [`wire`] is the file as it is written; what this module holds is valid by construction. From one to the other: a tree
//! that knows where each value stands (`document`), the command line's changes (`overrides`), a walk along the schema
//! of the wire structs (`structure`), then what the keys mean together (`resolve`). All problems are collected
//! (`checker`) and said at once ([`ExperimentError`]).

mod checker;
mod document;
mod error;
mod json;
pub(crate) mod nearest;
mod overrides;
mod quantity;
mod resolve;
mod schema;
mod structure;
pub mod template;
#[cfg(test)]
mod tests;
pub mod wire;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use genetic_pool_evolve::{
    algorithms::{FailureRank, Known, Options},
    operators::Operators,
    problem::{Problem as EvolveProblem, Signature},
    space::Genomes,
    stop::StopRules,
};

pub use self::{
    error::{ExperimentError, Place, Problem},
    json::{genome_to_json, level_to_json, value_to_json},
    nearest::{did_you_mean, nearest},
    overrides::Overrides,
    quantity::{QuantityError, format_duration, parse_duration, parse_size},
    schema::schema,
};

/// A valid experiment.
#[derive(Clone)]
pub struct Experiment {
    /// The seed of all chance.
    pub seed: u64,
    /// The slots the search is shaped for: the experiment's, never the machine's.
    pub parallel: usize,
    /// How candidates are evaluated.
    pub problem: ProblemSettings,
    /// The problem itself, where this program has it: [`Fitness::Registered`].
    pub registered: Option<Arc<dyn EvolveProblem>>,
    /// Space, goals, constraints and measures, from the file or from the problem's code.
    pub signature: Signature,
    /// Which algorithm, with its keys.
    pub algorithm: Options,
    /// Points of the space to start from, in order.
    pub start: Genomes,
    /// Where evaluations stand that are paid for already.
    pub earlier: Earlier,
    /// Those evaluations, best first: none until [`take_in`](crate::run::known::take_in) has read them.
    pub known: Known,
    /// How many of what was read are left out, since they are no points of the space.
    pub left_out: usize,
    /// When the run ends.
    pub stop: StopRules,
    /// The file's text with `--set` and `--seed` applied: what the run stores and is resumed from.
    pub text: String,
    /// The folder of the file, to which its paths are relative.
    pub directory: PathBuf,
}

impl fmt::Debug for Experiment {
    /// Without the registered problem, which need not be printable.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Experiment")
            .field("seed", &self.seed)
            .field("parallel", &self.parallel)
            .field("problem", &self.problem)
            .field("signature", &self.signature)
            .field("algorithm", &self.algorithm)
            .field("start", &self.start)
            .field("earlier", &self.earlier)
            .field("known", &self.known.len())
            .field("stop", &self.stop)
            .field("text", &self.text)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

impl Experiment {
    /// What the problem brings along for the search: something only where its code is part of this program.
    pub fn operators(&self) -> Operators {
        self.registered.as_ref().map(|problem| problem.operators()).unwrap_or_default()
    }
}

/// Where evaluations stand that are paid for already: `[start]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    /// A table of them, relative to the experiment's folder.
    pub outcomes: Option<String>,
    /// Another run.
    pub run: Option<FromRun>,
}

/// What is taken of another run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromRun {
    /// The run, as a person calls it.
    pub run: String,
    /// Which of its evaluations.
    pub which: Which,
}

/// Which evaluations of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Its final population.
    Population,
    /// So many of its best.
    Best(usize),
}

/// `[problem]`.
#[derive(Clone, Debug)]
pub struct ProblemSettings {
    /// What evaluates.
    pub fitness: Fitness,
    /// The problem's own parameters: a JSON object.
    pub options: serde_json::Value,
    /// Files that belong to the problem: patterns relative to the experiment's folder.
    pub files: Vec<String>,
    /// Names of environment variables handed to the evaluation.
    pub environment: Vec<String>,
    /// What one evaluation takes.
    pub resources: Resources,
    /// How long one evaluation may take.
    pub timeout: Option<Duration>,
    /// What a failed evaluation leads to.
    pub on_failure: OnFailure,
    /// Whose scratch folders and output are kept.
    pub keep: Vec<Keep>,
    /// Candidates a call of a batch evaluation takes, at least 1.
    pub batch: usize,
    /// How far the evaluation can be trusted to repeat itself.
    pub exactness: Exactness,
}

/// What evaluates a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fitness {
    /// A Rust problem registered in this binary.
    Registered {
        /// Its name.
        name: String,
    },
    /// A Python function, or a class with `setup` and `evaluate_batch`.
    Python {
        /// The module, imported from the experiment's folder.
        module: String,
        /// The function or class in it.
        function: String,
        /// The interpreter; `None`: the active environment's `python3`.
        interpreter: Option<PathBuf>,
    },
    /// Any program.
    Command {
        /// The program and its arguments; a relative program is looked for in the experiment's folder, then on `PATH`.
        command: Vec<String>,
        /// How it is talked to.
        mode: CommandMode,
    },
}

/// How a command is talked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandMode {
    /// Started once a slot, then JSON lines on its stdin and stdout.
    Alive,
    /// Started for each evaluation, in a scratch folder.
    Once {
        /// Where each output is found, by name: goals, constraints, measures.
        results: Vec<(String, ResultSource)>,
    },
}

/// Where a command that runs once leaves an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultSource {
    /// A JSON pointer (RFC 6901) into stdout, or into a file of the scratch folder.
    Json {
        /// The file; `None`: stdout.
        file: Option<String>,
        /// The pointer.
        pointer: String,
    },
    /// The first group of the last match of a regular expression in stdout or a file.
    Pattern {
        /// The file; `None`: stdout.
        file: Option<String>,
        /// The expression, with one group.
        pattern: String,
    },
    /// The exit code.
    ExitCode,
}

/// What one evaluation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resources {
    /// CPUs, at least 1.
    pub cpus: u32,
    /// Bytes of memory of its whole process tree.
    pub memory: Option<u64>,
}

/// What a failed evaluation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnFailure {
    /// How often it is tried again, with the same seed.
    pub retries: u32,
    /// What becomes of a candidate whose tries have all failed.
    pub then: Then,
    /// The run stops after this many failed candidates.
    pub stop_after: Option<u64>,
}

/// What becomes of a candidate whose tries have all failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It stays in the search, ranked so.
    Rank(FailureRank),
    /// The run stops.
    Stop,
}

/// Whose scratch folders and output are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The best so many.
    Best(usize),
    /// The first so many failures of each kind.
    Failures,
    /// Everyone's.
    All,
}

/// How far the evaluation can be trusted to repeat itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exactness {
    /// The same bits each time; anything else stops the run.
    #[default]
    Exact,
    /// The same bits each time; anything else is reported.
    Warn,
    /// It never promised to.
    Noisy,
}
