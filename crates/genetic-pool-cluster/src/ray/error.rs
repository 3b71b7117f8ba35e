//! What Ray can answer instead of what was asked.

use super::job::Cause;
use crate::{
    cluster::StateError,
    engine::EngineError,
    error::Kind,
    names::{ClusterName, RAY_VERSION},
};

/// What was asked of Ray did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RayError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("cluster `{cluster}` has no head")]
    NoHead { cluster: ClusterName },
    #[error("the head of cluster `{cluster}` is not running: it is {state}")]
    HeadStopped {
        cluster: ClusterName,
        /// The engine's word for it: `exited`, `paused`.
        state: String,
    },
    #[error(transparent)]
    State(#[from] StateError),
    #[error("cluster `{cluster}` has no token")]
    NoToken { cluster: ClusterName },
    #[error("failed to {call}: Ray at {at} does not answer")]
    NoAnswer {
        /// What was asked, as it reads after "failed to".
        call: String,
        /// Where Ray was looked for.
        at: String,
        #[source]
        source: std::io::Error,
    },
    #[error("failed to {call}: Ray at {at} gave no answer within {seconds} s")]
    Late { call: String, at: String, seconds: u64 },
    #[error("Ray at {at} refused the token")]
    TokenRefused {
        at: String,
        /// 401 where none was sent, else 403.
        status: u16,
        #[source]
        said: Said,
    },
    #[error("Ray knows no job `{job}`")]
    UnknownJob { job: String },
    #[error("Ray has a job `{job}` already")]
    DuplicateJob { job: String },
    #[error("failed to {call}: Ray answered {status}")]
    Refused {
        call: String,
        status: u16,
        #[source]
        said: Said,
    },
    #[error("failed to {call}: Ray's answer cannot be read: `{answer}`")]
    Malformed {
        call: String,
        /// How it began.
        answer: String,
        #[source]
        source: serde_json::Error,
    },
    #[error("this program works with Ray {RAY_VERSION}, the cluster has Ray {found}")]
    Version { found: String },
    #[error("a package of {bytes} bytes is larger than the {limit} Ray takes")]
    PackageTooLarge { bytes: u64, limit: u64 },
    #[error("job `{job}` failed: {cause}")]
    JobFailed {
        job: String,
        cause: Cause,
        #[source]
        said: Said,
    },
}

/// Ray's own words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Said(pub String);

impl Said {
    /// An answer as people can read it: a Python traceback is its last message.
    pub(super) fn of(answer: &str) -> Said {
        let answer = answer.trim().trim_end_matches(['.', '\n']).trim_end();
        if !answer.contains("Traceback (most recent call last)") {
            return Said(answer.to_owned());
        }
        // The message of an exception starts the first line that is not indented below the last traceback.
        let lines: Vec<&str> = answer.lines().collect();
        let last = lines.iter().rposition(|line| line.contains("Traceback (most recent call last)"));
        let below = last.map_or(0, |line| line + 1);
        let message = lines[below..].iter().position(|line| !line.starts_with([' ', '\t']) && !line.is_empty());
        Said(message.map_or_else(|| answer.to_owned(), |start| lines[below + start..].join("\n").trim().to_owned()))
    }
}

impl RayError {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        match self {
            RayError::Engine(error) => error.hint(),
            RayError::State(error) => error.hint(),
            RayError::NoHead { cluster } | RayError::HeadStopped { cluster, .. } | RayError::NoToken { cluster } => {
                Some(format!("`cluster up --cluster {cluster}` makes what is missing"))
            }
            RayError::NoAnswer { .. } | RayError::Late { .. } => Some(
                "is the head healthy? `cluster status` tells; a head that has just started takes some 15 s".to_owned(),
            ),
            RayError::TokenRefused { .. } => Some(
                "the token is not this cluster's: was the cluster made anew, or is another Ray at that address?"
                    .to_owned(),
            ),
            RayError::UnknownJob { .. } => {
                Some("Ray forgets its jobs when the head restarts; `runs list` knows the runs".to_owned())
            }
            RayError::DuplicateJob { .. } => Some("each job needs an id of its own".to_owned()),
            RayError::Version { .. } => {
                Some("build the image with this program and make the cluster anew from it".to_owned())
            }
            RayError::PackageTooLarge { .. } => Some("fewer or smaller files must travel with the run".to_owned()),
            RayError::JobFailed { cause, .. } => cause.hint().map(str::to_owned),
            RayError::Refused { .. } | RayError::Malformed { .. } => None,
        }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            RayError::Engine(_) => Kind::Engine,
            RayError::NoHead { .. } | RayError::UnknownJob { .. } | RayError::PackageTooLarge { .. } => Kind::Invalid,
            RayError::State(_)
            | RayError::HeadStopped { .. }
            | RayError::NoToken { .. }
            | RayError::NoAnswer { .. }
            | RayError::Late { .. }
            | RayError::TokenRefused { .. }
            | RayError::DuplicateJob { .. }
            | RayError::Refused { .. }
            | RayError::Malformed { .. }
            | RayError::Version { .. }
            | RayError::JobFailed { .. } => Kind::Failed,
        }
    }

    /// Whether the same call may well work a little later.
    pub(super) fn passes(&self) -> bool {
        match self {
            RayError::NoAnswer { .. } | RayError::Late { .. } | RayError::HeadStopped { .. } => true,
            // Ray's dashboard asks the agent of a node, which may be starting or busy.
            RayError::Refused { status, .. } => *status >= 500 || *status == 429,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceback_is_told_by_its_message() {
        let answer = "Traceback (most recent call last):\n  File \"job_head.py\", line 419, in submit_job\n    resp = await x\n           ^^^^^^^\nRuntimeError: Request failed with status code 400: Traceback (most recent call last):\n  File \"job_manager.py\", line 553\n    raise ValueError(\nValueError: Job with submission_id gp-a already exists. Please use a different submission_id.\n.\n";
        assert_eq!(
            Said::of(answer).0,
            "ValueError: Job with submission_id gp-a already exists. Please use a different submission_id"
        );
        assert_eq!(Said::of("Job nope does not exist\n").0, "Job nope does not exist");
        assert_eq!(Said::of("Traceback (most recent call last):").0, "Traceback (most recent call last):");
    }

    #[test]
    fn messages_say_what_was_asked_and_what_to_do() {
        let error = RayError::Version { found: "2.59.1".to_owned() };
        assert_eq!(error.to_string(), "this program works with Ray 2.60.0, the cluster has Ray 2.59.1");
        let error =
            RayError::Late { call: "list Ray's nodes".to_owned(), at: "127.0.0.1:8265".to_owned(), seconds: 10 };
        assert_eq!(error.to_string(), "failed to list Ray's nodes: Ray at 127.0.0.1:8265 gave no answer within 10 s");
        assert!(error.hint().is_some() && error.passes());
    }
}
