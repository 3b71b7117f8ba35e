//! `[problem]`.

use std::{path::Path as FilePath, sync::Arc};

use genetic_pool_evolve::{algorithms::FailureRank, problem::Problem};

use super::{
    super::{
        Exactness, Fitness, Keep, OnFailure, ProblemSettings, Resources, Then,
        checker::Checker,
        document::Path,
        nearest::did_you_mean,
        quantity::{SIZE_FORMS, TIME_FORMS, parse_duration, parse_size},
        structure::Fault,
        wire,
    },
    fitness,
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
    let fitness = fitness::resolve(checker, &at, problem);
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
pub(super) fn relative(name: &str) -> Result<(), &'static str> {
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
