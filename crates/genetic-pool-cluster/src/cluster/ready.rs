//! Waits until a cluster is ready: every node's own Ray answers, and the head lists every node.
//!
//! No line of a log is ever waited for. Docker's own health check looks every ten seconds only, so the same probe runs
//! inside each node until it succeeds.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bollard::{
    errors::Error,
    models::{ContainerInspectResponse, HealthStatusEnum},
    query_parameters::LogsOptionsBuilder,
};
use futures_util::{
    StreamExt,
    future::{join_all, try_join_all},
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{
    BadNode, Cluster, ClusterEvent, LifeError, Listener,
    observe::{ContainerState, container_state},
};
use crate::{ClusterError, engine::EngineError, names::Role};

/// Ends well when the node is healthy and its raylet answers, and badly after a while: the engine does not end the
/// programs of clients that went away.
const NODE: &str = "\
import sys, time
sys.path.insert(0, '/opt/genetic-pool')
import node
end = time.monotonic() + 30
while node.probe() or node.ready():
    if time.monotonic() > end:
        sys.exit(1)
    time.sleep(0.1)
";

/// Ends well when Ray lists all the nodes named by the arguments as alive, and badly after a while; prints how many each
/// time that changes.
const HEAD: &str = "\
import json, os, sys, time, urllib.request
with open(os.environ['RAY_AUTH_TOKEN_PATH']) as file:
    token = file.read().strip()
url = 'http://127.0.0.1:8265/api/v0/nodes?detail=1&limit=10000&filter_keys=state&filter_predicates==&filter_values=ALIVE'
request = urllib.request.Request(url, headers={'Authorization': 'Bearer ' + token})
wanted, known, end = set(sys.argv[1:]), -1, time.monotonic() + 30
while known < len(wanted):
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            nodes = json.load(answer)['data']['result']['result']
    except (OSError, ValueError, KeyError, TypeError):
        nodes = []
    listed = len(wanted & {node['node_name'] for node in nodes})
    if listed != known:
        known = listed
        print(listed, flush=True)
    if known < len(wanted):
        if time.monotonic() > end:
            sys.exit(1)
        time.sleep(0.1)
";

const PYTHON: &str = "/opt/genetic-pool/bin/python3";

/// Lines of a bad node's log that are shown.
const LINES: usize = 15;

impl Cluster {
    /// Waits until `nodes` are ready, for `timeout` at most.
    pub(super) async fn wait_ready(
        &self,
        nodes: &[Role],
        timeout: Duration,
        tell: Listener<'_>,
        cancel: &CancellationToken,
    ) -> Result<(), ClusterError> {
        let start = Instant::now();
        tell(ClusterEvent::Waiting { nodes: nodes.len(), at_most: timeout });
        let answered = Mutex::new(Vec::new());
        let ended = Mutex::new(BTreeMap::new());
        let answers = try_join_all(nodes.iter().map(async |role| {
            self.node_answers(*role).await?;
            tell(ClusterEvent::NodeAnswers { node: role.to_string(), after: start.elapsed() });
            if let Ok(mut answered) = answered.lock() {
                answered.push(*role);
            }
            Ok::<(), EngineError>(())
        }));
        let all = async {
            futures_util::try_join!(answers, self.nodes_listed(nodes, start, tell))?;
            Ok::<(), EngineError>(())
        };
        let given_up = tokio::select! {
            ready = all => {
                ready?;
                tell(ClusterEvent::Ready { after: start.elapsed() });
                return Ok(());
            }
            () = cancel.cancelled() => return Err(ClusterError::Interrupted),
            () = sleep(timeout) => None,
            hopeless = self.hopeless(nodes, &ended, tell) => Some(hopeless?),
        };
        let answered = answered.lock().map(|answered| answered.clone()).unwrap_or_default();
        let troubles = join_all(nodes.iter().map(async |role| {
            let sure = given_up == Some(*role);
            let ended = ended.lock().ok().and_then(|mut ended| ended.remove(role));
            self.trouble(*role, answered.contains(role), sure, ended).await
        }));
        let mut troubles: Vec<(bool, BadNode)> =
            troubles.await.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        // Who made the waiting hopeless comes first; the rest only waited for it.
        troubles.sort_by_key(|(sure, _)| !sure);
        let troubles = troubles.into_iter().map(|(_, trouble)| trouble).collect();
        Err(LifeError::NotReady { name: self.name.clone(), after: start.elapsed(), nodes: troubles }.into())
    }

    /// Waits until the node's own Ray answers, over ends and starts of its container.
    async fn node_answers(&self, role: Role) -> Result<(), EngineError> {
        let command = [PYTHON, "-I", "-S", "-c", NODE];
        self.until_succeeds(role, &command, |_| {}).await
    }

    /// Waits until Ray lists `nodes`.
    async fn nodes_listed(&self, nodes: &[Role], start: Instant, tell: Listener<'_>) -> Result<(), EngineError> {
        let names: Vec<String> = nodes.iter().map(Role::to_string).collect();
        let mut command = vec![PYTHON, "-I", "-S", "-c", HEAD];
        command.extend(names.iter().map(String::as_str));
        // The program may have to run more than once.
        let last = AtomicUsize::new(usize::MAX);
        self.until_succeeds(Role::Head, &command, |line| {
            if let Ok(listed) = line.parse()
                && last.swap(listed, Ordering::Relaxed) != listed
            {
                tell(ClusterEvent::NodesListed { listed, of: nodes.len(), after: start.elapsed() });
            }
        })
        .await
    }

    /// Runs `command` in the node until it ends well.
    async fn until_succeeds(&self, role: Role, command: &[&str], line: impl Fn(&str)) -> Result<(), EngineError> {
        let container = self.name.container(role);
        loop {
            match self.succeeds(&container, command, &line).await {
                Ok(true) => return Ok(()),
                // It is not running, or ended meanwhile: whether it will come back is for others to say.
                Ok(false) | Err(Error::DockerResponseServerError { status_code: 404 | 409 | 500, .. }) => {
                    sleep(Duration::from_millis(300)).await;
                }
                Err(error) => return Err(EngineError::of(format!("look into container `{container}`"), error)),
            }
        }
    }

    async fn succeeds(&self, container: &str, command: &[&str], line: &impl Fn(&str)) -> Result<bool, Error> {
        let mut program = self.engine.exec(container, command).await?;
        while let Some(text) = program.line().await? {
            line(&text);
        }
        Ok(program.exit_code().await? == Some(0))
    }

    /// Ends when it is clear that a node will not be ready: which. How nodes ended goes into `ended`: of one that was
    /// started again the engine says it no longer.
    async fn hopeless(
        &self,
        nodes: &[Role],
        ended: &Mutex<BTreeMap<Role, ContainerInspectResponse>>,
        tell: Listener<'_>,
    ) -> Result<Role, EngineError> {
        let mut told = Vec::new();
        loop {
            for role in nodes {
                let Some(container) = self.inspected(*role).await? else { return Ok(*role) };
                let ends = ends(&container);
                if !told.contains(&(*role, ends)) && ends != 0 {
                    told.push((*role, ends));
                    let state = container.state.clone().unwrap_or_default();
                    let is = container_state(state.status);
                    // Of who runs again the engine says 0.
                    let exit_code = state.exit_code.filter(|_| is != ContainerState::Running);
                    tell(ClusterEvent::NodeEnded { node: role.to_string(), state: is, exit_code });
                }
                let is_hopeless = is_hopeless(&container);
                if !is_running(&container)
                    && let Ok(mut ended) = ended.lock()
                {
                    ended.insert(*role, container);
                }
                if is_hopeless {
                    return Ok(*role);
                }
            }
            sleep(Duration::from_millis(500)).await;
        }
    }

    /// What is wrong with the node, and whether it is so without any doubt; nothing where it is well.
    async fn trouble(
        &self,
        role: Role,
        answered: bool,
        sure: bool,
        ended: Option<ContainerInspectResponse>,
    ) -> Result<Option<(bool, BadNode)>, EngineError> {
        let node = role.to_string();
        let Some(container) = self.inspected(role).await? else {
            let fault = "its container is gone".to_owned();
            return Ok(Some((true, BadNode { node, fault, hint: None, health: None, log: Vec::new() })));
        };
        let container = ended.filter(|_| is_running(&container)).unwrap_or(container);
        let bad = ends(&container) > 0 || is_hopeless(&container);
        if answered && !bad && !sure {
            return Ok(None);
        }
        let (fault, hint) = fault(&container, role);
        let state = container.state.unwrap_or_default();
        let health = state.health.and_then(|health| health.log).unwrap_or_default();
        let health = health.into_iter().next_back().filter(|result| result.exit_code != Some(0));
        let health = health.and_then(|result| result.output).map(|output| output.trim().to_owned());
        let health = health.filter(|health| !health.is_empty());
        Ok(Some((sure || bad, BadNode { node, fault, hint, health, log: self.last_lines(role).await? })))
    }

    async fn last_lines(&self, role: Role) -> Result<Vec<String>, EngineError> {
        let name = self.name.container(role);
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail(&LINES.to_string()).build();
        let mut pieces = Box::pin(self.engine.docker().logs(&name, Some(options)));
        let mut text = String::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|error| EngineError::of(format!("read the log of container `{name}`"), error))?;
            text.push_str(&String::from_utf8_lossy(&piece.into_bytes()));
        }
        let lines: Vec<String> =
            text.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        Ok(lines[lines.len().saturating_sub(LINES)..].to_vec())
    }
}

