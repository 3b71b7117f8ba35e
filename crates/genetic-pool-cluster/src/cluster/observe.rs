//! What is there of a cluster, asked of the engine by label.

use std::{collections::HashMap, fmt, str::FromStr};

use bollard::{
    models::{ContainerInspectResponse, ContainerStateStatusEnum, HealthStatusEnum},
    query_parameters::{
        InspectContainerOptions, ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
    },
};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::{Cluster, StateError};
use crate::{
    engine::{Engine, EngineError},
    names::{ClusterName, LABEL_CLUSTER, LABEL_ROLE, LABEL_SPEC, Role},
};

/// What is there of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Seen {
    /// Its containers, by name.
    pub containers: Vec<SeenContainer>,
    /// Its networks, the oldest first.
    pub networks: Vec<SeenNetwork>,
    /// The names of its volumes.
    pub volumes: Vec<String>,
    /// Whether its token was found.
    pub token: bool,
    /// The revision of what is wanted of it, where that was found.
    pub recorded: Option<u64>,
}

/// A container with the cluster's label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenContainer {
    /// Its name.
    pub name: String,
    /// What its label says it is; `None` where it is none of ours.
    #[serde(default, with = "role")]
    pub role: Option<Role>,
    /// The hash of what it was made from.
    #[serde(default)]
    pub spec: String,
    /// What it is doing.
    pub state: ContainerState,
    /// What its health check says.
    #[serde(default)]
    pub health: Health,
    /// The ids of the networks it is on.
    #[serde(default)]
    pub networks: Vec<String>,
}

/// What a container is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContainerState {
    /// It was never started.
    Created,
    /// It runs.
    Running,
    /// It is frozen.
    Paused,
    /// It ended, and the engine starts it again.
    Restarting,
    /// It ended.
    Exited,
    /// It is being removed, or could not be.
    Dead,
}

/// What a health check says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// There is none.
    #[default]
    None,
    /// Nothing yet.
    Starting,
    /// It is well.
    Healthy,
    /// It is not.
    Unhealthy,
}

/// A network with the cluster's label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenNetwork {
    /// Its id; names are not unique.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The hash of what it was made from.
    #[serde(default)]
    pub spec: String,
}

/// A network of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Net {
    /// Head and workers, and nobody else.
    Inner,
    /// What the head publishes its port by.
    Outer,
}

impl Net {
    /// Both.
    pub const ALL: [Net; 2] = [Net::Inner, Net::Outer];

    /// The network's name in cluster `cluster`.
    pub fn name(self, cluster: &ClusterName) -> String {
        match self {
            Net::Inner => cluster.inner_network(),
            Net::Outer => cluster.outer_network(),
        }
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Net::Inner => "inner",
            Net::Outer => "outer",
        })
    }
}

impl Seen {
    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        self.containers.is_empty() && self.networks.is_empty() && self.volumes.is_empty()
    }

    /// The container that is `role`.
    pub fn container(&self, role: Role) -> Option<&SeenContainer> {
        self.containers.iter().find(|container| container.role == Some(role))
    }
}

impl Cluster {
    /// Asks the engine what is there.
    pub async fn seen(&self) -> Result<Seen, StateError> {
        let failed = |error| EngineError::of(format!("say what there is of cluster `{}`", self.name), error);
        let label = HashMap::from([("label", vec![format!("{LABEL_CLUSTER}={}", self.name)])]);
        let docker = self.engine.docker();
        let options = ListContainersOptionsBuilder::new().all(true).filters(&label).build();
        let listed = docker.list_containers(Some(options)).await.map_err(failed)?;
        let inspected = listed.into_iter().filter_map(|container| container.id).map(async |id| {
            match docker.inspect_container(&id, None::<InspectContainerOptions>).await {
                Ok(container) => Ok(Some(container)),
                // It went meanwhile.
                Err(error) => match EngineError::of("", error) {
                    error if error.is_not_found() => Ok(None),
                    error => Err(error),
                },
            }
        });
        let mut containers: Vec<SeenContainer> =
            try_join_all(inspected).await?.into_iter().flatten().map(seen_container).collect();
        containers.sort_by(|one, other| (one.role, &one.name).cmp(&(other.role, &other.name)));

        let options = ListNetworksOptionsBuilder::new().filters(&label).build();
        let mut networks = docker.list_networks(Some(options)).await.map_err(failed)?;
        networks.sort_by(|one, other| one.created.cmp(&other.created));
        let networks = networks.into_iter().map(|network| SeenNetwork {
            id: network.id.unwrap_or_default(),
            name: network.name.unwrap_or_default(),
            spec: network.labels.and_then(|mut labels| labels.remove(LABEL_SPEC)).unwrap_or_default(),
        });
        let networks = networks.collect();
        let options = ListVolumesOptionsBuilder::new().filters(&label).build();
        let volumes = docker.list_volumes(Some(options)).await.map_err(failed)?.volumes.unwrap_or_default();
        let mut volumes: Vec<String> = volumes.into_iter().map(|volume| volume.name).collect();
        volumes.sort();
        let mut seen = Seen { containers, networks, volumes, token: false, recorded: None };
        if seen.container(Role::Control).is_some() {
            let state = self.state();
            seen.token = state.token().await?.is_some();
            // What is damaged is as good as lost.
            seen.recorded = match state.wanted().await {
                Ok(wanted) => wanted.map(|wanted| wanted.revision),
                Err(StateError::Damaged { .. }) => None,
                Err(error) => return Err(error),
            };
        }
        Ok(seen)
    }

