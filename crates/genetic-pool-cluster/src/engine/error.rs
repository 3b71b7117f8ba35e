//! What an engine can answer instead of what was asked.

use std::{error::Error, io, path::PathBuf, time::Duration};

use bollard::errors::Error as ClientError;

use super::{ApiVersion, Endpoint};

/// What was asked of the engine did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum EngineError {
    #[error("`{address}` ({why}) is no address of an engine: {problem}")]
    Address { address: String, why: String, problem: &'static str },
    #[error("there is no Docker context `{name}` ({why})")]
    UnknownContext { name: String, why: String, nearest: Option<String> },
    #[error("Docker's `{}` cannot be read", path.display())]
    Config {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the engine at `{address}` ({why}) is reached by {scheme}, which is not supported")]
    Unsupported { address: String, why: String, scheme: &'static str },
    #[error("there is no engine at `{address}` ({why})")]
    Absent {
        address: String,
        why: String,
        #[source]
        source: io::Error,
    },
    #[error("the engine at `{address}` ({why}) may not be used by this user")]
    NotPermitted {
        address: String,
        why: String,
        #[source]
        source: io::Error,
    },
    #[error("no engine listens at `{address}` ({why})")]
    NotListening {
        address: String,
        why: String,
        #[source]
        source: io::Error,
    },
    #[error("the engine at `{address}` ({why}) cannot be reached")]
    Unreachable {
        address: String,
        why: String,
        #[source]
        source: io::Error,
    },
    #[error("the engine at `{address}` ({why}) does not answer within {} s", patience.as_secs())]
    Mute { address: String, why: String, patience: Duration },
    #[error("what answers at `{address}` ({why}) is no engine")]
    NotAnEngine {
        address: String,
        why: String,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    #[error(
        "the engine {engine} at `{address}` speaks API {newest} at most; this program needs {} at least",
        ApiVersion::OLDEST
    )]
    TooOld { address: String, engine: String, newest: ApiVersion },
    #[error(
        "the engine {engine} at `{address}` speaks API {oldest} at least; this program knows {} at most",
        ApiVersion::NEWEST
    )]
    TooNew { address: String, engine: String, oldest: ApiVersion },
    #[error("the engine at `{address}` runs containers of {os}; Ray needs linux")]
    NotLinux { address: String, os: String },
    #[error("the engine failed to {action}")]
    Failed {
        /// What was asked, as it reads after "failed to".
        action: String,
        fault: Fault,
        #[source]
        source: ClientError,
    },
}

/// What stood in the way of a call that reached the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// What it was about is not there.
    NotFound,
    /// A name is in use, or what it was about is in use or in another state.
    Conflict,
    /// The engine does not do it here: a plugin, a mode, an endpoint in use.
    Forbidden,
    /// A port that was to be published is taken.
    PortTaken,
    /// Its disk is full.
    OutOfSpace,
    /// No registry gave the image.
    NoRegistry,
    /// It did not answer in time.
    TimedOut,
    /// The connection was lost, or could not be made again.
    Gone,
    /// Something else; its own words say it.
    Other,
}

impl EngineError {
    /// `action`, which reads after "failed to", did not work.
    pub fn of(action: impl Into<String>, source: ClientError) -> EngineError {
        EngineError::Failed { action: action.into(), fault: Fault::of(&source), source }
    }