fn is_running(container: &ContainerInspectResponse) -> bool {
    let status = container.state.as_ref().and_then(|state| state.status);
    container_state(status) == ContainerState::Running
}

/// How often a container ended.
fn ends(container: &ContainerInspectResponse) -> i64 {
    let state = container.state.clone().unwrap_or_default();
    let ended = !matches!(container_state(state.status), ContainerState::Running | ContainerState::Paused);
    container.restart_count.unwrap_or(0) + i64::from(ended)
}

/// Whether waiting any longer is in vain.
fn is_hopeless(container: &ContainerInspectResponse) -> bool {
    let state = container.state.clone().unwrap_or_default();
    let status = container_state(state.status);
    let ended = ends(container) > 0;
    let code = state.exit_code.unwrap_or(0);
    // Codes of node.py: used wrongly, wrongly surrounded, no token, another Ray. That it did not find the head (5) may
    // be better next time.
    let by_itself = ended && matches!(code, 2 | 3 | 4 | 6);
    let by_memory = ended && (state.oom_killed == Some(true) || code == 137);
    // Nobody starts again what was stopped, removed or never started. Who is unhealthy may only be slow: the deadline is
    // for that.
    let for_good = matches!(status, ContainerState::Exited | ContainerState::Dead | ContainerState::Created);
    by_itself || by_memory || for_good || ends(container) > 3
}

