//! The base image: whether it is here, and whether Ray can live on it. Found out before anything is built.

use bollard::query_parameters::CreateImageOptions;
use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

use super::{
    BuildEvent, BuildListener, ImageError,
    glance::{Found, Glance, glance},
};
use crate::engine::{Engine, EngineError};

/// The minor versions of Python 3 that the pinned Ray has wheels for.
const OLDEST: u32 = 10;
/// See [`OLDEST`].
const NEWEST: u32 = 14;
/// The architectures it has wheels for.
const ARCHITECTURES: [&str; 2] = ["amd64", "arm64"];
/// The Python of systems that may have none installed: the step that installs it would fail later and say less.
const SYSTEM_PYTHONS: [(&str, &str, u32); 9] = [
    ("debian", "10", 7),
    ("debian", "11", 9),
    ("debian", "12", 11),
    ("debian", "13", 13),
    ("ubuntu", "18.04", 6),
    ("ubuntu", "20.04", 8),
    ("ubuntu", "22.04", 10),
    ("ubuntu", "24.04", 12),
    ("ubuntu", "26.04", 14),
];
/// Where programs are looked for in images that do not say.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a build needs to know of its base.
#[derive(Debug)]
pub(super) struct Base {
    /// `sha256:…`.
    pub id: String,
    architecture: String,
    path: String,
}

/// The image `base`, fetched where it is not here or where `pull` asks for the newest.
pub(super) async fn find(
    engine: &Engine,
    base: &str,
    pull: bool,
    tell: BuildListener<'_>,
    cancel: &CancellationToken,
) -> Result<Base, ImageError> {
    if !pull && let Some(found) = here(engine, base).await? {
        return Ok(found);
    }
    tokio::select! {
        fetched = fetch(engine, base, tell) => fetched.map_err(|source| ImageError::NoBase { base: base.to_owned(), source })?,
        () = cancel.cancelled() => return Err(ImageError::Interrupted),
    }
    here(engine, base).await?.ok_or_else(|| ImageError::Absent { tag: base.to_owned() })
}

/// Refuses a base Ray cannot live on.
pub(super) async fn check(engine: &Engine, name: &str, base: &Base) -> Result<(), ImageError> {
    if !ARCHITECTURES.contains(&base.architecture.as_str()) {
        return Err(ImageError::Architecture { base: name.to_owned(), found: base.architecture.clone() });
    }
    let (release, python) = glance(engine, &base.id, async |image| {
        Ok((Release::read(image).await?, Python::find(image, &base.path).await?))
    })
    .await?;
    judge(name, &release, python)
}

async fn here(engine: &Engine, name: &str) -> Result<Option<Base>, ImageError> {
    let image = match engine.docker().inspect_image(name).await {
        Ok(image) => image,
        Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(None),
        Err(error) => return Err(EngineError::of(format!("inspect the image `{name}`"), error).into()),
    };
    let environment = image.config.and_then(|config| config.env).unwrap_or_default();
    let path = environment.iter().find_map(|variable| variable.strip_prefix("PATH=")).unwrap_or(USUAL_PATH).to_owned();
    let id = image.id.unwrap_or_default();
    Ok(Some(Base { id, architecture: image.architecture.unwrap_or_default(), path }))
}

async fn fetch(engine: &Engine, name: &str, tell: BuildListener<'_>) -> Result<(), EngineError> {
    // Without a tag the engine would fetch all there are.
    let named = name.rsplit('/').next().is_some_and(|last| last.contains([':', '@']));
    let from_image = if named { name.to_owned() } else { format!("{name}:latest") };
    let options = CreateImageOptions { from_image: Some(from_image), ..CreateImageOptions::default() };
    let mut stream = engine.docker().create_image(Some(options), None, None);
    while let Some(words) = stream.next().await {
        let words = words.map_err(|error| EngineError::of(format!("fetch the image `{name}`"), error))?;
        if let Some(status) = words.status {
            let words = words.id.map_or_else(|| status.clone(), |id| format!("{id}: {status}"));
            tell(BuildEvent::Pull { image: name.to_owned(), words });
        }
    }
    Ok(())
}

/// What `/etc/os-release` says.
#[derive(Debug, Default)]
struct Release {
    id: String,
    like: String,
    version: String,
    name: String,
}

