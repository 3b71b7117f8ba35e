//! `runs compare`.

use std::collections::BTreeMap;

use clap::Args;
use genetic_pool_evolve::progress::{hypervolume_of, reference_of};
use serde_json::json;
use toml_edit::{DocumentMut, Item, Value};

use super::{
    Context, Exit, best, figure_json, open,
    table::{Align, table},
};
use crate::{
    cli::{error::CliError, front::Front, words},
    store::{HistoryRow, Home, Progress, RunReader, RunResult, StoreError},
};

/// Compares two runs: their experiments, digests, histories, results and environments
///
/// Ends with 0 where their digests are equal, which means the same history bit for bit, and with 4 where they differ or
/// one of the runs has none yet.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool runs compare k3f9 latest")]
pub(super) struct Compare {
    /// A run
    #[arg(value_name = "A")]
    a: String,
    /// Another
    #[arg(value_name = "B")]
    b: String,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Compare {
    pub(super) fn run(self, home: &Home, context: &Context<'_>) -> Result<Exit, CliError> {
        let (a, b) = (open(home, &self.a)?, open(home, &self.b)?);
        let comparison = Comparison::new(&a, &b)?;
        if self.json {
            context.printer.json(&comparison.to_json())?;
        } else {
            for line in comparison.text() {
                context.printer.data(line)?;
            }
        }
        Ok(if comparison.equal() { Exit::Ok } else { Exit::Differs })
    }
}

/// How wide a value is shown; with `--json` it is whole.
const CELL: usize = 36;

/// One of two runs.
struct Side {
    id: String,
    state: &'static str,
    progress: Option<Progress>,
    result: Option<RunResult>,
    /// With several goals: how many candidates the front has.
    front: Option<usize>,
    /// With several goals: its hypervolume, measured as the other's is.
    hypervolume: Option<f64>,
}

impl Side {
    /// Something of where it stands; `-` until there is something to tell.
    fn stands(&self, show: impl Fn(&Progress) -> String) -> String {
        self.progress.as_ref().map_or_else(|| "-".to_owned(), show)
    }
}

/// Something that differs: its name, and what it is on either side.
type Difference = (String, [Option<String>; 2]);

/// How two runs compare.
struct Comparison {
    sides: [Side; 2],
    goals: Vec<genetic_pool_evolve::problem::Goal>,
    experiment: Vec<Difference>,
    environment: Vec<Difference>,
    history: History,
    /// With the same several goals: what the hypervolume of both is measured against. It is what they have in common: by
    /// goal the worst on either front and a tenth of their extent beyond.
    reference: Vec<f64>,
}

/// How two histories compare.
#[derive(Debug, PartialEq, Eq)]
enum History {
    /// One of them is empty.
    Nothing,
    /// So many generations are the same, all that both have.
    Same { generations: u64 },
    /// They differ first here.
    Differs { island: u16, generation: u64 },
}

impl Comparison {
    fn new(a: &RunReader, b: &RunReader) -> Result<Comparison, StoreError> {
        let side = |reader: &RunReader| -> Result<Side, StoreError> {
            Ok(Side {
                id: reader.id().to_string(),
                state: reader.state()?.0.word(),
                progress: reader.progress()?,
                result: reader.result()?,
                front: None,
                hypervolume: None,
            })
        };
        let facts = |reader: &RunReader| -> Result<BTreeMap<String, String>, StoreError> {
            let last = reader.sessions()?.pop();
            let facts = last.map(|session| session.environment.facts()).unwrap_or_default();
            Ok(facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect())
        };
        let mut sides = [side(a)?, side(b)?];
        let mut reference = Vec::new();
        let signature = &a.meta().signature;
        if let (Some(x), Some(y)) = (Front::read(a)?, Front::read(b)?)
            && signature.goals == b.meta().signature.goals
        {
            let fronts = [x, y].map(|front| (front.candidates.len(), front.objectives()));
            reference = reference_of(signature, &fronts.each_ref().map(|(_, all)| all.as_slice()).concat());
            for (side, (candidates, objectives)) in sides.iter_mut().zip(fronts) {
                side.front = Some(candidates);
                if !reference.is_empty() {
                    side.hypervolume = hypervolume_of(signature, &objectives, &reference);
                }
            }
        }
        Ok(Comparison {
            reference,
            sides,
            goals: a.meta().signature.goals.clone(),
            experiment: differences(&keys(&a.meta().experiment), &keys(&b.meta().experiment)),
            environment: differences(&facts(a)?, &facts(b)?),
            history: first_difference(&a.history()?, &b.history()?),
        })
    }

    fn digests(&self) -> [Option<&str>; 2] {
        self.sides.each_ref().map(|side| side.result.as_ref().map(|result| result.digest.as_str()))
    }

    fn equal(&self) -> bool {
        let [a, b] = self.digests();
        a.is_some() && a == b
    }

