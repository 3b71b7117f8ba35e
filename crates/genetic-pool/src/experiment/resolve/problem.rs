//! `[problem]`.

use std::{path::Path as FilePath, sync::Arc};

use genetic_pool_evolve::{
    algorithms::FailureRank,
    problem::{Problem, Signature},
};

use super::super::{
    CommandMode, Exactness, Fitness, Keep, OnFailure, ProblemSettings, Resources, ResultSource, Then,
    checker::Checker,
    document::Path,
    nearest::did_you_mean,
    quantity::{SIZE_FORMS, TIME_FORMS, parse_duration, parse_size},
    structure::Fault,
    wire,
};
use crate::registry::Registry;

/// The settings of the file, and its problem where this program has it; `None` where what evaluates is not known.
pub(super) fn resolve(
    checker: &mut Checker<'_>,
    problem: Option<&wire::Problem>,
    directory: &FilePath,
    registry: &Registry,
) -> (Option<ProblemSettings>, Option<Arc<dyn Problem>>) {
    let at = Path::of(["problem"]);
    let Some(problem) = problem else { return (None, None) };
    let fitness = fitness(checker, &at, problem);
    let options = serde_json::Value::Object(problem.options.clone().unwrap_or_default());
    let registered = match &fitness {
        Some(Fitness::Registered { name }) => build(checker, &at, name, &options, directory, registry),
        _ => None,
    };
    check_files(checker, &at.key("files"), problem.files.as_deref().unwrap_or_default());
    check_environment(checker, &at.key("environment"), problem.environment.as_deref().unwrap_or_default());
    let timeout = problem.timeout.as_ref().and_then(|text| duration(checker, &at.key("timeout"), text));
    let resources = resources(checker, &at.key("resources"), problem.resources.as_ref());
    let on_failure = on_failure(checker, &at.key("on_failure"), problem.on_failure.as_ref());
    let keep = keep(checker, &at.key("keep"), problem.keep.as_deref());
    let settings = fitness
        .filter(|fitness| registered.is_some() || !matches!(fitness, Fitness::Registered { .. }))
        .map(|fitness| ProblemSettings {
            fitness,
            options,
            files: problem.files.clone().unwrap_or_default(),
            environment: problem.environment.clone().unwrap_or_default(),
            resources,
            timeout,
            on_failure,
            keep,
            batch: problem.batch.unwrap_or(1) as usize,
            exactness: match problem.exactness {
                Some(wire::Exactness::Exact) | None => Exactness::Exact,
                Some(wire::Exactness::Warn) => Exactness::Warn,
                Some(wire::Exactness::Noisy) => Exactness::Noisy,
            },
        });
    (settings, registered)
}

/// A length of time of the file.
pub(super) fn duration(checker: &mut Checker<'_>, path: &Path, text: &wire::Duration) -> Option<std::time::Duration> {
    match parse_duration(&text.0) {
        Ok(duration) => Some(duration),
        Err(error) => {
            checker.report(Fault { hint: error.hint, ..Fault::new(path.clone(), error.message).allowed(TIME_FORMS) });
            None
        }
    }
}

fn fitness(checker: &mut Checker<'_>, at: &Path, problem: &wire::Problem) -> Option<Fitness> {
    let given = [
        ("name", problem.name.is_some()),
        ("python", problem.python.is_some()),
        ("command", problem.command.is_some()),
    ];
    let given: Vec<&str> = given.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
    let [kind] = given.as_slice() else {
        let message = if given.is_empty() {
            "does not say what evaluates a candidate"
        } else {
            "says more than once what evaluates a candidate"
        };
        let fault = Fault::new(at.clone(), message).allowed("exactly one of name, python, command");
        checker.report(if given.is_empty() {
            fault.hint("name = \"rastrigin\", python = \"module:function\", or command = [\"./program\"]")
        } else {
            fault.found(given.join(", ")).hint("keep one of them")
        });
        return None;
    };
    let kind = *kind;
    let needs = [
        ("interpreter", problem.interpreter.is_some(), kind == "python", "`python`"),
        ("mode", problem.mode.is_some(), kind == "command", "`command`"),
        ("results", problem.results.is_some(), kind == "command", "`command`"),
        ("batch", problem.batch.is_some_and(|batch| batch > 1), kind != "command", "`python` or `name`"),
    ];
    for (key, present, fits, with) in needs {
        if present && !fits {
            checker.report(Fault::new(at.key(key), format!("counts only with {with}, not with `{kind}`")).at_key());
        }
    }
    if let Some(name) = &problem.name {
        return Some(Fitness::Registered { name: name.clone() });
    }
    if let Some(reference) = &problem.python {
        return python(checker, &at.key("python"), reference, problem);
    }
    command(checker, at, problem)
}

