//! Which Ray it is.

use serde::Deserialize;

use super::{Ray, RayError, http::Call};
use crate::names::RAY_VERSION;

/// Which Ray it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Version {
    /// Ray's own: `2.60.0`.
    #[serde(rename = "ray_version")]
    pub ray: String,
    /// Another one at each start of the head.
    #[serde(rename = "session_name")]
    pub session: String,
}

impl Ray {
    /// Which Ray it is.
    pub async fn version(&self) -> Result<Version, RayError> {
        self.ask(Call::get("ask for Ray's version", "/api/version")).await
    }

    /// Its version, if it is the one this program works with.
    pub async fn check_version(&self) -> Result<Version, RayError> {
        let version = self.version().await?;
        if version.ray == RAY_VERSION { Ok(version) } else { Err(RayError::Version { found: version.ray }) }
    }
}
