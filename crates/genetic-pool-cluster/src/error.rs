//! What can go wrong with a cluster: each room's own error under one roof.

use crate::{
    cluster::{LifeError, LockError, SettingsError, StateError, WatchError},
    engine::EngineError,
    image::ImageError,
    ray::RayError,
};

/// Something of a cluster did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each says it itself")]
pub enum ClusterError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Image(#[from] ImageError),
    #[error(transparent)]
    State(StateError),
    #[error(transparent)]
    Watch(#[from] WatchError),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Ray(RayError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Life(#[from] LifeError),
    /// Somebody asked for it to stop; what was begun has been taken back or left in order.
    #[error("interrupted")]
    Interrupted,
}

/// What a failure is, for who must react to it without reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What was asked for is invalid or not there: a name, a file, a size.
    Invalid,
    /// The engine cannot be reached, or is not fit.
    Engine,
    /// The engine was reached, and an image, a cluster or its Ray failed.
    Failed,
    /// Another process is at it.
    Held,
    /// It was interrupted.
    Interrupted,
}

impl ClusterError {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        match self {
            ClusterError::Engine(error) => error.hint(),
            ClusterError::Image(error) => error.hint(),
            ClusterError::State(error) => error.hint(),
            ClusterError::Lock(error) => error.hint(),
            ClusterError::Ray(error) => error.hint(),
            ClusterError::Watch(error) => error.hint(),
            ClusterError::Life(error) => error.hint(),
            ClusterError::Settings(_) | ClusterError::Interrupted => None,
        }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            ClusterError::Engine(error) if error.is_of_operation() => Kind::Failed,
            ClusterError::Engine(_) => Kind::Engine,
            ClusterError::Image(error) => error.kind(),
            ClusterError::State(error) => match error {
                StateError::Engine(_) => Kind::Engine,
                StateError::Id { .. } | StateError::Absent { .. } => Kind::Invalid,
                StateError::Changed { .. } => Kind::Held,
                StateError::Damaged { .. } | StateError::Newer { .. } | StateError::Random { .. } => Kind::Failed,
            },
            ClusterError::Lock(LockError::Held { .. }) => Kind::Held,
            ClusterError::Lock(_) => Kind::Failed,
            ClusterError::Ray(error) => error.kind(),
            ClusterError::Watch(error) => match error {
                WatchError::Cluster { .. } | WatchError::Node { .. } | WatchError::File { .. } => Kind::Invalid,
                WatchError::Still { .. } | WatchError::Files { .. } => Kind::Failed,
            },
            ClusterError::Settings(_) => Kind::Invalid,
            ClusterError::Life(error) => error.kind(),
            ClusterError::Interrupted => Kind::Interrupted,
        }
    }
}

impl From<StateError> for ClusterError {
    fn from(error: StateError) -> ClusterError {
        match error {
            StateError::Engine(error) => error.into(),
            error => ClusterError::State(error),
        }
    }
}

impl From<RayError> for ClusterError {
    fn from(error: RayError) -> ClusterError {
        match error {
            RayError::Engine(error) => error.into(),
            RayError::State(error) => error.into(),
            error => ClusterError::Ray(error),
        }
    }
}

/// An error and its causes in one line.
pub(crate) fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(words.trim());
        }
        cause = error.source();
    }
    text.replace('\n', " ")
}