    /// What the engine says of the container of `role`, if there is one.
    pub(super) async fn inspected(&self, role: Role) -> Result<Option<ContainerInspectResponse>, EngineError> {
        let name = self.name.container(role);
        let found = self.engine.docker().inspect_container(&name, None::<InspectContainerOptions>).await;
        match found.map_err(|error| EngineError::of(format!("inspect container `{name}`"), error)) {
            Ok(container) => Ok(Some(container)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The names of the clusters on `engine` of which anything is there.
pub(super) async fn names(engine: &Engine) -> Result<Vec<ClusterName>, EngineError> {
    let failed = |error| EngineError::of("list clusters", error);
    let label = HashMap::from([("label", vec![LABEL_CLUSTER.to_owned()])]);
    let docker = engine.docker();
    let options = ListContainersOptionsBuilder::new().all(true).filters(&label).build();
    let containers = docker.list_containers(Some(options)).await.map_err(failed)?;
    let options = ListNetworksOptionsBuilder::new().filters(&label).build();
    let networks = docker.list_networks(Some(options)).await.map_err(failed)?;
    let options = ListVolumesOptionsBuilder::new().filters(&label).build();
    let volumes = docker.list_volumes(Some(options)).await.map_err(failed)?.volumes.unwrap_or_default();
    let labels = containers.into_iter().filter_map(|container| container.labels);
    let labels = labels.chain(networks.into_iter().filter_map(|network| network.labels));
    let labels = labels.chain(volumes.into_iter().map(|volume| volume.labels));
    let mut names: Vec<ClusterName> =
        labels.filter_map(|mut labels| labels.remove(LABEL_CLUSTER)).filter_map(|name| name.parse().ok()).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

fn seen_container(container: ContainerInspectResponse) -> SeenContainer {
    let mut labels = container.config.and_then(|config| config.labels).unwrap_or_default();
    let state = container.state.unwrap_or_default();
    let networks = container.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
    let mut networks: Vec<String> = networks.into_values().filter_map(|endpoint| endpoint.network_id).collect();
    networks.retain(|id| !id.is_empty());
    networks.sort();
    SeenContainer {
        name: container.name.unwrap_or_default().trim_start_matches('/').to_owned(),
        role: labels.get(LABEL_ROLE).and_then(|role| Role::from_str(role).ok()),
        spec: labels.remove(LABEL_SPEC).unwrap_or_default(),
        state: container_state(state.status),
        health: match state.health.and_then(|health| health.status) {
            Some(HealthStatusEnum::STARTING) => Health::Starting,
            Some(HealthStatusEnum::HEALTHY) => Health::Healthy,
            Some(HealthStatusEnum::UNHEALTHY) => Health::Unhealthy,
            _ => Health::None,
        },
        networks,
    }
}

pub(super) fn container_state(status: Option<ContainerStateStatusEnum>) -> ContainerState {
    match status {
        Some(ContainerStateStatusEnum::RUNNING) => ContainerState::Running,
        Some(ContainerStateStatusEnum::PAUSED) => ContainerState::Paused,
        Some(ContainerStateStatusEnum::RESTARTING) => ContainerState::Restarting,
        Some(ContainerStateStatusEnum::EXITED | ContainerStateStatusEnum::STOPPING) => ContainerState::Exited,
        Some(ContainerStateStatusEnum::REMOVING | ContainerStateStatusEnum::DEAD) => ContainerState::Dead,
        Some(ContainerStateStatusEnum::CREATED | ContainerStateStatusEnum::EMPTY) | None => ContainerState::Created,
    }
}

/// A role as its label has it.
mod role {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use super::Role;

    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
    pub(super) fn serialize<S: Serializer>(role: &Option<Role>, serializer: S) -> Result<S::Ok, S::Error> {
        role.map(|role| role.to_string()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Role>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(|()| D::Error::custom(format!("`{text}` is no role")))).transpose()
    }
}
