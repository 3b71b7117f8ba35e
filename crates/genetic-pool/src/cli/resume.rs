//! `resume [RUN]`.

use clap::Args;

use super::{Context, Exit, error::CliError, input::Python, workplace::Workplace};
use crate::{experiment::Overrides, run, store::Home};

/// Goes on with a run that was interrupted, killed or stopped
///
/// It comes to the digest that an undisturbed run would have, and pays for no recorded evaluation twice.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool resume
  genetic-pool resume 20261124-101530-k3f9 --slots 4")]
pub(super) struct Resume {
    /// The run: an id, the start of one, or `latest`
    #[arg(default_value = "latest")]
    run: String,
    /// Goes on although the problem's code has changed: old and new outcomes are then taken to be the same
    #[arg(long)]
    keep_outcomes: bool,
    #[command(flatten)]
    python: Python,
    #[command(flatten)]
    workplace: Workplace,
}

impl Resume {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        let home = Home::find()?;
        let path = home.resolve(&self.run)?;
        let overrides = Overrides { set: self.python.set().into_iter().collect(), seed: None };
        let experiment = run::stored_experiment(&path, &overrides, context.registry)?;
        let keep_outcomes = self.keep_outcomes;
        self.workplace
            .work(context, &experiment, |options| run::resume(&path, &experiment, keep_outcomes, &home, options))
    }
}