fn python(checker: &mut Checker<'_>, path: &Path, reference: &str, problem: &wire::Problem) -> Option<Fitness> {
    let identifier = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && letters.all(|c| c.is_alphanumeric() || c == '_')
    };
    if let Some((module, function)) = reference.split_once(':')
        && module.split('.').all(identifier)
        && module.strip_suffix(".py").is_none()
        && identifier(function)
    {
        return Some(Fitness::Python {
            module: module.to_owned(),
            function: function.to_owned(),
            interpreter: problem.interpreter.clone(),
        });
    }
    let (module, function) = match reference.split_once(':') {
        Some((module, function)) => (module, function),
        None if reference.strip_suffix(".py").is_some() => (reference, "evaluate"),
        None => reference.rsplit_once('.').unwrap_or((reference, "evaluate")),
    };
    let module = module.trim_end_matches(".py").trim_start_matches("./").replace('/', ".");
    let function = function.trim_end_matches("()").trim();
    let hint = (module.split('.').all(identifier) && identifier(function))
        .then(|| format!("did you mean \"{module}:{function}\"?"));
    checker.report(Fault {
        hint,
        ..Fault::new(path.clone(), "is no reference to a Python function").allowed("\"module:function\"")
    });
    None
}

fn command(checker: &mut Checker<'_>, at: &Path, problem: &wire::Problem) -> Option<Fitness> {
    let command = problem.command.clone()?;
    match command.first() {
        None => checker.report(
            Fault::new(at.key("command"), "is empty")
                .allowed("the program and its arguments: [\"./simulate\", \"--fast\"]"),
        ),
        Some(program) if program.trim().is_empty() => {
            checker.report(Fault::new(at.key("command").index(0), "is no program"));
        }
        Some(program) if command.len() == 1 && program.contains(' ') => {
            let parts: Vec<String> = program.split_whitespace().map(|part| format!("{part:?}")).collect();
            let exists = program.contains('/') && FilePath::new(program).exists();
            if !exists {
                checker.report(
                    Fault::new(at.key("command"), "is one word with spaces, and no shell takes it apart")
                        .hint(format!("did you mean [{}]?", parts.join(", "))),
                );
            }
        }
        Some(_) => {}
    }
    if command.iter().any(|word| word.contains('\0')) {
        checker.report(Fault::new(at.key("command"), "holds a NUL character"));
    }
    let results_at = at.key("results");
    let mode = match (problem.mode, &problem.results) {
        (Some(wire::Mode::Once), Some(results)) => CommandMode::Once {
            results: results
                .0
                .iter()
                .filter_map(|(name, source)| Some((name.clone(), source_of(checker, &results_at.key(name), source)?)))
                .collect(),
        },
        (Some(wire::Mode::Once), None) => {
            checker.report(
                Fault::new(results_at, "is missing: it says where the command leaves its outputs")
                    .hint("for instance: results = { cost = { json = \"/cost\" } }"),
            );
            return None;
        }
        (_, Some(_)) => {
            checker.report(
                Fault::new(results_at, "counts only with mode = \"once\"")
                    .at_key()
                    .hint("a command that is kept alive answers with lines of JSON"),
            );
            return None;
        }
        (_, None) => CommandMode::Alive,
    };
    Some(Fitness::Command { command, mode })
}

