//! A run in full.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::{
    cli::{
        front::Front,
        progress::summary::{COMPLETION, reason, shortened},
        runs::{
            best, figure, figure_json, outputs, outputs_json,
            table::{Align, table},
            time,
        },
        words,
        wrap::{NO_BREAK, wrapped},
    },
    event::{Order, Stop},
    store::{
        FailureTally, HistoryRow, Holder, Individual, List, Meta, Progress, RunReader, RunResult, Session, State,
        StoreError,
    },
};

/// How many candidates of a front are shown.
const CANDIDATES: usize = 20;

/// How many generations are shown.
const GENERATIONS: usize = 12;

/// How many lines of a failure's message are shown.
const MESSAGE_LINES: usize = 20;

/// What is known of a run.
pub(super) struct Facts {
    pub(super) id: String,
    pub(super) state: State,
    file: String,
    bytes: u64,
    meta: Meta,
    holder: Option<Holder>,
    sessions: Vec<Session>,
    progress: Option<Progress>,
    history: Vec<HistoryRow>,
    best: Option<Individual>,
    /// With several goals.
    front: Option<Front>,
    failures: Vec<FailureTally>,
    result: Option<RunResult>,
    /// How many evaluations were journalled, and the seconds they took together.
    journalled: (u64, f64),
}

impl Facts {
    pub(super) fn read(reader: &RunReader) -> Result<Facts, StoreError> {
        let (state, holder) = reader.state()?;
        Ok(Facts {
            id: reader.id().to_string(),
            state,
            file: reader.path().display().to_string(),
            bytes: crate::store::size_of_run(reader.path()),
            meta: reader.meta().clone(),
            holder,
            sessions: reader.sessions()?,
            progress: reader.progress()?,
            history: reader.history()?,
            best: reader.individuals(List::Best)?.into_iter().next(),
            front: Front::read(reader)?,
            failures: reader.failures()?,
            result: reader.result()?,
            journalled: reader.journalled()?,
        })
    }

    pub(super) fn text(&self, zone: &TimeZone) -> Vec<String> {
        let mut lines = self.summary(zone);
        let mut section = |title: &str, mut more: Vec<String>| {
            if !more.is_empty() {
                lines.extend([String::new(), title.to_owned()]);
                lines.append(&mut more);
            }
        };
        section("front", self.front_text());
        match (&self.front, self.meta.signature.goals.first()) {
            (Some(_), Some(goal)) => section(&format!("best candidate in {}", goal.name), self.best_text()),
            _ => section("best candidate", self.best_text()),
        }
        section("forecast and fact", self.forecast_text());
        section("history", self.history_text());
        section("failures", self.failures_text());
        section("environment", self.environment_text());
        lines
    }

