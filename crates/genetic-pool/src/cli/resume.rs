//! `resume [RUN]`.

use std::path::Path;

use clap::Args;

#[cfg(feature = "cluster")]
use super::away::{Elsewhere, On};
use super::{Context, Exit, error::CliError, input::Python, workplace::Workplace};
use crate::{experiment::Overrides, run, store::Home};

/// Goes on with a run that was interrupted, killed or stopped
///
/// It comes to the digest that an undisturbed run would have, and pays for no recorded evaluation twice. A run that was
/// begun on a cluster goes on there, unless it is fetched for good by `--on here`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool resume
  genetic-pool resume 20261124-101530-k3f9 --slots 4
  genetic-pool resume k3f9 --on here")]
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
    /// `here`: fetches the run from its cluster, and goes on with it here; CLUSTER: one that it was begun on
    #[cfg(feature = "cluster")]
    #[arg(long, value_name = "here|CLUSTER", help_heading = "On a cluster", conflicts_with = "processes")]
    on: Option<On>,
    #[cfg(feature = "cluster")]
    #[command(flatten)]
    elsewhere: Elsewhere,
}

impl Resume {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        let home = Home::find()?;
        #[cfg(feature = "cluster")]
        let path = match self.elsewhere(context, &home)? {
            super::away::Resumed::There(exit) => return Ok(exit),
            super::away::Resumed::Here(path) => {
                self.elsewhere.unused()?;
                path
            }
        };
        #[cfg(not(feature = "cluster"))]
        let path = home.resolve(&self.run)?;
        self.here(context, &home, &path)
    }

    fn here(&self, context: &Context<'_>, home: &Home, path: &Path) -> Result<Exit, CliError> {
        let overrides = Overrides { set: self.python.set().into_iter().collect(), seed: None };
        let experiment = run::stored_experiment(path, &overrides, context.registry)?;
        let keep_outcomes = self.keep_outcomes;
        self.workplace
            .work(context, &experiment, |options| run::resume(path, &experiment, keep_outcomes, home, options))
    }

    #[cfg(feature = "cluster")]
    fn elsewhere(&self, context: &Context<'_>, home: &Home) -> Result<super::away::Resumed, CliError> {
        super::away::resume(
            &super::away::Resuming {
                run: &self.run,
                on: self.on.as_ref(),
                keep_outcomes: self.keep_outcomes,
                workplace: &self.workplace,
                elsewhere: &self.elsewhere,
            },
            context,
            home,
        )
    }
}
