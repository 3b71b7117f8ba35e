//! What can go wrong with stored runs.

use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

use super::{Holder, schema::FORMAT};

/// How many runs are named that could be meant.
const NAMES: usize = 6;

/// A run cannot be found, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum StoreError {
    #[error("there is no folder to keep runs in")]
    NoHome,
    #[error("cannot {verb} `{}`", path.display())]
    Io {
        verb: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("there are no runs in `{}`", folder.display())]
    NoRuns { folder: PathBuf },
    #[error("there is no run `{run}`")]
    Unknown { run: String, nearest: Option<String> },
    #[error("`{run}` could be {}", list(matches))]
    Ambiguous { run: String, matches: Vec<String> },
    #[error("`{}` is not a run", path.display())]
    NotARun { path: PathBuf },
    #[error("`{}` has format {found}{}; this program knows up to format {FORMAT}", path.display(), written_by(program.as_deref()))]
    Newer { path: PathBuf, found: i64, program: Option<String> },
    #[error("`{}` is damaged: {what}", path.display())]
    Damaged { path: PathBuf, what: String },
    #[error("run `{run}` is taken{}", by(holder.as_ref()))]
    Held { run: String, holder: Option<Holder> },
    #[error("run `{run}` is finished: it was ended by `{stop}`")]
    Finished { run: String, stop: String },
    #[error("the disk is full: cannot write `{}`", path.display())]
    Full { path: PathBuf },
    #[error("`{}` cannot be written: it is read-only", path.display())]
    ReadOnly { path: PathBuf },
    #[error("cannot {verb} `{}`", path.display())]
    Sqlite {
        verb: &'static str,
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    #[error("recording in `{}` has stopped", path.display())]
    Stopped { path: PathBuf },
    #[error("the signature holds a number that is not finite")]
    Signature,
}

impl StoreError {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            StoreError::NoHome => "set `HOME`, or `GENETIC_POOL_HOME` to a folder".to_owned(),
            StoreError::NoRuns { .. } => {
                "`genetic-pool run FILE` begins one; `GENETIC_POOL_HOME` says where they are kept".to_owned()
            }
            StoreError::Unknown { nearest: Some(nearest), .. } => {
                format!("did you mean `{nearest}`? `runs list` shows what there is")
            }
            StoreError::Unknown { nearest: None, .. } => "`runs list` shows what there is".to_owned(),
            StoreError::Ambiguous { .. } => "give more of its id, from the start or after the last `-`".to_owned(),
            StoreError::NotARun { .. } => {
                "runs are the `.sqlite` files this program writes; `runs rm --force` removes others from its folder"
                    .to_owned()
            }
            StoreError::Newer { .. } => "use a newer version of this program".to_owned(),
            StoreError::Damaged { .. } => {
                "take a copy of it from before, or remove it with `runs rm --force`".to_owned()
            }
            StoreError::Held { holder: Some(holder), .. } => {
                format!("wait for it, or stop it with `kill -INT {}`", holder.pid)
            }
            StoreError::Held { holder: None, .. } => "wait for who has it, or stop it".to_owned(),
            StoreError::Finished { .. } => "start a new run; `runs show` tells its result".to_owned(),
            StoreError::Full { .. } => {
                "free some space; a run that was under way can be resumed: all that was reported is recorded".to_owned()
            }
            StoreError::ReadOnly { .. } => "make it writable, or set `GENETIC_POOL_HOME` to another folder".to_owned(),
            StoreError::Io { source, .. } if is_read_only(source) => {
                "make it writable, or set `GENETIC_POOL_HOME` to another folder".to_owned()
            }
            StoreError::Io { verb: "create", source, .. } if is_no_folder(source) => {
                "set `GENETIC_POOL_HOME` to a folder: a file is in its way".to_owned()
            }
            StoreError::Sqlite { verb: "open" | "read", .. } => {
                "a run that did not end cleanly can only be read where its folder can be written; copy its `-wal` file \
                 along with it"
                    .to_owned()
            }
            StoreError::Sqlite { .. } | StoreError::Io { .. } | StoreError::Stopped { .. } | StoreError::Signature => {
                return None;
            }
        })
    }

    /// A failed system call on `path`.
    pub(crate) fn io(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full { path },
            _ => StoreError::Io { verb, path, source },
        }
    }

    /// A failed call of SQLite on `path`.
    pub(crate) fn sqlite(verb: &'static str, path: &Path) -> impl Fn(rusqlite::Error) -> StoreError {
        let path = path.to_owned();
        move |source| {
            let path = path.clone();
            match source.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => StoreError::Full { path },
                Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { path },
                Some(ErrorCode::NotADatabase) => StoreError::NotARun { path },
                Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path, what: source.to_string() },
                _ => match source {
                    rusqlite::Error::QueryReturnedNoRows
                    | rusqlite::Error::FromSqlConversionFailure(..)
                    | rusqlite::Error::IntegralValueOutOfRange(..)
                    | rusqlite::Error::InvalidColumnType(..) => StoreError::Damaged { path, what: source.to_string() },
                    source => StoreError::Sqlite { verb, path, source },
                },
            }
        }
    }

    /// Something in the file contradicts itself.
    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> StoreError {
        StoreError::Damaged { path: path.to_owned(), what: what.into() }
    }
}

fn is_read_only(source: &io::Error) -> bool {
    matches!(source.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

fn is_no_folder(source: &io::Error) -> bool {
    matches!(source.kind(), io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists)
}

fn list(names: &[String]) -> String {
    let shown = if names.len() > NAMES { NAMES - 1 } else { names.len() };
    let mut quoted: Vec<String> = names.iter().take(shown).map(|name| format!("`{name}`")).collect();
    if shown < names.len() {
        quoted.push(format!("… ({} in all)", names.len()));
    }
    quoted.join(", ")
}

fn written_by(program: Option<&str>) -> String {
    program.map_or_else(String::new, |program| format!(" (written by version {program})"))
}

fn by(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| " by another process".to_owned(), |holder| format!(" by {holder}"))
}
