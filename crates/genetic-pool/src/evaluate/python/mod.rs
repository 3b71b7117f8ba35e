//! Python evaluations: which interpreter, and what it is told to run.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use genetic_pool_evolve::evaluator::EvaluatorError;

use super::{command::find_program, error};

/// The program that evaluates in the interpreter.
pub(super) const SHIM: &str = include_str!("shim.py");

/// The interpreter for `wanted`: that one, else the active virtual environment's, else `python3` or `python` on `PATH`.
///
/// A relative path is relative to `directory`, the experiment's folder.
pub fn interpreter(wanted: Option<&Path>, directory: &Path) -> Result<PathBuf, EvaluatorError> {
    if let Some(wanted) = wanted {
        return find_program(wanted.as_os_str(), directory).ok_or_else(|| {
            error(
                format!("there is no Python interpreter `{}`", wanted.display()),
                Some("give the path of one: --python PATH, or `interpreter` in [problem]".to_owned()),
            )
        });
    }
    if let Some(active) = std::env::var_os("VIRTUAL_ENV").filter(|active| !active.is_empty()) {
        let python = Path::new(&active).join("bin/python");
        return find_program(python.as_os_str(), directory).ok_or_else(|| {
            error(
                format!("the active virtual environment has no interpreter `{}`", python.display()),
                Some("make it anew (python3 -m venv), deactivate it, or give another: --python PATH".to_owned()),
            )
        });
    }
    ["python3", "python"]
        .into_iter()
        .find_map(|name| find_program(name.as_ref(), directory).filter(|found| !found.starts_with(directory)))
        .ok_or_else(|| {
            error(
                "there is no `python3` or `python` on PATH".to_owned(),
                Some("install Python 3.8 or newer, or give the path of one: --python PATH".to_owned()),
            )
        })
}

/// The command that runs the shim: it reads its own text from standard input, ahead of the first frame.
pub(super) fn command(interpreter: PathBuf, module: &str, function: &str) -> Vec<OsString> {
    // The last argument only tells a reader of the process list what it is.
    let bootstrap = format!(
        "import os, sys\n\
         if sys.version_info < (3, 8): sys.exit('Python 3.8 or newer is needed; ' + sys.executable + ' is ' + sys.version.split()[0])\n\
         text = b''\n\
         while len(text) < {length}:\n    \
             part = os.read(0, {length} - len(text))\n    \
             if not part: os._exit(0)\n    \
             text += part\n\
         exec(compile(text, '<genetic-pool>', 'exec'))",
        length = SHIM.len()
    );
    vec![interpreter.into(), "-c".into(), bootstrap.into(), format!("{module}:{function}").into()]
}
