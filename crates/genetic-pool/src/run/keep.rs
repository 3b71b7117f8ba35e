//! Whose scratch folders stay: `keep = ["best N"]`.

use std::{collections::BTreeSet, path::PathBuf};

use genetic_pool_evolve::{
    algorithms::{Population, Rank},
    problem::CandidateId,
};

use crate::{
    evaluate::scratch_folder,
    experiment::{Keep, ProblemSettings},
};

/// The best candidates so far, whose scratch folders stay while others' are removed.
pub(super) struct KeptBest {
    root: PathBuf,
    /// How many; `None`: nobody is removed here.
    most: Option<usize>,
    best: BTreeSet<(Rank, CandidateId)>,
}

impl KeptBest {
    /// Keeps what `problem` asks for among the folders under `root`; `best` were kept by an earlier session.
    pub(super) fn new(root: PathBuf, problem: &ProblemSettings, best: Vec<(Rank, CandidateId)>) -> KeptBest {
        let most = problem.keep.iter().filter_map(|keep| match keep {
            Keep::Best(most) => Some(*most),
            Keep::Failures | Keep::All => None,
        });
        let most = most.max().filter(|_| !problem.keep.contains(&Keep::All));
        KeptBest { root, most, best: best.into_iter().collect() }
    }

    /// Takes committed candidates into account, and removes the folders of those that are not among the best any more.
    pub(super) fn committed(&mut self, candidates: &Population) {
        let Some(most) = self.most else { return };
        for row in 0..candidates.len() {
            if candidates.outcomes.failure(row).is_some() {
                continue;
            }
            self.best.insert((candidates.ranks[row], candidates.candidates[row]));
            if self.best.len() > most
                && let Some((_, candidate)) = self.best.pop_last()
            {
                // There may be none, and what cannot be removed stays: the run does not depend on it.
                let _ = std::fs::remove_dir_all(scratch_folder(&self.root, candidate));
            }
        }
    }

    /// The best, for the next session.
    pub(super) fn best(&self) -> Vec<(Rank, CandidateId)> {
        self.best.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use genetic_pool_evolve::{outcomes::OutcomeShape, problem::Failure, space::Shape};

    use super::*;
    use crate::experiment::{Exactness, Fitness, OnFailure, Resources, Then};

    fn settings(keep: Vec<Keep>) -> ProblemSettings {
        ProblemSettings {
            fitness: Fitness::Registered { name: "sphere".into() },
            options: serde_json::json!({}),
            files: vec![],
            environment: vec![],
            resources: Resources { cpus: 1, memory: None },
            timeout: None,
            on_failure: OnFailure { retries: 0, then: Then::Stop, stop_after: None },
            keep,
            batch: 1,
            exactness: Exactness::Exact,
        }
    }

    fn left(keep: Vec<Keep>) -> Vec<u64> {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = KeptBest::new(folder.path().to_owned(), &settings(keep), vec![]);
        let shape = OutcomeShape { objectives: 1, ..OutcomeShape::default() };
        for generation in 0..3 {
            let mut candidates = Population::new(Shape::default(), shape, 4);
            for row in 0..4 {
                let candidate = CandidateId::new(0, 4 * generation + row as u64);
                candidates.candidates[row] = candidate;
                candidates.ranks[row] = Rank::new(0.0, (candidate.index() as f64 - 6.0).abs());
                std::fs::create_dir(scratch_folder(folder.path(), candidate)).unwrap();
            }
            candidates.outcomes.fail(0, Failure::exception("no"));
            kept.committed(&candidates);
        }
        let there = |index: &u64| scratch_folder(folder.path(), CandidateId::new(0, *index)).exists();
        (0..12).filter(there).collect()
    }

    #[test]
    fn the_best_stay_and_failures_are_not_its_business() {
        assert_eq!(left(vec![Keep::Best(3)]), [0, 4, 5, 6, 7, 8]);
        assert_eq!(left(vec![Keep::Best(1), Keep::Failures]), [0, 4, 6, 8]);
        let all: Vec<u64> = (0..12).collect();
        assert_eq!(left(vec![Keep::Failures]), all);
        assert_eq!(left(vec![Keep::Best(1), Keep::All]), all);
    }
}
