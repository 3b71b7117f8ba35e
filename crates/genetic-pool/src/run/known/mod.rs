//! `[start]`: evaluations that are paid for already, from a table or from another run.

mod table;

use std::{collections::BTreeMap, path::PathBuf};

use genetic_pool_evolve::{
    algorithms::{FailureRank, Known, Population, Rank},
    outcomes::Outcomes,
    problem::{CandidateId, Signature},
    space::{Genomes, Level, PointFault, PointValue},
};
use serde_json::{Map, Value};

use crate::{
    experiment::{Experiment, FromRun, Which},
    store::{Home, Individual, List, RunReader, StoreError},
};

/// Problems of a table that are told one by one.
const TOLD: usize = 20;

/// Why what is known cannot be taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum KnownError {
    #[error("read outcomes `{}`", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("read outcomes `{}`: {}", path.display(), told(problems))]
    Table { path: PathBuf, problems: Vec<String> },
    #[error("read run `{run}`, from which the experiment starts")]
    Run {
        run: String,
        #[source]
        source: StoreError,
    },
    #[error("run `{run}`, from which the experiment starts, has no output `{output}`")]
    Output { run: String, output: String },
    #[error("run `{run}`, from which the experiment starts, has no final population yet")]
    NoPopulation { run: String },
}

impl KnownError {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<String> {
        match self {
            KnownError::Read { .. } | KnownError::Output { .. } => None,
            KnownError::Table { .. } => Some(
                "a table has a column for each parameter and output, as `runs export --format csv` writes it"
                    .to_owned(),
            ),
            KnownError::Run { source, .. } => source.hint(),
            KnownError::NoPopulation { run } => Some(format!("take its best: run = \"{run}:best 20\"")),
        }
    }
}

fn told(problems: &[String]) -> String {
    let count = problems.len();
    let mut text = format!("{count} problem{}", if count == 1 { "" } else { "s" });
    for problem in problems.iter().take(TOLD) {
        text += &format!("\n  {problem}");
    }
    if count > TOLD {
        text += &format!("\n  and {} more", count - TOLD);
    }
    text
}

/// Reads what `[start]` of `experiment` names into [`Experiment::known`], best first.
///
/// What is no point of the space is left out and counted in [`Experiment::left_out`]: a space that has been narrowed is
/// a reason to begin again.
pub fn take_in(experiment: &mut Experiment, home: &Home) -> Result<(), KnownError> {
    let mut found = Found::new(&experiment.signature);
    if let Some(file) = &experiment.earlier.outcomes {
        let path = experiment.directory.join(file);
        let text = std::fs::read_to_string(&path).map_err(|source| KnownError::Read { path: file.into(), source })?;
        found.table(&text).map_err(|problems| KnownError::Table { path: file.into(), problems })?;
    }
    if let Some(from) = &experiment.earlier.run {
        found.run(from, home)?;
    }
    experiment.left_out = found.left_out;
    experiment.known = found.best_first(usize::MAX);
    Ok(())
}

/// What the run that `reader` reads began with.
pub(super) fn recall(reader: &RunReader) -> Result<Known, StoreError> {
    let mut known = Known::none(&reader.meta().signature);
    for individual in reader.individuals(List::Known)? {
        known.genomes.extend(&individual.genes, 0..1);
        known.outcomes.push(&individual.outputs, 0);
    }
    Ok(known)
}

/// What is known as the store keeps it.
pub(super) fn population(known: &Known, signature: &Signature) -> Population {
    let Known { genomes, outcomes } = known.clone();
    let rows = 0..genomes.rows;
    Population {
        candidates: rows.clone().map(|row| CandidateId::new(CandidateId::KNOWN, row as u64)).collect(),
        ranks: rows.map(|row| Rank::of(signature, &outcomes, row, FailureRank::Worst)).collect(),
        genomes,
        outcomes,
    }
}

/// Points of a run by name, with their outputs.
type Points = BTreeMap<CandidateId, (Map<String, Value>, Vec<f64>)>;

/// What is found so far.
struct Found<'a> {
    signature: &'a Signature,
    known: Known,
    left_out: usize,
}