impl Release {
    async fn read(image: &Glance<'_>) -> Result<Release, ImageError> {
        // The one in /etc is a link to the other where systemd's rules are followed.
        for path in ["/usr/lib/os-release", "/etc/os-release"] {
            if let Some(text) = image.read(path).await? {
                return Ok(Release::of(&String::from_utf8_lossy(&text)));
            }
        }
        Ok(Release::default())
    }

    fn of(text: &str) -> Release {
        let value = |key: &str| {
            let found = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            found.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
        };
        Release { id: value("ID"), like: value("ID_LIKE"), version: value("VERSION_ID"), name: value("PRETTY_NAME") }
    }

    fn is_debian(&self) -> bool {
        self.id == "debian" || self.like.split(' ').any(|like| like == "debian")
    }
}

/// The Python of an image.
#[derive(Debug, PartialEq, Eq)]
enum Python {
    /// There is none.
    None,
    /// The minor version of a Python 3.
    Minor(u32),
    /// There is one that does not show its version: the build will find out.
    Hidden,
}

impl Python {
    async fn find(image: &Glance<'_>, path: &str) -> Result<Python, ImageError> {
        for folder in path.split(':').filter(|folder| !folder.is_empty()) {
            let mut file = format!("{folder}/python3");
            for _ in 0..8 {
                match image.find(&file).await? {
                    Found::Nothing => break,
                    Found::Entry => return Ok(Python::of(&file)),
                    Found::Link(target) if target.starts_with('/') => file = target,
                    Found::Link(target) => {
                        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
                        file = format!("{folder}/{target}");
                    }
                }
            }
        }
        Ok(Python::None)
    }

    /// By the name of its file: `/usr/bin/python3.11`.
    fn of(file: &str) -> Python {
        let name = file.rsplit('/').next().unwrap_or(file);
        name.strip_prefix("python3.").and_then(|minor| minor.parse().ok()).map_or(Python::Hidden, Python::Minor)
    }
}

fn judge(base: &str, release: &Release, python: Python) -> Result<(), ImageError> {
    let base = base.to_owned();
    if !release.is_debian() {
        let name =
            if release.name.is_empty() { "of no known system".to_owned() } else { format!("of {}", release.name) };
        return Err(ImageError::NotDebian { base, found: name });
    }
    let supported = OLDEST..=NEWEST;
    match python {
        Python::Hidden => Ok(()),
        Python::Minor(minor) if supported.contains(&minor) => Ok(()),
        Python::Minor(minor) => {
            Err(ImageError::Python { base, found: format!("3.{minor}"), oldest: OLDEST, newest: NEWEST })
        }
        Python::None => {
            let known =
                SYSTEM_PYTHONS.iter().find(|(id, version, _)| (*id, *version) == (&release.id, &release.version));
            match known {
                Some((_, _, minor)) if !supported.contains(minor) => Err(ImageError::SystemPython {
                    base,
                    system: release.name.clone(),
                    found: format!("3.{minor}"),
                    oldest: OLDEST,
                    newest: NEWEST,
                }),
                _ => Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(id: &str, version: &str) -> Release {
        Release::of(&format!("PRETTY_NAME=\"{id} {version}\"\nID={id}\nVERSION_ID=\"{version}\"\n"))
    }

    #[test]
    fn a_python_shows_its_version_by_the_name_of_its_file() {
        assert_eq!(Python::of("/usr/local/bin/python3.12"), Python::Minor(12));
        assert_eq!(Python::of("/opt/x/python3"), Python::Hidden);
    }

    #[test]
    fn what_ray_cannot_live_on_is_refused() {
        let debian = release("debian", "12");
        for python in [Python::None, Python::Hidden, Python::Minor(10), Python::Minor(14)] {
            judge("x", &debian, python).unwrap();
        }
        judge("x", &Release::of("ID=mint\nID_LIKE=\"ubuntu debian\""), Python::None).unwrap();
        let told = |release: &Release, python| judge("x:1", release, python).unwrap_err().to_string();
        let told = [
            told(&debian, Python::Minor(9)),
            told(&release("debian", "11"), Python::None),
            told(&release("alpine", "3.20"), Python::Minor(12)),
            told(&Release::default(), Python::None),
        ];
        insta::assert_snapshot!(told.join("\n"), @r"
        the base image `x:1` has Python 3.9; Ray 2.60.0 needs 3.10 to 3.14
        the base image `x:1` has no Python, and that of its system, debian 11, is 3.9; Ray 2.60.0 needs 3.10 to 3.14
        the base image `x:1` is of alpine 3.20, not Debian or made from it
        the base image `x:1` is of no known system, not Debian or made from it
        ");
    }
}
