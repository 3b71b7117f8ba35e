//! What happens to the nodes of a cluster while somebody watches it.

use std::collections::HashMap;

use bollard::{models::EventMessage, query_parameters::EventsOptionsBuilder};
use futures_util::{Stream, StreamExt};
use jiff::{SignedDuration, Timestamp};

use super::Cluster;
use crate::{
    engine::EngineError,
    names::{LABEL_CLUSTER, LABEL_ROLE, Role},
};

/// Something happened to a container of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It was started, perhaps not for the first time.
    Started {
        /// The engine's id of it.
        id: String,
        /// What it is.
        role: Role,
    },
    /// It was removed.
    Removed {
        /// The engine's id of it.
        id: String,
    },
}

/// The changes of the last minute and all that follow; it ends with the engine.
///
/// Those of the last minute come again, so that nothing is missed between a list of containers and the first change,
/// even where the engine's clock is another one: whoever reads them must take a change twice without harm.
pub(super) fn changes(cluster: &Cluster) -> impl Stream<Item = Result<Change, EngineError>> + Send + use<> {
    let label = format!("{LABEL_CLUSTER}={}", cluster.name);
    let filters = HashMap::from([
        ("type", vec!["container".to_owned()]),
        ("event", vec!["start".to_owned(), "destroy".to_owned()]),
        ("label", vec![label]),
    ]);
    let since = Timestamp::now() - SignedDuration::from_mins(1);
    let options = EventsOptionsBuilder::default().since(&since.as_second().to_string()).filters(&filters).build();
    let docker = cluster.engine.docker().clone();
    docker.events(Some(options)).filter_map(|event| {
        let change = match event {
            Ok(event) => change(event).map(Ok),
            Err(error) => Some(Err(EngineError::of("tell what happens to containers", error))),
        };
        std::future::ready(change)
    })
}

fn change(event: EventMessage) -> Option<Change> {
    let actor = event.actor?;
    let id = actor.id?;
    match event.action?.as_str() {
        "start" => {
            let role = actor.attributes?.get(LABEL_ROLE)?.parse().ok()?;
            Some(Change::Started { id, role })
        }
        "destroy" => Some(Change::Removed { id }),
        _ => None,
    }
}
