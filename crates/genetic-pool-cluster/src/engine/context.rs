//! The contexts of Docker's command line: engines with names, kept in its folder.

use std::{fs, io, path::Path};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::EngineError;
use crate::nearest;

/// An engine with a name.
pub(super) struct Found {
    /// Where it is.
    pub address: String,
    /// Whether it asks for TLS.
    pub tls: bool,
}

/// The name of the context in use by `config.json` of the folder `config`.
pub(super) fn current(config: &Path) -> Result<Option<String>, EngineError> {
    let file: Option<Config> = read(&config.join("config.json"))?;
    Ok(file.and_then(|file| file.current_context).filter(|name| !name.is_empty()))
}

/// The context `name` of the folder `config`.
pub(super) fn find(config: &Path, name: &str) -> Result<Option<Found>, EngineError> {
    // Docker's command line names the folder of a context so.
    let folder = format!("{:x}", Sha256::digest(name));
    let meta: Option<Meta> = read(&config.join("contexts/meta").join(&folder).join("meta.json"))?;
    let Some(address) = meta.and_then(|meta| meta.endpoints.docker).map(|docker| docker.host) else {
        return Ok(None);
    };
    let certificates = config.join("contexts/tls").join(&folder).join("docker");
    let tls = fs::read_dir(certificates).is_ok_and(|mut files| files.next().is_some());
    Ok(Some(Found { address, tls }))
}

/// The name nearest to `name` among the contexts of the folder `config`.
pub(super) fn nearest(config: &Path, name: &str) -> Option<String> {
    let folders = fs::read_dir(config.join("contexts/meta")).into_iter().flatten().flatten();
    let names = folders.filter_map(|folder| read::<Meta>(&folder.path().join("meta.json")).ok().flatten());
    let names: Vec<String> = names.map(|meta| meta.name).chain(["default".to_owned()]).collect();
    nearest::nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
}

#[derive(Deserialize)]
struct Config {
    #[serde(rename = "currentContext")]
    current_context: Option<String>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "Name", default)]
    name: String,
    #[serde(rename = "Endpoints", default)]
    endpoints: Endpoints,
}

#[derive(Default, Deserialize)]
struct Endpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Deserialize)]
struct DockerEndpoint {
    #[serde(rename = "Host", default)]
    host: String,
}

/// The JSON file at `path`; nothing where there is none.
fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Option<T>, EngineError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(source) => return Err(EngineError::Config { path: path.to_owned(), source }),
    };
    let value = serde_json::from_slice(&text).map_err(io::Error::from);
    value.map(Some).map_err(|source| EngineError::Config { path: path.to_owned(), source })
}
