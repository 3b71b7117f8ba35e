//! Watching: logs and figures of containers that only print, and of a real cluster.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{Stream, StreamExt};
use genetic_pool_cluster::{
    ClusterError,
    cluster::{
        Cluster, LogLine, LogOptions, NodeState, Settings, Source, StatsOptions, Trouble, UpOptions, WatchError,
    },
    engine::Engine,
    names::{ClusterName, Role},
};
use genetic_pool_testkit::{engine, image};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::docker::{docker, docker_says};

/// Longer than anything takes that comes at all.
const PATIENCE: Duration = Duration::from_mins(2);

/// A cluster of a test, whose every trace is removed at its end.
struct Pond {
    address: String,
    image: String,
    cluster: Cluster,
}

impl Pond {
    async fn new(address: &str, name: &str) -> Pond {
        let name: ClusterName = format!("gp-watch-{name}-{}", std::process::id()).parse().unwrap();
        let engine = Engine::connect(Some(address)).await.unwrap();
        let pond = Pond { address: address.to_owned(), image: image(address), cluster: Cluster { engine, name } };
        pond.clear();
        pond
    }

    /// A container that carries the labels of the node `role` and runs `script`.
    fn node(&self, role: &str, script: &str) {
        let name = format!("{}-{role}", self.cluster.name);
        let label = format!("genetic-pool.cluster={}", self.cluster.name);
        let role = format!("genetic-pool.role={role}");
        self.docker(&[
            "run",
            "-d",
            "--name",
            &name,
            "--label",
            &label,
            "--label",
            &role,
            "--no-healthcheck",
            "--network",
            "none",
            "--entrypoint",
            "sh",
            &self.image,
            "-c",
            script,
        ]);
    }

    fn container(&self, role: Role) -> String {
        self.cluster.name.container(role)
    }

    #[track_caller]
    fn docker(&self, arguments: &[&str]) -> String {
        docker_says(&self.address, arguments)
    }

    async fn lines(&self, options: LogOptions) -> Vec<String> {
        let logs = self.cluster.logs(options).await.unwrap();
        timeout(PATIENCE, logs.map(|line| told(&line.unwrap())).collect()).await.unwrap()
    }

    fn clear(&self) {
        let filter = format!("label=genetic-pool.cluster={}", self.cluster.name);
        for (list, remove) in [
            (&["ps", "-aq", "--filter", &filter][..], &["rm", "-fv"][..]),
            (&["network", "ls", "-q", "--filter", &filter], &["network", "rm"]),
            (&["volume", "ls", "-q", "--filter", &filter], &["volume", "rm"]),
        ] {
            let ids = String::from_utf8(docker(&self.address, list).stdout).unwrap();
            for id in ids.lines() {
                docker(&self.address, &[remove, &[id]].concat());
            }
        }
    }
}

impl Drop for Pond {
    fn drop(&mut self) {
        self.clear();
    }
}

fn told(line: &LogLine) -> String {
    format!("{}: {}", line.node, line.text)
}

/// The next line that `is` what is waited for, and those before it.
async fn until(
    lines: &mut (impl Stream<Item = Result<LogLine, ClusterError>> + Unpin),
    mut is: impl FnMut(&LogLine) -> bool,
) -> Vec<LogLine> {
    let mut seen = Vec::new();
    let found = timeout(PATIENCE, async {
        while let Some(line) = lines.next().await {
            let line = line.unwrap();
            let found = is(&line);
            seen.push(line);
            if found {
                return;
            }
        }
        panic!("the logs ended after {:?}", seen.last());
    });
    found.await.unwrap_or_else(|_| panic!("it never came"));
    seen
}

