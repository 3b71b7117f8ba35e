//! A program of ours, run inside a container.

use std::time::Duration;

use bollard::{
    container::LogOutput,
    exec::{CreateExecOptions, StartExecOptions, StartExecResults},
};
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::engine::Engine;

/// The longest a look may take.
const LIMIT: Duration = Duration::from_mins(2);

/// What the Python program `text` prints inside `container`, as the user of that container; else why it printed nothing.
pub(super) async fn python(engine: &Engine, container: &str, text: &str, arguments: &[&str]) -> Result<String, String> {
    let command = ["python3", "-I", "-S", "-c", text];
    let failed = |error: bollard::errors::Error| format!("nothing can be run inside: {error}");
    let work = async {
        let options = CreateExecOptions {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(command.iter().chain(arguments).map(ToString::to_string).collect::<Vec<_>>()),
            ..CreateExecOptions::default()
        };
        let docker = engine.docker();
        let exec = docker.create_exec(container, options).await.map_err(failed)?;
        let started = docker.start_exec(&exec.id, None::<StartExecOptions>).await.map_err(failed)?;
        let StartExecResults::Attached { mut output, .. } = started else {
            return Err("nothing can be run inside: it was not attached".to_owned());
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        while let Some(part) = output.next().await {
            match part.map_err(failed)? {
                LogOutput::StdErr { message } => err.extend_from_slice(&message),
                LogOutput::StdOut { message } | LogOutput::Console { message } => out.extend_from_slice(&message),
                LogOutput::StdIn { .. } => {}
            }
        }
        if docker.inspect_exec(&exec.id).await.map_err(failed)?.exit_code == Some(0) {
            return Ok(String::from_utf8_lossy(&out).into_owned());
        }
        // The last line says what is wrong; what the container runtime says itself is on standard output.
        let words = String::from_utf8_lossy(if err.is_empty() { &out } else { &err }).into_owned();
        Err(format!("nothing can be run inside: {}", words.trim().lines().last().unwrap_or("it ended")))
    };
    timeout(LIMIT, work).await.unwrap_or_else(|_| Err("its inside did not answer in time".to_owned()))
}
