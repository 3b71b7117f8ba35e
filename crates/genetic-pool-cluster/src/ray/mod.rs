//! Ray's HTTP interface: jobs, packages, nodes.
//!
//! HTTP/1.1 over a published port of the head where the engine is this machine's, else over a program inside the head.
//! The token goes only where the engine says the head of the cluster is.

mod error;
mod follow;
mod http;
mod job;
mod jobs;
mod log_window;
mod nodes;
mod packages;
mod route;
mod usage;
mod version;

use std::net::SocketAddr;

use self::route::Route;
pub use self::{
    error::{RayError, Said},
    job::{Cause, Job, JobStatus},
    jobs::JobRequest,
    nodes::RayNode,
    packages::PackageName,
    usage::Usage,
    version::Version,
};
use crate::cluster::{Cluster, Token};

/// Ray's HTTP of one cluster. A clone is cheap; calls may be made side by side.
#[derive(Clone, Debug)]
pub struct Ray {
    route: Route,
    /// `None` to find out what becomes of who has none.
    token: Option<Token>,
}

impl Ray {
    /// The Ray of `cluster`: finds its head, and its token in the cluster's secrets.
    ///
    /// That Ray answers is not checked: see [`Ray::version`].
    pub async fn connect(cluster: &Cluster) -> Result<Ray, RayError> {
        let token = cluster.state().token().await?;
        let token = token.ok_or_else(|| RayError::NoToken { cluster: cluster.name.clone() })?;
        let route = Route::to(cluster);
        route.check().await?;
        Ok(Ray { route, token: Some(token) })
    }

    /// The Ray at `address`, of whatever cluster that is; it is given `token`.
    pub fn at(address: SocketAddr, token: Token) -> Ray {
        Ray { route: Route::Address(address), token: Some(token) }
    }

    /// The same Ray, shown another token or none.
    pub(crate) fn with_token(&self, token: Option<Token>) -> Ray {
        Ray { route: self.route.clone(), token }
    }
}
