//! `--slots`, `--processes`, `--json`: how a run is carried out and shown, for the verbs that work on one.

use std::num::NonZero;

use clap::Args;
use genetic_pool_evolve::{parallel, stop::StopReason};

use super::{Context, Exit, Interrupts, error::CliError, progress::Progress};
use crate::{
    evaluate,
    experiment::Experiment,
    run::{self, Place, RunEnd, RunFailure, RunOptions},
};

#[derive(Args, Debug)]
pub(super) struct Workplace {
    /// How many evaluations go at once; else as many as there are cores, or slots of the cluster, for
    #[arg(long, value_name = "N", value_parser = super::input::slots)]
    pub(super) slots: Option<NonZero<u16>>,
    /// Has Rust problems evaluated in worker processes, too
    #[arg(long)]
    pub(super) processes: bool,
    /// Prints events as JSON, one a line; the last is `finished`
    #[arg(long)]
    pub(super) json: bool,
}

impl Workplace {
    /// Has `work` done on a run of `experiment`, and shows what happens.
    pub(super) fn work(
        &self,
        context: &Context<'_>,
        experiment: &Experiment,
        work: impl FnOnce(RunOptions<'_>) -> Result<RunEnd, RunFailure>,
    ) -> Result<Exit, CliError> {
        let interrupts = Interrupts::install().map_err(|source| CliError::Signals { source })?;
        let mut progress = Progress::new(context.printer, self.json, &context.program);
        let slots = self.slots.map_or_else(|| run::default_slots(experiment), |slots| usize::from(slots.get()));
        if let Some(slots) = NonZero::new(slots) {
            parallel::limit_threads(slots);
        }
        let options = RunOptions {
            registry: context.registry,
            evaluate: evaluate::Options { slots, processes: self.processes, ..evaluate::Options::default() },
            place: Place::Here,
            command: typed(),
            interrupted: &|| interrupts.requested(),
            submitted: None,
            views: &mut |event| Ok(progress.event(event)?),
        };
        let end = work(options)?;
        Ok(match end.stop {
            StopReason::Rule(_) | StopReason::AllRules => Exit::Ok,
            StopReason::Interrupted => Exit::Interrupted,
            StopReason::FirstFailed { .. } | StopReason::Failed { .. } | StopReason::Failures { .. } => {
                Exit::Evaluation
            }
        })
    }
}

/// The command that was typed.
pub(super) fn typed() -> String {
    std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
