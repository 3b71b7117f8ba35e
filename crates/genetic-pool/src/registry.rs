//! The Rust problems this binary knows by name: the built-in ones and its user's.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use genetic_pool_evolve::problem::Problem;

/// Problems by name.
pub struct Registry {
    /// In alphabetical order.
    pub problems: BTreeMap<String, RegisteredProblem>,
}

/// A problem that can be built from options.
pub struct RegisteredProblem {
    /// One line about it; longer texts follow after an empty line.
    pub about: String,
    /// Builds it from `[problem.options]`.
    pub build: Build,
}

/// Builds a problem from its options, a JSON object, and the folder that paths in them are relative to.
pub type Build = Box<dyn Fn(&serde_json::Value, &Path) -> Result<Arc<dyn Problem>, BuildError> + Send + Sync>;

/// Why a problem cannot be built from its options.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct BuildError {
    /// The option at fault, where one can be named.
    pub option: Option<String>,
    /// What is wrong, as a fragment in lower case.
    pub message: String,
}

impl Registry {
    /// The built-in problems.
    pub fn built_in() -> Registry {
        Registry { problems: BTreeMap::new() }
    }

    /// Adds the problem `P` under `name`; it replaces one of that name.
    pub fn register<P: Problem + serde::de::DeserializeOwned + 'static>(&mut self, name: &str) {
        let build: Build = Box::new(|options, _| match serde_json::from_value::<P>(options.clone()) {
            Ok(problem) => Ok(Arc::new(problem) as Arc<dyn Problem>),
            Err(error) => Err(BuildError { option: None, message: error.to_string() }),
        });
        self.problems.insert(name.to_owned(), RegisteredProblem { about: String::new(), build });
    }
}
