//! What is at work on a cluster.

use super::Cluster;
use crate::{
    ClusterError,
    ray::{Ray, RayError},
};

impl Cluster {
    /// The ids of jobs that have not ended, whoever submitted them. A Ray that cannot be asked works on nothing.
    pub async fn active_jobs(&self) -> Vec<String> {
        self.unfinished().await.unwrap_or_default()
    }

    /// The ids of the runs whose jobs have not ended, as Ray says: records of jobs name theirs by `"submission"`.
    ///
    /// Where there is no head that works nothing is at work.
    pub async fn active_runs(&self) -> Result<Vec<String>, ClusterError> {
        let mut records = self.state().list_jobs().await?;
        records.retain(|(_, record)| record.get("submission").is_some());
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let active = match self.unfinished().await {
            Ok(active) => active,
            Err(RayError::NoHead { .. } | RayError::HeadStopped { .. } | RayError::NoToken { .. }) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let works = |submission: &str| active.iter().any(|job| job == submission);
        records.retain(|(_, record)| record.get("submission").and_then(|value| value.as_str()).is_some_and(works));
        Ok(records.into_iter().map(|(id, _)| id).collect())
    }

    async fn unfinished(&self) -> Result<Vec<String>, RayError> {
        let jobs = Ray::connect(self).await?.jobs().await?;
        let active = jobs.into_iter().filter(|job| job.submitted && !job.status.is_terminal());
        Ok(active.map(|job| job.id).collect())
    }
}
