//! A cluster from `up` to `down`.

use std::time::Duration;

use genetic_pool_cluster::{
    ClusterError, Kind,
    cluster::{Cluster, ClusterEvent, Condition, LifeError, Lock, NodeSettings, Settings, Step, UpOptions, list},
    engine::Fault,
    names::Role,
    spec::Port,
};
use genetic_pool_testkit::{engine, image};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{deploy, docker::docker, ground::Ground};

fn options(image: &str, workers: u16) -> UpOptions {
    let settings = Settings {
        image: Some(image.to_owned()),
        workers: Some(workers),
        worker: NodeSettings { cpus: Some(1), memory: Some(1 << 30), shm: None },
        ..Settings::default()
    };
    UpOptions { settings, ..UpOptions::default() }
}

fn never() -> CancellationToken {
    CancellationToken::new()
}

fn told(error: &ClusterError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    format!("{error}{cause}{hint}")
}

#[tokio::test]
async fn a_cluster_lives_heals_and_leaves_nothing() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let mut ground = Ground::new(address, "life").await;
    let image = ground.pinned(&image);
    let (cluster, tell) = (&ground.cluster, ground.listener());
    let first = options(&image, 1);

    // A plan changes nothing.
    let planned = cluster.plan_up(&first.settings).await.unwrap();
    assert!(planned.steps.len() > 8 && !planned.builds_image, "{planned:?}");
    assert_eq!(ground.left(), "");

    let up = cluster.up(&first, &tell, &never()).await.unwrap();
    assert_eq!(up.steps, planned.steps);
    assert!(matches!(ground.events().last(), Some(ClusterEvent::Ready { .. })));
    closed(&ground);
    secret(&ground, up.address.as_deref().unwrap()).await;

    // Twice is once.
    assert_eq!(cluster.up(&UpOptions::default(), &tell, &never()).await.unwrap().steps, []);
    assert_eq!(cluster.up(&first, &tell, &never()).await.unwrap().steps, []);

    // One at a time.
    let id = &cluster.engine.facts().await.unwrap().id;
    let lock = Lock::acquire(id, &cluster.name, "scale").unwrap();
    let error = cluster.up(&first, &tell, &never()).await.unwrap_err();
    assert!(
        told(&error).starts_with(&format!("another `scale` of cluster `{}` is under way", cluster.name)),
        "{error}"
    );
    assert_eq!(error.kind(), Kind::Held);
    drop(lock);

    // Sizes stay.
    let before = cluster.state().wanted().await.unwrap().unwrap();
    let two = cluster.scale(2, &UpOptions::default(), &tell, &never()).await.unwrap();
    assert_eq!((two.wanted.worker, two.wanted.workers, two.wanted.revision), (before.worker, 2, 2));

    kept(&ground).await;
    heals(&ground).await;

    // A name that nearly is that of another is told apart.
    let near = Cluster { name: format!("{}x", cluster.name).parse().unwrap(), ..cluster.clone() };
    let error = near.scale(3, &UpOptions::default(), &tell, &never()).await.unwrap_err();
    assert!(told(&error).contains(&format!("did you mean `{}`?", cluster.name)), "{}", told(&error));
    assert_eq!(near.down(false, &tell).await.unwrap().nearest.as_deref(), Some(cluster.name.as_str()));

    let listed = list(&cluster.engine).await.unwrap();
    let listed = listed.iter().find(|listed| listed.name == cluster.name).unwrap();
    assert_eq!((listed.condition, listed.workers), (Condition::Up, 2));

    cluster.scale(1, &UpOptions::default(), &tell, &never()).await.unwrap();
    assert!(!ground.left().contains("worker-1"), "{}", ground.left());
    let drained = ground
        .events()
        .into_iter()
        .any(|event| matches!(event, ClusterEvent::Done { step: Step::RemoveContainer { drain: true, .. }, .. }));
    assert!(drained, "a worker that goes finishes what it has");

    assert!(!cluster.down(false, &tell).await.unwrap().steps.is_empty());
    assert_eq!(ground.left(), "");
    assert_eq!(cluster.down(false, &tell).await.unwrap().steps, []);
}

