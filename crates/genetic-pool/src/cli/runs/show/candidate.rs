//! `runs show --candidate`.

use serde_json::{Value, json};

use crate::{
    cli::{
        progress::summary::shortened,
        runs::{figure, outputs, outputs_json},
        words,
    },
    numbers,
    store::{CandidateRecord, RunReader},
};

/// All that is known of a candidate, for people.
pub(super) fn text(reader: &RunReader, record: &CandidateRecord) -> Vec<String> {
    let signature = &reader.meta().signature;
    let mut lines = Vec::new();
    let mut line = |key: &str, value: String| lines.push(format!("{key:<12} {value}"));
    line("run", reader.id().to_string());
    line("candidate", record.candidate.to_string());
    let failure = record.outputs.as_ref().and_then(|outputs| outputs.failure(0));
    match (&record.outputs, failure) {
        (None, _) => line("outcome", "not recorded".to_owned()),
        (Some(_), Some(failure)) => line("failed", failure.kind.word().to_owned()),
        (Some(row), None) => {
            outputs(signature, row).for_each(|(name, value)| line(name, figure(value)));
            let violation = signature.violation(row.constraints(0));
            if violation > 0.0 {
                line("violation", words::objective(violation));
            }
        }
    }
    if let Some(seconds) = record.seconds.filter(|seconds| *seconds > 0.0) {
        line("time", words::seconds(f64::from(seconds)));
    }
    if record.timed == Some(true) {
        line("timed", "a clock or the memory limit decided it: a fresh evaluation may differ".to_owned());
    }
    if let Some(failure) = failure {
        lines.push(String::new());
        lines.extend(failure.message.lines().map(str::to_owned));
    }
    lines.push(String::new());
    match &record.genome {
        Some(genome) => lines.extend(genome.iter().map(|(name, value)| format!("{name} = {}", shortened(value)))),
        None => lines.push("its genome is not recorded".to_owned()),
    }
    for log in &record.logs {
        lines.push(String::new());
        let again = if log.attempt > 0 { format!(", try {}", log.attempt + 1) } else { String::new() };
        let cut = if log.truncated { ", shortened" } else { "" };
        lines.push(format!("output{again}{cut}:"));
        lines.extend(log.text.lines().map(|text| format!("  {text}").trim_end().to_owned()));
    }
    lines
}

/// All that is known of a candidate, for scripts.
pub(super) fn to_json(reader: &RunReader, record: &CandidateRecord) -> Value {
    let signature = &reader.meta().signature;
    let failure = record.outputs.as_ref().and_then(|outputs| outputs.failure(0));
    let outputs = record.outputs.as_ref().filter(|_| failure.is_none());
    let logs: Vec<Value> = record
        .logs
        .iter()
        .map(|log| json!({ "attempt": log.attempt, "text": log.text, "truncated": log.truncated }))
        .collect();
    json!({
        "format": 1,
        "run": reader.id().as_str(),
        "candidate": record.candidate.to_string(),
        "genome": record.genome,
        "outcome": outputs.map(|row| outputs_json(signature, row)),
        "violation": outputs.map(|row| numbers::value(signature.violation(row.constraints(0)))),
        "failure": failure.map(|failure| json!({ "kind": failure.kind, "message": failure.message })),
        "seconds": record.seconds,
        "timed": record.timed,
        "output": logs,
    })
}
