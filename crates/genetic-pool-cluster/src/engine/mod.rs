//! The engine: Docker's daemon, reached as its own command line reaches it.

mod endpoint;
mod error;

pub use self::{endpoint::Endpoint, error::EngineError};

/// A connection to an engine whose version was checked.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: bollard::Docker,
    endpoint: Endpoint,
}

impl Engine {
    /// Connects to the engine at `host`, or where Docker's command line would find it.
    pub async fn connect(host: Option<&str>) -> Result<Engine, EngineError> {
        let endpoint = Endpoint::resolve(host)?;
        let docker = endpoint.client()?;
        docker.ping().await.map_err(|error| EngineError::of("reach the engine", error))?;
        Ok(Engine { docker, endpoint })
    }

    /// The client of the engine's API.
    pub fn docker(&self) -> &bollard::Docker {
        &self.docker
    }

    /// Where it is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}