    fn summary(&self, zone: &TimeZone) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = |key: &str, value: String| lines.push(format!("{key:<13}{value}"));
        line("run", self.id.clone());
        line("experiment", format!("{}, seed {}", self.meta.name, self.meta.seed));
        line("algorithm", wrapped(&algorithm(&self.meta.algorithm), 13));
        if let Some(why) = self.meta.algorithm.get("why").and_then(Value::as_str) {
            line("chosen since", wrapped(why, 13));
        }
        let holder = self.holder.as_ref().map(|holder| format!(": {holder}")).unwrap_or_default();
        line("state", format!("{}{holder}", self.state.word()));
        line("began", time(self.meta.created, zone));
        if let Some(ended) = self.sessions.last().and_then(|session| session.ended) {
            line("ended", time(ended, zone));
        }
        if self.sessions.len() > 1 {
            line("sessions", words::count(self.sessions.len() as u64));
        }
        if let Some(progress) = self.progress {
            line("best", best(&self.meta.signature.goals, progress.best, progress.violation));
            if let Some(front) = &self.front {
                line("front", words::things(front.candidates.len() as u64, "candidate"));
            }
            if let Some(volume) = self.front.as_ref().and_then(|front| front.hypervolume) {
                line("hypervolume", words::objective(volume));
            }
            let rate = words::rate(progress.evaluations as f64 / progress.seconds.max(1e-9));
            let seconds = words::seconds(progress.seconds);
            line("evaluations", format!("{} in {seconds} ({rate})", words::count(progress.evaluations)));
            line("generations", words::count(progress.generations));
        }
        if let Some(result) = &self.result {
            let stop: Option<Stop> = serde_json::from_value(Value::from(result.stop.as_str())).ok();
            line("stopped by", stop.map_or_else(|| result.stop.clone(), |stop| reason(stop).to_owned()));
            if result.timed {
                line(
                    "timed",
                    "a clock or the memory limit decided something: a fresh evaluation may differ".to_owned(),
                );
            }
            if Order::of_stored(&self.meta.algorithm) == Order::Completion {
                line("order", COMPLETION.to_owned());
            }
            line("digest", result.digest.clone());
        }
        line("file", format!("{} ({})", self.file, words::bytes(self.bytes)));
        if let Some((message, hint)) = self.sessions.last().and_then(|session| session.failure.as_ref()) {
            line("failed", message.trim_end().replace('\n', "\n             "));
            if let Some(hint) = hint {
                line("hint", hint.clone());
            }
        }
        lines
    }

    /// A candidate a line, evenly spread over the front, with its objectives and measures.
    fn front_text(&self) -> Vec<String> {
        let Some(front) = self.front.as_ref().filter(|front| !front.candidates.is_empty()) else { return Vec::new() };
        let signature = &self.meta.signature;
        let goals = signature.goals.iter().map(|goal| goal.name.clone());
        let headings = ["  candidate".to_owned()].into_iter().chain(goals).chain(signature.measures.iter().cloned());
        let mut rows = vec![headings.collect::<Vec<_>>()];
        for candidate in thinned(&front.candidates, CANDIDATES) {
            let outputs = candidate.outputs.objectives(0).iter().chain(candidate.outputs.measures(0));
            let name = [format!("  {}", candidate.candidate)];
            rows.push(name.into_iter().chain(outputs.map(|value| figure(*value))).collect());
        }
        let reference = front.reference.iter().map(|value| figure(*value));
        if !front.reference.is_empty() {
            rows.push(["  reference".to_owned()].into_iter().chain(reference).collect());
        }
        let mut lines = table(&vec![Align::Right; rows[0].len()], &rows);
        let left_out = front.candidates.len().saturating_sub(CANDIDATES);
        if left_out > 0 {
            let more = words::count(left_out as u64);
            lines.push(format!("  and {more} between them: `runs export {} --what best` has all", self.id));
        }
        lines
    }

    fn best_text(&self) -> Vec<String> {
        let Some(best) = &self.best else { return Vec::new() };
        let outputs = outputs(&self.meta.signature, &best.outputs).map(|(name, value)| (name, figure(value)));
        let genome = best.genome.iter().map(|(name, value)| format!("  {name} = {}", shortened(value)));
        let outputs = outputs.map(|(name, value)| format!("  {name}: {value}"));
        std::iter::once(format!("  candidate: {}", best.candidate)).chain(outputs).chain(genome).collect()
    }

    fn forecast_text(&self) -> Vec<String> {
        let Some(forecast) = &self.meta.forecast else { return Vec::new() };
        let fact = self.fact();
        let mut rows = Vec::new();
        let mut row = |name: &str, key: &str, fact: Option<f64>, show: &dyn Fn(f64) -> String| {
            let forecast = forecast.get(key).and_then(Value::as_f64);
            if forecast.is_some() {
                let cell = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), show);
                rows.push(vec![format!("  {name}"), cell(forecast), cell(fact)]);
            }
        };
        row("an evaluation", "seconds", fact.seconds, &words::seconds);
        row("slots busy", "busy", fact.busy, &|busy| format!("{:.0} %", busy * 100.0));
        row("evaluations an hour", "per_hour", fact.per_hour, &|rate| words::count(rate.round() as u64));
        row("in all", "hours", fact.hours, &|hours| words::seconds(hours * 3600.0));
        row("disk", "disk", fact.disk, &|bytes| words::bytes(bytes as u64));
        table(&[Align::Left, Align::Right, Align::Right], &rows)
    }

    /// What the forecast foretold.
    fn fact(&self) -> Fact {
        let (journalled, seconds) = self.journalled;
        let elapsed = self.progress.map(|progress| progress.seconds).filter(|elapsed| *elapsed > 0.0);
        // Where sessions had different slots there is no one number to divide by.
        let slots = self.sessions.first().map(|session| session.slots);
        let slots = slots.filter(|slots| self.sessions.iter().all(|session| session.slots == *slots));
        let evaluations = self.progress.map(|progress| progress.evaluations as f64);
        // Only where all of them were journalled are their seconds all of the work.
        let all = evaluations.is_some_and(|evaluations| journalled as f64 >= evaluations) && journalled > 0;
        Fact {
            seconds: (journalled > 0).then(|| seconds / journalled as f64),
            busy: elapsed.zip(slots).filter(|_| all).map(|(elapsed, slots)| seconds / (elapsed * slots.max(1) as f64)),
            per_hour: elapsed.zip(evaluations).map(|(elapsed, evaluations)| evaluations * 3600.0 / elapsed),
            hours: elapsed.map(|elapsed| elapsed / 3600.0),
            disk: Some(self.bytes as f64),
        }
    }

    fn history_text(&self) -> Vec<String> {
        if self.history.is_empty() {
            return Vec::new();
        }
        let headings = ["  generation", "evaluations", "best", "mean", "median", "worst", "spread", "time"];
        let mut rows = vec![headings.map(str::to_owned).to_vec()];
        let islands = self.history.iter().any(|row| row.island > 0);
        for row in thinned(&self.history, GENERATIONS) {
            // As a candidate's id: generation 17 of island 3 is 3.17.
            let island = if islands { format!("{}.", row.island) } else { String::new() };
            let mut cells = vec![format!("  {island}{}", row.generation), words::count(row.evaluations)];
            cells.extend([row.best, row.mean, row.median, row.worst, row.spread].map(figure));
            cells.push(words::seconds(row.seconds));
            rows.push(cells);
        }
        table(&[Align::Right; 8], &rows)
    }

    /// Where each island stood at its last recorded generation; none where there is one.
    fn islands_json(&self) -> Vec<Value> {
        if self.history.iter().all(|row| row.island == 0) {
            return Vec::new();
        }
        // By island, then by generation.
        let of_islands = self.history.chunk_by(|a, b| a.island == b.island);
        of_islands
            .filter_map(<[_]>::last)
            .map(|row| {
                json!({
                    "island": row.island,
                    "generation": row.generation,
                    "best": figure_json(row.best),
                    "violation": figure_json(row.violation),
                    "mean": figure_json(row.mean),
                    "spread": figure_json(row.spread),
                })
            })
            .collect()
    }

    fn failures_text(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for failure in &self.failures {
            let count = words::count(failure.count);
            lines.push(format!(
                "  {}: {count}, the first of them candidate {}",
                failure.kind.word(),
                failure.candidate
            ));
            let message: Vec<&str> = failure.message.lines().collect();
            // A traceback says at its end what happened.
            let skipped = message.len().saturating_sub(MESSAGE_LINES);
            if skipped > 0 {
                lines.push("    …".to_owned());
            }
            lines.extend(message[skipped..].iter().map(|line| format!("    {line}").trim_end().to_owned()));
        }
        lines
    }

    fn environment_text(&self) -> Vec<String> {
        let Some(session) = self.sessions.last() else { return Vec::new() };
        let slots = [("slots", session.slots.to_string())];
        let facts = slots.into_iter().chain(session.environment.facts());
        let rows: Vec<Vec<String>> = facts.map(|(name, fact)| vec![format!("  {name}"), fact]).collect();
        table(&[Align::Left, Align::Left], &rows)
    }

    pub(super) fn to_json(&self) -> Value {
        let fact = self.fact();
        let sessions: Vec<Value> = self
            .sessions
            .iter()
            .map(|session| {
                json!({
                    "began": session.started.to_string(),
                    "ended": session.ended.map(|ended| ended.to_string()),
                    "slots": session.slots,
                    "environment": session.environment,
                    "failure": session.failure.as_ref().map(|(message, _)| message),
                })
            })
            .collect();
        let history: Vec<Value> = thinned(&self.history, GENERATIONS)
            .map(|row| {
                json!({
                    "island": row.island,
                    "generation": row.generation,
                    "evaluations": row.evaluations,
                    "best": figure_json(row.best),
                    "mean": figure_json(row.mean),
                    "median": figure_json(row.median),
                    "worst": figure_json(row.worst),
                    "spread": figure_json(row.spread),
                    "seconds": row.seconds,
                })
            })
            .collect();
        let failures: Vec<Value> = self
            .failures
            .iter()
            .map(|failure| {
                json!({
                    "kind": failure.kind,
                    "count": failure.count,
                    "candidate": failure.candidate.to_string(),
                    "message": failure.message,
                })
            })
            .collect();
        let mut json = json!({
            "format": 1,
            "run": self.id,
            "file": self.file,
            "bytes": self.bytes,
            "experiment": self.meta.name,
            "seed": self.meta.seed,
            "algorithm": self.meta.algorithm,
            "state": self.state,
            "process": self.holder.as_ref().map(|holder| holder.pid),
            "began": self.meta.created.to_string(),
            "evaluations": self.progress.map(|progress| progress.evaluations),
            "generations": self.progress.map(|progress| progress.generations),
            "seconds": self.progress.map(|progress| progress.seconds),
            "stop": self.result.as_ref().map(|result| &result.stop),
            "timed": self.result.as_ref().map(|result| result.timed),
            "order": Order::of_stored(&self.meta.algorithm),
            "digest": self.result.as_ref().map(|result| &result.digest),
            "best": self.best.as_ref().map(|best| json!({
                "candidate": best.candidate.to_string(),
                "violation": best.violation.map(figure_json),
                "outcome": outputs_json(&self.meta.signature, &best.outputs),
                "genome": best.genome,
            })),
            "forecast": self.meta.forecast,
            "fact": {
                "seconds": fact.seconds,
                "busy": fact.busy,
                "per_hour": fact.per_hour,
                "hours": fact.hours,
                "disk": self.bytes,
            },
            "history": history,
            "islands": self.islands_json(),
            "failures": failures,
            "sessions": sessions,
        });
        if let Some(front) = &self.front {
            json["front"] = self.front_json(front);
        }
        json
    }

    fn front_json(&self, front: &Front) -> Value {
        let signature = &self.meta.signature;
        let candidates: Vec<Value> = front
            .candidates
            .iter()
            .map(|candidate| {
                json!({
                    "candidate": candidate.candidate.to_string(),
                    "outcome": outputs_json(signature, &candidate.outputs),
                    "genome": candidate.genome,
                })
            })
            .collect();
        let reference = signature.goals.iter().zip(&front.reference);
        let reference: serde_json::Map<String, Value> =
            reference.map(|(goal, value)| (goal.name.clone(), figure_json(*value))).collect();
        json!({ "hypervolume": front.hypervolume.map(figure_json), "reference": reference, "candidates": candidates })
    }
}

