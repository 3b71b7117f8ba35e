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

fn on(address: &str) -> TestContext {
    context().env("DOCKER_HOST", address)
}

#[test]
fn a_plan_is_shown_and_a_name_told_apart() {
    let Some(address) = engine() else { return };
    let name = Name::new(&address, "plan");
    let context = on(&address);
    let planned = context.run(&["cluster", "up", "-c", &name.name, "--workers", "1", "--dry-run"]).success().stdout;
    // Whether the image is there already is not this test's to say.
    let planned = planned.trim_start_matches("build image genetic-pool:latest\n").replace(&name.name, "swarm");
    assert_snapshot!(planned, @r#"
    create network swarm-inner, which leads nowhere
    create network swarm-outer, to publish Ray's port
    create volume swarm-state
    create volume swarm-secrets
    create volume swarm-head-ray
    create volume swarm-worker-0-ray
    create container swarm-control, which never runs
    write a new token
    record what is wanted: 1 worker (revision 1)
    create and start container swarm-head
    create and start container swarm-worker-0
    "#);
    assert_eq!(name.left(), "");
    let json = context.run(&["cluster", "up", "-c", &name.name, "--dry-run", "--json"]).success().json();
    assert_eq!((&json["format"], &json["steps"][0]["step"]), (&1.into(), &"create-network".into()));

    let down = context.run(&["cluster", "down", "-c", &name.name]).success();
    assert_snapshot!(down.stdout.replace(&name.name, "swarm"), @"there is no cluster swarm: nothing was to be done");
    let scale = context.run(&["cluster", "scale", "3", "-c", "t-nowhere-at-all"]).expect(3);
    assert_snapshot!(scale.stderr, @r#"
    error: there is no cluster `t-nowhere-at-all` on this engine
    hint: `cluster list` lists what there is, `cluster up --cluster t-nowhere-at-all --workers 2` makes it
    "#);
    let listed = context.run(&["cluster", "list", "--json"]).success().json();
    assert!(listed["clusters"].is_array());
    let image = context.run(&["cluster", "up", "-c", &name.name, "--image", "t-none:1"]).expect(3);
    assert_snapshot!(image.stderr, @r#"
    error: there is no image `t-none:1`
    hint: `image build --tag t-none:1` builds it
    "#);
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_done() {
    let Some(address) = engine() else { return };
    let name = Name::new(&address, "wish");
    let context = on(&address);
    let flags = context.run(&["cluster", "up", "--workers", "0", "--memory", "2"]).expect(2);
    assert_snapshot!(flags.stderr, @r#"
    error: invalid value '0' for '--workers <N>': allowed is a whole number from 1 to 1000

    For more information, try '--help'.
    "#);
    context.write("cluster.toml", "format = 1\nworkres = 2\n[worker]\nmemory = \"1MiB\"\n");
    let file = context.run(&["cluster", "up", "-c", &name.name, "--file", "cluster.toml"]).expect(3);
    assert_snapshot!(file.stderr, @r#"
    error: `cluster.toml` has 2 problems:
      line 2: `workres` is no key; did you mean `workers`?
      line 4: `worker.memory` is 1MiB; at least 512MiB is needed
    "#);
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
    let context = on(&address);
    let up = context.spawn(&["cluster", "up", "-c", &name.name, "--workers", "1", "--image", &idle]);
    up.wait_for_stderr("waiting for 2 nodes", Duration::from_mins(1));
    up.interrupt();
    let ended = up.wait(Duration::from_mins(1)).expect(130);
    assert!(ended.stderr.contains("taking back what was begun"), "{}", ended.stderr);
    assert!(ended.stderr.contains("what was begun was taken back\nerror: interrupted"), "{}", ended.stderr);
    assert_eq!(name.left(), "");
}
