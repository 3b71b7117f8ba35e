//! Whether workers reach something outside of their cluster.
//!
//! A listener of our own stands in for the world: on a network of its own, in a container that is there for it alone. A
//! worker must not reach it, by address or by name; a witness that may leave its network must, or nothing was shown.
//! No packet is meant for anybody else, but for one to the engine's machine, which has an address on most networks: at a
//! port where nobody listens it refuses, and by that shows that its services could be reached.

use std::{collections::HashMap, time::Duration};

use bollard::{
    errors::Error,
    models::{ContainerCreateBody, EndpointSettings, HostConfig, NetworkCreateRequest, NetworkingConfig},
    query_parameters::{
        CreateContainerOptionsBuilder, InspectContainerOptions, InspectNetworkOptions, ListNetworksOptionsBuilder,
        RemoveContainerOptionsBuilder,
    },
};
use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use super::{Check, Cluster, Node, Promise, exec, judge::Ground};
use crate::{
    ClusterError,
    engine::EngineError,
    names::{LABEL_CLUSTER, LABEL_ROLE, Role, USER},
    spec::Relaxations,
};

/// The role of what is there for an audit alone.
pub(super) const ROLE: &str = "audit";
const LISTENER: &str = include_str!("listener.py");
const REACH: &str = include_str!("reach.py");
/// The listener's port.
const PORT: u16 = 8080;
/// It waits for its end; nothing is sent from it but the probe.
const WITNESS: &str = "import signal; signal.alarm(120); signal.pause()";

/// What the probes are told.
struct Stage {
    network: String,
    listener: String,
    witness: String,
    /// What the listener answers with.
    word: String,
}

/// A check for each worker, and for each container that is nobody's.
pub(super) async fn checks(
    cluster: &Cluster,
    nodes: &[Node],
    relaxed: Relaxations,
    cancel: &CancellationToken,
) -> Result<Vec<Check>, ClusterError> {
    let expected = [Role::Head.to_string(), Role::Control.to_string()];
    let probed: Vec<&Node> = nodes.iter().filter(|node| !expected.contains(&node.name)).collect();
    let Some(image) = probed.iter().chain(&nodes.iter().collect::<Vec<_>>()).find_map(|node| node.seen.image.clone())
    else {
        return Ok(Vec::new());
    };
    if probed.is_empty() {
        return Ok(Vec::new());
    }
    let unique = std::process::id();
    let name = |what: &str| format!("{}-audit-{unique}-{what}", cluster.name);
    let stage = Stage {
        network: name("network"),
        listener: name("listener"),
        witness: name("witness"),
        word: format!("genetic-pool-{unique}"),
    };
    let result = tokio::select! {
        result = play(cluster, &stage, &image, &probed, relaxed) => result,
        () = cancel.cancelled() => Err(ClusterError::Interrupted),
    };
    // Whatever happened: what was begun goes. What cannot be removed carries the cluster's label, and goes with it.
    let gone = clear(cluster, &stage).await;
    let checks = result?;
    gone?;
    Ok(checks)
}

