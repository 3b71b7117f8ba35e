//! One change of a cluster at a time.

use std::{
    env,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::TimeZone};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::names::ClusterName;

/// The right to change a cluster, until it is dropped or its process ends, however it ends.
///
/// It keeps this user's processes on this machine from each other.
#[derive(Debug)]
pub struct Lock {
    // Its lock is the right; closing it gives the right back.
    file: File,
    path: PathBuf,
}

/// Who changes a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// What it does to the cluster: `up`, `scale`, `down`.
    pub verb: String,
    /// Its process.
    pub pid: u32,
    /// When it began, in seconds since 1970 (UTC).
    pub since: i64,
}

/// The right to change a cluster cannot be had.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum LockError {
    #[error("{} of cluster `{cluster}` is under way{}", another(holder.as_ref()), told(holder.as_ref()))]
    Held {
        cluster: ClusterName,
        /// Who has it, where that could be read.
        holder: Option<Holder>,
    },
    #[error("the folder of locks `{}` belongs to another user, or others may write in it", path.display())]
    NotPrivate { path: PathBuf },
    #[error("cannot use the lock `{}`", path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl Lock {
    /// Takes the right to change `cluster` of the engine with the id `engine`, for `verb`; refused at once where
    /// another has it.
    pub fn acquire(engine: &str, cluster: &ClusterName, verb: &str) -> Result<Lock, LockError> {
        Lock::acquire_in(&folder()?, engine, cluster, verb)
    }

    fn acquire_in(folder: &Path, engine: &str, cluster: &ClusterName, verb: &str) -> Result<Lock, LockError> {
        // Ids of engines hold characters that file names do not.
        let engine = format!("{:x}", Sha256::digest(engine));
        let path = folder.join(format!("{}-{cluster}.lock", &engine[..16]));
        loop {
            let failed = |source| LockError::Io { path: path.clone(), source };
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
            let file = file.map_err(failed)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(error) if error == rustix::io::Errno::WOULDBLOCK => {
                    return Err(LockError::Held { cluster: cluster.clone(), holder: read(&path) });
                }
                Err(error) => return Err(failed(error.into())),
            }
            // Who had it may have removed the file between our opening and locking it: that one locks nobody out.
            let ours = file.metadata().map_err(failed)?;
            if !fs::metadata(&path).is_ok_and(|there| there.ino() == ours.ino() && there.dev() == ours.dev()) {
                continue;
            }
            let holder = Holder { verb: verb.to_owned(), pid: std::process::id(), since: Timestamp::now().as_second() };
            let mut lock = Lock { file, path };
            return match lock.sign(&holder) {
                Ok(()) => Ok(lock),
                Err(source) => Err(LockError::Io { path: lock.path.clone(), source }),
            };
        }
    }

    fn sign(&mut self, holder: &Holder) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.write_all(&serde_json::to_vec(holder)?)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Before the lock goes with the file: a file removed later might be the next holder's.
        let _ = fs::remove_file(&self.path);
    }
}

impl LockError {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        match self {
            LockError::Held { holder: Some(holder), .. } => {
                Some(format!("wait for it, or stop it by `kill -INT {}`", holder.pid))
            }
            LockError::Held { holder: None, .. } => Some("wait for it".to_owned()),
            LockError::NotPrivate { path } => {
                Some(format!("remove `{}`, or set XDG_RUNTIME_DIR to a folder of your own", path.display()))
            }
            LockError::Io { .. } => Some("XDG_RUNTIME_DIR names the folder of locks".to_owned()),
        }
    }
}

/// This user's folder of locks, which goes when the machine is started anew.
fn folder() -> Result<PathBuf, LockError> {
    let user = rustix::process::getuid().as_raw();
    let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_dir());
    let path = match runtime {
        Some(folder) => folder.join("genetic-pool"),
        None => env::temp_dir().join(format!("genetic-pool-{user}")),
    };
    private(&path, user)?;
    Ok(path)
}

