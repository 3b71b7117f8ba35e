//! Whether the port of Ray's HTTP can be published.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
};

use bollard::query_parameters::ListContainersOptionsBuilder;

use super::{Finding, in_time};
use crate::{
    engine::{Engine, EngineError},
    names::{DASHBOARD_PORT, DEFAULT_CLUSTER, LABEL_CLUSTER},
};

/// A container that publishes the port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Publisher {
    /// Its name.
    pub container: String,
    /// The cluster it belongs to.
    pub cluster: Option<String>,
}

/// Whether the port of the default cluster is free on 127.0.0.1, or its own. `publishers` are the engine's containers
/// that publish it, where an engine was asked.
pub(super) fn of(local: bool, publishers: Option<Result<Vec<Publisher>, String>>) -> Finding {
    let bound = local.then(|| TcpListener::bind((Ipv4Addr::LOCALHOST, DASHBOARD_PORT)).map(drop));
    judge(bound, publishers)
}

/// The containers of `engine` that publish the port on any address.
pub(super) async fn publishers(engine: &Engine) -> Result<Vec<Publisher>, String> {
    let question = async {
        let containers = engine.docker().list_containers(Some(ListContainersOptionsBuilder::new().build())).await;
        containers.map_err(|error| EngineError::of("list its containers", error))
    };
    let containers = in_time(question).await?;
    let publishing = containers.into_iter().filter(|container| {
        let ports = container.ports.as_deref().unwrap_or_default();
        ports.iter().any(|port| port.public_port == Some(DASHBOARD_PORT))
    });
    let publishing = publishing.map(|container| Publisher {
        container: name(container.names.as_deref().unwrap_or_default()),
        cluster: container.labels.and_then(|mut labels| labels.remove(LABEL_CLUSTER)),
    });
    Ok(publishing.collect())
}

/// `bound` is what became of binding it here, where here is where the engine publishes.
fn judge(bound: Option<io::Result<()>>, publishers: Option<Result<Vec<Publisher>, String>>) -> Finding {
    let name = "port";
    let port = format!("127.0.0.1:{DASHBOARD_PORT}");
    let remedy = format!(
        "free it, or choose another: `cluster up --port any` has the engine choose one, `--port {}` names one",
        DASHBOARD_PORT + 1
    );
    let publisher = match publishers {
        Some(Ok(publishers)) => publishers.into_iter().next(),
        Some(Err(seen)) if bound.is_none() => return Finding::unknown(name, seen),
        Some(Err(_)) | None => None,
    };
    match (publisher, bound) {
        (Some(Publisher { cluster: Some(cluster), .. }), _) if cluster == DEFAULT_CLUSTER => {
            Finding::ok(name, format!("{port} leads to cluster `{cluster}`"))
        }
        (Some(Publisher { container, .. }), _) => {
            Finding::problem(name, format!("{port} is taken by container `{container}`"), remedy)
        }
        (None, Some(Ok(()))) => Finding::ok(name, format!("{port} is free")),
        (None, Some(Err(error))) if error.kind() == io::ErrorKind::AddrInUse => Finding::problem(
            name,
            format!("{port} is taken by a program of this machine"),
            format!("`ss -ltnp 'sport = :{DASHBOARD_PORT}'` names it; {remedy}"),
        ),
        (None, Some(Err(error))) => Finding::unknown(name, format!("{port} cannot be tried: {error}")),
        (None, None) => Finding::unknown(
            name,
            format!("{port} of the engine's machine is taken by no container; by what else cannot be seen from here"),
        ),
    }
}

fn name(names: &[String]) -> String {
    names.first().map_or("?", |name| name.trim_start_matches('/')).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Report;

    #[test]
    fn a_port_is_free_or_ours_or_taken() {
        let publisher = |cluster: Option<&str>| {
            Some(Ok(vec![Publisher { container: "web".to_owned(), cluster: cluster.map(str::to_owned) }]))
        };
        let taken = || Some(Err(io::ErrorKind::AddrInUse.into()));
        let findings = vec![
            judge(Some(Ok(())), Some(Ok(vec![]))),
            judge(taken(), publisher(Some(DEFAULT_CLUSTER))),
            judge(taken(), publisher(Some("other"))),
            judge(taken(), publisher(None)),
            judge(taken(), Some(Ok(vec![]))),
            judge(taken(), None),
            judge(None, Some(Ok(vec![]))),
            judge(None, Some(Err("the engine did not answer within 10 s".to_owned()))),
        ];
        insta::assert_snapshot!(Report { findings }, @r"
        ✓ ok       port  127.0.0.1:8265 is free
        ✓ ok       port  127.0.0.1:8265 leads to cluster `genetic-ray`
        ✗ problem  port  127.0.0.1:8265 is taken by container `web`
                         hint: free it, or choose another: `cluster up --port any` has the engine choose one, `--port 8266` names one
        ✗ problem  port  127.0.0.1:8265 is taken by container `web`
                         hint: free it, or choose another: `cluster up --port any` has the engine choose one, `--port 8266` names one
        ✗ problem  port  127.0.0.1:8265 is taken by a program of this machine
                         hint: `ss -ltnp 'sport = :8265'` names it; free it, or choose another: `cluster up --port any` has the engine choose one, `--port 8266` names one
        ✗ problem  port  127.0.0.1:8265 is taken by a program of this machine
                         hint: `ss -ltnp 'sport = :8265'` names it; free it, or choose another: `cluster up --port any` has the engine choose one, `--port 8266` names one
        ? unknown  port  127.0.0.1:8265 of the engine's machine is taken by no container; by what else cannot be seen from here
        ? unknown  port  the engine did not answer within 10 s
        ");
    }
}
