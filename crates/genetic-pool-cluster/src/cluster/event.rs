//! What happens to a cluster while it changes.

use std::time::Duration;

use super::{observe::ContainerState, plan::Step};
use crate::{image::BuildEvent, names::ClusterName};

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are what their names say")]
pub enum ClusterEvent {
    /// The image is not there, so it is built.
    ImageMissing { image: String },
    /// The image is being built.
    Image(BuildEvent),
    /// What will be done.
    Planned(Vec<Step>),
    /// A step begins.
    Begun(Step),
    /// A step was done.
    Done { step: Step, took: Duration },
    /// A step failed; the others of its phase go on, the error of the first one comes at the end.
    StepFailed { step: Step, error: String },
    /// The nodes are waited for.
    Waiting { nodes: usize, at_most: Duration },
    /// A node's own Ray answers.
    NodeAnswers { node: String, after: Duration },
    /// So many nodes are in Ray's list.
    NodesListed { listed: usize, of: usize, after: Duration },
    /// A node ended, or is about to start again.
    NodeEnded { node: String, state: ContainerState, exit_code: Option<i64> },
    /// All nodes are ready.
    Ready { after: Duration },
    /// What was begun is taken back.
    RollingBack { parts: usize },
    /// What was begun was taken back.
    RolledBack,
    /// Nodes were removed to be replaced, and are missing now that what replaced them was taken back.
    LeftMissing { name: ClusterName },
    /// What was begun is left as it is, since that was asked for.
    Kept { parts: usize },
    /// Something could not be taken back.
    NotTakenBack { what: String, error: String },
}

/// Who is told. It may be told from several tasks at once.
pub type Listener<'a> = &'a (dyn Fn(ClusterEvent) + Send + Sync);
