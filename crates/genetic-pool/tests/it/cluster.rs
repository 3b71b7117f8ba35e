//! `cluster up|scale|down|list` as people meet them.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use genetic_pool_testkit::{TestContext, engine};
use insta::assert_snapshot;

use crate::context;

/// A name of a cluster, whose things go when the test ends.
struct Name<'a> {
    address: &'a str,
    name: String,
}

impl<'a> Name<'a> {
    fn new(address: &'a str, name: &str) -> Name<'a> {
        Name { address, name: format!("t-{name}-{}", std::process::id()) }
    }

    fn sh(&self, script: &str) -> String {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).env("DOCKER_HOST", self.address).stderr(Stdio::null());
        String::from_utf8(shell.output().unwrap().stdout).unwrap()
    }

    fn left(&self) -> String {
        let label = format!("label=genetic-pool.cluster={}", self.name);
        self.sh(&format!("docker ps -aq --filter {label}; docker network ls -q --filter {label}; docker volume ls -q --filter {label}"))
    }
}

impl Drop for Name<'_> {
    fn drop(&mut self) {
        let label = format!("label=genetic-pool.cluster={}", self.name);
        self.sh(&format!(
            "docker ps -aq --filter {label} | xargs -r docker rm -fv; docker network ls -q --filter {label} | xargs -r docker \
             network rm; docker volume ls -q --filter {label} | xargs -r docker volume rm; docker rmi {}:idle",
            self.name
        ));
    }
}

fn on(address: &str, name: &Name<'_>) -> TestContext {
    context().env("DOCKER_HOST", address).filter(&name.name, "swarm").filter(r"is [0-9.]+[KMGT]iB", "is SIZE")
}

#[test]
fn a_plan_is_shown_and_a_name_told_apart() {
    let Some(address) = engine() else { return };
    let name = Name::new(&address, "plan");
    let context = on(&address, &name);
    let planned =
        context.run(&["cluster", "up", "-c", &name.name, "--workers", "1", "--image", "t-none:1", "--dry-run"]);
    assert_snapshot!(planned.success().stdout, @"");
    assert_eq!(name.left(), "");
    let json = context.run(&["cluster", "up", "-c", &name.name, "--dry-run", "--json"]).success().json();
    assert_eq!((&json["format"], &json["steps"][0]["step"]), (&1.into(), &"create-network".into()));

    let down = context.run(&["cluster", "down", "-c", &name.name]).success();
    assert_snapshot!(down.stdout, @"");
    let scale = context.run(&["cluster", "scale", "3", "-c", "t-nowhere-at-all"]).expect(3);
    assert_snapshot!(scale.stderr, @"");
    let listed = context.run(&["cluster", "list", "--json"]).success().json();
    assert!(listed["clusters"].is_array());
    let image = context.run(&["cluster", "up", "-c", &name.name, "--image", "t-none:1"]).expect(3);
    assert_snapshot!(image.stderr, @"");
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_done() {
    let Some(address) = engine() else { return };
    let name = Name::new(&address, "wish");
    let context = on(&address, &name);
    let flags = context.run(&["cluster", "up", "--workers", "0", "--memory", "2"]).expect(2);
    assert_snapshot!(flags.stderr, @"");
    context.write("cluster.toml", "format = 1\nworkres = 2\n[worker]\nmemory = \"1MiB\"\n");
    let file = context.run(&["cluster", "up", "-c", &name.name, "--file", "cluster.toml"]).expect(3);
    assert_snapshot!(file.stderr, @"");
    let sizes = context.run(&["cluster", "up", "-c", &name.name, "--cpus", "4000"]).expect(3);
    assert!(sizes.stderr.contains("`worker.cpus` is 4000; the engine has "), "{}", sizes.stderr);
    assert_eq!(name.left(), "");
}

#[test]
fn ctrl_c_takes_back_what_was_begun() {
    let Some(address) = engine() else { return };
    let image = genetic_pool_testkit::image(&address);
    let name = Name::new(&address, "stop");
    let idle = format!("{}:idle", name.name);
    name.sh(&format!(
        "id=$(docker create {image}) && docker commit --change 'ENTRYPOINT [\"sleep\", \"600\"]' --change 'CMD []' $id {idle}; \
         docker rm $id"
    ));
    let context = on(&address, &name);
    let up = context.spawn(&["cluster", "up", "-c", &name.name, "--workers", "1", "--image", &idle]);
    up.wait_for_stderr("waiting for 2 nodes", Duration::from_secs(60));
    up.interrupt();
    let ended = up.wait(Duration::from_secs(60)).expect(130);
    assert!(ended.stderr.contains("taking back what was begun"), "{}", ended.stderr);
    assert!(ended.stderr.contains("what was begun was taken back\nerror: interrupted"), "{}", ended.stderr);
    assert_eq!(name.left(), "");
}
