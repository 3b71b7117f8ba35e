//! `check FILE`.

use clap::Args;
use genetic_pool_evolve::{
    algorithms::{Accepted, Replaced, Schedule, Settings},
    islands::{Emigration, IslandsSettings, Topology},
};
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
        let mut experiment = match self.input.load(context) {
            Ok(experiment) => experiment,
            Err(CliError::Experiment(ExperimentError::Problems { problems, .. })) if self.json => {
                context.printer.json(&json!({ "format": 1, "valid": false, "problems": problems }))?;
                return Ok(Exit::Invalid);
            }
            Err(error) => return Err(error),
        };
        super::input::take_in(&mut experiment)?;
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
    let mut start = Vec::new();
    if experiment.start.rows > 0 {
        start.push(words::things(experiment.start.rows as u64, "point"));
    }
    if !experiment.known.is_empty() {
        start.push(words::things(experiment.known.len() as u64, "known outcome"));
    }
    if experiment.left_out > 0 {
        start.push(format!("{} left out, which are no points of the space", experiment.left_out));
    }
    if !start.is_empty() {
        lines.push(line("start", start.join(", ")));
    }
    lines.push(line("seed", experiment.seed.to_string()));
    lines.push(line(
        "parallel",
        format!("{}, which the search is shaped for", words::things(experiment.parallel as u64, "slot")),
    ));
    lines.push(line("algorithm", wrapped(&format!("{}: {}", plan.chosen.name, plan.chosen.why), 13)));
    lines.push(line("", wrapped(&settings(plan), 13)));
    lines.extend(islands(&plan.settings).into_iter().map(|(which, what)| line(&which, wrapped(&what, 13))));
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
        Schedule::Free(free) => format!("in the order of completion, {free} out at once"),
    };
    if let Settings::Islands(islands) = &plan.settings {
        return migration(islands);
    }
    let mut listed = listed(&plan.chosen.settings);
    listed.push(schedule);
    listed.join(", ")
}

/// Each setting with its value, but for the schedule.
fn listed(settings: &Value) -> Vec<String> {
    let settings = settings.as_object().into_iter().flatten();
    let settings = settings.filter(|(name, value)| *name != "schedule" && !value.is_null());
    settings.map(|(name, value)| format!("{name}{NO_BREAK}{value}")).collect()
}

/// How islands send each other candidates, in a sentence.
fn migration(islands: &IslandsSettings) -> String {
    let figure = match islands.topology {
        Topology::None => return "no island sends anything to another".to_owned(),
        Topology::Random(neighbours) => format!("{} drawn from the seed", words::things(neighbours as u64, "other")),
        Topology::Ring => "the next one".to_owned(),
        Topology::Torus => "the four around it".to_owned(),
        Topology::Star => "the first one, and that one to all".to_owned(),
        _ => "all others".to_owned(),
    };
    let who = match islands.emigration {
        Emigration::Best => "of its best",
        Emigration::Random => "of any",
        Emigration::Tournament => "that win a tournament",
    };
    let whose = match islands.replacement.replaced {
        Replaced::Worst => "the worst",
        Replaced::Random => "any but the best",
    };
    let when = match islands.replacement.accepted {
        Accepted::Better => ", where they are better",
        Accepted::Always => "",
    };
    format!(
        "every {} evaluations of an island it sends copies {who}, {}, to {figure}; they take the place of {whose}{when}, \
         {} epoch{} later",
        words::count(islands.every),
        islands.migrants,
        islands.lag,
        if islands.lag == 1 { "" } else { "s" },
    )
}

/// What is on which islands; those alike that follow each other together.
fn islands(settings: &Settings) -> Vec<(String, String)> {
    let Settings::Islands(islands) = settings else { return Vec::new() };
    let mut lines = Vec::new();
    let mut first = 0;
    for alike in islands.islands.chunk_by(|a, b| a == b) {
        let last = first + alike.len() - 1;
        let which = if last > first { format!("islands {first}-{last}") } else { format!("island {first}") };
        let settings = &alike[0];
        let mut what = listed(&serde_json::to_value(settings).unwrap_or_default());
        if let Schedule::Window(window) = settings.schedule()
            && !matches!(settings, Settings::Random(_))
        {
            what.push(format!("in a window of {window}"));
        }
        lines.push((which, format!("{}: {}", settings.name(), what.join(", "))));
        first = last + 1;
    }
    lines
}

fn as_json(experiment: &Experiment, plan: &Plan) -> Value {
    json!({
        "format": 1,
        "valid": true,
        "problem": experiment::fitness(&experiment.problem.fitness),
        "signature": signature::json(&experiment.signature),
        "start": experiment.start.rows,
        "known": experiment.known.len(),
        "left_out": experiment.left_out,
        "seed": experiment.seed,
        "parallel": experiment.parallel,
        "algorithm": plan.chosen.to_json(),
        "stop": experiment::stop(&experiment.stop, &experiment.signature),
    })
}
