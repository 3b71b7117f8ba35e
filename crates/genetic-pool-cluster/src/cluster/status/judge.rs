//! From what was seen to how it is: a function.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    ActiveJob, ClusterTrouble, End, NodeHealth, NodeState, NodeStatus, RayStatus, Relaxation, Status, Trouble, Use,
    trouble::ago,
};
use crate::{
    names::{ClusterName, RAY_VERSION, Role},
    spec::{NodeSize, Wanted},
};

/// All that was seen of a cluster.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) name: ClusterName,
    pub(super) time: Timestamp,
    /// What is wanted, or why that is not known.
    pub(super) wanted: Result<Wanted, String>,
    /// The engine's id of the wanted image, where it has one of that name.
    pub(super) image: Option<String>,
    /// What Ray says, or why it does not.
    pub(super) ray: Result<SeenRay, String>,
    pub(super) containers: BTreeMap<Role, SeenContainer>,
}

/// What Ray says.
#[derive(Clone, Debug, Default)]
pub(super) struct SeenRay {
    /// The newest of a name first.
    pub(super) nodes: Vec<SeenRayNode>,
    pub(super) jobs: Vec<ActiveJob>,
}

/// A node as Ray has it.
#[derive(Clone, Debug, Default)]
pub(super) struct SeenRayNode {
    pub(super) id: String,
    /// Its name in the cluster, where it has one.
    pub(super) name: Option<String>,
    pub(super) address: String,
    pub(super) alive: bool,
    pub(super) death: Option<String>,
    pub(super) slots: f64,
    pub(super) slots_used: Option<f64>,
    pub(super) started: Option<Timestamp>,
}

/// A container as the engine has it.
#[derive(Clone, Debug)]
pub(super) struct SeenContainer {
    pub(super) state: NodeState,
    pub(super) health: NodeHealth,
    /// What the health check said last.
    pub(super) probe: String,
    pub(super) exit_code: i64,
    pub(super) out_of_memory: bool,
    /// Why it could not be started.
    pub(super) error: String,
    pub(super) restarts: u64,
    pub(super) image: String,
    pub(super) image_id: String,
    /// The version of Ray its image says it has.
    pub(super) ray_version: Option<String>,
    pub(super) started: Option<Timestamp>,
    pub(super) finished: Option<Timestamp>,
    pub(super) cpus: Option<f64>,
    pub(super) memory: Option<u64>,
    pub(super) cpus_used: Option<f64>,
    pub(super) memory_used: Option<u64>,
    /// The port of Ray's HTTP on the engine's host.
    pub(super) port: Option<u16>,
}

/// How the cluster is.
pub(super) fn judge(seen: Seen) -> Status {
    let wanted = seen.wanted.as_ref().ok();
    let wants = |role: Role| match role {
        Role::Control => false,
        Role::Head => true,
        Role::Worker(index) => wanted.is_none_or(|wanted| index < wanted.workers),
    };
    let mut roles: Vec<Role> = seen.containers.keys().copied().filter(|role| *role != Role::Control).collect();
    roles.push(Role::Head);
    roles.extend((0..wanted.map_or(0, |wanted| wanted.workers)).map(Role::Worker));
    roles.sort();
    roles.dedup();
    let nodes: Vec<NodeStatus> = roles.into_iter().map(|role| node(&seen, role, wants(role))).collect();
    let mut troubles = Vec::new();
    if let Err(said) = &seen.wanted {
        troubles.push(ClusterTrouble::NoWanted { said: said.clone() });
    }
    match &seen.ray {
        Err(said) => troubles.push(ClusterTrouble::RaySilent { said: said.clone() }),
        Ok(ray) => {
            let strangers =
                ray.nodes.iter().filter(|node| node.alive && !seen.containers.keys().any(|role| node.is(*role)));
            let nodes: Vec<String> =
                strangers.map(|node| node.name.clone().unwrap_or_else(|| node.address.clone())).collect();
            if !nodes.is_empty() {
                troubles.push(ClusterTrouble::Strangers { nodes });
            }
        }
    }
    let blocked = troubles.iter().any(ClusterTrouble::blocks)
        || nodes.iter().any(|node| wants(node.role) && node.troubles.iter().any(Trouble::blocks));
    let head = seen.containers.get(&Role::Head);
    Status {
        time: seen.time,
        ready: !blocked,
        address: head.and_then(|head| head.port).map(|port| format!("http://127.0.0.1:{port}")),
        ray: seen.ray.is_ok(),
        relaxations: wanted.map_or_else(Vec::new, relaxations),
        jobs: seen.ray.as_ref().map_or_else(|_| Vec::new(), |ray| ray.jobs.clone()),
        nodes,
        troubles,
        name: seen.name,
        wanted: seen.wanted.ok(),
    }
}

fn relaxations(wanted: &Wanted) -> Vec<Relaxation> {
    let relaxed = [(wanted.relaxed.egress, Relaxation::Egress), (wanted.relaxed.ray_client, Relaxation::RayClient)];
    relaxed.into_iter().filter_map(|(is, relaxation)| is.then_some(relaxation)).collect()
}

