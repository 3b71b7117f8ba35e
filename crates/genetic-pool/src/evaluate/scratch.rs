//! Scratch folders of candidates.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Mutex,
};

use genetic_pool_evolve::problem::{CandidateId, FailureKind};

use crate::experiment::Keep;

/// How many failures of each kind keep their folder under [`Keep::Failures`].
const FAILURES_KEPT: u32 = 3;

/// Where candidates have their scratch folders, and which of them stay.
#[derive(Debug)]
pub(super) struct Scratch {
    root: PathBuf,
    all: bool,
    /// Those of candidates that could be evaluated stay: which of them are the best is for the run to say.
    best: bool,
    failures: bool,
    kept: Mutex<HashMap<FailureKind, u32>>,
    /// Removes the root with it, where nobody chose one.
    temporary: Option<tempfile::TempDir>,
}

/// The scratch folder of `candidate` under `root`.
pub fn scratch_folder(root: &Path, candidate: CandidateId) -> PathBuf {
    root.join(candidate.to_string())
}

impl Scratch {
    /// Scratch folders under `root`, or in a temporary folder that goes away with it and everything in it.
    pub(super) fn new(root: Option<PathBuf>, keep: &[Keep]) -> std::io::Result<Scratch> {
        let temporary =
            if root.is_none() { Some(tempfile::Builder::new().prefix("genetic-pool-").tempdir()?) } else { None };
        let root = match (root, &temporary) {
            (Some(root), _) => std::path::absolute(root)?,
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => unreachable!("one of them is there"),
        };
        let all = keep.contains(&Keep::All);
        let best = keep.iter().any(|keep| matches!(keep, Keep::Best(_)));
        let failures = keep.contains(&Keep::Failures);
        Ok(Scratch { root, all, best, failures, kept: Mutex::default(), temporary })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn of(&self, candidate: CandidateId) -> PathBuf {
        scratch_folder(&self.root, candidate)
    }

    /// Removes what an earlier session left of `candidate`, which is to be evaluated.
    pub(super) fn before(&self, candidate: CandidateId) {
        if self.temporary.is_none() {
            self.remove(candidate);
        }
    }

    /// Removes the folder of `candidate`, which ended so, unless it is to be kept.
    pub(super) fn done(&self, candidate: CandidateId, failure: Option<FailureKind>) {
        if self.all || (self.best && failure.is_none()) {
            return;
        }
        if let (true, Some(kind)) = (self.failures, failure) {
            let mut kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let count = kept.entry(kind).or_default();
            if *count < FAILURES_KEPT {
                *count += 1;
                return;
            }
        }
        self.remove(candidate);
    }

    /// Removes the folder of `candidate`, as before another try.
    pub(super) fn remove(&self, candidate: CandidateId) {
        // What cannot be removed stays: it is nobody's but the evaluation's, and the run does not depend on it.
        let _ = std::fs::remove_dir_all(self.of(candidate));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_behind_is_not_seen() {
        let root = tempfile::tempdir().unwrap();
        let folder = scratch_folder(root.path(), CandidateId(17));
        std::fs::create_dir(&folder).unwrap();
        Scratch::new(Some(root.path().to_owned()), &[]).unwrap().before(CandidateId(17));
        assert!(!folder.exists());
    }

    fn left(keep: &[Keep]) -> Vec<u64> {
        let scratch = Scratch::new(None, keep).unwrap();
        for index in 0..6 {
            let candidate = CandidateId(index);
            std::fs::create_dir(scratch.of(candidate)).unwrap();
            scratch.done(candidate, (index > 1).then_some(FailureKind::Exit));
        }
        (0..6).filter(|index| scratch.of(CandidateId(*index)).exists()).collect()
    }

    #[test]
    fn folders_stay_as_they_are_wanted() {
        assert!(left(&[]).is_empty());
        assert_eq!(left(&[Keep::Failures]), [2, 3, 4]);
        assert_eq!(left(&[Keep::Best(2)]), [0, 1]);
        assert_eq!(left(&[Keep::Best(2), Keep::Failures]), [0, 1, 2, 3, 4]);
    }
}
