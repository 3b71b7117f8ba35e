//! `runs export`.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use genetic_pool_evolve::{outcomes::Outcomes, space::Domain};
use serde_json::{Map, Value, json};

use super::{Context, Exit, figure_json, open, outputs, outputs_json};
use crate::{
    cli::error::CliError,
    numbers,
    store::{HistoryRow, Home, Individual, List, RunReader, State, StoreError},
};

/// Writes a run's history, population, best candidate or evaluations as CSV or JSON
///
/// In CSV a vector takes a column for each of its values (`chord[0]`, `chord[1]`), a permutation one column with spaces
/// between its items, and what does not count is empty. Numbers keep every bit. A column whose name is taken is called
/// `genome.NAME` or `outcome.NAME`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool runs export latest --format csv > history.csv
  genetic-pool runs export k3f9 --format csv --what journal -o evaluations.csv
  genetic-pool runs export k3f9 --format json --what best")]
pub(super) struct Export {
    /// The run
    #[arg(value_name = "RUN", default_value = "latest")]
    run: String,
    /// How it is written
    #[arg(long, value_enum)]
    format: Format,
    /// What is written
    #[arg(long, value_enum, default_value_t)]
    what: What,
    /// Where it is written; standard output unless given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each row, under a line of names
    Csv,
    /// One object
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum What {
    /// The generations
    #[default]
    History,
    /// The last population, best first
    Population,
    /// The best candidate
    Best,
    /// The evaluations that were journalled, in the order in which they were done
    Journal,
}

impl Export {
    pub(super) fn run(self, home: &Home, context: &Context<'_>) -> Result<Exit, CliError> {
        let mut reader = open(home, &self.run)?;
        // A run under way is copied first: then all of it is of one moment.
        let folder;
        if reader.state()?.0 == State::Running {
            folder = tempfile::tempdir().map_err(StoreError::io("create a folder in", &std::env::temp_dir()))?;
            let path = folder.path().join(format!("{}.sqlite", reader.id()));
            reader.copy_to(&path)?;
            reader = RunReader::open(&path)?;
        }
        let rows = match &self.output {
            Some(path) => self.to_file(&reader, path)?,
            None => self.to_stdout(&reader, context)?,
        };
        if rows == 0 {
            context.printer.note(match self.what {
                What::History => "the run has no generation yet",
                What::Population => "the run has no population until it ends or is stopped",
                What::Best => "no candidate could be evaluated yet",
                What::Journal => "evaluations that take less than a millisecond are not journalled",
            });
        }
        Ok(Exit::Ok)
    }

    fn to_file(&self, reader: &RunReader, path: &Path) -> Result<u64, StoreError> {
        let write = || -> Result<u64, Failed> {
            let mut file = BufWriter::new(File::create(path)?);
            let rows = write(reader, self.what, self.format, &mut file)?;
            file.flush()?;
            Ok(rows)
        };
        write().map_err(|failed| match failed {
            Failed::Store(error) => error,
            Failed::Write(error) => StoreError::io("write", path)(error),
        })
    }

