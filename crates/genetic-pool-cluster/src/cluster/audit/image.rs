//! Whether the token shows in the images that the nodes are made from, or in labels.

use std::collections::{BTreeSet, HashMap};

use bollard::query_parameters::{ListNetworksOptionsBuilder, ListVolumesOptionsBuilder};

use super::{Check, Cluster, Node, Promise, Token, judge::Ground};
use crate::{ClusterError, engine::EngineError, names::LABEL_CLUSTER};

/// A check for each image; the labels of networks and volumes go with the first.
pub(super) async fn checks(
    cluster: &Cluster,
    nodes: &[Node],
    token: Option<&Token>,
) -> Result<Vec<Check>, ClusterError> {
    let images: BTreeSet<String> = nodes.iter().filter_map(|node| node.seen.image.clone()).collect();
    let mut checks = Vec::new();
    for (index, image) in images.into_iter().enumerate() {
        let mut ground = Ground::default();
        let short: String = image.trim_start_matches("sha256:").chars().take(12).collect();
        match token {
            None => ground.missing.push("there is no token to search for".to_owned()),
            Some(token) => {
                of_image(cluster, &image, token, &mut ground).await?;
                if index == 0 {
                    of_rest(cluster, token, &mut ground).await?;
                }
            }
        }
        checks.push(ground.check(Promise::TokenHidden, &format!("image {short}")));
    }
    Ok(checks)
}

async fn of_image(cluster: &Cluster, image: &str, token: &Token, ground: &mut Ground) -> Result<(), ClusterError> {
    let failed = |error| EngineError::of(format!("inspect image `{image}`"), error);
    let docker = cluster.engine.docker();
    let seen = docker.inspect_image(image).await.map_err(failed)?;
    let history = docker.image_history(image).await.map_err(failed)?;
    for (what, text) in [("inspection", serde_json::to_string(&seen)), ("history", serde_json::to_string(&history))] {
        match text {
            Ok(text) if text.contains(token.reveal()) => ground.broken.push(format!("it is in the image's {what}")),
            Ok(_) => ground.held.push(format!("not in its {what}")),
            Err(error) => ground.missing.push(error.to_string()),
        }
    }
    Ok(())
}

/// Networks and volumes as the engine tells them, their names, labels and options.
async fn of_rest(cluster: &Cluster, token: &Token, ground: &mut Ground) -> Result<(), ClusterError> {
    let failed = |error| EngineError::of(format!("list the parts of cluster `{}`", cluster.name), error);
    let docker = cluster.engine.docker();
    let label = HashMap::from([("label", vec![format!("{LABEL_CLUSTER}={}", cluster.name)])]);
    let networks = ListNetworksOptionsBuilder::new().filters(&label).build();
    let networks = docker.list_networks(Some(networks)).await.map_err(failed)?;
    let volumes = ListVolumesOptionsBuilder::new().filters(&label).build();
    let volumes = docker.list_volumes(Some(volumes)).await.map_err(failed)?.volumes.unwrap_or_default();
    match serde_json::to_string(&(&networks, &volumes)) {
        Ok(text) if text.contains(token.reveal()) => {
            ground.broken.push("it is in a name or label of a network or volume".to_owned());
        }
        Ok(_) => ground
            .held
            .push(format!("nor in names and labels of {} networks and volumes", networks.len() + volumes.len())),
        Err(error) => ground.missing.push(error.to_string()),
    }
    Ok(())
}
