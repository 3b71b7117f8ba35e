//! What a cluster is made of: every container, network and volume, from what is wanted.
//!
//! The same wish gives the same blueprint, and each part has a hash: what is there with another hash is replaced.

use std::collections::HashMap;

use bollard::models::{
    ContainerCreateBody, EndpointSettings, HostConfig, HostConfigLogConfig, Mount, MountType, NetworkCreateRequest,
    NetworkingConfig, PortBinding, RestartPolicy, RestartPolicyNameEnum, VolumeCreateRequest,
};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::observe::Net;
use crate::{
    names::{
        ClusterName, DASHBOARD_PORT, LABEL_CLUSTER, LABEL_ROLE, LABEL_SPEC, RAY_FOLDER, Role, SECRETS_FOLDER,
        STATE_FOLDER, TOKEN_FILE, USER,
    },
    spec::{NodeSize, Port, Wanted},
};

/// The parts of a cluster, and their hashes.
#[derive(Clone, Debug)]
pub(super) struct Blueprint {
    pub wanted: Wanted,
    /// The id of the image: a tag may come to mean another.
    image: String,
}

/// A port of Ray Client, which is published only where that was asked for.
const CLIENT_PORT: u16 = 10_001;
const MIB: u64 = 1 << 20;

impl Blueprint {
    /// Of `wanted`, whose image has the id `image`.
    pub(super) fn new(wanted: Wanted, image: String) -> Blueprint {
        Blueprint { wanted, image }
    }

    /// The nodes, the head first.
    pub(super) fn nodes(&self) -> Vec<Role> {
        std::iter::once(Role::Head).chain((0..self.wanted.workers).map(Role::Worker)).collect()
    }

    /// The container of `role`, its label with the hash included.
    pub(super) fn container(&self, role: Role) -> ContainerCreateBody {
        let mut body = match role {
            Role::Control => self.control(),
            Role::Head => self.node(role, self.wanted.head),
            Role::Worker(_) => self.node(role, self.wanted.worker),
        };
        let spec = hash(&(&body, self.networks(role), &self.image));
        body.labels.get_or_insert_default().insert(LABEL_SPEC.to_owned(), spec);
        body
    }

    /// The hash of the container of `role`.
    pub(super) fn container_spec(&self, role: Role) -> String {
        self.container(role).labels.and_then(|mut labels| labels.remove(LABEL_SPEC)).unwrap_or_default()
    }

    /// The networks of `role`, the one it is created on first.
    pub(super) fn networks(&self, role: Role) -> Vec<Net> {
        match role {
            Role::Control => Vec::new(),
            Role::Worker(_) if !self.wanted.relaxed.egress => vec![Net::Inner],
            Role::Head | Role::Worker(_) => vec![Net::Inner, Net::Outer],
        }
    }

    /// The network `net`, its label with the hash included.
    pub(super) fn network(&self, net: Net) -> NetworkCreateRequest {
        let name = &self.wanted.name;
        let mut labels =
            HashMap::from([(LABEL_CLUSTER.to_owned(), name.to_string()), (LABEL_ROLE.to_owned(), net.to_string())]);
        let options = match net {
            // The engine's machine has no address here: otherwise whatever it listens at could be reached from inside.
            Net::Inner => HashMap::from([("com.docker.network.bridge.inhibit_ipv4".into(), "true".into())]),
            // What leaves has an address nobody answers to: the port is published, and nothing outside of the engine's
            // machine is reached.
            Net::Outer if !self.wanted.relaxed.egress => {
                HashMap::from([("com.docker.network.bridge.enable_ip_masquerade".into(), "false".into())])
            }
            Net::Outer => HashMap::new(),
        };
        let body = NetworkCreateRequest {
            name: net.name(name),
            driver: Some("bridge".to_owned()),
            internal: Some(net == Net::Inner),
            options: Some(options),
            ..NetworkCreateRequest::default()
        };
        labels.insert(LABEL_SPEC.to_owned(), hash(&body));
        NetworkCreateRequest { labels: Some(labels), ..body }
    }

    /// The hash of the network `net`.
    pub(super) fn network_spec(&self, net: Net) -> String {
        self.network(net).labels.and_then(|mut labels| labels.remove(LABEL_SPEC)).unwrap_or_default()
    }

