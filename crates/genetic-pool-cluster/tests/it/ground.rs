//! A cluster of a test: a name of its own, and nothing left behind.

use std::{fs, path::PathBuf, process::Stdio, sync::Mutex, thread};

use genetic_pool_cluster::{
    cluster::{Cluster, ClusterEvent},
    engine::Engine,
    names::LABEL_CLUSTER,
};

use crate::docker::{docker, docker_says};

/// A name for a cluster and the engine it is to be on. All of it goes when the test ends; where it fails, what its
/// containers printed is kept in `target/cluster-logs/`.
pub(crate) struct Ground {
    pub address: String,
    pub cluster: Cluster,
    images: Vec<String>,
    events: Mutex<Vec<ClusterEvent>>,
}

impl Ground {
    pub(crate) async fn new(address: String, name: &str) -> Ground {
        let engine = Engine::connect(Some(&address)).await.unwrap();
        let name = format!("t-{name}-{}", std::process::id()).parse().unwrap();
        Ground { address, cluster: Cluster { engine, name }, images: Vec::new(), events: Mutex::default() }
    }

    /// The container of `role`.
    pub(crate) fn container(&self, role: &str) -> String {
        format!("{}-{role}", self.cluster.name)
    }

    pub(crate) fn docker(&self, arguments: &[&str]) -> String {
        docker_says(&self.address, arguments)
    }

    /// Another name of `image`, which stays the same whatever the other comes to mean.
    pub(crate) fn pinned(&mut self, image: &str) -> String {
        let tag = format!("{}:pinned", self.cluster.name);
        self.docker(&["tag", image, &tag]);
        self.images.push(tag.clone());
        tag
    }

    /// An image from `image` whose nodes run `program` (Python) instead of Ray; `sys.argv[1]` says which they are.
    pub(crate) fn image(&mut self, image: &str, program: &str, labels: &[&str]) -> String {
        let tag = format!("{}:{}", self.cluster.name, self.images.len());
        let entrypoint = serde_json::json!(["python3", "-c", program]);
        let container = self.docker(&["create", image]);
        let mut arguments = vec!["commit".to_owned(), "--change".to_owned(), format!("ENTRYPOINT {entrypoint}")];
        arguments.extend(labels.iter().flat_map(|label| ["--change".to_owned(), format!("LABEL {label}")]));
        arguments.extend([container.clone(), tag.clone()]);
        self.docker(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        self.docker(&["rm", &container]);
        self.images.push(tag.clone());
        tag
    }

    /// Keeps what happens.
    pub(crate) fn listener(&self) -> impl Fn(ClusterEvent) + Send + Sync {
        |event| self.events.lock().unwrap().push(event)
    }

    /// What happened since this was asked last.
    pub(crate) fn events(&self) -> Vec<ClusterEvent> {
        std::mem::take(&mut self.events.lock().unwrap())
    }

    /// What carries the cluster's label.
    pub(crate) fn left(&self) -> String {
        let label = format!("label={LABEL_CLUSTER}={}", self.cluster.name);
        let filter = ["--filter", &label];
        let containers = self.docker(&["ps", "--all", "--quiet", filter[0], filter[1]]);
        let networks = self.docker(&["network", "ls", "--quiet", filter[0], filter[1]]);
        let volumes = self.docker(&["volume", "ls", "--quiet", filter[0], filter[1]]);
        [containers, networks, volumes].join("\n").trim().to_owned()
    }

    fn keep_logs(&self) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/cluster-logs");
        let folder = folder.join(self.cluster.name.as_str());
        let _ = fs::create_dir_all(&folder);
        let label = format!("label={LABEL_CLUSTER}={}", self.cluster.name);
        let names = docker(&self.address, &["ps", "--all", "--filter", &label, "--format", "{{.Names}}"]);
        for name in String::from_utf8_lossy(&names.stdout).lines() {
            let inspected = docker(&self.address, &["inspect", name]);
            let _ = fs::write(folder.join(format!("{name}.json")), inspected.stdout);
            let logs = docker(&self.address, &["logs", name]);
            let _ = fs::write(folder.join(format!("{name}.log")), [logs.stdout, logs.stderr].concat());
        }
        eprintln!("what its containers printed is in {}", folder.display());
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if thread::panicking() {
            self.keep_logs();
        }
        let label = format!("label={LABEL_CLUSTER}={}", self.cluster.name);
        let script = format!(
            "docker ps -aq --filter {label} | xargs -r docker rm -fv; \
             docker network ls -q --filter {label} | xargs -r docker network rm; \
             docker volume ls -q --filter {label} | xargs -r docker volume rm; \
             docker rmi {}",
            self.images.join(" ")
        );
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &script]).env("DOCKER_HOST", &self.address).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = shell.status();
    }
}