/// What the engine says of the nodes is what was promised.
fn closed(ground: &Ground) {
    for role in ["head", "worker-0"] {
        let inspected: Value = serde_json::from_str(&ground.docker(&["inspect", &ground.container(role)])).unwrap();
        let (config, host) = (&inspected[0]["Config"], &inspected[0]["HostConfig"]);
        assert_eq!(config["User"], "10001:10001");
        assert_eq!(config["Hostname"], ground.container(role));
        assert_eq!(host["ReadonlyRootfs"], true);
        assert_eq!(host["CapDrop"], json!(["ALL"]));
        assert_eq!(host["SecurityOpt"], json!(["no-new-privileges:true"]));
        assert_eq!(host["Privileged"], false);
        assert_eq!(host["Init"], true);
        assert_eq!(host["RestartPolicy"]["Name"], "unless-stopped");
        for limit in ["Memory", "NanoCpus", "PidsLimit", "ShmSize"] {
            assert!(host[limit].as_i64().unwrap() > 0, "{role} has no {limit}");
        }
        assert_eq!(host["Memory"], host["MemorySwap"], "no swap");
        let tmp = host["Tmpfs"]["/tmp"].as_str().unwrap();
        assert!(["noexec", "nosuid", "nodev"].iter().all(|option| tmp.contains(option)), "{tmp}");
        let mounts = inspected[0]["Mounts"].as_array().unwrap();
        assert!(mounts.iter().all(|mount| mount["Type"] == "volume"), "nothing of the engine's machine is mounted");
        let secrets = mounts.iter().find(|mount| mount["Destination"] == "/run/genetic-pool").unwrap();
        assert_eq!(secrets["RW"], false);
        let networks = inspected[0]["NetworkSettings"]["Networks"].as_object().unwrap();
        let ports = inspected[0]["NetworkSettings"]["Ports"].as_object().unwrap();
        let published: Vec<_> = ports.values().filter_map(Value::as_array).flatten().collect();
        if role == "head" {
            assert_eq!(networks.len(), 2);
            assert_eq!(published.len(), 1);
            assert_eq!(published[0]["HostIp"], "127.0.0.1");
        } else {
            assert_eq!(networks.keys().collect::<Vec<_>>(), [&format!("{}-inner", ground.cluster.name)]);
            assert_eq!(published.len(), 0);
        }
    }
    // Not even the engine's machine can be reached from a worker.
    let probe = "import socket\nfor port in (22, 80):\n  for address in ('172.17.0.1', '192.0.2.1'):\n    try: \
                 socket.create_connection((address, port), timeout=1); print('reached', address)\n    \
                 except ConnectionRefusedError: print('refused', address)\n    except OSError: pass";
    assert_eq!(ground.docker(&["exec", &ground.container("worker-0"), "python3", "-c", probe]), "");
}

