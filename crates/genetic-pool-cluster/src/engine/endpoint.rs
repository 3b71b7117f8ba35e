//! Where the engine is.

use super::EngineError;

/// Where an engine is, and why it is the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375`.
    pub address: String,
    /// What named it: a flag, `DOCKER_HOST`, a context, the default.
    pub why: String,
}

impl Endpoint {
    /// Finds it in the order of Docker's command line.
    pub fn resolve(host: Option<&str>) -> Result<Endpoint, EngineError> {
        let address = host.unwrap_or("unix:///var/run/docker.sock").to_owned();
        Ok(Endpoint { address, why: "the default".to_owned() })
    }

    /// A client of it.
    pub(super) fn client(&self) -> Result<bollard::Docker, EngineError> {
        let path = self.address.trim_start_matches("unix://");
        bollard::Docker::connect_with_unix(path, 120, bollard::API_DEFAULT_VERSION)
            .map_err(|error| EngineError::of("connect to the engine", error))
    }
}
