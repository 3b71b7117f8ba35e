//! The front of a stored run with several goals.

use genetic_pool_evolve::progress::hypervolume_of;

use crate::{
    event,
    store::{Individual, List, REFERENCE, RunReader, StoreError},
};

/// The feasible candidates that no other dominates.
pub(super) struct Front {
    /// The best in the first goal first.
    pub(super) candidates: Vec<Individual>,
    /// What the hypervolume is measured against, in the user's units; empty where the run had not come so far.
    pub(super) reference: Vec<f64>,
    /// The hypervolume; `None` where there is no reference, or more goals than it is computed for.
    pub(super) hypervolume: Option<f64>,
}

impl Front {
    /// The front of the run; `None` where it has one goal.
    pub(super) fn read(reader: &RunReader) -> Result<Option<Front>, StoreError> {
        let signature = &reader.meta().signature;
        if signature.goals.len() < 2 {
            return Ok(None);
        }
        let mut candidates = reader.individuals(List::Best)?;
        candidates.retain(|candidate| candidate.violation == Some(0.0));
        let told = reader.events()?.into_iter().rfind(|event| event.kind == REFERENCE);
        let reference: Vec<f64> = told.and_then(|event| serde_json::from_value(event.data).ok()).unwrap_or_default();
        let mut front = Front { candidates, reference, hypervolume: None };
        if front.reference.len() == signature.goals.len() {
            front.hypervolume = hypervolume_of(signature, &front.objectives(), &front.reference);
        }
        Ok(Some(front))
    }

    /// The objectives of all, one row after the other.
    pub(super) fn objectives(&self) -> Vec<f64> {
        self.candidates.iter().flat_map(|candidate| candidate.outputs.objectives(0)).copied().collect()
    }

    /// As a run tells of it.
    pub(super) fn event(&self) -> event::Front {
        event::Front {
            candidates: self.candidates.len(),
            hypervolume: self.hypervolume,
            reference: self.reference.clone(),
        }
    }
}
