//! The way to Ray's HTTP.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use bollard::{
    container::LogOutput,
    errors::Error,
    models::{ContainerInspectResponse, ContainerStateStatusEnum},
};
use bytes::Bytes;
use futures_util::{StreamExt, future};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_util::io::StreamReader;

use super::RayError;
use crate::{
    cluster::Cluster,
    engine::EngineError,
    names::{DASHBOARD_PORT, LABEL_CLUSTER, Role},
};

/// The program in the head that connects its standard input and output to Ray's port.
const RELAY: [&str; 3] = ["python3", "/opt/genetic-pool/node.py", "relay"];

/// How Ray is reached.
#[derive(Clone, Debug)]
pub(super) enum Route {
    /// At this address, whatever is there.
    Address(SocketAddr),
    /// At the head of this cluster.
    Head(Box<Cluster>),
}

/// Where a head lets Ray's HTTP be reached, as the engine says it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    /// Published on this machine.
    Port(u16),
    /// Only from within.
    Inside,
}

/// A connection, whatever it is made of.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Route {
    /// The way to the head of `cluster`.
    pub(super) fn to(cluster: &Cluster) -> Route {
        Route::Head(Box::new(cluster.clone()))
    }

    /// Whether there is a head that runs.
    pub(super) async fn check(&self) -> Result<(), RayError> {
        match self {
            Route::Address(_) => Ok(()),
            Route::Head(cluster) => door(cluster).await.map(|_| ()),
        }
    }

    /// Where that is, for messages.
    pub(super) fn name(&self) -> String {
        match self {
            Route::Address(address) => address.to_string(),
            Route::Head(cluster) => format!("`{}`", cluster.name.container(Role::Head)),
        }
    }

    /// Connects. The head is asked for anew each time: its port may have changed hands since, and who has it now must
    /// not be given the token.
    pub(super) async fn open(&self, call: &str) -> Result<Box<dyn Wire>, RayError> {
        let no_answer = |source| RayError::NoAnswer { call: call.to_owned(), at: self.name(), source };
        let address = match self {
            Route::Address(address) => *address,
            Route::Head(cluster) => match door(cluster).await? {
                Door::Port(port) => (Ipv4Addr::LOCALHOST, port).into(),
                Door::Inside => return relay(cluster).await,
            },
        };
        let stream = TcpStream::connect(address).await.map_err(no_answer)?;
        stream.set_nodelay(true).map_err(no_answer)?;
        Ok(Box::new(stream))
    }
}

/// How the head of `cluster` is reached now.
async fn door(cluster: &Cluster) -> Result<Door, RayError> {
    let container = cluster.name.container(Role::Head);
    let no_head = || RayError::NoHead { cluster: cluster.name.clone() };
    let seen = match cluster.engine.docker().inspect_container(&container, None).await {
        Ok(seen) => seen,
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => return Err(no_head()),
        Err(error) => return Err(EngineError::of(format!("inspect `{container}`"), error).into()),
    };
    // A container of that name that somebody else made is not given the token.
    let label = seen.config.as_ref().and_then(|config| config.labels.as_ref()?.get(LABEL_CLUSTER));
    if label.is_none_or(|label| label != cluster.name.as_str()) {
        return Err(no_head());
    }
    let status = seen.state.as_ref().and_then(|state| state.status);
    if status != Some(ContainerStateStatusEnum::RUNNING) {
        let state = status.map_or_else(|| "unknown".to_owned(), |status| status.to_string());
        return Err(RayError::HeadStopped { cluster: cluster.name.clone(), state });
    }
    let local = cluster.engine.is_local().await?;
    Ok(published(&seen).filter(|_| local).map_or(Door::Inside, Door::Port))
}

/// The port on 127.0.0.1 that leads to Ray's HTTP.
fn published(seen: &ContainerInspectResponse) -> Option<u16> {
    let ports = seen.network_settings.as_ref()?.ports.as_ref()?;
    let bindings = ports.get(&format!("{DASHBOARD_PORT}/tcp"))?.as_ref()?;
    let ours = bindings.iter().find(|binding| binding.host_ip.as_deref() == Some("127.0.0.1"))?;
    ours.host_port.as_ref()?.parse().ok()
}

/// A connection through a program in the head.
async fn relay(cluster: &Cluster) -> Result<Box<dyn Wire>, RayError> {
    let container = cluster.name.container(Role::Head);
    let failed = |error: Error| EngineError::of(format!("reach Ray from within `{container}`"), error);
    let program = cluster.engine.exec_with_input(&container, &RELAY).await.map_err(failed)?;
    let output = program.output.filter_map(|part| future::ready(payload(part)));
    let input = program.input.ok_or_else(|| failed(io::Error::from(io::ErrorKind::NotConnected).into()))?;
    Ok(Box::new(tokio::io::join(StreamReader::new(Box::pin(output)), input)))
}

/// The bytes of Ray's answer; what the relay itself says ends the connection with it.
fn payload(part: Result<LogOutput, Error>) -> Option<io::Result<Bytes>> {
    match part {
        Ok(LogOutput::StdOut { message }) => Some(Ok(message)),
        Ok(LogOutput::StdErr { message }) => {
            Some(Err(io::Error::other(String::from_utf8_lossy(&message).trim().to_owned())))
        }
        Ok(LogOutput::StdIn { .. } | LogOutput::Console { .. }) => None,
        Err(error) => Some(Err(io::Error::other(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspected(ports: &str) -> ContainerInspectResponse {
        serde_json::from_str(&format!(r#"{{"NetworkSettings": {{"Ports": {ports}}}}}"#)).unwrap()
    }

    #[test]
    fn the_port_is_the_one_published_on_loopback() {
        let port = |ports| published(&inspected(ports));
        assert_eq!(port(r#"{"8265/tcp": [{"HostIp": "127.0.0.1", "HostPort": "49153"}]}"#), Some(49153));
        assert_eq!(port(r#"{"8265/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8265"}]}"#), None);
        assert_eq!(port(r#"{"8265/tcp": null, "6379/tcp": [{"HostIp": "127.0.0.1", "HostPort": "1"}]}"#), None);
        assert_eq!(port("{}"), None);
    }
}