/// The token is needed, and nowhere to be seen.
async fn secret(ground: &Ground, address: &str) {
    let token = ground.cluster.state().token().await.unwrap().unwrap();
    let script = format!("curl -s -o /dev/null -w '%{{http_code}}' {address}/api/version");
    let curl = |header: &str| {
        let output = std::process::Command::new("sh").args(["-c", &format!("{script} -H '{header}'")]).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    assert_eq!(curl("X-Nothing: x"), "401");
    assert_eq!(curl("Authorization: Bearer wrong"), "403");
    assert_eq!(curl(&format!("Authorization: Bearer {}", token.reveal())), "200");
    for role in ["control", "head", "worker-0"] {
        let name = ground.container(role);
        assert!(!ground.docker(&["inspect", &name]).contains(token.reveal()), "{role} shows the token");
        let logs = docker(&ground.address, &["logs", &name]);
        let logs = [logs.stdout, logs.stderr].concat();
        assert!(!String::from_utf8_lossy(&logs).contains(token.reveal()), "the log of {role} shows the token");
        if role != "control" {
            assert!(!ground.docker(&["top", &name, "-eo", "pid,args"]).contains(token.reveal()));
        }
    }
}

/// What is kept is there for every client, and comes back as it was.
async fn kept(ground: &Ground) {
    let state = ground.cluster.state();
    assert_eq!(state.list_jobs().await.unwrap(), []);
    state.put_job("run-1", &json!({ "id": 1 })).await.unwrap();
    state.put_job("run-2", &json!({ "id": 2 })).await.unwrap();
    state.put_job("run-1", &json!({ "id": 3 })).await.unwrap();
    assert_eq!(state.get_job("run-1").await.unwrap(), Some(json!({ "id": 3 })));
    state.remove_job("run-1").await.unwrap();
    assert_eq!(state.get_job("run-1").await.unwrap(), None);
    assert_eq!(state.list_jobs().await.unwrap(), [("run-2".to_owned(), json!({ "id": 2 }))]);

    // 3 MiB and an odd byte, written by the user of the head.
    let write = "import os; os.makedirs('/var/lib/genetic-pool/runs/x'); \
                 open('/var/lib/genetic-pool/runs/x/a.sqlite', 'wb').write(bytes(range(256)) * 12288 + b'!')";
    ground.docker(&["exec", &ground.container("head"), "python3", "-c", write]);
    let files = state.list_runs().await.unwrap();
    assert_eq!(
        files.iter().map(|file| (file.path.as_str(), file.size)).collect::<Vec<_>>(),
        [("x/a.sqlite", 3_145_729)]
    );
    let mut content = Vec::new();
    assert_eq!(state.get_run_file("x/a.sqlite", &mut content).await.unwrap(), Some(3_145_729));
    assert!(content.len() == 3_145_729 && content.ends_with(b"\xff!") && content[300] == 44);
    assert_eq!(state.get_run_file("x/none", &mut Vec::new()).await.unwrap(), None);
    assert!(state.get_run_file("../cluster.json", &mut Vec::new()).await.is_err());
    // What is root's stays root's.
    let steal =
        docker(&ground.address, &["exec", &ground.container("head"), "rm", "/var/lib/genetic-pool/cluster.json"]);
    assert!(!steal.status.success());
}

/// What is missing or broken is made good, and nothing else is touched.
async fn heals(ground: &Ground) {
    let (cluster, tell) = (&ground.cluster, ground.listener());
    let head = ground.docker(&["inspect", "--format", "{{.Id}}", &ground.container("head")]);
    let token = cluster.state().token().await.unwrap();
    ground.docker(&["kill", &ground.container("worker-0")]);
    ground.docker(&["rm", "--force", &ground.container("worker-1"), &ground.container("control")]);
    let up = cluster.up(&UpOptions::default(), &tell, &never()).await.unwrap();
    let expected = [
        Step::Start { role: Role::Worker(0), name: ground.container("worker-0") },
        Step::Create { role: Role::Worker(1), name: ground.container("worker-1") },
    ];
    assert_eq!(up.steps, expected);
    assert_eq!(ground.docker(&["inspect", "--format", "{{.Id}}", &ground.container("head")]), head);
    assert_eq!(cluster.state().token().await.unwrap(), token);
    assert_eq!(cluster.state().list_jobs().await.unwrap().len(), 1);
}

/// Nodes that do nothing at all.
const IDLE: &str = "import time\nprint('idle', flush=True)\ntime.sleep(600)";

#[tokio::test]
async fn what_fails_says_why_and_is_taken_back() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let mut ground = Ground::new(address, "fail").await;
    let idle = ground.image(&image, IDLE, &[]);
    let hungry = "import sys, time\nif sys.argv[1] == 'head': time.sleep(600)\nprint('eating', flush=True)\nx = []\n\
                  while True: x.append(bytearray(1 << 24))";
    let hungry = ground.image(&image, hungry, &[]);
    let lost = "import sys\nprint(f'genetic-pool: {sys.argv[1]} is lost', file=sys.stderr)\nsys.exit(4)";
    let lost = ground.image(&image, lost, &[]);
    let old = ground.image(&image, IDLE, &["genetic-pool.ray=2.59.0"]);
    let (cluster, tell) = (&ground.cluster, ground.listener());

    // A port that is taken.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut with_port = options(&idle, 1);
    with_port.settings.port = Some(Port::Fixed(port));
    let error = cluster.up(&with_port, &tell, &never()).await.unwrap_err();
    let ClusterError::Engine(of_engine) = &error else { panic!("{error:?}") };
    assert_eq!(of_engine.fault(), Some(Fault::PortTaken), "{error:?}");
    assert!(told(&error).contains("`--port`") && told(&error).contains(&port.to_string()), "{}", told(&error));
    assert_eq!(error.kind(), Kind::Failed);
    assert_eq!(ground.left(), "");

    // A node that never answers.
    let impatient = UpOptions { timeout: Duration::from_secs(3), ..options(&idle, 1) };
    let error = cluster.up(&impatient, &tell, &never()).await.unwrap_err();
    let shown = told(&error);
    assert!(shown.contains("is not ready after 3 s: head, worker-0 are not"), "{shown}");
    assert!(shown.contains("worker-0: it runs, and its Ray does not answer"), "{shown}");
    assert!(shown.contains("| idle") && shown.contains("`--keep`"), "{shown}");
    assert_eq!(ground.left(), "");

    // A node that ends by itself, for good reasons: nobody waits for the deadline.
    let error = cluster.up(&options(&lost, 1), &tell, &never()).await.unwrap_err();
    let shown = told(&error);
    assert!(shown.contains("ended with exit code 4"), "{shown}");
    assert!(shown.contains("| genetic-pool: head is lost") || shown.contains("worker is lost"), "{shown}");
    assert_eq!(ground.left(), "");

    // Out of memory at start.
    let error = cluster.up(&options(&hungry, 1), &tell, &never()).await.unwrap_err();
    let shown = told(&error);
    assert!(shown.contains("worker-0: it was killed: it took more than the 1GiB of memory it may have"), "{shown}");
    assert!(shown.contains("hint: give it more with `--memory`"), "{shown}");
    assert_eq!(ground.left(), "");

    // Images that will not do.
    let error = cluster.up(&options("t-none:1", 1), &tell, &never()).await.unwrap_err();
    assert_eq!(told(&error), "there is no image `t-none:1`\nhint: `image build --tag t-none:1` builds it");
    let error = cluster.up(&options(&old, 1), &tell, &never()).await.unwrap_err();
    assert!(told(&error).contains("holds Ray 2.59.0; this program works with Ray 2.60.0"), "{}", told(&error));

    // Interrupted while it waits.
    ground.events();
    let cancel = CancellationToken::new();
    let interrupt = |event: ClusterEvent| {
        if matches!(event, ClusterEvent::Waiting { .. }) {
            cancel.cancel();
        }
        tell(event);
    };
    let error = cluster.up(&options(&idle, 2), &interrupt, &cancel).await.unwrap_err();
    assert!(matches!(error, ClusterError::Interrupted), "{error:?}");
    assert!(matches!(ground.events().last(), Some(ClusterEvent::RolledBack)));
    assert_eq!(ground.left(), "");

    // Kept on request, then half removed by hand: what was wanted is lost with the volume.
    let keep = UpOptions { keep: true, ..impatient };
    cluster.up(&keep, &tell, &never()).await.unwrap_err();
    assert!(ground.left().contains("worker-0"));
    ground.docker(&["rm", "--force", &ground.container("control"), &ground.container("head")]);
    ground.docker(&["volume", "rm", &ground.container("state")]);
    let error = cluster.up(&UpOptions::default(), &tell, &never()).await.unwrap_err();
    assert!(matches!(error, ClusterError::Life(LifeError::Lost { .. })), "{error:?}");
    assert!(told(&error).contains("says it anew and mends the cluster"), "{}", told(&error));
    // With what was lost said anew, all is planned anew: the token was kept, but nobody can tell.
    let planned = cluster.plan_up(&options(&idle, 1).settings).await.unwrap();
    assert!(planned.steps.contains(&Step::CreateControl { name: ground.container("control") }), "{planned:?}");

    // A container of somebody else by our name is left alone.
    cluster.down(false, &tell).await.unwrap();
    assert_eq!(ground.left(), "");
    let stranger = ground.docker(&["create", "--name", &ground.container("head"), &idle]);
    let error = cluster.up(&options(&idle, 1), &tell, &never()).await.unwrap_err();
    assert!(matches!(error, ClusterError::Life(LifeError::NameTaken { .. })), "{error:?}");
    assert_eq!(ground.docker(&["rm", &stranger]), stranger);
    assert_eq!(ground.left(), "");

    // So is a volume, which the engine would hand over as if it were new.
    let state = ground.container("state");
    ground.docker(&["volume", "create", &state]);
    let error = cluster.up(&options(&idle, 1), &tell, &never()).await.unwrap_err();
    assert_eq!(
        told(&error),
        format!(
            "the volume `{state}` is there and belongs to no cluster of that name\nhint: name the cluster otherwise with \
             `--cluster`, or remove it: `docker volume rm {state}`"
        )
    );
    assert_eq!(ground.docker(&["volume", "rm", &state]), state);
    assert_eq!(ground.left(), "");
}

