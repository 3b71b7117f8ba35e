//! A job as Ray tells it.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::Deserialize;

use super::{RayError, Said};

/// A job as Ray tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The id it was submitted with; for a program that connected by itself the one Ray gave it.
    pub id: String,
    /// Whether it was submitted, and is no program that connected by itself.
    pub submitted: bool,
    /// How far it is.
    pub status: JobStatus,
    /// What it runs.
    pub entrypoint: String,
    /// Ray's words on how far it is.
    pub message: Option<String>,
    /// Ray's word for why it failed.
    pub error_type: Option<String>,
    /// What it was marked with.
    pub metadata: BTreeMap<String, String>,
    /// When it was submitted.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Ray's id of the node its program runs on, once it does.
    pub node: Option<String>,
    /// What its program ended with: negative for the signal that killed it.
    pub exit_code: Option<i32>,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum JobStatus {
    /// Its program has not been started.
    Pending,
    /// Its program runs.
    Running,
    /// It was stopped on request.
    Stopped,
    /// Its program ended with exit code 0.
    Succeeded,
    /// Anything else.
    Failed,
}

/// Why a job failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Its program ended with this exit code.
    Exit(i32),
    /// This signal killed its program.
    Signal(i32),
    /// It was stopped.
    Stopped,
    /// Its package could not be unpacked, or its environment not be made.
    Environment,
    /// The shell could not start its program.
    NotStarted,
    /// Ray did not get to start it in time.
    TimedOut,
    /// No node could take it.
    Unschedulable,
    /// The process of Ray that watched its program was lost: with its node, or when the head restarted.
    SupervisorLost,
    /// Ray does not say.
    Unknown,
}

impl JobStatus {
    /// Whether it stays as it is.
    pub fn is_terminal(self) -> bool {
        match self {
            JobStatus::Pending | JobStatus::Running => false,
            JobStatus::Stopped | JobStatus::Succeeded | JobStatus::Failed => true,
        }
    }
}

impl Job {
    /// Itself if it has succeeded or may still; else why it has not.
    pub fn unless_failed(self) -> Result<Job, RayError> {
        match self.cause() {
            None => Ok(self),
            Some(cause) => {
                let words = self.message.unwrap_or_else(|| "Ray says nothing about it".to_owned());
                // Here Ray's traceback is of no use; elsewhere it may be the one of the job's own program.
                let said = if cause == Cause::Environment { Said::of(&words) } else { Said(words.trim().to_owned()) };
                Err(RayError::JobFailed { job: self.id, cause, said })
            }
        }
    }

    /// Why it failed, if it did.
    pub fn cause(&self) -> Option<Cause> {
        match self.status {
            JobStatus::Pending | JobStatus::Running | JobStatus::Succeeded => return None,
            JobStatus::Stopped => return Some(Cause::Stopped),
            JobStatus::Failed => {}
        }
        Some(match (self.error_type.as_deref(), self.exit_code) {
            (Some("RUNTIME_ENV_SETUP_FAILURE"), _) => Cause::Environment,
            (Some("JOB_ENTRYPOINT_COMMAND_START_ERROR"), _) => Cause::NotStarted,
            (Some("JOB_SUPERVISOR_ACTOR_START_TIMEOUT"), _) => Cause::TimedOut,
            (Some("JOB_SUPERVISOR_ACTOR_UNSCHEDULABLE"), _) => Cause::Unschedulable,
            (Some(supervisor), _) if supervisor.starts_with("JOB_SUPERVISOR_ACTOR_") => Cause::SupervisorLost,
            (_, Some(code)) if code < 0 => Cause::Signal(-code),
            // A shell tells of the signal that killed what it ran by 128 and the signal's number.
            (_, Some(code)) if (129..=159).contains(&code) => Cause::Signal(code - 128),
            (_, Some(code)) => Cause::Exit(code),
            (_, None) => Cause::Unknown,
        })
    }
}

