//! Ray's nodes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::{Ray, RayError, Said, http::Call};

/// What the custom resource begins with that names a node: `genetic_pool_node:worker-0`.
const NODE_RESOURCE: &str = "genetic_pool_node:";

/// A node as Ray sees it. One that was lost stays in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct RayNode {
    /// Ray's id of it; a node that restarts gets another one.
    pub id: String,
    /// What it is called in its cluster (`head`, `worker-0`), where it was started by this program.
    pub name: Option<String>,
    /// Its address inside the cluster.
    pub address: String,
    /// Whether it is alive; one that was killed counts as alive for some seconds more.
    pub alive: bool,
    /// Why it is no longer alive, where Ray says so.
    pub death: Option<String>,
    /// Whether it is the head.
    pub head: bool,
    /// Its slots: Ray's CPUs.
    pub cpus: f64,
    /// All it offers.
    pub resources: BTreeMap<String, f64>,
    /// What it is marked with.
    pub labels: BTreeMap<String, String>,
    /// When it joined.
    pub started: Option<Timestamp>,
}

impl Ray {
    /// All nodes there are and were, the head first, then by name, the newest of a name first.
    pub async fn nodes(&self) -> Result<Vec<RayNode>, RayError> {
        // The limit is the largest that Ray takes; without one it cuts the list at 100.
        let call = Call::get("list Ray's nodes", "/api/v0/nodes?detail=1&limit=10000");
        let what = call.what.clone();
        let listing: Listing = self.ask(call).await?;
        let Some(data) = listing.data.and_then(|data| data.result) else {
            return Err(RayError::Refused { call: what, status: 200, said: Said::of(&listing.msg) });
        };
        Ok(sorted(data.result.into_iter().map(RayNode::from).collect()))
    }
}

fn sorted(mut nodes: Vec<RayNode>) -> Vec<RayNode> {
    nodes.sort_by(|a, b| {
        let key = |node: &RayNode| (!node.head, node.name.as_deref().map_or((0, String::new()), by_number));
        key(a).cmp(&key(b)).then(b.started.cmp(&a.started)).then_with(|| a.id.cmp(&b.id))
    });
    nodes
}

/// `worker-10` stands behind `worker-9`.
fn by_number(name: &str) -> (usize, String) {
    (name.len(), name.to_owned())
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    msg: String,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    result: Option<Rows>,
}

#[derive(Deserialize)]
struct Rows {
    result: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    node_id: String,
    node_ip: String,
    #[serde(default)]
    is_head_node: bool,
    state: String,
    state_message: Option<String>,
    #[serde(default)]
    resources_total: Option<BTreeMap<String, f64>>,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    start_time_ms: Option<i64>,
}

impl From<Row> for RayNode {
    fn from(row: Row) -> RayNode {
        let resources = row.resources_total.unwrap_or_default();
        let name = resources.keys().find_map(|key| key.strip_prefix(NODE_RESOURCE)).map(str::to_owned);
        let started = row.start_time_ms.filter(|&time| time > 0);
        RayNode {
            id: row.node_id,
            name,
            address: row.node_ip,
            alive: row.state == "ALIVE",
            death: row.state_message.filter(|message| !message.is_empty()),
            head: row.is_head_node,
            cpus: resources.get("CPU").copied().unwrap_or(0.0),
            resources,
            labels: row.labels.unwrap_or_default(),
            started: started.and_then(|time| Timestamp::from_millisecond(time).ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, name: &str, started: i64) -> RayNode {
        let row = format!(
            r#"{{"node_id": "{id}", "node_ip": "10.0.0.2", "is_head_node": {}, "state": "ALIVE", "state_message": null,
                 "resources_total": {{"CPU": 2.0, "genetic_pool_node:{name}": 1.0}}, "start_time_ms": {started}}}"#,
            name == "head"
        );
        serde_json::from_str::<Row>(&row).unwrap().into()
    }

    #[test]
    fn a_node_is_named_by_its_resource_and_the_newest_of_a_name_comes_first() {
        let nodes = [("a", "worker-10", 5), ("b", "worker-9", 5), ("c", "worker-9", 7), ("d", "head", 9)];
        let nodes = sorted(nodes.map(|(id, name, started)| node(id, name, started)).into());
        let ids: Vec<&str> = nodes.iter().map(|node| node.id.as_str()).collect();
        assert_eq!(ids, ["d", "c", "b", "a"]);
        assert_eq!((nodes[1].name.as_deref(), nodes[1].cpus, nodes[0].head), (Some("worker-9"), 2.0, true));
    }

    #[test]
    fn a_node_that_died_early_has_no_resources() {
        let row = r#"{"node_id": "a", "node_ip": "10.0.0.2", "state": "DEAD", "state_message": "lost", "resources_total": null}"#;
        let node = RayNode::from(serde_json::from_str::<Row>(row).unwrap());
        assert_eq!((node.alive, node.death.as_deref(), node.name, node.started), (false, Some("lost"), None, None));
    }
}
