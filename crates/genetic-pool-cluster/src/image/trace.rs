//! What an engine says while it builds, one JSON a line: BuildKit's trace, the image, an error.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use prost::Message;
use serde::Deserialize;

use super::{BuildEvent, BuildListener, ImageError, StepState};

/// How many of a step's last lines are kept for its error.
const LINES_KEPT: usize = 20;

/// What is known of a build so far.
#[derive(Debug, Default)]
pub(super) struct Trace {
    steps: Vec<Step>,
    by_digest: HashMap<String, usize>,
    /// The id of the image, once there is one.
    pub image: Option<String>,
    spoke: bool,
}

#[derive(Debug)]
struct Step {
    name: String,
    state: Option<StepState>,
    seconds: f64,
    error: String,
    lines: Vec<String>,
    /// The beginning of a line whose end comes in a later record.
    unfinished: String,
}

/// A line of the answer; each has one of these.
#[derive(Debug, Deserialize)]
struct Line {
    id: Option<String>,
    aux: Option<serde_json::Value>,
    error: Option<String>,
    stream: Option<String>,
}

impl Trace {
    /// Takes one line of the answer and tells what it changes.
    pub(super) fn line(&mut self, line: &[u8], tell: BuildListener<'_>) -> Result<(), ImageError> {
        let line: Line = serde_json::from_slice(line).map_err(|source| ImageError::Answer { source: source.into() })?;
        if let Some(error) = line.error {
            return Err(self.failure(error));
        }
        match (line.id.as_deref(), line.aux) {
            (Some("moby.buildkit.trace"), Some(serde_json::Value::String(text))) => {
                let bytes = STANDARD.decode(text).map_err(|source| ImageError::Answer { source: source.into() })?;
                let status =
                    StatusResponse::decode(&*bytes).map_err(|source| ImageError::Answer { source: source.into() })?;
                self.spoke = true;
                self.status(status, tell);
            }
            (Some("moby.image.id"), Some(aux)) => {
                self.image = aux.get("ID").and_then(serde_json::Value::as_str).map(str::to_owned);
            }
            // The old builder, and what imitates it, begin with `Step 1/20` and have no trace.
            _ if !self.spoke && line.stream.is_some_and(|text| text.to_ascii_lowercase().starts_with("step ")) => {
                return Err(ImageError::NoBuildKit);
            }
            _ => {}
        }
        Ok(())
    }

    /// The step that failed with its last lines, or the engine's own words where none did.
    fn failure(&mut self, words: String) -> ImageError {
        match self.steps.iter_mut().find(|step| step.state == Some(StepState::Failed)) {
            Some(step) => {
                step.finish_line();
                ImageError::Step { step: step.name.clone(), problem: short(&step.error), lines: step.lines.clone() }
            }
            None => ImageError::Build { problem: short(&words) },
        }
    }

    fn status(&mut self, status: StatusResponse, tell: BuildListener<'_>) {
        for vertex in status.vertexes {
            let number = self.number(&vertex.digest, &vertex.name);
            let step = &mut self.steps[number];
            let state = match (&vertex.started, &vertex.completed) {
                _ if !vertex.error.is_empty() => StepState::Failed,
                _ if vertex.cached => StepState::Cached,
                (_, Some(_)) => StepState::Done,
                (Some(_), None) => StepState::Running,
                (None, None) => continue,
            };
            if let (Some(started), Some(completed)) = (&vertex.started, &vertex.completed) {
                // A step that waits for others begins and ends more than once; its longest stretch is its own.
                step.seconds = step.seconds.max(completed.seconds() - started.seconds());
            }
            if step.state != Some(state) {
                step.state = Some(state);
                step.error = vertex.error;
                tell(step.event(number, None));
            }
        }
        for log in status.logs {
            let Some(&number) = self.by_digest.get(&log.vertex) else { continue };
            for line in self.steps[number].log(&String::from_utf8_lossy(&log.msg)) {
                let event = self.steps[number].event(number, Some(line));
                tell(event);
            }
        }
    }

    fn number(&mut self, digest: &str, name: &str) -> usize {
        if let Some(&number) = self.by_digest.get(digest) {
            return number;
        }
        let step = Step {
            name: readable(name),
            state: None,
            seconds: 0.0,
            error: String::new(),
            lines: Vec::new(),
            unfinished: String::new(),
        };
        self.steps.push(step);
        self.by_digest.insert(digest.to_owned(), self.steps.len() - 1);
        self.steps.len() - 1
    }
}

impl Step {
    fn event(&self, number: usize, line: Option<String>) -> BuildEvent {
        BuildEvent::Step {
            number: number + 1,
            name: self.name.clone(),
            state: self.state.unwrap_or(StepState::Running),
            seconds: self.seconds,
            line,
        }
    }

    /// Adds what the step printed and returns the lines that are whole now.
    fn log(&mut self, text: &str) -> Vec<String> {
        self.unfinished.push_str(text);
        let mut whole = Vec::new();
        while let Some(end) = self.unfinished.find('\n') {
            let line: String = self.unfinished.drain(..=end).collect();
            whole.extend(last_drawn(&line));
        }
        self.lines.extend(whole.iter().cloned());
        let surplus = self.lines.len().saturating_sub(LINES_KEPT);
        self.lines.drain(..surplus);
        whole
    }

    fn finish_line(&mut self) {
        let rest = std::mem::take(&mut self.unfinished);
        self.lines.extend(last_drawn(&rest));
    }
}

/// What a terminal would show of `line` at its end: programs draw over what they wrote with carriage returns.
fn last_drawn(line: &str) -> Option<String> {
    let line = line.trim_end_matches(['\n', '\r']);
    let line = line.rsplit('\r').next().unwrap_or(line).trim_end();
    (!line.is_empty()).then(|| line.to_owned())
}