    fn to_stdout(&self, reader: &RunReader, context: &Context<'_>) -> Result<u64, CliError> {
        // The printer knows what a failed write means; what the store says goes round it.
        let mut result = Ok(0);
        context.printer.write(|out| {
            result = match write(reader, self.what, self.format, out) {
                Err(Failed::Write(error)) => return Err(error),
                Err(Failed::Store(error)) => Err(error),
                Ok(rows) => Ok(rows),
            };
            Ok(())
        })?;
        Ok(result?)
    }
}

/// Why an export stops: the run cannot be read, or its rows cannot be written.
#[derive(Debug)]
enum Failed {
    Store(StoreError),
    Write(io::Error),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Failed {
        Failed::Store(error)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Failed {
        Failed::Write(error)
    }
}

impl From<csv::Error> for Failed {
    fn from(error: csv::Error) -> Failed {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Failed::Write(error),
            // Records of one writer are of one length: nothing else can be wrong with writing them.
            kind => Failed::Write(io::Error::other(format!("{kind:?}"))),
        }
    }
}

/// Writes `what` of the run and says how many rows it is.
fn write(reader: &RunReader, what: What, format: Format, out: &mut dyn Write) -> Result<u64, Failed> {
    let mut sink = match format {
        Format::Csv => {
            Sink::Csv { columns: Columns::new(reader, what), writer: Box::new(csv::Writer::from_writer(out)) }
        }
        Format::Json => Sink::Json { out },
    };
    sink.begin(reader, what)?;
    let mut rows = 0;
    let mut next = |sink: &mut Sink<'_>, row: &Record| {
        rows += 1;
        sink.row(row, rows == 1)
    };
    match what {
        What::History => {
            for row in reader.history()? {
                next(&mut sink, &Record::History(row))?;
            }
        }
        What::Population | What::Best => {
            let list = if what == What::Best { List::Best } else { List::Final };
            for individual in reader.individuals(list)? {
                next(&mut sink, &Record::of_individual(reader, individual))?;
            }
        }
        What::Journal => {
            for evaluation in reader.evaluations()? {
                let evaluation = evaluation?;
                let failure = evaluation.failure().map(|failure| (failure.kind.word(), failure.message.clone()));
                next(
                    &mut sink,
                    &Record::Candidate {
                        candidate: evaluation.candidate.to_string(),
                        genome: evaluation.genome.clone(),
                        violation: failure.is_none().then(|| violation(reader, &evaluation.outputs)),
                        outcome: failure.is_none().then(|| outputs_json(&reader.meta().signature, &evaluation.outputs)),
                        failure: failure.as_ref().map(|(kind, _)| (*kind).to_owned()),
                        journal: Some((failure.map(|(_, message)| message), evaluation.seconds, evaluation.timed)),
                    },
                )?;
            }
        }
    }
    sink.end()?;
    Ok(rows)
}

fn violation(reader: &RunReader, outputs: &Outcomes) -> f64 {
    reader.meta().signature.violation(outputs.constraints(0))
}

/// A row, in either format.
enum Record {
    History(HistoryRow),
    Candidate {
        candidate: String,
        genome: Option<Map<String, Value>>,
        outcome: Option<Map<String, Value>>,
        violation: Option<f64>,
        failure: Option<String>,
        /// What the journal adds: the failure's message, seconds, and whether a clock decided it.
        journal: Option<(Option<String>, f32, bool)>,
    },
}

impl Record {
    fn of_individual(reader: &RunReader, individual: Individual) -> Record {
        let outcome = individual.failure.is_none().then(|| outputs_json(&reader.meta().signature, &individual.outputs));
        Record::Candidate {
            candidate: individual.candidate.to_string(),
            genome: Some(individual.genome),
            outcome,
            violation: individual.violation,
            failure: individual.failure,
            journal: None,
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Record::History(row) => json!({
                "island": row.island,
                "generation": row.generation,
                "evaluations": row.evaluations,
                "best": figure_json(row.best),
                "violation": figure_json(row.violation),
                "mean": figure_json(row.mean),
                "median": figure_json(row.median),
                "worst": figure_json(row.worst),
                "spread": figure_json(row.spread),
                "failures": row.failures,
                "seconds": row.seconds,
            }),
            Record::Candidate { candidate, genome, outcome, violation, failure, journal } => {
                let mut row = json!({
                    "candidate": candidate,
                    "genome": genome,
                    "outcome": outcome,
                    "violation": violation.map(numbers::value),
                    "failure": failure,
                });
                if let Some((message, seconds, timed)) = journal {
                    row["message"] = json!(message);
                    row["seconds"] = seconds_json(*seconds);
                    row["timed"] = json!(timed);
                }
                row
            }
        }
    }

    fn to_cells(&self, columns: &Columns) -> Vec<String> {
        match self {
            Record::History(row) => {
                let figures = [row.best, row.violation, row.mean, row.median, row.worst, row.spread];
                let counts = [u64::from(row.island), row.generation, row.evaluations].map(|count| count.to_string());
                let figures = figures.map(|value| cell(&figure_json(value)));
                let last = [row.failures.to_string(), cell(&figure_json(row.seconds))];
                counts.into_iter().chain(figures).chain(last).collect()
            }
            Record::Candidate { candidate, genome, outcome, violation, failure, journal } => {
                let mut cells = vec![candidate.clone()];
                for (name, index) in &columns.genes {
                    let value = genome.as_ref().and_then(|genome| genome.get(name));
                    cells.push(match (value, index) {
                        (Some(Value::Array(values)), Some(index)) => values.get(*index).map(cell).unwrap_or_default(),
                        (value, _) => value.map(cell).unwrap_or_default(),
                    });
                }
                let outputs = columns.outputs.iter();
                cells.extend(
                    outputs.map(|name| outcome.as_ref().and_then(|row| row.get(name)).map(cell).unwrap_or_default()),
                );
                cells.push(violation.map(|violation| cell(&numbers::value(violation))).unwrap_or_default());
                cells.push(failure.clone().unwrap_or_default());
                if let Some((message, seconds, timed)) = journal {
                    cells.extend([
                        message.clone().unwrap_or_default(),
                        cell(&seconds_json(*seconds)),
                        timed.to_string(),
                    ]);
                }
                cells
            }
        }
    }
}