fn node(seen: &Seen, role: Role, is_wanted: bool) -> NodeStatus {
    let wanted = seen.wanted.as_ref().ok();
    let size = wanted.map(|wanted| if role == Role::Head { wanted.head } else { wanted.worker });
    let container = seen.containers.get(&role);
    // The newest counts: a node that was started again has left others behind, which may seem alive for some seconds.
    let started = container.filter(|container| container.state == NodeState::Running).and_then(|it| it.started);
    let since = |node: &&SeenRayNode| node.started.zip(started).is_none_or(|(joined, started)| started <= joined);
    let ray = seen.ray.as_ref().ok().and_then(|ray| ray.nodes.iter().filter(|node| node.is(role)).find(since));
    let slots = match role {
        Role::Worker(_) => wanted.map(|wanted| f64::from(wanted.slots_per_worker)),
        Role::Head | Role::Control => Some(0.0),
    };
    let mut status = NodeStatus {
        role,
        container: seen.name.container(role),
        state: NodeState::Gone,
        health: NodeHealth::None,
        ray: ray.map(|ray| RayStatus { id: ray.id.clone(), alive: ray.alive }),
        cpus: Use { wanted: size.map(|size: NodeSize| f64::from(size.cpus)), used: None },
        memory: Use { wanted: size.map(|size| size.memory), used: None },
        slots: Use { wanted: slots, used: ray.and_then(|ray| ray.slots_used) },
        restarts: 0,
        image: None,
        started: None,
        troubles: Vec::new(),
    };
    let Some(container) = container else {
        status.troubles.push(Trouble::Gone);
        return status;
    };
    status.state = container.state;
    status.health = container.health;
    status.cpus = Use { wanted: container.cpus.or(status.cpus.wanted), used: container.cpus_used };
    status.memory = Use { wanted: container.memory.or(status.memory.wanted), used: container.memory_used };
    status.restarts = container.restarts;
    status.image = Some(image(seen, container));
    status.started = container.started.filter(|_| matches!(container.state, NodeState::Running | NodeState::Paused));
    if !is_wanted {
        status.troubles.push(Trouble::NotWanted);
    }
    // The engine runs its first health check late; a node that Ray knows has answered for itself.
    let answers = ray.is_some_and(|ray| ray.alive);
    let trouble = of_container(container, seen.time).filter(|trouble| *trouble != Trouble::Starting || !answers);
    status.troubles.extend(trouble);
    if container.state == NodeState::Running {
        status.troubles.extend(of_ray(seen, container, ray));
        if let (Some(ray), Some(wanted)) = (ray.filter(|ray| ray.alive), slots.filter(|_| role != Role::Head))
            && ray.slots != wanted
        {
            status.troubles.push(Trouble::Slots { found: ray.slots as u64, wanted: wanted as u64 });
        }
    }
    let version = container.ray_version.as_ref().filter(|version| *version != RAY_VERSION);
    status.troubles.extend(version.map(|found| Trouble::OtherRay { found: found.clone() }));
    if let (Some(wanted), Some(image)) = (wanted, &seen.image)
        && *image != container.image_id
    {
        status.troubles.push(Trouble::OtherImage { wanted: wanted.image.clone() });
    }
    status
}

/// What the image of `container` is called: containers are made from an id, which is read by nobody.
fn image(seen: &Seen, container: &SeenContainer) -> String {
    match &seen.wanted {
        Ok(wanted) if seen.image.as_ref() == Some(&container.image_id) => wanted.image.clone(),
        _ => container
            .image
            .strip_prefix("sha256:")
            .map_or(&*container.image, |id| id.get(..12).unwrap_or(id))
            .to_owned(),
    }
}

/// What the engine's view of a container says is wrong.
fn of_container(container: &SeenContainer, now: Timestamp) -> Option<Trouble> {
    let how = || End::of(container.exit_code, container.out_of_memory, container.memory);
    match container.state {
        NodeState::Gone => Some(Trouble::Gone),
        NodeState::Exited if container.error.is_empty() => {
            Some(Trouble::Ended { how: how(), when: container.finished.map(|finished| ago(now, finished)) })
        }
        NodeState::Created | NodeState::Exited => Some(Trouble::NeverStarted { said: container.error.clone() }),
        NodeState::Restarting => Some(Trouble::Restarting { how: how(), restarts: container.restarts.max(1) }),
        NodeState::Paused => Some(Trouble::Paused),
        NodeState::Removing => Some(Trouble::Removing),
        NodeState::Running => match container.health {
            NodeHealth::Unhealthy => Some(Trouble::Unhealthy { said: container.probe.clone() }),
            NodeHealth::Starting => Some(Trouble::Starting),
            NodeHealth::None | NodeHealth::Healthy => None,
        },
    }
}

/// What Ray's view of a container that runs says is wrong.
fn of_ray(seen: &Seen, container: &SeenContainer, ray: Option<&SeenRayNode>) -> Option<Trouble> {
    if seen.ray.is_err() || container.health == NodeHealth::Starting {
        return None;
    }
    match ray {
        None => Some(Trouble::UnknownToRay),
        Some(ray) if ray.alive => None,
        Some(ray) => Some(Trouble::LostToRay { said: ray.death.clone().unwrap_or_default() }),
    }
}

impl SeenRayNode {
    /// Whether it is the node `role`, by the name it gave itself.
    fn is(&self, role: Role) -> bool {
        self.name.as_ref().is_some_and(|name| *name == role.to_string())
    }
}

#[cfg(test)]
mod tests;
