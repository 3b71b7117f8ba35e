//! A cluster of two workers, for as long as it is held, and the program on its nodes.

use std::{
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use genetic_pool::remote::nodes::{Options, Placement};
use genetic_pool_testkit::{TestContext, engine, image};

use crate::{evaluate::Lab, travel::unpacked};

/// The cluster's nodes.
const NODES: [&str; 3] = ["head", "worker-0", "worker-1"];
/// Where the program is on them: Ray's own folder allows to execute.
const PACKAGE: &str = "/ray/package";

pub(super) struct Cluster {
    context: TestContext,
    name: String,
    address: String,
}

impl Cluster {
    /// `None` where there is no engine.
    pub(super) fn up() -> Option<Cluster> {
        let address = engine()?;
        let image = image(&address);
        let context = crate::context().env("DOCKER_HOST", &address);
        let cluster = Cluster { context, name: format!("gp-nodes-{}", std::process::id()), address };
        let up = ["cluster", "up", "--cluster", &cluster.name, "--workers", "2", "--slots-per-worker", "4"];
        let sizes = ["--image", &image, "--cpus", "1", "--memory", "2GiB"];
        cluster.context.spawn(&[&up[..], &sizes].concat()).wait(Duration::from_mins(4)).success();
        // The program travels as it does with a run; the experiment it travels with does not matter.
        let file =
            cluster.context.write("a.toml", "format = 1\n[problem]\nname = \"sphere\"\n[stop]\nevaluations = 100\n");
        let package = unpacked(&cluster.context, &file);
        for node in NODES {
            cluster.put(&package, node, PACKAGE);
        }
        let script = format!(
            "#!/bin/sh\nexec docker exec -i {} sh -c 'RAY_ADDRESS=$(hostname):6379 exec python3 -u {PACKAGE}/bridge.py'\n",
            cluster.container("head"),
        );
        let python = cluster.context.write("python", script);
        std::fs::set_permissions(python, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        Some(cluster)
    }

    /// The nodes of this cluster evaluate `lab`, whose folder they have.
    pub(super) fn options(&self, lab: &Lab, slots: Option<usize>) -> Options {
        Options {
            python: self.context.work().join("python"),
            bridge: "in the script".into(),
            executable: format!("{PACKAGE}/genetic-pool").into(),
            directory: folder(lab).into(),
            interpreter: None,
            slots,
            placement: Placement::Nodes,
            deadline: Duration::from_mins(1),
        }
    }

    /// Brings the folder of `lab` to the workers.
    pub(super) fn copy(&self, lab: &Lab) {
        for node in &NODES[1..] {
            self.put(lab.path(), node, &folder(lab));
        }
    }

    pub(super) fn kill(&self, node: &str) {
        self.docker(&["kill", &self.container(node)]);
    }

    /// The processes of nodes' programs.
    pub(super) fn left_behind(&self) -> String {
        let mut left = String::new();
        for node in &NODES[1..] {
            let top = self.run(&["top", &self.container(node), "-eo", "args"]);
            // A killed one has none.
            let text = String::from_utf8_lossy(&top.stdout).into_owned();
            left.extend(text.lines().filter(|line| line.contains("package/")).map(|line| format!("{node}: {line}\n")));
        }
        left
    }

    fn put(&self, from: &Path, node: &str, to: &str) {
        // Folders of tests are their user's alone.
        std::fs::set_permissions(from, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let from = format!("{}/.", from.display());
        self.docker(&["cp", &from, &format!("{}:{to}", self.container(node))]);
    }

    fn container(&self, node: &str) -> String {
        format!("{}-{node}", self.name)
    }

    fn docker(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        assert!(output.status.success(), "docker {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new("docker").env("DOCKER_HOST", &self.address).args(arguments).output().unwrap()
    }
}

fn folder(lab: &Lab) -> String {
    format!("/ray/{}", lab.path().file_name().unwrap().to_string_lossy().trim_start_matches('.'))
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.context.run(&["cluster", "down", "--cluster", &self.name, "--force"]);
    }
}
