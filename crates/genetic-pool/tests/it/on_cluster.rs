//! The same run on a cluster: the same digest, whatever is killed in the middle.

use std::time::Duration;

use genetic_pool_cluster::engine::Engine;
use genetic_pool_testkit::{Ended, Running, TestContext, engine, image};
use rustix::process::{Pid, Signal, kill_process};

use crate::scene::{digest, python};

/// Takes 20 ms.
const SLOW: &str = "
import time

def f(parameters, context):
    time.sleep(0.02)
    return parameters['x'] * parameters['x']
";

/// For what starts containers or jobs on a busy machine.
const LONG: Duration = Duration::from_mins(5);

/// A cluster of a test's own, gone with it.
struct OwnCluster<'a> {
    name: String,
    context: &'a TestContext,
    engine: Engine,
    runtime: tokio::runtime::Runtime,
}

impl<'a> OwnCluster<'a> {
    fn up(context: &'a TestContext, address: &str, image: &str) -> OwnCluster<'a> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let engine = runtime.block_on(Engine::connect(Some(address))).unwrap();
        let cluster = OwnCluster { name: format!("travel-{}", std::process::id()), context, engine, runtime };
        cluster.heal(&["--workers", "2", "--slots-per-worker", "2", "--port", "any", "--image", image]);
        cluster
    }

    /// `cluster up`.
    fn heal(&self, more: &[&str]) {
        let up = [&["cluster", "up", "--cluster", &self.name], more].concat();
        self.context.spawn(&up).wait(LONG).success();
    }

    fn start(&self, arguments: &[&str]) -> Running {
        self.context
            .spawn(&arguments.iter().map(|word| if *word == "NAME" { &*self.name } else { word }).collect::<Vec<_>>())
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).wait(LONG)
    }

    /// The processes of a node: their ids here, and what they are.
    fn processes(&self, node: &str) -> Vec<(i32, String)> {
        let container = format!("{}-{node}", self.name);
        let top = self.runtime.block_on(self.engine.docker().top_processes(&container, None)).unwrap();
        let titles = top.titles.unwrap();
        let column = |title: &str| titles.iter().position(|name| name == title).unwrap();
        let (pid, command) = (column("PID"), column("CMD"));
        let rows = top.processes.unwrap().into_iter();
        rows.map(|row| (row[pid].parse().unwrap(), row[command].clone())).collect()
    }

    /// Fails where a process of a run is left on any node.
    fn assert_nothing_works(&self) {
        let end = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            let nodes = ["head", "worker-0", "worker-1"].into_iter();
            let mut left: Vec<_> = nodes.flat_map(|node| self.processes(node)).collect();
            left.retain(|(_, command)| command.contains("bin/genetic-pool") || command.contains("genetic-pool drive"));
            if left.is_empty() {
                return;
            }
            assert!(std::time::Instant::now() < end, "{left:?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn kill_container(&self, node: &str) {
        let container = format!("{}-{node}", self.name);
        self.runtime.block_on(self.engine.docker().kill_container(&container, None)).unwrap();
    }
}

impl Drop for OwnCluster<'_> {
    fn drop(&mut self) {
        let down = self.context.run(&["cluster", "down", "--force", "--cluster", &self.name]);
        assert!(std::thread::panicking() || down.code == Some(0), "{}", down.unfiltered());
    }
}

/// What a run shows once it evaluates.
const UNDER_WAY: &str = "\"event\":\"generation\"";

fn events(ended: &Ended) -> Vec<serde_json::Value> {
    ended.json_lines()
}

#[test]
fn a_run_on_a_cluster_is_the_same_run() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let context = python(SLOW, "").env("DOCKER_HOST", &address);
    let cluster = OwnCluster::up(&context, &address, &image);

    built_in_problems(&cluster);
    let set = ["--set", "stop.evaluations=1000", "--set", "parallel=8"];
    let slow = [&["run", "experiment.toml", "--json"], &set[..]].concat();
    let away = [&slow[..], &["--on", "NAME", "--place", "nodes"]].concat();
    let whole = digest(&context.run(&slow).success());
    let there = cluster.run(&away).success();
    assert_eq!(digest(&there), whole);
    assert_eq!(events(&there)[0]["slots"], 4, "{there}");
    cluster.assert_nothing_works();

    detached(&cluster, &away, &whole);
    interrupted(&cluster, &away, &whole);
    worker_killed(&cluster, &away, &whole);
    driver_killed(&cluster, &away, &whole);
    head_killed(&cluster, &away, &whole);
    taken_down(&cluster, &away, &whole);
}

fn built_in_problems(cluster: &OwnCluster<'_>) {
    let context = cluster.context;
    context.write("a.toml", "format = 1\n[problem]\nname = \"rastrigin\"\n[stop]\nevaluations = 20_000\n");
    let here = context.run(&["run", "a.toml", "--json"]).success();
    for place in ["auto", "driver"] {
        let there = cluster.run(&["run", "a.toml", "--json", "--on", "NAME", "--place", place]).success();
        assert_eq!(digest(&there), digest(&here), "{place}");
        // What takes microseconds is not worth its journey, which is found out and said.
        assert_eq!(there.stdout.contains("done beside the driver"), place == "auto", "{there}");
        let run = events(&there)[0]["run"].as_str().unwrap().to_owned();
        context.run(&["runs", "compare", "latest", &run]).success();
    }
}