    /// The volumes everything in the cluster needs.
    pub(super) fn shared_volumes(&self) -> [String; 2] {
        shared_volumes(&self.wanted.name)
    }

    /// The volume `volume` of the cluster.
    pub(super) fn volume(&self, volume: &str) -> VolumeCreateRequest {
        VolumeCreateRequest {
            name: Some(volume.to_owned()),
            labels: Some(HashMap::from([(LABEL_CLUSTER.to_owned(), self.wanted.name.to_string())])),
            ..VolumeCreateRequest::default()
        }
    }

    fn labels(&self, role: Role) -> HashMap<String, String> {
        HashMap::from([
            (LABEL_CLUSTER.to_owned(), self.wanted.name.to_string()),
            (LABEL_ROLE.to_owned(), role.to_string()),
        ])
    }

    /// The way to the volumes. It never runs; were it started, it could do nothing.
    fn control(&self) -> ContainerCreateBody {
        let name = &self.wanted.name;
        ContainerCreateBody {
            image: Some(self.wanted.image.clone()),
            user: Some(format!("{USER}:{USER}")),
            labels: Some(self.labels(Role::Control)),
            network_disabled: Some(true),
            host_config: Some(HostConfig {
                network_mode: Some("none".to_owned()),
                mounts: Some(vec![
                    volume(name.state_volume(), STATE_FOLDER, false),
                    volume(name.secrets_volume(), SECRETS_FOLDER, false),
                ]),
                ..closed()
            }),
            ..ContainerCreateBody::default()
        }
    }

