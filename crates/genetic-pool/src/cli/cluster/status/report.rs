//! A status for people and for programs.

use genetic_pool_cluster::cluster::{NodeState, NodeStatus, Status, Use};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::{
    table::{Align, table},
    words,
};

/// One line on the cluster, one for each node, then what is wrong and what is relaxed.
pub(super) fn text(status: &Status, now: Timestamp) -> Vec<String> {
    let mut lines = vec![heading(status), String::new()];
    let headings = ["node", "state", "ray", "slots", "cpu", "memory", "restarts", "up", "image"];
    let mut columns = [Align::Left; 9];
    columns[3..8].fill(Align::Right);
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    rows.extend(status.nodes.iter().map(|node| row(node, now)));
    lines.extend(table(&columns, &rows));
    let mut notes: Vec<(String, String)> = Vec::new();
    notes.extend(status.troubles.iter().map(|trouble| (status.name.to_string(), trouble.to_string())));
    for node in &status.nodes {
        notes.extend(node.troubles.iter().map(|trouble| (node.role.to_string(), trouble.to_string())));
    }
    notes
        .extend(status.relaxations.iter().map(|it| ("relaxed".to_owned(), format!("{}: {}", it.flag(), it.meaning()))));
    notes.extend(status.jobs.iter().map(|job| {
        let state = if job.running { "running" } else { "waiting" };
        let since = job.started.map(|started| format!(" for {}", words::duration(since(now, started))));
        ("job".to_owned(), format!("{} {state}{}", job.id, since.unwrap_or_default()))
    }));
    if !notes.is_empty() {
        lines.push(String::new());
        let rows: Vec<Vec<String>> = notes.into_iter().map(|(what, words)| vec![what, words]).collect();
        lines.extend(table(&[Align::Left; 2], &rows));
    }
    lines
}

fn heading(status: &Status) -> String {
    let mut parts = vec![if status.ready { "ready" } else { "not ready" }.to_owned()];
    if let Some(wanted) = &status.wanted {
        parts.push(format!("{} wanted", words::things(wanted.workers.into(), "worker")));
        parts.push(format!("revision {}", wanted.revision));
    }
    parts.extend(status.address.as_ref().map(|address| format!("Ray at {address}")));
    format!("{}: {}", status.name, parts.join(" · "))
}

fn row(node: &NodeStatus, now: Timestamp) -> Vec<String> {
    let health = node.health.word().map(|health| format!(", {health}"));
    let ray = node.ray.as_ref().map(|ray| {
        let id: String = ray.id.chars().take(8).collect();
        if ray.alive { id } else { format!("{id} (dead)") }
    });
    vec![
        node.role.to_string(),
        format!("{}{}", node.state.word(), health.unwrap_or_default()),
        ray.unwrap_or_else(nothing),
        of(node.slots, |slots| format!("{slots:.0}")),
        of(node.cpus, |cpus| words::objective((cpus * 100.0).round() / 100.0)),
        of(node.memory, words::bytes),
        if node.state == NodeState::Gone { nothing() } else { words::count(node.restarts) },
        node.started.map_or_else(nothing, |started| words::duration(since(now, started))),
        node.image.clone().unwrap_or_else(nothing),
    ]
}

/// `used of wanted`, as far as they are known.
fn of<T: Copy>(use_: Use<T>, figure: impl Fn(T) -> String) -> String {
    match (use_.used, use_.wanted) {
        (Some(used), Some(wanted)) => format!("{} of {}", figure(used), figure(wanted)),
        (None, Some(wanted)) => format!("- of {}", figure(wanted)),
        (Some(used), None) => figure(used),
        (None, None) => nothing(),
    }
}

fn nothing() -> String {
    "-".to_owned()
}

/// How long before `now` `then` was, in whole seconds; an engine's clock may be ahead of ours.
fn since(now: Timestamp, then: Timestamp) -> std::time::Duration {
    std::time::Duration::from_secs(now.duration_since(then).as_secs().try_into().unwrap_or(0))
}