#[tokio::test]
async fn what_was_printed_is_merged_by_time_cut_and_whole() {
    let Some(address) = engine() else { return };
    let pond = Pond::new(&address, "written").await;
    let at = "until [ $(date +%s%N) -ge $((T + $1)) ]; do :; done";
    let begin: u128 = pond.docker(&["run", "--rm", "--entrypoint", "date", &pond.image, "+%s%N"]).parse().unwrap();
    let script = |body: &str| format!("T={}; at() {{ {at}; }}; {body}", begin + 3_000_000_000);
    pond.node("head", &script("at 0; echo a; at 200000000; echo c >&2; at 400000000; printf 'e, no end'"));
    pond.node("worker-0", &script("at 100000000; echo b; at 300000000; head -c 40000 /dev/zero | tr '\\0' d; echo"));
    for role in [Role::Head, Role::Worker(0)] {
        pond.docker(&["wait", &pond.container(role)]);
    }

    let lines = pond.lines(LogOptions::default()).await;
    let long = format!("worker-0: {}", "d".repeat(40_000));
    assert_eq!(lines, ["head: a", "worker-0: b", "head: c", &long, "head: e, no end"]);
    let tail = LogOptions { tail: Some(1), ..LogOptions::default() };
    assert_eq!(pond.lines(LogOptions { nodes: vec!["head".into()], ..tail.clone() }).await, ["head: e, no end"]);
    let none = LogOptions { tail: Some(0), ..LogOptions::default() };
    assert_eq!(pond.lines(none).await, [""; 0]);

    let logs = pond.cluster.logs(LogOptions::default()).await.unwrap();
    let all: Vec<LogLine> = logs.map(Result::unwrap).collect().await;
    assert_eq!(all[2].source, Source::Stderr);
    let between = LogOptions { since: all[1].time, until: all[2].time, ..LogOptions::default() };
    assert_eq!(pond.lines(between.clone()).await, ["worker-0: b", "head: c"]);
    let last = LogOptions { until: all[2].time, ..tail };
    assert_eq!(pond.lines(last).await, ["worker-0: b", "head: c"]);

    let error = pond.cluster.logs(LogOptions { nodes: vec!["worker-1".into()], ..between }).await.unwrap_err();
    assert!(matches!(error, ClusterError::Watch(WatchError::Node { .. })), "{error}");
}

#[tokio::test]
async fn what_is_followed_goes_on_over_restarts_and_with_nodes_that_join_until_nothing_is_left() {
    let Some(address) = engine() else { return };
    let pond = Pond::new(&address, "followed").await;
    // Counts, and says so at both streams in turn.
    let count = "i=0; while :; do i=$((i+1)); echo $i; i=$((i+1)); echo $i >&2; sleep 0.01; done";
    pond.node("head", count);
    pond.node("worker-0", "echo once; sleep 600");
    let options = LogOptions { follow: true, ..LogOptions::default() };
    let mut logs = pond.cluster.logs(options).await.unwrap();
    let head = pond.container(Role::Head);
    let mut all = until(&mut logs, |line| line.node == Role::Head && line.text == "60").await;
    for _ in 0..2 {
        pond.docker(&["restart", "-t", "0", &head]);
        all.extend(until(&mut logs, |line| line.node == Role::Head && line.text == "1").await);
        all.extend(until(&mut logs, |line| line.node == Role::Head && line.text == "60").await);
    }
    // One that joins, and one that takes the place of another.
    pond.node("worker-1", "echo here; sleep 600");
    all.extend(until(&mut logs, |line| told(line) == "worker-1: here").await);
    pond.docker(&["rm", "-f", &pond.container(Role::Worker(0))]);
    pond.node("worker-0", "echo again; sleep 600");
    all.extend(until(&mut logs, |line| told(line) == "worker-0: again").await);
    assert_eq!(all.iter().filter(|line| told(line) == "worker-0: once").count(), 1);

    pond.clear();
    all.extend(timeout(PATIENCE, logs.map(Result::unwrap).collect::<Vec<_>>()).await.unwrap());
    // Each run counts from 1 without a gap, nothing comes twice. The two streams of a container are read apart, so one
    // may be a few numbers ahead.
    for source in [Source::Stdout, Source::Stderr] {
        let numbers = all.iter().filter(|line| line.node == Role::Head && line.source == source);
        let numbers: Vec<u64> = numbers.map(|line| line.text.parse().unwrap()).collect();
        let first = if source == Source::Stdout { 1 } else { 2 };
        assert_eq!(numbers[0], first);
        let mut runs = 1;
        for pair in numbers.windows(2) {
            if pair[1] == first {
                runs += 1;
            } else {
                assert_eq!(pair[1], pair[0] + 2, "{source:?}");
            }
        }
        assert_eq!(runs, 3, "{source:?}");
    }
}

