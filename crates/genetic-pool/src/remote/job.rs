//! What a driver is to do: the one argument of the hidden verb `drive`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::store::RunId;

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
    /// Where evaluations take place.
    pub place: PlaceWanted,
    /// How many evaluations go at once in all; `None`: as many as there is room for.
    pub slots: Option<u16>,
    /// Go on although the problem's code has changed.
    pub keep_outcomes: bool,
}

/// Where evaluations of a run on a cluster take place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum PlaceWanted {
    /// On the nodes, unless they are cheaper than their journey
    #[default]
    Auto,
    /// On the worker nodes
    Nodes,
    /// Beside the driver, on the head
    Driver,
}

impl Job {
    /// The id of the job that is this attempt.
    pub fn submission(&self) -> String {
        submission(&self.run, self.attempt)
    }

    /// The command that carries it out in the folder of its package, for a shell.
    pub fn entrypoint(&self) -> Result<String, serde_json::Error> {
        let job = serde_json::to_string(self)?;
        Ok(format!("./{} drive '{}'", crate::program::PROGRAM, job.replace('\'', r"'\''")))
    }
}

/// The id of the job that is attempt `attempt` of run `run`.
pub fn submission(run: &RunId, attempt: u32) -> String {
    format!("{run}-a{attempt}")
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
            place: PlaceWanted::Auto,
            slots: Some(8),
            keep_outcomes: false,
        };
        assert_eq!(job.submission(), "20261124-101530-k3f9-a2");
        let entrypoint = job.entrypoint().unwrap();
        let argument = entrypoint.strip_prefix("./genetic-pool drive ").unwrap();
        let output = std::process::Command::new("sh").arg("-c").arg(format!("printf %s {argument}")).output().unwrap();
        assert_eq!(serde_json::from_slice::<Job>(&output.stdout).unwrap(), job);
    }
}