fn detached(cluster: &OwnCluster<'_>, away: &[&str], whole: &str) {
    let begun = cluster.run(&[away, &["--detach"]].concat()).success();
    let run = begun.json()["run"].as_str().unwrap().to_owned();
    let watching = cluster.start(&["watch", "--json"]);
    watching.wait_for_stdout(UNDER_WAY, LONG);
    watching.interrupt();
    watching.wait(LONG).expect(130).json_lines();
    let stopped = cluster.run(&["stop", &run]).success();
    assert_eq!(stopped.stdout, format!("{run}  stopped\n"));
    cluster.assert_nothing_works();
    let listed = cluster.run(&["runs", "list", "--json"]).success().json();
    let last = listed["runs"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["state"], &last["cluster"]), (&"stopped".into(), &cluster.name.as_str().into()));
    let resumed = cluster.run(&["resume", "--json"]).success();
    assert_eq!(digest(&resumed), whole);
    // It is finished, and at home here.
    assert!(cluster.run(&["watch"]).expect(3).stderr.contains("there is no run on a cluster"));
    assert!(cluster.run(&["watch", "NAME", "--json"]).success().stdout.contains(whole));
}

fn interrupted(cluster: &OwnCluster<'_>, away: &[&str], whole: &str) {
    let running = cluster.start(away);
    running.wait_for_stdout(UNDER_WAY, LONG);
    running.interrupt();
    let ended = running.wait(LONG).expect(130);
    assert_eq!(events(&ended).last().unwrap()["stop"], "interrupted");
    cluster.assert_nothing_works();
    // One that is stopped before it begins leaves nothing behind.
    let begun = cluster.run(&[away, &["--detach"]].concat()).success();
    let early = cluster.run(&["stop", begun.json()["run"].as_str().unwrap()]).success();
    assert!(early.stdout.is_empty() || early.stdout.ends_with("  stopped\n"), "{early}");
    let run = events(&ended)[0]["run"].as_str().unwrap().to_owned();
    // Fetched for good it goes on here.
    let resumed = cluster.run(&["resume", &run, "--on", "here", "--json"]).success();
    assert_eq!(digest(&resumed), whole);
}

fn worker_killed(cluster: &OwnCluster<'_>, away: &[&str], whole: &str) {
    let running = cluster.start(away);
    running.wait_for_stdout(UNDER_WAY, LONG);
    cluster.kill_container("worker-1");
    assert_eq!(digest(&running.wait(LONG).success()), whole);
    cluster.heal(&[]);
}

fn driver_killed(cluster: &OwnCluster<'_>, away: &[&str], whole: &str) {
    let running = cluster.start(away);
    running.wait_for_stdout(UNDER_WAY, LONG);
    let driver = cluster.processes("head").into_iter().find(|(_, command)| command.contains("bin/genetic-pool drive"));
    kill_process(Pid::from_raw(driver.unwrap().0).unwrap(), Signal::KILL).unwrap();
    let broken = running.wait(LONG).expect(9);
    assert!(broken.stderr.contains("its program was killed (signal 9)"), "{broken}");
    assert!(broken.stderr.contains("hint: nothing that was recorded is lost: `resume "), "{broken}");
    let resumed = cluster.run(&["resume", "--json"]).success();
    assert_eq!(digest(&resumed), whole);
    cluster.assert_nothing_works();
}

fn head_killed(cluster: &OwnCluster<'_>, away: &[&str], whole: &str) {
    let running = cluster.start(away);
    running.wait_for_stdout(UNDER_WAY, LONG);
    cluster.kill_container("head");
    let broken = running.wait(LONG).expect(9);
    assert!(broken.stderr.contains(&format!("the head of cluster `{}` is exited", cluster.name)), "{broken}");
    assert!(broken.stderr.contains("then `resume "), "{broken}");
    cluster.run(&["resume"]).expect(9).json_lines();
    cluster.heal(&[]);
    assert_eq!(digest(&cluster.run(&["resume", "--json"]).success()), whole);
}

fn taken_down(cluster: &OwnCluster<'_>, away: &[&str], whole: &str) {
    let begun = cluster.run(&[away, &["--detach"]].concat()).success();
    let run = begun.json()["run"].as_str().unwrap().to_owned();
    let refused = cluster.run(&["cluster", "down", "--cluster", "NAME"]).expect(7);
    assert!(refused.stderr.contains(&run), "{refused}");
    let held = cluster.run(&["resume", &run]).expect(7);
    assert!(held.stderr.contains("is under way on cluster"), "{held}");
    let watched = cluster.run(&["watch", &run, "--json"]).success();
    assert_eq!(digest(&watched), whole);
    let down = cluster.run(&["cluster", "down", "--cluster", "NAME"]).success();
    assert_eq!(down.code, Some(0));
    let absent = cluster.run(&["run", "experiment.toml", "--on", "NAME"]).expect(3);
    assert!(absent.stderr.contains("there is no cluster"), "{absent}");
}
