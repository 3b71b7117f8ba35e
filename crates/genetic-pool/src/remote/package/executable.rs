//! The executable that travels, with what it needs to start on a machine whose libc is another.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Entry, PackageError,
    elf::{Architecture, Elf},
};
use crate::program::{PROGRAM, PROGRAM_FOLDER};

/// The folder of the loader and the shared objects in a package.
const LIBRARY_FOLDER: &str = "lib";

/// An executable and what it needs to start.
#[derive(Debug)]
pub struct Executable {
    /// For which processors it is.
    pub architecture: Architecture,
    /// Its files in a package; `genetic-pool` among them starts it.
    pub entries: Vec<Entry>,
}

impl Executable {
    /// The executable at `path`, which people know as `shown`; its own loader, which must be here, says which shared
    /// objects it takes.
    pub fn read(path: &Path, shown: &Path) -> Result<Executable, PackageError> {
        let contents = read(path)?;
        let elf = Elf::read(&contents).map_err(|source| PackageError::Executable { path: shown.to_owned(), source })?;
        let Some(loader) = elf.loader else {
            let entries = vec![Entry { path: PROGRAM.to_owned(), executable: true, contents }];
            return Ok(Executable { architecture: elf.architecture, entries });
        };
        let loader = PathBuf::from(loader);
        let name = loader.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let library =
            |name: &str, contents, executable| Entry { path: format!("{LIBRARY_FOLDER}/{name}"), executable, contents };
        let mut entries = vec![
            Entry { path: PROGRAM.to_owned(), executable: true, contents: script(&name).into_bytes() },
            Entry { path: format!("{PROGRAM_FOLDER}/{PROGRAM}"), executable: true, contents },
        ];
        for (name, path) in shared_objects(&loader, path, shown)? {
            entries.push(library(&name, read(&path)?, false));
        }
        entries.retain(|entry| entry.path != format!("{LIBRARY_FOLDER}/{name}"));
        entries.push(library(&name, read(&loader)?, true));
        Ok(Executable { architecture: elf.architecture, entries })
    }
}

/// Starts the program by its own loader. Nothing is set in the environment: what the program starts is not touched.
fn script(loader: &str) -> String {
    format!(
        "#!/bin/sh\n\
         folder=$(CDPATH= cd -- \"$(dirname -- \"$0\")\" && pwd) || exit 1\n\
         exec \"$folder/{LIBRARY_FOLDER}/{loader}\" --library-path \"$folder/{LIBRARY_FOLDER}\" \
         \"$folder/{PROGRAM_FOLDER}/{PROGRAM}\" \"$@\"\n"
    )
}

/// The shared objects that `loader` takes for the executable at `path`, by name: it is asked itself.
fn shared_objects(loader: &Path, path: &Path, shown: &Path) -> Result<Vec<(String, PathBuf)>, PackageError> {
    let failed = |what: String| PackageError::Loader { path: shown.to_owned(), loader: loader.to_owned(), what };
    // For the loader `self` would be the loader.
    let own = format!("/proc/{}/exe", std::process::id());
    let path = if path == Path::new("/proc/self/exe") { Path::new(&own) } else { path };
    let mut command = Command::new(loader);
    let output = command.arg("--list").arg(path).env_remove("LD_PRELOAD").output();
    let output = output.map_err(|error| failed(error.to_string()))?;
    // It lists what it finds also where that is of a version that does not fit, and says so.
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if !output.status.success() || !said.is_empty() {
        return Err(failed(said));
    }
    listed(&String::from_utf8_lossy(&output.stdout)).map_err(failed)
}

/// Reads lines such as `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f…)`.
///
/// A line without an arrow is the loader's own or the kernel's, which is in no file.
fn listed(text: &str) -> Result<Vec<(String, PathBuf)>, String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let Some((name, path)) = line.trim().split_once(" => ") else { continue };
        let path = path.rsplit_once(" (").map_or(path, |(path, _)| path).trim();
        if !path.starts_with('/') {
            return Err(format!("`{name}`: {path}"));
        }
        // A library that is named by its path is looked for at that path alone.
        if name.contains('/') {
            continue;
        }
        found.push((name.to_owned(), PathBuf::from(path)));
    }
    found.sort();
    found.dedup_by(|a, b| a.0 == b.0);
    Ok(found)
}

fn read(path: &Path) -> Result<Vec<u8>, PackageError> {
    fs::read(path).map_err(|source| PackageError::Read { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loader_s_list_is_read() {
        let text = "\tlinux-vdso.so.1 (0x00007ffc)\n\
                    \tlibgcc_s.so.1 => /lib/x86_64-linux-gnu/libgcc_s.so.1 (0x00007f01)\n\
                    \tlibc.so.6 => /lib/with (space)/libc.so.6 (0x00007f02)\n\
                    \t/lib64/ld-linux-x86-64.so.2 => /usr/lib64/ld-linux-x86-64.so.2 (0x00007f03)\n";
        let expected =
            [("libc.so.6", "/lib/with (space)/libc.so.6"), ("libgcc_s.so.1", "/lib/x86_64-linux-gnu/libgcc_s.so.1")];
        let expected = expected.map(|(name, path)| (name.to_owned(), PathBuf::from(path)));
        assert_eq!(listed(text).unwrap(), expected);
        assert_eq!(listed("\tlibx.so.1 => not found\n").unwrap_err(), "`libx.so.1`: not found");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_program_comes_with_what_starts_it_elsewhere() {
        let path = std::env::current_exe().unwrap();
        let executable = Executable::read(Path::new("/proc/self/exe"), &path).unwrap();
        let names: Vec<&str> = executable.entries.iter().map(|entry| entry.path.as_str()).collect();
        if names.len() == 1 {
            return;
        }
        assert!(
            names.contains(&"bin/genetic-pool") && names.iter().any(|name| name.starts_with("lib/libc.so")),
            "{names:?}"
        );
        // Unpacked elsewhere it starts, and knows its own name.
        let folder = tempfile::tempdir().unwrap();
        for entry in &executable.entries {
            let path = folder.path().join(&entry.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &entry.contents).unwrap();
            if entry.executable {
                use std::os::unix::fs::PermissionsExt;
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        let output = Command::new(folder.path().join(PROGRAM)).args(["--list", "--format", "terse"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("this_program_comes_with_what_starts_it_elsewhere"));
    }

    #[test]
    fn a_file_that_is_no_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.sh");
        fs::write(&path, "#!/bin/sh\n").unwrap();
        let error = Executable::read(&path, &path).unwrap_err();
        assert!(error.to_string().contains("run.sh` cannot run on the cluster"), "{error}");
    }
}
