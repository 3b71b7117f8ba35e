//! What an engine can answer instead of what was asked.

/// What was asked of the engine did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum EngineError {
    #[error("the engine failed to {action}")]
    Refused {
        /// What was asked, as it reads after "failed to".
        action: String,
        #[source]
        source: bollard::errors::Error,
    },
}

impl EngineError {
    /// `action`, which reads after "failed to", did not work.
    pub fn of(action: impl Into<String>, source: bollard::errors::Error) -> EngineError {
        EngineError::Refused { action: action.into(), source }
    }

    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        None
    }
}
