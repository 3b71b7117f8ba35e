//! Lines of JSON with a program that is kept alive; docs/command-protocol.md tells its author what to write.

use std::{ops::Range, path::PathBuf};

use genetic_pool_evolve::{
    outcomes::OutcomeShape,
    problem::{CandidateId, Failure, FailureKind, Signature, Trial},
    space::Genome,
};
use serde_json::{Value, json};

use super::{
    super::{
        frames::{Found, Manner, Refusal},
        hello::output_names,
        processes::{Asked, Heard, Language, Said, Work},
        scratch::scratch_folder,
    },
    answer,
};
use crate::experiment::{Experiment, genome_to_json};

/// The version of the protocol.
const VERSION: u64 = 1;

/// The longest line that is read.
const LONGEST: usize = 16 << 20;

/// The protocol.
#[derive(Debug)]
pub(in crate::evaluate) struct Lines {
    signature: Signature,
    options: Value,
    seed: u64,
    timeout: Option<f64>,
    scratch: PathBuf,
}

impl Lines {
    pub(in crate::evaluate) fn new(experiment: &Experiment, scratch: PathBuf) -> Lines {
        Lines {
            signature: experiment.signature.clone(),
            options: experiment.problem.options.clone(),
            seed: experiment.seed,
            timeout: experiment.problem.timeout.map(|timeout| timeout.as_secs_f64()),
            scratch,
        }
    }

    fn ready(object: &Value) -> Result<Said, String> {
        if object["genetic-pool"].as_u64() != Some(VERSION) {
            return Err(format!(
                "{}, where {{\"genetic-pool\": {VERSION}}} was expected",
                answer::short(&object.to_string())
            ));
        }
        Ok(match object["error"].as_str() {
            Some(error) => Said::Refused(Refusal { message: error.to_owned(), hint: None }),
            None => Said::Ready,
        })
    }

    fn found(&self, object: &Value, work: &Work, rows: &Range<usize>, heard: &mut Heard) -> Result<Said, String> {
        let shown = || answer::short(&object.to_string());
        let id: Option<CandidateId> = match &object["candidate"] {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_u64().map(CandidateId),
            _ => return Err(format!("{}, which names no `candidate`", shown())),
        };
        let row = id.and_then(|id| work.candidates[rows.clone()].iter().position(|other| *other == id));
        let Some(row) = row else { return Err(format!("{}, whose `candidate` was not asked for", shown())) };
        heard.outcomes.reset(OutcomeShape::of(&self.signature), 1);
        heard.seconds.clear();
        let seconds = object["seconds"].as_f64().filter(|seconds| (0.0..1e9).contains(seconds));
        heard.seconds.push(seconds.unwrap_or(0.0) as f32);
        let result = match (&object["outcome"], &object["failure"]) {
            (_, Value::String(message)) => Err(Failure { kind: FailureKind::Exception, message: message.clone() }),
            (Value::Null, _) => Err(answer::wrong(format!("the answer {} has no `outcome`", shown()))),
            (outcome, _) => answer::read(&self.signature, outcome, &mut heard.outcomes.row_mut(0)),
        };
        if let Err(failure) = result {
            heard.outcomes.fail(0, failure);
        }
        Ok(Said::Found(Found { first: row, rows: 1, scratch: true }))
    }
}

impl Language for Lines {
    fn greet(&self, to_send: &mut Vec<u8>) {
        let [goals, constraints, measures] = output_names(&self.signature);
        let names: Vec<&str> =
            self.signature.space.parameters().iter().map(|parameter| parameter.name.as_str()).collect();
        let hello = json!({
            "genetic-pool": VERSION,
            "parameters": names,
            "goals": goals,
            "constraints": constraints,
            "measures": measures,
            "options": self.options,
            "timeout": self.timeout,
        });
        line(to_send, &hello);
    }

    fn ask(&self, to_send: &mut Vec<u8>, _: Manner, work: &Work, rows: Range<usize>) -> std::io::Result<()> {
        for row in rows {
            let candidate = work.candidates[row];
            let scratch = scratch_folder(&self.scratch, candidate);
            std::fs::create_dir_all(&scratch)?;
            let ask = json!({
                "candidate": candidate.to_string(),
                "seed": Trial::new(self.seed, candidate).seed,
                "scratch": scratch.to_string_lossy(),
                "parameters": genome_to_json(Genome::new(&self.signature.space, &work.genomes, row)),
            });
            line(to_send, &ask);
        }
        Ok(())
    }

    fn hear(&self, bytes: &[u8], asked: Asked<'_>, heard: &mut Heard) -> Result<Option<(usize, Said)>, String> {
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
            if bytes.len() > LONGEST {
                return Err(format!("a line of more than {} MiB", LONGEST >> 20));
            }
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&bytes[..end]);
        let object = serde_json::from_slice(&bytes[..end]).ok().filter(Value::is_object);
        let Some(object) = object else {
            let words = "which is no JSON object (its standard output is for answers, one a line; other words belong on standard error)";
            return Err(format!("{}, {words}", answer::short(text.trim_end())));
        };
        let said = match asked {
            Asked::Greeting => Lines::ready(&object)?,
            Asked::Rows(work, rows) => self.found(&object, work, rows, heard)?,
        };
        Ok(Some((end + 1, said)))
    }
}

fn line(to_send: &mut Vec<u8>, value: &Value) {
    to_send.extend_from_slice(value.to_string().as_bytes());
    to_send.push(b'\n');
}