    fn text(&self) -> Vec<String> {
        let both = |name: &str, show: &dyn Fn(&Side) -> String| {
            vec![name.to_owned(), show(&self.sides[0]), show(&self.sides[1])]
        };
        let mut rows = vec![
            both("run", &|side| side.id.clone()),
            both("state", &|side| side.state.to_owned()),
            both("evaluations", &|side| side.stands(|progress| words::count(progress.evaluations))),
            both("best", &|side| side.stands(|progress| best(&self.goals, progress.best, progress.violation))),
        ];
        if self.sides.iter().any(|side| side.front.is_some()) {
            let known = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
            rows.push(both("front", &|side| known(side.front.map(|n| words::things(n as u64, "candidate")))));
            rows.push(both("hypervolume", &|side| known(side.hypervolume.map(words::objective))));
        }
        rows.extend([
            both("time", &|side| side.stands(|progress| words::seconds(progress.seconds))),
            both("digest", &|side| side.result.as_ref().map_or_else(|| "-".to_owned(), |result| result.digest.clone())),
        ]);
        for (title, differences) in [("experiment", &self.experiment), ("environment", &self.environment)] {
            for (name, sides) in differences {
                let [a, b] = sides.each_ref().map(|side| side.as_deref().map_or_else(|| "-".to_owned(), cut));
                rows.push(vec![format!("{title} {name}"), a, b]);
            }
        }
        let mut lines = table(&[Align::Left; 3], &rows);
        lines.push(String::new());
        for (title, differences) in [("experiments", &self.experiment), ("environments", &self.environment)] {
            if differences.is_empty() {
                lines.push(format!("the {title} are the same"));
            }
        }
        lines.push(match self.history {
            History::Nothing => "there is no history to compare".to_owned(),
            History::Same { generations } => {
                format!("the histories are the same over {}", words::things(generations, "generation"))
            }
            History::Differs { island: 0, generation } => {
                format!("the histories differ first at generation {generation}")
            }
            History::Differs { island, generation } => {
                format!("the histories differ first on island {island} at generation {generation}")
            }
        });
        lines.push(match self.digests() {
            [Some(a), Some(b)] if a == b => "the digests are equal: the same search, bit for bit".to_owned(),
            [Some(_), Some(_)] => "the digests differ".to_owned(),
            _ => "there are not two digests to compare: a run gets its digest when it ends or is stopped".to_owned(),
        });
        lines
    }

    fn to_json(&self) -> serde_json::Value {
        let differences = |differences: &[Difference]| -> Vec<serde_json::Value> {
            differences.iter().map(|(key, [a, b])| json!({ "key": key, "a": a, "b": b })).collect()
        };
        let side = |side: &Side| {
            let mut json = json!({
                "run": side.id,
                "state": side.state,
                "evaluations": side.progress.map(|progress| progress.evaluations),
                "objective": side.progress.map(|progress| figure_json(progress.best)),
                "violation": side.progress.map(|progress| figure_json(progress.violation)),
                "seconds": side.progress.map(|progress| progress.seconds),
                "digest": side.result.as_ref().map(|result| result.digest.clone()),
            });
            if let Some(front) = side.front {
                json["front"] = json!(front);
                json["hypervolume"] = json!(side.hypervolume.map(figure_json));
            }
            json
        };
        let history = match self.history {
            History::Nothing => serde_json::Value::Null,
            History::Same { generations } => json!({ "same": true, "generations": generations }),
            History::Differs { island, generation } => {
                json!({ "same": false, "island": island, "generation": generation })
            }
        };
        let mut json = json!({
            "format": 1,
            "equal": self.equal(),
            "a": side(&self.sides[0]),
            "b": side(&self.sides[1]),
            "experiment": differences(&self.experiment),
            "environment": differences(&self.environment),
            "history": history,
        });
        if !self.reference.is_empty() {
            let reference = self.goals.iter().zip(&self.reference);
            let reference: serde_json::Map<String, serde_json::Value> =
                reference.map(|(goal, value)| (goal.name.clone(), figure_json(*value))).collect();
            json["reference"] = reference.into();
        }
        json
    }
}

/// `text` in one line, without its end where it is too wide for a table of two.
fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= CELL { line } else { line.chars().take(CELL - 1).chain(['…']).collect() }
}

/// The keys of an experiment's text, dotted, with their values as they are written.
fn keys(text: &str) -> BTreeMap<String, String> {
    fn walk(prefix: &str, item: &Item, keys: &mut BTreeMap<String, String>) {
        match item.as_table_like() {
            Some(table) if !table.is_empty() => {
                for (key, item) in table.iter() {
                    let key = if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
                    walk(&key, item, keys);
                }
            }
            _ => drop(keys.insert(prefix.to_owned(), plain(item))),
        }
    }
    let mut keys = BTreeMap::new();
    match text.parse::<DocumentMut>() {
        Ok(document) => walk("", document.as_item(), &mut keys),
        // It was an experiment when the run began: whatever this is, it can still be compared as a whole.
        Err(_) => drop(keys.insert("text".to_owned(), text.to_owned())),
    }
    keys
}

