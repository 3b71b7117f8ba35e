//! What can go wrong with an image.

use std::{error::Error, io, path::PathBuf};

use crate::{Kind, engine::EngineError, names::RAY_VERSION};

/// An image cannot be built or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ImageError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("`{tag}` is no name of an image: {problem}")]
    Tag { tag: String, problem: &'static str },
    #[error("the base image `{base}` is not here, and no registry gave it")]
    NoBase {
        base: String,
        #[source]
        source: EngineError,
    },
    #[error("the base image `{base}` is {found}, not Debian or made from it")]
    NotDebian { base: String, found: String },
    #[error("the base image `{base}` has Python {found}; Ray {RAY_VERSION} needs 3.{oldest} to 3.{newest}")]
    Python { base: String, found: String, oldest: u32, newest: u32 },
    #[error(
        "the base image `{base}` has no Python, and that of its system, {system}, is {found}; Ray {RAY_VERSION} needs 3.{oldest} to 3.{newest}"
    )]
    SystemPython { base: String, system: String, found: String, oldest: u32, newest: u32 },
    #[error("the base image `{base}` is for `{found}`; there is no Ray {RAY_VERSION} for it")]
    Architecture { base: String, found: String },
    #[error("`{}` cannot be read", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("`{}`, line {line}: `{text}` {problem}", path.display())]
    Requirement { path: PathBuf, line: usize, text: String, problem: &'static str },
    #[error("`{}` {problem}", path.display())]
    Project { path: PathBuf, problem: String },
    #[error("`{}` holds no certificate", path.display())]
    NoCertificate { path: PathBuf },
    #[error("step `{step}` failed: {problem}{}", quoted(lines))]
    Step {
        step: String,
        problem: String,
        /// The last lines it printed.
        lines: Vec<String>,
    },
    #[error("the image cannot be built: {problem}")]
    Build { problem: String },
    #[error("the engine has no BuildKit")]
    NoBuildKit,
    #[error("the engine's answer cannot be read")]
    Answer {
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    #[error("the connection to the engine was lost while it built")]
    Lost {
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    #[error("there is no image `{tag}`")]
    Absent { tag: String },
    #[error("the image `{tag}` was not made by this program: {problem}")]
    Foreign { tag: String, problem: &'static str },
    #[error("interrupted")]
    Interrupted,
}

impl ImageError {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            ImageError::Engine(error) => return error.hint(),
            ImageError::NoBase { .. } => {
                "name one that is here (`docker images`) with `--base`, as `--base debian:bookworm-slim`: any of Debian \
                 serves, with a Python or without; where no registry answers, debootstrap and `docker import` make one"
            }
            ImageError::NotDebian { .. } => {
                "take one of Debian or Ubuntu, as `--base python:3.12-slim` or `--base debian:bookworm-slim`"
            }
            ImageError::Python { .. } | ImageError::SystemPython { .. } => {
                "take a base with another Python, as `--base python:3.12-slim`"
            }
            ImageError::Architecture { .. } => "take a base for amd64 or arm64",
            ImageError::Requirement { .. } => "write what it needs as lines of one file: `numpy>=2`, `scipy==1.16.0`",
            ImageError::Project { .. } => "name a requirements.txt instead, or list them as `[project] dependencies`",
            ImageError::NoCertificate { .. } => "it must be PEM: `-----BEGIN CERTIFICATE-----`",
            ImageError::Step { lines, .. } => return of_step(lines).map(str::to_owned),
            ImageError::NoBuildKit => "use Docker 20.10 or newer; engines that imitate it are not supported",
            ImageError::Absent { .. } | ImageError::Foreign { .. } => "`genetic-pool image build` makes it",
            ImageError::Lost { .. } => "start it again: steps that were done are not repeated",
            ImageError::Tag { .. }
            | ImageError::Read { .. }
            | ImageError::Build { .. }
            | ImageError::Answer { .. }
            | ImageError::Interrupted => return None,
        };
        Some(hint.to_owned())
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            ImageError::Engine(_) | ImageError::NoBuildKit | ImageError::Answer { .. } | ImageError::Lost { .. } => {
                Kind::Engine
            }
            ImageError::Step { .. } | ImageError::Build { .. } | ImageError::NoBase { .. } => Kind::Failed,
            ImageError::Interrupted => Kind::Interrupted,
            ImageError::Tag { .. }
            | ImageError::NotDebian { .. }
            | ImageError::Python { .. }
            | ImageError::SystemPython { .. }
            | ImageError::Architecture { .. }
            | ImageError::Read { .. }
            | ImageError::Requirement { .. }
            | ImageError::Project { .. }
            | ImageError::NoCertificate { .. }
            | ImageError::Absent { .. }
            | ImageError::Foreign { .. } => Kind::Invalid,
        }
    }
}

/// What the last lines of a failed step give away.
fn of_step(lines: &[String]) -> Option<&'static str> {
    let said = |words: &[&str]| lines.iter().any(|line| words.iter().any(|word| line.contains(word)));
    if said(&["CERTIFICATE_VERIFY_FAILED", "certificate verify failed", "Certificate verification failed"]) {
        Some(
            "something between here and the server inspects TLS: give its certificate with `--ca-bundle FILE`, often \
             /etc/ssl/certs/ca-certificates.crt",
        )
    } else if said(&["name resolution", "Could not resolve", "Network is unreachable", "Connection timed out"]) {
        Some("containers cannot reach the network: `genetic-pool doctor` looks at it")
    } else if said(&["ResolutionImpossible", "conflicting dependencies"]) {
        Some("the requirements contradict each other or the image's own Ray: loosen them")
    } else if said(&["No matching distribution found"]) {
        Some("is its name right, and is there such a version for the base's Python and architecture?")
    } else if said(&["No space left on device"]) {
        Some("the engine's disk is full: `docker system df` says of what")
    } else if said(&[
        "command 'gcc' failed",
        "gcc: No such file",
        "Unable to find a compiler",
        "error: subprocess-exited-with-error",
    ]) {
        Some(
            "a package has no wheel for this Python and would have to be compiled: take another version of it, or a base that has it",
        )
    } else {
        None
    }
}

fn quoted(lines: &[String]) -> String {
    lines.iter().flat_map(|line| ["\n  | ", line]).collect()
}
