use super::*;
use crate::spec::{FORMAT, Port, Relaxations};

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + seconds).unwrap()
}

fn container() -> SeenContainer {
    SeenContainer {
        state: NodeState::Running,
        health: NodeHealth::Healthy,
        probe: String::new(),
        exit_code: 0,
        out_of_memory: false,
        error: String::new(),
        restarts: 0,
        image: "genetic-pool:latest".into(),
        image_id: "sha256:a".into(),
        ray_version: Some(RAY_VERSION.into()),
        started: Some(time(0)),
        finished: None,
        cpus: Some(2.0),
        memory: Some(2 << 30),
        cpus_used: Some(0.25),
        memory_used: Some(1 << 28),
        port: None,
    }
}

fn ray(role: Role) -> SeenRayNode {
    SeenRayNode {
        id: format!("id of {role}"),
        name: Some(role.to_string()),
        address: "10.0.0.2".into(),
        alive: true,
        death: None,
        slots: if role == Role::Head { 0.0 } else { 16.0 },
        slots_used: Some(3.0),
        started: Some(time(10)),
    }
}

/// A cluster with two workers that is well.
fn seen() -> Seen {
    let size = NodeSize { cpus: 2, memory: 2 << 30, shm: 1 << 28 };
    let name: ClusterName = "pond".parse().unwrap();
    let roles = [Role::Head, Role::Worker(0), Role::Worker(1)];
    let mut containers: BTreeMap<Role, SeenContainer> = roles.iter().map(|role| (*role, container())).collect();
    containers.insert(Role::Control, SeenContainer { state: NodeState::Created, ..container() });
    containers.get_mut(&Role::Head).unwrap().port = Some(32_771);
    Seen {
        wanted: Ok(Wanted {
            format: FORMAT,
            revision: 3,
            name: name.clone(),
            image: "genetic-pool:latest".into(),
            workers: 2,
            slots_per_worker: 16,
            worker: size,
            head: size,
            port: Port::Any,
            relaxed: Relaxations::default(),
        }),
        name,
        time: time(100),
        image: Some("sha256:a".into()),
        ray: Ok(SeenRay { nodes: roles.map(ray).into(), jobs: Vec::new() }),
        containers,
    }
}

/// Whether it is ready, and what is wrong, a line each.
fn told(seen: Seen) -> String {
    let status = judge(seen);
    let cluster = status.troubles.iter().map(|trouble| format!("pond: {trouble}"));
    let nodes = status
        .nodes
        .iter()
        .flat_map(|node| node.troubles.iter().map(|trouble| format!("{}: {trouble}", node.role)).collect::<Vec<_>>());
    let ready = if status.ready { "ready" } else { "not ready" };
    std::iter::once(ready.to_owned()).chain(cluster).chain(nodes).collect::<Vec<_>>().join("\n")
}

fn change(role: Role, change: impl FnOnce(&mut SeenContainer)) -> Seen {
    let mut seen = seen();
    change(seen.containers.get_mut(&role).unwrap());
    seen
}

fn change_ray(role: Role, change: impl FnOnce(&mut SeenRayNode)) -> Seen {
    let mut seen = seen();
    let nodes = &mut seen.ray.as_mut().unwrap().nodes;
    change(nodes.iter_mut().find(|node| node.is(role)).unwrap());
    seen
}

const WORKER: Role = Role::Worker(1);

#[test]
fn a_cluster_as_it_is_wanted_is_ready() {
    let status = judge(seen());
    assert!(status.ready && status.ray);
    assert_eq!(status.address.as_deref(), Some("http://127.0.0.1:32771"));
    let roles: Vec<Role> = status.nodes.iter().map(|node| node.role).collect();
    assert_eq!(roles, [Role::Head, Role::Worker(0), Role::Worker(1)]);
    let worker = &status.nodes[2];
    assert_eq!(worker.container, "pond-worker-1");
    assert_eq!(worker.ray, Some(RayStatus { id: "id of worker-1".into(), alive: true }));
    assert_eq!(worker.slots, Use { wanted: Some(16.0), used: Some(3.0) });
    assert_eq!(worker.cpus, Use { wanted: Some(2.0), used: Some(0.25) });
    assert_eq!(told(seen()), "ready");
}

