//! `try FILE`.

use std::num::NonZero;

use clap::Args;
use genetic_pool_evolve::algorithms::Schedule;
use serde_json::{Value, json};

use super::{Context, Exit, Interrupts, error::CliError, input::Input, progress, quote::quoted, words, wrap::wrapped};
use crate::{
    experiment::{Exactness, Experiment},
    numbers,
    run::{
        self,
        forecast::{self, Forecast},
        trial::{self, Attempt, Trials, Tried},
    },
    store::Home,
};

/// Times that are spread less are about the same.
const EVEN: f64 = 0.1;

/// Lines of output that are shown of a candidate.
const OUTPUT_LINES: usize = 10;

/// Evaluates a few candidates before you pay for thousands, and foresees the run
///
/// Start points, the bounds and a few random candidates, each twice: in fresh processes, in opposite order, with the
/// same trial seed. Shows seconds, memory, output and failures in full, and whether the same bits came back.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool try experiment.toml
  genetic-pool try experiment.toml --slots 64")]
pub(super) struct Try {
    #[command(flatten)]
    input: Input,
    /// The slots to foresee the run for; else as many as there are cores for
    #[arg(long, value_name = "N", value_parser = super::input::slots)]
    slots: Option<NonZero<u16>>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Try {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        let mut experiment = self.input.load(context)?;
        super::input::take_in(&mut experiment)?;
        let slots = self.slots.map_or_else(|| run::default_slots(&experiment), |slots| usize::from(slots.get()));
        let bar = context.printer.live.then(progress::bar);
        let interrupts = Interrupts::install().map_err(|source| CliError::Signals { source })?;
        let interrupted = || interrupts.requested();
        let found = trial::trials(&experiment, context.registry, slots, &interrupted, &mut |done, of| {
            if let Some(bar) = &bar {
                bar.set_message(format!("{done} of {of} evaluations"));
            }
        });
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let Some(found) = found? else { return Ok(Exit::Interrupted) };
        if let Some(forecast) = &found.forecast {
            // What is foreseen stands beside the fact in `runs show`; without a data folder there is no run either.
            let _ = Home::find().map(|home| forecast::remember(&home, &experiment, forecast));
        }
        if self.json {
            context.printer.json(&as_json(&experiment, &found))?;
        } else {
            context.printer.data(lines(&experiment, &found).join("\n"))?;
        }
        let none = found.candidates.iter().all(|tried| tried.attempts[0].failure().is_some());
        if none {
            return Ok(Exit::Evaluation);
        }
        if !self.json {
            context.printer.next(&[format!("{} run {}", context.program, quoted(&self.input.file))]);
        }
        Ok(Exit::Ok)
    }
}

fn lines(experiment: &Experiment, found: &Trials) -> Vec<String> {
    let mut lines = Vec::new();
    let mut told = Vec::new();
    for tried in &found.candidates {
        lines.extend(candidate(experiment, tried, &mut told));
    }
    lines.push(summary(experiment, &found.candidates));
    match &found.forecast {
        None => lines.push("no candidate could be evaluated: there is nothing to foresee".to_owned()),
        Some(forecast) => {
            lines.extend(foreseen(experiment, forecast));
            lines.extend(uneven(forecast, found.plan.settings.schedule()));
        }
    }
    let algorithm = &found.plan.chosen;
    lines.push(format!("algorithm {}", wrapped(&format!("{}: {}", algorithm.name, algorithm.why), 10)));
    lines
}

