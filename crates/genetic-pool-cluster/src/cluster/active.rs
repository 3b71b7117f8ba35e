//! What is at work on a cluster.

use super::{Cluster, LifeError};
use crate::{
    ClusterError,
    ray::{Ray, RayError},
};

impl Cluster {
    /// The ids of the jobs that were submitted and have not ended. Where there is no head that runs nothing is at work.
    pub async fn active_jobs(&self) -> Result<Vec<String>, ClusterError> {
        let jobs = match Ray::connect(self).await {
            Ok(ray) => ray.jobs().await,
            Err(error) => Err(error),
        };
        match jobs {
            Ok(jobs) => {
                let active = jobs.into_iter().filter(|job| job.submitted && !job.status.is_terminal());
                Ok(active.map(|job| job.id).collect())
            }
            Err(RayError::NoHead { .. } | RayError::HeadStopped { .. } | RayError::NoToken { .. }) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// Refuses where a run is at work, and where a Ray that does not answer may have one.
    pub async fn check_idle(&self) -> Result<(), ClusterError> {
        match self.active_jobs().await {
            Ok(active) if active.is_empty() => Ok(()),
            Ok(active) => Err(LifeError::Active { name: self.name.clone(), active }.into()),
            // Jobs are recorded before they are submitted.
            Err(ClusterError::Ray(_)) if self.state().list_jobs().await?.is_empty() => Ok(()),
            Err(ClusterError::Ray(source)) => {
                Err(LifeError::Unasked { name: self.name.clone(), source: Box::new(source) }.into())
            }
            Err(error) => Err(error),
        }
    }
}
