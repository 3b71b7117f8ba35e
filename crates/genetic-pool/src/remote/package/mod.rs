//! What is sent: the program with all it needs to start, the bridge, the experiment and its files, in one archive.
//!
//! The archive is a function of what is in it, and its name one of the archive: what was sent once is not sent again. What differs
//! from run to run, an id or a number of slots, is not in it.

mod elf;
mod executable;

use std::{
    io::{self, Cursor, Write},
    path::PathBuf,
};

use zip::{CompressionMethod, DateTime, System, ZipWriter, write::SimpleFileOptions};

pub use self::{
    elf::{Architecture, Elf, ElfError},
    executable::Executable,
};
use super::{
    BRIDGE,
    job::{BRIDGE_FILE, EXPERIMENT, EXPERIMENT_FOLDER},
};
use crate::store::StoredFile;

/// The largest package that Ray takes, in bytes.
pub const LIMIT: usize = 512 << 20;
/// How many of the largest files are named where there is too much.
const NAMED: usize = 3;

/// A file of a package.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is, relative to the package's folder.
    pub path: String,
    /// Whether it may be executed.
    pub executable: bool,
    /// What it holds.
    pub contents: Vec<u8>,
}

/// What is sent, not packed yet.
#[derive(Debug)]
pub struct Package {
    /// The files, by path.
    entries: Vec<Entry>,
}

/// Why there is nothing that can be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PackageError {
    #[error("`{}` cannot run on the cluster", path.display())]
    Executable {
        path: PathBuf,
        #[source]
        source: ElfError,
    },
    #[error("`{}` is for {found}, the cluster's nodes are {wanted}", path.display())]
    Architecture { path: PathBuf, found: Architecture, wanted: Architecture },
    #[error("`{}` cannot be taken along: its loader `{}` does not find what it needs: {what}", path.display(), loader.display())]
    Loader { path: PathBuf, loader: PathBuf, what: String },
    #[error("cannot read `{}`", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the package takes {} MiB, more than the {} MiB that Ray takes; the largest: {largest}", size >> 20, LIMIT >> 20)]
    TooLarge { size: usize, largest: String },
    #[error("the package cannot be made")]
    Zip(#[from] zip::result::ZipError),
    #[error("the package cannot be made")]
    Io(#[from] io::Error),
}

impl PackageError {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        match self {
            PackageError::Executable { .. } | PackageError::Architecture { .. } => Some(
                "`--ship PATH` takes a build of this program for the nodes; `--target x86_64-unknown-linux-gnu` makes one"
                    .to_owned(),
            ),
            PackageError::Loader { .. } => Some(
                "install what is missing, or ship a static build: RUSTFLAGS=\"-C target-feature=+crt-static\" cargo \
                 build --release --target x86_64-unknown-linux-gnu, then `--ship PATH`"
                    .to_owned(),
            ),
            PackageError::TooLarge { .. } => {
                Some("leave large data out of `problem.files`: put it into the image".to_owned())
            }
            PackageError::Read { .. } | PackageError::Zip(_) | PackageError::Io(_) => None,
        }
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} B)", self.path, self.contents.len())
    }
}

impl Package {
    /// What `executable` needs to work on the experiment of this text with these files.
    pub fn new(executable: Executable, experiment: &str, files: Vec<StoredFile>) -> Package {
        let plain = |path: &str, text: &str| Entry {
            path: path.to_owned(),
            executable: false,
            contents: text.as_bytes().to_vec(),
        };
        let mut entries = executable.entries;
        entries.push(plain(BRIDGE_FILE, BRIDGE));
        entries.push(plain(EXPERIMENT, experiment));
        entries.extend(files.into_iter().map(|file| Entry {
            path: format!("{EXPERIMENT_FOLDER}/{}", file.path),
            executable: file.executable,
            contents: file.contents,
        }));
        Package::of(entries)
    }

    fn of(mut entries: Vec<Entry>) -> Package {
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Package { entries }
    }

    /// Packs it: a zip archive.
    pub fn pack(&self) -> Result<Vec<u8>, PackageError> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        // It is there also where the experiment has no files: evaluations work in it.
        let folder = SimpleFileOptions::default()
            .system(System::Unix)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o755);
        archive.add_directory(EXPERIMENT_FOLDER, folder)?;
        for entry in &self.entries {
            // Quick rather than small: it goes over a local wire, and a debug build is large.
            let options = SimpleFileOptions::default()
                .system(System::Unix)
                .last_modified_time(DateTime::default())
                .compression_method(CompressionMethod::Deflated)
                .compression_level(Some(1))
                .unix_permissions(if entry.executable { 0o755 } else { 0o644 });
            archive.start_file(&entry.path, options)?;
            archive.write_all(&entry.contents)?;
        }
        let bytes = archive.finish()?.into_inner();
        if bytes.len() > LIMIT {
            return Err(PackageError::TooLarge { size: bytes.len(), largest: self.largest() });
        }
        Ok(bytes)
    }

    fn largest(&self) -> String {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.contents.len()));
        let named = entries.into_iter().take(NAMED);
        let named = named.map(|entry| format!("`{}` ({} MiB)", entry.path, entry.contents.len() >> 20));
        named.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn file(path: &str, executable: bool, contents: &str) -> Entry {
        Entry { path: path.to_owned(), executable, contents: contents.as_bytes().to_vec() }
    }

    #[test]
    fn a_package_is_a_function_of_what_is_in_it() {
        let one = Package::of(vec![file("b", true, "2"), file("a", false, "1")]);
        let two = Package::of(vec![file("a", false, "1"), file("b", true, "2")]);
        assert_eq!(one.pack().unwrap(), two.pack().unwrap());
        let others = [
            vec![file("a", true, "1"), file("b", true, "2")],
            vec![file("a", false, "1"), file("b", true, "3")],
            vec![file("a", false, "1")],
        ];
        for other in others {
            assert_ne!(Package::of(other).pack().unwrap(), one.pack().unwrap());
        }
    }

    #[test]
    fn what_may_be_executed_stays_so_and_the_rest_does_not() {
        let package =
            Package::of(vec![file("genetic-pool", true, "#!/bin/sh\n"), file("experiment/wing.py", false, "x")]);
        let mut archive = zip::ZipArchive::new(Cursor::new(package.pack().unwrap())).unwrap();
        assert_eq!(archive.by_name("genetic-pool").unwrap().unix_mode(), Some(0o100_755));
        let mut module = archive.by_name("experiment/wing.py").unwrap();
        assert_eq!(module.unix_mode(), Some(0o100_644));
        let mut text = String::new();
        module.read_to_string(&mut text).unwrap();
        assert_eq!(text, "x");
    }

    #[test]
    fn the_experiment_and_its_files_stand_apart() {
        let executable =
            Executable { architecture: Architecture::X86_64, entries: vec![file("genetic-pool", true, "")] };
        let files = vec![StoredFile::new("experiment.toml", false, b"theirs".to_vec())];
        let package = Package::new(executable, "seed = 1", files);
        let paths: Vec<&str> = package.entries.iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(paths, ["bridge.py", "experiment.toml", "experiment/experiment.toml", "genetic-pool"]);
    }
}