/// A Ray that works on something and does not answer is not removed unasked.
#[tokio::test]
async fn what_may_be_at_work_stays() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let mut ground = Ground::new(address, "unasked").await;
    let idle = ground.image(&image, IDLE, &[]);
    let (cluster, tell) = (&ground.cluster, ground.listener());
    let keep = UpOptions { keep: true, timeout: Duration::from_secs(1), ..options(&idle, 1) };
    cluster.up(&keep, &tell, &never()).await.unwrap_err();

    // Nothing was ever submitted, so nothing is at work.
    cluster.check_idle().await.unwrap();
    cluster.state().put_job("run-1", &json!({ "id": 1 })).await.unwrap();
    let error = cluster.down(false, &tell).await.unwrap_err();
    let shown = told(&error);
    assert!(
        shown.starts_with(&format!("whether a run is at work on cluster `{}` cannot be told: ", cluster.name)),
        "{shown}"
    );
    assert!(shown.contains("does not answer") && shown.contains("`--force` goes on all the same"), "{shown}");
    assert_eq!(error.kind(), Kind::Failed);
    // Nor is it replaced because something else was asked for; what is broken is.
    let changed = NodeSettings { memory: Some(3 << 29), ..NodeSettings::default() };
    let more = Settings { head: changed, ..Settings::default() };
    let more = UpOptions { settings: more, keep: false, ..keep };
    let error = cluster.up(&more, &tell, &never()).await.unwrap_err();
    assert!(matches!(error, ClusterError::Life(LifeError::Unasked { .. })), "{error:?}");
    // What is replaced by force and fails is wanted as it was, and said to be missing.
    let before = cluster.state().wanted().await.unwrap().unwrap();
    ground.events();
    cluster.up(&UpOptions { force: true, ..more }, &tell, &never()).await.unwrap_err();
    assert!(matches!(ground.events().last(), Some(ClusterEvent::LeftMissing { .. })));
    let after = cluster.state().wanted().await.unwrap().unwrap();
    assert_eq!((after.head, after.revision), (before.head, before.revision + 2));

    // The way to what is kept is found again where it was removed by hand.
    ground.docker(&["rm", "--force", &ground.container("control")]);
    cluster.mend(&tell).await.unwrap();
    assert_eq!(cluster.state().list_jobs().await.unwrap().len(), 1);
    cluster.mend(&tell).await.unwrap();

    cluster.down(true, &tell).await.unwrap();
    assert_eq!(ground.left(), "");
}