/// Seconds with the digits a measurement of single precision has.
fn seconds_json(seconds: f32) -> Value {
    figure_json(seconds.to_string().parse().unwrap_or(f64::NAN))
}

/// A JSON value as the text of a cell.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(" "),
        value => value.to_string(),
    }
}

/// The columns of a CSV file.
struct Columns {
    headings: Vec<String>,
    /// The parameter of each column of genes, and which of its values.
    genes: Vec<(String, Option<usize>)>,
    /// The output of each column of outputs.
    outputs: Vec<String>,
}

impl Columns {
    fn new(reader: &RunReader, what: What) -> Columns {
        let history = ["island", "generation", "evaluations", "best", "violation", "mean", "median", "worst", "spread"];
        if what == What::History {
            let headings = history.iter().chain(&["failures", "seconds"]).map(ToString::to_string).collect();
            return Columns { headings, genes: Vec::new(), outputs: Vec::new() };
        }
        let signature = &reader.meta().signature;
        let journal: &[&str] = if what == What::Journal { &["message", "seconds", "timed"] } else { &[] };
        let last = ["violation", "failure"].iter().chain(journal).map(ToString::to_string);
        let mut taken: HashSet<String> = last.clone().chain(["candidate".to_owned()]).collect();
        let mut heading = |kind: &str, name: String| {
            let free = if taken.contains(&name) { format!("{kind}.{name}") } else { name };
            taken.insert(free.clone());
            free
        };
        let mut headings = vec!["candidate".to_owned()];
        let mut genes = Vec::new();
        for parameter in signature.space.parameters() {
            let name = &parameter.name;
            match (&parameter.domain, parameter.len) {
                (Domain::Permutation { .. } | Domain::Sequence { .. }, _) | (_, None) => {
                    headings.push(heading("genome", name.clone()));
                    genes.push((name.clone(), None));
                }
                (_, Some(len)) => {
                    headings.extend((0..len).map(|index| heading("genome", format!("{name}[{index}]"))));
                    genes.extend((0..len).map(|index| (name.clone(), Some(index))));
                }
            }
        }
        let row = Outcomes::new(reader.outcome_shape(), 1);
        let outputs: Vec<String> = outputs(signature, &row).map(|(name, _)| name.to_owned()).collect();
        headings.extend(outputs.iter().map(|name| heading("outcome", name.clone())));
        headings.extend(last);
        Columns { headings, genes, outputs }
    }
}

