//! What a driver is to do: the one argument of the hidden verb `drive`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::nodes::Placement;
use crate::{program::PROGRAM, store::RunId};

/// The experiment's text in a package.
pub const EXPERIMENT: &str = "experiment.toml";
/// The folder of the experiment's files in a package.
pub const EXPERIMENT_FOLDER: &str = "experiment";
/// The bridge to Ray in a package.
pub const BRIDGE_FILE: &str = "bridge.py";

/// The version of [`Job`].
pub const FORMAT: u32 = 1;

/// What a driver is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// [`FORMAT`].
    pub format: u32,
    /// The run: begun where there is no file of it, else gone on with.
    pub run: RunId,
    /// Which driver of it this is, from 1. One that sees that a later one has begun gives up.
    pub attempt: u32,
    /// What people call the experiment.
    pub name: String,
    /// The folder of the experiment's file, where it was written.
    pub directory: PathBuf,
    /// The command that was typed.
    pub command: String,
    /// The folder that the driver keeps runs in.
    pub home: PathBuf,
    /// The interpreter that has Ray, on the head.
    pub python: PathBuf,
    /// Where evaluations are done.
    #[serde(with = "placement")]
    pub place: Placement,
    /// How many evaluations go at once in all; `None`: as many as there is room for.
    pub slots: Option<u16>,
    /// Go on although the problem's code has changed.
    pub keep_outcomes: bool,
}

impl Job {
    /// The id of the job that is this attempt.
    pub fn submission(&self) -> String {
        submission(&self.run, self.attempt)
    }

    /// The command that carries it out in the folder of its package, for a shell that becomes the driver.
    pub fn entrypoint(&self) -> Result<String, serde_json::Error> {
        let job = serde_json::to_string(self)?;
        Ok(format!("exec ./{} drive '{}'", PROGRAM, job.replace('\'', r"'\''")))
    }
}

/// The id of the job that is attempt `attempt` of run `run`.
pub fn submission(run: &RunId, attempt: u32) -> String {
    format!("{run}-a{attempt}")
}

/// A placement by its name.
mod placement {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::Placement;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub(super) fn serialize<S: Serializer>(place: &Placement, serializer: S) -> Result<S::Ok, S::Error> {
        let name = Placement::NAMES.into_iter().find(|(_, placement)| placement == place);
        serializer.serialize_str(name.map_or("auto", |(name, _)| name))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Placement, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_hands_over_what_was_meant() {
        let job = Job {
            format: FORMAT,
            run: RunId::parse("20261124-101530-k3f9").unwrap(),
            attempt: 2,
            name: "it's".into(),
            directory: "/home/me/$HOME `x`".into(),
            command: "genetic-pool run \"it's.toml\"".into(),
            home: "/var/lib/genetic-pool".into(),
            python: "/opt/genetic-pool/bin/python3".into(),
            place: Placement::Nodes,
            slots: Some(8),
            keep_outcomes: false,
        };
        assert_eq!(job.submission(), "20261124-101530-k3f9-a2");
        let entrypoint = job.entrypoint().unwrap();
        let argument = entrypoint.strip_prefix("exec ./genetic-pool drive ").unwrap();
        let output = std::process::Command::new("sh").arg("-c").arg(format!("printf %s {argument}")).output().unwrap();
        assert_eq!(serde_json::from_slice::<Job>(&output.stdout).unwrap(), job);
    }
}