fn source_of(checker: &mut Checker<'_>, path: &Path, source: &wire::Source) -> Option<ResultSource> {
    let file = source.file.clone();
    if let Some(name) = &file
        && let Err(message) = relative(name)
    {
        checker.report(
            Fault::new(path.key("file"), message)
                .allowed("a file of the evaluation's scratch folder, such as \"out.txt\""),
        );
    }
    match (&source.json, &source.pattern, source.exit_code) {
        (Some(pointer), None, None) => {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                checker.report(
                    Fault::new(path.key("json"), "is no JSON pointer")
                        .allowed("\"/key\", \"/key/0/other\", or \"\" for the whole")
                        .hint(format!(
                            "did you mean \"/{}\"?",
                            pointer.trim_start_matches('$').trim_start_matches('.').replace('.', "/")
                        )),
                );
            }
            Some(ResultSource::Json { file, pointer: pointer.clone() })
        }
        (None, Some(pattern), None) => {
            match regex_lite::Regex::new(pattern) {
                // The whole match is a group of its own.
                Ok(regex) if regex.captures_len() == 2 => {}
                Ok(regex) => checker.report(
                    Fault::new(path.key("pattern"), format!("has {} groups", regex.captures_len() - 1))
                        .allowed("a regular expression with one group, which holds the number")
                        .hint("mark the number with ( ), and other groups with (?: )"),
                ),
                Err(error) => checker.report(
                    Fault::new(path.key("pattern"), format!("is no regular expression: {error}"))
                        .hint("in TOML single quotes keep backslashes as they are: '(\\d+)'"),
                ),
            }
            Some(ResultSource::Pattern { file, pattern: pattern.clone() })
        }
        (None, None, Some(true)) => {
            if file.is_some() {
                checker.report(Fault::new(path.key("file"), "does not count with `exit_code`").at_key());
            }
            Some(ResultSource::ExitCode)
        }
        (None, None, Some(false)) => {
            checker.report(Fault::new(path.key("exit_code"), "can only be true"));
            None
        }
        _ => {
            checker.report(
                Fault::new(path.clone(), "does not say in one way where the output is found")
                    .allowed("exactly one of json, pattern, exit_code"),
            );
            None
        }
    }
}

/// Each output of a command that runs once has a source, and each source is of an output.
pub(super) fn check_results(checker: &mut Checker<'_>, results: &wire::Named<wire::Source>, signature: &Signature) {
    let at = Path::of(["problem", "results"]);
    let goals = signature.goals.iter().map(|goal| &goal.name);
    let constraints = signature.constraints.iter().map(|constraint| &constraint.name);
    let outputs: Vec<&str> = goals.chain(constraints).chain(&signature.measures).map(String::as_str).collect();
    for name in &outputs {
        if !results.0.iter().any(|(other, _)| other == name) {
            checker.report(
                Fault::new(at.key(name), "is missing: nothing says where this output is found")
                    .hint(format!("{name} = {{ json = \"/{name}\" }}")),
            );
        }
    }
    for (name, _) in &results.0 {
        if !outputs.contains(&name.as_str()) {
            let hint = did_you_mean(name, outputs.iter().copied());
            let fault =
                Fault::new(at.key(name), "is no goal, constraint or measure").at_key().allowed(outputs.join(", "));
            checker.report(Fault { hint, ..fault });
        }
    }
}

fn build(
    checker: &mut Checker<'_>,
    at: &Path,
    name: &str,
    options: &serde_json::Value,
    directory: &FilePath,
    registry: &Registry,
) -> Option<Arc<dyn Problem>> {
    let Some(registered) = registry.problems.get(name) else {
        let names: Vec<&str> = registry.problems.keys().map(String::as_str).collect();
        let hint = did_you_mean(name, names.iter().copied()).unwrap_or_else(|| {
            "`genetic-pool problems` says what each of them is; your own Rust problems are in your own program"
                .to_owned()
        });
        checker
            .report(Fault::new(at.key("name"), "is no problem of this program").allowed(names.join(", ")).hint(hint));
        return None;
    };
    if checker.tainted(&at.key("options")) {
        return None;
    }
    match (registered.build)(options, directory) {
        Ok(problem) => Some(problem),
        Err(errors) => {
            for error in errors {
                let path = at.key("options");
                let path = error.option.as_deref().map_or(path.clone(), |option| path.key(option));
                let hint = error.hint.unwrap_or_else(|| format!("`genetic-pool problems {name}` explains its options"));
                checker.report(Fault::new(path, error.message).hint(hint));
            }
            None
        }
    }
}

