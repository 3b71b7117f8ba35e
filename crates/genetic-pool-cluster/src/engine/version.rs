//! Which engine it is, and which version of its API is spoken.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Endpoint, EngineError, connection};

/// A version of the engine's API, `1.41`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApiVersion {
    /// The part before the dot.
    pub major: u16,
    /// The part behind it.
    pub minor: u16,
}

/// A text that is no version of an API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no version of an API")]
pub struct ApiVersionError(String);

/// What an engine is, and the API that is spoken with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EngineVersion {
    /// The engine's own version, `20.10.24`.
    pub engine: String,
    /// The version of the API that is spoken: the newest that both sides know.
    pub api: ApiVersion,
    /// The newest the engine knows.
    pub newest_api: ApiVersion,
    /// The oldest the engine takes.
    pub oldest_api: ApiVersion,
    /// The system of its containers: `linux`.
    pub os: String,
    /// The machine of its containers as Docker calls it: `amd64`, `arm64`.
    pub arch: String,
    /// The kernel of its machine.
    pub kernel: String,
}

impl ApiVersion {
    /// The oldest that has all that is used: the engine 20.10 of December 2020, the oldest this is tested with.
    pub const OLDEST: ApiVersion = ApiVersion { major: 1, minor: 41 };
    /// The newest whose answers are understood.
    pub const NEWEST: ApiVersion = ApiVersion {
        major: bollard::API_DEFAULT_VERSION.major_version as u16,
        minor: bollard::API_DEFAULT_VERSION.minor_version as u16,
    };
}

/// Asks the engine what it is and settles on a version of the API.
pub(super) async fn ask(endpoint: &Endpoint) -> Result<EngineVersion, EngineError> {
    // Without a version in the path, so that it is answered by any engine.
    let (_, body) = connection::get(endpoint, "/version").await?;
    let answer: Answer = serde_json::from_slice(&body).map_err(|error| EngineError::not_an_engine(endpoint, error))?;
    let read = |text: &str| text.parse().map_err(|error: ApiVersionError| EngineError::not_an_engine(endpoint, error));
    let newest_api = read(&answer.api)?;
    // Engines before 1.25 do not say it; those are too old in any case.
    let oldest_api = answer.oldest_api.as_deref().map_or(Ok(newest_api), read)?;
    let api = settle(endpoint, &answer.engine, newest_api, oldest_api)?;
    if answer.os != "linux" {
        return Err(EngineError::NotLinux { address: endpoint.address.clone(), os: answer.os });
    }
    let Answer { engine, os, arch, kernel, .. } = answer;
    Ok(EngineVersion { engine, api, newest_api, oldest_api, os, arch, kernel })
}

/// The newest version that both sides know.
fn settle(
    endpoint: &Endpoint,
    engine: &str,
    newest: ApiVersion,
    oldest: ApiVersion,
) -> Result<ApiVersion, EngineError> {
    if newest < ApiVersion::OLDEST {
        return Err(EngineError::TooOld { address: endpoint.address.clone(), engine: engine.to_owned(), newest });
    }
    if oldest > ApiVersion::NEWEST {
        return Err(EngineError::TooNew { address: endpoint.address.clone(), engine: engine.to_owned(), oldest });
    }
    Ok(newest.min(ApiVersion::NEWEST))
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Version")]
    engine: String,
    #[serde(rename = "ApiVersion")]
    api: String,
    #[serde(rename = "MinAPIVersion")]
    oldest_api: Option<String>,
    #[serde(rename = "Os")]
    os: String,
    #[serde(rename = "Arch")]
    arch: String,
    #[serde(rename = "KernelVersion", default)]
    kernel: String,
}

impl FromStr for ApiVersion {
    type Err = ApiVersionError;

    fn from_str(text: &str) -> Result<ApiVersion, ApiVersionError> {
        let parts = text.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
        let (major, minor) = parts.ok_or_else(|| ApiVersionError(text.to_owned()))?;
        Ok(ApiVersion { major, minor })
    }
}

impl TryFrom<String> for ApiVersion {
    type Error = ApiVersionError;

    fn try_from(text: String) -> Result<ApiVersion, ApiVersionError> {
        text.parse()
    }
}

impl From<ApiVersion> for String {
    fn from(version: ApiVersion) -> String {
        version.to_string()
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(newest: &str, oldest: &str) -> Result<String, String> {
        let endpoint = Endpoint::unix("/run/docker.sock", "the default");
        settle(&endpoint, "1", newest.parse().unwrap(), oldest.parse().unwrap())
            .map(|version| version.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_newest_both_know_is_spoken() {
        assert_eq!(settled("1.41", "1.12"), Ok("1.41".to_owned()));
        assert_eq!(settled("1.52", "1.44"), Ok("1.52".to_owned()));
        assert_eq!(settled("1.99", "1.53"), Ok("1.53".to_owned()));
    }

    #[test]
    fn without_one_that_both_know_both_are_named() {
        insta::assert_snapshot!(settled("1.40", "1.12").unwrap_err(), @"the engine 1 at `unix:///run/docker.sock` speaks API 1.40 at most; this program needs 1.41 at least");
        insta::assert_snapshot!(settled("1.99", "1.60").unwrap_err(), @"the engine 1 at `unix:///run/docker.sock` speaks API 1.60 at least; this program knows 1.53 at most");
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let version = |text: &str| text.parse::<ApiVersion>().unwrap();
        assert!(version("1.9") < version("1.41"));
        assert!("1".parse::<ApiVersion>().is_err());
        assert!("1.x".parse::<ApiVersion>().is_err());
    }
}
