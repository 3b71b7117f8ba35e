//! `new KIND NAME`.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use super::{Context, Exit, error::CliError};
use crate::experiment::template::{self, CrateSource, TemplateFile};

/// Writes an experiment that runs, in a folder of its own, to be replaced by yours
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool new python wing          # wing/wing.py, wing/experiment.toml
  genetic-pool new command wing         # a program that speaks JSON lines
  genetic-pool new builtin first-try    # a problem that comes with genetic-pool
  genetic-pool new rust job-shop --crate ~/src/genetic-pool")]
pub(super) struct New {
    /// What evaluates
    kind: Kind,
    /// What it is called: the name of the folder, and of the Python module or the Rust program
    name: String,
    /// rust: where the genetic-pool crate comes from, a folder of its source or a version [default: the source this
    /// program was built from, else its version]
    #[arg(long = "crate", value_name = "PATH|VERSION", verbatim_doc_comment)]
    source: Option<String>,
}

/// What a new experiment is evaluated by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A Python function
    Python,
    /// A Rust type, in a program of its own that is the whole command line
    Rust,
    /// Any program
    Command,
    /// A problem of this program
    Builtin,
}

impl New {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        if self.source.is_some() && self.kind != Kind::Rust {
            return Err(CliError::CrateUnused);
        }
        let source = self.source.as_deref().map_or_else(|| Ok(CrateSource::nearest()), CrateSource::read)?;
        let files = template::files(self.kind.template(), &self.name, &context.program, &source)?;
        let folder = PathBuf::from(&self.name);
        write(&folder, &files)?;
        for file in &files {
            context.printer.data(folder.join(&file.path).display())?;
        }
        context.printer.next(&self.kind.next(&self.name, &context.program));
        Ok(Exit::Ok)
    }
}

impl Kind {
    fn template(self) -> template::Kind {
        match self {
            Kind::Python => template::Kind::Python,
            Kind::Rust => template::Kind::Rust,
            Kind::Command => template::Kind::Command,
            Kind::Builtin => template::Kind::Builtin,
        }
    }

    fn next(self, name: &str, program: &str) -> Vec<String> {
        let program = if self == Kind::Rust { "cargo run --release --" } else { program };
        let verbs = ["check", "try", "run"].map(|verb| format!("{program} {verb} experiment.toml"));
        [format!("cd {name}")].into_iter().chain(verbs).collect()
    }
}

/// Writes `files` into `folder`, which is made; no file that is there already is touched.
///
/// Where one of them is there, none is written.
fn write(folder: &Path, files: &[TemplateFile]) -> Result<(), CliError> {
    if taken(folder) && !folder.is_dir() {
        return Err(CliError::Exists { paths: vec![folder.to_owned()] });
    }
    let there: Vec<PathBuf> = files.iter().map(|file| folder.join(&file.path)).filter(|path| taken(path)).collect();
    if !there.is_empty() {
        return Err(CliError::Exists { paths: there });
    }
    for file in files {
        let path = folder.join(&file.path);
        write_one(&path, file).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => CliError::Exists { paths: vec![path] },
            _ => CliError::Write { path, source },
        })?;
    }
    Ok(())
}

/// Whether something is there, a dangling link too.
fn taken(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn write_one(path: &Path, file: &TemplateFile) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut open = OpenOptions::new();
    open.write(true).create_new(true);
    #[cfg(unix)]
    if file.executable {
        std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o777);
    }
    open.open(path)?.write_all(file.text.as_bytes())
}
