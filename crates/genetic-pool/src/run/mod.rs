//! An experiment becomes a run: a search, an evaluator, and who follows it.

mod algorithm;
mod files;
pub mod forecast;
mod history;
mod keep;
pub mod known;
mod observer;
mod pace;
mod recorder;
mod session;
mod state;
pub mod trial;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use genetic_pool_evolve::{
    algorithms::{ConfigError, RestoreError},
    drive::{ObserverError, RunError},
    evaluator::EvaluatorError,
    outcomes::OutcomeShape,
    search::Search,
    stop::{FailurePolicy, StopReason},
};

pub use self::{
    algorithm::{Chosen, Plan},
    files::files,
};
use self::{known::KnownError, session::Session, state::State};
use crate::{
    evaluate,
    event::RunEvent,
    experiment::{Experiment, ExperimentError, Fitness, Overrides, Then},
    registry::Registry,
    remote::nodes,
    store::{
        Decision, Environment, FileChange, FilesError, Home, Interpreter, Journal, NewRun, NewSession, RunId,
        RunReader, RunWriter, StoreError, changed_files,
    },
};

/// How a run is carried out by this process.
pub struct RunOptions<'a> {
    /// The Rust problems this program knows.
    pub registry: &'a Registry,
    /// How evaluations are carried out by this process, where they are.
    pub evaluate: evaluate::Options,
    /// Where evaluations are carried out.
    pub place: Place,
    /// The command that was typed, for who finds the run taken.
    pub command: String,
    /// Whether the run is to stop.
    pub interrupted: &'a dyn Fn() -> bool,
    /// What was chosen elsewhere, where somebody submitted the run from there.
    pub submitted: Option<Submitted>,
    /// Who is told what happens.
    pub views: &'a mut dyn FnMut(&RunEvent) -> Result<(), ObserverError>,
}

/// What who submits a run chooses for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// Its id.
    pub id: RunId,
    /// The folder of the experiment's file, where it was written.
    pub directory: PathBuf,
}

/// Where a run's evaluations are carried out.
#[derive(Clone, Debug, Default)]
pub enum Place {
    /// By this process and its children.
    #[default]
    Here,
    /// On the nodes of the Ray cluster this process is in.
    Nodes(nodes::Options),
}

/// How a run ended.
#[derive(Debug)]
pub struct RunEnd {
    /// The run's id.
    pub run: String,
    /// Why it ended.
    pub stop: StopReason,
}

