//! What is at work on a cluster.

use super::Cluster;
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
}
