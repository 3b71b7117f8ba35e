//! `run FILE`.

use clap::Args;

use super::{Context, Exit, error::CliError, input::Input, workplace::Workplace};
use crate::{run, store::Home};

/// Evolves a population against the experiment's evaluation
///
/// Ctrl-C once stops it cleanly, twice at once; either way, and after a power cut, `resume` goes on with it and comes
/// to the same digest.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool run experiment.toml
  genetic-pool run experiment.toml --seed 8 --set stop.evaluations=500
  genetic-pool run experiment.toml --json | tail -n 1")]
pub(super) struct Run {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    workplace: Workplace,
}

impl Run {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        let experiment = self.input.load(context)?;
        let home = Home::find()?;
        let name = run::name_of(&self.input.file);
        self.workplace.work(context, &experiment, |options| run::begin(&experiment, &name, &home, options))
    }
}
