//! Asks all at once who knows something of a cluster.

use std::{collections::BTreeMap, time::Duration};

use bollard::{
    errors::Error,
    models::{ContainerInspectResponse, ContainerStateStatusEnum, HealthStatusEnum},
};
use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::time::timeout;

use super::{
    ActiveJob, NodeHealth, NodeState,
    judge::{Seen, SeenContainer, SeenRay, SeenRayNode},
    measure::{Taken, measure},
};
use crate::{
    ClusterError,
    cluster::{
        Cluster,
        watched::{self, Found},
    },
    engine::EngineError,
    error::in_full,
    names::{DASHBOARD_PORT, LABEL_RAY, Role},
    ray::{Ray, RayError},
    spec::Wanted,
};

/// How long Ray may take to answer. It takes some milliseconds if it is well.
const RAY_PATIENCE: Duration = Duration::from_secs(2);

/// All that can be seen of `cluster`.
pub(super) async fn gather(cluster: &Cluster) -> Result<Seen, ClusterError> {
    let found = watched::find(cluster).await?;
    let containers = join_all(found.into_iter().map(|found| container(cluster, found)));
    let (containers, (wanted, image), ray) = tokio::join!(containers, wanted(cluster), ray(cluster));
    let containers: Vec<Option<(Role, SeenContainer)>> = containers.into_iter().collect::<Result<_, _>>()?;
    Ok(Seen {
        name: cluster.name.clone(),
        time: Timestamp::now(),
        wanted,
        image,
        ray,
        containers: containers.into_iter().flatten().collect::<BTreeMap<_, _>>(),
    })
}

/// What is wanted, and the engine's id of the image.
async fn wanted(cluster: &Cluster) -> (Result<Wanted, String>, Option<String>) {
    let wanted = match cluster.state().wanted().await {
        Ok(Some(wanted)) => wanted,
        Ok(None) => return (Err(format!("it keeps none; `cluster up --cluster {}` heals", cluster.name)), None),
        Err(error) => return (Err(in_full(&error)), None),
    };
    // Where the image is not there any more the nodes cannot be compared with it.
    let image = cluster.engine.docker().inspect_image(&wanted.image).await;
    (Ok(wanted), image.ok().and_then(|image| image.id))
}

async fn ray(cluster: &Cluster) -> Result<SeenRay, String> {
    let asked = async {
        let ray = Ray::connect(cluster).await?;
        let (nodes, usage, jobs) = tokio::join!(ray.nodes(), ray.usage_by_node(), ray.jobs());
        // Usage and jobs are only a part of what is shown: without them the nodes still count.
        let (usage, jobs) = (usage.unwrap_or_default(), jobs.unwrap_or_default());
        let nodes = nodes?.into_iter().map(|node| SeenRayNode {
            slots_used: usage.get(&node.id).copied(),
            id: node.id,
            name: node.name,
            address: node.address,
            alive: node.alive,
            death: node.death,
            slots: node.cpus,
            started: node.started,
        });
        let active = jobs.into_iter().filter(|job| job.submitted && !job.status.is_terminal());
        let jobs = active.map(|job| ActiveJob {
            running: job.status == crate::ray::JobStatus::Running,
            id: job.id,
            started: job.started,
        });
        Ok::<_, RayError>(SeenRay { nodes: nodes.collect(), jobs: jobs.collect() })
    };
    match timeout(RAY_PATIENCE, asked).await {
        Ok(Ok(ray)) => Ok(ray),
        Ok(Err(error)) => Err(in_full(&error)),
        Err(_) => Err(format!("not within {} s", RAY_PATIENCE.as_secs())),
    }
}

/// What the engine says of a container, and what it takes; `None` where it went meanwhile.
async fn container(cluster: &Cluster, found: Found) -> Result<Option<(Role, SeenContainer)>, EngineError> {
    let taken = async {
        if found.running && found.role != Role::Control {
            measure(&cluster.engine, &found.id).await
        } else {
            Taken::default()
        }
    };
    let (inspected, taken) = tokio::join!(cluster.engine.docker().inspect_container(&found.id, None), taken);
    match inspected {
        Ok(inspected) => Ok(Some((found.role, seen(inspected, taken)))),
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
        Err(error) => Err(EngineError::of(format!("inspect {}", found.role), error)),
    }
}

fn seen(inspected: ContainerInspectResponse, taken: Taken) -> SeenContainer {
    let state = inspected.state.unwrap_or_default();
    let config = inspected.config.unwrap_or_default();
    let host = inspected.host_config.unwrap_or_default();
    let health = state.health.as_ref();
    let probe = health.and_then(|health| health.log.as_ref()?.last()?.output.clone()).unwrap_or_default();
    let running = state.status == Some(ContainerStateStatusEnum::RUNNING);
    let cpus = host.nano_cpus.filter(|cpus| *cpus > 0).map(|cpus| cpus as f64 / 1e9);
    let positive = |bytes: i64| u64::try_from(bytes).ok().filter(|bytes| *bytes > 0);
    SeenContainer {
        state: match state.status {
            Some(ContainerStateStatusEnum::RUNNING) => NodeState::Running,
            Some(ContainerStateStatusEnum::PAUSED) => NodeState::Paused,
            Some(ContainerStateStatusEnum::RESTARTING) => NodeState::Restarting,
            Some(ContainerStateStatusEnum::CREATED) => NodeState::Created,
            Some(ContainerStateStatusEnum::REMOVING | ContainerStateStatusEnum::DEAD) => NodeState::Removing,
            Some(
                ContainerStateStatusEnum::EXITED | ContainerStateStatusEnum::STOPPING | ContainerStateStatusEnum::EMPTY,
            )
            | None => NodeState::Exited,
        },
        health: match health.and_then(|health| health.status).filter(|_| running) {
            Some(HealthStatusEnum::STARTING) => NodeHealth::Starting,
            Some(HealthStatusEnum::HEALTHY) => NodeHealth::Healthy,
            Some(HealthStatusEnum::UNHEALTHY) => NodeHealth::Unhealthy,
            Some(HealthStatusEnum::NONE | HealthStatusEnum::EMPTY) | None => NodeHealth::None,
        },
        probe: last_line(&probe),
        exit_code: state.exit_code.unwrap_or(0),
        out_of_memory: state.oom_killed.unwrap_or(false),
        error: last_line(&state.error.unwrap_or_default()),
        restarts: inspected.restart_count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0),
        image: config.image.unwrap_or_default(),
        image_id: inspected.image.unwrap_or_default(),
        ray_version: config.labels.and_then(|mut labels| labels.remove(LABEL_RAY)),
        started: state.started_at.as_deref().and_then(time),
        finished: state.finished_at.as_deref().and_then(time),
        cpus,
        memory: host.memory.and_then(positive),
        cpus_used: taken.cpus,
        memory_used: taken.memory,
        port: inspected.network_settings.and_then(|network| {
            let bindings = network.ports?.remove(&format!("{DASHBOARD_PORT}/tcp"))??;
            bindings.into_iter().find_map(|binding| binding.host_port?.parse().ok())
        }),
    }
}

/// A time of the engine's; it writes the year 1 where there is none.
fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|time: &Timestamp| time.as_second() > 0)
}

fn last_line(text: &str) -> String {
    text.trim().lines().last().unwrap_or_default().trim().to_owned()
}
