//! What is in an image, as a CycloneDX document: the system's packages, Python and its packages.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{ImageError, ImageFacts, glance::glance, inspect};
use crate::{engine::Engine, names::RAY_VERSION};

/// pip's own list of what it installed, kept in the image when it was built.
const PACKAGES: &str = "/opt/genetic-pool/packages.json";

/// The bill of materials of the image `tag`: CycloneDX 1.5, the same for the same image.
pub async fn sbom(engine: &Engine, tag: &str) -> Result<Value, ImageError> {
    let image = inspect(engine, tag).await?.ok_or_else(|| ImageError::Absent { tag: tag.to_owned() })?;
    let (packages, status, release) = glance(engine, &image.id, async |files| {
        Ok((
            files.read(PACKAGES).await?,
            files.read("/var/lib/dpkg/status").await?.unwrap_or_default(),
            files.read("/usr/lib/os-release").await?.unwrap_or_default(),
        ))
    })
    .await?;
    let foreign = |problem| ImageError::Foreign { tag: tag.to_owned(), problem };
    let packages = packages.ok_or_else(|| foreign("it has no list of its packages"))?;
    let packages: Inspection =
        serde_json::from_slice(&packages).map_err(|_| foreign("its list of packages cannot be read"))?;
    let release = Release::of(&String::from_utf8_lossy(&release));
    Ok(document(tag, &image, &packages, &String::from_utf8_lossy(&status), &release))
}

/// `pip inspect`.
#[derive(Debug, Deserialize)]
struct Inspection {
    installed: Vec<Installed>,
    environment: Environment,
}

#[derive(Debug, Deserialize)]
struct Installed {
    metadata: Metadata,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    name: String,
    version: String,
    summary: Option<String>,
    license: Option<String>,
    license_expression: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Environment {
    python_full_version: String,
}

/// What is read of `os-release`.
#[derive(Debug)]
struct Release {
    id: String,
    version: String,
}

impl Release {
    fn of(text: &str) -> Release {
        let value = |key: &str| {
            let found = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            found.unwrap_or_default().trim_matches('"').to_owned()
        };
        Release { id: value("ID"), version: value("VERSION_ID") }
    }
}

fn document(tag: &str, image: &ImageFacts, packages: &Inspection, status: &str, release: &Release) -> Value {
    let mut components = vec![
        json!({
            "type": "operating-system", "bom-ref": "os", "name": release.id, "version": release.version,
        }),
        json!({
            "type": "application", "bom-ref": "python", "name": "python",
            "version": packages.environment.python_full_version,
            "purl": format!("pkg:generic/python@{}", packages.environment.python_full_version),
        }),
    ];
    components.extend(system(status, release));
    let mut installed: Vec<&Metadata> = packages.installed.iter().map(|installed| &installed.metadata).collect();
    installed.sort_by_key(|package| package.name.to_lowercase());
    components.extend(installed.into_iter().map(python));
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": format!("urn:uuid:{}", uuid(&image.id)),
        "version": 1,
        "metadata": {
            "timestamp": image.created,
            "tools": { "components": [{
                "type": "application", "name": "genetic-pool", "version": env!("CARGO_PKG_VERSION"),
            }] },
            "component": {
                "type": "container", "bom-ref": "image", "name": tag, "version": image.id,
                "properties": [
                    { "name": "genetic-pool:ray", "value": image.ray.as_deref().unwrap_or(RAY_VERSION) },
                    { "name": "genetic-pool:inputs", "value": image.inputs.as_deref().unwrap_or_default() },
                    { "name": "genetic-pool:architecture", "value": image.architecture },
                ],
            },
        },
        "components": components,
    })
}

fn python(package: &Metadata) -> Value {
    // The names of PyPI: case and kind of separator do not count.
    let name: Vec<&str> = package.name.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
    let purl = format!("pkg:pypi/{}@{}", name.join("-").to_lowercase(), package.version);
    let mut component = json!({
        "type": "library", "bom-ref": purl, "name": package.name, "version": package.version, "purl": purl,
    });
    if let Some(summary) = package.summary.as_ref().filter(|summary| !summary.is_empty()) {
        component["description"] = json!(summary);
    }
    // Some packages have the whole text of their license there.
    let name = package.license.as_ref().filter(|license| !license.is_empty() && license.len() < 100);
    if let Some(expression) = &package.license_expression {
        component["licenses"] = json!([{ "expression": expression }]);
    } else if let Some(name) = name {
        component["licenses"] = json!([{ "license": { "name": name } }]);
    }
    component
}

