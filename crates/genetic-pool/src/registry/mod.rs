//! The Rust problems this binary knows by name: the built-in ones and its user's.

mod built_in;
mod options;
mod own;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use genetic_pool_evolve::{operators::Operators, problem::Problem};
use serde::de::DeserializeOwned;

use crate::experiment::nearest;

/// Problems by name.
#[derive(Default)]
pub struct Registry {
    /// In alphabetical order.
    pub problems: BTreeMap<String, RegisteredProblem>,
}

/// A problem that can be built from options.
pub struct RegisteredProblem {
    /// One line about it; longer texts follow after an empty line.
    pub about: String,
    /// Its options, in the order in which they are explained.
    pub options: Vec<OptionDoc>,
    /// Whether it comes with the engine: then the engine's version tells its code from another, not the program's file.
    pub built_in: bool,
    /// Builds it from `[problem.options]`.
    pub build: Build,
}

/// An option of a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionDoc {
    /// Its name.
    pub name: String,
    /// What it is and what it may be, as a fragment in lower case; empty where the problem's code does not say.
    pub about: String,
    /// What stands in for it, as it would be written in the file; `None` where it is required or the code does not say.
    pub default: Option<String>,
}

/// Builds a problem from its options, a JSON object, and the folder that paths in them are relative to.
///
/// Says all it finds wrong with the options, at least one thing.
pub type Build = Box<dyn Fn(&serde_json::Value, &Path) -> Result<Arc<dyn Problem>, BuildErrors> + Send + Sync>;

/// Why a problem cannot be built: all that is wrong with its options.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct BuildErrors {
    /// At least one.
    pub errors: Vec<BuildError>,
}

/// One thing that is wrong with a problem's options.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", option.as_ref().map(|option| format!("option `{option}`: ")).unwrap_or_default())]
pub struct BuildError {
    /// The option at fault, where one can be named.
    pub option: Option<String>,
    /// What is wrong, as a fragment in lower case: what was expected and what was found.
    pub message: String,
    /// What to do, where something can be said.
    pub hint: Option<String>,
}

/// A name that no problem has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no problem `{name}`")]
pub struct UnknownProblem {
    /// The name.
    pub name: String,
    /// The nearest name that a problem has, where one comes near.
    pub nearest: Option<String>,
    /// All names that problems have, in alphabetical order.
    pub known: Vec<String>,
}

impl Registry {
    /// The problems that come with the engine.
    pub fn built_in() -> Registry {
        Registry { problems: built_in::problems() }
    }

    /// Adds the problem `P`, built from `[problem.options]`, under `name`; what had the name before is forgotten.
    ///
    /// The options are strict: a name that is no field of `P` is refused, whether or not `P` asks for that.
    /// What is returned can be told more about the problem.
    ///
    /// ```
    /// use genetic_pool::{evolve::problems::Sphere, registry::Registry};
    ///
    /// let mut registry = Registry::default();
    /// registry.register::<Sphere>("bowl").about = "the sum of squares".into();
    /// assert!(registry.get("bowl").is_ok());
    /// ```
    pub fn register<P: Problem + DeserializeOwned + 'static>(&mut self, name: &str) -> &mut RegisteredProblem {
        self.insert(name, RegisteredProblem::of::<P>())
    }

    /// Adds `problem` under `name`; what had the name before is forgotten.
    pub fn insert(&mut self, name: &str, problem: RegisteredProblem) -> &mut RegisteredProblem {
        let entry = self.problems.entry(name.to_owned()).insert_entry(problem);
        entry.into_mut()
    }

    /// The problem called `name`.
    pub fn get(&self, name: &str) -> Result<&RegisteredProblem, UnknownProblem> {
        self.problems.get(name).ok_or_else(|| UnknownProblem {
            name: name.to_owned(),
            nearest: nearest(name, self.problems.keys().map(String::as_str)).map(str::to_owned),
            known: self.problems.keys().cloned().collect(),
        })
    }
}

impl RegisteredProblem {
    /// The problem `P`, its options the fields of the type, about which nothing is said.
    pub fn of<P: Problem + DeserializeOwned + 'static>() -> RegisteredProblem {
        let names = options::names::<P>().unwrap_or_default();
        RegisteredProblem {
            about: String::new(),
            options: names.iter().map(|name| OptionDoc { name: (*name).to_owned(), ..OptionDoc::default() }).collect(),
            built_in: false,
            build: Box::new(|given, _| Ok(Arc::new(options::read::<P>(given)?))),
        }
    }
}

impl RegisteredProblem {
    /// Has the problem bring `operators` along, before those that it brings along itself or was told of earlier.
    pub fn with(&mut self, operators: Operators) -> &mut RegisteredProblem {
        let build = std::mem::replace(&mut self.build, Box::new(|_, _| Err(BuildErrors { errors: Vec::new() })));
        self.build = Box::new(move |given, directory| {
            let problem = build(given, directory)?;
            Ok(Arc::new(own::WithOperators { problem, operators: operators.clone() }))
        });
        self
    }
}

impl IntoIterator for BuildErrors {
    type Item = BuildError;
    type IntoIter = std::vec::IntoIter<BuildError>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.into_iter()
    }
}

impl From<BuildError> for BuildErrors {
    fn from(error: BuildError) -> BuildErrors {
        BuildErrors { errors: vec![error] }
    }
}

impl UnknownProblem {
    /// What to do.
    pub fn hint(&self) -> String {
        match &self.nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("there are `{}`", self.known.join("`, `")),
        }
    }
}

#[cfg(test)]
mod tests;
