//! Where the token could show, and whether it does.

use bollard::{container::LogOutput, query_parameters::LogsOptionsBuilder};
use futures_util::StreamExt;

use super::{
    Node, Token,
    inside::Inside,
    judge::{Ground, some},
};
use crate::engine::Engine;

/// Whether the token shows in what the engine says of a container, in the container's log, in its processes or files.
pub(super) async fn of_node(
    engine: &Engine,
    node: &Node,
    inside: &Result<Inside, String>,
    token: Option<&Token>,
) -> Ground {
    let mut ground = Ground::default();
    let Some(token) = token else {
        ground.missing.push("there is no token to search for".to_owned());
        return ground;
    };
    match serde_json::to_string(&node.seen) {
        Ok(text) if text.contains(token.reveal()) => ground.broken.push("it is in `docker inspect`".to_owned()),
        Ok(_) => ground.held.push("not in `docker inspect`".to_owned()),
        Err(error) => ground.missing.push(error.to_string()),
    }
    match in_log(engine, &node.container, token).await {
        Ok((true, _)) => ground.broken.push("it is in the container's log".to_owned()),
        Ok((false, bytes)) => ground.held.push(format!("not in its log ({bytes} bytes)")),
        Err(error) => ground.missing.push(format!("its log cannot be read: {error}")),
    }
    match inside {
        Ok(Inside { search: Some(search), .. }) => {
            if !search.found.is_empty() {
                ground.broken.push(format!("it is in {}", some(&search.found)));
            }
            if !search.unread.is_empty() {
                ground.missing.push(format!("could not be read: {}", some(&search.unread)));
            }
            ground.held.push(format!(
                "not in environment or command line of {} processes, nor in {} files ({} KiB)",
                search.processes,
                search.files,
                search.bytes >> 10
            ));
        }
        Ok(Inside { search: None, .. }) => ground.missing.push("no token could be read inside".to_owned()),
        Err(_) if node.state() == "created" => ground.held.push("it never ran".to_owned()),
        Err(why) => ground.missing.push(why.clone()),
    }
    ground
}

/// Whether the token is in the log of `container`, and how long that is.
async fn in_log(engine: &Engine, container: &str, token: &Token) -> Result<(bool, u64), bollard::errors::Error> {
    let options = LogsOptionsBuilder::new().stdout(true).stderr(true).build();
    let mut log = engine.docker().logs(container, Some(options));
    let needle = token.reveal().as_bytes();
    // The token may be cut in two by the parts it comes in.
    let (mut bytes, mut window) = (0, Vec::new());
    while let Some(part) = log.next().await {
        let part = match part? {
            LogOutput::StdOut { message }
            | LogOutput::StdErr { message }
            | LogOutput::Console { message }
            | LogOutput::StdIn { message } => message,
        };
        bytes += part.len() as u64;
        window.extend_from_slice(&part);
        if window.windows(needle.len()).any(|at| at == needle) {
            return Ok((true, bytes));
        }
        window.drain(..window.len().saturating_sub(needle.len()));
    }
    Ok((false, bytes))
}
