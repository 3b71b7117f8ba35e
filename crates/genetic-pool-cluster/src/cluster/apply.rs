//! Does the steps of a plan: each is plain, and can be done again without harm.

use std::{collections::HashMap, time::Instant};

use bollard::{
    errors::Error,
    models::{EndpointSettings, NetworkConnectRequest},
    query_parameters::{
        CreateContainerOptionsBuilder, InspectContainerOptions, ListNetworksOptionsBuilder,
        RemoveContainerOptionsBuilder, RemoveVolumeOptions, RestartContainerOptionsBuilder, StartContainerOptions,
        StopContainerOptions,
    },
};
use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use super::{
    Cluster, ClusterEvent, LifeError, Listener, Step,
    blueprint::Blueprint,
    observe::{Net, Seen},
};
use crate::{
    ClusterError,
    engine::EngineError,
    error::in_full,
    names::{LABEL_CLUSTER, LABEL_SPEC, Role},
};

/// What a plan made that was not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Made {
    Container(String),
    Network(String),
    Volume(String),
}

impl Cluster {
    /// Does `steps`, phase by phase, and returns what they made. In a phase all steps are done, also where one fails;
    /// after it, its first error ends the plan. Cancelled, it ends after the phase.
    pub(super) async fn apply(
        &self,
        blueprint: &Blueprint,
        steps: &[Step],
        tell: Listener<'_>,
        cancel: &CancellationToken,
    ) -> (Vec<Made>, Result<(), ClusterError>) {
        let mut made = Vec::new();
        for phase in steps.chunk_by(|one, other| one.phase() == other.phase()) {
            if cancel.is_cancelled() {
                return (made, Err(ClusterError::Interrupted));
            }
            let mut failure = None;
            for done in join_all(phase.iter().map(|step| self.told(blueprint, step, tell))).await {
                match done {
                    Ok(new) => made.extend(new),
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
            if let Some(error) = failure {
                return (made, Err(error));
            }
        }
        (made, Ok(()))
    }

    /// Removes all of `seen`; everything is tried, the first error comes at the end.
    pub(super) async fn remove(&self, steps: &[Step], tell: Listener<'_>) -> Result<(), ClusterError> {
        let mut failure = None;
        for phase in steps.chunk_by(|one, other| one.phase() == other.phase()) {
            for done in join_all(phase.iter().map(|step| self.removed(step, tell))).await {
                failure = failure.or(done.err());
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// Takes back what was made; what cannot be is told.
    pub(super) async fn take_back(&self, made: Vec<Made>, tell: Listener<'_>) {
        let (containers, rest): (Vec<Made>, Vec<Made>) =
            made.into_iter().partition(|made| matches!(made, Made::Container(_)));
        for made in [containers, rest] {
            join_all(made.iter().map(async |made| {
                let (what, done) = match made {
                    Made::Container(name) => (format!("container {name}"), self.remove_container(name, false).await),
                    Made::Network(id) => (format!("network {id}"), self.remove_network(id).await),
                    Made::Volume(name) => (format!("volume {name}"), self.remove_volume(name).await),
                };
                if let Err(error) = done {
                    tell(ClusterEvent::NotTakenBack { what, error: in_full(&error) });
                }
            }))
            .await;
        }
    }

    async fn told(&self, blueprint: &Blueprint, step: &Step, tell: Listener<'_>) -> Result<Option<Made>, ClusterError> {
        tell(ClusterEvent::Begun(step.clone()));
        let start = Instant::now();
        let done = self.done(blueprint, step).await;
        match &done {
            Ok(_) => tell(ClusterEvent::Done { step: step.clone(), took: start.elapsed() }),
            Err(error) => tell(ClusterEvent::StepFailed { step: step.clone(), error: in_full(error) }),
        }
        done
    }

    async fn removed(&self, step: &Step, tell: Listener<'_>) -> Result<(), ClusterError> {
        tell(ClusterEvent::Begun(step.clone()));
        let start = Instant::now();
        let done = match step {
            Step::RemoveContainer { name, drain, .. } => self.remove_container(name, *drain).await,
            Step::RemoveNetwork { id, .. } => self.remove_network(id).await,
            Step::RemoveVolume { name } => self.remove_volume(name).await,
            Step::CreateNetwork { .. }
            | Step::CreateVolume { .. }
            | Step::CreateControl { .. }
            | Step::WriteToken
            | Step::Record { .. }
            | Step::Create { .. }
            | Step::Start { .. }
            | Step::Restart { .. } => Ok(()),
        };
        match &done {
            Ok(()) => tell(ClusterEvent::Done { step: step.clone(), took: start.elapsed() }),
            Err(error) => tell(ClusterEvent::StepFailed { step: step.clone(), error: in_full(error) }),
        }
        done
    }

    async fn done(&self, blueprint: &Blueprint, step: &Step) -> Result<Option<Made>, ClusterError> {
        match step {
            Step::RemoveContainer { name, drain, .. } => self.remove_container(name, *drain).await.map(|()| None),
            Step::RemoveNetwork { id, .. } => self.remove_network(id).await.map(|()| None),
            Step::RemoveVolume { name } => self.remove_volume(name).await.map(|()| None),
            Step::CreateNetwork { net, .. } => self.create_network(blueprint, *net).await.map(Some),
            Step::CreateVolume { name } => self.create_volume(blueprint, name).await.map(Some),
            Step::CreateControl { name } => self.create_container(blueprint, Role::Control, name).await.map(Some),
            Step::WriteToken => Ok(self.state().ensure_token().await.map(|_| None)?),
            Step::Record { .. } => Ok(self.state().set_wanted(&blueprint.wanted).await.map(|()| None)?),
            Step::Create { role, name } => {
                let made = self.create_container(blueprint, *role, name).await?;
                if let Err(error) = self.start(blueprint, *role, name).await {
                    // A container that could not be started is nothing to leave behind.
                    let _ = self.remove_container(name, false).await;
                    return Err(error);
                }
                Ok(Some(made))
            }
            Step::Start { name, .. } => self.start_container(name).await.map(|()| None),
            Step::Restart { name, .. } => {
                // There is nothing to drain where the head is another one.
                let options = RestartContainerOptionsBuilder::new().t(1).build();
                let restarted = self.engine.docker().restart_container(name, Some(options)).await;
                restarted.map_err(|error| EngineError::of(format!("restart container `{name}`"), error))?;
                Ok(None)
            }
        }
    }

    /// Removes a container, with `drain` after it ended by itself as it was asked to.
    async fn remove_container(&self, name: &str, drain: bool) -> Result<(), ClusterError> {
        let docker = self.engine.docker();
        if drain {
            // It has the time that it was created with.
            let stopped = docker.stop_container(name, None::<StopContainerOptions>).await;
            accept(stopped, &[304, 404]).map_err(|error| EngineError::of(format!("stop container `{name}`"), error))?;
        }
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let removed = docker.remove_container(name, Some(options)).await;
        match accept(removed, &[404]) {
            Ok(()) => Ok(()),
            // Somebody else removes it already.
            Err(Error::DockerResponseServerError { status_code: 409, .. }) if self.is_gone(name).await? => Ok(()),
            Err(error) => Err(EngineError::of(format!("remove container `{name}`"), error).into()),
        }
    }

    /// Waits for a container to go that is being removed; says whether it went.
    async fn is_gone(&self, name: &str) -> Result<bool, EngineError> {
        for _ in 0..50 {
            let found = self.engine.docker().inspect_container(name, None::<InspectContainerOptions>).await;
            match found.map_err(|error| EngineError::of(format!("inspect container `{name}`"), error)) {
                Ok(_) => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
                Err(error) if error.is_not_found() => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    async fn remove_network(&self, id: &str) -> Result<(), ClusterError> {
        let removed = self.engine.docker().remove_network(id).await;
        Ok(accept(removed, &[404]).map_err(|error| EngineError::of(format!("remove network `{id}`"), error))?)
    }

    async fn remove_volume(&self, name: &str) -> Result<(), ClusterError> {
        let removed = self.engine.docker().remove_volume(name, None::<RemoveVolumeOptions>).await;
        Ok(accept(removed, &[404]).map_err(|error| EngineError::of(format!("remove volume `{name}`"), error))?)
    }

    /// Creates a volume; one of that name that is somebody else's the engine would give as if it were new.
    async fn create_volume(&self, blueprint: &Blueprint, name: &str) -> Result<Made, ClusterError> {
        let created = self.engine.docker().create_volume(blueprint.volume(name)).await;
        let created = created.map_err(|error| EngineError::of(format!("create volume `{name}`"), error))?;
        if created.labels.get(LABEL_CLUSTER).is_some_and(|label| *label == self.name.as_str()) {
            Ok(Made::Volume(name.to_owned()))
        } else {
            Err(LifeError::NameTaken { thing: "volume", taken: name.to_owned() }.into())
        }
    }

    /// Creates a network, of which there is one afterwards, though the engine would give a name to two.
    async fn create_network(&self, blueprint: &Blueprint, net: Net) -> Result<Made, ClusterError> {
        let name = net.name(&self.name);
        let failed = |error| EngineError::of(format!("create network `{name}`"), error);
        // Engines since 25 refuse a name that is in use: then the other one is taken, if it is ours.
        let created = match self.engine.docker().create_network(blueprint.network(net)).await {
            Ok(created) => Ok(created.id),
            Err(error) => match failed(error) {
                error if error.is_conflict() => Err(error),
                error => return Err(error.into()),
            },
        };
        let label = HashMap::from([("label", vec![format!("{LABEL_CLUSTER}={}", self.name)])]);
        let options = ListNetworksOptionsBuilder::new().filters(&label).build();
        let mut networks = self.engine.docker().list_networks(Some(options)).await.map_err(failed)?;
        networks.retain(|network| network.name.as_deref() == Some(&name));
        networks.sort_by(|one, other| one.created.cmp(&other.created));
        let first = networks.into_iter().find_map(|network| network.id);
        match (first, created) {
            // Another client was first: all take the older one.
            (Some(first), Ok(created)) if first != created => {
                self.remove_network(&created).await?;
                Ok(Made::Network(first))
            }
            (_, Ok(created)) => Ok(Made::Network(created)),
            (Some(first), Err(_)) => Ok(Made::Network(first)),
            (None, Err(error)) => Err(error.into()),
        }
    }

    async fn create_container(&self, blueprint: &Blueprint, role: Role, name: &str) -> Result<Made, ClusterError> {
        let options = CreateContainerOptionsBuilder::new().name(name).build();
        let body = blueprint.container(role);
        match self.engine.docker().create_container(Some(options), body).await {
            Ok(_) => Ok(Made::Container(name.to_owned())),
            Err(Error::DockerResponseServerError { status_code: 409, .. })
                if self.is_ours(name, &blueprint.container_spec(role)).await? =>
            {
                Ok(Made::Container(name.to_owned()))
            }
            Err(Error::DockerResponseServerError { status_code: 409, .. }) => {
                Err(LifeError::NameTaken { thing: "container", taken: name.to_owned() }.into())
            }
            Err(error) => Err(EngineError::of(format!("create container `{name}`"), error).into()),
        }
    }

    /// Whether the container `name` is what would be created.
    async fn is_ours(&self, name: &str, spec: &str) -> Result<bool, ClusterError> {
        let found = self.engine.docker().inspect_container(name, None::<InspectContainerOptions>).await;
        let found = found.map_err(|error| EngineError::of(format!("inspect container `{name}`"), error))?;
        let labels = found.config.and_then(|config| config.labels).unwrap_or_default();
        Ok(labels.get(LABEL_CLUSTER).is_some_and(|label| *label == self.name.as_str())
            && labels.get(LABEL_SPEC).is_some_and(|label| label == spec))
    }

    /// Joins a created node to its other networks and starts it.
    async fn start(&self, blueprint: &Blueprint, role: Role, name: &str) -> Result<(), ClusterError> {
        for net in blueprint.networks(role).into_iter().skip(1) {
            let network = net.name(&self.name);
            let request = NetworkConnectRequest {
                container: name.to_owned(),
                endpoint_config: Some(EndpointSettings::default()),
            };
            let joined = self.engine.docker().connect_network(&network, request).await;
            joined
                .map_err(|error| EngineError::of(format!("join container `{name}` to network `{network}`"), error))?;
        }
        self.start_container(name).await
    }

    async fn start_container(&self, name: &str) -> Result<(), ClusterError> {
        let started = self.engine.docker().start_container(name, None::<StartContainerOptions>).await;
        Ok(accept(started, &[304]).map_err(|error| EngineError::of(format!("start container `{name}`"), error))?)
    }
}

/// What is left, as people read it.
pub(super) fn things(seen: &Seen) -> Vec<String> {
    let containers = seen.containers.iter().map(|container| format!("container `{}`", container.name));
    let networks = seen.networks.iter().map(|network| format!("network `{}`", network.name));
    let volumes = seen.volumes.iter().map(|volume| format!("volume `{volume}`"));
    containers.chain(networks).chain(volumes).collect()
}

/// An answer with one of `codes` says that it was done before.
fn accept(answer: Result<(), Error>, codes: &[u16]) -> Result<(), Error> {
    match answer {
        Err(Error::DockerResponseServerError { status_code, .. }) if codes.contains(&status_code) => Ok(()),
        answer => answer,
    }
}
