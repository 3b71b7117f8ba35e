//! The files that `new KIND NAME` writes: a problem that runs, to be replaced by one's own.

mod names;

use std::{
    fmt,
    path::{Path, PathBuf},
};

use self::names::{PYTHON_NAMES, RUST_NAMES, RUST_TYPES, among};

/// What a new experiment is evaluated by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Python function.
    Python,
    /// A Rust type in a program of its own.
    Rust,
    /// Any program.
    Command,
    /// A problem of this program.
    Builtin,
}

/// A file of a new experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFile {
    /// Where it stands in the experiment's folder.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
    /// Whether it is a program.
    pub executable: bool,
}

/// Where a Rust program takes genetic-pool from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrateSource {
    /// The folder of the crate, absolute.
    Path(PathBuf),
    /// The registry, at a version requirement such as `0.1`.
    Version(String),
}

/// Why no files are written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TemplateError {
    #[error("use the name `{name}`: {fault}")]
    Name { name: String, fault: &'static str, hint: Option<String> },
    #[error("find the crate `genetic-pool` in `{}`", path.display())]
    Crate { path: PathBuf },
}

const PACKAGE: &str = "genetic-pool";

const EXPERIMENT: &str = "experiment.toml";

/// The files of a new experiment called `name`, to be written into its folder.
///
/// `program` is what the command line is called in the lines that say what to type next. `source` is used for
/// [`Kind::Rust`] alone.
pub fn files(kind: Kind, name: &str, program: &str, source: &CrateSource) -> Result<Vec<TemplateFile>, TemplateError> {
    check_name(kind, name)?;
    let module = module(name);
    let structure = structure(name);
    let dependency = source.to_string();
    let (goal, evaluations, title, program) = match kind {
        Kind::Python => ("cost", "5_000", format!("{name}: an evaluation in Python."), program),
        Kind::Command => ("cost", "500", format!("{name}: an evaluation by a program."), program),
        Kind::Rust => ("lateness", "20_000", format!("{name}: an evaluation in Rust."), "cargo run --release --"),
        Kind::Builtin => ("value", "200_000", format!("{name}: a problem that comes with genetic-pool."), program),
    };
    // What holds others comes first.
    let parts = [
        ("head", include_str!("templates/head.toml")),
        ("problem", include_str!("templates/problem.toml")),
        ("search", include_str!("templates/search.toml")),
        ("reals", include_str!("templates/reals.toml")),
        ("stop", include_str!("templates/stop.toml")),
        ("title", &title),
        ("program", program),
        ("name", name),
        ("module", &module),
        ("type", &structure),
        ("dependency", &dependency),
        ("goal", goal),
        ("evaluations", evaluations),
    ];
    let fill = |text: &str| {
        parts.iter().fold(text.to_owned(), |text, (key, part)| {
            text.replace(&format!("{{{{{key}}}}}"), part.trim_end_matches('\n'))
        })
    };
    let file = |path: &str, text: &str| {
        let text = if path == EXPERIMENT { align(&fill(text)) } else { fill(text) };
        TemplateFile { path: fill(path).into(), text, executable: false }
    };
    Ok(match kind {
        Kind::Python => vec![
            file(EXPERIMENT, include_str!("templates/python/experiment.toml")),
            file("{{module}}.py", include_str!("templates/python/model.py")),
        ],
        Kind::Command => vec![
            file(EXPERIMENT, include_str!("templates/command/experiment.toml")),
            TemplateFile { executable: true, ..file("{{name}}.sh", include_str!("templates/command/evaluate.sh")) },
        ],
        Kind::Rust => vec![
            file(EXPERIMENT, include_str!("templates/rust/experiment.toml")),
            file("Cargo.toml", include_str!("templates/rust/Cargo.toml")),
            file("src/main.rs", include_str!("templates/rust/main.rs")),
            file(".gitignore", include_str!("templates/rust/gitignore")),
        ],
        Kind::Builtin => vec![file(EXPERIMENT, include_str!("templates/builtin/experiment.toml"))],
    })
}

impl CrateSource {
    /// Reads `--crate PATH|VERSION`: what begins with a digit or a comparison is a version, anything else the folder of
    /// the crate, or of the repository that holds it.
    pub fn read(given: &str) -> Result<CrateSource, TemplateError> {
        if given.starts_with(|c: char| c.is_ascii_digit() || "^~=<>".contains(c)) && !Path::new(given).exists() {
            return Ok(CrateSource::Version(given.to_owned()));
        }
        let path = std::path::absolute(given).unwrap_or_else(|_| given.into());
        let candidates = [path.clone(), path.join("crates").join(PACKAGE)];
        let found = candidates.into_iter().find(|folder| {
            let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            manifest.lines().any(|line| line.replace(' ', "") == format!("name=\"{PACKAGE}\""))
        });
        found.map(CrateSource::Path).ok_or(TemplateError::Crate { path })
    }
}

impl CrateSource {
    /// The folder that this program was built from where it is still there, else the registry at this version.
    pub fn nearest() -> CrateSource {
        CrateSource::read(env!("CARGO_MANIFEST_DIR")).unwrap_or_default()
    }
}

