//! What evaluates: `name`, `python` or `command` of `[problem]`, with the keys that go with each.

use std::path::Path as FilePath;

use genetic_pool_evolve::problem::Signature;

use super::{
    super::{
        CommandMode, Fitness, ResultSource, checker::Checker, document::Path, nearest::did_you_mean, structure::Fault,
        wire,
    },
    problem::relative,
};

/// What evaluates; `None` where that is not known.
pub(super) fn resolve(checker: &mut Checker<'_>, at: &Path, problem: &wire::Problem) -> Option<Fitness> {
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
