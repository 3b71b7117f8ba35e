//! The files that an evaluation is made of.

use std::path::Path;

use crate::{
    experiment::{Experiment, Fitness},
    program,
    registry::Registry,
    store::{FilesError, StoredFile, collect_files},
};

/// The files that travel with a run: those that `problem.files` names, and those that plainly belong to the evaluation
/// (its Python module, a program in the experiment's folder, files that its options name).
pub fn files(experiment: &Experiment) -> Result<Vec<StoredFile>, FilesError> {
    let mut patterns = experiment.problem.files.clone();
    patterns.extend(own_files(experiment).iter().map(|path| escaped(path)));
    collect_files(&experiment.directory, &patterns)
}

/// What tells the evaluation's code in this program from another one's: the engine's version for a built-in problem,
/// a hash of the program for a problem of the user's own, nothing where the code is in files.
pub(super) fn code(experiment: &Experiment, registry: &Registry) -> String {
    match &experiment.problem.fitness {
        Fitness::Python { .. } | Fitness::Command { .. } => String::new(),
        Fitness::Registered { name } if registry.get(name).is_ok_and(|problem| problem.built_in) => {
            format!("genetic-pool {}", env!("CARGO_PKG_VERSION"))
        }
        Fitness::Registered { .. } => {
            let program = program::file().and_then(std::fs::read).unwrap_or_default();
            StoredFile::new("program", true, program).hash
        }
    }
}

fn own_files(experiment: &Experiment) -> Vec<String> {
    let within = |path: &str| {
        let inside = !Path::new(path).is_absolute() && !path.split('/').any(|name| name == "..");
        inside && experiment.directory.join(path).is_file()
    };
    let mut paths = Vec::new();
    match &experiment.problem.fitness {
        Fitness::Registered { .. } => {}
        Fitness::Python { module, .. } => {
            let path = module.replace('.', "/");
            paths.extend([format!("{path}.py"), format!("{path}/__init__.py")]);
        }
        Fitness::Command { command, .. } => {
            paths.extend(command.iter().map(|word| word.strip_prefix("./").unwrap_or(word).to_owned()));
        }
    }
    if let Some(options) = experiment.problem.options.as_object() {
        paths.extend(options.values().filter_map(|value| value.as_str()).map(str::to_owned));
    }
    paths.retain(|path| within(path));
    paths
}

/// A pattern that matches `path` alone.
fn escaped(path: &str) -> String {
    path.chars().fold(String::new(), |mut pattern, character| {
        if "*?[]{}\\!".contains(character) {
            pattern.push('[');
            pattern.push(character);
            pattern.push(']');
        } else {
            pattern.push(character);
        }
        pattern
    })
}
