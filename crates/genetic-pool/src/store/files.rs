//! The user's files that belong to a run.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use xxhash_rust::xxh3::xxh3_128;

/// The largest single file a run takes along.
pub(super) const FILE_LIMIT: u64 = 64 << 20;

/// How much all files of a run may hold together.
pub(super) const TOTAL_LIMIT: u64 = 256 << 20;

/// A file that travels with a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Where it is, relative to the experiment's folder, with `/` between names.
    pub path: String,
    /// Whether it may be executed.
    pub executable: bool,
    /// XXH3-128 of its contents, in hexadecimal.
    pub hash: String,
    /// What it holds.
    pub contents: Vec<u8>,
}

/// How a file differs from the one a run holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// It is new.
    Added(String),
    /// It is gone.
    Removed(String),
    /// It holds something else, or may be executed where it could not, or the other way round.
    Changed(String),
}

/// Why the user's files cannot be taken along.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum FilesError {
    #[error("`{pattern}` is no pattern of files: {what}")]
    Pattern { pattern: String, what: String },
    #[error("`{pattern}` leads out of the experiment's folder")]
    Outside { pattern: String },
    #[error("`{pattern}` matches no file in `{}`", directory.display())]
    NoMatch { pattern: String, directory: PathBuf },
    #[error("`{path}` holds {} MiB; a run takes files of up to {} MiB along", size >> 20, FILE_LIMIT >> 20)]
    TooLarge { path: String, size: u64 },
    #[error("the files hold more than {} MiB together; `{path}` is the largest", TOTAL_LIMIT >> 20)]
    TooMuch { path: String },
    #[error("the name of `{}` is not Unicode", path.display())]
    Name { path: PathBuf },
    #[error("cannot read `{}`", path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl FilesError {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            FilesError::Outside { .. } => Some("patterns are relative to the folder of the experiment's file"),
            FilesError::NoMatch { .. } => Some("`mesh/**` takes a folder; hidden files must be named"),
            FilesError::TooLarge { .. } | FilesError::TooMuch { .. } => {
                Some("leave large data out of `files`, and hand its path over in `problem.options`")
            }
            FilesError::Pattern { .. } | FilesError::Name { .. } | FilesError::Io { .. } => None,
        }
    }
}

impl StoredFile {
    /// A file of `contents`.
    pub fn new(path: impl Into<String>, executable: bool, contents: Vec<u8>) -> StoredFile {
        StoredFile { path: path.into(), executable, hash: hash(&contents), contents }
    }
}

/// The files in `directory` that any of `patterns` matches, by path.
///
/// Patterns are relative to `directory`, with `/` between names: `*` and `?` stay within a name, `**` goes through
/// folders, `[ab]` and `{a,b}` choose. Names that start with `.` are left out unless a pattern has such a name in it;
/// `__pycache__` always is, since it changes whenever the code runs. Links to folders are not followed.
pub fn collect_files(directory: &Path, patterns: &[String]) -> Result<Vec<StoredFile>, FilesError> {
    let globs = patterns.iter().map(|pattern| glob(pattern)).collect::<Result<Vec<_>, _>>()?;
    if globs.is_empty() {
        return Ok(Vec::new());
    }
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        builder.add(glob);
    }
    let set = builder.build().map_err(|error| FilesError::Pattern {
        pattern: error.glob().unwrap_or_default().to_owned(),
        what: error.kind().to_string(),
    })?;
    let hidden = patterns.iter().any(|pattern| pattern.split('/').any(|name| name.starts_with('.')));
    let mut walk = Walk { set, hidden, matched: vec![false; patterns.len()], found: Vec::new() };
    walk.folder(directory, "")?;
    if let Some(index) = walk.matched.iter().position(|matched| !matched) {
        return Err(FilesError::NoMatch { pattern: patterns[index].clone(), directory: directory.to_owned() });
    }
    walk.found.sort_by(|a, b| a.1.cmp(&b.1));
    read(&walk.found)
}

/// How `now` differs from `then`, by path.
pub fn changed_files(then: &[StoredFile], now: &[StoredFile]) -> Vec<FileChange> {
    let find = |files: &'_ [StoredFile], path: &str| files.iter().position(|file| file.path == path);
    let mut changes = Vec::new();
    for old in then {
        match find(now, &old.path) {
            None => changes.push(FileChange::Removed(old.path.clone())),
            Some(index) if (&now[index].hash, now[index].executable) != (&old.hash, old.executable) => {
                changes.push(FileChange::Changed(old.path.clone()));
            }
            Some(_) => {}
        }
    }
    let added = now.iter().filter(|file| find(then, &file.path).is_none());
    changes.extend(added.map(|file| FileChange::Added(file.path.clone())));
    changes
}

fn hash(contents: &[u8]) -> String {
    format!("{:032x}", xxh3_128(contents))
}

fn glob(pattern: &str) -> Result<Glob, FilesError> {
    if pattern.starts_with('/') || pattern.split('/').any(|name| name == "..") {
        return Err(FilesError::Outside { pattern: pattern.to_owned() });
    }
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|error| FilesError::Pattern { pattern: pattern.to_owned(), what: error.kind().to_string() })
}

