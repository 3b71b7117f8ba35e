//! This program: how it is started again, and the file it is.
//!
//! Most often the two are one. A program that has travelled with its loader is started by the script `genetic-pool` of
//! its package, as `lib/LOADER --library-path lib bin/genetic-pool …`; for the system it is then the loader that runs,
//! and the program's own file is what the loader was told to run: its name as it stands in `argv[0]`.

use std::{
    env, io,
    path::{Path, PathBuf},
};

/// The folder of the program in a package that brings its loader; the script stands beside it.
pub(crate) const PROGRAM_FOLDER: &str = "bin";
/// What the program and the script that starts it are called in a package.
pub(crate) const PROGRAM: &str = "genetic-pool";

/// The path by which this program is started again. It works even where the file was replaced meanwhile.
pub(crate) fn again() -> io::Result<PathBuf> {
    match behind_loader()? {
        Some(file) => script(&file).ok_or_else(|| io::Error::other("its loader was not started by its script")),
        None if cfg!(target_os = "linux") => Ok(PathBuf::from("/proc/self/exe")),
        None => env::current_exe(),
    }
}

/// The file that this program is.
pub(crate) fn file() -> io::Result<PathBuf> {
    match behind_loader()? {
        Some(file) => Ok(file),
        None if cfg!(target_os = "linux") => Ok(PathBuf::from("/proc/self/exe")),
        None => env::current_exe(),
    }
}

/// This program's file where a loader was started to run it.
fn behind_loader() -> io::Result<Option<PathBuf>> {
    if !cfg!(target_os = "linux") || !is_loader(&env::current_exe()?) {
        return Ok(None);
    }
    let name = env::args_os().next().ok_or_else(|| io::Error::other("it does not know its own name"))?;
    std::path::absolute(name).map(Some)
}

/// Whether `path` is called as loaders are: `ld-linux-x86-64.so.2`, `ld-musl-x86_64.so.1`, and `ld-2.31.so` behind links.
fn is_loader(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("ld-") && name.contains(".so")
}

/// The script that starts the program `file` of a package.
fn script(file: &Path) -> Option<PathBuf> {
    let folder = file.parent().filter(|folder| folder.ends_with(PROGRAM_FOLDER))?;
    Some(folder.parent()?.join(PROGRAM))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loaders_are_known_by_their_names() {
        for loader in ["/lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1", "/lib/ld-musl-x86_64.so.1"] {
            assert!(is_loader(Path::new(loader)), "{loader}");
        }
        assert!(is_loader(Path::new("/lib/x86_64-linux-gnu/ld-2.31.so")));
        for program in ["/usr/bin/genetic-pool", "/usr/bin/ld", "ld-mine"] {
            assert!(!is_loader(Path::new(program)), "{program}");
        }
    }

    #[test]
    fn the_script_stands_beside_the_program_folder() {
        assert_eq!(script(Path::new("/p/bin/genetic-pool")).unwrap(), Path::new("/p/genetic-pool"));
        assert_eq!(script(Path::new("/p/genetic-pool")), None);
    }
}
