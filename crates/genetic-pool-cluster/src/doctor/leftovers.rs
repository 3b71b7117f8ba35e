//! What clusters left behind.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bollard::query_parameters::{ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder};

use super::{Finding, in_time};
use crate::{
    engine::{Engine, EngineError},
    names::{LABEL_CLUSTER, LABEL_ROLE, Role},
};

/// What is there of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Remains {
    /// What its containers are.
    pub roles: BTreeSet<String>,
    /// How many containers there are.
    pub containers: usize,
    /// The names of its networks, of which the engine may have two with one name.
    pub networks: Vec<String>,
    /// How many volumes there are.
    pub volumes: usize,
}

/// What `engine` has of each cluster.
pub(super) async fn look(engine: &Engine) -> Result<BTreeMap<String, Remains>, String> {
    let docker = engine.docker();
    let filters = HashMap::from([("label", vec![LABEL_CLUSTER])]);
    let question = async {
        let failed = |what: &str| {
            let action = format!("list its {what}");
            move |error| EngineError::of(action, error)
        };
        let containers = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let containers = docker.list_containers(Some(containers)).await.map_err(failed("containers"))?;
        let networks = ListNetworksOptionsBuilder::new().filters(&filters).build();
        let networks = docker.list_networks(Some(networks)).await.map_err(failed("networks"))?;
        let volumes = ListVolumesOptionsBuilder::new().filters(&filters).build();
        let volumes = docker.list_volumes(Some(volumes)).await.map_err(failed("volumes"))?;
        Ok((containers, networks, volumes.volumes.unwrap_or_default()))
    };
    let (containers, networks, volumes) = in_time(question).await?;
    let mut clusters: BTreeMap<String, Remains> = BTreeMap::new();
    for mut labels in containers.into_iter().filter_map(|container| container.labels) {
        let Some(cluster) = labels.remove(LABEL_CLUSTER) else { continue };
        let remains = clusters.entry(cluster).or_default();
        remains.containers += 1;
        remains.roles.extend(labels.remove(LABEL_ROLE));
    }
    for network in networks {
        let Some(cluster) = network.labels.and_then(|mut labels| labels.remove(LABEL_CLUSTER)) else { continue };
        clusters.entry(cluster).or_default().networks.push(network.name.unwrap_or_default());
    }
    for mut volume in volumes {
        let Some(cluster) = volume.labels.remove(LABEL_CLUSTER) else { continue };
        clusters.entry(cluster).or_default().volumes += 1;
    }
    Ok(clusters)
}

/// Whether any cluster is only half there.
pub(super) fn of(clusters: Result<BTreeMap<String, Remains>, String>) -> Finding {
    let name = "leftovers";
    let clusters = match clusters {
        Ok(clusters) => clusters,
        Err(seen) => return Finding::unknown(name, seen),
    };
    let broken: Vec<(&String, String)> =
        clusters.iter().filter_map(|(cluster, remains)| fault(remains).map(|fault| (cluster, fault))).collect();
    if broken.is_empty() {
        let names: Vec<String> = clusters.keys().map(|cluster| format!("`{cluster}`")).collect();
        let seen = match names.len() {
            0 => "none, and no cluster".to_owned(),
            _ => format!("none; there is {}", names.join(", ")),
        };
        return Finding::ok(name, seen);
    }
    let seen = broken.iter().map(|(cluster, fault)| format!("`{cluster}`: {fault}")).collect::<Vec<_>>().join("; ");
    let commands: Vec<String> =
        broken.iter().map(|(cluster, _)| format!("`genetic-pool cluster down -c {cluster}`")).collect();
    Finding::warning(name, seen, format!("remove what is left: {}", commands.join(", ")))
}

/// Why a cluster is not whole.
fn fault(remains: &Remains) -> Option<String> {
    let mut names = remains.networks.clone();
    names.sort();
    if let Some([name, ..]) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Some(format!("there are two networks `{name}`"));
    }
    if remains.roles.contains(&Role::Control.to_string()) {
        return None;
    }
    let count = |number: usize, what: &str| match number {
        0 => None,
        1 => Some(format!("1 {what}")),
        number => Some(format!("{number} {what}s")),
    };
    let there = [
        count(remains.containers, "container"),
        count(remains.networks.len(), "network"),
        count(remains.volumes, "volume"),
    ];
    Some(format!("{} without the control container", there.into_iter().flatten().collect::<Vec<_>>().join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Report;

    #[test]
    fn a_cluster_is_whole_or_half_there() {
        let whole = Remains {
            roles: ["control", "head", "worker-0"].map(str::to_owned).into(),
            containers: 3,
            networks: vec!["a-inner".to_owned(), "a-outer".to_owned()],
            volumes: 4,
        };
        let twice = Remains {
            networks: vec!["b-inner".to_owned(), "b-outer".to_owned(), "b-inner".to_owned()],
            ..whole.clone()
        };
        let half = Remains { containers: 1, volumes: 2, ..Remains::default() };
        let clusters = |list: Vec<(&str, &Remains)>| {
            Ok(list.into_iter().map(|(name, remains)| (name.to_owned(), remains.clone())).collect())
        };
        let findings = vec![
            of(clusters(vec![])),
            of(clusters(vec![("a", &whole)])),
            of(clusters(vec![("a", &whole), ("b", &twice), ("c", &half)])),
            of(Err("the engine did not answer within 10 s".to_owned())),
        ];
        insta::assert_snapshot!(Report { findings }, @r"
        ✓ ok       leftovers  none, and no cluster
        ✓ ok       leftovers  none; there is `a`
        ! warning  leftovers  `b`: there are two networks `b-inner`; `c`: 1 container, 2 volumes without the control container
                              hint: remove what is left: `genetic-pool cluster down -c b`, `genetic-pool cluster down -c c`
        ? unknown  leftovers  the engine did not answer within 10 s
        ");
    }
}