/// What is wrong, and what to do about it.
fn fault(container: &ContainerInspectResponse, role: Role) -> (String, Option<String>) {
    let state = container.state.clone().unwrap_or_default();
    let restarts = container.restart_count.unwrap_or(0);
    let again = match restarts {
        0 => String::new(),
        1 => ", and was started again once".to_owned(),
        restarts => format!(", and was started again {restarts} times"),
    };
    let ended = ends(container) > 0;
    let code = state.exit_code.unwrap_or(0);
    // The first stays said of who runs again, the second does not.
    if ended && (state.oom_killed == Some(true) || code == 137 && !is_running(container)) {
        let memory = container.host_config.as_ref().and_then(|config| config.memory).unwrap_or(0);
        let memory = super::format_bytes(memory.unsigned_abs());
        let flag = if role == Role::Head { "`head.memory` in a file for `--file`" } else { "`--memory`" };
        let how = match state.oom_killed {
            Some(true) => format!("it took more than the {memory} of memory it may have"),
            _ => format!("by somebody, or for more than the {memory} of memory it may have"),
        };
        return (format!("it was killed: {how}{again}"), Some(format!("give it more with {flag}")));
    }
    let fault = match container_state(state.status) {
        ContainerState::Created => "it was never started".to_owned(),
        ContainerState::Paused => "it is paused".to_owned(),
        ContainerState::Running
            if state.health.is_some_and(|health| health.status == Some(HealthStatusEnum::UNHEALTHY)) =>
        {
            format!("it runs, and is unhealthy{again}")
        }
        ContainerState::Running if restarts > 0 => format!("it ended{again}; its Ray does not answer"),
        ContainerState::Running => "it runs, and its Ray does not answer".to_owned(),
        ContainerState::Restarting | ContainerState::Exited | ContainerState::Dead => {
            format!("it ended with exit code {code}{again}")
        }
    };
    (fault, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A container as the engine tells it.
    fn container(status: &str, code: i64, restarts: i64, more: &str) -> ContainerInspectResponse {
        let text = format!(
            r#"{{"RestartCount": {restarts}, "HostConfig": {{"Memory": 1073741824}},
                 "State": {{"Status": "{status}", "ExitCode": {code}{more}}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn waiting_ends_where_it_is_in_vain_and_says_why() {
        let unhealthy = r#", "Health": {"Status": "unhealthy"}"#;
        let containers = vec![
            container("running", 0, 0, ""),
            container("running", 0, 0, unhealthy),
            container("running", 0, 2, ""),
            container("running", 0, 4, ""),
            container("restarting", 5, 1, ""),
            container("restarting", 4, 1, ""),
            container("restarting", 6, 1, ""),
            container("exited", 1, 0, ""),
            container("exited", 137, 0, r#", "OOMKilled": true"#),
            container("running", 0, 1, r#", "OOMKilled": true"#),
            container("exited", 137, 0, r#", "OOMKilled": false"#),
            container("created", 0, 0, ""),
            container("paused", 0, 0, ""),
        ];
        let told = containers.iter().map(|container| {
            let word = if is_hopeless(container) { "in vain" } else { "waits" };
            format!("{word:<8} {}", fault(container, Role::Worker(0)).0)
        });
        insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r"
        waits    it runs, and its Ray does not answer
        waits    it runs, and is unhealthy
        waits    it ended, and was started again 2 times; its Ray does not answer
        in vain  it ended, and was started again 4 times; its Ray does not answer
        waits    it ended with exit code 5, and was started again once
        in vain  it ended with exit code 4, and was started again once
        in vain  it ended with exit code 6, and was started again once
        in vain  it ended with exit code 1
        in vain  it was killed: it took more than the 1GiB of memory it may have
        in vain  it was killed: it took more than the 1GiB of memory it may have, and was started again once
        in vain  it was killed: by somebody, or for more than the 1GiB of memory it may have
        in vain  it was never started
        waits    it is paused
        ");
    }
}
