//! `[problem]`.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{Duration, Named, Size};

/// How a candidate is evaluated: exactly one of `name`, `python` and `command`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// A problem of this program, built-in or your own: `genetic-pool problems` lists them.
    pub name: Option<String>,
    /// A Python function or class, as `"module:function"`; the module is imported from the folder of this file.
    pub python: Option<String>,
    /// Any program with its arguments. A relative path is looked for in the folder of this file, then on `PATH`.
    pub command: Option<Vec<String>>,
    /// The Python interpreter. Default: `python3` of the active environment.
    pub interpreter: Option<PathBuf>,
    /// How a command is talked to. Default: `"alive"`.
    pub mode: Option<Mode>,
    /// Where a command that runs once leaves its outputs, by the names of goals, constraints and measures.
    pub results: Option<Named<Source>>,
    /// The problem's own parameters.
    pub options: Option<serde_json::Map<String, serde_json::Value>>,
    /// Files that belong to the problem, as patterns relative to the folder of this file (`"mesh/**"`). They are kept
    /// in the run and travel with it.
    pub files: Option<Vec<String>>,
    /// Names of environment variables that are handed to the evaluation. Their values stay out of this file and of the
    /// run.
    pub environment: Option<Vec<String>>,
    /// What one evaluation takes.
    pub resources: Option<Resources>,
    /// How long one evaluation may take: `"90s"`, `"6min"`, `"1h30min"`. Default: no limit.
    pub timeout: Option<Duration>,
    /// What a failed evaluation leads to.
    pub on_failure: Option<Failures>,
    /// Whose scratch folders and output are kept: `"best 20"`, `"failures"`, `"all"`. Default: `["failures"]`.
    pub keep: Option<Vec<String>>,
    /// How many candidates one call evaluates, where the evaluation takes several at once. Default: 1.
    #[schemars(range(min = 1, max = 65_536))]
    pub batch: Option<u32>,
    /// How far the evaluation can be trusted to repeat itself. Default: `"exact"`.
    pub exactness: Option<Exactness>,
}

/// How a command is talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Started once a slot; candidates and outcomes are lines of JSON on its standard input and output.
    Alive,
    /// Started for each evaluation, in a scratch folder; `results` says where it leaves its outputs.
    Once,
}

/// Where an output is found: exactly one of `json`, `pattern` and `exit_code`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A JSON pointer (RFC 6901) such as `"/cost"`, into standard output or `file`.
    pub json: Option<String>,
    /// A regular expression with one group, such as `"mass: (.*)"`, whose last match in standard output or `file`
    /// counts.
    pub pattern: Option<String>,
    /// `true`: the exit code itself is the output.
    pub exit_code: Option<bool>,
    /// The file in the scratch folder that is read. Default: standard output.
    pub file: Option<String>,
}

/// What one evaluation takes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    /// CPUs, at least 1; numerical libraries are told to use as many threads. Default: 1.
    #[schemars(range(min = 1, max = 65_536))]
    pub cpus: Option<u32>,
    /// Memory of the evaluation's whole process tree: `"2GiB"`, `"512MB"`, or a number of bytes. Default: no limit.
    pub memory: Option<Size>,
}

/// What a failed evaluation leads to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Failures {
    /// How often a failed evaluation is tried again, with the same seed. Default: 0.
    #[schemars(range(max = 1_000))]
    pub retries: Option<u32>,
    /// What becomes of a candidate whose tries have all failed. Default: `"worst"`.
    pub then: Option<Then>,
    /// The run stops after this many failed candidates. Default: it goes on.
    #[schemars(range(min = 1))]
    pub stop_after: Option<u64>,
}

/// What becomes of a candidate whose tries have all failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Then {
    /// It ranks behind every candidate that could be evaluated.
    Worst,
    /// It ranks as a candidate that violates constraints without bound.
    Infeasible,
    /// The run stops.
    Stop,
}

/// How far the evaluation can be trusted to repeat itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Exactness {
    /// The same bits each time; `try` says where it is not so.
    Exact,
    /// The same bits nearly always; anything else is only reported.
    Warn,
    /// It never promised to: `try` expects other results.
    Noisy,
}
