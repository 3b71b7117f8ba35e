//! The driver of a run on a cluster: what its job does on the head.

use std::{
    cell::Cell,
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::{
    job::{BRIDGE_FILE, EXPERIMENT, EXPERIMENT_FOLDER, Job},
    nodes::{self, Placement},
};
use crate::{
    evaluate,
    event::RunEvent,
    experiment::{Experiment, Fitness, Overrides},
    program::PROGRAM,
    registry::Registry,
    run::{self, RunEnd, RunFailure, RunOptions, Submitted},
    store::{Home, RunReader, StoreError},
};

/// How often a driver looks whether a later one has begun.
const LOOK: Duration = Duration::from_secs(1);
/// How long a driver waits for the one before it to let go of the run.
const PATIENCE: Duration = Duration::from_secs(45);

/// What a driver is given by its process.
pub struct Driving<'a> {
    /// The Rust problems this program knows.
    pub registry: &'a Registry,
    /// The folder of the package.
    pub package: &'a Path,
    /// Whether the run is to stop.
    pub interrupted: &'a dyn Fn() -> bool,
    /// Who is told what happens.
    pub tell: &'a mut dyn FnMut(&RunEvent),
}

/// Works on the run of `job` until it ends: begins it, or goes on with it where it has a file.
pub fn drive(job: &Job, driving: Driving<'_>) -> Result<RunEnd, RunFailure> {
    let home = Home { root: job.home.clone() };
    let path = home.path_of(&job.run);
    let attempts = Attempts { folder: home.runs().join(".attempts"), job };
    attempts.begin()?;
    let goes_on = path.exists();
    let experiment = experiment(goes_on.then_some(&path), driving.package, driving.registry)?;
    let looked = Cell::new(Instant::now());
    let superseded = Cell::new(false);
    let interrupted = || {
        if looked.get().elapsed() >= LOOK {
            looked.set(Instant::now());
            superseded.set(attempts.superseded());
        }
        superseded.get() || (driving.interrupted)()
    };
    let tell = driving.tell;
    let mut views = |event: &RunEvent| {
        tell(event);
        Ok(())
    };
    // Those beside the driver; the nodes' are theirs.
    let slots = run::default_slots(&experiment).min(job.slots.map_or(usize::MAX, usize::from));
    let place = || match job.place {
        Placement::Driver => run::Place::Here,
        placement @ (Placement::Auto | Placement::Nodes) => run::Place::Nodes(nodes::Options {
            python: job.python.clone(),
            bridge: driving.package.join(BRIDGE_FILE),
            executable: Path::new(".").join(PROGRAM),
            directory: EXPERIMENT_FOLDER.into(),
            interpreter: None,
            slots: job.slots.map(usize::from),
            placement,
            deadline: nodes::Options::DEADLINE,
        }),
    };
    let deadline = Instant::now() + PATIENCE;
    loop {
        let options = RunOptions {
            registry: driving.registry,
            evaluate: evaluate::Options { slots, ..evaluate::Options::default() },
            place: place(),
            command: job.command.clone(),
            interrupted: &interrupted,
            submitted: Some(Submitted { id: job.run.clone(), directory: job.directory.clone() }),
            views: &mut views,
        };
        let result = if goes_on {
            run::resume(&path, &experiment, job.keep_outcomes, &home, options)
        } else {
            run::begin(&experiment, &job.name, &home, options)
        };
        match result {
            // The driver before this one is about to stop, or its process about to go.
            Err(RunFailure::Store(StoreError::Held { .. })) if job.attempt > 1 && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(250));
            }
            result => return result,
        }
    }
}

/// The experiment of the package, or of the run at `path` where it goes on, with the package's files.
fn experiment(path: Option<&PathBuf>, package: &Path, registry: &Registry) -> Result<Experiment, RunFailure> {
    let text = if let Some(path) = path {
        RunReader::open(path)?.meta().experiment.clone()
    } else {
        let path = package.join(EXPERIMENT);
        fs::read_to_string(&path).map_err(|source| io_error("read", path, source))?
    };
    let file = package.join(EXPERIMENT_FOLDER).join(EXPERIMENT);
    let mut experiment = Experiment::parse(&text, &file, &Overrides::default(), registry)?;
    if let Fitness::Python { interpreter, .. } = &mut experiment.problem.fitness {
        // The file names one of the machine it was written on; here the image's evaluates.
        *interpreter = None;
    }
    Ok(experiment)
}

/// The drivers a run has had: a file each, which only one can create.
struct Attempts<'a> {
    folder: PathBuf,
    job: &'a Job,
}

impl Attempts<'_> {
    fn begin(&self) -> Result<(), StoreError> {
        fs::create_dir_all(&self.folder).map_err(|source| io_store("create", self.folder.clone(), source))?;
        let path = self.path(self.job.attempt);
        fs::File::create_new(&path).map(drop).map_err(|source| io_store("create", path, source))
    }

    fn superseded(&self) -> bool {
        // The next one may never have begun, and the one after it have.
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let of_run = format!("{}-a", self.job.run);
        let mut attempts = names.filter_map(|name| name.strip_prefix(&of_run)?.parse::<u32>().ok());
        attempts.any(|attempt| attempt > self.job.attempt)
    }

    fn path(&self, attempt: u32) -> PathBuf {
        self.folder.join(super::job::submission(&self.job.run, attempt))
    }
}

fn io_error(verb: &'static str, path: PathBuf, source: io::Error) -> RunFailure {
    RunFailure::Store(io_store(verb, path, source))
}

fn io_store(verb: &'static str, path: PathBuf, source: io::Error) -> StoreError {
    StoreError::Io { verb, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{remote::job::FORMAT, store::RunId};

    #[test]
    fn a_driver_gives_up_for_any_later_one_and_none_begins_twice() {
        let folder = tempfile::tempdir().unwrap();
        let job = |tail: &str, attempt| Job {
            format: FORMAT,
            run: RunId::parse(&format!("20261124-101530-{tail}")).unwrap(),
            attempt,
            name: String::new(),
            directory: PathBuf::new(),
            command: String::new(),
            home: folder.path().to_owned(),
            python: PathBuf::new(),
            place: Placement::Auto,
            slots: None,
            keep_outcomes: false,
        };
        let attempts = |job| Attempts { folder: folder.path().to_owned(), job };
        let (first, second, third, other) = (job("k3f9", 1), job("k3f9", 2), job("k3f9", 3), job("aaaa", 7));
        attempts(&first).begin().unwrap();
        attempts(&other).begin().unwrap();
        assert!(!attempts(&first).superseded());
        attempts(&third).begin().unwrap();
        assert!(attempts(&first).superseded() && attempts(&second).superseded() && !attempts(&third).superseded());
        assert!(attempts(&third).begin().is_err());
    }
}
