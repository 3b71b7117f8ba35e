//! Programs run inside containers.

use std::pin::Pin;

use bollard::{
    Docker,
    container::LogOutput,
    errors::Error,
    exec::{CreateExecOptions, StartExecResults},
};
use futures_util::{Stream, StreamExt};
use tokio::io::AsyncWrite;

use super::Engine;

/// A program inside a container. The engine does not end it when this is dropped, but closes its standard input.
pub(crate) struct Program {
    docker: Docker,
    id: String,
    /// What it prints.
    pub output: Pin<Box<dyn Stream<Item = Result<LogOutput, Error>> + Send>>,
    /// Its standard input, where it was given one.
    pub input: Option<Pin<Box<dyn AsyncWrite + Send>>>,
    line: Vec<u8>,
}

impl Engine {
    /// Runs `command` in `container` as the user the container runs as.
    pub(crate) async fn exec(&self, container: &str, command: &[&str]) -> Result<Program, Error> {
        self.start(container, command, false).await
    }

    /// The same with a standard input, which is open as long as [`Program::input`] is held.
    pub(crate) async fn exec_with_input(&self, container: &str, command: &[&str]) -> Result<Program, Error> {
        self.start(container, command, true).await
    }

    async fn start(&self, container: &str, command: &[&str], input: bool) -> Result<Program, Error> {
        let options = CreateExecOptions {
            cmd: Some(command.to_vec()),
            attach_stdin: Some(input),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..CreateExecOptions::default()
        };
        let docker = self.docker().clone();
        let id = docker.create_exec(container, options).await?.id;
        let (output, held): (Pin<Box<dyn Stream<Item = _> + Send>>, _) = match docker.start_exec(&id, None).await? {
            StartExecResults::Attached { output, input: held } => (output, input.then_some(held)),
            StartExecResults::Detached => (Box::pin(futures_util::stream::empty()), None),
        };
        Ok(Program { docker, id, output, input: held, line: Vec::new() })
    }
}

impl Program {
    /// The next whole line it printed, as text or error; `None` where it ended.
    pub(crate) async fn line(&mut self) -> Result<Option<String>, Error> {
        let text = |line: Vec<u8>| String::from_utf8_lossy(&line).trim_end().to_owned();
        loop {
            if let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
                let rest = self.line.split_off(end + 1);
                return Ok(Some(text(std::mem::replace(&mut self.line, rest))));
            }
            match self.output.next().await {
                Some(piece) => self.line.extend_from_slice(&piece?.into_bytes()),
                None if self.line.is_empty() => return Ok(None),
                None => return Ok(Some(text(std::mem::take(&mut self.line)))),
            }
        }
    }

    /// All that it prints: output and errors.
    pub(crate) async fn printed(&mut self) -> Result<(Vec<u8>, Vec<u8>), Error> {
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        while let Some(piece) = self.output.next().await {
            match piece? {
                LogOutput::StdErr { message } => errors.extend_from_slice(&message),
                LogOutput::StdOut { message } | LogOutput::Console { message } => output.extend_from_slice(&message),
                LogOutput::StdIn { .. } => {}
            }
        }
        Ok((output, errors))
    }

    /// How it ended; `None` where its container ended before it.
    pub(crate) async fn exit_code(&mut self) -> Result<Option<i64>, Error> {
        Ok(self.docker.inspect_exec(&self.id).await?.exit_code)
    }
}
