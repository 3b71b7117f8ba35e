//! FILE, `--set`, `--seed` and `--python`: the experiment that a command line names.

use std::{
    num::NonZero,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{Context, error::CliError};
use crate::{
    experiment::{Earlier, Experiment, Overrides},
    run::{self, RunFailure},
    store::Home,
};

/// The experiment and what the command line changes in it.
#[derive(Args, Debug)]
pub(super) struct Input {
    /// The experiment file
    pub(super) file: PathBuf,
    /// Sets a key of the file, dotted, for this once: --set stop.evaluations=500
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Sets the seed of all chance for this once
    #[arg(long, value_parser = seed)]
    seed: Option<u64>,
    #[command(flatten)]
    python: Python,
}

/// The interpreter that a command line names.
#[derive(Args, Debug)]
pub(super) struct Python {
    /// The interpreter that evaluates a Python function; else the file's, else the active environment's
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
}

impl Python {
    /// What it changes in the file.
    pub(super) fn set(&self) -> Option<String> {
        let path = self.python.as_ref()?;
        // A path is relative to where it is typed, in the file to the file; a name is looked for on PATH.
        let named = path.parent() == Some(Path::new(""));
        let path = if named { path.clone() } else { std::path::absolute(path).unwrap_or_else(|_| path.clone()) };
        let value = toml_edit::Value::from(path.to_string_lossy().into_owned());
        Some(format!("problem.interpreter={value}"))
    }
}

/// Reads `--slots`; the number's own words for what is none are no words for people.
pub(super) fn slots(text: &str) -> Result<NonZero<u16>, String> {
    text.parse().map_err(|_| format!("it takes a whole number from 1 to {}", u16::MAX))
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("it takes a whole number from 0 to {}", i64::MAX))
}

impl Input {
    /// Reads, checks and resolves the experiment.
    pub(super) fn load(&self, context: &Context<'_>) -> Result<Experiment, CliError> {
        let set = self.set.iter().cloned().chain(self.python.set()).collect();
        let overrides = Overrides { set, seed: self.seed };
        Experiment::load(&self.file, &overrides, context.registry).map_err(CliError::Experiment)
    }
}

/// Reads what `[start]` names into `experiment`.
pub(super) fn take_in(experiment: &mut Experiment) -> Result<(), CliError> {
    if experiment.earlier == Earlier::default() {
        return Ok(());
    }
    Ok(run::known::take_in(experiment, &Home::find()?).map_err(RunFailure::from)?)
}
