//! Connections to an engine: the client's, and raw ones.

use std::{error::Error, io, time::Duration};

use bollard::Docker;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
    Method, Request, Uri,
    body::Body,
    client::conn::http1::{self, SendRequest},
    header::{HOST, HeaderMap},
    http::request::Builder,
};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, UnixStream};

use super::{ApiVersion, Endpoint, EngineError, endpoint::Transport};

/// How long an engine may take over the first questions before it counts as mute.
const PATIENCE: Duration = Duration::from_secs(5);
/// Seconds the client waits for the beginning of an answer.
const TIMEOUT: u64 = 120;
/// No answer to the first questions is longer.
const LONGEST: usize = 1 << 20;

/// The client of the engine at `endpoint`, speaking `api`.
pub(super) fn client(endpoint: &Endpoint, api: ApiVersion) -> Result<Docker, EngineError> {
    let client = match &endpoint.transport {
        Transport::Unix(path) => {
            Docker::connect_with_unix(&path.to_string_lossy(), TIMEOUT, bollard::API_DEFAULT_VERSION)
        }
        Transport::Tcp { host, port } => {
            Docker::connect_with_http(&format!("{host}:{port}"), TIMEOUT, bollard::API_DEFAULT_VERSION)
        }
    };
    let client = client.map_err(|error| EngineError::of("take a client", error))?;
    let prefix = format!("/v{api}");
    // The client knows of versions and sends none, so that the engine would answer in its own newest.
    Ok(client.with_request_modifier(move |mut request| {
        if let Some(uri) = versioned(request.uri(), &prefix) {
            *request.uri_mut() = uri;
        }
        request
    }))
}

/// A raw connection, driven by a task until either end closes it.
pub(super) async fn raw<B>(endpoint: &Endpoint) -> Result<SendRequest<B>, EngineError>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let connected = tokio::time::timeout(PATIENCE, connect(endpoint)).await;
    let connected = connected.map_err(|_| EngineError::mute(endpoint, PATIENCE))?;
    connected.map_err(|source| EngineError::unreachable(endpoint, source))
}

/// What the engine answers to a `GET` of `path`, within [`PATIENCE`]: headers and body of a success.
pub(super) async fn get(endpoint: &Endpoint, path: &str) -> Result<(HeaderMap, Bytes), EngineError> {
    let answer = async {
        let mut sender = raw::<Empty<Bytes>>(endpoint).await?;
        let request = request(Method::GET, path).body(Empty::new());
        let request = request.map_err(|error| EngineError::not_an_engine(endpoint, error))?;
        let response = sender.send_request(request).await.map_err(|error| EngineError::cut(endpoint, error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, LONGEST).collect().await;
        let body = body.map_err(|error| EngineError::not_an_engine(endpoint, Strange(error.to_string())))?;
        let body = body.to_bytes();
        if !head.status.is_success() {
            let said = String::from_utf8_lossy(&body[..body.len().min(500)]).trim().to_owned();
            return Err(EngineError::not_an_engine(endpoint, Strange(format!("`{path}`: {}: {said}", head.status))));
        }
        Ok((head.headers, body))
    };
    tokio::time::timeout(PATIENCE, answer).await.map_err(|_| EngineError::mute(endpoint, PATIENCE))?
}

/// The beginning of a request as engines take it.
pub(super) fn request(method: Method, path: &str) -> Builder {
    // HTTP/1.1 wants a host; engines do not look at it.
    Request::builder().method(method).uri(path).header(HOST, "docker")
}

/// What answered, and is not what an engine would answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Strange(String);

async fn connect<B>(endpoint: &Endpoint) -> io::Result<SendRequest<B>>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    match &endpoint.transport {
        Transport::Unix(path) => handshake(UnixStream::connect(path).await?).await,
        Transport::Tcp { host, port } => {
            let address = host.trim_start_matches('[').trim_end_matches(']');
            let stream = TcpStream::connect((address, *port)).await?;
            stream.set_nodelay(true)?;
            handshake(stream).await
        }
    }
}

async fn handshake<S, B>(stream: S) -> io::Result<SendRequest<B>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    // What becomes of the connection is told to whoever waits for an answer on it.
    tokio::spawn(connection.with_upgrades());
    Ok(sender)
}

/// `uri` with `prefix` before its path.
fn versioned(uri: &Uri, prefix: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let path = parts.path_and_query.as_ref().map_or("/", |path| path.as_str());
    parts.path_and_query = Some(format!("{prefix}{path}").parse().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_stands_before_the_path_whatever_the_transport() {
        for (uri, expected) in [
            ("http://localhost:2375/containers/json?all=true", "http://localhost:2375/v1.41/containers/json?all=true"),
            ("unix://2f72756e/_ping", "unix://2f72756e/v1.41/_ping"),
        ] {
            assert_eq!(versioned(&uri.parse().unwrap(), "/v1.41").unwrap().to_string(), expected);
        }
    }
}
