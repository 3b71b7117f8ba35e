//! Taking in a run that was recorded elsewhere.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use tempfile::Builder;

use super::{Holder, Home, RunId, RunReader, StoreError, home::files_of, lock::RunLock, run::PARTIAL};

/// Takes a copy of the run at `copy` into `home`, as run `id`, in place of an earlier state of it; says where it is.
///
/// `copy` need not be in order, a `-wal` beside it counts. Where `home` has a later state of the run, or all of it,
/// nothing is done; where a process has it there that is an error. `command` is told to who wants the run meanwhile.
pub fn adopt_run(home: &Home, id: &RunId, copy: &Path, command: &str) -> Result<PathBuf, StoreError> {
    let runs = home.runs();
    fs::create_dir_all(&runs).map_err(StoreError::io("create", &runs))?;
    let path = home.path_of(id);
    let holder = Holder { pid: std::process::id(), since: Timestamp::now(), command: command.to_owned() };
    let lock = RunLock::take(&path, &holder)?;
    let new = RunReader::open(copy)?;
    if path.exists() {
        let (here, there) = (standing(&RunReader::open(&path)?)?, standing(&new)?);
        // A session that was not ended may have recorded more since: as much of it is not all of it.
        let all = here.1.is_some();
        if here > there || (here == there && all) {
            return Ok(path);
        }
    }
    let partial = Builder::new()
        .prefix(PARTIAL)
        .permissions(fs::Permissions::from_mode(0o666))
        .tempfile_in(&runs)
        .map_err(StoreError::io("create a file in", &runs))?;
    new.copy_to(partial.path())?;
    // What belongs to the earlier state must not be taken for the new one's.
    let [_, wal, shared, _] = files_of(&path);
    for file in [wal, shared].iter().filter(|file| file.exists()) {
        fs::remove_file(file).map_err(StoreError::io("remove", file))?;
    }
    partial.persist(&path).map_err(|error| StoreError::io("create", &path)(error.error))?;
    drop(lock);
    Ok(path)
}

/// How far a run has come: its sessions, whether the last was ended, what it has committed.
fn standing(reader: &RunReader) -> Result<(usize, Option<Timestamp>, u64), StoreError> {
    let sessions = reader.sessions()?;
    let evaluations = reader.progress()?.map_or(0, |progress| progress.evaluations);
    Ok((sessions.len(), sessions.last().and_then(|session| session.ended), evaluations))
}

#[cfg(test)]
mod tests {
    use genetic_pool_evolve::problem::CandidateId;

    use super::*;
    use crate::store::{Ending, LogRecord, RunWriter, fixture};

    #[test]
    fn a_later_state_replaces_an_earlier_one_and_never_the_other_way_round() {
        let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (there, here) = (Home { root: there.path().to_owned() }, Home { root: here.path().to_owned() });
        let mut writer = RunWriter::create(&there, &fixture::new_run(7)).unwrap();
        let (id, path) = (writer.id().clone(), writer.path().to_owned());
        writer.progress(fixture::progress(20_000)).unwrap();
        writer.flush().unwrap();
        // As it is found where its process was killed: with a `-wal`.
        let folder = tempfile::tempdir().unwrap();
        let killed = folder.path().join("killed.sqlite");
        for suffix in ["", "-wal"] {
            let name = |path: &Path| format!("{}{suffix}", path.display());
            fs::copy(name(&path), name(&killed)).unwrap();
        }
        let adopted = adopt_run(&here, &id, &killed, "watch").unwrap();
        assert_eq!(adopted, here.path_of(&id));
        let reader = RunReader::open(&adopted).unwrap();
        assert_eq!(reader.state().unwrap().0, crate::store::State::Interrupted);
        assert_eq!(reader.progress().unwrap().unwrap().evaluations, 20_000);
        drop(reader);
        // What was recorded since without a progress of its own is taken as well.
        let candidate = CandidateId(1);
        writer.log(LogRecord { candidate, attempt: 0, text: "x".into(), truncated: false }).unwrap();
        writer.flush().unwrap();
        adopt_run(&here, &id, &path, "watch").unwrap();
        assert_eq!(RunReader::open(&adopted).unwrap().candidate(candidate).unwrap().unwrap().logs.len(), 1);

        writer.end(Ending::Finished(fixture::result("00"))).unwrap();
        adopt_run(&here, &id, &path, "watch").unwrap();
        let finished = fs::read(&adopted).unwrap();
        assert_eq!(RunReader::open(&adopted).unwrap().state().unwrap().0, crate::store::State::Finished);
        adopt_run(&here, &id, &killed, "watch").unwrap();
        assert_eq!(fs::read(&adopted).unwrap(), finished);
        let names = fs::read_dir(here.runs()).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(names.collect::<Vec<_>>(), [format!("{id}.sqlite").as_str()]);
    }
}