    /// The status of HTTP the engine answered with, where it answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            EngineError::Failed { source: ClientError::DockerResponseServerError { status_code, .. }, .. } => {
                Some(*status_code)
            }
            _ => None,
        }
    }

    /// What stood in the way, where the engine was reached.
    pub fn fault(&self) -> Option<Fault> {
        match self {
            EngineError::Failed { fault, .. } => Some(*fault),
            _ => None,
        }
    }

    /// Whether what it was about is not there.
    pub fn is_not_found(&self) -> bool {
        self.fault() == Some(Fault::NotFound)
    }

    /// Whether a name, or what it was about, is in use.
    pub fn is_conflict(&self) -> bool {
        self.fault() == Some(Fault::Conflict)
    }

    /// Whether the engine was reached and is fit, and what was asked of it did not work.
    pub fn is_of_operation(&self) -> bool {
        self.fault().is_some_and(|fault| !matches!(fault, Fault::TimedOut | Fault::Gone))
    }

    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            EngineError::Address { .. } => {
                "write `unix:///var/run/docker.sock` or `tcp://127.0.0.1:2375`; an address with a path of a socket has \
                 three slashes"
            }
            EngineError::UnknownContext { nearest: Some(nearest), .. } => {
                return Some(format!("did you mean `{nearest}`? `docker context ls` lists what there is"));
            }
            EngineError::UnknownContext { nearest: None, .. } => {
                "`docker context ls` lists what there is; `docker context use default` goes back to the default"
            }
            EngineError::Config { .. } => "mend it, or name the engine with `--engine` or DOCKER_HOST",
            EngineError::Unsupported { scheme: "ssh" | "TLS", .. } => {
                "forward its socket and use that: `ssh -N -L /tmp/engine.sock:/var/run/docker.sock USER@HOST`, then \
                 `--engine unix:///tmp/engine.sock`"
            }
            EngineError::Unsupported { .. } => {
                "run this program where the engine has a Unix socket: inside WSL 2 on Windows"
            }
            EngineError::Absent { .. } => {
                "start it (`systemctl start docker`, or Docker Desktop), install it (`apt-get install docker.io`), or \
                 name another with `--engine` or DOCKER_HOST"
            }
            EngineError::NotPermitted { .. } => {
                "join the group of the socket (`sudo usermod -aG docker $USER`, then log in again; who is in it is as \
                 good as root), or run a rootless engine (`dockerd-rootless-setuptool.sh install`)"
            }
            EngineError::NotListening { .. } => {
                "its socket is there and nobody listens: `systemctl status docker` and `journalctl -u docker` say why; \
                 `systemctl start docker` starts it"
            }
            EngineError::Unreachable { .. } => "is the address right, and is there a way to it?",
            EngineError::Mute { .. } => {
                "it may be busy or stuck: `docker info` would hang, too; `systemctl restart docker` restarts it"
            }
            EngineError::NotAnEngine { .. } => "is another program behind this address? `--engine` names the engine",
            EngineError::TooOld { .. } => {
                "update Docker to 20.10 or newer (Debian 11 and 12: `apt-get install docker.io`)"
            }
            EngineError::TooNew { .. } => "update this program, or use an older engine",
            EngineError::NotLinux { .. } => "switch Docker Desktop to Linux containers",
            EngineError::Failed { fault, .. } => return fault.hint().map(str::to_owned),
        };
        Some(hint.to_owned())
    }

    /// The connection to `endpoint` could not be made.
    pub(super) fn unreachable(endpoint: &Endpoint, source: io::Error) -> EngineError {
        let (address, why) = (endpoint.address.clone(), endpoint.why.clone());
        match source.kind() {
            io::ErrorKind::NotFound => EngineError::Absent { address, why, source },
            io::ErrorKind::PermissionDenied => EngineError::NotPermitted { address, why, source },
            io::ErrorKind::ConnectionRefused => EngineError::NotListening { address, why, source },
            _ => EngineError::Unreachable { address, why, source },
        }
    }

    pub(super) fn mute(endpoint: &Endpoint, patience: Duration) -> EngineError {
        EngineError::Mute { address: endpoint.address.clone(), why: endpoint.why.clone(), patience }
    }

    pub(super) fn not_an_engine(endpoint: &Endpoint, source: impl Into<Box<dyn Error + Send + Sync>>) -> EngineError {
        let (address, why) = (endpoint.address.clone(), endpoint.why.clone());
        EngineError::NotAnEngine { address, why, source: source.into() }
    }

    /// The answer broke off, or is no HTTP.
    pub(super) fn cut(endpoint: &Endpoint, source: hyper::Error) -> EngineError {
        EngineError::not_an_engine(endpoint, source)
    }
}

impl Fault {
    /// By codes wherever the engine has one; by its words where one code stands for many things.
    fn of(error: &ClientError) -> Fault {
        match error {
            ClientError::DockerResponseServerError { status_code, message } => Fault::of_answer(*status_code, message),
            ClientError::DockerStreamError { error } => Fault::of_answer(500, error),
            ClientError::RequestTimeoutError => Fault::TimedOut,
            ClientError::SocketNotFoundError(_) => Fault::Gone,
            error if lost(error) => Fault::Gone,
            _ => Fault::Other,
        }
    }

    fn of_answer(status: u16, message: &str) -> Fault {
        let message = message.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if says(&["port is already allocated", "address already in use"]) {
            return Fault::PortTaken;
        }
        if says(&["no space left on device", "disk quota exceeded"]) {
            return Fault::OutOfSpace;
        }
        // With a 404 or a 500 by the version of the engine.
        if says(&["pull access denied", "manifest unknown", "client.timeout exceeded while awaiting"])
            || (says(&["registry"]) && says(&["no such host", "dial tcp", "i/o timeout", "lookup "]))
        {
            return Fault::NoRegistry;
        }
        match status {
            404 => Fault::NotFound,
            409 => Fault::Conflict,
            401 | 403 => Fault::Forbidden,
            _ => Fault::Other,
        }
    }

    fn hint(self) -> Option<&'static str> {
        match self {
            Fault::PortTaken => {
                Some("another program or container has the port: choose another with `--port`, or free it")
            }
            Fault::OutOfSpace => {
                Some("make room where the engine keeps its images: `docker system df` says what takes it")
            }
            Fault::NoRegistry => Some(
                "no registry gave the image: is its name right, and is there a way to the registry? `docker load` \
                     brings an image from a file",
            ),
            Fault::TimedOut => Some("the engine is busy or stuck: `genetic-pool doctor` looks at it"),
            Fault::Gone => Some("the engine went away: `genetic-pool doctor` looks at it"),
            Fault::NotFound | Fault::Conflict | Fault::Forbidden | Fault::Other => None,
        }
    }
}

/// Whether the connection is what failed.
fn lost(error: &ClientError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<io::Error>()
            || error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message)
        {
            return true;
        }
        cause = error.source();
    }
    false
}