#[tokio::test]
async fn figures_are_those_of_docker() {
    let Some(address) = engine() else { return };
    let pond = Pond::new(&address, "figures").await;
    pond.node("head", "while :; do :; done");
    pond.node("worker-0", "head -c 50000000 /dev/zero > /dev/shm/x; sleep 600");
    pond.docker(&["update", "--cpus", "0.3", &pond.container(Role::Head)]);

    let told = pond.cluster.stats(StatsOptions { follow: true, ..StatsOptions::default() }).await.unwrap();
    let names = [pond.container(Role::Head), pond.container(Role::Worker(0))];
    let format = "{{.CPUPerc}} {{.PIDs}} {{.MemPerc}}";
    let address = address.clone();
    let docker = tokio::task::spawn_blocking(move || {
        names.map(|name| docker_says(&address, &["stats", "--no-stream", "--format", format, &name]))
    });
    // What is measured while Docker measures.
    let mut ours: BTreeMap<Role, Vec<_>> = BTreeMap::new();
    let gather = async {
        tokio::pin!(told);
        while let Some(stats) = told.next().await {
            let stats = stats.unwrap();
            ours.entry(stats.node).or_default().push(stats);
            if ours.len() == 2 && ours.values().all(|stats| stats.len() >= 5) {
                break;
            }
        }
    };
    timeout(PATIENCE, gather).await.unwrap();
    let docker = docker.await.unwrap();
    for (said, stats) in docker.iter().zip(ours.values()) {
        let said: Vec<f64> = said.split(' ').map(|word| word.trim_end_matches('%').parse().unwrap()).collect();
        let cpus: Vec<f64> = stats.iter().map(|stats| stats.cpu_percent).collect();
        let mean = cpus.iter().sum::<f64>() / cpus.len() as f64;
        assert!((mean - said[0]).abs() < 10.0, "{cpus:?} {said:?}");
        let last = stats.last().unwrap();
        assert_eq!(last.processes as f64, said[1]);
        let memory = last.memory as f64 / last.memory_limit as f64 * 100.0;
        assert!((memory - said[2]).abs() < 0.2, "{memory} {said:?}");
    }

    // Once each, and only those that run.
    pond.docker(&["kill", &pond.container(Role::Worker(0))]);
    let once = pond.cluster.stats(StatsOptions::default()).await.unwrap();
    let nodes: Vec<Role> = timeout(PATIENCE, once.map(|stats| stats.unwrap().node).collect()).await.unwrap();
    assert_eq!(nodes, [Role::Head]);
    pond.docker(&["kill", &pond.container(Role::Head)]);
    let error = pond.cluster.stats(StatsOptions::default()).await.unwrap_err();
    assert!(matches!(error, ClusterError::Watch(WatchError::Still { .. })), "{error}");
}

