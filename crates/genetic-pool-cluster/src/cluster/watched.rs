//! The containers of a cluster, as those who watch it find them.

use std::collections::HashMap;

use bollard::{
    models::{ContainerSummary, ContainerSummaryStateEnum},
    query_parameters::ListContainersOptionsBuilder,
};

use super::Cluster;
use crate::{
    ClusterError,
    engine::EngineError,
    names::{ClusterName, LABEL_CLUSTER, LABEL_ROLE, Role},
    nearest::nearest,
};

/// What was to be watched is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum WatchError {
    #[error("there is no cluster `{name}` on this engine")]
    Cluster {
        name: ClusterName,
        /// The clusters there are.
        others: Vec<String>,
    },
    #[error("cluster `{name}` has no node `{node}`")]
    Node {
        name: ClusterName,
        node: String,
        /// The nodes there are.
        nodes: Vec<String>,
    },
    #[error("no node of cluster `{name}` is running")]
    Still { name: ClusterName },
    #[error("Ray keeps no file `{file}` on {}", list(nodes))]
    File {
        file: String,
        /// The nodes that were looked at.
        nodes: Vec<String>,
        /// The files there are.
        files: Vec<String>,
    },
    #[error("cannot list Ray's files on {node}: {said}")]
    Files {
        node: String,
        /// What the node said.
        said: String,
    },
}

impl WatchError {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        match self {
            WatchError::Cluster { others, .. } if others.is_empty() => {
                Some("there is none at all: `cluster up` makes one".to_owned())
            }
            WatchError::Cluster { name, others } => Some(meant(name.as_str(), others, "there is", "there are")),
            WatchError::Node { node, nodes, .. } => Some(meant(node, nodes, "it has", "it has")),
            WatchError::Still { name } => Some(format!("`cluster up --cluster {name}` heals it")),
            WatchError::File { files, .. } if files.is_empty() => {
                Some("there is none at all: has Ray ever started there?".to_owned())
            }
            WatchError::File { file, files, .. } => Some(meant(file, files, "there is", "there are")),
            WatchError::Files { .. } => None,
        }
    }
}

/// "did you mean `x`?", or what there is.
fn meant(word: &str, words: &[String], one: &str, many: &str) -> String {
    if let Some(near) = nearest(word, words.iter().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    }
    format!("{} {}", if words.len() == 1 { one } else { many }, list(words))
}

/// `a`, `b` and `c`.
fn list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// A container of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The engine's id of it.
    pub(super) id: String,
    /// What it is.
    pub(super) role: Role,
    /// Whether something runs in it.
    pub(super) running: bool,
}

/// All containers of `cluster`, control first, then head and workers. None is an error.
pub(super) async fn find(cluster: &Cluster) -> Result<Vec<Found>, ClusterError> {
    let label = format!("{LABEL_CLUSTER}={}", cluster.name);
    let found: Vec<Found> = listed(cluster, &label).await?.into_iter().filter_map(found).collect();
    if found.is_empty() {
        let labelled = listed(cluster, LABEL_CLUSTER).await?;
        let names = labelled.into_iter().filter_map(|container| container.labels?.remove(LABEL_CLUSTER));
        let mut others: Vec<String> = names.collect();
        others.sort();
        others.dedup();
        return Err(WatchError::Cluster { name: cluster.name.clone(), others }.into());
    }
    Ok(ordered(found))
}

/// Whether anything of `cluster` is left on the engine.
pub(super) async fn is_left(cluster: &Cluster) -> Result<bool, ClusterError> {
    Ok(!listed(cluster, &format!("{LABEL_CLUSTER}={}", cluster.name)).await?.is_empty())
}

/// Those of `found` that are nodes and are called so in `wanted`; all nodes where `wanted` is empty.
///
/// A node is called by its role, `worker-0`, or as its container, `genetic-ray-worker-0`.
pub(super) fn choose(name: &ClusterName, found: &[Found], wanted: &[String]) -> Result<Vec<Found>, WatchError> {
    let found = ordered(found.to_vec());
    let nodes = || found.iter().filter(|found| found.role != Role::Control);
    let called = |found: &&Found, text: &str| found.role.to_string() == text || name.container(found.role) == text;
    let mut chosen = Vec::new();
    for text in wanted {
        let Some(found) = nodes().find(|found| called(found, text)) else {
            let nodes = nodes().map(|found| found.role.to_string()).collect();
            return Err(WatchError::Node { name: name.clone(), node: text.clone(), nodes });
        };
        if !chosen.contains(found) {
            chosen.push(found.clone());
        }
    }
    if wanted.is_empty() {
        chosen.extend(nodes().cloned());
    }
    Ok(ordered(chosen))
}

async fn listed(cluster: &Cluster, label: &str) -> Result<Vec<ContainerSummary>, EngineError> {
    let filters = HashMap::from([("label", vec![label])]);
    let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
    let listed = cluster.engine.docker().list_containers(Some(options)).await;
    listed.map_err(|error| EngineError::of("list containers", error))
}

fn found(container: ContainerSummary) -> Option<Found> {
    let role = container.labels?.get(LABEL_ROLE)?.parse().ok()?;
    let running =
        matches!(container.state, Some(ContainerSummaryStateEnum::RUNNING | ContainerSummaryStateEnum::PAUSED));
    Some(Found { id: container.id?, role, running })
}

fn ordered(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|found| found.role);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(role: Role) -> Found {
        Found { id: role.to_string(), role, running: true }
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nodes_are_called_by_role_or_container_and_the_control_container_is_none() {
        let name: ClusterName = "pond".parse().unwrap();
        let all = [Role::Worker(1), Role::Control, Role::Head, Role::Worker(0)].map(found);
        let choose = |wanted: &[&str]| choose(&name, &all, &texts(wanted));
        let roles = |chosen: Vec<Found>| chosen.into_iter().map(|found| found.role).collect::<Vec<_>>();
        assert_eq!(roles(choose(&[]).unwrap()), [Role::Head, Role::Worker(0), Role::Worker(1)]);
        assert_eq!(roles(choose(&["worker-1", "pond-head", "worker-1"]).unwrap()), [Role::Head, Role::Worker(1)]);
        let error = choose(&["haed"]).unwrap_err();
        assert_eq!(error.to_string(), "cluster `pond` has no node `haed`");
        assert_eq!(error.hint().unwrap(), "did you mean `head`?");
        let error = choose(&["worker-7"]).unwrap_err();
        assert_eq!(error.hint().unwrap(), "it has `head`, `worker-0` and `worker-1`");
        let error = choose(&["control"]).unwrap_err();
        assert_eq!(error.hint().unwrap(), "it has `head`, `worker-0` and `worker-1`");
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        let name: ClusterName = "pond".parse().unwrap();
        let cluster = |others: &[&str]| WatchError::Cluster { name: name.clone(), others: texts(others) };
        assert_eq!(cluster(&["pont", "lake"]).hint().unwrap(), "did you mean `pont`?");
        assert_eq!(cluster(&["lake"]).hint().unwrap(), "there is `lake`");
        assert_eq!(cluster(&[]).hint().unwrap(), "there is none at all: `cluster up` makes one");
        let file = WatchError::File {
            file: "raylet".into(),
            nodes: texts(&["head", "worker-0"]),
            files: texts(&["gcs_server.out", "raylet.out"]),
        };
        assert_eq!(file.to_string(), "Ray keeps no file `raylet` on `head` and `worker-0`");
        assert_eq!(file.hint().unwrap(), "did you mean `raylet.out`?");
    }
}
