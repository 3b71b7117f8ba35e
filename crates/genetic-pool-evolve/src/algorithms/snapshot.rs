//! States to and from bytes.

use serde::{Serialize, de::DeserializeOwned};

use super::{Population, RestoreError, Snapshot};
use crate::{
    outcomes::OutcomeShape,
    problem::Signature,
    space::{Genomes, Space},
};

impl Snapshot {
    /// `state` as version `version` of `algorithm` writes it.
    #[expect(clippy::expect_used, reason = "only a sequence of unknown length fails, and no state has one")]
    pub(crate) fn of(algorithm: &str, version: u32, state: &impl Serialize) -> Snapshot {
        let state = postcard::to_stdvec(state).expect("states have known lengths");
        Snapshot { algorithm: algorithm.to_owned(), version, state }
    }

    /// The state, if it is of version `version` of `algorithm`.
    pub(crate) fn read<T: DeserializeOwned>(&self, algorithm: &'static str, version: u32) -> Result<T, RestoreError> {
        if self.algorithm != algorithm {
            return Err(RestoreError::Algorithm { found: self.algorithm.clone(), expected: algorithm });
        }
        if self.version != version {
            return Err(RestoreError::Version {
                algorithm: algorithm.to_owned(),
                found: self.version,
                expected: version,
            });
        }
        let (state, rest) =
            postcard::take_from_bytes(&self.state).map_err(|source| RestoreError::Damaged { source })?;
        if !rest.is_empty() {
            return Err(RestoreError::Damaged { source: postcard::Error::DeserializeBadEncoding });
        }
        Ok(state)
    }
}

/// Candidates of a state are below this, so that those to come have room for their ids.
pub(crate) const MOST_CANDIDATES: u64 = 1 << 47;

/// Refuses a population that is not one of `signature` on `island`, of candidates below `next`, of immigrants and of
/// known ones.
pub(crate) fn check_population(
    population: &Population,
    signature: &Signature,
    island: u16,
    next: u64,
) -> Result<(), RestoreError> {
    let mut ids = population.candidates.clone();
    ids.sort_unstable();
    let fits = next < MOST_CANDIDATES
        && population.is_consistent()
        && population.outcomes.shape == OutcomeShape::of(signature)
        && ids.is_sorted_by(|a, b| a < b)
        && ids.iter().all(|id| id.index() < if id.island() == island { next } else { MOST_CANDIDATES });
    if !fits {
        return Err(RestoreError::Shape);
    }
    check_genomes(&population.genomes, &signature.space)
}

/// Refuses genomes that are not points of `space`.
pub(crate) fn check_genomes(genomes: &Genomes, space: &Space) -> Result<(), RestoreError> {
    if !genomes.is_consistent() || genomes.shape != space.layout().shape {
        return Err(RestoreError::Shape);
    }
    let mut masked = genomes.clone();
    (0..genomes.rows).for_each(|row| space.update_activity(&mut masked, row));
    let points = (0..genomes.rows).all(|row| space.accepts(genomes, row)) && masked.active == genomes.active;
    if points { Ok(()) } else { Err(RestoreError::Shape) }
}
