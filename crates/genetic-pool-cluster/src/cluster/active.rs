//! Which runs are at work on a cluster.

use super::Cluster;
use crate::{
    ClusterError,
    ray::{Ray, RayError},
};

impl Cluster {
    /// The ids of the runs whose jobs have not ended, as Ray says: records of jobs name theirs by `"submission"`.
    ///
    /// Where there is no head that works nothing is at work.
    pub async fn active_runs(&self) -> Result<Vec<String>, ClusterError> {
        let mut records = self.state().list_jobs().await?;
        records.retain(|(_, record)| record.get("submission").is_some());
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let ray = match Ray::connect(self).await {
            Ok(ray) => ray,
            Err(RayError::NoHead { .. } | RayError::HeadStopped { .. } | RayError::NoToken { .. }) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(error.into()),
        };
        let jobs = ray.jobs().await?;
        let works = |submission: &str| jobs.iter().any(|job| job.id == submission && !job.status.is_terminal());
        records.retain(|(_, record)| record.get("submission").and_then(|value| value.as_str()).is_some_and(works));
        Ok(records.into_iter().map(|(id, _)| id).collect())
    }
}