async fn play(
    cluster: &Cluster,
    stage: &Stage,
    image: &str,
    probed: &[&Node],
    relaxed: Relaxations,
) -> Result<Vec<Check>, ClusterError> {
    let places = match set(cluster, stage, image).await {
        Ok(places) => places,
        Err(why) => {
            // An engine that cannot even start a listener proves nothing of a worker.
            let missing = |node: &&Node| {
                let ground = Ground { missing: vec![why.clone()], ..Ground::default() };
                ground.check(Promise::Egress, &node.name)
            };
            return Ok(probed.iter().map(missing).collect());
        }
    };
    let witness = reach(cluster, &stage.witness, stage, &places).await;
    let witness = match witness {
        Ok(answers) if answers.iter().all(|answer| answer == "reached") => Ok(()),
        Ok(answers) => {
            Err(format!("a container that may leave its network does not reach the listener: {}", answers.join(", ")))
        }
        Err(why) => Err(why),
    };
    Ok(join_all(probed.iter().map(async |node| {
        let mut ground = Ground::default();
        let machine = networks(cluster, node, &mut ground).await;
        if let Err(why) = &witness {
            ground.missing.push(why.clone());
        }
        if node.runs() {
            let all: Vec<String> = places.iter().cloned().chain(machine.iter().map(|at| format!("{at}:1"))).collect();
            match reach(cluster, &node.container, stage, &all).await {
                Ok(answers) => judge(&machine, &answers, &mut ground),
                Err(why) => ground.missing.push(why),
            }
        } else {
            ground.missing.push(format!("it is {}", node.state()));
        }
        if relaxed.egress && !ground.broken.is_empty() {
            ground.relaxed = std::mem::take(&mut ground.broken);
            ground.missing.clear();
        } else if relaxed.egress {
            ground.relaxed.push("asked for, although it was not seen".to_owned());
        }
        ground.check(Promise::Egress, &node.name)
    }))
    .await)
}

/// What the answers to a probe prove: by address, by name, and of the engine's machine at each address of `machine`.
fn judge(machine: &[String], answers: &[String], ground: &mut Ground) {
    let places = ["a listener outside by address".to_owned(), "by name".to_owned()].into_iter();
    let places = places.chain(machine.iter().map(|address| format!("the engine's machine at {address}")));
    for (place, answer) in places.zip(answers) {
        // A refusal is an answer: who refused is there.
        let there = ["reached", "another answered", "refused"].contains(&answer.as_str());
        let list = if there { &mut ground.broken } else { &mut ground.held };
        list.push(format!("{place}: {answer}"));
    }
}

/// Whether the networks of `node` lead elsewhere, as the engine says; the addresses its machine may have on them.
async fn networks(cluster: &Cluster, node: &Node, ground: &mut Ground) -> Vec<String> {
    let networks = node.seen.network_settings.as_ref().and_then(|settings| settings.networks.as_ref());
    let mut machine = Vec::new();
    for name in networks.into_iter().flat_map(HashMap::keys) {
        match cluster.engine.docker().inspect_network(name, None::<InspectNetworkOptions>).await {
            Ok(network) => {
                if network.internal == Some(true) {
                    ground.held.push(format!("network `{name}` is internal"));
                } else if name == "none" {
                    ground.held.push("it is on no network".to_owned());
                } else {
                    ground.broken.push(format!("network `{name}` leads elsewhere"));
                }
                let ranges = network.ipam.and_then(|ipam| ipam.config).unwrap_or_default();
                machine.extend(ranges.into_iter().filter_map(|range| range.gateway));
            }
            Err(error) => ground.missing.push(format!("network `{name}` cannot be inspected: {error}")),
        }
    }
    machine
}

/// What becomes of a connection from inside `container` to each of `places`.
async fn reach(cluster: &Cluster, container: &str, stage: &Stage, places: &[String]) -> Result<Vec<String>, String> {
    let arguments: Vec<&str> = std::iter::once(stage.word.as_str()).chain(places.iter().map(String::as_str)).collect();
    let answer = exec::python(&cluster.engine, container, REACH, &arguments).await?;
    serde_json::from_str(&answer).map_err(|error| format!("its probe cannot be read: {error}"))
}