fn check_files(checker: &mut Checker<'_>, path: &Path, files: &[String]) {
    for (index, pattern) in files.iter().enumerate() {
        let fault = match (relative(pattern), globset::Glob::new(pattern)) {
            (Err(message), _) => message.to_owned(),
            (Ok(()), Err(error)) => format!("is no pattern: {}", error.kind()),
            (Ok(()), Ok(_)) => continue,
        };
        checker.report(
            Fault::new(path.index(index), fault)
                .allowed("patterns within the folder of this file: \"model.py\", \"mesh/**\""),
        );
    }
}

/// Whether `name` stays within a folder.
fn relative(name: &str) -> Result<(), &'static str> {
    if name.trim().is_empty() {
        return Err("is empty");
    }
    let path = FilePath::new(name);
    if path.is_absolute() || name.starts_with('~') {
        return Err("is not relative");
    }
    if path.components().any(|component| component == std::path::Component::ParentDir) {
        return Err("leaves the folder");
    }
    Ok(())
}

fn check_environment(checker: &mut Checker<'_>, path: &Path, names: &[String]) {
    for (index, name) in names.iter().enumerate() {
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(letters) || name.starts_with(|c: char| c.is_ascii_digit()) {
            let fault = Fault::new(path.index(index), "is no name of an environment variable");
            // The value may be a secret: it is not repeated.
            checker.report(match name.split_once('=') {
                Some((name, _)) => fault
                    .found(format!("\"{name}=…\""))
                    .hint(format!("write \"{name}\": values stay in the environment, out of files and logs")),
                None => fault.allowed("letters, digits and _: \"LM_LICENSE_FILE\""),
            });
        }
    }
}

fn resources(checker: &mut Checker<'_>, path: &Path, resources: Option<&wire::Resources>) -> Resources {
    let memory = match resources.and_then(|resources| resources.memory.as_ref()) {
        None => None,
        Some(wire::Size::Bytes(bytes)) => Some(*bytes),
        Some(wire::Size::Text(text)) => match parse_size(text) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let fault = Fault::new(path.key("memory"), error.message).allowed(SIZE_FORMS);
                checker.report(Fault { hint: error.hint, ..fault });
                None
            }
        },
    };
    // An interpreter or a shell does not start in less: the number was meant in other units.
    if let Some(bytes) = memory
        && bytes < 1 << 20
    {
        checker.report(
            Fault::new(path.key("memory"), format!("is {bytes} bytes, and no process runs in that"))
                .allowed("at least 1MiB")
                .hint("write the unit: \"512MB\", \"2GiB\""),
        );
    }
    Resources { cpus: resources.and_then(|resources| resources.cpus).unwrap_or(1), memory }
}

fn on_failure(checker: &mut Checker<'_>, path: &Path, failures: Option<&wire::Failures>) -> OnFailure {
    let wire::Failures { retries, then, stop_after } = failures.cloned().unwrap_or_default();
    if then == Some(wire::Then::Stop) && stop_after.is_some() {
        checker.report(
            Fault::new(path.key("stop_after"), "does not count with then = \"stop\", which stops at the first")
                .at_key()
                .hint("leave out `then` to stop after several failures"),
        );
    }
    let then = match then {
        Some(wire::Then::Worst) | None => Then::Rank(FailureRank::Worst),
        Some(wire::Then::Infeasible) => Then::Rank(FailureRank::Infeasible),
        Some(wire::Then::Stop) => Then::Stop,
    };
    OnFailure { retries: retries.unwrap_or(0), then, stop_after }
}

fn keep(checker: &mut Checker<'_>, path: &Path, keep: Option<&[String]>) -> Vec<Keep> {
    let Some(words) = keep else { return vec![Keep::Failures] };
    let mut kept = Vec::new();
    for (index, word) in words.iter().enumerate() {
        match word.as_str() {
            "failures" => kept.push(Keep::Failures),
            "all" => kept.push(Keep::All),
            _ => match word.strip_prefix("best ").map(|count| count.trim().parse::<usize>()) {
                Some(Ok(count)) if count > 0 => kept.push(Keep::Best(count)),
                _ => {
                    let hint = match word.as_str() {
                        "best" => Some("say how many: \"best 20\"".to_owned()),
                        _ => did_you_mean(word, ["failures", "all"]),
                    };
                    let fault = Fault::new(path.index(index), "is none of what can be kept")
                        .allowed("\"best N\", \"failures\", \"all\"");
                    checker.report(Fault { hint, ..fault });
                }
            },
        }
    }
    kept
}
