//! What is sent to the engine: the folder `docker/genetic-pool` with the requirements and the CA bundle in it.

use std::{fmt::Write, io, path::Path};

use sha2::{Digest, Sha256};

use super::ImageError;

/// The files of the folder, as they lie in it.
const FILES: [(&str, &[u8]); 5] = [
    ("Dockerfile", include_bytes!("../../docker/genetic-pool/Dockerfile")),
    ("certificates/README.md", include_bytes!("../../docker/genetic-pool/certificates/README.md")),
    ("node.py", include_bytes!("../../docker/genetic-pool/node.py")),
    ("requirements/README.md", include_bytes!("../../docker/genetic-pool/requirements/README.md")),
    ("requirements/ray.txt", include_bytes!("../../docker/genetic-pool/requirements/ray.txt")),
];
const OWN_REQUIREMENTS: &str = "requirements/own.txt";
const CA_BUNDLE: &str = "certificates/bundle.crt";

/// The hash of all that goes into an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs(pub String);

/// The files an image is built from, sorted.
#[derive(Debug)]
pub(super) struct Context {
    files: Vec<(&'static str, Vec<u8>)>,
}

impl Context {
    /// The folder with the requirements `own` and the bundle `certificates` in it.
    pub(super) fn new(own: Option<String>, certificates: Option<Vec<u8>>) -> Context {
        let mut files: Vec<_> = FILES.iter().map(|(path, content)| (*path, content.to_vec())).collect();
        files.extend(own.map(|own| (OWN_REQUIREMENTS, own.into_bytes())));
        files.extend(certificates.map(|bundle| (CA_BUNDLE, bundle)));
        files.sort_unstable_by_key(|(path, _)| *path);
        Context { files }
    }

    /// The hash of the files with the image `base` and the build's `arguments`.
    ///
    /// The CA bundle is none of them: it says how things are fetched, not what, and is in no layer.
    pub(super) fn inputs(&self, base: &str, arguments: &[(&str, &str)]) -> Inputs {
        let mut hash = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        add(base.as_bytes());
        for (name, value) in arguments {
            add(name.as_bytes());
            add(value.as_bytes());
        }
        for (path, content) in self.files.iter().filter(|(path, _)| *path != CA_BUNDLE) {
            add(path.as_bytes());
            add(content);
        }
        let mut hex = String::new();
        for byte in hash.finalize() {
            // Writing to a text cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Inputs(hex)
    }

    /// The files as tar: the same bytes for the same files, whenever and wherever it is made.
    pub(super) fn archive(&self) -> io::Result<Vec<u8>> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, content) in &self.files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(0);
            header.set_uid(0);
            header.set_gid(0);
            archive.append_data(&mut header, path, &content[..])?;
        }
        archive.into_inner()
    }
}

/// The certificates at `path`.
pub(super) fn read_bundle(path: &Path) -> Result<Vec<u8>, ImageError> {
    let bundle = std::fs::read(path).map_err(|source| ImageError::Read { path: path.to_owned(), source })?;
    let begin: &[u8] = b"-----BEGIN CERTIFICATE-----";
    if bundle.windows(begin.len()).any(|window| window == begin) {
        Ok(bundle)
    } else {
        Err(ImageError::NoCertificate { path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{LABEL_INPUTS, LABEL_RAY, RAY_VERSION, USER};

    #[test]
    fn the_folder_is_whole_and_agrees_with_the_program() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docker/genetic-pool");
        let mut found = Vec::new();
        for entry in ["", "certificates", "requirements"].iter().flat_map(|sub| folder.join(sub).read_dir().unwrap()) {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
            if path.is_file() && ![".gitignore", CA_BUNDLE, OWN_REQUIREMENTS].contains(&name.as_str()) {
                found.push(name);
            }
        }
        found.sort();
        assert_eq!(found, FILES.map(|(path, _)| path));
        let text = |path| String::from_utf8_lossy(FILES.iter().find(|file| file.0 == path).unwrap().1);
        let dockerfile = text("Dockerfile");
        assert!(text("requirements/ray.txt").ends_with(&format!("\nray[default]=={RAY_VERSION}\n")));
        for part in [
            format!("ARG BASE={}\n", super::super::DEFAULT_BASE),
            format!("ARG RAY={RAY_VERSION}\n"),
            format!("USER {USER}:{USER}\n"),
            format!("{LABEL_RAY}=\"${{RAY}}\""),
            format!("{LABEL_INPUTS}=\"${{INPUTS}}\""),
        ] {
            assert!(dockerfile.contains(&part), "{part}");
        }
    }

    #[test]
    fn the_same_files_give_the_same_bytes_and_the_bundle_changes_no_image() {
        let context = |own: Option<&str>, bundle: Option<&str>| {
            Context::new(own.map(str::to_owned), bundle.map(|bundle| bundle.as_bytes().to_vec()))
        };
        let (plain, again) = (context(None, None), context(None, None));
        assert_eq!(plain.archive().unwrap(), again.archive().unwrap());
        let inputs = |context: &Context| context.inputs("sha256:1", &[("VERSION", "1")]);
        assert_eq!(inputs(&plain), inputs(&context(None, Some("x"))));
        assert_ne!(inputs(&plain), inputs(&context(Some("numpy"), None)));
        assert_ne!(inputs(&plain), plain.inputs("sha256:2", &[("VERSION", "1")]));
        assert_ne!(inputs(&plain), plain.inputs("sha256:1", &[("VERSION", "2")]));
    }
}
