//! From the file as it is written to the experiment it means.

mod algorithm;
mod fitness;
mod outputs;
mod problem;
mod space;
mod start;
mod stop;

use genetic_pool_evolve::algorithms::Known;
use std::path::Path as FilePath;

use genetic_pool_evolve::{problem::Signature, space::Space};

use super::{
    Experiment, ExperimentError, Overrides, Problem,
    checker::Checker,
    document::{Kind, Node, Path, Segment},
    error::Place,
    overrides, schema, structure,
    structure::Fault,
    wire,
};
use crate::registry::Registry;

impl Experiment {
    /// Reads, checks and resolves the experiment file at `path`, with what the command line changes in it.
    ///
    /// A problem of `registry` is built, to learn its space and goals. All problems of the file are reported at once.
    pub fn load(path: &FilePath, overrides: &Overrides, registry: &Registry) -> Result<Experiment, ExperimentError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ExperimentError::Read { path: path.to_owned(), source })?;
        Experiment::parse(&text, path, overrides, registry)
    }

    /// The same for the text of a file that is, or was, at `path`: its folder is what paths in it are relative to, and
    /// errors name it.
    pub fn parse(
        text: &str,
        path: &FilePath,
        overrides: &Overrides,
        registry: &Registry,
    ) -> Result<Experiment, ExperimentError> {
        // Only fails where there is no working folder; then relative paths stay as they are.
        let file = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let directory = file.parent().unwrap_or(FilePath::new("/"));
        resolve(text, directory, overrides, registry)
            .map_err(|problems| ExperimentError::Problems { path: path.to_owned(), problems })
    }
}

fn resolve(
    text: &str,
    directory: &FilePath,
    overrides: &Overrides,
    registry: &Registry,
) -> Result<Experiment, Vec<Problem>> {
    let original = Node::parse(text).map_err(|error| vec![malformed(text, &error)])?;
    let (text_resolved, changes) = overrides::apply(text, overrides)?;
    let mut document = Node::parse(&text_resolved).map_err(|error| vec![malformed(&text_resolved, &error)])?;
    let whole = document.clone();
    let mut checker = Checker::new(text, &original, &changes, &whole);
    if let Some(fault) = later_format(&document) {
        checker.structural(fault);
        return Err(checker.finish());
    }
    for fault in structure::check(schema::schema(), &document) {
        document.prune(&fault.path.0);
        checker.structural(fault);
    }
    let file: wire::File = match serde_json::from_value(document.to_json()) {
        Ok(file) => file,
        // The schema allows what the structs refuse only by mistake; it still has to be said.
        Err(error) => {
            checker.report(Fault::new(Path::default(), format!("cannot be read: {error}")));
            return Err(checker.finish());
        }
    };

    let parallel = file.parallel.unwrap_or(16) as usize;
    let (settings, registered) = problem::resolve(&mut checker, file.problem.as_ref(), directory, registry);
    let signature = match &registered {
        Some(problem) => {
            refuse_own_signature(&mut checker, &file);
            Some(problem.signature())
        }
        // Where it is unknown what evaluates, it is unknown who says what is optimised.
        None if settings.is_none() => None,
        None => own_signature(&mut checker, &file),
    };
    let results = file.problem.as_ref().and_then(|problem| problem.results.as_ref());
    if let (Some(results), Some(signature), Some(_)) = (results, &signature, &settings) {
        fitness::check_results(&mut checker, results, signature);
    }
    let algorithm = algorithm::resolve(
        &mut checker,
        file.algorithm.as_ref(),
        signature.as_ref().map(|signature| &signature.space),
        settings.as_ref().map_or(1, |settings| settings.batch),
        parallel,
    );
    if let Some(signature) = &signature {
        let name = file.algorithm.as_ref().and_then(|algorithm| algorithm.name);
        algorithm::check_goals(&mut checker, &algorithm, name, &signature.goals);
    }
    let start = start::resolve(&mut checker, file.start.as_ref(), signature.as_ref().map(|signature| &signature.space));
    let earlier = start::earlier(&mut checker, file.start.as_ref());
    let stop = stop::resolve(&mut checker, file.stop.as_ref(), signature.as_ref());
    if let Some(signature) = &signature {
        let operators = registered.as_ref().map(|problem| problem.operators()).unwrap_or_default();
        algorithm::check_first(&mut checker, &algorithm, (signature, &operators), &stop, start.rows, parallel);
    }

    let (Some(problem), Some(signature), 0) = (settings, signature, checker.count()) else {
        return Err(checker.finish());
    };
    Ok(Experiment {
        seed: file.seed.unwrap_or(0),
        parallel,
        problem,
        registered,
        algorithm,
        start,
        earlier,
        known: Known::none(&signature),
        left_out: 0,
        signature,
        stop,
        text: text_resolved,
        directory: directory.to_owned(),
    })
}

fn malformed(text: &str, error: &toml_edit::TomlError) -> Problem {
    let message = error.message().lines().collect::<Vec<_>>().join(", ");
    let message = message.trim_end_matches(", expected nothing");
    let found = error.span().and_then(|span| text.get(span)).unwrap_or_default();
    let unquoted = message.contains("must be quoted") && !found.is_empty();
    let hint = unquoted.then(|| format!("put it in quotes: \"{found}\""));
    Problem {
        path: String::new(),
        place: error.span().map_or(Place::Nowhere, |span| Place::of(text, &span)),
        message: format!("is no TOML here: {message}"),
        found: None,
        allowed: None,
        hint,
    }
}

/// A file of a later format is not checked any further: what it says may mean something else.
fn later_format(document: &Node) -> Option<Fault> {
    let (node, _) = document.find(&[Segment::Key("format".to_owned())])?;
    match node.kind {
        Kind::Int(format) if format > wire::FORMAT as i64 => Some(
            Fault::new(Path::of(["format"]), format!("is format {format}, of a later genetic-pool"))
                .allowed(format!("1: this is genetic-pool {}", env!("CARGO_PKG_VERSION")))
                .hint("install a newer genetic-pool to read this file"),
        ),
        _ => None,
    }
}

fn refuse_own_signature(checker: &mut Checker<'_>, file: &wire::File) {
    let given = [
        ("goals", file.goals.is_some()),
        ("constraints", file.constraints.is_some()),
        ("measures", file.measures.is_some()),
        ("space", file.space.is_some()),
    ];
    for (key, _) in given.iter().filter(|(_, given)| *given) {
        checker.report(
            Fault::new(Path::of([*key]), "is said by the problem's own code")
                .at_key()
                .hint(format!("remove `{key}`; `[problem.options]` is where such a problem is shaped")),
        );
    }
}

fn own_signature(checker: &mut Checker<'_>, file: &wire::File) -> Option<Signature> {
    let outputs = outputs::resolve(checker, file);
    let space: Option<Space> = space::resolve(checker, file.space.as_ref());
    let (goals, constraints, measures) = outputs?;
    Some(Signature { space: space?, goals, constraints, measures })
}
