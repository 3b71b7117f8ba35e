//! States to and from bytes.

use serde::{Serialize, de::DeserializeOwned};

use super::{Population, RestoreError, Snapshot};
use crate::{outcomes::OutcomeShape, problem::Signature};

impl Snapshot {
    /// `state` as version `version` of `algorithm` writes it.
    #[expect(clippy::expect_used, reason = "only a sequence of unknown length fails, and no state has one")]
    pub(super) fn of(algorithm: &str, version: u32, state: &impl Serialize) -> Snapshot {
        let state = postcard::to_stdvec(state).expect("states have known lengths");
        Snapshot { algorithm: algorithm.to_owned(), version, state }
    }

    /// The state, if it is of version `version` of `algorithm`.
    pub(super) fn read<T: DeserializeOwned>(&self, algorithm: &'static str, version: u32) -> Result<T, RestoreError> {
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

/// Refuses a population that is not one of `signature`.
pub(super) fn check_population(population: &Population, signature: &Signature) -> Result<(), RestoreError> {
    let fits = population.is_consistent()
        && population.genomes.shape == signature.space.layout().shape
        && population.outcomes.shape == OutcomeShape::of(signature);
    if fits { Ok(()) } else { Err(RestoreError::Shape) }
}