/// What a forecast foretells, as it came.
struct Fact {
    seconds: Option<f64>,
    busy: Option<f64>,
    per_hour: Option<f64>,
    hours: Option<f64>,
    disk: Option<f64>,
}

/// The algorithm's name and its settings in a line; what is not set is left out.
fn algorithm(algorithm: &Value) -> String {
    let name = algorithm.get("name").and_then(Value::as_str).unwrap_or_default();
    let settings = algorithm.get("settings").and_then(Value::as_object).into_iter().flatten();
    let settings: Vec<String> = settings
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| format!("{key}{NO_BREAK}{}", setting(value)))
        .collect();
    if settings.is_empty() { name.to_owned() } else { format!("{name}: {}", settings.join(", ")) }
}

/// A setting as the experiment's file has it: `generations`, `{ window = 192 }`, `0.9`.
fn setting(value: &Value) -> String {
    match value {
        Value::String(word) => word.to_lowercase(),
        // What is on the islands, those alike that follow each other together.
        Value::Array(islands) if islands.iter().all(|island| island.get("name").is_some()) => {
            let alike = islands.chunk_by(|a, b| a == b);
            let named = alike.map(|alike| format!("{} {}", alike.len(), setting(&alike[0]["name"])));
            named.collect::<Vec<_>>().join(" + ")
        }
        Value::Object(pairs) => {
            let pairs: Vec<String> =
                pairs.iter().map(|(key, value)| format!("{} = {}", key.to_lowercase(), setting(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        value => value.to_string(),
    }
}

/// At most `most` of `rows`, evenly spread, the first and the last among them.
fn thinned<T>(rows: &[T], most: usize) -> impl Iterator<Item = &T> {
    let shown = rows.len().min(most);
    let last = rows.len().saturating_sub(1);
    (0..shown).map(move |index| &rows[(index * last).checked_div(shown - 1).unwrap_or(0)])
}

#[cfg(test)]
mod tests {
    use genetic_pool_evolve::problem::{CandidateId, FailureKind};

    use super::*;
    use crate::{
        cli::runs::show::candidate,
        store::{Ending, Home, LogRecord, RunWriter, fixture},
    };

    fn run(ending: Option<Ending>) -> (tempfile::TempDir, RunReader) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned() };
        let mut new = fixture::new_run(7);
        let settings = json!({ "population": 48, "schedule": { "Window": 192 }, "mutation": null, "crossover": 0.9 });
        new.algorithm = json!({ "name": "genetic", "why": "the space is mixed", "settings": settings });
        new.forecast = Some(json!({ "seconds": 120.5, "busy": 0.96, "per_hour": 229.4, "hours": 4.185 }));
        let mut writer = RunWriter::create(&home, &new).unwrap();
        let path = writer.path().to_owned();
        (0..20).for_each(|generation| writer.history(fixture::history(generation)).unwrap());
        writer.proposals(&fixture::batch(0, 960)).unwrap();
        writer.outcomes(&fixture::results(0, 960), |_| false).unwrap();
        writer.progress(Progress { seconds: 15_000.0, ..fixture::progress(960) }).unwrap();
        writer.best(&fixture::one_of(&fixture::population(0, 9), 5)).unwrap();
        let message = "Traceback (most recent call last):\n  File \"wing.py\", line 3\nValueError: no lift".to_owned();
        let candidate = CandidateId::new(0, 13);
        writer.failures(vec![FailureTally { kind: FailureKind::Exception, count: 69, candidate, message }]).unwrap();
        let text = "meshing\n\nsolving".to_owned();
        writer.log(LogRecord { candidate, attempt: 0, text, truncated: false }).unwrap();
        match ending {
            Some(ending) => writer.end(ending).unwrap(),
            None => drop(writer),
        }
        (folder, RunReader::open(&path).unwrap())
    }

    /// What differs from time to time is replaced.
    fn stable(reader: &RunReader, lines: &[String]) -> String {
        let size = words::bytes(crate::store::size_of_run(reader.path()));
        let text = lines.join("\n").replace(&reader.path().display().to_string(), "FILE");
        let text = text.replace(&reader.id().to_string(), "RUN").replace(&size, "SIZE");
        let times = regex_lite::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d").unwrap();
        times.replace_all(&text, "TIME").into_owned()
    }

    #[test]
    fn a_finished_run_in_full() {
        let (_folder, reader) = run(Some(Ending::Finished(RunResult { seconds: 15_000.0, ..fixture::result("00ff") })));
        let facts = Facts::read(&reader).unwrap();
        insta::assert_snapshot!(stable(&reader, &facts.text(&TimeZone::UTC)));
        let json = facts.to_json();
        assert_eq!((&json["state"], &json["digest"]), (&json!("finished"), &json!("00ff")));
        assert_eq!(json["best"]["genome"]["span"], 5.0);
        assert_eq!(json["history"].as_array().unwrap().len(), 12);
        assert_eq!(json["fact"]["per_hour"], 230.4);
    }

    #[test]
    fn a_failed_run_says_why() {
        let failed =
            Ending::Failed { message: "the disk is full\nas df says\n".into(), hint: Some("free some space".into()) };
        let (_folder, reader) = run(Some(failed));
        let text = Facts::read(&reader).unwrap().text(&TimeZone::UTC).join("\n");
        assert!(
            text.contains("\nfailed       the disk is full\n             as df says\nhint         free some space\n"),
            "{text}"
        );
        assert!(!text.contains("digest"));
    }

    #[test]
    fn candidates_in_full() {
        let (_folder, reader) = run(None);
        let text = |index| {
            let record = reader.candidate(CandidateId::new(0, index)).unwrap().unwrap();
            stable(&reader, &candidate::text(&reader, &record))
        };
        insta::assert_snapshot!(format!("{}\n----\n{}", text(13), text(3)));
        let record = reader.candidate(CandidateId::new(0, 13)).unwrap().unwrap();
        let json = candidate::to_json(&reader, &record);
        assert_eq!(json["failure"]["kind"], "exception");
        assert_eq!(json["output"][0]["text"], "meshing\n\nsolving");
    }

    #[test]
    fn a_long_history_is_thinned_evenly() {
        let rows: Vec<HistoryRow> = (0..1000).map(fixture::history).collect();
        let shown = |most, rows: &[HistoryRow]| thinned(rows, most).map(|row| row.generation).collect::<Vec<_>>();
        assert_eq!(shown(4, &rows), [0, 333, 666, 999]);
        assert_eq!(shown(1, &rows), [0]);
        assert_eq!(shown(12, &rows[..3]), [0, 1, 2]);
        assert_eq!(shown(12, &[]), [0; 0]);
    }
}