impl Default for CrateSource {
    /// The registry, at this version.
    fn default() -> CrateSource {
        CrateSource::Version(env!("CARGO_PKG_VERSION").to_owned())
    }
}

impl fmt::Display for CrateSource {
    /// As a dependency in Cargo.toml.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CrateSource::Path(path) => {
                write!(f, "{{ path = {} }}", toml_edit::Value::from(path.to_string_lossy().into_owned()))
            }
            CrateSource::Version(version) => write!(f, "{}", toml_edit::Value::from(version.as_str())),
        }
    }
}

impl TemplateError {
    /// What to do, where something can be said.
    pub fn hint(&self) -> Option<String> {
        match self {
            TemplateError::Name { hint, .. } => hint.clone(),
            TemplateError::Crate { .. } => {
                Some("`--crate` takes the folder of the genetic-pool repository, or a version such as `0.1`".to_owned())
            }
        }
    }
}

/// Lets the comments behind keys begin in one column, whatever names were filled in.
fn align(text: &str) -> String {
    const COLUMN: usize = 37;
    let line = |line: &str| match line.get(1..).and_then(|rest| rest.find(" # ")) {
        Some(place) if !line.starts_with("#  ") => {
            let (key, comment) = line.split_at(place + 1);
            let key = key.trim_end();
            let width = if key.chars().count() < COLUMN { COLUMN } else { key.chars().count() + 3 };
            format!("{key:width$}{}\n", comment.trim_start())
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn check_name(kind: Kind, name: &str) -> Result<(), TemplateError> {
    let error = |fault, hint| Err(TemplateError::Name { name: name.to_owned(), fault, hint });
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(plain) || name.len() > 64 {
        let allowed: String = name.chars().map(|c| if plain(c) { c } else { '-' }).take(64).collect();
        let allowed = allowed.trim_matches(|c: char| !c.is_ascii_alphabetic());
        let hint = (!allowed.is_empty()).then(|| format!("`{allowed}` would do"));
        return error("it takes letters, digits, - and _, begins with a letter, and is at most 64 long", hint);
    }
    let suggestion = Some(format!("`{name}-problem` would do"));
    if kind == Kind::Rust && among(RUST_NAMES, name) {
        return error("Rust or Cargo keeps it for itself", suggestion);
    }
    if kind == Kind::Python && among(PYTHON_NAMES, &module(name)) {
        return error("Python has a module or a word of that name", suggestion);
    }
    Ok(())
}

/// `name` as a Python module: `wing-2` becomes `wing_2`.
fn module(name: &str) -> String {
    name.replace('-', "_").to_ascii_lowercase()
}

/// `name` as a Rust type that shadows nothing the program needs: `job-shop` becomes `JobShop`.
fn structure(name: &str) -> String {
    let words = name.split(['-', '_']).filter(|word| !word.is_empty());
    let camel: String = words
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        })
        .collect();
    if among(RUST_TYPES, &camel) { format!("My{camel}") } else { camel }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, process::Command};

    use super::*;
    use crate::{
        experiment::{Experiment, Overrides},
        registry::{RegisteredProblem, Registry},
    };

    fn text(kind: Kind, path: &str) -> String {
        let files = files(kind, "wing-2", "genetic-pool", &CrateSource::default()).unwrap();
        files.into_iter().find(|file| file.path == Path::new(path)).unwrap().text
    }

    fn registry() -> Registry {
        use crate::evolve::problem::*;
        use crate::evolve::space::*;

        struct Jobs(usize);
        impl Problem for Jobs {
            fn signature(&self) -> Signature {
                let order = Parameter::new("order", Domain::Permutation { size: self.0 });
                let goals = vec![Goal { name: "lateness".into(), direction: Direction::Minimize }];
                Signature { space: Space::new(vec![order]).unwrap(), goals, constraints: vec![], measures: vec![] }
            }

            fn evaluate(&self, _: Genome<'_>, _: &Trial, _: &mut Outcome<'_>) -> Result<(), Failure> {
                Ok(())
            }
        }

        let mut registry = Registry::built_in();
        let build = Box::new(|options: &serde_json::Value, _: &Path| {
            let jobs = options["jobs"].as_array().map_or(0, Vec::len);
            Ok(std::sync::Arc::new(Jobs(jobs)) as std::sync::Arc<dyn Problem>)
        });
        let problem = RegisteredProblem { about: String::new(), options: Vec::new(), built_in: false, build };
        registry.problems.insert("wing-2".to_owned(), problem);
        registry
    }

    fn check(text: &str) -> Experiment {
        Experiment::parse(text, Path::new("experiment.toml"), &Overrides::default(), &registry())
            .unwrap_or_else(|error| panic!("{}\n{text}", error.render()))
    }

    #[test]
    fn every_experiment_is_valid() {
        for kind in [Kind::Python, Kind::Rust, Kind::Command, Kind::Builtin] {
            let text = text(kind, "experiment.toml");
            check(&text);
            assert!(!text.contains("{{"), "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 120 && line.trim_end() == line), "{text}");
        }
    }

    /// What the comments show is what the keys may be: with every key that stands behind a `#` the file is valid too,
    /// and a default does not change what it means.
    #[test]
    fn every_key_in_a_comment_is_valid() {
        for kind in [Kind::Python, Kind::Rust, Kind::Command, Kind::Builtin] {
            let plain = text(kind, "experiment.toml").replace("name = \"auto\"", "name = \"genetic\"");
            let key = |line: &str| {
                let rest = line.strip_prefix("# ")?;
                let word = rest.split(" = ").next().filter(|word| *word != rest)?;
                word.chars().all(|c| c.is_ascii_lowercase() || c == '_').then(|| rest.to_owned())
            };
            let keys = plain.lines().filter(|line| key(line).is_some()).count();
            assert!(keys >= 17, "{keys} keys\n{plain}");
            let full: Vec<String> = plain.lines().map(|line| key(line).unwrap_or_else(|| line.to_owned())).collect();
            let (plain, full) = (check(&plain), check(&full.join("\n")));
            assert_eq!(plain.problem.on_failure, full.problem.on_failure);
            assert_eq!(plain.problem.resources, full.problem.resources);
            assert_eq!(plain.problem.keep, full.problem.keep);
            assert_eq!(plain.problem.batch, full.problem.batch);
            assert_eq!(plain.parallel, full.parallel);
        }
    }

    #[test]
    fn the_python_file() {
        insta::assert_snapshot!(text(Kind::Python, "experiment.toml"));
        assert!(text(Kind::Python, "wing_2.py").contains("def evaluate(parameters, context):"));
    }

    #[test]
    fn the_rust_project() {
        insta::assert_snapshot!(text(Kind::Rust, "Cargo.toml"));
        let main = text(Kind::Rust, "src/main.rs");
        assert!(main.contains("App::new().problem::<Wing2>(\"wing-2\").main()"), "{main}");
        assert_eq!(structure("space"), "MySpace");
        assert_eq!(structure("job_shop-x"), "JobShopX");
    }

    #[test]
    fn the_command_speaks_the_protocol() {
        let files = files(Kind::Command, "can", "genetic-pool", &CrateSource::default()).unwrap();
        let script = files.iter().find(|file| file.executable).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(&script.path);
        fs::write(&path, &script.text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let input = folder.path().join("input");
        fs::write(
            &input,
            "{\"genetic-pool\":1,\"parameters\":[\"radius\",\"height\"],\"timeout\":null}\n\
             {\"candidate\":\"17\",\"seed\":1,\"scratch\":\"/\",\"parameters\":{\"radius\":3.0,\"height\":1e1}}\n\
             {\"candidate\": \"3.18\", \"seed\": 2, \"parameters\": {\"radius\": 2.5, \"height\": 4}}\n",
        )
        .unwrap();
        let output = Command::new("sh").arg(&path).stdin(fs::File::open(&input).unwrap()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0], serde_json::json!({ "genetic-pool": 1 }));
        assert_eq!(lines[1]["candidate"], "17");
        let volume = lines[1]["outcome"]["volume"].as_f64().unwrap();
        assert!((volume - 90.0 * std::f64::consts::PI).abs() < 1e-9, "{volume}");
        assert_eq!(lines[2]["candidate"], "3.18");
        assert_eq!(lines.len(), 3);
    }

    fn check_error(kind: Kind, name: &str, expect: &str) {
        let error = files(kind, name, "genetic-pool", &CrateSource::default()).unwrap_err();
        assert_eq!(format!("{error}; {}", error.hint().unwrap_or_default()), expect);
    }

    #[test]
    fn names() {
        let rule = "it takes letters, digits, - and _, begins with a letter, and is at most 64 long";
        check_error(Kind::Builtin, "2wings", &format!("use the name `2wings`: {rule}; `wings` would do"));
        check_error(Kind::Builtin, "a/b", &format!("use the name `a/b`: {rule}; `a-b` would do"));
        check_error(Kind::Builtin, "", &format!("use the name ``: {rule}; "));
        check_error(Kind::Builtin, "..", &format!("use the name `..`: {rule}; "));
        let python = "Python has a module or a word of that name";
        check_error(Kind::Python, "random", &format!("use the name `random`: {python}; `random-problem` would do"));
        let rust = "Rust or Cargo keeps it for itself";
        check_error(Kind::Rust, "test", &format!("use the name `test`: {rust}; `test-problem` would do"));
        assert!(files(Kind::Builtin, "random", "genetic-pool", &CrateSource::default()).is_ok());
    }

    #[test]
    fn crate_sources() {
        assert_eq!(CrateSource::read("0.1"), Ok(CrateSource::Version("0.1".to_owned())));
        assert_eq!(CrateSource::read("^1.2").unwrap().to_string(), "\"^1.2\"");
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let repository = own.parent().and_then(Path::parent).unwrap();
        for given in [own, repository] {
            assert_eq!(CrateSource::read(&given.to_string_lossy()), Ok(CrateSource::Path(own.to_owned())));
        }
        let error = CrateSource::read("/nowhere/at/all").unwrap_err();
        assert_eq!(error.to_string(), "find the crate `genetic-pool` in `/nowhere/at/all`");
    }
}