/// Makes the folder `path`, or sees that nobody but `user` can put anything there.
fn private(path: &Path, user: u32) -> Result<(), LockError> {
    let failed = |source| LockError::Io { path: path.to_owned(), source };
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(source) => return Err(failed(source)),
    }
    // Of the name itself: a link could lead to anybody's folder.
    let there = fs::symlink_metadata(path).map_err(failed)?;
    if there.is_dir() && there.uid() == user && there.mode() & 0o022 == 0 {
        Ok(())
    } else {
        Err(LockError::NotPrivate { path: path.to_owned() })
    }
}

fn read(path: &Path) -> Option<Holder> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn another(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another change".to_owned(), |holder| format!("another `{}`", holder.verb))
}

fn told(holder: Option<&Holder>) -> String {
    holder.map_or_else(String::new, |holder| match Timestamp::from_second(holder.since) {
        Ok(since) => {
            let since = since.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S");
            format!(" (pid {}, since {since})", holder.pid)
        }
        Err(_) => format!(" (pid {})", holder.pid),
    })
}

#[cfg(test)]
mod tests {
    use std::{
        os::unix::fs::PermissionsExt,
        process::{Command, Stdio},
        thread,
        time::{Duration, Instant},
    };

    use tempfile::TempDir;

    use super::*;

    fn name(text: &str) -> ClusterName {
        text.parse().unwrap()
    }

    #[test]
    fn a_second_one_is_refused_and_told_who_has_it() {
        let folder = TempDir::new().unwrap();
        let lock = Lock::acquire_in(folder.path(), "A:B", &name("x"), "up").unwrap();
        let refused = Lock::acquire_in(folder.path(), "A:B", &name("x"), "down").unwrap_err();
        let LockError::Held { holder: Some(holder), .. } = &refused else { panic!("{refused:?}") };
        assert_eq!((holder.verb.as_str(), holder.pid), ("up", std::process::id()));
        assert!(refused.to_string().starts_with("another `up` of cluster `x` is under way (pid "), "{refused}");
        drop(lock);
        Lock::acquire_in(folder.path(), "A:B", &name("x"), "down").unwrap();
    }

    #[test]
    fn other_clusters_and_other_engines_have_their_own() {
        let folder = TempDir::new().unwrap();
        let _lock = Lock::acquire_in(folder.path(), "A:B", &name("x"), "up").unwrap();
        let _other = Lock::acquire_in(folder.path(), "A:B", &name("y"), "up").unwrap();
        let _another = Lock::acquire_in(folder.path(), "C:D", &name("x"), "up").unwrap();
    }

    #[test]
    fn nothing_is_left_behind() {
        let folder = TempDir::new().unwrap();
        drop(Lock::acquire_in(folder.path(), "A", &name("x"), "up").unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    const FOLDER: &str = "GENETIC_POOL_TEST_LOCKS";

    #[test]
    #[ignore = "the other process of the test below"]
    fn a_process_that_holds_it_until_it_is_killed() {
        let Some(folder) = env::var_os(FOLDER) else { return };
        let _lock = Lock::acquire_in(Path::new(&folder), "A", &name("x"), "scale").unwrap();
        thread::sleep(Duration::from_mins(1));
    }

    #[test]
    fn a_killed_process_holds_nobody_up() {
        let folder = TempDir::new().unwrap();
        let test = "cluster::lock::tests::a_process_that_holds_it_until_it_is_killed";
        let mut other = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--ignored"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(30);
        let refused = loop {
            match Lock::acquire_in(folder.path(), "A", &name("x"), "up") {
                Err(error) => break error,
                Ok(lock) => drop(lock),
            }
            assert!(Instant::now() < end, "the other process never had it");
            thread::sleep(Duration::from_millis(10));
        };
        assert!(refused.to_string().contains("another"), "{refused}");
        other.kill().unwrap();
        other.wait().unwrap();
        drop(Lock::acquire_in(folder.path(), "A", &name("x"), "up").unwrap());
    }

    #[test]
    fn a_folder_that_others_may_write_in_is_refused() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("locks");
        let user = rustix::process::getuid().as_raw();
        private(&path, user).unwrap();
        private(&path, user).unwrap();
        assert!(matches!(private(&path, user + 1), Err(LockError::NotPrivate { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(private(&path, user), Err(LockError::NotPrivate { .. })));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert!(matches!(private(&link, user), Err(LockError::NotPrivate { .. })));
    }
}