#[tokio::test]
async fn a_real_cluster() {
    let Some(address) = engine() else { return };
    let pond = Pond::new(&address, "real").await;
    let cluster = &pond.cluster;
    let error = cluster.status().await.unwrap_err();
    assert!(matches!(error, ClusterError::Watch(WatchError::Cluster { .. })), "{error}");
    let settings = Settings { workers: Some(1), image: Some(pond.image.clone()), ..Settings::default() };
    let options = UpOptions { settings, ..UpOptions::default() };
    cluster.up(&options, &|_| {}, &CancellationToken::new()).await.unwrap();

    let status = cluster.status().await.unwrap();
    assert!(status.ready && status.ray, "{status:#?}");
    assert_eq!(status.nodes.len(), 2);
    for node in &status.nodes {
        assert!(node.troubles.is_empty(), "{node:#?}");
        assert!(node.ray.as_ref().unwrap().alive && node.started.is_some(), "{node:#?}");
        assert_eq!(node.image.as_deref(), Some(pond.image.as_str()));
        // Ray's first report may be some seconds away.
        assert!(node.slots.used.is_none_or(|used| used == 0.0), "{node:#?}");
    }

    // What nodes print, and Ray's own files: of those that run, and of one that does not.
    let lines = pond.lines(LogOptions { tail: Some(20), ..LogOptions::default() }).await;
    assert!(
        lines.iter().any(|line| line.starts_with("head: ")) && lines.iter().any(|line| line.starts_with("worker-0: "))
    );
    let ray = LogOptions { ray: Some("raylet.out".into()), ..LogOptions::default() };
    let running = pond.lines(LogOptions { nodes: vec!["worker-0".into()], ..ray.clone() }).await;
    assert!(running.iter().any(|line| line.contains("raylet")), "{running:?}");
    let wrong = LogOptions { ray: Some("raylet.oot".into()), ..LogOptions::default() };
    let error = cluster.logs(wrong).await.unwrap_err();
    assert_eq!(error.hint().unwrap(), "did you mean `raylet.out`?");
    for outside in ["../../../../etc/passwd", "/etc/passwd", ""] {
        let error = cluster.logs(LogOptions { ray: Some(outside.into()), ..LogOptions::default() }).await.unwrap_err();
        assert!(matches!(error, ClusterError::Watch(WatchError::File { .. })), "{error}");
    }
    // What follows a file ends with whoever reads it, also inside the node.
    let follow = LogOptions { follow: true, tail: Some(2), nodes: vec!["worker-0".into()], ..ray.clone() };
    let mut followed = cluster.logs(follow).await.unwrap();
    assert_eq!(until(&mut followed, |_| true).await.len(), 1);
    let worker = pond.container(Role::Worker(0));
    assert!(pond.docker(&["top", &worker]).contains("tail"));
    drop(followed);
    let gone = async {
        while pond.docker(&["top", &worker]).contains("tail") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, gone).await.unwrap();

    // A node that is started again gives no line of its file twice.
    let follow = LogOptions { follow: true, nodes: vec!["worker-0".into()], ..ray.clone() };
    let mut followed = cluster.logs(follow).await.unwrap();
    let mut seen = until(&mut followed, |line| line.text == running[0]["worker-0: ".len()..]).await;
    pond.docker(&["restart", "-t", "0", &worker]);
    pond.docker(&["exec", &worker, "sh", "-c", "echo after >> /ray/session_latest/logs/raylet.out"]);
    seen.extend(until(&mut followed, |line| line.text == "after").await);
    assert_eq!(seen.iter().filter(|line| told(line) == running[0]).count(), 1, "{seen:?}");
    drop(followed);

    let trouble = async |role: Role| {
        let status = cluster.status().await.unwrap();
        assert!(!status.ready);
        status.nodes.into_iter().find(|node| node.role == role).unwrap().troubles.remove(0)
    };
    pond.docker(&["pause", &worker]);
    assert_eq!(trouble(Role::Worker(0)).await, Trouble::Paused);
    pond.docker(&["unpause", &worker]);
    pond.docker(&["kill", &worker]);
    let ended = trouble(Role::Worker(0)).await.to_string();
    assert!(ended.starts_with("killed, ") && ended.ends_with(" ago: `cluster up` heals"), "{ended}");
    let stopped = pond.lines(LogOptions { nodes: vec!["worker-0".into()], ..ray }).await;
    assert!(stopped.len() >= running.len() && stopped.contains(&running[0]), "{stopped:?}");
    pond.docker(&["rm", "-f", &worker]);
    assert_eq!(trouble(Role::Worker(0)).await, Trouble::Gone);
    pond.docker(&["rm", "-f", &pond.container(Role::Head)]);
    let status = cluster.status().await.unwrap();
    assert!(!status.ready && !status.ray);
    assert_eq!(status.nodes[0].state, NodeState::Gone);
    assert_eq!(status.wanted.unwrap().workers, 1);
    let said = status.troubles[0].to_string();
    assert!(said.starts_with("Ray does not answer: ") && said.contains("no head"), "{said}");
}