#[test]
fn a_node_that_is_gone() {
    let mut seen = seen();
    seen.containers.remove(&WORKER);
    // Ray does not know it yet.
    insta::assert_snapshot!(told(seen), @r"
    not ready
    pond: Ray counts what is no container of this cluster: worker-1
    worker-1: gone: `cluster up` heals
    ");
}

#[test]
fn how_nodes_end() {
    let ended = |code, out_of_memory| {
        told(change(WORKER, |it| {
            it.state = NodeState::Exited;
            it.health = NodeHealth::None;
            it.exit_code = code;
            it.out_of_memory = out_of_memory;
            it.finished = Some(time(40));
        }))
    };
    let all = [(137, true), (137, false), (139, false), (1, false), (3, false), (4, false), (5, false), (6, false)];
    let told: Vec<String> = all.into_iter().map(|(code, out_of_memory)| ended(code, out_of_memory)).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    not ready
    worker-1: killed: out of memory (it has 2.0 GiB), 60 s ago: `cluster up` heals
    not ready
    worker-1: killed, 60 s ago: `cluster up` heals
    not ready
    worker-1: ended by signal 11, 60 s ago: `cluster up` heals
    not ready
    worker-1: ended with exit code 1, 60 s ago: `cluster up` heals
    not ready
    worker-1: refused what it was given: see its log, 60 s ago: `cluster up` heals
    not ready
    worker-1: found no token, 60 s ago: `cluster up` heals
    not ready
    worker-1: did not find the head, 60 s ago: `cluster up` heals
    not ready
    worker-1: its Ray is another one than the head's, 60 s ago: `cluster up` heals
    ");
}

#[test]
fn nodes_that_do_not_come_up() {
    let told = [
        told(change(WORKER, |it| {
            it.state = NodeState::Restarting;
            it.exit_code = 5;
            it.restarts = 4;
        })),
        told(change(WORKER, |it| {
            it.state = NodeState::Created;
            it.error = "port is already allocated".into();
        })),
        {
            let mut seen = change(WORKER, |it| it.health = NodeHealth::Starting);
            seen.ray.as_mut().unwrap().nodes.retain(|node| !node.is(WORKER));
            told(seen)
        },
        told(change(WORKER, |it| {
            it.health = NodeHealth::Unhealthy;
            it.probe = "Ray's agent does not answer".into();
        })),
        told(change(WORKER, |it| it.state = NodeState::Paused)),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    not ready
    worker-1: ended 4 times and is started again: did not find the head
    not ready
    worker-1: could not be started: port is already allocated
    not ready
    worker-1: starting
    not ready
    worker-1: unhealthy: Ray's agent does not answer
    not ready
    worker-1: paused: `docker unpause` lets it go on
    ");
}

#[test]
fn nodes_that_ray_sees_otherwise() {
    let mut unknown = seen();
    unknown.ray.as_mut().unwrap().nodes.retain(|node| !node.is(WORKER));
    let told = [
        told(unknown),
        told(change_ray(WORKER, |it| {
            it.alive = false;
            it.death = Some("health check failed".into());
        })),
        told(change_ray(WORKER, |it| it.slots = 2.0)),
        // It was started again since Ray last heard of it.
        told(change_ray(WORKER, |it| it.started = Some(time(-5)))),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    not ready
    worker-1: running but unknown to Ray
    not ready
    worker-1: running but lost to Ray: health check failed
    not ready
    worker-1: 2 slots where 16 are wanted
    not ready
    worker-1: running but unknown to Ray
    ");
}

#[test]
fn the_newest_of_a_name_counts() {
    let mut seen = seen();
    let nodes = &mut seen.ray.as_mut().unwrap().nodes;
    nodes.push(SeenRayNode { alive: false, started: Some(time(-50)), ..ray(WORKER) });
    assert_eq!(told(seen), "ready");
}

#[test]
fn other_images_and_nodes_too_many_do_not_keep_it_from_being_ready() {
    let mut seen = change(WORKER, |it| it.image_id = "sha256:b".into());
    seen.containers.insert(Role::Worker(2), container());
    seen.ray.as_mut().unwrap().nodes.push(SeenRayNode { name: None, ..ray(Role::Worker(7)) });
    insta::assert_snapshot!(told(seen), @r"
    ready
    pond: Ray counts what is no container of this cluster: 10.0.0.2
    worker-1: of another image than `genetic-pool:latest` is now: `cluster up` replaces it
    worker-2: not wanted any more: `cluster up` removes it
    worker-2: running but unknown to Ray
    ");
}

#[test]
fn another_ray_does() {
    insta::assert_snapshot!(told(change(Role::Head, |it| it.ray_version = Some("2.59.0".into()))), @r"
    not ready
    head: Ray 2.59.0 where 2.60.0 is wanted
    ");
}

#[test]
fn what_is_wanted_and_ray_may_both_be_unknown() {
    let mut seen = seen();
    seen.wanted = Err("it keeps none".into());
    seen.ray = Err("cluster `pond` has no head".into());
    seen.containers.remove(&Role::Head);
    let status = judge(seen.clone());
    assert_eq!(status.nodes.len(), 3, "the head is always wanted");
    assert_eq!((status.address, status.ray), (None, false));
    insta::assert_snapshot!(told(seen), @r"
    not ready
    pond: what is wanted of it is not known: it keeps none
    pond: Ray does not answer: cluster `pond` has no head
    head: gone: `cluster up` heals
    ");
}

#[test]
fn a_node_that_ray_knows_is_ready_before_the_engine_has_looked() {
    assert_eq!(told(change(WORKER, |it| it.health = NodeHealth::Starting)), "ready");
}

#[test]
fn images_are_called_by_name_where_they_have_one() {
    let image = |change: &dyn Fn(&mut SeenContainer)| {
        let status = judge(self::change(WORKER, |it| {
            it.image = "sha256:0123456789abcdef".into();
            change(it);
        }));
        status.nodes[2].image.clone().unwrap()
    };
    assert_eq!(image(&|_| {}), "genetic-pool:latest");
    assert_eq!(image(&|it| it.image_id = "sha256:b".into()), "0123456789ab");
    assert_eq!(image(&|it| (it.image, it.image_id) = ("old:1".into(), "sha256:b".into())), "old:1");
}

#[test]
fn relaxations_are_shown() {
    let mut seen = seen();
    seen.wanted.as_mut().unwrap().relaxed = Relaxations { egress: true, ray_client: true };
    assert_eq!(judge(seen).relaxations, [Relaxation::Egress, Relaxation::RayClient]);
}
