//! `ask-tell`: searches for a program at the other end of stdin and stdout, which evaluates.
//!
//! It is sent an experiment's text (a u32 of its length before it), and answers with candidates: a u32 of how many, then
//! the values of each as f64, parameter by parameter. The outputs of each, goals before constraints, come back as f64,
//! until the search ends: no candidates. Then the next experiment may come. Numbers are little-endian.

use std::{
    io::{self, BufWriter, Read, Write},
    path::Path,
    sync::Arc,
    time::Duration,
};

use genetic_pool::{
    experiment::{Experiment, Overrides},
    registry::Registry,
    run::Plan,
};
use genetic_pool_evolve::{
    evaluator::{Batch, Results},
    outcomes::{OutcomeShape, Outcomes},
    search::Search,
    space::{Genome, Value},
    stop::FailurePolicy,
};

/// Serves experiments until stdin ends.
pub(crate) fn serve() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut output = BufWriter::new(io::stdout().lock());
    loop {
        let mut length = [0; 4];
        match input.read_exact(&mut length) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            result => result?,
        }
        let mut text = vec![0; u32::from_le_bytes(length) as usize];
        input.read_exact(&mut text)?;
        let text = String::from_utf8(text).map_err(io::Error::other)?;
        let path = Path::new("experiment.toml");
        let experiment = Experiment::parse(&text, path, &Overrides::default(), &Registry::built_in())
            .map_err(|error| io::Error::other(format!("{error:?}")))?;
        search(&experiment, &mut input, &mut output)?;
    }
}

fn search(experiment: &Experiment, input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let signature = Arc::new(experiment.signature.clone());
    let shape = OutcomeShape::of(&signature);
    let plan = Plan::new(experiment).map_err(io::Error::other)?;
    let algorithm = plan.begin(experiment).map_err(io::Error::other)?;
    let mut search = Search::new(algorithm, signature.clone(), experiment.stop.clone(), FailurePolicy::default());
    let (mut batch, mut results) = (Batch::default(), Results::default());
    let mut bytes = Vec::new();
    while search.stop(Duration::ZERO).is_none() {
        search.ask(usize::MAX, &mut batch);
        let rows = batch.candidates.len();
        bytes.clear();
        bytes.extend((rows as u32).to_le_bytes());
        for row in 0..rows {
            values(Genome::new(&signature.space, &batch.genomes, row), &mut bytes);
        }
        output.write_all(&bytes)?;
        output.flush()?;
        let width = shape.objectives + shape.constraints;
        bytes.resize(8 * rows * width, 0);
        input.read_exact(&mut bytes)?;
        let mut outputs = bytes.chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap_or_default()));
        results.clear(shape);
        results.candidates.clone_from(&batch.candidates);
        results.outcomes = Outcomes::new(shape, rows);
        for row in 0..rows {
            let outcome = results.outcomes.row_mut(row);
            for column in [outcome.objectives, outcome.constraints] {
                column.iter_mut().zip(&mut outputs).for_each(|(to, from)| *to = from);
            }
        }
        results.seconds = vec![0.0; rows];
        search.tell(&results).map_err(io::Error::other)?;
        while search.stop(Duration::ZERO).is_none() && search.commit().is_some() {}
    }
    output.write_all(&0_u32.to_le_bytes())?;
    output.flush()
}

/// Appends the genome's values: numbers as they are, bits as 0 and 1, levels as their place.
fn values(genome: Genome<'_>, bytes: &mut Vec<u8>) {
    fn push(value: &Value<'_>, bytes: &mut Vec<u8>) {
        let number = match value {
            Value::Real(value) => *value,
            Value::Int(value) => *value as f64,
            Value::Bit(value) => f64::from(u8::from(*value)),
            Value::Vector(values) => return values.iter().for_each(|value| push(value, bytes)),
            other => panic!("{other:?} is no number"),
        };
        bytes.extend(number.to_le_bytes());
    }
    for parameter in genome.space().parameters() {
        if let Some(value) = genome.get(&parameter.name) {
            push(&value, bytes);
        }
    }
}