impl<'a> Found<'a> {
    fn new(signature: &'a Signature) -> Found<'a> {
        Found { signature, known: Known::none(signature), left_out: 0 }
    }

    fn table(&mut self, text: &str) -> Result<(), Vec<String>> {
        let mut problems = Vec::new();
        for table::Row { line, point, outputs } in table::read(text, self.signature)? {
            if let Some(parameter) = self.add(&point, &outputs) {
                problems.push(format!("line {line}: `{parameter}` counts there and has no value"));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn run(&mut self, from: &FromRun, home: &Home) -> Result<(), KnownError> {
        let of_run = |source| KnownError::Run { run: from.run.clone(), source };
        let path = home.resolve(&from.run).map_err(of_run)?;
        let reader = RunReader::open(&path).map_err(of_run)?;
        let names: Vec<&str> = table::outputs(&reader.meta().signature).collect();
        let required = self.signature.goals.len() + self.signature.constraints.len();
        let mut places = Vec::new();
        for (index, name) in table::outputs(self.signature).enumerate() {
            let place = names.iter().position(|other| *other == name);
            if place.is_none() && index < required {
                return Err(KnownError::Output { run: from.run.clone(), output: name.to_owned() });
            }
            places.push(place);
        }
        let outputs = |outcomes: &Outcomes| -> Vec<f64> {
            let all = [outcomes.objectives(0), outcomes.constraints(0), outcomes.measures(0)].concat();
            places.iter().map(|place| place.map_or(f64::NAN, |place| all[place])).collect()
        };
        let keep = |all: &mut Points, individuals: Vec<Individual>| {
            for individual in individuals.into_iter().filter(|individual| individual.failure.is_none()) {
                all.insert(individual.candidate, (individual.genome, outputs(&individual.outputs)));
            }
        };
        let mut all = Points::new();
        keep(&mut all, reader.individuals(List::Final).map_err(of_run)?);
        let most = match from.which {
            Which::Population if all.is_empty() => {
                return Err(KnownError::NoPopulation { run: from.run.clone() });
            }
            Which::Population => usize::MAX,
            Which::Best(most) => {
                keep(&mut all, reader.individuals(List::Best).map_err(of_run)?);
                for evaluation in reader.evaluations().map_err(of_run)? {
                    let evaluation = evaluation.map_err(of_run)?;
                    if let (Some(genome), None) = (evaluation.genome.clone(), evaluation.failure()) {
                        all.insert(evaluation.candidate, (genome, outputs(&evaluation.outputs)));
                    }
                }
                most
            }
        };
        let mut found = Found::new(self.signature);
        for (genome, outputs) in all.into_values() {
            let point: Vec<(String, PointValue)> =
                genome.iter().map(|(name, value)| (name.clone(), point_value(value))).collect();
            if found.add(&point, &outputs).is_some() {
                found.left_out += 1;
            }
        }
        // Of those that are left out nobody knows whether they would be among the best.
        self.left_out += found.left_out;
        let Known { genomes, outcomes } = found.best_first(most);
        self.known.genomes.extend(&genomes, 0..genomes.rows);
        (0..outcomes.rows).for_each(|row| self.known.outcomes.push(&outcomes, row));
        Ok(())
    }

    /// Adds a point with its outputs, unless it is none of the space; the parameter that counts there and has no value.
    fn add(&mut self, point: &[(String, PointValue)], outputs: &[f64]) -> Option<String> {
        let mut genomes: Genomes = self.signature.space.genomes(1);
        if let Err(errors) = self.signature.space.set_point(&mut genomes, 0, point) {
            if errors.iter().all(|error| error.fault == PointFault::Missing) {
                return errors.into_iter().next().map(|error| error.parameter);
            }
            self.left_out += 1;
            return None;
        }
        let mut outcomes = Outcomes::new(self.known.outcomes.shape, 1);
        let shape = outcomes.shape;
        let (objectives, rest) = outputs.split_at(shape.objectives);
        let (constraints, measures) = rest.split_at(shape.constraints);
        if objectives.iter().chain(constraints).any(|value| value.is_nan()) {
            self.left_out += 1;
            return None;
        }
        let row = outcomes.row_mut(0);
        row.objectives.copy_from_slice(objectives);
        row.constraints.copy_from_slice(constraints);
        row.measures.copy_from_slice(measures);
        self.known.genomes.extend(&genomes, 0..1);
        self.known.outcomes.push(&outcomes, 0);
        None
    }

    /// The best, at most `most`, by the first goal.
    fn best_first(&self, most: usize) -> Known {
        let all = population(&self.known, self.signature);
        let mut best = Known::none(self.signature);
        for row in all.order().into_iter().take(most) {
            best.genomes.extend(&all.genomes, row..row + 1);
            best.outcomes.push(&all.outcomes, row);
        }
        best
    }
}

fn point_value(value: &Value) -> PointValue {
    match value {
        Value::Array(values) => PointValue::Many(values.iter().map(level).collect()),
        value => PointValue::One(level(value)),
    }
}

fn level(value: &Value) -> Level {
    match value {
        Value::Bool(value) => Level::Bool(*value),
        Value::String(text) => Level::Text(text.clone()),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Level::Int(whole),
            None => Level::Real(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => Level::Real(f64::NAN),
    }
}
