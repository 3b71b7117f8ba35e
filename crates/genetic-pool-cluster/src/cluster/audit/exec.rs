//! A program of ours, run inside a container.

use std::time::Duration;

use tokio::time::timeout;

use crate::engine::Engine;

/// The longest a look may take.
const LIMIT: Duration = Duration::from_mins(2);

/// What the Python program `text` prints inside `container`, as the user of that container; else why it printed nothing.
pub(super) async fn python(engine: &Engine, container: &str, text: &str, arguments: &[&str]) -> Result<String, String> {
    let command: Vec<&str> = ["python3", "-I", "-S", "-c", text].iter().chain(arguments).copied().collect();
    let failed = |error: bollard::errors::Error| format!("nothing can be run inside: {error}");
    let work = async {
        let mut program = engine.exec(container, &command).await.map_err(failed)?;
        let (out, err) = program.printed().await.map_err(failed)?;
        if program.exit_code().await.map_err(failed)? == Some(0) {
            return Ok(String::from_utf8_lossy(&out).into_owned());
        }
        // The last line says what is wrong; what the container runtime says itself is on standard output.
        let words = String::from_utf8_lossy(if err.is_empty() { &out } else { &err }).into_owned();
        Err(format!("nothing can be run inside: {}", words.trim().lines().last().unwrap_or("it ended")))
    };
    timeout(LIMIT, work).await.unwrap_or_else(|_| Err("its inside did not answer in time".to_owned()))
}
