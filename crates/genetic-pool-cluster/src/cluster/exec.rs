//! Programs run inside nodes.

use std::pin::Pin;

use bollard::{
    container::LogOutput,
    errors::Error,
    exec::{CreateExecOptions, StartExecResults},
};
use futures_util::{Stream, StreamExt};

use crate::engine::Engine;

/// A program inside a node.
pub(super) struct Program {
    engine: Engine,
    id: String,
    output: Pin<Box<dyn Stream<Item = Result<LogOutput, Error>> + Send>>,
    buffer: String,
}

/// Runs `command` in `container` as the user the container runs as.
pub(super) async fn exec(engine: &Engine, container: &str, command: &[&str]) -> Result<Program, Error> {
    let options = CreateExecOptions {
        cmd: Some(command.to_vec()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        ..CreateExecOptions::default()
    };
    let id = engine.docker().create_exec(container, options).await?.id;
    match engine.docker().start_exec(&id, None).await? {
        StartExecResults::Attached { output, .. } => {
            Ok(Program { engine: engine.clone(), id, output, buffer: String::new() })
        }
        StartExecResults::Detached => {
            let output = Box::pin(futures_util::stream::empty());
            Ok(Program { engine: engine.clone(), id, output, buffer: String::new() })
        }
    }
}

impl Program {
    /// The next whole line it printed; `None` where it ended.
    pub(super) async fn line(&mut self) -> Result<Option<String>, Error> {
        loop {
            if let Some(end) = self.buffer.find('\n') {
                let rest = self.buffer.split_off(end + 1);
                let line = std::mem::replace(&mut self.buffer, rest);
                return Ok(Some(line.trim_end().to_owned()));
            }
            match self.output.next().await {
                Some(piece) => self.buffer.push_str(&String::from_utf8_lossy(&piece?.into_bytes())),
                None if self.buffer.is_empty() => return Ok(None),
                None => return Ok(Some(std::mem::take(&mut self.buffer))),
            }
        }
    }

    /// How it ended; `None` where its container ended before it.
    pub(super) async fn exit_code(&self) -> Result<Option<i64>, Error> {
        Ok(self.engine.docker().inspect_exec(&self.id).await?.exit_code)
    }
}
