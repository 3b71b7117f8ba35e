//! `schema`.

use clap::Args;

use super::{Context, Exit, error::CliError};

/// Prints the JSON schema of the experiment file, for editors that complete and check TOML
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool schema > experiment.schema.json

An editor that knows TOML schemas takes it from the file's first line:
  #:schema ./experiment.schema.json")]
pub(super) struct Schema {}

impl Schema {
    #[expect(clippy::unused_self, reason = "every verb is run the same way")]
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        context.printer.write(|out| {
            serde_json::to_writer_pretty(&mut *out, crate::experiment::schema())?;
            writeln!(out)
        })?;
        Ok(Exit::Ok)
    }
}
