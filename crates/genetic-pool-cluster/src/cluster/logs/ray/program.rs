//! A program run inside a node, for what it prints.

use std::pin::Pin;

use bollard::{
    container::LogOutput,
    errors::Error,
    exec::{CreateExecOptions, StartExecResults},
};
use futures_util::{Stream, StreamExt};
use tokio::io::AsyncWrite;

use crate::engine::Engine;

/// What a program prints. Its standard input is closed when this is dropped.
pub(super) struct Program {
    output: Pin<Box<dyn Stream<Item = Result<LogOutput, Error>> + Send>>,
    /// Held open: programs of [`FOLLOW`]'s kind end with it.
    _input: Option<Pin<Box<dyn AsyncWrite + Send>>>,
}

/// Something a program printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Printed {
    Output(bytes::Bytes),
    Error(String),
}

/// Follows the file `$1` by its name, from byte `$2`, or where that is empty with the last `$3` lines; says on standard
/// error which byte it begins at. It ends when standard input is closed: the engine does not end the programs of clients
/// that went away, but it does close their input.
const FOLLOW: &str = r#"
from=$2
if [ -z "$from" ]; then
    size=$(wc -c <"$1" 2>/dev/null || echo 0)
    last=$(head -c "$size" "$1" 2>/dev/null | tail -n "$3" | wc -c)
    from=$((size - last))
fi
echo "from $from" >&2
tail -c "+$((from + 1))" -F "$1" <&- &
tail=$!
cat >/dev/null
kill $tail
"#;

/// Where in a file to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// Behind so many bytes.
    Byte(u64),
    /// With so many lines of those there are.
    Last(usize),
}

impl Program {
    /// Runs `arguments` in the container `id` as the container's own user.
    pub(super) async fn run(engine: &Engine, id: &str, arguments: &[&str]) -> Result<Program, Error> {
        let options = CreateExecOptions {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(arguments.to_vec()),
            ..CreateExecOptions::default()
        };
        let exec = engine.docker().create_exec(id, options).await?;
        Ok(match engine.docker().start_exec(&exec.id, None).await? {
            StartExecResults::Attached { output, input } => Program { output, _input: Some(input) },
            StartExecResults::Detached => Program { output: Box::pin(futures_util::stream::empty()), _input: None },
        })
    }

    /// Prints the file at `path` from `from` on, and what is written to it later; see [`FOLLOW`].
    pub(super) async fn follow(engine: &Engine, id: &str, from: From, path: &str) -> Result<Program, Error> {
        let (byte, last) = match from {
            From::Byte(byte) => (byte.to_string(), String::new()),
            From::Last(lines) => (String::new(), lines.to_string()),
        };
        Program::run(engine, id, &["sh", "-c", FOLLOW, "sh", path, &byte, &last]).await
    }

    /// The next piece of what it prints; `None` where it has ended.
    pub(super) async fn next(&mut self) -> Option<Result<Printed, Error>> {
        Some(self.output.next().await?.map(|output| match output {
            LogOutput::StdErr { message } => Printed::Error(String::from_utf8_lossy(&message).trim().to_owned()),
            other => Printed::Output(other.into_bytes()),
        }))
    }

    /// All that it prints: output and errors.
    pub(super) async fn printed(mut self) -> Result<(Vec<u8>, String), Error> {
        let (mut output, mut said) = (Vec::new(), String::new());
        while let Some(piece) = self.next().await {
            match piece? {
                Printed::Output(bytes) => output.extend_from_slice(&bytes),
                Printed::Error(text) => said.extend([&text, "\n"]),
            }
        }
        Ok((output, said))
    }
}
