//! Looks into an image without running it: a container is created, read by the archive API, and removed.

use std::io::Read;

use bollard::{
    Docker,
    models::ContainerCreateBody,
    query_parameters::{
        ContainerArchiveInfoOptions, CreateContainerOptions, DownloadFromContainerOptions, RemoveContainerOptions,
    },
};
use futures_util::TryStreamExt;

use super::ImageError;
use crate::{
    engine::{Engine, EngineError},
    names::LABEL_ROLE,
};

/// The value of [`LABEL_ROLE`] of a container that only serves to look into an image.
const ROLE: &str = "glance";

/// An image whose files can be read.
pub(super) struct Glance<'a> {
    docker: &'a Docker,
    container: String,
}

/// What a path is.
pub(super) enum Found {
    /// There is nothing.
    Nothing,
    /// A file or folder.
    Entry,
    /// A symbolic link to here.
    Link(String),
}

/// Has `look` read files of `image`.
pub(super) async fn glance<T>(
    engine: &Engine,
    image: &str,
    look: impl AsyncFnOnce(&Glance<'_>) -> Result<T, ImageError>,
) -> Result<T, ImageError> {
    let docker = engine.docker();
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        // An image may name no program; this one is never run.
        cmd: Some(vec!["true".to_owned()]),
        labels: Some([(LABEL_ROLE.to_owned(), ROLE.to_owned())].into()),
        network_disabled: Some(true),
        ..ContainerCreateBody::default()
    };
    let created = docker.create_container(None::<CreateContainerOptions>, body).await;
    let container = created.map_err(|error| EngineError::of(format!("look into the image `{image}`"), error))?.id;
    let glance = Glance { docker, container };
    let result = look(&glance).await;
    let options = RemoveContainerOptions { force: true, v: true, ..RemoveContainerOptions::default() };
    // What was found is worth more than the removal of a container that does nothing.
    let _ = docker.remove_container(&glance.container, Some(options)).await;
    result
}

impl Glance<'_> {
    /// What is at `path`, a link not followed.
    pub(super) async fn find(&self, path: &str) -> Result<Found, ImageError> {
        let options = ContainerArchiveInfoOptions { path: path.to_owned() };
        match self.docker.get_container_archive_info(&self.container, Some(options)).await {
            Ok(stat) if stat.link_target.is_empty() => Ok(Found::Entry),
            Ok(stat) => Ok(Found::Link(stat.link_target)),
            Err(error) => absent(error, path).map(|()| Found::Nothing),
        }
    }

    /// The file at `path`, where it is there and no link.
    pub(super) async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ImageError> {
        let options = DownloadFromContainerOptions { path: path.to_owned() };
        let stream = self.docker.download_from_container(&self.container, Some(options));
        let archive: Vec<u8> = match stream.map_ok(|bytes| bytes.to_vec()).try_concat().await {
            Ok(archive) => archive,
            Err(error) => return absent(error, path).map(|()| None),
        };
        let unreadable = |source: std::io::Error| ImageError::Answer { source: source.into() };
        for entry in tar::Archive::new(&*archive).entries().map_err(unreadable)? {
            let mut entry = entry.map_err(unreadable)?;
            if entry.header().entry_type().is_file() {
                let mut content = Vec::new();
                entry.read_to_end(&mut content).map_err(unreadable)?;
                return Ok(Some(content));
            }
        }
        Ok(None)
    }
}

/// Nothing, where `error` says that the path is not there.
fn absent(error: bollard::errors::Error, path: &str) -> Result<(), ImageError> {
    match error {
        bollard::errors::Error::DockerResponseServerError { status_code: 404, .. } => Ok(()),
        error => Err(EngineError::of(format!("read `{path}` of the image"), error).into()),
    }
}
