//! `runs list|show|compare|export|rm`: what the store knows.

mod compare;
mod export;
mod list;
mod rm;
mod show;

use clap::{Args, Subcommand};
use genetic_pool_evolve::{outcomes::Outcomes, problem::Signature};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value};

use super::{Context, Exit, error::CliError, table, words};
use crate::{
    numbers,
    store::{Home, RunReader, StoreError},
};

/// Lists, shows, compares, exports and removes runs
///
/// RUN is a run's id, the start of the id or of its last part where only one run has it, `latest`, or a run's file.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool runs list
  genetic-pool runs show
  genetic-pool runs export latest --format csv")]
pub(super) struct Runs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    List(list::List),
    Show(show::Show),
    Compare(compare::Compare),
    Export(export::Export),
    Rm(rm::Rm),
}

impl Runs {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        let home = Home::find()?;
        match self.verb {
            Verb::List(verb) => verb.run(&home, context),
            Verb::Show(verb) => verb.run(&home, context),
            Verb::Compare(verb) => verb.run(&home, context),
            Verb::Export(verb) => verb.run(&home, context),
            Verb::Rm(verb) => verb.run(&home, context),
        }
    }
}

/// Opens the run that a person calls `run`.
fn open(home: &Home, run: &str) -> Result<RunReader, StoreError> {
    RunReader::open(&home.resolve(run)?)
}

/// A time as people read it.
fn time(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A figure; `-` where there is none.
fn figure(value: f64) -> String {
    if value.is_nan() { "-".to_owned() } else { words::objective(value) }
}

/// A figure; `null` where there is none.
fn figure_json(value: f64) -> Value {
    if value.is_nan() { Value::Null } else { numbers::value(value) }
}

/// The objective of the best candidate by its goal's name, and that it is infeasible where it is.
fn best(goals: &[genetic_pool_evolve::problem::Goal], objective: f64, violation: f64) -> String {
    let Some(goal) = goals.first().filter(|_| !objective.is_nan()) else { return "-".to_owned() };
    let infeasible = if violation > 0.0 { " (infeasible)" } else { "" };
    format!("{} {}{infeasible}", goal.name, words::objective(objective))
}

/// The outputs of the one row of `outputs` by name.
fn outputs<'a>(signature: &'a Signature, outputs: &'a Outcomes) -> impl Iterator<Item = (&'a str, f64)> {
    let goals = signature.goals.iter().map(|goal| &goal.name).zip(outputs.objectives(0));
    let constraints = signature.constraints.iter().map(|constraint| &constraint.name).zip(outputs.constraints(0));
    let measures = signature.measures.iter().zip(outputs.measures(0));
    goals.chain(constraints).chain(measures).map(|(name, value)| (name.as_str(), *value))
}

/// The outputs of the one row of `row` by name, as JSON.
fn outputs_json(signature: &Signature, row: &Outcomes) -> Map<String, Value> {
    outputs(signature, row).map(|(name, value)| (name.to_owned(), numbers::value(value))).collect()
}
