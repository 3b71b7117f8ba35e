//! What becomes of a cluster's head, for who has work there.

use super::{Cluster, observe::names};
use crate::{
    engine::EngineError,
    names::{ClusterName, Role},
};

impl Cluster {
    /// How the head is, in a few words that read after "it is": `running`, `exited (code 137)`, `gone`.
    pub async fn head_in_words(&self) -> Result<String, EngineError> {
        let head = self.name.container(Role::Head);
        let container = match self.engine.docker().inspect_container(&head, None).await {
            Ok(container) => container,
            Err(error) => {
                let error = EngineError::of(format!("look at container `{head}`"), error);
                return if error.is_not_found() { Ok("gone".to_owned()) } else { Err(error) };
            }
        };
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
        let head = self.name.container(Role::Head);
        let failed = |error| EngineError::of(format!("look at the image of container `{head}`"), error);
        let docker = self.engine.docker();
        let Some(image) = docker.inspect_container(&head, None).await.map_err(failed)?.image else { return Ok(None) };
        Ok(docker.inspect_image(&image).await.map_err(failed)?.architecture)
    }

    /// The names of the clusters on the same engine of which anything is there.
    pub async fn others(&self) -> Result<Vec<ClusterName>, EngineError> {
        names(&self.engine).await
    }
}