/// An instruction without its mounts, on one line.
fn readable(name: &str) -> String {
    let words = name.split_whitespace().filter(|word| !word.starts_with("--mount=") && *word != "\\");
    words.collect::<Vec<_>>().join(" ")
}

/// BuildKit's words without the program of the step, which stands in the Dockerfile.
fn short(words: &str) -> String {
    match words.rsplit_once("]: ").or_else(|| words.rsplit_once("did not complete successfully: ")) {
        Some((_, end)) if end.starts_with("exit code") => end.to_owned(),
        _ => words.trim().to_owned(),
    }
}

// What is read of BuildKit's messages (`moby.buildkit.v1`): fields that are not named here are skipped.

#[derive(Clone, PartialEq, Message)]
struct StatusResponse {
    #[prost(message, repeated, tag = "1")]
    vertexes: Vec<Vertex>,
    #[prost(message, repeated, tag = "3")]
    logs: Vec<VertexLog>,
}

#[derive(Clone, PartialEq, Message)]
struct Vertex {
    #[prost(string, tag = "1")]
    digest: String,
    #[prost(string, tag = "3")]
    name: String,
    #[prost(bool, tag = "4")]
    cached: bool,
    #[prost(message, optional, tag = "5")]
    started: Option<Timestamp>,
    #[prost(message, optional, tag = "6")]
    completed: Option<Timestamp>,
    #[prost(string, tag = "7")]
    error: String,
}

#[derive(Clone, PartialEq, Message)]
struct VertexLog {
    #[prost(string, tag = "1")]
    vertex: String,
    #[prost(bytes = "vec", tag = "4")]
    msg: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct Timestamp {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

impl Timestamp {
    fn seconds(&self) -> f64 {
        self.seconds as f64 + f64::from(self.nanos) * 1e-9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vertex(name: &str, started: bool, completed: bool, error: &str) -> Vertex {
        let at = |seconds| Some(Timestamp { seconds, nanos: 500_000_000 });
        Vertex {
            digest: format!("sha256:{name}"),
            name: name.to_owned(),
            cached: false,
            started: at(10).filter(|_| started),
            completed: at(12).filter(|_| completed),
            error: error.to_owned(),
        }
    }

    fn log(name: &str, text: &str) -> VertexLog {
        VertexLog { vertex: format!("sha256:{name}"), msg: text.as_bytes().to_vec() }
    }

    fn line(vertexes: Vec<Vertex>, logs: Vec<VertexLog>) -> Vec<u8> {
        let aux = STANDARD.encode(StatusResponse { vertexes, logs }.encode_to_vec());
        serde_json::to_vec(&serde_json::json!({"id": "moby.buildkit.trace", "aux": aux})).unwrap()
    }

    #[test]
    fn steps_are_told_once_and_lines_when_they_are_whole() {
        let mut trace = Trace::default();
        let mut told = Vec::new();
        for line in [
            line(vec![vertex("RUN --mount=type=bind,target=/x pip", false, false, "")], vec![]),
            line(vec![vertex("RUN --mount=type=bind,target=/x pip", true, false, "")], vec![]),
            line(vec![], vec![log("RUN --mount=type=bind,target=/x pip", "Colle")]),
            line(vec![], vec![log("RUN --mount=type=bind,target=/x pip", "cting ray\n 10%\r 100%\nrest")]),
            line(vec![vertex("RUN --mount=type=bind,target=/x pip", true, true, "")], vec![]),
            br#"{"id":"moby.image.id","aux":{"ID":"sha256:11"}}"#.to_vec(),
        ] {
            trace.line(&line, &mut |event| told.push(event)).unwrap();
        }
        let step = |state, seconds, line: Option<&str>| BuildEvent::Step {
            number: 1,
            name: "RUN pip".to_owned(),
            state,
            seconds,
            line: line.map(str::to_owned),
        };
        assert_eq!(
            told,
            [
                step(StepState::Running, 0.0, None),
                step(StepState::Running, 0.0, Some("Collecting ray")),
                step(StepState::Running, 0.0, Some(" 100%")),
                step(StepState::Done, 2.0, None),
            ]
        );
        assert_eq!(trace.image.as_deref(), Some("sha256:11"));
    }

    #[test]
    fn a_failed_step_is_told_with_its_last_lines() {
        let mut trace = Trace::default();
        let many: String = "a line\n".repeat(30);
        let words = "executor failed running [/bin/bash -c pip install]: exit code: 1";
        let lines = [
            line(vec![vertex("RUN pip", true, false, "")], vec![log("RUN pip", &many), log("RUN pip", "no end")]),
            line(vec![vertex("RUN pip", true, true, words)], vec![]),
        ];
        for line in &lines {
            trace.line(line, &mut |_| {}).unwrap();
        }
        let last = serde_json::to_vec(&serde_json::json!({"error": words, "errorDetail": {}})).unwrap();
        let ImageError::Step { step, problem, lines } = trace.line(&last, &mut |_| {}).unwrap_err() else { panic!() };
        assert_eq!((step.as_str(), problem.as_str()), ("RUN pip", "exit code: 1"));
        assert_eq!(lines.len(), LINES_KEPT + 1);
        assert_eq!(lines.last().unwrap(), "no end");
    }

    #[test]
    fn the_old_builder_is_refused() {
        let mut trace = Trace::default();
        let error = trace.line(br#"{"stream":"Step 1/12 : ARG BASE\n"}"#, &mut |_| {}).unwrap_err();
        assert!(matches!(error, ImageError::NoBuildKit));
        assert!(matches!(trace.line(b"<html>", &mut |_| {}), Err(ImageError::Answer { .. })));
    }
}