/// A value as it reads best, however it was written.
fn plain(item: &Item) -> String {
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    match item {
        Item::None => String::new(),
        Item::Value(Value::Integer(number)) => number.value().to_string(),
        Item::Value(Value::Float(number)) => format!("{:?}", number.value()),
        Item::Value(Value::Boolean(truth)) => truth.value().to_string(),
        Item::Value(Value::Datetime(time)) => time.value().to_string(),
        Item::Value(Value::String(text)) => Value::from(text.value().as_str()).to_string(),
        Item::Value(Value::Array(items)) => {
            list(items.iter().map(|value| plain(&Item::Value(value.clone()))).collect())
        }
        Item::ArrayOfTables(tables) => list(tables.iter().map(|table| plain(&Item::Table(table.clone()))).collect()),
        Item::Value(Value::InlineTable(_)) | Item::Table(_) => {
            let pairs = item.as_table_like().into_iter().flat_map(|table| table.iter());
            let pairs: Vec<String> = pairs.map(|(key, item)| format!("{key} = {}", plain(item))).collect();
            if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
        }
    }
}

fn differences(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> Vec<Difference> {
    let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
    names.sort();
    names.dedup();
    let differing = names.into_iter().filter(|name| a.get(*name) != b.get(*name));
    differing.map(|name| (name.clone(), [a.get(name).cloned(), b.get(name).cloned()])).collect()
}

/// Where two histories differ first in what is a function of the search: times are not.
fn first_difference(a: &[HistoryRow], b: &[HistoryRow]) -> History {
    let place = |row: &HistoryRow| (row.generation, row.island);
    let figures = |row: &HistoryRow| {
        let figures = [row.best, row.violation, row.mean, row.median, row.worst, row.spread].map(f64::to_bits);
        (row.evaluations, row.failures, figures)
    };
    let others: BTreeMap<_, _> = b.iter().map(|row| (place(row), figures(row))).collect();
    let both = a.iter().filter_map(|row| others.get(&place(row)).map(|other| (place(row), figures(row) == *other)));
    let both: BTreeMap<(u64, u16), bool> = both.collect();
    match both.iter().find(|(_, same)| !**same) {
        Some(((generation, island), _)) => History::Differs { island: *island, generation: *generation },
        None if both.is_empty() => History::Nothing,
        None => History::Same { generations: both.len() as u64 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Ending, NewRun, RunWriter, fixture};

    fn run(
        home: &Home,
        new: &NewRun,
        generations: u64,
        digest: Option<&str>,
        change: impl Fn(&mut HistoryRow),
    ) -> RunReader {
        let mut writer = RunWriter::create(home, new).unwrap();
        let path = writer.path().to_owned();
        for generation in 0..generations {
            let mut row = fixture::history(generation);
            change(&mut row);
            writer.history(row).unwrap();
        }
        writer.progress(fixture::progress(960)).unwrap();
        if let Some(digest) = digest {
            writer.end(Ending::Finished(fixture::result(digest))).unwrap();
        }
        RunReader::open(&path).unwrap()
    }

    #[test]
    fn runs_of_one_digest_are_equal_whatever_they_took() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned() };
        let a = run(&home, &fixture::new_run(7), 20, Some("00ff"), |_| {});
        let b = run(&home, &fixture::new_run(7), 20, Some("00ff"), |row| row.seconds *= 2.0);
        let comparison = Comparison::new(&a, &b).unwrap();
        assert!(comparison.equal());
        assert_eq!(
            comparison.text()[7..],
            [
                "the experiments are the same",
                "the environments are the same",
                "the histories are the same over 20 generations",
                "the digests are equal: the same search, bit for bit"
            ]
        );
    }

    #[test]
    fn what_differs_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned() };
        let a = run(&home, &fixture::new_run(7), 20, Some("00ff"), |_| {});
        let mut other = fixture::new_run(8);
        other.experiment += "time = \"1h\"\n";
        other.session.environment.cpu = None;
        let b = run(&home, &other, 30, None, |row| {
            if row.generation >= 12 {
                row.mean += 1e-9;
            }
        });
        let comparison = Comparison::new(&a, &b).unwrap();
        assert!(!comparison.equal());
        let lines = comparison.text();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let squeezed: Vec<String> =
            lines[1..].iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            squeezed,
            [
                "state finished interrupted",
                "evaluations 960 1,440",
                "best drag 0.25 drag 0.333333",
                "time 20 min 35 s 30 min",
                "digest 00ff -",
                "experiment seed 7 8",
                "experiment stop.time - \"1h\"",
                "environment cpu Example CPU 3000 -",
                "",
                "the histories differ first at generation 12",
                "there are not two digests to compare: a run gets its digest when it ends or is stopped",
            ]
        );
        let json = comparison.to_json();
        assert_eq!(json["history"], json!({ "same": false, "island": 0, "generation": 12 }));
        assert_eq!(json["experiment"][1], json!({ "key": "stop.time", "a": null, "b": "\"1h\"" }));
    }

    #[test]
    fn an_empty_history_is_nothing_to_compare() {
        assert_eq!(first_difference(&[], &[fixture::history(0)]), History::Nothing);
    }
}
