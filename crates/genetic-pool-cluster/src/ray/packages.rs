//! Ray's store of packages: what a job's working folder is made of.

use std::{fmt, time::Duration};

use bytes::Bytes;
use hyper::{Method, StatusCode};
use sha2::{Digest, Sha256};

use super::{Ray, RayError, http::Call};

/// Ray refuses packages of this size and above.
const LIMIT: u64 = 512 << 20;

/// The name of a package, made from what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageName(String);

impl PackageName {
    /// The name of a package with these bytes: a zip file.
    pub fn of(bytes: &[u8]) -> PackageName {
        let hash = Sha256::digest(bytes);
        let hash = hash.iter().take(16).fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        PackageName(format!("_ray_pkg_{hash}.zip"))
    }

    /// The address a job names it by.
    pub fn uri(&self) -> String {
        format!("gcs://{}", self.0)
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Ray {
    /// Whether Ray has the package.
    pub async fn has_package(&self, name: &PackageName) -> Result<bool, RayError> {
        let call = Call::get(format!("look for package `{name}`"), path(name));
        let answer = self.call(call).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        answer.success().await.map(|_| true)
    }

    /// Gives Ray the package `bytes`, a zip file of less than 512 MiB.
    pub async fn put_package(&self, name: &PackageName, bytes: Bytes) -> Result<(), RayError> {
        let size = bytes.len() as u64;
        if size >= LIMIT {
            return Err(RayError::PackageTooLarge { bytes: size, limit: LIMIT });
        }
        let mut call = Call::send(format!("send package `{name}`"), Method::PUT, path(name), bytes);
        // The answer comes when all has been sent and stored: a megabyte a second is the least that is expected.
        call.limit = Duration::from_secs(30 + (size >> 20));
        self.call(call).await?.success().await.map(|_| ())
    }
}

fn path(name: &PackageName) -> String {
    format!("/api/packages/gcs/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_by_its_bytes() {
        let name = PackageName::of(b"abc");
        assert_eq!(name.to_string(), "_ray_pkg_ba7816bf8f01cfea414140de5dae2223.zip");
        assert_eq!(name.uri(), "gcs://_ray_pkg_ba7816bf8f01cfea414140de5dae2223.zip");
    }
}
