//! The way to a cluster that takes runs.

use genetic_pool_cluster::{cluster::Cluster, names::ClusterName, ray::Ray};

use super::{error::RemoteError, package::Architecture};
use crate::experiment::nearest;

/// A cluster whose Ray answers, and is the one this program works with.
#[derive(Clone, Debug)]
pub struct Link {
    /// The cluster.
    pub cluster: Cluster,
    /// Its Ray.
    pub ray: Ray,
}

impl Link {
    /// Reaches `cluster`, which must be there and ready.
    pub async fn open(cluster: Cluster) -> Result<Link, RemoteError> {
        known(&cluster).await?;
        let ray = Ray::connect(&cluster).await?;
        ray.check_version().await?;
        Ok(Link { cluster, ray })
    }

    /// The architecture of its nodes, where it is one this program knows of.
    pub async fn architecture(&self) -> Result<Option<Architecture>, RemoteError> {
        Ok(self.cluster.architecture().await?.as_deref().and_then(Architecture::named))
    }
}

/// Fails where there is nothing of `cluster`.
pub(super) async fn known(cluster: &Cluster) -> Result<(), RemoteError> {
    if cluster.state().wanted().await?.is_some() {
        return Ok(());
    }
    let names = cluster.others().await?;
    let nearest = nearest(cluster.name.as_str(), names.iter().map(ClusterName::as_str)).map(str::to_owned);
    Err(RemoteError::UnknownCluster { name: cluster.name.clone(), nearest })
}
