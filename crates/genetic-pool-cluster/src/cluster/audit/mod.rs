//! Evidence for each promise of closedness: read from what the engine says, from inside the containers, and by trying.
//!
//! Nothing here looks at what was meant to be set.

mod egress;
mod exec;
mod image;
mod inside;
mod judge;
mod promise;
mod secrecy;

use bollard::{
    models::{ContainerInspectResponse, ContainerStateStatusEnum},
    query_parameters::{InspectContainerOptions, ListContainersOptionsBuilder},
};
use futures_util::future::join_all;
use serde::Serialize;
use std::collections::HashMap;
use tokio_util::sync::CancellationToken;

use self::judge::Ground;
pub use self::promise::{Promise, Verdict};
use super::{Cluster, StateError, Token};
use crate::{
    ClusterError,
    engine::EngineError,
    names::{ClusterName, LABEL_CLUSTER, LABEL_ROLE, Role},
    ray::{Ray, RayError},
    spec::Relaxations,
};

/// What was found out about a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The cluster's name.
    pub cluster: ClusterName,
    /// One for each promise and each node it is made for.
    pub checks: Vec<Check>,
}

/// A promise to one node, and whether it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What is promised.
    pub promise: Promise,
    /// The node's name in its cluster, or the container's where it is none.
    pub node: String,
    /// Whether that holds.
    pub verdict: Verdict,
    /// What was seen.
    pub evidence: String,
}

/// A container of the cluster.
struct Node {
    /// What it is called in reports.
    name: String,
    /// What it is called by the engine.
    container: String,
    seen: ContainerInspectResponse,
}

impl Report {
    /// The worst of all verdicts: what the audit comes to.
    pub fn verdict(&self) -> Verdict {
        self.checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::NotProven)
    }
}

impl Cluster {
    /// Looks for evidence for each promise. It takes some seconds, starts two containers on a network of their own, and
    /// removes all three, also when `cancel` fires.
    pub async fn audit(&self, cancel: &CancellationToken) -> Result<Report, ClusterError> {
        let nodes = self.nodes().await?;
        if nodes.is_empty() {
            return Err(StateError::Absent { name: self.name.clone() }.into());
        }
        let (token, wanted) = (self.state().token().await?, self.state().wanted().await);
        // Where nobody can say what was relaxed, nothing was.
        let relaxed = wanted.ok().flatten().map(|wanted| wanted.relaxed).unwrap_or_default();
        let work = async {
            let each = join_all(nodes.iter().map(|node| self.node(node, token.as_ref(), relaxed)));
            let image = image::checks(self, &nodes, token.as_ref());
            let (each, image, door) = tokio::join!(each, image, self.door());
            let mut checks: Vec<Check> = each.into_iter().flatten().collect();
            checks.extend(image?);
            checks.push(door);
            Ok::<_, ClusterError>(checks)
        };
        let mut checks = tokio::select! {
            checks = work => checks?,
            () = cancel.cancelled() => return Err(ClusterError::Interrupted),
        };
        checks.extend(egress::checks(self, &nodes, relaxed, cancel).await?);
        checks.sort_by_key(|check| check.promise);
        Ok(Report { cluster: self.name.clone(), checks })
    }

    /// All containers with the cluster's label, but for those of audits; the head first.
    async fn nodes(&self) -> Result<Vec<Node>, ClusterError> {
        let failed = |error| EngineError::of(format!("list the containers of cluster `{}`", self.name), error);
        let docker = self.engine.docker();
        let label = HashMap::from([("label", vec![format!("{LABEL_CLUSTER}={}", self.name)])]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&label).build();
        let mut nodes = Vec::new();
        for container in docker.list_containers(Some(options)).await.map_err(failed)? {
            let role = container.labels.as_ref().and_then(|labels| labels.get(LABEL_ROLE)).cloned().unwrap_or_default();
            let Some(id) = container.id.filter(|_| role != egress::ROLE) else { continue };
            let seen = match docker.inspect_container(&id, None::<InspectContainerOptions>).await {
                Ok(seen) => seen,
                // It went meanwhile.
                Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => continue,
                Err(error) => return Err(failed(error).into()),
            };
            let container = seen.name.clone().unwrap_or_default().trim_start_matches('/').to_owned();
            let role = role.parse::<Role>().ok().filter(|role| self.name.container(*role) == container);
            let name = role.map_or_else(|| container.clone(), |role| role.to_string());
            nodes.push((role.map_or((3, None), order), Node { name, container, seen }));
        }
        nodes.sort_by(|(one, a), (other, b)| one.cmp(other).then_with(|| a.name.cmp(&b.name)));
        Ok(nodes.into_iter().map(|(_, node)| node).collect())
    }

    /// What can be said of one container by itself.
    async fn node(&self, node: &Node, token: Option<&Token>, relaxed: Relaxations) -> Vec<Check> {
        let inside = if node.runs() {
            exec::python(&self.engine, &node.container, inside::PROGRAM, &[])
                .await
                .and_then(|answer| inside::Inside::read(&answer))
        } else {
            Err(format!("it is {}", node.state()))
        };
        let mut grounds = judge::judge(&node.seen, &inside, relaxed);
        // What has never run has no inside that somebody could be in.
        if node.name == Role::Control.to_string() && node.state() == "created" {
            for (_, ground) in &mut grounds {
                ground.missing.clear();
            }
            // It takes nothing, and it is the way the secrets get there.
            grounds.retain(|(promise, ground)| {
                !ground.is_empty() && !matches!(promise, Promise::Limits | Promise::Secrets)
            });
        }
        let secrecy = secrecy::of_node(&self.engine, node, &inside, token).await;
        grounds.push((Promise::TokenHidden, secrecy));
        grounds.into_iter().map(|(promise, ground)| ground.check(promise, &node.name)).collect()
    }

    /// Whether Ray turns away who has no token, or another one.
    async fn door(&self) -> Check {
        let mut ground = Ground::default();
        match Ray::connect(self).await {
            Err(error) => ground.missing.push(error.to_string()),
            Ok(ray) => {
                let wrong = Token::new(&"0".repeat(64));
                for (who, token, expected) in [("without a token", None, 401), ("with a wrong token", wrong, 403)] {
                    match ray.with_token(token).jobs().await {
                        Err(RayError::TokenRefused { status, .. }) if status == expected => {
                            ground.held.push(format!("a list of jobs {who}: {status}"));
                        }
                        Err(RayError::TokenRefused { status, .. }) => {
                            ground.missing.push(format!("a list of jobs {who}: {status}, not {expected}"));
                        }
                        Ok(jobs) => ground.broken.push(format!("a list of jobs {who}: {} jobs", jobs.len())),
                        Err(error) => ground.missing.push(error.to_string()),
                    }
                }
                // Else all that was shown is that nobody is let in.
                match ray.jobs().await {
                    Ok(_) => ground.held.push("with the token: 200".to_owned()),
                    Err(error) => ground.missing.push(format!("with the token: {error}")),
                }
            }
        }
        ground.check(Promise::TokenAsked, &Role::Head.to_string())
    }
}

impl Node {
    fn state(&self) -> String {
        let status = self.seen.state.as_ref().and_then(|state| state.status);
        status.map_or_else(|| "in no known state".to_owned(), |status| status.to_string())
    }

    fn runs(&self) -> bool {
        self.seen.state.as_ref().and_then(|state| state.status) == Some(ContainerStateStatusEnum::RUNNING)
    }
}

fn order(role: Role) -> (u8, Option<u16>) {
    match role {
        Role::Head => (0, None),
        Role::Worker(index) => (1, Some(index)),
        Role::Control => (2, None),
    }
}
