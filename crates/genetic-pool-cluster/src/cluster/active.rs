//! Runs a cluster is at work on.

use super::Cluster;
use crate::{ClusterError, ray::Ray};

impl Cluster {
    /// The jobs that were submitted and have not ended, by their ids. A Ray that cannot be asked works on nothing.
    pub async fn active_jobs(&self) -> Result<Vec<String>, ClusterError> {
        let Ok(ray) = Ray::connect(self).await else { return Ok(Vec::new()) };
        let Ok(jobs) = ray.jobs().await else { return Ok(Vec::new()) };
        let active = jobs.into_iter().filter(|job| job.submitted && !job.status.is_terminal());
        Ok(active.map(|job| job.id).collect())
    }
}