/// A candidate: its values, what came out, what it took, what it said. Messages of failures that are in `told` are not
/// told again.
fn candidate<'a>(experiment: &Experiment, tried: &'a Tried, told: &mut Vec<&'a str>) -> Vec<String> {
    let [first, second] = &tried.attempts;
    let genome = tried.genome.iter().map(|(name, value)| format!("{name} = {}", progress::rounded(value)));
    let genome = genome.collect::<Vec<_>>().join(", ");
    let mut lines = vec![format!("{}  {genome}", tried.origin)];
    // What differs may do so in its last bits alone.
    let shown = if tried.same { words::objective } else { |value: f64| value.to_string() };
    let mut took = vec![words::seconds(first.seconds)];
    took.extend(first.memory.map(words::bytes));
    let what = match first.failure() {
        Some(failure) if told.contains(&failure.message.as_str()) => format!("{}, as above", failure.kind.word()),
        Some(failure) => failure.kind.word().to_owned(),
        None => outputs(experiment, first, shown),
    };
    lines.push(format!("  {what}  ({})", took.join(", ")));
    if let Some(failure) = first.failure()
        && !told.contains(&failure.message.as_str())
    {
        lines.extend(failure.message.trim_end().lines().map(|line| format!("    {line}")));
        told.push(&failure.message);
    }
    let printed: Vec<&str> = first.output.trim_end().lines().collect();
    for line in printed.iter().take(OUTPUT_LINES) {
        lines.push(format!("  | {line}"));
    }
    if printed.len() > OUTPUT_LINES {
        lines.push(format!("  | … {} more lines", printed.len() - OUTPUT_LINES));
    }
    if !tried.same {
        let what = match second.failure() {
            Some(failure) => {
                let message = failure.message.trim_end().lines().last().unwrap_or_default();
                format!("{}: {message}", failure.kind.word())
            }
            None => outputs(experiment, second, shown),
        };
        lines.push(format!("  {} the second time: {what}", different(experiment)));
    }
    lines
}

/// `drag 0.3, mass 12, violation 0.5`
fn outputs(experiment: &Experiment, attempt: &Attempt, shown: fn(f64) -> String) -> String {
    let signature = &experiment.signature;
    let outcomes = &attempt.outcomes;
    let goals = signature.goals.iter().map(|goal| &goal.name).zip(outcomes.objectives(0));
    let constraints = signature.constraints.iter().map(|constraint| &constraint.name).zip(outcomes.constraints(0));
    let measures = signature.measures.iter().zip(outcomes.measures(0));
    let mut parts: Vec<String> =
        goals.chain(constraints).chain(measures).map(|(name, value)| format!("{name} {}", shown(*value))).collect();
    let violation = signature.violation(outcomes.constraints(0));
    if violation > 0.0 {
        parts.push(format!("violates constraints by {}", words::objective(violation)));
    }
    parts.join(", ")
}

/// `6 evaluated: 118–131 s, 1.4 GiB each, same bits twice`
fn summary(experiment: &Experiment, candidates: &[Tried]) -> String {
    let evaluated: Vec<&Tried> = candidates.iter().filter(|tried| tried.attempts[0].failure().is_none()).collect();
    let failed = candidates.len() - evaluated.len();
    let mut text = format!("{} evaluated", evaluated.len());
    let attempts = || evaluated.iter().flat_map(|tried| &tried.attempts);
    let least = attempts().map(|attempt| attempt.seconds).fold(f64::INFINITY, f64::min);
    let most = attempts().map(|attempt| attempt.seconds).fold(0.0, f64::max);
    if !evaluated.is_empty() {
        text += &format!(": {} to {}", words::seconds(least), words::seconds(most));
        if let Some(memory) = attempts().filter_map(|attempt| attempt.memory).max() {
            text += &format!(", up to {}", words::bytes(memory));
        }
    }
    let count = candidates.iter().filter(|tried| !tried.same).count();
    let noisy = experiment.problem.exactness == Exactness::Noisy;
    text += &match count {
        0 if evaluated.is_empty() => String::new(),
        0 => ", same bits twice".to_owned(),
        count if noisy => format!(", {count} different the second time, as a noisy evaluation may be"),
        count => format!(", {count} {} the second time: a run will not be exact", different(experiment)),
    };
    if failed > 0 {
        text += &format!(", {failed} failed");
    }
    if count > 0 && !noisy {
        text += "\nall chance should come from the trial's seed; if it cannot, say `problem.exactness = \"noisy\"`";
    }
    text
}

