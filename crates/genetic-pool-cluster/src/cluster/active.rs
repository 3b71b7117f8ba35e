//! Runs a cluster is at work on.

use super::Cluster;
use crate::ClusterError;

impl Cluster {
    /// The ids of the runs whose jobs are not known to have ended: records with `"active": true`.
    pub async fn active_runs(&self) -> Result<Vec<String>, ClusterError> {
        let jobs = self.state().list_jobs().await?;
        let active = jobs.into_iter().filter(|(_, record)| record.get("active") == Some(&true.into()));
        Ok(active.map(|(id, _)| id).collect())
    }
}
