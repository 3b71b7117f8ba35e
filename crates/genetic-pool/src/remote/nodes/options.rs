//! What the driver is told about the cluster it is in.

use std::{path::PathBuf, str::FromStr, time::Duration};

/// How a run reaches the nodes of the Ray cluster that its driver is in; the address is in `RAY_ADDRESS`.
#[derive(Clone, Debug)]
pub struct Options {
    /// The interpreter that runs the bridge: it has Ray, of the cluster's version.
    pub python: PathBuf,
    /// The file that holds [`BRIDGE`](crate::remote::BRIDGE).
    pub bridge: PathBuf,
    /// How nodes start this program; a relative path is relative to Ray's working folder, which is the same on each.
    pub executable: PathBuf,
    /// The experiment's folder on the nodes, relative to Ray's working folder.
    pub directory: PathBuf,
    /// The interpreter of Python evaluations on the nodes; `None`: `python3` on their `PATH`.
    pub interpreter: Option<PathBuf>,
    /// How many evaluations go at once in all; `None`: as many as the nodes have CPUs for.
    pub slots: Option<usize>,
    /// Where evaluations are done.
    pub placement: Placement,
    /// How long the cluster may be without a node that evaluates, at the beginning as later.
    pub deadline: Duration,
}

impl Options {
    /// The usual [`deadline`](Options::deadline): a node that was killed is back well before.
    pub const DEADLINE: Duration = Duration::from_mins(2);
}

/// Where evaluations are done: what comes out is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// On the nodes, until they turn out to be cheaper than their journey: then beside the driver.
    #[default]
    Auto,
    /// On the nodes.
    Nodes,
    /// Beside the driver.
    Driver,
}

impl Placement {
    /// All of them, as they are written.
    pub const NAMES: [(&'static str, Placement); 3] =
        [("auto", Placement::Auto), ("nodes", Placement::Nodes), ("driver", Placement::Driver)];
}

/// A placement of another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("evaluations are placed `auto`, `nodes` or `driver`")]
pub struct UnknownPlacement;

impl FromStr for Placement {
    type Err = UnknownPlacement;

    fn from_str(name: &str) -> Result<Placement, UnknownPlacement> {
        let known = Placement::NAMES.into_iter().find(|(known, _)| *known == name);
        known.map(|(_, placement)| placement).ok_or(UnknownPlacement)
    }
}
