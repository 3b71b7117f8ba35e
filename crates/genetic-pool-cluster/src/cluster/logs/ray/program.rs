//! A program run inside a node, for what it prints.

use bollard::{container::LogOutput, errors::Error};
use futures_util::StreamExt;

use crate::engine::{Engine, exec};

/// What a program prints. Its standard input is closed when this is dropped: programs of [`FOLLOW`]'s kind end with it.
pub(super) struct Program(exec::Program);

/// Something a program printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Printed {
    Output(bytes::Bytes),
    Error(String),
}

/// Follows the file `$1` of Ray's present session by its name: behind byte `$3` if the session is `$2` still, else from
/// its beginning; where `$2` is empty with the last `$4` lines, or from its beginning. It says on standard error which
/// session it is and where it begins.
///
/// It ends with the session, so that nothing is read twice while Ray makes a new one, and when standard input is closed:
/// the engine does not end the programs of clients that went away, but it does close their input.
const FOLLOW: &str = r#"
link=/ray/session_latest
until session=$(readlink "$link"); do sleep 0.2; done
file=$session/logs/$1
from=0
if [ -n "$2" ] && [ "$2" = "$session" ]; then
    from=$3
elif [ -z "$2" ] && [ -n "$4" ]; then
    size=$(wc -c <"$file" 2>/dev/null || echo 0)
    last=$(head -c "$size" "$file" 2>/dev/null | tail -n "$4" | wc -c)
    from=$((size - last))
fi
echo "from $from $session" >&2
exec 3<&0
tail -c "+$((from + 1))" -F "$file" 3<&- &
tail=$!
(cat <&3 >/dev/null 2>&1; kill $tail $$ 2>/dev/null) >/dev/null 2>&1 &
input=$!
while sleep 1 3<&-; do
    now=$(readlink "$link") || continue
    [ "$now" = "$session" ] || break
done
kill $tail $input
"#;

impl Program {
    /// Runs `arguments` in the container `id` as the container's own user.
    pub(super) async fn run(engine: &Engine, id: &str, arguments: &[&str]) -> Result<Program, Error> {
        Ok(Program(engine.exec_with_input(id, arguments).await?))
    }

    /// Prints what is written to the file `name`; see [`FOLLOW`]. `place` is a session and how much of its file is known.
    pub(super) async fn follow(
        engine: &Engine,
        id: &str,
        name: &str,
        place: Option<(&str, u64)>,
        last: Option<usize>,
    ) -> Result<Program, Error> {
        let (session, byte) = place.unwrap_or_default();
        let (byte, last) = (byte.to_string(), last.map_or_else(String::new, |last| last.to_string()));
        Program::run(engine, id, &["sh", "-c", FOLLOW, "sh", name, session, &byte, &last]).await
    }

    /// The next piece of what it prints; `None` where it has ended.
    pub(super) async fn next(&mut self) -> Option<Result<Printed, Error>> {
        Some(self.0.output.next().await?.map(|output| match output {
            LogOutput::StdErr { message } => Printed::Error(String::from_utf8_lossy(&message).trim().to_owned()),
            other => Printed::Output(other.into_bytes()),
        }))
    }

    /// All that it prints: output and errors.
    pub(super) async fn printed(mut self) -> Result<(Vec<u8>, String), Error> {
        let (output, said) = self.0.printed().await?;
        Ok((output, String::from_utf8_lossy(&said).into_owned()))
    }
}
