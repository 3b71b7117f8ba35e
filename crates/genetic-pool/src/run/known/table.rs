//! Outcomes in a table: as `runs export --format csv` writes them, or by hand.

use genetic_pool_evolve::{
    problem::Signature,
    space::{Domain, Level, Parameter, PointValue},
};

use crate::experiment::did_you_mean;

/// What is known of a point: its parameters, and its objectives, constraint outputs and measures.
pub(super) struct Row {
    /// The line it stands in, from 1.
    pub(super) line: u64,
    /// A value for each parameter that has one there.
    pub(super) point: Vec<(String, PointValue)>,
    /// The outputs in the order of the signature; a measure that is not known is NaN.
    pub(super) outputs: Vec<f64>,
}

/// Columns of an exported table that say nothing here.
const OTHERS: [&str; 5] = ["candidate", "violation", "message", "seconds", "timed"];

/// Says in its column that an evaluation failed: the row is left out.
const FAILURE: &str = "failure";

/// What a column holds.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    /// A parameter, or one value of its vector.
    Gene(usize, Option<usize>),
    Output(usize),
    Failure,
    Other,
}

/// The rows of the table `text` that hold outcomes, or everything that is wrong with it.
pub(super) fn read(text: &str, signature: &Signature) -> Result<Vec<Row>, Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|error| vec![error.to_string()])?.clone();
    let mut problems = Vec::new();
    let columns = columns(&headings, signature, &mut problems);
    let mut rows = Vec::new();
    if problems.is_empty() {
        for record in reader.records() {
            match record {
                Ok(record) => rows.extend(row(&record, &headings, &columns, signature, &mut problems)),
                Err(error) => problems.push(error.to_string()),
            }
        }
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

/// The names of the outputs, in the order of the signature.
pub(super) fn outputs(signature: &Signature) -> impl Iterator<Item = &str> {
    let goals = signature.goals.iter().map(|goal| goal.name.as_str());
    let constraints = signature.constraints.iter().map(|constraint| constraint.name.as_str());
    goals.chain(constraints).chain(signature.measures.iter().map(String::as_str))
}

fn columns(headings: &csv::StringRecord, signature: &Signature, problems: &mut Vec<String>) -> Vec<Column> {
    let parameters = signature.space.parameters();
    let mut known: Vec<(String, Column)> = Vec::new();
    for (index, parameter) in parameters.iter().enumerate() {
        match (list(parameter), parameter.len) {
            (false, Some(len)) => known
                .extend((0..len).map(|gene| (format!("{}[{gene}]", parameter.name), Column::Gene(index, Some(gene))))),
            _ => known.push((parameter.name.clone(), Column::Gene(index, None))),
        }
    }
    let genes = known.len();
    known.extend(outputs(signature).map(str::to_owned).zip((0..).map(Column::Output)));
    let full = |place: usize| format!("{}.{}", if place < genes { "genome" } else { "outcome" }, known[place].0);
    let mut found = Vec::new();
    for (at, heading) in headings.iter().enumerate() {
        let at = at + 1;
        // A name that means two things is written in full where both are there.
        let plain = |place: &usize| known[*place].0 == heading && !headings.iter().any(|other| other == full(*place));
        let place = (0..known.len()).find(|place| full(*place) == heading).or_else(|| (0..known.len()).find(plain));
        let column = match place {
            Some(place) => known[place].1,
            None if heading == FAILURE => Column::Failure,
            None if OTHERS.contains(&heading) => Column::Other,
            None => {
                let names = known.iter().map(|(name, _)| name.as_str());
                let hint = did_you_mean(heading, names).map(|hint| format!(": {hint}")).unwrap_or_default();
                problems.push(format!("line 1, column {at}: `{heading}` is no parameter and no output{hint}"));
                Column::Other
            }
        };
        if place.is_some() && found.contains(&column) {
            problems.push(format!("line 1, column {at}: `{heading}` stands there twice"));
        }
        found.push(column);
    }
    let optional = signature.goals.len() + signature.constraints.len();
    for (name, column) in &known {
        let may_be_absent = match column {
            Column::Gene(index, _) => !parameters[*index].when.is_empty(),
            Column::Output(index) => *index >= optional,
            Column::Failure | Column::Other => true,
        };
        if !may_be_absent && !found.contains(column) {
            problems.push(format!("line 1: there is no column `{name}`"));
        }
    }
    found
}

/// One row; `None` where it failed or something is wrong with it.
fn row(
    record: &csv::StringRecord,
    headings: &csv::StringRecord,
    columns: &[Column],
    signature: &Signature,
    problems: &mut Vec<String>,
) -> Option<Row> {
    let line = record.position().map_or(0, csv::Position::line);
    let failed = |(column, cell): (&Column, &str)| *column == Column::Failure && !cell.is_empty();
    if columns.iter().zip(record).any(failed) {
        return None;
    }
    let before = problems.len();
    let parameters = signature.space.parameters();
    let optional = signature.goals.len() + signature.constraints.len();
    let mut values: Vec<Vec<Option<Level>>> = parameters.iter().map(|one| vec![None; one.len.unwrap_or(1)]).collect();
    let mut lists: Vec<Option<Vec<Level>>> = vec![None; parameters.len()];
    let mut outputs = vec![f64::NAN; self::outputs(signature).count()];
    for (at, (column, cell)) in columns.iter().zip(record).enumerate() {
        let mut wrong = |what: &str| {
            let heading = headings.get(at).unwrap_or_default();
            problems.push(format!("line {line}, column {}: `{heading}` {what}", at + 1));
        };
        match *column {
            Column::Gene(index, None) if list(&parameters[index]) => {
                let items: Result<Vec<i64>, _> = cell.split_whitespace().map(str::parse).collect();
                match items {
                    Ok(items) if !items.is_empty() => {
                        lists[index] = Some(items.into_iter().map(Level::Int).collect());
                    }
                    Ok(_) => {}
                    Err(_) => wrong(&format!("is no list of whole numbers: `{cell}`")),
                }
            }
            Column::Gene(..) if cell.is_empty() => {}
            Column::Gene(index, gene) => match level(&parameters[index].domain, cell) {
                Ok(level) => values[index][gene.unwrap_or(0)] = Some(level),
                Err(wanted) => wrong(&format!("is not {wanted}: `{cell}`")),
            },
            Column::Output(index) => match cell.parse::<f64>() {
                Ok(value) if !value.is_nan() || index >= optional => outputs[index] = value,
                Err(_) if cell.is_empty() && index >= optional => {}
                _ if cell.is_empty() => wrong("has no value, and the row has no failure"),
                _ => wrong(&format!("is not a number: `{cell}`")),
            },
            Column::Failure | Column::Other => {}
        }
    }
    if problems.len() > before {
        return None;
    }
    let mut point = Vec::new();
    for ((parameter, values), items) in parameters.iter().zip(values).zip(lists) {
        let given: Vec<Level> = values.into_iter().flatten().collect();
        let value = match items {
            Some(items) => PointValue::Many(items),
            None if given.is_empty() => continue,
            None if parameter.len.is_some() => PointValue::Many(given),
            None => match given.into_iter().next() {
                Some(level) => PointValue::One(level),
                None => continue,
            },
        };
        point.push((parameter.name.clone(), value));
    }
    Some(Row { line, point, outputs })
}

/// Whether all values of the parameter stand in one cell.
fn list(parameter: &Parameter) -> bool {
    let single = matches!(
        parameter.domain,
        Domain::Real { .. } | Domain::Int { .. } | Domain::Ordinal { .. } | Domain::Choice { .. } | Domain::Bit
    );
    !single
}

/// A cell as a value of `domain`, in range or not; what was wanted.
fn level(domain: &Domain, cell: &str) -> Result<Level, &'static str> {
    match domain {
        Domain::Real { .. } => {
            cell.parse().ok().filter(|value: &f64| value.is_finite()).map(Level::Real).ok_or("a finite number")
        }
        Domain::Ordinal { levels } | Domain::Choice { levels } => {
            let known = levels.iter().find(|level| level.to_string() == cell).cloned();
            Ok(known.unwrap_or_else(|| Level::Text(cell.to_owned())))
        }
        Domain::Bit => match cell {
            "true" | "1" => Ok(Level::Bool(true)),
            "false" | "0" => Ok(Level::Bool(false)),
            _ => Err("true or false"),
        },
        _ => cell.parse().map(Level::Int).map_err(|_| "a whole number"),
    }
}
