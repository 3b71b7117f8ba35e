//! `node.py`, the program of nodes, by hand: containers as closed as a cluster's, started by Docker's own command line.

use std::{
    io::Write,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use genetic_pool_cluster::names::RAY_VERSION;
use genetic_pool_testkit::{engine, image};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::docker::{Cleared, docker, docker_says};

const TOKEN: &str = "a-token-of-a-test-that-is-long-enough";
const CLOSED: [&str; 11] = [
    "--init",
    "--read-only",
    "--tmpfs=/tmp:rw,nosuid,nodev,noexec,size=256m,mode=1777",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--pids-limit=1024",
    "--shm-size=128m",
    "--memory=2g",
    "--env=GENETIC_POOL_CLUSTER=gp-test-node",
    "--volume=gp-test-node-secrets:/run/genetic-pool",
    "--network=gp-test-node-inner",
];

fn run<'a>(how: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    [how].into_iter().chain(CLOSED).chain(rest.iter().copied()).collect()
}

#[test]
fn a_node_that_cannot_begin_says_why() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let container = "gp-test-node-idle";
    let _cleared = Cleared::new(&address, &[format!("rm -f {container}")]);
    let idle = ["run", "--detach", "--network=none", "--entrypoint=sleep", "--name", container, &image, "300"];
    docker_says(&address, &idle);
    let told = |command: &[&str]| {
        let output = docker(&address, command);
        format!("{}exit code {}\n", String::from_utf8_lossy(&output.stderr), output.status.code().unwrap())
    };
    let inside = |environment: &[&str], verb: &str| {
        let environment = environment.iter().flat_map(|variable| ["--env", variable]);
        let program = [container, "python3", "/opt/genetic-pool/node.py", verb];
        told(&["exec"].into_iter().chain(environment).chain(program).collect::<Vec<_>>())
    };
    let beside = |option| {
        told(&["run", "--rm", "--network=none", "--env", "RAY_AUTH_TOKEN_PATH=/etc/hostname", option, &image, "head"])
    };
    // Any file that can be read will do for what is looked at after the token.
    let token = "RAY_AUTH_TOKEN_PATH=/etc/hostname";
    let told = [
        inside(&[], "dance"),
        inside(&[], "head"),
        inside(&["RAY_AUTH_TOKEN_PATH=/dev/null"], "head"),
        inside(&["RAY_AUTH_MODE=disabled"], "head"),
        beside("--tmpfs=/ray:uid=10001,noexec"),
        beside("--read-only"),
        inside(&[token], "worker"),
        inside(&[token, "GENETIC_POOL_HEAD=no-such-head", "GENETIC_POOL_WAIT=0"], "worker"),
        inside(&[token, "GENETIC_POOL_HEAD=127.0.0.1", "GENETIC_POOL_WAIT=0"], "worker"),
        inside(&[token, "GENETIC_POOL_ADDRESS=127.0.0.1", "GENETIC_POOL_SLOTS=many"], "head"),
        inside(&[], "relay"),
    ];
    assert_snapshot!(told.concat(), @r"
    genetic-pool: expected one of head, worker, probe, ready, relay
    hint: docker run ... genetic-pool head
    exit code 2
    genetic-pool: the token cannot be read from /run/genetic-pool/token: No such file or directory
    hint: mount the cluster's secrets there, readable by user 10001
    exit code 4
    genetic-pool: the file of the token, /dev/null, is empty
    hint: write the cluster's token to it
    exit code 4
    genetic-pool: RAY_AUTH_MODE is not `token`
    hint: a node without authentication is not started
    exit code 3
    genetic-pool: /ray forbids to run programs
    hint: mount it without `noexec`: programs are sent there
    exit code 3
    genetic-pool: /ray cannot be written
    hint: mount a volume there, owned by user 10001
    exit code 3
    genetic-pool: GENETIC_POOL_HEAD is not set
    hint: set it to the name of the head's container
    exit code 3
    genetic-pool: the name no-such-head is not known: Temporary failure in name resolution
    hint: it must be a container of the same user-defined network (Docker's default one knows no names)
    exit code 5
    genetic-pool: the head 127.0.0.1 (127.0.0.1) does not answer at port 6379: [Errno 111] Connection refused
    hint: look at its state and log; it must be on a network with this node
    exit code 5
    genetic-pool: GENETIC_POOL_SLOTS is `many`
    hint: it must be a whole number
    exit code 3
    genetic-pool: Ray's HTTP port does not answer: [Errno 111] Connection refused
    hint: is this the head, and is it up?
    exit code 5
    ");
    let probe = docker(&address, &["exec", container, "python3", "/opt/genetic-pool/node.py", "probe"]);
    assert_eq!(probe.status.code(), Some(1));
    assert_snapshot!(String::from_utf8_lossy(&probe.stdout), @"Ray's agent does not answer at port 52365: [Errno 111] Connection refused");
}

#[test]
fn a_head_and_a_worker_by_hand() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let _cleared = Cleared::new(
        &address,
        &[
            "rm -f -v gp-test-node-head gp-test-node-worker-0 gp-test-node-worker-1 gp-test-node-control",
            "volume rm gp-test-node-secrets",
            "network rm gp-test-node-inner gp-test-node-outer",
        ]
        .map(str::to_owned),
    );
    let says = |arguments: &[&str]| docker_says(&address, arguments);
    // The outer network sorts before the inner one nowhere by chance: the head must not take its address from it.
    says(&["network", "create", "gp-test-node-outer"]);
    says(&["network", "create", "--internal", "gp-test-node-inner"]);
    says(&["create", "--name=gp-test-node-control", "--volume=gp-test-node-secrets:/run/genetic-pool", &image]);
    give_token(&address);

    let head = ["--name=gp-test-node-head", "--env=GENETIC_POOL_NODE=head", "--env=GENETIC_POOL_SLOTS=0"];
    says(&run("create", &[&head[..], &["--volume=/ray", &image, "head"]].concat()));
    says(&["network", "connect", "gp-test-node-outer", "gp-test-node-head"]);
    says(&["start", "gp-test-node-head"]);
    let worker = ["--env=GENETIC_POOL_HEAD=gp-test-node-head", "--volume=/ray", "--env=GENETIC_POOL_SLOTS=3"];
    let first = ["--name=gp-test-node-worker-0", "--env=GENETIC_POOL_NODE=worker-0"];
    says(&run("create", &[&first[..], &worker, &[&image, "worker"]].concat()));
    says(&["start", "gp-test-node-worker-0"]);

    let ready = |node: &str| {
        let end = Instant::now() + Duration::from_secs(90);
        let answer = || docker(&address, &["exec", node, "python3", "-I", "-S", "/opt/genetic-pool/node.py", "ready"]);
        let mut output = answer();
        while !output.status.success() {
            let log = docker(&address, &["logs", "--tail=20", node]);
            assert!(Instant::now() < end, "{node}: {output:?}\n{}", String::from_utf8_lossy(&log.stderr));
            thread::sleep(Duration::from_millis(300));
            output = answer();
        }
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    assert_eq!(ready("gp-test-node-head"), json!({"node": "head", "ready": true, "detail": "success"}));
    assert_eq!(ready("gp-test-node-worker-0"), json!({"node": "worker-0", "ready": true, "detail": "success"}));
    let healthy = says(&["exec", "gp-test-node-worker-0", "python3", "/opt/genetic-pool/node.py", "probe"]);
    assert!(healthy.contains("gcs: success"), "{healthy}");

    // Through the relay: what Ray knows of its nodes, which are told apart by name.
    let nodes = relayed(&address, "/api/v0/nodes?detail=1");
    let nodes = nodes["data"]["result"]["result"].as_array().unwrap().clone();
    let inner = |node: &str| {
        let format = "{{(index .NetworkSettings.Networks \"gp-test-node-inner\").IPAddress}}";
        says(&["inspect", "--format", format, node])
    };
    for (name, slots) in [("head", None), ("worker-0", Some(3.0))] {
        let node = nodes.iter().find(|node| node["node_name"] == name).unwrap();
        assert_eq!(node["resources_total"][format!("genetic_pool_node:{name}")], 1.0);
        assert_eq!(node["labels"]["genetic-pool-node"], name);
        assert_eq!(node["resources_total"]["CPU"].as_f64(), slots);
        assert_eq!(node["node_ip"], inner(&format!("gp-test-node-{name}")));
        // 0.8 of the shared memory.
        let store = node["resources_total"]["object_store_memory"].as_f64().unwrap();
        assert!((store - 0.8 * 128.0 * 1_048_576.0).abs() < 65_536.0, "{store}");
    }
    assert_eq!(relayed(&address, "/api/version")["ray_version"], RAY_VERSION);

    // A worker of another Ray: the same image with another version written into it.
    let second = ["--name=gp-test-node-worker-1", "--env=GENETIC_POOL_NODE=worker-1"];
    says(&run("create", &[&second[..], &worker, &["--entrypoint=bash", &image, "-c", OTHER_RAY]].concat()));
    says(&["start", "gp-test-node-worker-1"]);
    assert_eq!(says(&["wait", "gp-test-node-worker-1"]), "6");
    let log = docker(&address, &["logs", "gp-test-node-worker-1"]);
    let log = String::from_utf8_lossy(&log.stderr).into_owned();
    let last: Vec<&str> = log.lines().rev().take(2).collect();
    let python = last[1].split("Python ").nth(1).unwrap().split(',').next().unwrap();
    assert_snapshot!(format!("{}\n{}", last[1], last[0]).replace(python, "[PYTHON]"), @r"
    genetic-pool: the head runs Ray 2.60.0 on Python [PYTHON], this node Ray 2.59.0 on Python [PYTHON]
    hint: head and workers must be of one image: recreate the cluster
    ");

    // A program that was sent to a node can be run there, and what is asked to stop does.
    let script = "cp /bin/true /ray/sent && /ray/sent && ! cp /bin/true /tmp/sent && echo ran || /tmp/sent || echo ran";
    assert_eq!(says(&["exec", "gp-test-node-worker-0", "bash", "-c", script]), "ran");
    let start = Instant::now();
    says(&["stop", "--time=35", "gp-test-node-worker-0", "gp-test-node-head"]);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    for node in ["gp-test-node-head", "gp-test-node-worker-0", "gp-test-node-worker-1"] {
        let output = docker(&address, &["logs", node]);
        let inspected = says(&["inspect", node]);
        assert!(!String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).contains(TOKEN));
        assert!(!inspected.contains(TOKEN));
    }
}

/// A folder with all of Ray but its version, before the image's own.
const OTHER_RAY: &str = "\
mkdir /ray/other && cp -r /opt/genetic-pool/lib/python3*/site-packages/ray /ray/other/ \
&& sed -i 's/^version = .*/version = \"2.59.0\"/' /ray/other/ray/_version.py \
&& PYTHONPATH=/ray/other exec /opt/genetic-pool/bin/python3 /opt/genetic-pool/node.py worker";

/// Puts the token into the volume of secrets, as the owner that reads it.
fn give_token(address: &str) {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(TOKEN.len() as u64);
    header.set_mode(0o400);
    header.set_uid(10_001);
    header.set_gid(10_001);
    archive.append_data(&mut header, "token", TOKEN.as_bytes()).unwrap();
    let mut copy = Command::new("docker")
        .env("DOCKER_HOST", address)
        .args(["cp", "-", "gp-test-node-control:/run/genetic-pool"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    copy.stdin.take().unwrap().write_all(&archive.into_inner().unwrap()).unwrap();
    assert!(copy.wait().unwrap().success());
}

/// What Ray answers to `GET path`, asked through the head's relay.
fn relayed(address: &str, path: &str) -> Value {
    let mut relay = Command::new("docker")
        .env("DOCKER_HOST", address)
        .args(["exec", "-i", "gp-test-node-head", "python3", "-I", "-S", "/opt/genetic-pool/node.py", "relay"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: ray\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n");
    relay.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    let output = relay.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text}"));
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
}
