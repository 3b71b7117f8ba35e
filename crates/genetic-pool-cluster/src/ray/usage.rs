//! How much of the cluster is in use.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Ray, RayError, Said, http::Call};

/// How much of a cluster is in use, as Ray counted it within the last 5 seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Slots that are reserved.
    pub slots_used: f64,
    /// Slots there are; those of a node that was lost just now are still counted.
    pub slots: f64,
}

impl Ray {
    /// How much of the cluster is in use.
    pub async fn usage(&self) -> Result<Usage, RayError> {
        let call = Call::get("ask for the cluster's usage", "/api/cluster_status");
        let what = call.what.clone();
        let status: Status = self.ask(call).await?;
        let report = status.data.and_then(|data| data.cluster_status?.load_metrics_report);
        let Some(report) = report else {
            // Until Ray's monitor has written its first report there is none.
            return Err(RayError::Refused { call: what, status: 200, said: Said::of(&status.msg) });
        };
        let (slots_used, slots) = report.usage.get("CPU").copied().unwrap_or_default();
        Ok(Usage { slots_used, slots })
    }

    /// How many slots are reserved on each node, by Ray's ids.
    pub async fn usage_by_node(&self) -> Result<BTreeMap<String, f64>, RayError> {
        let status: Status = self.ask(Call::get("ask for the nodes' usage", "/api/cluster_status")).await?;
        let report = status.data.and_then(|data| data.cluster_status?.load_metrics_report);
        let nodes = report.map(|report| report.usage_by_node).unwrap_or_default();
        let used = |resources: BTreeMap<String, (f64, f64)>| resources.get("CPU").map_or(0.0, |(used, _)| *used);
        Ok(nodes.into_iter().map(|(id, resources)| (id, used(resources))).collect())
    }
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    msg: String,
    data: Option<Data>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    cluster_status: Option<ClusterStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClusterStatus {
    load_metrics_report: Option<Report>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(default)]
    usage: BTreeMap<String, (f64, f64)>,
    #[serde(default)]
    usage_by_node: BTreeMap<String, BTreeMap<String, (f64, f64)>>,
}