/// Makes the network, the listener and the witness; the listener's address and name.
async fn set(cluster: &Cluster, stage: &Stage, image: &str) -> Result<[String; 2], String> {
    let failed = |error: Error| format!("the listener cannot be started: {error}");
    let docker = cluster.engine.docker();
    let request = NetworkCreateRequest {
        name: stage.network.clone(),
        driver: Some("bridge".to_owned()),
        labels: Some(labels(cluster)),
        ..NetworkCreateRequest::default()
    };
    docker.create_network(request).await.map_err(failed)?;
    for (name, program) in [(&stage.listener, vec![LISTENER, &stage.word]), (&stage.witness, vec![WITNESS])] {
        let options = CreateContainerOptionsBuilder::new().name(name).build();
        docker.create_container(Some(options), container(cluster, stage, image, &program)).await.map_err(failed)?;
        docker.start_container(name, None).await.map_err(failed)?;
    }
    let seen = docker.inspect_container(&stage.listener, None::<InspectContainerOptions>).await.map_err(failed)?;
    let mut networks = seen.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
    let address = networks.remove(&stage.network).and_then(|endpoint| endpoint.ip_address).unwrap_or_default();
    if address.is_empty() {
        return Err("the listener cannot be started: it has no address".to_owned());
    }
    let places = [format!("{address}:{PORT}"), format!("{}:{PORT}", stage.listener)];
    // It listens as soon as Python is up: until then the witness is refused, too.
    for _ in 0..50 {
        let answers = reach(cluster, &stage.witness, stage, &places).await;
        if answers.is_ok_and(|answers| answers.iter().all(|answer| answer == "reached")) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(places)
}

/// A container that may do nothing but be reached. It ends by itself, whoever started it may be gone.
fn container(cluster: &Cluster, stage: &Stage, image: &str, program: &[&str]) -> ContainerCreateBody {
    let command = ["python3", "-I", "-S", "-c"].iter().chain(program).map(ToString::to_string).collect();
    ContainerCreateBody {
        image: Some(image.to_owned()),
        entrypoint: Some(command),
        cmd: Some(Vec::new()),
        user: Some(format!("{USER}:{USER}")),
        labels: Some(labels(cluster)),
        host_config: Some(HostConfig {
            network_mode: Some(stage.network.clone()),
            readonly_rootfs: Some(true),
            cap_drop: Some(vec!["ALL".to_owned()]),
            security_opt: Some(vec!["no-new-privileges:true".to_owned()]),
            memory: Some(128 << 20),
            memory_swap: Some(128 << 20),
            pids_limit: Some(32),
            auto_remove: Some(true),
            ..HostConfig::default()
        }),
        networking_config: Some(NetworkingConfig {
            endpoints_config: Some(HashMap::from([(stage.network.clone(), EndpointSettings::default())])),
        }),
        ..ContainerCreateBody::default()
    }
}

fn labels(cluster: &Cluster) -> HashMap<String, String> {
    HashMap::from([(LABEL_CLUSTER.to_owned(), cluster.name.to_string()), (LABEL_ROLE.to_owned(), ROLE.to_owned())])
}

/// Removes what was made.
async fn clear(cluster: &Cluster, stage: &Stage) -> Result<(), ClusterError> {
    let docker = cluster.engine.docker();
    let failed = |error| EngineError::of("remove what the audit had started", error);
    for name in [&stage.listener, &stage.witness] {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        match docker.remove_container(name, Some(options)).await {
            // 409: it is being removed already.
            Ok(()) | Err(Error::DockerResponseServerError { status_code: 404 | 409, .. }) => {}
            Err(error) => return Err(failed(error).into()),
        }
    }
    // A creation that was interrupted here may end in the engine later: look for what has the name, some moments long.
    for attempt in 0..20 {
        let names = HashMap::from([("name", vec![stage.network.clone()])]);
        let options = ListNetworksOptionsBuilder::new().filters(&names).build();
        let left = docker.list_networks(Some(options)).await.map_err(failed)?;
        if left.is_empty() {
            return Ok(());
        }
        for id in left.into_iter().filter_map(|network| network.id) {
            match docker.remove_network(&id).await {
                // 403: a container is still leaving it.
                Ok(()) | Err(Error::DockerResponseServerError { status_code: 403 | 404, .. }) => {}
                Err(error) if attempt == 19 => return Err(failed(error).into()),
                Err(_) => {}
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
