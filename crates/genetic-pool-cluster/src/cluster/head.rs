//! What becomes of a cluster's head, for who has work there.

use super::{Cluster, observe::names};
use crate::{
    engine::EngineError,
    names::{ClusterName, Role},
};

impl Cluster {
    /// How the head is, in a few words that read after "it is": `running`, `exited (code 137)`, `gone`.
    pub async fn head_in_words(&self) -> Result<String, EngineError> {
        let Some(container) = self.inspected(Role::Head).await? else { return Ok("gone".to_owned()) };
        let state = container.state.unwrap_or_default();
        let word = state.status.map_or_else(|| "unknown".to_owned(), |status| status.to_string());
        Ok(match (word.as_str(), state.oom_killed, state.exit_code) {
            ("exited", Some(true), _) => "exited (out of memory)".to_owned(),
            ("exited", _, Some(code)) => format!("exited (code {code})"),
            _ => word,
        })
    }

    /// For which processors the image of its head is, as Docker calls them: `amd64`, `arm64`.
    pub async fn architecture(&self) -> Result<Option<String>, EngineError> {
        let Some(image) = self.inspected(Role::Head).await?.and_then(|head| head.image) else { return Ok(None) };
        let seen = self.engine.docker().inspect_image(&image).await;
        Ok(seen.map_err(|error| EngineError::of(format!("inspect image `{image}`"), error))?.architecture)
    }

    /// The names of the clusters on the same engine of which anything is there.
    pub async fn others(&self) -> Result<Vec<ClusterName>, EngineError> {
        names(&self.engine).await
    }
}
