//! `check FILE`.

use clap::Args;
use genetic_pool_evolve::algorithms::Schedule;
use serde_json::{Value, json};

use super::{
    Context, Exit,
    error::CliError,
    experiment,
    input::Input,
    quote::quoted,
    signature, words,
    wrap::{NO_BREAK, wrapped},
};
use crate::{
    experiment::{Experiment, ExperimentError},
    run::Plan,
};

/// Reads an experiment and says what it means, or everything that is wrong with it
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool check experiment.toml
  genetic-pool check experiment.toml --set parallel=64")]
pub(super) struct Check {
    #[command(flatten)]
    input: Input,
    /// Prints JSON; what is wrong too
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        let experiment = match self.input.load(context) {
            Ok(experiment) => experiment,
            Err(CliError::Experiment(ExperimentError::Problems { problems, .. })) if self.json => {
                context.printer.json(&json!({ "format": 1, "valid": false, "problems": problems }))?;
                return Ok(Exit::Invalid);
            }
            Err(error) => return Err(error),
        };
        let plan = Plan::new(&experiment)?;
        if self.json {
            context.printer.json(&as_json(&experiment, &plan))?;
            return Ok(Exit::Ok);
        }
        let file = quoted(&self.input.file);
        context.printer.data(lines(&experiment, &plan).join("\n"))?;
        context.printer.next(&[format!("{} try {file}", context.program), format!("{} run {file}", context.program)]);
        Ok(Exit::Ok)
    }
}

fn lines(experiment: &Experiment, plan: &Plan) -> Vec<String> {
    let line = |key: &str, value: String| format!("{key:<12} {value}");
    let mut lines = vec![line("problem", experiment::problem(experiment))];
    lines.extend(signature::lines(&experiment.signature));
    if experiment.start.rows > 0 {
        lines.push(line("start", words::things(experiment.start.rows as u64, "point")));
    }
    lines.push(line("seed", experiment.seed.to_string()));
    lines.push(line(
        "parallel",
        format!("{}, which the search is shaped for", words::things(experiment.parallel as u64, "slot")),
    ));
    lines.push(line("algorithm", wrapped(&format!("{}: {}", plan.chosen.name, plan.chosen.why), 13)));
    lines.push(line("", wrapped(&settings(plan), 13)));
    lines.extend(experiment::limits(&experiment.problem).map(|limits| line("limits", limits)));
    lines.push(line("on failure", experiment::on_failure(&experiment.problem)));
    lines.push(line("stop", experiment::stop(&experiment.stop, &experiment.signature)));
    lines
}

/// The algorithm's settings in one line; where nothing is said of one it follows from the space.
fn settings(plan: &Plan) -> String {
    let schedule = match plan.settings.schedule() {
        Schedule::Generations => "in generations".to_owned(),
        Schedule::Window(window) => format!("in a window of {window}"),
    };
    let settings = plan.chosen.settings.as_object().into_iter().flatten();
    let settings = settings.filter(|(name, value)| *name != "schedule" && !value.is_null());
    settings.map(|(name, value)| format!("{name}{NO_BREAK}{value}")).chain([schedule]).collect::<Vec<_>>().join(", ")
}

fn as_json(experiment: &Experiment, plan: &Plan) -> Value {
    json!({
        "format": 1,
        "valid": true,
        "problem": experiment::fitness(&experiment.problem.fitness),
        "signature": signature::json(&experiment.signature),
        "start": experiment.start.rows,
        "seed": experiment.seed,
        "parallel": experiment.parallel,
        "algorithm": plan.chosen.to_json(),
        "stop": experiment::stop(&experiment.stop, &experiment.signature),
    })
}
