//! What things are called, and where they are inside containers.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The cluster there is unless another is named.
pub const DEFAULT_CLUSTER: &str = "genetic-ray";
/// The image there is unless another is named.
pub const DEFAULT_IMAGE: &str = "genetic-pool:latest";
/// The Ray this program works with: image, nodes and jobs are held to it.
pub const RAY_VERSION: &str = "2.60.0";
/// The numeric user and group everything in the image runs as.
pub const USER: u32 = 10_001;

/// The label with the name of the cluster a thing belongs to.
pub const LABEL_CLUSTER: &str = "genetic-pool.cluster";
/// The label with what a thing is in its cluster: see [`Role`].
pub const LABEL_ROLE: &str = "genetic-pool.role";
/// The label with the hash of what a container was made from: another one is replaced.
pub const LABEL_SPEC: &str = "genetic-pool.spec";
/// The label of an image with the hash of all that went into it.
pub const LABEL_INPUTS: &str = "genetic-pool.inputs";
/// The label of an image with its version of Ray.
pub const LABEL_RAY: &str = "genetic-pool.ray";

/// The folder of Ray's session inside nodes: a volume of the node's own that allows programs to be run.
pub const RAY_FOLDER: &str = "/ray";
/// The folder of the cluster's secrets, read-only inside nodes.
pub const SECRETS_FOLDER: &str = "/run/genetic-pool";
/// The file of the token Ray asks for, in [`SECRETS_FOLDER`].
pub const TOKEN_FILE: &str = "token";
/// The folder of the cluster's state inside the head and the control container.
pub const STATE_FOLDER: &str = "/var/lib/genetic-pool";
/// Ray's port for its nodes.
pub const GCS_PORT: u16 = 6379;
/// Ray's port for HTTP: jobs, packages, nodes.
pub const DASHBOARD_PORT: u16 = 8265;
/// The port of the agent that answers for a node's health.
pub const AGENT_PORT: u16 = 52365;

/// The name of a cluster: lower-case letters, digits and hyphens, at most 40, a letter first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClusterName(String);

/// A text that is no name of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name of a cluster: up to 40 lower-case letters, digits and hyphens, a letter first, no hyphen last"
)]
pub struct NameError(String);

/// What a container, volume or network is in its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Created, never started: the way to the volumes.
    Control,
    /// Ray's head.
    Head,
    /// One of Ray's workers.
    Worker(u16),
}

impl ClusterName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The container of `role`.
    pub fn container(&self, role: Role) -> String {
        format!("{}-{role}", self.0)
    }

    /// The network of head and workers, which leads nowhere else.
    pub fn inner_network(&self) -> String {
        format!("{}-inner", self.0)
    }

    /// The network the head publishes its port by.
    pub fn outer_network(&self) -> String {
        format!("{}-outer", self.0)
    }

    /// The volume of what is wanted, of jobs and runs.
    pub fn state_volume(&self) -> String {
        format!("{}-state", self.0)
    }

    /// The volume of secrets.
    pub fn secrets_volume(&self) -> String {
        format!("{}-secrets", self.0)
    }

    /// The volume of Ray's session on the node `role`.
    pub fn ray_volume(&self, role: Role) -> String {
        format!("{}-{role}-ray", self.0)
    }
}

impl FromStr for ClusterName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<ClusterName, NameError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let valid = text.len() <= 40
            && text.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
            && text.bytes().all(allowed)
            && !text.ends_with('-');
        if valid { Ok(ClusterName(text.to_owned())) } else { Err(NameError(text.to_owned())) }
    }
}

impl TryFrom<String> for ClusterName {
    type Error = NameError;

    fn try_from(text: String) -> Result<ClusterName, NameError> {
        text.parse()
    }
}

impl From<ClusterName> for String {
    fn from(name: ClusterName) -> String {
        name.0
    }
}

impl fmt::Display for ClusterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Role::Control => f.write_str("control"),
            Role::Head => f.write_str("head"),
            Role::Worker(index) => write!(f, "worker-{index}"),
        }
    }
}

impl FromStr for Role {
    type Err = ();

    fn from_str(text: &str) -> Result<Role, ()> {
        match text {
            "control" => Ok(Role::Control),
            "head" => Ok(Role::Head),
            _ => text.strip_prefix("worker-").and_then(|index| index.parse().ok()).map(Role::Worker).ok_or(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_docker_and_dns_take_are_taken() {
        for good in ["genetic-ray", "a", "a1-b2"] {
            assert_eq!(good.parse::<ClusterName>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "1a", "a-", "A", "a_b", "a.b", "ä", &"a".repeat(41)] {
            assert!(bad.parse::<ClusterName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn roles_are_read_as_they_are_written() {
        for role in [Role::Control, Role::Head, Role::Worker(0), Role::Worker(12)] {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert_eq!("worker-x".parse::<Role>(), Err(()));
    }
}
