//! What evaluations see of the environment: little, and the same everywhere.

use std::ffi::OsString;

use genetic_pool_evolve::evaluator::EvaluatorError;

use super::error;

/// What is handed on where it is set.
const HANDED_ON: [&str; 17] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYENV_VERSION",
    "RUST_BACKTRACE",
    "SSL_CERT_FILE",
];

/// How numerical libraries are told how many threads an evaluation may use.
const THREADS: [&str; 6] = [
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
];

/// The whole environment of an evaluation that may use `cpus` CPUs and asks for the variables `names`.
pub(super) fn environment(names: &[String], cpus: u32) -> Result<Vec<(OsString, OsString)>, EvaluatorError> {
    let handed_on = |name: &str| HANDED_ON.contains(&name) || name.starts_with("LC_");
    let mut environment: Vec<(OsString, OsString)> =
        std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(handed_on)).collect();
    environment.extend(THREADS.map(|name| (name.into(), cpus.to_string().into())));
    // Sets and dicts of strings are to be walked in the same order every time.
    environment.push(("PYTHONHASHSEED".into(), "0".into()));
    for name in names {
        let Some(value) = std::env::var_os(name) else {
            return Err(error(
                format!("the environment variable `{name}`, which `problem.environment` names, is not set"),
                Some(format!("set `{name}`, or take it out of `problem.environment`")),
            ));
        };
        environment.retain(|(other, _)| other.to_str() != Some(name));
        environment.push((name.into(), value));
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::environment;

    #[test]
    fn threads_follow_the_cpus_and_nothing_else_leaks() {
        let environment = environment(&[], 3).unwrap();
        let get = |name: &str| environment.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
        assert_eq!(get("OMP_NUM_THREADS").unwrap(), "3");
        assert_eq!(get("PATH"), std::env::var_os("PATH"));
        assert!(std::env::var_os("CARGO_PKG_NAME").is_some() && get("CARGO_PKG_NAME").is_none());
    }

    #[test]
    fn a_name_that_is_asked_for_comes_along_or_is_missed() {
        let asked = environment(&["CARGO_PKG_NAME".to_owned()], 1).unwrap();
        assert_eq!(asked.iter().filter(|(name, _)| name == "CARGO_PKG_NAME").count(), 1);
        let error = environment(&["NO_SUCH_VARIABLE_HERE".to_owned()], 1).unwrap_err();
        assert!(error.message.contains("`NO_SUCH_VARIABLE_HERE`"));
    }
}
