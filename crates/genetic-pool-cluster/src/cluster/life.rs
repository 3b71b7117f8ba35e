//! What can go wrong while a cluster is made, changed or removed.

use std::{fmt, time::Duration};

use crate::{
    error::Kind,
    names::{ClusterName, DEFAULT_CLUSTER, DEFAULT_IMAGE, RAY_VERSION},
    ray::RayError,
};

/// A cluster could not be made, changed or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum LifeError {
    #[error("there is no cluster `{name}` on this engine")]
    Unknown {
        name: ClusterName,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    #[error("cluster `{name}` was removed in part, and what was wanted of it is lost")]
    Lost { name: ClusterName },
    #[error("there is no image `{image}`")]
    NoImage { image: String },
    #[error("the image `{image}` holds {}; this program works with Ray {RAY_VERSION}", ray(found.as_deref()))]
    OtherRay {
        image: String,
        /// The version of Ray it holds, where it says so.
        found: Option<String>,
    },
    #[error("the {thing} `{taken}` is there and belongs to no cluster of that name")]
    NameTaken {
        /// `container` or `volume`.
        thing: &'static str,
        /// Its name.
        taken: String,
    },
    #[error(
        "cluster `{name}` is not ready after {} s: {}\n{}",
        after.as_secs(),
        faults(nodes),
        troubles(nodes)
    )]
    NotReady {
        name: ClusterName,
        after: Duration,
        /// The nodes that are not, the worst first.
        nodes: Vec<BadNode>,
    },
    #[error("cluster `{name}` is at work on {}", runs(active))]
    Active {
        name: ClusterName,
        /// The ids of the jobs.
        active: Vec<String>,
    },
    #[error("whether a run is at work on cluster `{name}` cannot be told")]
    Unasked {
        name: ClusterName,
        #[source]
        source: Box<RayError>,
    },
    #[error("what cluster `{name}` keeps cannot be looked at: its control container is gone, and so is its image")]
    Unseen { name: ClusterName },
    #[error("of cluster `{name}` {} could not be removed", things.join(", "))]
    Left { name: ClusterName, things: Vec<String> },
}

/// A node that is not ready: what there is to know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadNode {
    /// Its name: `worker-0`.
    pub node: String,
    /// What is wrong: `it ended with exit code 5`.
    pub fault: String,
    /// What to do about it, where its state says so.
    pub hint: Option<String>,
    /// What its health check said last.
    pub health: Option<String>,
    /// The last lines it printed.
    pub log: Vec<String>,
}

impl LifeError {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        match self {
            LifeError::Unknown { nearest: Some(nearest), .. } => {
                Some(format!("did you mean `{nearest}`? `cluster list` lists what there is"))
            }
            LifeError::Unknown { nearest: None, name } => {
                let option = of(name);
                Some(format!("`cluster list` lists what there is, `cluster up{option} --workers 2` makes it"))
            }
            LifeError::Lost { name } => {
                let option = of(name);
                Some(format!(
                    "`cluster up{option} --workers N` says it anew and mends the cluster, `cluster down{option}` removes \
                     what is left"
                ))
            }
            LifeError::NoImage { image } if image == DEFAULT_IMAGE => Some("`image build` builds it".to_owned()),
            LifeError::NoImage { image } => Some(format!("`image build --tag {image}` builds it")),
            LifeError::OtherRay { image, .. } => {
                Some(format!("`image build --tag {image}` builds it anew; another one is named by `--image`"))
            }
            LifeError::NameTaken { thing, taken } => Some(format!(
                "name the cluster otherwise with `--cluster`, or remove it: `docker {thing} rm {taken}`"
            )),
            LifeError::NotReady { nodes, .. } => nodes.iter().find_map(|node| node.hint.clone()).or_else(|| {
                Some("`--keep` leaves the nodes as they are, to be looked at; `--timeout` waits longer".to_owned())
            }),
            LifeError::Active { .. } => {
                Some("wait for it, or stop it by `stop`; `--force` ends it, and with `down` it is lost".to_owned())
            }
            LifeError::Unasked { .. } => Some(
                "a head that has just started takes some 15 s to answer; `--force` goes on all the same, and a run that \
                 is at work ends"
                    .to_owned(),
            ),
            LifeError::Unseen { .. } => {
                Some("`image build` builds the image; `--force` removes what is kept unseen, its runs too".to_owned())
            }
            LifeError::Left { .. } => Some("what uses it? `docker inspect` says so; then try again".to_owned()),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            LifeError::Unknown { .. } | LifeError::NoImage { .. } => Kind::Invalid,
            LifeError::Active { .. } => Kind::Held,
            LifeError::Lost { .. }
            | LifeError::OtherRay { .. }
            | LifeError::NameTaken { .. }
            | LifeError::NotReady { .. }
            | LifeError::Unasked { .. }
            | LifeError::Unseen { .. }
            | LifeError::Left { .. } => Kind::Failed,
        }
    }
}