/// Set off where it should not be so.
fn different(experiment: &Experiment) -> &'static str {
    match experiment.problem.exactness {
        Exactness::Exact | Exactness::Warn => "DIFFERENT",
        Exactness::Noisy => "different",
    }
}

/// `64 slots, 96 % busy: about 1,770 evaluations an hour, 20,000 in about 11 h 20 min`
fn foreseen(experiment: &Experiment, forecast: &Forecast) -> Vec<String> {
    let slots = words::things(forecast.slots as u64, "slot");
    let per_hour = words::count(three_digits(forecast.per_hour));
    let mut text = format!("{slots}, {:.0} % busy: about {per_hour} evaluations an hour", 100.0 * forecast.busy);
    if let (Some(budget), Some(hours)) = (experiment.stop.budget(), forecast.hours) {
        text += &format!(", {} in about {}", words::count(budget), words::seconds(3600.0 * hours));
    }
    let mut lines = vec![text];
    if let Some(disk) = forecast.disk {
        lines.push(format!("the run's file will take about {}", words::bytes(disk)));
    }
    lines
}

/// `times spread by σ = 0.8 in their logarithm: 28 % busy by generations, 75 % in a window of 192, 100 % as they complete`
///
/// and what would pay; nothing where times are about the same.
fn uneven(forecast: &Forecast, present: Schedule) -> Vec<String> {
    let Some(spread) = forecast.spread.filter(|spread| *spread >= EVEN) else { return Vec::new() };
    let reached = forecast.schedules.iter().map(|reached| {
        let schedule = match reached.schedule {
            Schedule::Generations => "by generations".to_owned(),
            Schedule::Window(window) => format!("in a window of {window}"),
            Schedule::Free(_) => "as they complete".to_owned(),
        };
        format!("{:.0} % busy {schedule}", 100.0 * reached.busy)
    });
    let reached = reached.collect::<Vec<_>>().join(", ");
    let mut lines = vec![format!("times spread by σ = {spread:.2} in their logarithm: {reached}")];
    if let Some((schedule, times)) = forecast.pays(present) {
        let schedule = match schedule {
            Schedule::Generations => "\"generations\"".to_owned(),
            Schedule::Window(window) => format!("{{ window = {window} }}"),
            Schedule::Free(_) => "\"free\"".to_owned(),
        };
        lines.push(format!("schedule = {schedule} would pay: {times:.1} times as many evaluations an hour"));
    }
    lines
}

/// `value` rounded to three digits: a forecast is no more exact than that.
fn three_digits(value: f64) -> u64 {
    let unit = 10_f64.powi((value.max(1.0).log10().floor() as i32 - 2).max(0));
    ((value / unit).round() * unit) as u64
}

fn as_json(experiment: &Experiment, found: &Trials) -> Value {
    let attempt = |attempt: &Attempt| {
        let numbers = |values: &[f64]| values.iter().map(|value| numbers::value(*value)).collect::<Vec<_>>();
        let failure = attempt.failure().map(|failure| json!({ "kind": failure.kind, "message": failure.message }));
        let outcomes = &attempt.outcomes;
        json!({
            "objectives": numbers(outcomes.objectives(0)),
            "constraints": numbers(outcomes.constraints(0)),
            "measures": numbers(outcomes.measures(0)),
            "failure": failure,
            "seconds": attempt.seconds,
            "memory": attempt.memory,
            "output": attempt.output,
        })
    };
    let candidates: Vec<Value> = found
        .candidates
        .iter()
        .map(|tried| {
            json!({
                "origin": tried.origin,
                "genome": tried.genome,
                "attempts": tried.attempts.iter().map(attempt).collect::<Vec<_>>(),
                "same": tried.same,
            })
        })
        .collect();
    json!({
        "format": 1,
        "seed": experiment.seed,
        "candidates": candidates,
        "forecast": found.forecast,
        "pays": found.forecast.as_ref().and_then(|forecast| forecast.pays(found.plan.settings.schedule())),
        "algorithm": found.plan.chosen.to_json(),
    })
}
