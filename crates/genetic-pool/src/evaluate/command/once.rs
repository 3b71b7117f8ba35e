//! A command that is started once for each candidate, in the candidate's scratch folder.

use std::{
    collections::HashMap,
    ffi::OsString,
    io::Read,
    path::{Path, PathBuf},
};

use genetic_pool_evolve::{
    evaluator::EvaluatorError,
    outcomes::Outcomes,
    problem::{Failure, FailureKind, Signature, Trial},
    space::{Genome, Value as GenomeValue},
};
use regex_lite::Regex;
use serde_json::Value;

use super::{
    super::{child::Start, error, processes::Work},
    answer::{self, parse_number, wrong},
    placeholders::{Template, Unknown},
};
use crate::experiment::{Experiment, ResultSource, genome_to_json};

/// How much of a command's standard output is kept to find results in.
pub(in crate::evaluate) const MOST_STDOUT: usize = 64 << 20;

/// Placeholders beside the names of parameters.
const PLACEHOLDERS: [&str; 5] = ["seed", "candidate", "scratch", "experiment", "parameters"];

/// The file that `{parameters}` names, in the scratch folder.
const PARAMETERS: &str = "parameters.json";

/// The command and where its results are found.
#[derive(Debug)]
pub(in crate::evaluate) struct Once {
    start: Start,
    words: Vec<Template>,
    signature: Signature,
    seed: u64,
    experiment: PathBuf,
    outputs: Vec<Output>,
}

/// Where one output is found.
#[derive(Debug)]
struct Output {
    name: String,
    file: Option<String>,
    how: How,
}

#[derive(Debug)]
enum How {
    Json(String),
    Pattern(Regex),
    ExitCode,
}

impl Once {
    /// `start` holds the command as it was written, its program found. Arguments that name a file of the experiment's
    /// folder become its full path, since the command runs in another folder.
    pub(in crate::evaluate) fn new(
        experiment: &Experiment,
        start: Start,
        results: &[(String, ResultSource)],
    ) -> Result<Once, EvaluatorError> {
        let parameters = experiment.signature.space.parameters();
        let known: Vec<&str> = PLACEHOLDERS.into_iter().chain(parameters.iter().map(|p| p.name.as_str())).collect();
        let mut words = Vec::new();
        for word in start.command.iter().skip(1) {
            let word = word.to_string_lossy();
            let path = experiment.directory.join(&*word);
            let word = if !word.is_empty() && path.is_file() { path.to_string_lossy() } else { word };
            words.push(Template::new(&word, &known).map_err(|Unknown(name)| {
                let known = known.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
                let hint = format!("there are {known}; write {{{{{name}}}}} for the braces themselves");
                error(format!("the command names `{{{name}}}`, which is no placeholder"), Some(hint))
            })?);
        }
        let outputs = results.iter().map(|(name, source)| Output::new(name, source)).collect::<Result<_, _>>()?;
        Ok(Once {
            start,
            words,
            signature: experiment.signature.clone(),
            seed: experiment.seed,
            experiment: experiment.directory.clone(),
            outputs,
        })
    }

    /// How it is started, placeholders not filled.
    pub(in crate::evaluate) fn start(&self) -> &Start {
        &self.start
    }

    /// Whether a result is found in its standard output.
    pub(in crate::evaluate) fn reads_stdout(&self) -> bool {
        self.outputs.iter().any(|output| output.file.is_none() && !matches!(output.how, How::ExitCode))
    }

    /// Writes what row `row` of `work` needs into its scratch folder; how the command is started for it.
    pub(in crate::evaluate) fn prepare(&self, work: &Work, row: usize, scratch: &Path) -> std::io::Result<Start> {
        let candidate = work.candidates[row];
        let genome = Genome::new(&self.signature.space, &work.genomes, row);
        let mut values: HashMap<&str, OsString> =
            genome.values().map(|(name, value)| (name, text(&value).into())).collect();
        // A parameter of such a name has its value in the parameters' file.
        values.insert("seed", Trial::new(self.seed, candidate).seed.to_string().into());
        values.insert("candidate", candidate.to_string().into());
        values.insert("scratch", scratch.into());
        values.insert("experiment", self.experiment.clone().into());
        if self.words.iter().any(|word| word.uses("parameters")) {
            let file = scratch.join(PARAMETERS);
            std::fs::write(&file, Value::Object(genome_to_json(genome)).to_string())?;
            values.insert("parameters", file.into());
        }
        let mut start = self.start.clone();
        start.command.truncate(1);
        start.command.extend(self.words.iter().map(|word| word.fill(&values)));
        Ok(start)
    }