/// A worker whose Ray is another one than the head's: Ray itself says so, and nobody waits for the deadline.
#[tokio::test]
async fn a_worker_of_another_ray_is_told() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let mut ground = Ground::new(address, "other-ray").await;
    let other = "import runpy, sys\nsys.argv = ['node.py', *sys.argv[1:]]\nif sys.argv[1] == 'worker':\n    \
                 import ray\n    ray.__version__ = '2.59.0'\n\
                 runpy.run_path('/opt/genetic-pool/node.py', run_name='__main__')";
    let other = ground.image(&image, other, &[]);
    let (cluster, tell) = (&ground.cluster, ground.listener());
    let error = cluster.up(&options(&other, 1), &tell, &never()).await.unwrap_err();
    let shown = told(&error);
    assert!(shown.contains("worker-0: it ended with exit code 6"), "{shown}");
    assert!(shown.contains("| genetic-pool: the head runs Ray 2.60.0 on Python 3."), "{shown}");
    assert!(shown.contains("this node Ray 2.59.0 on Python 3."), "{shown}");
    assert!(shown.contains("head and workers must be of one image"), "{shown}");
    assert_eq!(ground.left(), "");
}

#[tokio::test]
async fn the_example_of_the_library_runs() {
    let Some(address) = engine() else { return };
    let ground = Ground::new(address, "example").await;
    let engine = ground.cluster.engine.clone();
    let options = genetic_pool_testkit::build_options(&engine).await;
    deploy::deploy(engine, &options, ground.cluster.name.clone(), 1).await.unwrap();
    assert_eq!(ground.left(), "");
}