pub(super) fn to_json(status: &Status) -> Value {
    let wanted = status.wanted.as_ref();
    let trouble = |kind: &str, words: String| json!({ "kind": kind, "message": words });
    json!({
        "format": 1,
        "cluster": status.name.as_str(),
        "time": status.time.to_string(),
        "ready": status.ready,
        "revision": wanted.map(|wanted| wanted.revision),
        "workers": wanted.map(|wanted| wanted.workers),
        "image": wanted.map(|wanted| &wanted.image),
        "address": status.address,
        "ray": status.ray,
        "relaxations": status.relaxations.iter().map(|it| json!({ "flag": it.flag(), "meaning": it.meaning() }))
            .collect::<Vec<_>>(),
        "jobs": status.jobs.iter().map(|job| json!({
            "job": job.id,
            "running": job.running,
            "started": job.started.map(|started| started.to_string()),
        })).collect::<Vec<_>>(),
        "troubles": status.troubles.iter().map(|it| trouble(it.kind(), it.to_string())).collect::<Vec<_>>(),
        "nodes": status.nodes.iter().map(|node| json!({
            "node": node.role.to_string(),
            "container": node.container,
            "state": node.state.word(),
            "health": node.health.word(),
            "ray": node.ray.as_ref().map(|ray| json!({ "id": ray.id, "alive": ray.alive })),
            "slots": node.slots.wanted,
            "slots_used": node.slots.used,
            "cpus": node.cpus.wanted,
            "cpus_used": node.cpus.used,
            "memory": node.memory.wanted,
            "memory_used": node.memory.used,
            "restarts": node.restarts,
            "image": node.image,
            "started": node.started.map(|started| started.to_string()),
            "troubles": node.troubles.iter().map(|it| trouble(it.kind(), it.to_string())).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use genetic_pool_cluster::{
        cluster::{ActiveJob, ClusterTrouble, End, NodeHealth, RayStatus, Relaxation, Trouble},
        names::Role,
        spec::{NodeSize, Port, Relaxations, Wanted},
    };

    use super::*;

    fn now() -> Timestamp {
        "2026-11-24T10:00:00Z".parse().unwrap()
    }

    fn node(role: Role) -> NodeStatus {
        NodeStatus {
            role,
            container: format!("pond-{role}"),
            state: NodeState::Running,
            health: NodeHealth::Healthy,
            ray: Some(RayStatus { id: "217b9f81d0259af5".into(), alive: true }),
            cpus: Use { wanted: Some(2.0), used: Some(0.3141) },
            memory: Use { wanted: Some(2 << 30), used: Some(684 << 20) },
            slots: Use { wanted: Some(16.0), used: Some(12.0) },
            restarts: 0,
            image: Some("genetic-pool:latest".into()),
            started: Some("2026-11-24T07:25:00Z".parse().unwrap()),
            troubles: Vec::new(),
        }
    }

    fn status() -> Status {
        let size = NodeSize { cpus: 2, memory: 2 << 30, shm: 1 << 28 };
        let head = NodeStatus { slots: Use { wanted: Some(0.0), used: Some(0.0) }, ..node(Role::Head) };
        Status {
            name: "pond".parse().unwrap(),
            time: now(),
            ready: true,
            wanted: Some(Wanted {
                format: 1,
                revision: 3,
                name: "pond".parse().unwrap(),
                image: "genetic-pool:latest".into(),
                workers: 1,
                slots_per_worker: 16,
                worker: size,
                head: size,
                port: Port::Any,
                relaxed: Relaxations::default(),
            }),
            address: Some("http://127.0.0.1:32771".into()),
            ray: true,
            relaxations: Vec::new(),
            nodes: vec![head, node(Role::Worker(0))],
            jobs: Vec::new(),
            troubles: Vec::new(),
        }
    }

    #[test]
    fn a_cluster_that_is_well() {
        insta::assert_snapshot!(text(&status(), now()).join("\n"), @r"
        pond: ready · 1 worker wanted · revision 3 · Ray at http://127.0.0.1:32771

        node      state             ray          slots        cpu            memory  restarts          up  image
        head      running, healthy  217b9f81    0 of 0  0.31 of 2  684 MiB of 2 GiB         0  2 h 35 min  genetic-pool:latest
        worker-0  running, healthy  217b9f81  12 of 16  0.31 of 2  684 MiB of 2 GiB         0  2 h 35 min  genetic-pool:latest
        ");
    }

    #[test]
    fn a_cluster_with_everything_that_can_be_wrong() {
        let mut status = status();
        status.ready = false;
        status.relaxations = vec![Relaxation::Egress, Relaxation::RayClient];
        status.jobs = vec![ActiveJob {
            id: "20261124-095800-k3f9".into(),
            running: true,
            started: Some("2026-11-24T09:58:00Z".parse().unwrap()),
        }];
        status.troubles = vec![
            ClusterTrouble::NoWanted { said: "`cluster.json` in the state of cluster `pond` is damaged".into() },
            ClusterTrouble::RaySilent { said: "cluster `pond` has no head".into() },
            ClusterTrouble::Strangers { nodes: vec!["10.0.0.9".into()] },
        ];
        let gone = NodeStatus {
            state: NodeState::Gone,
            health: NodeHealth::None,
            ray: Some(RayStatus { id: "305263a1515ad90b".into(), alive: false }),
            cpus: Use { wanted: Some(2.0), used: None },
            memory: Use { wanted: None, used: None },
            slots: Use { wanted: Some(16.0), used: None },
            image: None,
            started: None,
            ..node(Role::Worker(1))
        };
        let of = |index: u16, state: NodeState, health: NodeHealth, trouble: Trouble| NodeStatus {
            state,
            health,
            troubles: vec![trouble],
            restarts: 3,
            ..node(Role::Worker(index))
        };
        let exited = |index, how, seconds| {
            let when = Some(jiff::SignedDuration::from_secs(seconds));
            let node = of(index, NodeState::Exited, NodeHealth::None, Trouble::Ended { how, when });
            NodeStatus { started: None, ray: None, ..node }
        };
        let running = |index, trouble| of(index, NodeState::Running, NodeHealth::Healthy, trouble);
        status.nodes = vec![
            node(Role::Head),
            NodeStatus { troubles: vec![Trouble::Gone], ..gone },
            exited(2, End::OutOfMemory { limit: Some(2 << 30) }, 61),
            exited(3, End::Killed, 300),
            exited(4, End::NoHead, 90_000),
            exited(5, End::Code(1), 5),
            of(6, NodeState::Restarting, NodeHealth::None, Trouble::Restarting { how: End::NoToken, restarts: 7 }),
            of(7, NodeState::Paused, NodeHealth::None, Trouble::Paused),
            running(8, Trouble::UnknownToRay),
            running(9, Trouble::LostToRay { said: "health check failed".into() }),
            of(
                10,
                NodeState::Running,
                NodeHealth::Unhealthy,
                Trouble::Unhealthy { said: "Ray's agent does not answer".into() },
            ),
            running(11, Trouble::OtherRay { found: "2.59.0".into() }),
            running(12, Trouble::OtherImage { wanted: "genetic-pool:latest".into() }),
            running(13, Trouble::Slots { found: 2, wanted: 16 }),
            of(
                14,
                NodeState::Created,
                NodeHealth::None,
                Trouble::NeverStarted { said: "port is already allocated".into() },
            ),
            running(15, Trouble::NotWanted),
            of(16, NodeState::Running, NodeHealth::Starting, Trouble::Starting),
        ];
        insta::assert_snapshot!(text(&status, now()).join("\n"), @r"
        pond: not ready · 1 worker wanted · revision 3 · Ray at http://127.0.0.1:32771

        node       state               ray                 slots        cpu            memory  restarts          up  image
        head       running, healthy    217b9f81         12 of 16  0.31 of 2  684 MiB of 2 GiB         0  2 h 35 min  genetic-pool:latest
        worker-1   gone                305263a1 (dead)   - of 16     - of 2                 -         -           -  -
        worker-2   exited              -                12 of 16  0.31 of 2  684 MiB of 2 GiB         3           -  genetic-pool:latest
        worker-3   exited              -                12 of 16  0.31 of 2  684 MiB of 2 GiB         3           -  genetic-pool:latest
        worker-4   exited              -                12 of 16  0.31 of 2  684 MiB of 2 GiB         3           -  genetic-pool:latest
        worker-5   exited              -                12 of 16  0.31 of 2  684 MiB of 2 GiB         3           -  genetic-pool:latest
        worker-6   restarting          217b9f81         12 of 16  0.31 of 2  684 MiB of 2 GiB         3  2 h 35 min  genetic-pool:latest
        worker-7   paused              217b9f81         12 of 16  0.31 of 2  684 MiB of 2 GiB         3  2 h 35 min  genetic-pool:latest
        worker-8   running, healthy    217b9f81         12 of 16  0.31 of 2  684 MiB of 2 GiB         3  2 h 35 min  genetic-pool:latest
        worker-9   running, healthy    217b9f81         12 of 16  0.31 of 2  684 MiB of 2 GiB         3  2 h 35 min  genetic-pool:latest
        worker-10  running, unhealthy  217b9f81         12 of 16  0.31 of 2  684 MiB of 2 GiB         3  2 h 35 min  genetic-pool:latest
        worker-11  running, healthy    217b9f81         12 of 16  0.31 of 2  684 MiB of 2 GiB         3  2 h 35 min  genetic-pool:latest
        worker-12  running, healthy    217b9f81         12 of 16  0.31 of 2  684 MiB of 2 GiB         3  2 h 35 min  genetic-pool:latest
        worker-13  running, healthy    217b9f81         12 of 16  0.31 of 2  684 MiB of 2 GiB         3  2 h 35 min  genetic-pool:latest
        worker-14  created             217b9f81         12 of 16  0.31 of 2  684 MiB of 2 GiB         3  2 h 35 min  genetic-pool:latest
        worker-15  running, healthy    217b9f81         12 of 16  0.31 of 2  684 MiB of 2 GiB         3  2 h 35 min  genetic-pool:latest
        worker-16  running, starting   217b9f81         12 of 16  0.31 of 2  684 MiB of 2 GiB         3  2 h 35 min  genetic-pool:latest

        pond       what is wanted of it is not known: `cluster.json` in the state of cluster `pond` is damaged
        pond       Ray does not answer: cluster `pond` has no head
        pond       Ray counts what is no container of this cluster: 10.0.0.9
        worker-1   gone: `cluster up` heals
        worker-2   killed: out of memory (it has 2.0 GiB), 61 s ago: `cluster up` heals
        worker-3   killed, 5 min ago: `cluster up` heals
        worker-4   did not find the head, 25 h ago: `cluster up` heals
        worker-5   ended with exit code 1, 5 s ago: `cluster up` heals
        worker-6   ended 7 times and is started again: found no token
        worker-7   paused: `docker unpause` lets it go on
        worker-8   running but unknown to Ray
        worker-9   running but lost to Ray: health check failed
        worker-10  unhealthy: Ray's agent does not answer
        worker-11  Ray 2.59.0 where 2.60.0 is wanted
        worker-12  of another image than `genetic-pool:latest` is now: `cluster up` replaces it
        worker-13  2 slots where 16 are wanted
        worker-14  could not be started: port is already allocated
        worker-15  not wanted any more: `cluster up` removes it
        worker-16  starting
        relaxed    --egress: workers reach what the engine's host reaches
        relaxed    --ray-client: Ray Client's port 10001 is published on 127.0.0.1
        job        20261124-095800-k3f9 running for 2 min
        ");
    }

    #[test]
    fn json_has_all_of_it() {
        let mut status = status();
        status.nodes.truncate(1);
        status.nodes[0].troubles = vec![Trouble::Starting];
        insta::assert_snapshot!(format!("{:#}", to_json(&status)), @r#"
        {
          "format": 1,
          "cluster": "pond",
          "time": "2026-11-24T10:00:00Z",
          "ready": true,
          "revision": 3,
          "workers": 1,
          "image": "genetic-pool:latest",
          "address": "http://127.0.0.1:32771",
          "ray": true,
          "relaxations": [],
          "jobs": [],
          "troubles": [],
          "nodes": [
            {
              "node": "head",
              "container": "pond-head",
              "state": "running",
              "health": "healthy",
              "ray": {
                "id": "217b9f81d0259af5",
                "alive": true
              },
              "slots": 0.0,
              "slots_used": 0.0,
              "cpus": 2.0,
              "cpus_used": 0.3141,
              "memory": 2147483648,
              "memory_used": 717225984,
              "restarts": 0,
              "image": "genetic-pool:latest",
              "started": "2026-11-24T07:25:00Z",
              "troubles": [
                {
                  "kind": "starting",
                  "message": "starting"
                }
              ]
            }
          ]
        }
        "#);
    }
}
