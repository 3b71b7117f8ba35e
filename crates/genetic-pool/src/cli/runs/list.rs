//! `runs list`.

use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    Context, Exit, best, figure_json,
    table::{Align, table},
};
use crate::{
    cli::{error::CliError, words},
    store::{Home, Listed, RunId, StoreError},
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
        let away = away(home)?;
        if self.json {
            context.printer.json(&to_json(&runs, &away))?;
            return Ok(Exit::Ok);
        }
        for line in text(&runs, &away, &TimeZone::system()) {
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
fn text(runs: &[Listed], away: &[Elsewhere], zone: &TimeZone) -> Vec<String> {
    if runs.is_empty() && away.is_empty() {
        return Vec::new();
    }
    let headings = ["run", "experiment", "state", "evaluations", "best", "began", "size"];
    let columns = [Align::Left, Align::Left, Align::Left, Align::Right, Align::Left, Align::Left, Align::Right];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    let nothing = || "-".to_owned();
    let began = |time: Timestamp| time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    for Listed { id, bytes, run, .. } in runs {
        let cluster = away.iter().find(|elsewhere| elsewhere.run == *id).map(|elsewhere| &elsewhere.cluster);
        let state = |state: &str| match cluster {
            Some(cluster) => format!("{state}, on {cluster}"),
            None => state.to_owned(),
        };
        rows.push(match run {
            Ok(run) => vec![
                id.to_string(),
                run.name.clone(),
                state(run.state.word()),
                run.progress.map_or_else(nothing, |progress| words::count(progress.evaluations)),
                run.progress.map_or_else(nothing, |progress| best(&run.goals, progress.best, progress.violation)),
                began(run.created),
                words::bytes(*bytes),
            ],
            Err(error) => {
                let state = unreadable(error).to_owned();
                vec![id.to_string(), nothing(), state, nothing(), nothing(), nothing(), words::bytes(*bytes)]
            }
        });
    }
    // What is on a cluster and not here, in its place by its id, which is its time.
    for Elsewhere { run, cluster, name, began: time } in away.iter().filter(|elsewhere| !here(runs, elsewhere)) {
        let state = format!("on {cluster}");
        let row = vec![run.to_string(), name.clone(), state, nothing(), nothing(), began(*time), nothing()];
        let place = rows[1..].partition_point(|other| other[0] < row[0]);
        rows.insert(place + 1, row);
    }
    table(&columns, &rows)
}

/// A run whose home is a cluster.
struct Elsewhere {
    run: RunId,
    cluster: String,
    name: String,
    began: Timestamp,
}

/// The runs that were submitted from here and are at home on a cluster.
#[cfg(feature = "cluster")]
fn away(home: &Home) -> Result<Vec<Elsewhere>, StoreError> {
    let records = crate::remote::Records::of(home);
    let mut runs = Vec::new();
    for run in records.ids()? {
        let Some(away) = records.get(&run)? else { continue };
        runs.push(Elsewhere { run, cluster: away.cluster.to_string(), name: away.name, began: away.began });
    }
    Ok(runs)
}

/// Without clusters all runs are at home here.
#[cfg(not(feature = "cluster"))]
#[expect(clippy::unnecessary_wraps, reason = "with clusters there are files to read")]
fn away(_home: &Home) -> Result<Vec<Elsewhere>, StoreError> {
    Ok(Vec::new())
}

/// Whether something of the run is here already.
fn here(runs: &[Listed], elsewhere: &Elsewhere) -> bool {
    runs.iter().any(|listed| listed.id == elsewhere.run)
}

fn to_json(runs: &[Listed], away: &[Elsewhere]) -> Value {
    let cluster = |id: &RunId| away.iter().find(|elsewhere| elsewhere.run == *id).map(|elsewhere| &elsewhere.cluster);
    let absent = away.iter().filter(|elsewhere| !here(runs, elsewhere)).map(|elsewhere| {
        json!({
            "run": elsewhere.run.as_str(),
            "file": null,
            "cluster": elsewhere.cluster,
            "experiment": elsewhere.name,
            "state": "away",
            "began": elsewhere.began.to_string(),
        })
    });
    let runs: Vec<Value> = runs
        .iter()
        .map(|Listed { id, path, bytes, run }| match run {
            Ok(run) => json!({
                "run": id.as_str(),
                "file": path,
                "cluster": cluster(id),
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
        .chain(absent)
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

    fn elsewhere(run: &str) -> Elsewhere {
        Elsewhere {
            run: RunId::parse(run).unwrap(),
            cluster: "genetic-ray".into(),
            name: "wing".into(),
            began: "2026-11-24T00:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn runs_and_what_is_none_stand_in_one_list() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned() };
        assert_eq!(text(&home.list().unwrap(), &[], &TimeZone::UTC), [""; 0]);
        let mut finished = RunWriter::create(&home, &fixture::new_run(7)).unwrap();
        finished.progress(fixture::progress(20_000)).unwrap();
        finished.end(Ending::Finished(fixture::result("00"))).unwrap();
        drop(RunWriter::create(&home, &fixture::new_run(8)).unwrap());
        let running = RunWriter::create(&home, &fixture::new_run(9)).unwrap();
        fs::write(home.runs().join("junk.sqlite"), "x").unwrap();

        let runs = home.list().unwrap();
        let away = [elsewhere("99991231-000000-aaaa"), elsewhere(runs[1].id.as_str())];
        let lines = text(&runs, &away, &TimeZone::UTC);
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
        assert_eq!(line(2), ["wing", "interrupted, on genetic-ray", "-", "-"]);
        assert_eq!(line(3), ["wing", "running", "-", "-"]);
        assert_eq!(line(4), ["wing", "on genetic-ray", "-", "-"]);
        let words: Vec<&str> = lines[5].split_whitespace().collect();
        assert_eq!(words, ["junk", "-", "not", "a", "run", "-", "-", "-", "1", "B"]);

        let json = to_json(&runs, &away);
        assert_eq!((&json["runs"][0]["cluster"], &json["runs"][1]["cluster"]), (&Value::Null, &"genetic-ray".into()));
        assert_eq!((&json["runs"][4]["state"], &json["runs"][4]["file"]), (&"away".into(), &Value::Null));
        assert_eq!(json["runs"][0]["objective"], 0.25);
        assert_eq!(json["runs"][2]["process"], std::process::id());
        assert_eq!(json["runs"][3]["state"], "not a run");
    }
}
