//! Whether the image of the nodes is there and fits this program.

use super::{Finding, in_time};
use crate::{
    engine::{Engine, EngineError, EngineVersion},
    names::{DEFAULT_IMAGE, LABEL_RAY, RAY_VERSION},
};

/// What matters of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Image {
    /// Its version of Ray by its label.
    pub ray: Option<String>,
    /// The machine it is for.
    pub arch: String,
    /// Its bytes.
    pub size: u64,
}

/// The image `reference` of `engine`, where there is one.
pub(super) async fn look(engine: &Engine, reference: &str) -> Result<Option<Image>, String> {
    let question = async {
        match engine.docker().inspect_image(reference).await {
            Ok(image) => Ok(Some(image)),
            Err(error) => {
                let error = EngineError::of("inspect the image", error);
                if error.is_not_found() { Ok(None) } else { Err(error) }
            }
        }
    };
    let image = in_time(question).await?;
    Ok(image.map(|image| Image {
        ray: image.config.and_then(|config| config.labels).and_then(|mut labels| labels.remove(LABEL_RAY)),
        arch: image.architecture.unwrap_or_default(),
        size: image.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
    }))
}

/// Whether it is one of ours, with our Ray, for this engine's machine.
pub(super) fn of(image: Result<Option<Image>, String>, engine: &EngineVersion) -> Finding {
    let name = "image";
    let build = "`genetic-pool image build` builds it anew";
    match image {
        Err(seen) => Finding::unknown(name, seen),
        Ok(None) => Finding::warning(
            name,
            format!("there is no `{DEFAULT_IMAGE}`"),
            "`genetic-pool image build` builds it; so does `genetic-pool cluster up`",
        ),
        Ok(Some(Image { ray: None, .. })) => {
            Finding::problem(name, format!("`{DEFAULT_IMAGE}` was not built by this program"), build)
        }
        Ok(Some(Image { ray: Some(ray), .. })) if ray != RAY_VERSION => Finding::problem(
            name,
            format!("`{DEFAULT_IMAGE}` has Ray {ray}; this program works with {RAY_VERSION}"),
            build,
        ),
        Ok(Some(image)) if image.arch != engine.arch => Finding::warning(
            name,
            format!("`{DEFAULT_IMAGE}` is for {}, the engine's machine is {}", image.arch, engine.arch),
            build,
        ),
        Ok(Some(image)) => {
            let size = crate::cluster::format_bytes(image.size);
            Finding::ok(name, format!("`{DEFAULT_IMAGE}` has Ray {RAY_VERSION} and takes {size}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{doctor::Report, engine::ApiVersion};

    #[test]
    fn an_image_is_there_and_ours_or_not() {
        let version = EngineVersion {
            engine: "20.10.24".to_owned(),
            api: ApiVersion::OLDEST,
            newest_api: ApiVersion::OLDEST,
            oldest_api: ApiVersion::OLDEST,
            os: "linux".to_owned(),
            arch: "amd64".to_owned(),
            kernel: String::new(),
        };
        let image = |ray: Option<&str>, arch: &str| {
            Ok(Some(Image { ray: ray.map(str::to_owned), arch: arch.to_owned(), size: 538 << 20 }))
        };
        let images = [
            image(Some(RAY_VERSION), "amd64"),
            image(Some(RAY_VERSION), "arm64"),
            image(Some("2.9.0"), "amd64"),
            image(None, "amd64"),
            Ok(None),
            Err("the engine did not answer within 10 s".to_owned()),
        ];
        let findings = images.into_iter().map(|image| of(image, &version)).collect();
        insta::assert_snapshot!(Report { findings }, @r"
        ✓ ok       image  `genetic-pool:latest` has Ray 2.60.0 and takes 538MiB
        ! warning  image  `genetic-pool:latest` is for arm64, the engine's machine is amd64
                          hint: `genetic-pool image build` builds it anew
        ✗ problem  image  `genetic-pool:latest` has Ray 2.9.0; this program works with 2.60.0
                          hint: `genetic-pool image build` builds it anew
        ✗ problem  image  `genetic-pool:latest` was not built by this program
                          hint: `genetic-pool image build` builds it anew
        ! warning  image  there is no `genetic-pool:latest`
                          hint: `genetic-pool image build` builds it; so does `genetic-pool cluster up`
        ? unknown  image  the engine did not answer within 10 s
        ");
    }
}