/// Why a run cannot be begun or cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RunFailure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the problem's files cannot be taken along")]
    Files(#[from] FilesError),
    #[error(transparent)]
    Known(#[from] KnownError),
    #[error("the algorithm cannot be set up")]
    Config(#[from] ConfigError),
    #[error("the run's snapshot cannot be taken up")]
    Restore(#[from] RestoreError),
    #[error("the run's snapshot cannot be read")]
    Snapshot(#[from] postcard::Error),
    #[error("the run's snapshot is of version {found}; this program knows version {known}")]
    SnapshotFormat { found: u32, known: u32 },
    #[error("evaluation cannot begin")]
    Evaluator(#[from] EvaluatorError),
    #[error("the stored experiment is not valid here")]
    Experiment(#[from] ExperimentError),
    #[error("the problem's code has changed since run `{run}` was recorded: {}", listed(changes))]
    Changed { run: String, changes: Vec<String> },
    #[error("run `{run}` broke off")]
    Broke {
        run: String,
        #[source]
        source: RunError,
    },
}

impl RunFailure {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        match self {
            RunFailure::Store(error) => error.hint(),
            RunFailure::Known(error) => error.hint(),
            RunFailure::Files(error) => error.hint().map(str::to_owned),
            RunFailure::Evaluator(error) | RunFailure::Broke { source: RunError::Evaluator(error), .. } => {
                error.hint.clone()
            }
            RunFailure::Changed { .. } => Some(
                "old and new outcomes would be mixed: begin a new run, or pass `--keep-outcomes` if they are the same"
                    .to_owned(),
            ),
            RunFailure::Broke { source: RunError::Observer(error), .. } => {
                error.downcast_ref::<StoreError>().and_then(StoreError::hint)
            }
            RunFailure::Restore(_) | RunFailure::Snapshot(_) | RunFailure::SnapshotFormat { .. } => {
                Some("it was written by another version: resume with that version, or begin a new run".to_owned())
            }
            RunFailure::Config(_) | RunFailure::Experiment(_) | RunFailure::Broke { .. } => None,
        }
    }
}

fn listed(changes: &[String]) -> String {
    changes.join(", ")
}

/// Begins a run of `experiment`, called `name`, in `home`, and works on it until it ends.
pub fn begin(experiment: &Experiment, name: &str, home: &Home, options: RunOptions<'_>) -> Result<RunEnd, RunFailure> {
    let experiment = &{
        let mut experiment = experiment.clone();
        known::take_in(&mut experiment, home)?;
        experiment
    };
    let plan = Plan::new(experiment)?;
    let algorithm = plan.begin(experiment)?;
    let files = files::files(experiment)?;
    let forecast = forecast::recall(home, experiment, &files);
    let environment = Environment::observe(interpreter(experiment)?);
    let submitted = options.submitted.clone();
    let mut writer = RunWriter::create(
        home,
        &NewRun {
            id: submitted.as_ref().map(|submitted| submitted.id.clone()),
            name: name.to_owned(),
            experiment: experiment.text.clone(),
            directory: submitted.map_or_else(|| experiment.directory.clone(), |submitted| submitted.directory),
            code: files::code(experiment, options.registry),
            files,
            seed: experiment.seed,
            signature: experiment.signature.clone(),
            algorithm: plan.chosen.to_json(),
            forecast: forecast.and_then(|forecast| serde_json::to_value(forecast).ok()),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            session: NewSession { slots: options.evaluate.slots, environment, command: options.command.clone() },
        },
    )?;
    if !experiment.known.is_empty() {
        // From now on the run depends on no other file.
        writer.known(known::population(&experiment.known, &experiment.signature))?;
    }
    let search =
        Search::new(algorithm, Arc::new(experiment.signature.clone()), experiment.stop.clone(), policy(experiment));
    let journal = Journal::new(OutcomeShape::of(&experiment.signature));
    Session { experiment, plan, writer, search, journal, state: State::default() }.work(home, options)
}

/// Takes up the run at `path`, whose experiment is `experiment`, and works on it until it ends.
///
/// `keep_outcomes`: go on although the problem's code has changed. A run that failures have stopped tries again those
/// that are not committed, and counts further ones anew.
pub fn resume(
    path: &Path,
    experiment: &Experiment,
    keep_outcomes: bool,
    home: &Home,
    options: RunOptions<'_>,
) -> Result<RunEnd, RunFailure> {
    let reader = RunReader::open(path)?;
    // What a person has to hear first: there is nothing to go on with, or not now.
    reader.resumable()?;
    if !keep_outcomes {
        unchanged(&reader, experiment, options.registry)?;
    }
    let try_again = reader.stopped_by_failures()?;
    let experiment = &Experiment { known: known::recall(&reader)?, ..experiment.clone() };
    drop(reader);
    let plan = Plan::new(experiment)?;
    let environment = Environment::observe(interpreter(experiment)?);
    let session = NewSession { slots: options.evaluate.slots, environment, command: options.command.clone() };
    let (mut writer, resumed) = RunWriter::open(path, &session)?;
    let seconds = resumed.progress.map_or(0.0, |progress| progress.seconds);
    let elapsed = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let signature = Arc::new(experiment.signature.clone());
    let (rules, mut policy) = (experiment.stop.clone(), policy(experiment));
    let (search, state) = match resumed.snapshot {
        None => (Search::new(plan.begin(experiment)?, signature, rules, policy), State::after(elapsed)),
        Some(snapshot) => {
            let (stored, mut state) = state::read_state(&snapshot.state)?;
            state.elapsed = elapsed;
            let algorithm = plan.restore(experiment, &stored.algorithm)?;
            if try_again {
                policy.stop_after = policy.stop_after.map(|most| most.saturating_add(stored.progress.failures));
            }
            (Search::resume(algorithm, signature, rules, policy, stored.progress), state)
        }
    };
    let mut journal = resumed.journal;
    if search.is_free() {
        // The journal is in the order of commits.
        journal.skip(search.progress().evaluations as usize);
    }
    if try_again {
        for candidate in journal.forget_failures() {
            writer.decision(Decision { candidate, what: Decision::AGAIN.to_owned() })?;
        }
    }
    Session { experiment, plan, writer, search, journal, state }.work(home, options)
}

/// The experiment of the run at `path`, as it was when the run began.
///
/// `overrides` are for how it is evaluated here: what decides about the search must stay as it was.
pub fn stored_experiment(path: &Path, overrides: &Overrides, registry: &Registry) -> Result<Experiment, RunFailure> {
    let reader = RunReader::open(path)?;
    let meta = reader.meta();
    let path = meta.directory.join("experiment.toml");
    Ok(Experiment::parse(&meta.experiment, &path, overrides, registry)?)
}

/// How many evaluations go at once here unless asked otherwise: the cores, each evaluation taking its CPUs.
pub fn default_slots(experiment: &Experiment) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores / experiment.problem.resources.cpus.max(1) as usize).max(1)
}

fn unchanged(reader: &RunReader, experiment: &Experiment, registry: &Registry) -> Result<(), RunFailure> {
    let mut changes: Vec<String> = Vec::new();
    for change in changed_files(&reader.files()?, &files::files(experiment)?) {
        changes.push(match change {
            FileChange::Added(path) => format!("`{path}` is new"),
            FileChange::Removed(path) => format!("`{path}` is gone"),
            FileChange::Changed(path) => format!("`{path}` differs"),
        });
    }
    if reader.meta().code != files::code(experiment, registry) {
        changes.push("the program is another".to_owned());
    }
    if changes.is_empty() { Ok(()) } else { Err(RunFailure::Changed { run: reader.id().to_string(), changes }) }
}

fn policy(experiment: &Experiment) -> FailurePolicy {
    let on_failure = experiment.problem.on_failure;
    FailurePolicy { stop: on_failure.then == Then::Stop, stop_after: on_failure.stop_after }
}

/// The folder of the kept scratch folders of run `run`: one for each candidate, see
/// [`scratch_folder`](evaluate::scratch_folder).
pub fn scratch(home: &Home, run: &str) -> PathBuf {
    home.root.join("scratch").join(run)
}

/// What runs the user's code, and its version, where that is not this program.
pub(crate) fn interpreter(experiment: &Experiment) -> Result<Option<Interpreter>, EvaluatorError> {
    let Fitness::Python { interpreter, .. } = &experiment.problem.fitness else { return Ok(None) };
    let path = evaluate::interpreter(interpreter.as_deref(), &experiment.directory)?;
    let version = Command::new(&path).arg("--version").output().map(|output| {
        let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
        String::from_utf8_lossy(&text).trim().to_owned()
    });
    // An interpreter that cannot even say its version is found out when it is to evaluate, with its own words.
    Ok(Some(Interpreter { path, version: version.unwrap_or_default() }))
}

/// What is optimised, in a word.
pub fn problem_name(fitness: &Fitness) -> String {
    match fitness {
        Fitness::Registered { name } => name.clone(),
        Fitness::Python { module, function, .. } => format!("{module}:{function}"),
        Fitness::Command { command, .. } => command.first().cloned().unwrap_or_default(),
    }
}

/// What people call the experiment at `path`: the file's name, or its folder's where it is just called `experiment`.
pub fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match absolute.parent().and_then(Path::file_name) {
        Some(folder) if stem == "experiment" => folder.to_string_lossy().into_owned(),
        _ => stem,
    }
}