    fn node(&self, role: Role, size: NodeSize) -> ContainerCreateBody {
        let name = &self.wanted.name;
        let head = role == Role::Head;
        let mut mounts =
            vec![volume(name.ray_volume(role), RAY_FOLDER, false), volume(name.secrets_volume(), SECRETS_FOLDER, true)];
        if head {
            mounts.push(volume(name.state_volume(), STATE_FOLDER, false));
        }
        // Ray's head has hundreds of threads; a worker has the processes of its evaluations.
        let pids = if head { 1024 } else { 256 + 64 * i64::from(size.cpus.max(self.wanted.slots_per_worker)) };
        ContainerCreateBody {
            image: Some(self.wanted.image.clone()),
            hostname: Some(name.container(role)),
            user: Some(format!("{USER}:{USER}")),
            cmd: Some(vec![if head { "head" } else { "worker" }.to_owned()]),
            env: Some(self.environment(role, size)),
            labels: Some(self.labels(role)),
            // A worker finishes what it has when it is asked to go: Ray drains it for up to 30 s.
            stop_timeout: Some(if head { 15 } else { 35 }),
            exposed_ports: head.then(|| self.ports().into_keys().collect()),
            host_config: Some(HostConfig {
                // Names of the cluster are the engine's to answer. Others are asked of nobody: where nothing leaves, an
                // answer would be waited for in vain, for seconds when Ray starts.
                dns: (!self.wanted.relaxed.egress).then(|| vec!["127.0.0.1".to_owned()]),
                network_mode: Some(name.inner_network()),
                mounts: Some(mounts),
                memory: Some(size.memory as i64),
                // As much as memory: no swap.
                memory_swap: Some(size.memory as i64),
                nano_cpus: Some(i64::from(size.cpus) * 1_000_000_000),
                pids_limit: Some(pids),
                shm_size: Some(size.shm as i64),
                tmpfs: Some(HashMap::from([("/tmp".to_owned(), temporary(size))])),
                init: Some(true),
                port_bindings: head.then(|| self.ports()),
                restart_policy: Some(RestartPolicy {
                    name: Some(RestartPolicyNameEnum::UNLESS_STOPPED),
                    maximum_retry_count: None,
                }),
                log_config: Some(HostConfigLogConfig {
                    typ: Some("json-file".to_owned()),
                    config: Some(HashMap::from([
                        ("max-size".to_owned(), "10m".to_owned()),
                        ("max-file".to_owned(), "3".to_owned()),
                    ])),
                }),
                ..closed()
            }),
            // Engines before 25 take a single network when a container is created; the others are joined after.
            networking_config: Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(name.inner_network(), EndpointSettings::default())])),
            }),
            ..ContainerCreateBody::default()
        }
    }

    /// What a node is told, none of it secret.
    fn environment(&self, role: Role, size: NodeSize) -> Vec<String> {
        let name = &self.wanted.name;
        let head = role == Role::Head;
        let store = size.shm * 8 / 10;
        // What Ray itself takes is not on offer.
        let offered = size.memory.saturating_sub(store + 256 * MIB).max(size.memory / 4);
        let slots = if head { 0 } else { self.wanted.slots_per_worker };
        let mut environment = vec![
            format!("GENETIC_POOL_CLUSTER={name}"),
            format!("GENETIC_POOL_NODE={role}"),
            format!("GENETIC_POOL_SLOTS={slots}"),
            format!("GENETIC_POOL_OBJECT_STORE={store}"),
            format!("GENETIC_POOL_MEMORY={offered}"),
            "RAY_AUTH_MODE=token".to_owned(),
            format!("RAY_AUTH_TOKEN_PATH={SECRETS_FOLDER}/{TOKEN_FILE}"),
            // Frames stay out of the object store up to 8 MB: 4 instead of 15 ms for 240 kB.
            "RAY_max_direct_call_object_size=8000000".to_owned(),
        ];
        if head {
            environment.extend([
                format!("GENETIC_POOL_HOME={STATE_FOLDER}"),
                // A driver that is told to stop has so many seconds to put its run in order.
                "RAY_JOB_STOP_WAIT_TIME_S=30".to_owned(),
                // A dead node is known after 12 s instead of 30 to 63.
                "RAY_health_check_initial_delay_ms=1000".to_owned(),
                "RAY_health_check_period_ms=1000".to_owned(),
                "RAY_health_check_timeout_ms=2000".to_owned(),
                "RAY_health_check_failure_threshold=4".to_owned(),
            ]);
        } else {
            environment.push(format!("GENETIC_POOL_HEAD={}", name.container(Role::Head)));
        }
        environment
    }

    /// What the head publishes, on 127.0.0.1 alone.
    fn ports(&self) -> HashMap<String, Option<Vec<PortBinding>>> {
        let bind = |port: Option<u16>| {
            let port = port.map_or_else(String::new, |port| port.to_string());
            Some(vec![PortBinding { host_ip: Some("127.0.0.1".to_owned()), host_port: Some(port) }])
        };
        let dashboard = match self.wanted.port {
            Port::Fixed(port) => bind(Some(port)),
            Port::Any => bind(None),
        };
        let mut ports = HashMap::from([(format!("{DASHBOARD_PORT}/tcp"), dashboard)]);
        if self.wanted.relaxed.ray_client {
            ports.insert(format!("{CLIENT_PORT}/tcp"), bind(None));
        }
        ports
    }
}

/// The volumes everything in cluster `name` needs.
pub(super) fn shared_volumes(name: &ClusterName) -> [String; 2] {
    [name.state_volume(), name.secrets_volume()]
}

/// What no container of ours may do.
fn closed() -> HostConfig {
    HostConfig {
        readonly_rootfs: Some(true),
        cap_drop: Some(vec!["ALL".to_owned()]),
        security_opt: Some(vec!["no-new-privileges:true".to_owned()]),
        ..HostConfig::default()
    }
}

fn volume(name: String, target: &str, read_only: bool) -> Mount {
    Mount {
        target: Some(target.to_owned()),
        source: Some(name),
        typ: Some(MountType::VOLUME),
        read_only: Some(read_only),
        ..Mount::default()
    }
}

/// `/tmp` is memory of the container: a quarter of it at most.
fn temporary(size: NodeSize) -> String {
    let bytes = (size.memory / 4).min(512 * MIB);
    format!("rw,noexec,nosuid,nodev,size={bytes},mode=1777")
}

/// A hash of what is sent to the engine, whatever the order of its keys.
fn hash(part: &impl Serialize) -> String {
    // Bodies of requests are made to be JSON; were one not, everything with it would merely look alike.
    let value = serde_json::to_value(part).map(sorted).unwrap_or_default();
    format!("{:x}", Sha256::digest(value.to_string()))[..16].to_owned()
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
