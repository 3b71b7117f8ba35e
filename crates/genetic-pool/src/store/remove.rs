//! Removing runs.

use std::{fs, io, path::Path};

use jiff::Timestamp;

use super::{
    Holder, StoreError,
    home::{files_of, size},
    lock::RunLock,
};

/// Removes the run at `path` with all that belongs to it, unless a process has it, and says how many bytes that freed.
///
/// `command` is told to who wants the run meanwhile.
pub fn remove_run(path: &Path, command: &str) -> Result<u64, StoreError> {
    fs::metadata(path).map_err(StoreError::io("open", path))?;
    let freed = size(path);
    let holder = Holder { pid: std::process::id(), since: Timestamp::now(), command: command.to_owned() };
    let lock = RunLock::take(path, &holder)?;
    // The run first: what is left of a removal that fails half-way is not taken for a run.
    let [run, wal, shared, _] = files_of(path);
    for file in [run, wal, shared] {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io("remove", &file)(error));
            }
            _ => {}
        }
    }
    drop(lock);
    Ok(freed)
}
