//! The token Ray asks for.

use std::{fmt, io::Read};

use bollard::{errors::Error, query_parameters::DownloadFromContainerOptions};
use futures_util::TryStreamExt;

use super::RayError;
use crate::{
    cluster::Cluster,
    engine::EngineError,
    names::{Role, SECRETS_FOLDER, TOKEN_FILE},
};

/// The token of a cluster. It shows in no log: its `Debug` is blank.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// `text` as a token: 1 to 512 visible ASCII characters; white space at its ends is dropped.
    pub fn new(text: &str) -> Option<Token> {
        let text = text.trim();
        let valid = (1..=512).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        valid.then(|| Token(text.to_owned()))
    }

    /// The token in the secrets of `cluster`, read through its control container.
    pub async fn of(cluster: &Cluster) -> Result<Token, RayError> {
        let missing = |why: &str| RayError::NoToken { cluster: cluster.name.clone(), why: why.to_owned() };
        let container = cluster.name.container(Role::Control);
        let path = format!("{SECRETS_FOLDER}/{TOKEN_FILE}");
        let options = DownloadFromContainerOptions { path };
        let archive = cluster.engine.docker().download_from_container(&container, Some(options));
        let archive = archive
            .try_fold(Vec::new(), |mut all, part| async move {
                all.extend_from_slice(&part);
                Ok(all)
            })
            .await;
        let archive = match archive {
            Ok(archive) => archive,
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => {
                return Err(missing(&format!("there is no `{container}` with a file `{TOKEN_FILE}`")));
            }
            Err(error) => return Err(EngineError::of(format!("read the token through `{container}`"), error).into()),
        };
        first_file(&archive).and_then(|text| Token::new(&text)).ok_or_else(|| missing("its file holds none"))
    }

    /// The token itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The text of the first file of a tar archive; a token's is short.
fn first_file(archive: &[u8]) -> Option<String> {
    let mut archive = tar::Archive::new(archive);
    let file = archive.entries().ok()?.next()?.ok()?;
    let mut text = String::new();
    file.take(4096).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_visible_word_and_never_shown() {
        assert_eq!(Token::new(" abc\n").unwrap().reveal(), "abc");
        for bad in ["", "  ", "a b", "a\nb", "ä", &"a".repeat(513)] {
            assert_eq!(Token::new(bad), None);
        }
        assert_eq!(format!("{:?}", Token::new("abc").unwrap()), "Token(…)");
    }

    #[test]
    fn what_is_no_archive_holds_no_token() {
        assert_eq!(first_file(b""), None);
        assert_eq!(first_file(&[7; 1024]), None);
    }
}
