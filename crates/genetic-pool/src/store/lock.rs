//! Who may write a run: the operating system's lock on a file beside it.
//!
//! The lock belongs to the open file and so to the process: it vanishes with it, however it ends. SQLite's own locks
//! are on the run's file and never meet it.

use std::{
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;

/// Who has a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// Since when.
    #[serde(with = "super::time_text")]
    pub since: Timestamp,
    /// The command that was typed.
    pub command: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Holder { pid, since, command } = self;
        write!(f, "process {pid} since {} (`{command}`)", since.strftime("%Y-%m-%d %H:%M:%SZ"))
    }
}

/// A lock that is held until it is dropped; then its file goes away.
#[derive(Debug)]
pub(super) struct RunLock {
    file: File,
    path: PathBuf,
}

/// Who only asks whether a run is taken holds the lock for a moment: who wants it tries this long.
const PATIENCE: Duration = Duration::from_millis(300);

/// A holder as text is short: more than this is not one.
const HOLDER_BYTES: u64 = 64 * 1024;

impl RunLock {
    /// Takes the lock of the run at `run`, and says in its file that `holder` has it.
    pub(super) fn take(run: &Path, holder: &Holder) -> Result<RunLock, StoreError> {
        let path = lock_path(run);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .map_err(StoreError::io("open", &path))?;
            match file.try_lock() {
                // The last holder removed the file between our opening and locking it: this lock excludes nobody.
                Ok(()) if !is_at(&file, &path) => {}
                Ok(()) => return RunLock { file, path }.write(holder),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => {
                    let name = run.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    return Err(StoreError::Held { run: name, holder: holder_in(&file) });
                }
                Err(TryLockError::Error(source)) => return Err(StoreError::io("lock", &path)(source)),
            }
        }
    }

    fn write(mut self, holder: &Holder) -> Result<RunLock, StoreError> {
        let write = |file: &mut File| -> io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(serde_json::to_string(holder)?.as_bytes())
        };
        write(&mut self.file).map_err(StoreError::io("write", &self.path))?;
        Ok(self)
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // While it is still locked, so that nobody else's file is removed. A file that stays behind means nothing.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether somebody has a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Nobody has it.
    Free,
    /// Somebody has; who, unless the lock's file does not say so yet.
    By(Option<Holder>),
}

/// Whether somebody has the run at `run`; an error where the lock's file is there and cannot be asked.
pub(super) fn taken(run: &Path) -> io::Result<Taken> {
    let file = match File::open(lock_path(run)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Taken::Free),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(Taken::Free),
        Err(TryLockError::WouldBlock) => Ok(Taken::By(holder_in(&file))),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The lock's file of the run at `run`.
pub(super) fn lock_path(run: &Path) -> PathBuf {
    run.with_extension("lock")
}

fn holder_in(mut file: &File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(HOLDER_BYTES).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn someone(command: &str) -> Holder {
        Holder { pid: 17, since: "2026-11-24T10:15:30Z".parse().unwrap(), command: command.into() }
    }

    #[test]
    fn the_second_is_told_who_has_it_and_the_file_goes_away_with_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("a.sqlite");
        assert_eq!(taken(&run).unwrap(), Taken::Free);
        let first = RunLock::take(&run, &someone("run a.toml")).unwrap();
        assert_eq!(taken(&run).unwrap(), Taken::By(Some(someone("run a.toml"))));
        let error = RunLock::take(&run, &someone("resume")).unwrap_err();
        assert_eq!(error.to_string(), "run `a` is taken by process 17 since 2026-11-24 10:15:30Z (`run a.toml`)");
        drop(first);
        assert_eq!(taken(&run).unwrap(), Taken::Free);
        assert!(!lock_path(&run).exists());
        RunLock::take(&run, &someone("resume")).unwrap();
    }

    #[test]
    fn a_file_that_a_killed_process_left_behind_locks_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("a.sqlite");
        fs::write(lock_path(&run), serde_json::to_string(&someone("a very long command, once upon a time")).unwrap())
            .unwrap();
        assert_eq!(taken(&run).unwrap(), Taken::Free);
        let lock = RunLock::take(&run, &someone("b")).unwrap();
        assert_eq!(taken(&run).unwrap(), Taken::By(Some(someone("b"))));
        drop(lock);
    }

    #[test]
    fn asking_does_not_stop_who_wants_it() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("a.sqlite");
        fs::write(lock_path(&run), "").unwrap();
        let asking = File::open(lock_path(&run)).unwrap();
        asking.try_lock_shared().unwrap();
        let asker = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            drop(asking);
        });
        RunLock::take(&run, &someone("run")).unwrap();
        asker.join().unwrap();
    }
}
