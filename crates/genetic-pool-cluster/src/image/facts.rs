//! What an image says of itself.

use bollard::errors::Error as ClientError;
use serde::Serialize;

use super::ImageError;
use crate::{
    engine::{Engine, EngineError},
    names::{LABEL_INPUTS, LABEL_RAY},
};

/// What an image says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageFacts {
    /// `sha256:…`.
    pub id: String,
    /// Its version of Ray, where this program made it.
    pub ray: Option<String>,
    /// The hash of all that went into it, where this program made it.
    pub inputs: Option<String>,
    /// `amd64`, `arm64`.
    pub architecture: String,
    /// When it was built, as the engine writes it.
    pub created: String,
    /// Bytes.
    pub size: u64,
}

/// What the image `tag` says of itself; nothing where there is no such image.
pub async fn inspect(engine: &Engine, tag: &str) -> Result<Option<ImageFacts>, ImageError> {
    let image = match engine.docker().inspect_image(tag).await {
        Ok(image) => image,
        Err(ClientError::DockerResponseServerError { status_code: 404, .. }) => return Ok(None),
        Err(error) => return Err(EngineError::of(format!("inspect the image `{tag}`"), error).into()),
    };
    let labels = image.config.and_then(|config| config.labels).unwrap_or_default();
    let label = |name: &str| labels.get(name).filter(|value| !value.is_empty()).cloned();
    Ok(Some(ImageFacts {
        id: image.id.unwrap_or_default(),
        ray: label(LABEL_RAY),
        inputs: label(LABEL_INPUTS),
        architecture: image.architecture.unwrap_or_default(),
        created: image.created.unwrap_or_default(),
        size: image.size.unwrap_or(0).unsigned_abs(),
    }))
}
