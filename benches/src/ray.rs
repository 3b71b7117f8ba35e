//! A Ray cluster of two nodes on this machine, for as long as it is held.

use std::{
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A head without CPUs, and two nodes with as many as were asked for. Dropping it ends all of it.
pub(crate) struct Ray {
    /// An interpreter that has Ray.
    pub(crate) python: PathBuf,
    /// Where the cluster is found.
    pub(crate) address: String,
    processes: Vec<Child>,
    folder: tempfile::TempDir,
}

impl Ray {
    /// Starts it with the interpreter that `GENETIC_POOL_RAY_PYTHON` names; `None` where it names none.
    pub(crate) fn start(cpus: usize) -> Option<Ray> {
        let python = PathBuf::from(std::env::var_os("GENETIC_POOL_RAY_PYTHON")?);
        let folder = tempfile::Builder::new().prefix("gp-ray-").tempdir().expect("there is a temporary folder");
        let port = free_port();
        let address = format!("127.0.0.1:{port}");
        let mut ray = Ray { python, address: address.clone(), processes: Vec::new(), folder };
        let (port, temporary) = (port.to_string(), ray.folder.path().display().to_string());
        let head =
            ["--head", "--port", &port, "--num-cpus", "0", "--include-dashboard", "false", "--temp-dir", &temporary];
        ray.node("127.0.0.1", &head);
        ray.wait(1);
        let cpus = cpus.to_string();
        for node in 0..2 {
            let resources = format!("{{\"genetic_pool_node:worker-{node}\": 1}}");
            let arguments = ["--address", &address, "--num-cpus", &cpus, "--resources", &resources];
            ray.node(&format!("127.0.0.{}", node + 2), &arguments);
            // Nodes of one machine that start at once get in each other's way.
            ray.wait(node + 2);
        }
        Some(ray)
    }

    /// A command that speaks with this cluster.
    pub(crate) fn python(&self) -> Command {
        let mut command = Command::new(&self.python);
        command.env("RAY_ADDRESS", &self.address).env("RAY_AUTH_MODE", "disabled");
        command
    }

    fn node(&mut self, address: &str, arguments: &[&str]) {
        let ray = self.python.with_file_name("ray");
        let mut command = Command::new(ray);
        command.arg("start").args(arguments);
        for flag in ["--dashboard-agent-listen-port", "--dashboard-agent-grpc-port", "--metrics-export-port"] {
            command.args([flag, &free_port().to_string()]);
        }
        command.args([
            "--node-ip-address",
            address,
            "--object-store-memory",
            "100000000",
            "--disable-usage-stats",
            "--block",
        ]);
        command.env("RAY_AUTH_MODE", "disabled").process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.processes.push(command.spawn().expect("`ray` can be started"));
    }

    /// Waits until it counts `nodes` nodes.
    fn wait(&self, nodes: usize) {
        let until = Instant::now() + Duration::from_mins(2);
        let count = format!("import ray; ray.init(); assert sum(n['Alive'] for n in ray.nodes()) >= {nodes}");
        loop {
            let mut command = self.python();
            command.args(["-c", &count]).stdout(Stdio::null()).stderr(Stdio::null());
            if command.status().is_ok_and(|status| status.success()) {
                return;
            }
            assert!(Instant::now() < until, "Ray does not come up; its logs are in {}", self.folder.path().display());
        }
    }
}

impl Drop for Ray {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().rev() {
            if let Some(group) = rustix::process::Pid::from_raw(process.id().cast_signed()) {
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::TERM);
            }
            let _ = process.wait();
        }
    }
}

/// The bridge's text in a file.
pub(crate) fn bridge(folder: &Path) -> PathBuf {
    let path = folder.join("bridge.py");
    std::fs::write(&path, genetic_pool::remote::BRIDGE).expect("the folder can be written");
    path
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("it has a port").port()
}
