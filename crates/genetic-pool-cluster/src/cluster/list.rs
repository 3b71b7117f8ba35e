//! `list`: the clusters on an engine.

use futures_util::future::try_join_all;
use serde::Serialize;

use super::{
    Cluster, StateError,
    observe::{ContainerState, Health, Seen, names},
};
use crate::{
    ClusterError,
    engine::Engine,
    names::{ClusterName, Role},
    spec::Wanted,
};

/// A cluster of which anything is there.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// Its name.
    pub name: ClusterName,
    /// How it is.
    pub condition: Condition,
    /// How many workers run.
    pub workers: usize,
    /// What is wanted of it, where that is known.
    pub wanted: Option<Wanted>,
    /// Where Ray's HTTP is published, as the engine's machine sees it.
    pub address: Option<String>,
}

/// How a cluster is, as its containers show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// All that is wanted runs.
    Up,
    /// A node is missing, or not well.
    Degraded,
    /// None of its nodes runs.
    Stopped,
    /// What was wanted of it is lost.
    Remains,
    /// A newer version of this program made it.
    Newer,
}

/// The clusters on `engine`, by name, also those that were removed in part.
pub async fn list(engine: &Engine) -> Result<Vec<Listed>, ClusterError> {
    let names = names(engine).await?;
    try_join_all(names.into_iter().map(async |name| {
        let cluster = Cluster { engine: engine.clone(), name: name.clone() };
        let seen = match cluster.seen().await {
            // The others are listed all the same.
            Err(StateError::Newer { .. }) => {
                return Ok(Listed { name, condition: Condition::Newer, workers: 0, wanted: None, address: None });
            }
            seen => seen?,
        };
        let wanted = match cluster.state().wanted().await {
            Err(StateError::Damaged { .. }) => None,
            other => other?,
        };
        let condition = condition(&seen, wanted.as_ref());
        let is_head_up = seen.container(Role::Head).is_some_and(|head| head.state == ContainerState::Running);
        let address = if is_head_up { cluster.address().await? } else { None };
        let workers = seen.containers.iter().filter(|container| {
            matches!(container.role, Some(Role::Worker(_))) && container.state == ContainerState::Running
        });
        Ok(Listed { name, condition, workers: workers.count(), wanted, address })
    }))
    .await
}

fn condition(seen: &Seen, wanted: Option<&Wanted>) -> Condition {
    let Some(wanted) = wanted else { return Condition::Remains };
    let runs = |role| {
        let container = seen.container(role)?;
        Some(container.state == ContainerState::Running && container.health != Health::Unhealthy)
    };
    let mut nodes = std::iter::once(Role::Head).chain((0..wanted.workers).map(Role::Worker)).map(runs);
    if nodes.clone().all(|runs| runs == Some(true)) {
        Condition::Up
    } else if nodes.any(|runs| runs == Some(true)) {
        Condition::Degraded
    } else {
        Condition::Stopped
    }
}
