//! Any program as an evaluation: kept alive and talked to in lines of JSON, or started once for each candidate.

mod answer;
mod lines;
mod once;
mod placeholders;

use std::{
    ffi::{OsStr, OsString},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use genetic_pool_evolve::evaluator::EvaluatorError;

pub(super) use self::{
    lines::Lines,
    once::{MOST_STDOUT, Once},
};
use super::error;

/// The command with its program found: relative to `directory`, then on `PATH`.
pub(super) fn resolve(command: &[String], directory: &Path) -> Result<Vec<OsString>, EvaluatorError> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(error("the command is empty".to_owned(), Some("name a program in `problem.command`".to_owned())));
    };
    let Some(found) = find_program(OsStr::new(program), directory) else {
        let path = directory.join(program);
        return Err(if path.is_file() {
            let hint = format!("make it executable: chmod +x {}", path.display());
            error(format!("the command `{program}` is not executable"), Some(hint))
        } else {
            let hint = format!("it is looked for in {}, then on PATH", directory.display());
            error(format!("there is no command `{program}`"), Some(hint))
        });
    };
    Ok(std::iter::once(found.into_os_string()).chain(arguments.iter().map(OsString::from)).collect())
}

/// The executable `program`: in `directory`, or where it has no `/` and is not there, on `PATH`.
pub(super) fn find_program(program: &OsStr, directory: &Path) -> Option<PathBuf> {
    let here = directory.join(program);
    if is_executable(&here) {
        return Some(here);
    }
    if program.as_encoded_bytes().contains(&b'/') {
        return None;
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_in_the_folder_then_on_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let sim = folder.path().join("sim");
        std::fs::write(&sim, "#!/bin/sh\n").unwrap();
        let command = |program: &str| resolve(&[program.to_owned(), "-x".to_owned()], folder.path());
        let not_executable = command("./sim").unwrap_err();
        assert!(not_executable.message.contains("not executable"), "{not_executable}");
        std::fs::set_permissions(&sim, PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(command("sim").unwrap()[1], "-x");
        assert!(Path::new(&command("sh").unwrap()[0]).is_absolute());
        assert!(command("no-such-program").unwrap_err().message.contains("`no-such-program`"));
        assert!(resolve(&[], folder.path()).is_err());
    }
}