impl Cause {
    /// What to do about it.
    pub fn hint(self) -> Option<&'static str> {
        match self {
            Cause::Signal(9) => Some("was it out of memory? `cluster status` tells what the head may take"),
            Cause::TimedOut | Cause::Unschedulable => {
                Some("Ray found no room on the head: `cluster status` tells which nodes are there")
            }
            Cause::SupervisorLost => {
                Some("the head was lost or restarted: `cluster up` heals the cluster, then resume the run")
            }
            Cause::Environment => Some("the words above are Ray's: is the package complete, and the disk not full?"),
            Cause::Exit(_) | Cause::Signal(_) | Cause::Stopped | Cause::NotStarted | Cause::Unknown => None,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Exit(code) => write!(f, "its program ended with exit code {code}"),
            Cause::Signal(9) => f.write_str("its program was killed (signal 9)"),
            Cause::Signal(15) => f.write_str("its program was told to end (signal 15)"),
            Cause::Signal(signal) => write!(f, "its program was ended by signal {signal}"),
            Cause::Stopped => f.write_str("it was stopped"),
            Cause::Environment => f.write_str("its working folder could not be set up"),
            Cause::NotStarted => f.write_str("its program could not be started"),
            Cause::TimedOut => f.write_str("Ray did not get to start it in time"),
            Cause::Unschedulable => f.write_str("no node of the cluster could take it"),
            Cause::SupervisorLost => f.write_str("Ray lost the process that watched it"),
            Cause::Unknown => f.write_str("Ray does not say why"),
        }
    }
}

/// A job in Ray's words.
#[derive(Deserialize)]
pub(super) struct Wire {
    #[serde(rename = "type")]
    kind: String,
    job_id: Option<String>,
    submission_id: Option<String>,
    status: JobStatus,
    #[serde(default)]
    entrypoint: String,
    message: Option<String>,
    error_type: Option<String>,
    #[serde(default)]
    metadata: Option<BTreeMap<String, String>>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    driver_node_id: Option<String>,
    driver_exit_code: Option<i32>,
}

impl From<Wire> for Job {
    fn from(wire: Wire) -> Job {
        let time = |time: Option<i64>| time.and_then(|time| Timestamp::from_millisecond(time).ok());
        Job {
            submitted: wire.kind == "SUBMISSION",
            id: wire.submission_id.or(wire.job_id).unwrap_or_default(),
            status: wire.status,
            entrypoint: wire.entrypoint,
            message: wire.message,
            error_type: wire.error_type,
            metadata: wire.metadata.unwrap_or_default(),
            started: time(wire.start_time),
            ended: time(wire.end_time),
            node: wire.driver_node_id,
            exit_code: wire.driver_exit_code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(status: &str, error_type: &str, exit_code: &str) -> Job {
        let json = format!(
            r#"{{"type": "SUBMISSION", "job_id": null, "submission_id": "run-1", "driver_info": null, "status": "{status}",
                 "entrypoint": "x", "message": "Ray's words", "error_type": {error_type}, "start_time": 1795525906711,
                 "end_time": null, "metadata": null, "driver_node_id": null, "driver_exit_code": {exit_code}}}"#
        );
        serde_json::from_str::<Wire>(&json).unwrap().into()
    }

    #[test]
    fn a_failure_is_told_in_plain_words() {
        let told = |status, error_type, code| match job(status, error_type, code).unless_failed() {
            Ok(_) => "fine".to_owned(),
            Err(error) => error.to_string(),
        };
        let lines = [
            told("SUCCEEDED", "null", "0"),
            told("RUNNING", "null", "null"),
            told("STOPPED", "null", "null"),
            told("FAILED", r#""JOB_ENTRYPOINT_COMMAND_ERROR""#, "3"),
            told("FAILED", r#""JOB_ENTRYPOINT_COMMAND_ERROR""#, "-9"),
            told("FAILED", r#""JOB_ENTRYPOINT_COMMAND_ERROR""#, "139"),
            told("FAILED", r#""JOB_SUPERVISOR_ACTOR_DIED""#, "null"),
            told("FAILED", r#""JOB_SUPERVISOR_ACTOR_UNSCHEDULABLE""#, "null"),
            told("FAILED", r#""RUNTIME_ENV_SETUP_FAILURE""#, "null"),
            told("FAILED", "null", "null"),
        ];
        insta::assert_snapshot!(lines.join("\n"), @r"
        fine
        fine
        job `run-1` failed: it was stopped
        job `run-1` failed: its program ended with exit code 3
        job `run-1` failed: its program was killed (signal 9)
        job `run-1` failed: its program was ended by signal 11
        job `run-1` failed: Ray lost the process that watched it
        job `run-1` failed: no node of the cluster could take it
        job `run-1` failed: its working folder could not be set up
        job `run-1` failed: Ray does not say why
        ");
    }
}
