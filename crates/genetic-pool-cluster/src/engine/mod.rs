//! The engine: Docker's daemon, reached as its own command line reaches it.

mod connection;
mod context;
mod endpoint;
mod error;
pub(crate) mod exec;
mod facts;
mod version;

use std::{sync::Arc, time::Duration};

use bollard::Docker;
use hyper::{Method, body::Body, client::conn::http1::SendRequest, http::request::Builder};
use tokio::sync::OnceCell;

pub use self::{
    endpoint::{Endpoint, Surroundings},
    error::{EngineError, Fault},
    facts::{Controllers, Facts},
    version::{ApiVersion, ApiVersionError, EngineVersion},
};

/// A connection to an engine whose version was checked.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: Docker,
    endpoint: Endpoint,
    version: EngineVersion,
    // Asked for when somebody first wants to know.
    facts: Arc<OnceCell<Facts>>,
}

impl Engine {
    /// Connects to the engine at `host`, or where Docker's command line would find it.
    pub async fn connect(host: Option<&str>) -> Result<Engine, EngineError> {
        Engine::at(Endpoint::resolve(host, &Surroundings::of_process())?).await
    }

    /// Connects to the engine at `endpoint`.
    pub async fn at(endpoint: Endpoint) -> Result<Engine, EngineError> {
        let version = version::ask(&endpoint).await?;
        let docker = connection::client(&endpoint, version.api)?;
        Ok(Engine { docker, endpoint, version, facts: Arc::default() })
    }

    /// The client of the engine's API. A call that is not answered within two minutes fails; what is streamed once it
    /// was answered may take as long as it will.
    pub fn docker(&self) -> &Docker {
        &self.docker
    }

    /// The client for calls that answer only when they are done and may take hours, such as loading an image.
    pub fn unhurried(&self) -> Docker {
        self.docker.clone().with_timeout(Duration::from_hours(24))
    }

    /// Where it is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What it is, and the version of its API that is spoken.
    pub fn version(&self) -> &EngineVersion {
        &self.version
    }

    /// What it says of itself and its machine; asked once.
    pub async fn facts(&self) -> Result<&Facts, EngineError> {
        self.facts.get_or_try_init(|| Facts::ask(&self.docker)).await
    }

    /// Whether 127.0.0.1 here is where the engine publishes a port on 127.0.0.1.
    pub async fn is_local(&self) -> Result<bool, EngineError> {
        if !self.endpoint.is_on_this_machine() {
            return Ok(false);
        }
        let facts = self.facts().await?;
        Ok(facts.is_named(&rustix::system::uname().nodename().to_string_lossy()))
    }

    /// A connection of its own, for what the client cannot say: it can be upgraded, and nothing on it times out.
    /// Requests for it begin with [`request`](Engine::request).
    pub async fn raw<B>(&self) -> Result<SendRequest<B>, EngineError>
    where
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        connection::raw(&self.endpoint).await
    }

    /// The beginning of a request on a [`raw`](Engine::raw) connection: `path` (`/build?version=2`) in the version of
    /// the API that is spoken.
    pub fn request(&self, method: Method, path: &str) -> Builder {
        connection::request(method, &format!("/v{}{path}", self.version.api))
    }
}
