//! `runs list`.

use clap::Args;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{
    Context, Exit, best, figure_json,
    table::{Align, table},
};
use crate::{
    cli::{error::CliError, words},
    store::{Home, Listed, StoreError},
};

/// Lists the runs in the data folder, the latest last
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool runs list
  genetic-pool runs list --json")]
pub(super) struct List {
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(self, home: &Home, context: &Context<'_>) -> Result<Exit, CliError> {
        let runs = home.list()?;
        if self.json {
            context.printer.json(&to_json(&runs))?;
            return Ok(Exit::Ok);
        }
        for line in text(&runs, &TimeZone::system()) {
            context.printer.data(line)?;
        }
        for Listed { run, .. } in &runs {
            if let Err(error) = run {
                context.printer.note(error);
            }
        }
        match runs.iter().rfind(|listed| listed.run.is_ok()) {
            None => {
                context.printer.note(format_args!("there are no runs in `{}`", home.runs().display()));
                context.printer.next(&[format!("{} run experiment.toml", context.program)]);
            }
            Some(latest) => context.printer.next(&[format!("{} runs show {}", context.program, latest.id)]),
        }
        Ok(Exit::Ok)
    }
}

/// A line for each run, under a line of headings.
fn text(runs: &[Listed], zone: &TimeZone) -> Vec<String> {
    if runs.is_empty() {
        return Vec::new();
    }
    let headings = ["run", "experiment", "state", "evaluations", "best", "began", "size"];
    let columns = [Align::Left, Align::Left, Align::Left, Align::Right, Align::Left, Align::Left, Align::Right];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    for Listed { id, bytes, run, .. } in runs {
        let nothing = || "-".to_owned();
        rows.push(match run {
            Ok(run) => vec![
                id.to_string(),
                run.name.clone(),
                run.state.word().to_owned(),
                run.progress.map_or_else(nothing, |progress| words::count(progress.evaluations)),
                run.progress.map_or_else(nothing, |progress| best(&run.goals, progress.best, progress.violation)),
                run.created.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
                words::bytes(*bytes),
            ],
            Err(error) => {
                let state = unreadable(error).to_owned();
                vec![id.to_string(), nothing(), state, nothing(), nothing(), nothing(), words::bytes(*bytes)]
            }
        });
    }
    table(&columns, &rows)
}

fn to_json(runs: &[Listed]) -> Value {
    let runs: Vec<Value> = runs
        .iter()
        .map(|Listed { id, path, bytes, run }| match run {
            Ok(run) => json!({
                "run": id.as_str(),
                "file": path,
                "bytes": bytes,
                "experiment": run.name,
                "state": run.state,
                "process": run.holder.as_ref().map(|holder| holder.pid),
                "began": run.created.to_string(),
                "evaluations": run.progress.map(|progress| progress.evaluations),
                "objective": run.progress.map(|progress| figure_json(progress.best)),
                "violation": run.progress.map(|progress| figure_json(progress.violation)),
                "seconds": run.progress.map(|progress| progress.seconds),
            }),
            Err(error) => json!({
                "run": id.as_str(),
                "file": path,
                "bytes": bytes,
                "state": unreadable(error),
                "error": error.to_string(),
            }),
        })
        .collect();
    json!({ "format": 1, "runs": runs })
}

/// What a file is that cannot be read as a run, in a word or two.
fn unreadable(error: &StoreError) -> &'static str {
    match error {
        StoreError::NotARun { .. } => "not a run",
        StoreError::Newer { .. } => "newer",
        StoreError::Damaged { .. } => "damaged",
        _ => "unreadable",
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::{Ending, RunWriter, fixture};

    #[test]
    fn runs_and_what_is_none_stand_in_one_list() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned() };
        assert_eq!(text(&home.list().unwrap(), &TimeZone::UTC), [""; 0]);
        let mut finished = RunWriter::create(&home, &fixture::new_run(7)).unwrap();
        finished.progress(fixture::progress(20_000)).unwrap();
        finished.end(Ending::Finished(fixture::result("00"))).unwrap();
        drop(RunWriter::create(&home, &fixture::new_run(8)).unwrap());
        let running = RunWriter::create(&home, &fixture::new_run(9)).unwrap();
        fs::write(home.runs().join("junk.sqlite"), "x").unwrap();

        let runs = home.list().unwrap();
        let lines = text(&runs, &TimeZone::UTC);
        drop(running);
        let line = |index: usize| {
            // Id, date, time and size differ each time.
            let words = lines[index].split("  ").map(str::trim).filter(|word| !word.is_empty());
            words
                .enumerate()
                .filter(|(column, _)| ![0, 5, 6].contains(column))
                .map(|(_, word)| word)
                .collect::<Vec<_>>()
        };
        assert_eq!(line(0), ["experiment", "state", "evaluations", "best"]);
        assert_eq!(line(1), ["wing", "finished", "960", "drag 0.25"]);
        assert_eq!(line(2), ["wing", "interrupted", "-", "-"]);
        assert_eq!(line(3), ["wing", "running", "-", "-"]);
        let words: Vec<&str> = lines[4].split_whitespace().collect();
        assert_eq!(words, ["junk", "-", "not", "a", "run", "-", "-", "-", "1", "B"]);

        let json = to_json(&runs);
        assert_eq!(json["runs"][0]["objective"], 0.25);
        assert_eq!(json["runs"][2]["process"], std::process::id());
        assert_eq!(json["runs"][3]["state"], "not a run");
    }
}