/// Where rows go.
enum Sink<'a> {
    Csv { columns: Columns, writer: Box<csv::Writer<&'a mut dyn Write>> },
    Json { out: &'a mut dyn Write },
}

impl Sink<'_> {
    fn begin(&mut self, reader: &RunReader, what: What) -> Result<(), Failed> {
        match self {
            Sink::Csv { columns, writer } => writer.write_record(&columns.headings)?,
            Sink::Json { out } => {
                let what = what.to_possible_value().map(|what| what.get_name().to_owned());
                let (id, what) = (json!(reader.id().as_str()), json!(what));
                write!(out, "{{\"format\":1,\"run\":{id},\"what\":{what},\"rows\":[")?;
            }
        }
        Ok(())
    }

    fn row(&mut self, row: &Record, first: bool) -> Result<(), Failed> {
        match self {
            Sink::Csv { columns, writer } => writer.write_record(row.to_cells(columns))?,
            Sink::Json { out } => write!(out, "{}\n{}", if first { "" } else { "," }, row.to_json())?,
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Failed> {
        match self {
            Sink::Csv { writer, .. } => writer.flush()?,
            Sink::Json { out } => writeln!(out, "\n]}}")?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        Ending, RunWriter,
        fixture::{self, bits},
    };

    fn exported(reader: &RunReader, what: What, format: Format) -> String {
        let mut out = Vec::new();
        write(reader, what, format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn run() -> (tempfile::TempDir, RunReader) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned() };
        let mut writer = RunWriter::create(&home, &fixture::new_run(7)).unwrap();
        let path = writer.path().to_owned();
        (0..3).for_each(|generation| writer.history(fixture::history(generation)).unwrap());
        writer.proposals(&fixture::batch(0, 20)).unwrap();
        writer.outcomes(&fixture::results(0, 20), |_| false).unwrap();
        writer.best(&fixture::one_of(&fixture::population(0, 20), 2)).unwrap();
        writer.end(Ending::Finished(fixture::result("00"))).unwrap();
        (folder, RunReader::open(&path).unwrap())
    }

    #[test]
    fn history_as_csv() {
        let (_folder, reader) = run();
        assert_eq!(
            exported(&reader, What::History, Format::Csv),
            "island,generation,evaluations,best,violation,mean,median,worst,spread,failures,seconds\n\
             0,0,48,10.0,0.0,11.0,10.5,,3.0,0,60.0\n\
             0,1,96,5.0,0.0,6.0,5.5,8.0,3.0,0,120.0\n\
             0,2,144,3.3333333333333335,0.0,4.333333333333334,3.8333333333333335,6.333333333333334,3.0,0,180.0\n"
        );
    }

    #[test]
    fn the_best_candidate_as_csv_and_as_json() {
        let (_folder, reader) = run();
        assert_eq!(
            exported(&reader, What::Best, Format::Csv),
            "candidate,span,chord[0],chord[1],ribs,flap,gap,taper,order,drag,stress,lift,violation,failure\n\
             2,2.0,,2.2,6,slotted,2.3,false,3 1 0 2,-Infinity,1.0,2.0,0.0,\n"
        );
        let json: Value = serde_json::from_str(&exported(&reader, What::Best, Format::Json)).unwrap();
        assert_eq!(json["what"], "best");
        assert_eq!(json["rows"][0]["genome"]["flap"], "slotted");
        assert_eq!(json["rows"][0]["outcome"]["drag"], "-Infinity");
        let none: Value = serde_json::from_str(&exported(&reader, What::Population, Format::Json)).unwrap();
        assert_eq!(none["rows"], json!([]));
    }

    #[test]
    fn every_number_of_the_journal_comes_back_from_csv_bit_for_bit() {
        let (_folder, reader) = run();
        let text = exported(&reader, What::Journal, Format::Csv);
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        let headings = csv.headers().unwrap().clone();
        let column = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
        let expected = fixture::results(0, 20);
        let rows: Vec<csv::StringRecord> = csv.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), 20);
        for (row, record) in rows.iter().enumerate() {
            let failure = expected.outcomes.failure(row);
            assert_eq!(&record[column("failure")], failure.map_or("", |failure| failure.kind.word()));
            assert_eq!(&record[column("message")], failure.map_or("", |failure| &failure.message));
            assert_eq!(record[column("seconds")].parse::<f32>().unwrap(), expected.seconds[row]);
            if failure.is_none() {
                let drag: f64 = record[column("drag")].parse().unwrap();
                assert_eq!(bits(&[drag]), bits(expected.outcomes.objectives(row)));
            }
            let span: f64 = record[column("span")].parse().unwrap();
            assert_eq!(bits(&[span]), bits(&[row as f64]));
        }
    }

    #[test]
    fn names_that_are_taken_say_whose_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned() };
        let mut new = fixture::new_run(7);
        new.signature.goals[0].name = "span".into();
        new.signature.measures[0] = "seconds".into();
        let writer = RunWriter::create(&home, &new).unwrap();
        let reader = RunReader::open(writer.path()).unwrap();
        let text = exported(&reader, What::Journal, Format::Csv);
        assert_eq!(
            text.trim(),
            "candidate,span,chord[0],chord[1],ribs,flap,gap,taper,order,outcome.span,stress,outcome.seconds,violation,\
             failure,message,seconds,timed"
        );
    }
}