    /// Reads the outputs of one row: the command ended with `code`, printed `stdout`, and left files in `scratch`.
    pub(in crate::evaluate) fn read(
        &self,
        code: i32,
        stdout: &[u8],
        scratch: &Path,
        outcomes: &mut Outcomes,
    ) -> Result<(), Failure> {
        let asked = self.outputs.iter().any(|output| matches!(output.how, How::ExitCode));
        if code != 0 && !asked {
            let message = format!("the command ended with exit code {code}");
            return Err(Failure { kind: FailureKind::Exit, message });
        }
        let mut object = serde_json::Map::new();
        let mut files: HashMap<&str, Vec<u8>> = HashMap::new();
        for output in &self.outputs {
            let text = match &output.file {
                _ if matches!(output.how, How::ExitCode) => &[][..],
                None => stdout,
                Some(file) => {
                    if !files.contains_key(file.as_str()) {
                        files.insert(
                            file,
                            read_file(&scratch.join(file)).map_err(|fault| {
                                wrong(format!("the command left no file `{file}` that can be read: {fault}"))
                            })?,
                        );
                    }
                    &files[file.as_str()]
                }
            };
            object.insert(output.name.clone(), output.read(code, text)?);
        }
        answer::read(&self.signature, &Value::Object(object), &mut outcomes.row_mut(0))
    }
}

impl Output {
    fn new(name: &str, source: &ResultSource) -> Result<Output, EvaluatorError> {
        let (file, how) = match source {
            ResultSource::Json { file, pointer } => {
                if !pointer.is_empty() && !pointer.starts_with('/') {
                    let message = format!("the JSON pointer `{pointer}` of `{name}` does not begin with `/`");
                    return Err(error(message, Some(format!("write `/{pointer}`"))));
                }
                (file, How::Json(pointer.clone()))
            }
            ResultSource::Pattern { file, pattern } => {
                let regex = Regex::new(pattern)
                    .map_err(|fault| error(format!("the pattern `{pattern}` of `{name}`: {fault}"), None))?;
                if regex.captures_len() < 2 {
                    let hint = "put parentheses around the number".to_owned();
                    return Err(error(format!("the pattern `{pattern}` of `{name}` has no group"), Some(hint)));
                }
                (file, How::Pattern(regex))
            }
            ResultSource::ExitCode => (&None, How::ExitCode),
        };
        Ok(Output { name: name.to_owned(), file: file.clone(), how })
    }

    fn place(&self) -> String {
        self.file.as_ref().map_or_else(|| "its standard output".to_owned(), |file| format!("`{file}`"))
    }

    /// The value as JSON, infinities and NaN as text.
    fn read(&self, code: i32, text: &[u8]) -> Result<Value, Failure> {
        let (name, place) = (&self.name, self.place());
        match &self.how {
            How::ExitCode => Ok(code.into()),
            How::Json(pointer) => {
                let value: Value = serde_json::from_slice(text)
                    .map_err(|fault| wrong(format!("{place}, where `{name}` is to be found, is no JSON: {fault}")))?;
                let found = value.pointer(pointer).cloned();
                found.ok_or_else(|| wrong(format!("{place} has nothing at `{pointer}`, where `{name}` is to be found")))
            }
            How::Pattern(regex) => {
                let text = String::from_utf8_lossy(text);
                let last = regex.captures_iter(&text).last();
                let Some(group) = last.and_then(|captures| captures.get(1)) else {
                    return Err(wrong(format!("nothing in {place} matches the pattern of `{name}`: `{regex}`")));
                };
                let number = parse_number(group.as_str()).ok_or_else(|| {
                    wrong(format!("`{name}` is {}, which is no number", answer::short(group.as_str())))
                })?;
                Ok(if number.is_finite() { number.into() } else { number.to_string().into() })
            }
        }
    }
}

/// A file of a scratch folder, if it is no larger than a standard output may be.
fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    std::fs::File::open(path)?.take(MOST_STDOUT as u64 + 1).read_to_end(&mut text)?;
    if text.len() > MOST_STDOUT {
        return Err(std::io::Error::other(format!("it is larger than {} MiB", MOST_STDOUT >> 20)));
    }
    Ok(text)
}

/// A value as a word of a command: elements of vectors, permutations and sequences with commas between them.
fn text(value: &GenomeValue<'_>) -> String {
    match value {
        GenomeValue::Real(real) => format!("{real:?}"),
        GenomeValue::Int(int) => int.to_string(),
        GenomeValue::Bit(bit) => bit.to_string(),
        GenomeValue::Level(level) => level.to_string(),
        GenomeValue::Permutation(items) | GenomeValue::Sequence(items) => {
            items.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
        }
        GenomeValue::Vector(values) => values.iter().map(text).collect::<Vec<_>>().join(","),
    }
}