struct Walk {
    set: GlobSet,
    hidden: bool,
    /// For each pattern, whether it matched a file.
    matched: Vec<bool>,
    /// Where each file is, and its path relative to the experiment's folder.
    found: Vec<(PathBuf, String)>,
}

impl Walk {
    fn folder(&mut self, folder: &Path, prefix: &str) -> Result<(), FilesError> {
        let failed = |source| FilesError::Io { path: folder.to_owned(), source };
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            let path = entry.path();
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                // A file nobody asked for may be called what it likes.
                if !kind.is_dir() && self.set.is_match(Path::new(prefix).join(&name)) {
                    return Err(FilesError::Name { path });
                }
                continue;
            };
            if name == "__pycache__" || (name.starts_with('.') && !self.hidden) {
                continue;
            }
            let relative = format!("{prefix}{name}");
            if kind.is_dir() {
                self.folder(&path, &format!("{relative}/"))?;
                continue;
            }
            let matches = self.set.matches(&relative);
            if matches.is_empty() || !path.is_file() {
                continue;
            }
            for index in matches {
                self.matched[index] = true;
            }
            self.found.push((path, relative));
        }
        Ok(())
    }
}

fn read(found: &[(PathBuf, String)]) -> Result<Vec<StoredFile>, FilesError> {
    let mut sizes = Vec::with_capacity(found.len());
    for (path, relative) in found {
        let size = fs::metadata(path).map_err(|source| FilesError::Io { path: path.clone(), source })?.len();
        if size > FILE_LIMIT {
            return Err(FilesError::TooLarge { path: relative.clone(), size });
        }
        sizes.push((size, relative));
    }
    if sizes.iter().map(|(size, _)| size).sum::<u64>() > TOTAL_LIMIT {
        let largest = sizes.iter().max().map(|(_, path)| (*path).clone()).unwrap_or_default();
        return Err(FilesError::TooMuch { path: largest });
    }
    let read = |(path, relative): &(PathBuf, String)| {
        let failed = |source| FilesError::Io { path: path.clone(), source };
        let executable = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o111 != 0;
        Ok(StoredFile::new(relative, executable, fs::read(path).map_err(failed)?))
    };
    found.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(paths: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for path in paths {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, path.to_string_lossy().as_bytes()).unwrap();
        }
        folder
    }

    fn paths(folder: &Path, patterns: &[&str]) -> Vec<String> {
        let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
        collect_files(folder, &patterns).unwrap().into_iter().map(|file| file.path).collect()
    }

    fn refused(folder: &Path, patterns: &[&str]) -> String {
        let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
        let error = collect_files(folder, &patterns).unwrap_err();
        error.to_string().replace(&folder.display().to_string(), "FOLDER")
    }

    #[test]
    fn patterns_take_files_and_folders() {
        let folder =
            folder(&["wing.py", "mesh/a.msh", "mesh/fine/b.msh", "mesh/__pycache__/c.pyc", ".git/x", "other.py"]);
        assert_eq!(paths(folder.path(), &["wing.py", "mesh/**"]), ["mesh/a.msh", "mesh/fine/b.msh", "wing.py"]);
        assert_eq!(paths(folder.path(), &["*.py"]), ["other.py", "wing.py"]);
        assert_eq!(paths(folder.path(), &["./mesh/*.msh"]), ["mesh/a.msh"]);
        assert_eq!(paths(folder.path(), &[".git/*"]), [".git/x"]);
        assert_eq!(paths(folder.path(), &[]), [""; 0]);
    }

    #[test]
    fn what_cannot_be_taken_along_is_named() {
        let folder = folder(&["wing.py", "big"]);
        assert_eq!(refused(folder.path(), &["wing.py", "wnig.py"]), "`wnig.py` matches no file in `FOLDER`");
        assert_eq!(refused(folder.path(), &["../x"]), "`../x` leads out of the experiment's folder");
        assert_eq!(refused(folder.path(), &["/etc/passwd"]), "`/etc/passwd` leads out of the experiment's folder");
        assert!(refused(folder.path(), &["a[b"]).starts_with("`a[b` is no pattern of files: "));
        let big = fs::File::create(folder.path().join("big")).unwrap();
        big.set_len(FILE_LIMIT + 1).unwrap();
        assert_eq!(refused(folder.path(), &["big"]), "`big` holds 64 MiB; a run takes files of up to 64 MiB along");
    }

    #[test]
    fn changes_are_told_by_contents() {
        let file = |path: &str, contents: &str| StoredFile::new(path, false, contents.as_bytes().to_vec());
        let then = [file("a", "1"), file("b", "2"), file("c", "3")];
        let now = [file("a", "1"), file("b", "9"), file("d", "4")];
        assert_eq!(changed_files(&then, &then), []);
        let changed = FileChange::Changed("b".into());
        let (removed, added) = (FileChange::Removed("c".into()), FileChange::Added("d".into()));
        assert_eq!(changed_files(&then, &now), [changed, removed, added]);
    }
}