/// The packages dpkg has installed, in its order.
fn system(status: &str, release: &Release) -> Vec<Value> {
    let mut components = Vec::new();
    for paragraph in status.split("\n\n") {
        let field = |key: &str| paragraph.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        let (Some(name), Some(version)) = (field("Package"), field("Version")) else { continue };
        if !field("Status").is_some_and(|status| status.ends_with(" installed")) {
            continue;
        }
        let architecture = field("Architecture").unwrap_or("all");
        let purl = format!(
            "pkg:deb/{}/{}@{}?arch={architecture}&distro={}-{}",
            release.id,
            name.replace('+', "%2B"),
            version.replace('+', "%2B").replace(':', "%3A"),
            release.id,
            release.version
        );
        let mut component =
            json!({ "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl });
        if let Some(maintainer) = field("Maintainer") {
            component["publisher"] = json!(maintainer);
        }
        components.push(component);
    }
    components
}

/// An id of the form of a UUID from the first half of a hash, marked as made by nobody's rule but ours (version 8).
fn uuid(id: &str) -> String {
    let hex: String = id.trim_start_matches("sha256:").chars().chain(std::iter::repeat('0')).take(32).collect();
    format!("{}-{}-8{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_both_kinds_are_named_as_registries_name_them() {
        let status = "Package: libstdc++6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:12.2.0-14+deb12u1\n\n\
                      Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n";
        let release = Release::of("ID=debian\nVERSION_ID=\"12\"\n");
        let packages = serde_json::from_value(json!({
            "environment": { "python_full_version": "3.11.2" },
            "installed": [
                { "metadata": { "name": "Typing_Extensions", "version": "4.1", "license_expression": "PSF-2.0" } },
                { "metadata": { "name": "ray", "version": "2.60.0", "license": "Apache 2.0", "summary": "Ray" } },
            ],
        }))
        .unwrap();
        let image = ImageFacts {
            id: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".to_owned(),
            ray: Some("2.60.0".to_owned()),
            inputs: Some("ab".to_owned()),
            architecture: "amd64".to_owned(),
            created: "2026-11-24T12:00:00Z".to_owned(),
            size: 1,
        };
        let document = document("genetic-pool:latest", &image, &packages, status, &release);
        insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap(), @r#"
        {
          "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
          "bomFormat": "CycloneDX",
          "specVersion": "1.5",
          "serialNumber": "urn:uuid:01234567-89ab-8def-8123-456789abcdef",
          "version": 1,
          "metadata": {
            "timestamp": "2026-11-24T12:00:00Z",
            "tools": {
              "components": [
                {
                  "type": "application",
                  "name": "genetic-pool",
                  "version": "0.1.0"
                }
              ]
            },
            "component": {
              "type": "container",
              "bom-ref": "image",
              "name": "genetic-pool:latest",
              "version": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
              "properties": [
                {
                  "name": "genetic-pool:ray",
                  "value": "2.60.0"
                },
                {
                  "name": "genetic-pool:inputs",
                  "value": "ab"
                },
                {
                  "name": "genetic-pool:architecture",
                  "value": "amd64"
                }
              ]
            }
          },
          "components": [
            {
              "type": "operating-system",
              "bom-ref": "os",
              "name": "debian",
              "version": "12"
            },
            {
              "type": "application",
              "bom-ref": "python",
              "name": "python",
              "version": "3.11.2",
              "purl": "pkg:generic/python@3.11.2"
            },
            {
              "type": "library",
              "bom-ref": "pkg:deb/debian/libstdc%2B%2B6@1%3A12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12",
              "name": "libstdc++6",
              "version": "1:12.2.0-14+deb12u1",
              "purl": "pkg:deb/debian/libstdc%2B%2B6@1%3A12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12"
            },
            {
              "type": "library",
              "bom-ref": "pkg:pypi/ray@2.60.0",
              "name": "ray",
              "version": "2.60.0",
              "purl": "pkg:pypi/ray@2.60.0",
              "description": "Ray",
              "licenses": [
                {
                  "license": {
                    "name": "Apache 2.0"
                  }
                }
              ]
            },
            {
              "type": "library",
              "bom-ref": "pkg:pypi/typing-extensions@4.1",
              "name": "Typing_Extensions",
              "version": "4.1",
              "purl": "pkg:pypi/typing-extensions@4.1",
              "licenses": [
                {
                  "expression": "PSF-2.0"
                }
              ]
            }
          ]
        }
        "#);
    }
}
