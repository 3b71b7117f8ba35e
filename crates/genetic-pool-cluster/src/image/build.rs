//! Builds the image, where it is not built.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use bollard::query_parameters::RemoveImageOptions;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{
    BuildListener, DEFAULT_BASE, ImageError, base,
    context::{Context, read_bundle},
    inspect,
    post::{Order, post},
    requirements,
};
use crate::{
    engine::Engine,
    names::{DEFAULT_IMAGE, RAY_VERSION},
};

/// What an image is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildOptions {
    /// The image below it: one of Debian or made from it, with a Python that Ray supports or without any.
    pub base: String,
    /// What it will be called.
    pub tag: String,
    /// What the evaluations need: a requirements.txt, or a pyproject.toml with dependencies.
    pub requirements: Option<PathBuf>,
    /// Certificates (PEM) to trust while packages are fetched, where a proxy inspects TLS. In no layer of the image.
    pub ca_bundle: Option<PathBuf>,
    /// Does every step anew, also where the image is there already.
    pub no_cache: bool,
    /// Asks the registry for the newest base.
    pub pull: bool,
}

impl Default for BuildOptions {
    fn default() -> BuildOptions {
        BuildOptions {
            base: DEFAULT_BASE.to_owned(),
            tag: DEFAULT_IMAGE.to_owned(),
            requirements: None,
            ca_bundle: None,
            no_cache: false,
            pull: false,
        }
    }
}

impl BuildOptions {
    /// The default with what the environment says of this place: `GENETIC_POOL_BASE` names the base,
    /// `GENETIC_POOL_CA_BUNDLE` the certificates. So images that are built on the way, by a cluster that has none, can
    /// be built here.
    pub fn from_environment() -> BuildOptions {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let base = set("GENETIC_POOL_BASE").map(|base| base.to_string_lossy().into_owned());
        let default = BuildOptions::default();
        BuildOptions {
            base: base.unwrap_or(default.base),
            ca_bundle: set("GENETIC_POOL_CA_BUNDLE").map(PathBuf::from),
            ..default
        }
    }
}

/// An image that is there now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Built {
    /// `sha256:…`.
    pub id: String,
    /// What it is called.
    pub tag: String,
    /// The hash of all that went into it.
    pub inputs: String,
    /// Whether anything was built: not, where an image of the same inputs was there.
    pub rebuilt: bool,
    /// Bytes.
    pub size: u64,
    /// How long it took.
    pub seconds: f64,
}

/// Builds the image `options` describe, unless it is there.
///
/// `tell` is told of every step. Cancelled, it stops the step that runs, leaves what was there and returns
/// [`ImageError::Interrupted`].
pub async fn build(
    engine: &Engine,
    options: &BuildOptions,
    tell: BuildListener<'_>,
    cancel: &CancellationToken,
) -> Result<Built, ImageError> {
    let start = Instant::now();
    check_tag(&options.tag)?;
    let own = options.requirements.as_deref().map(requirements::read).transpose()?;
    let certificates = options.ca_bundle.as_deref().map(read_bundle).transpose()?;
    let context = Context::new(own, certificates);

    let base = base::find(engine, &options.base, options.pull, tell, cancel).await?;
    let version = env!("CARGO_PKG_VERSION");
    let inputs = context.inputs(&base.id, &[("VERSION", version), ("RAY", RAY_VERSION)]).0;
    let before = inspect(engine, &options.tag).await?;
    if let Some(image) = &before
        && image.inputs.as_ref() == Some(&inputs)
        && !options.no_cache
    {
        return Ok(built(options, image.id.clone(), inputs, false, image.size, start.elapsed()));
    }
    base::check(engine, &options.base, &base).await?;

    let order = Order {
        tag: &options.tag,
        arguments: &[("BASE", options.base.as_str()), ("INPUTS", &inputs), ("RAY", RAY_VERSION), ("VERSION", version)],
        no_cache: options.no_cache,
        archive: context.archive().map_err(|source| ImageError::Answer { source: source.into() })?,
    };
    let id = post(engine, order, tell, cancel).await?;
    let image = inspect(engine, &options.tag).await?;
    let image = image.ok_or_else(|| ImageError::Absent { tag: options.tag.clone() })?;
    if let Some(before) = before.filter(|before| before.inputs.is_some() && before.id != image.id) {
        remove_untagged(engine, &before.id).await;
    }
    Ok(built(options, id, inputs, true, image.size, start.elapsed()))
}

fn built(options: &BuildOptions, id: String, inputs: String, rebuilt: bool, size: u64, took: Duration) -> Built {
    Built { id, tag: options.tag.clone(), inputs, rebuilt, size, seconds: took.as_secs_f64() }
}

/// Removes an image of ours whose name went to another, unless it has other names or a container is made of it.
async fn remove_untagged(engine: &Engine, id: &str) {
    let tags = engine.docker().inspect_image(id).await.ok().and_then(|image| image.repo_tags).unwrap_or_default();
    if tags.is_empty() {
        // The engine refuses where a container is made of it; then it stays.
        let _ = engine.docker().remove_image(id, None::<RemoveImageOptions>, None).await;
    }
}

/// Refuses early what the engine would refuse in the end.
fn check_tag(tag: &str) -> Result<(), ImageError> {
    let fail = |problem| Err(ImageError::Tag { tag: tag.to_owned(), problem });
    let name = tag.rsplit_once('/').map_or(tag, |(_, last)| last);
    let name = name.split(':').next().unwrap_or(name);
    if name.is_empty() {
        fail("it has no name")
    } else if tag.contains('@') {
        fail("an image that is to be built has no digest yet")
    } else if name.contains(|character: char| character.is_uppercase()) {
        fail("names are lower-case")
    } else if !tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/:".contains(&byte)) {
        fail("letters, digits and `-._/:` are allowed")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images_are_checked() {
        for good in ["genetic-pool", "genetic-pool:latest", "localhost:5000/a/b:V1", "a_b.c"] {
            check_tag(good).unwrap();
        }
        for bad in ["", ":x", "a@sha256:1", "Aa", "a b", "a/"] {
            assert!(check_tag(bad).is_err(), "{bad}");
        }
    }
}
