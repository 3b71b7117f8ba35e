//! `image sbom`.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use genetic_pool_cluster::{ClusterError, image, names::DEFAULT_IMAGE};
use serde_json::Value;

use super::{Context, EngineArgs, Exit};
use crate::cli::error::CliError;

/// Lists what is in an image: the system's packages, Python and its packages, as CycloneDX 1.5
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool image sbom
  genetic-pool image sbom wing:1 --output wing.cdx.json")]
pub(super) struct Sbom {
    /// The image
    #[arg(default_value = DEFAULT_IMAGE)]
    image: String,
    /// Writes it to FILE
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Sbom {
    pub(super) fn run(self, engine: &EngineArgs, context: &Context<'_>) -> Result<Exit, CliError> {
        let file = self.output.as_deref().map(create).transpose()?;
        let document = engine
            .with(async |engine, _cancel| Ok(image::sbom(&engine, &self.image).await.map_err(ClusterError::from)?))?;
        match file {
            Some(mut file) => file.write(&document)?,
            None => context.printer.write(|out| {
                serde_json::to_writer_pretty(&mut *out, &document)?;
                writeln!(out)
            })?,
        }
        Ok(Exit::Ok)
    }
}

/// A file a document will be written to: that it can be is known before the work begins.
pub(super) struct Output {
    path: PathBuf,
    file: File,
}

/// Opens `path`; what is there stays until there is something to write.
pub(super) fn create(path: &Path) -> Result<Output, CliError> {
    let file = File::options().write(true).create(true).truncate(false).open(path);
    let file = file.map_err(|source| CliError::Write { path: path.to_owned(), source })?;
    Ok(Output { path: path.to_owned(), file })
}

impl Output {
    pub(super) fn write(&mut self, document: &Value) -> Result<(), CliError> {
        let mut write = || {
            self.file.set_len(0)?;
            let mut out = BufWriter::new(&mut self.file);
            serde_json::to_writer_pretty(&mut out, document)?;
            writeln!(out)?;
            out.flush()
        };
        write().map_err(|source| CliError::Write { path: self.path.clone(), source })
    }
}
