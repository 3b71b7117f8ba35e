//! `down`: removes a cluster.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::{Cluster, LifeError, Listener, Step, apply::things, plan};
use crate::{ClusterError, names::Role};

/// A cluster that is gone.
#[derive(Clone, Debug, Serialize)]
pub struct Down {
    /// What was done; nothing where nothing was there.
    pub steps: Vec<Step>,
    /// The name of a cluster that is there and may have been meant, where nothing was.
    pub nearest: Option<String>,
    /// How long it took.
    #[serde(skip)]
    pub took: Duration,
}

impl Cluster {
    /// What [`down`](Cluster::down) would do. Nothing is changed.
    pub async fn plan_down(&self) -> Result<Vec<Step>, ClusterError> {
        Ok(plan::down(&self.seen().await?))
    }

    /// Removes everything that carries the cluster's label, what it keeps included. Where nothing is there nothing is
    /// done. It is refused while a run is at work, unless `force` says otherwise.
    pub async fn down(&self, force: bool, tell: Listener<'_>) -> Result<Down, ClusterError> {
        let _lock = self.lock("down").await?;
        let start = Instant::now();
        let seen = self.seen().await?;
        if seen.is_empty() {
            let nearest = match self.unknown().await? {
                LifeError::Unknown { nearest, .. } => nearest,
                _ => None,
            };
            return Ok(Down { steps: Vec::new(), nearest, took: start.elapsed() });
        }
        // A run works where there is a head to drive it.
        if !force && seen.container(Role::Head).is_some() && seen.container(Role::Control).is_some() {
            self.check_idle().await?;
        }
        let steps = plan::down(&seen);
        tell(super::ClusterEvent::Planned(steps.clone()));
        let removed = self.remove(&steps, tell).await;
        // What came meanwhile, or was still in use, goes now.
        let left = self.seen().await?;
        if !left.is_empty() {
            self.remove(&plan::down(&left), tell).await?;
            let left = things(&self.seen().await?);
            if !left.is_empty() {
                removed?;
                return Err(LifeError::Left { name: self.name.clone(), things: left }.into());
            }
        }
        Ok(Down { steps, nearest: None, took: start.elapsed() })
    }
}