impl fmt::Display for BadNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}: {}", self.node, self.fault)?;
        if let Some(health) = &self.health {
            write!(f, "\n    its health check said: {health}")?;
        }
        if !self.log.is_empty() {
            f.write_str("\n    its last lines:")?;
        }
        self.log.iter().try_for_each(|line| write!(f, "\n    | {line}"))
    }
}

/// The option that names cluster `name`, where it is needed.
pub(super) fn of(name: &ClusterName) -> String {
    if name.as_str() == DEFAULT_CLUSTER { String::new() } else { format!(" --cluster {name}") }
}

fn ray(found: Option<&str>) -> String {
    found.map_or_else(|| "no Ray that this program knows of".to_owned(), |version| format!("Ray {version}"))
}

fn faults(nodes: &[BadNode]) -> String {
    match nodes {
        [node] => format!("{} is not", node.node),
        nodes => {
            let names: Vec<&str> = nodes.iter().map(|node| node.node.as_str()).collect();
            format!("{} are not", names.join(", "))
        }
    }
}

fn troubles(nodes: &[BadNode]) -> String {
    nodes.iter().map(BadNode::to_string).collect::<Vec<_>>().join("\n")
}

/// The runs that the jobs `active` work on.
fn runs(active: &[String]) -> String {
    let runs: Vec<&str> = active.iter().map(|job| run_of(job)).collect();
    match runs[..] {
        [run] => format!("run {run}"),
        _ => format!("runs {}", runs.join(", ")),
    }
}

/// `RUN-aN` is driver N of a run. A job of somebody else's is called as it is.
fn run_of(job: &str) -> &str {
    match job.rsplit_once("-a") {
        Some((run, number)) if number.parse::<u32>().is_ok() => run,
        _ => job,
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn a_bad_node_shows_its_state_its_health_and_its_last_lines() {
        let error = LifeError::NotReady {
            name: DEFAULT_CLUSTER.parse().unwrap(),
            after: Duration::from_mins(3),
            nodes: vec![BadNode {
                node: "worker-1".to_owned(),
                fault: "it ended with exit code 5, and was started again 3 times".to_owned(),
                hint: None,
                health: Some("Ray's agent does not answer at port 52365".to_owned()),
                log: vec!["one".to_owned(), "two".to_owned()],
            }],
        };
        assert_snapshot!(error, @r#"
        cluster `genetic-ray` is not ready after 180 s: worker-1 is not
          worker-1: it ended with exit code 5, and was started again 3 times
            its health check said: Ray's agent does not answer at port 52365
            its last lines:
            | one
            | two
        "#);
        assert_snapshot!(error.hint().unwrap(), @"`--keep` leaves the nodes as they are, to be looked at; `--timeout` waits longer");
    }

    #[test]
    fn what_is_at_work_is_named_as_people_know_it() {
        let active = vec!["20261124-101530-k3f9-a2".to_owned(), "raysubmit_x-abc".to_owned()];
        let error = LifeError::Active { name: DEFAULT_CLUSTER.parse().unwrap(), active };
        assert_snapshot!(error, @"cluster `genetic-ray` is at work on runs 20261124-101530-k3f9, raysubmit_x-abc");
    }

    #[test]
    fn what_is_not_there_is_said_with_what_may_be_meant() {
        let error = LifeError::Unknown { name: "genetic-rey".parse().unwrap(), nearest: Some("genetic-ray".into()) };
        assert_snapshot!(format!("{error}: {}", error.hint().unwrap()), @"there is no cluster `genetic-rey` on this engine: did you mean `genetic-ray`? `cluster list` lists what there is");
        let error = LifeError::Unknown { name: "x".parse().unwrap(), nearest: None };
        assert_snapshot!(format!("{error}: {}", error.hint().unwrap()), @"there is no cluster `x` on this engine: `cluster list` lists what there is, `cluster up --cluster x --workers 2` makes it");
        let error = LifeError::Lost { name: DEFAULT_CLUSTER.parse().unwrap() };
        assert_snapshot!(format!("{error}: {}", error.hint().unwrap()), @"cluster `genetic-ray` was removed in part, and what was wanted of it is lost: `cluster up --workers N` says it anew and mends the cluster, `cluster down` removes what is left");
    }
}
