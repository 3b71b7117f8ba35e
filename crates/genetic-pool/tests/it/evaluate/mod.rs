//! Evaluation in processes: real interpreters, shells and workers, well and badly behaved.

mod command;
mod contract;
mod driver;
mod nasty;
mod python;

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

pub(crate) use self::contract::case;
use genetic_pool::{
    evaluate::{CandidateLog, Options, Processes, evaluator, processes},
    evolve::{
        evaluator::{Batch, Evaluator, EvaluatorError, Results},
        outcomes::Outcomes,
        problem::{CandidateId, Failure, FailureKind},
        random::{Purpose, Stream},
        space::{Domain, Genomes, Space},
    },
    experiment::{Experiment, Overrides},
    registry::Registry,
};
use tempfile::TempDir;

/// An experiment in a folder of its own, and what its evaluations print.
pub(crate) struct Lab {
    folder: TempDir,
    pub(crate) experiment: Experiment,
    logs: Arc<Mutex<Vec<CandidateLog>>>,
}

/// What one candidate came to: its outputs in order, or its failure.
type Found = Result<Vec<f64>, Failure>;

/// A space of one real, for evaluations that only look at `x`.
const ONE_REAL: &str = "[space]\nx = { real = [0.0, 1.0] }\n";

impl Lab {
    /// An experiment with the keys `problem` in `[problem]`, one goal `f` and the space `space`, beside `files`.
    pub(crate) fn with(files: &[(&str, &str)], problem: &str, space: &str) -> Lab {
        Lab::of(files, &format!("goals = {{ f = \"minimize\" }}\n[problem]\n{problem}\n{space}"))
    }

    /// The same with so many evaluations.
    pub(crate) fn longer(mut self, evaluations: u64) -> Lab {
        let path = self.folder.path().join("experiment.toml");
        let set = vec![format!("stop.evaluations={evaluations}")];
        let overrides = Overrides { set, seed: None };
        self.experiment = Experiment::parse(&self.experiment.text, &path, &overrides, &Registry::built_in()).unwrap();
        self
    }

    /// The experiment `text` beside `files`; those that begin with `#!` can be run.
    pub(crate) fn of(files: &[(&str, &str)], text: &str) -> Lab {
        Lab::whole(files, &format!("format = 1\nseed = 7\n{text}\n[stop]\nevaluations = 100\n"))
    }

    /// The whole text of an experiment beside `files`.
    pub(crate) fn whole(files: &[(&str, &str)], text: &str) -> Lab {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            if text.starts_with("#!") {
                std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
            }
        }
        let path = folder.path().join("experiment.toml");
        let experiment = Experiment::parse(text, &path, &Overrides::default(), &Registry::built_in())
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        Lab { folder, experiment, logs: Arc::default() }
    }

    /// An experiment whose fitness is the Python text `code`, its function called `f`.
    pub(crate) fn python(code: &str) -> Lab {
        Lab::python_with(code, "")
    }

    /// The same with more keys in `[problem]`.
    pub(crate) fn python_with(code: &str, problem: &str) -> Lab {
        Lab::with(&[("fitness.py", code)], &format!("python = \"fitness:f\"\n{problem}"), ONE_REAL)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn options(&self, slots: usize) -> Options {
        let logs = Arc::clone(&self.logs);
        Options {
            slots,
            executable: Some(env!("CARGO_BIN_EXE_genetic-pool").into()),
            on_output: Some(Arc::new(move |log| logs.lock().unwrap().push(log))),
            ..Options::default()
        }
    }

    fn processes(&self, slots: usize) -> Processes {
        processes(&self.experiment, self.options(slots)).unwrap()
    }

    /// Evaluates `count` random candidates on `slots` slots.
    fn evaluate(&self, count: usize, slots: usize) -> Result<Vec<Found>, EvaluatorError> {
        let mut processes = processes(&self.experiment, self.options(slots))?;
        let mut batch = self.batch(0..count as u64);
        collect(&mut processes, &mut batch)
    }

    /// Evaluates one candidate with `x`.
    fn evaluate_x(&self, xs: &[f64], slots: usize) -> Vec<Found> {
        let mut batch = self.batch(0..xs.len() as u64);
        batch.genomes.reals.copy_from_slice(xs);
        collect(&mut self.processes(slots), &mut batch).unwrap()
    }

    /// The failure of one random candidate.
    fn failure(&self) -> Failure {
        let found = self.evaluate(1, 1).unwrap().remove(0);
        found.unwrap_err()
    }

    /// Random candidates.
    fn batch(&self, indices: std::ops::Range<u64>) -> Batch {
        let space = &self.experiment.signature.space;
        let candidates: Vec<CandidateId> = indices.map(|index| CandidateId::new(0, index)).collect();
        let genomes = random(space, &candidates);
        Batch { candidates, genomes, groups: Vec::new() }
    }

    pub(crate) fn logs(&self) -> Vec<CandidateLog> {
        std::mem::take(&mut self.logs.lock().unwrap())
    }
}

/// A random genome for each of `candidates`; every parameter counts.
fn random(space: &Space, candidates: &[CandidateId]) -> Genomes {
    let mut genomes = space.genomes(candidates.len());
    let shape = genomes.shape;
    for (row, candidate) in candidates.iter().enumerate() {
        let mut stream = Stream::new(3, 0, Purpose::Initialize, candidate.index());
        for (parameter, segment) in space.parameters().iter().zip(&space.layout().segments) {
            for gene in segment.start..segment.start + segment.len {
                match &parameter.domain {
                    Domain::Real { low, high, .. } => {
                        genomes.reals[row * shape.reals + gene] = low + (high - low) * stream.unit();
                    }
                    Domain::Int { low, high } => {
                        genomes.ints[row * shape.ints + gene] = low + stream.below((high - low + 1) as usize) as i64;
                    }
                    Domain::Ordinal { levels } | Domain::Choice { levels } => {
                        genomes.ints[row * shape.ints + gene] = stream.below(levels.len()) as i64;
                    }
                    Domain::Bit => {
                        let word = row * shape.bit_words() + gene / 64;
                        genomes.bits[word] |= (stream.next() & 1) << (gene % 64);
                    }
                    // Turned by a random amount: a permutation again.
                    Domain::Permutation { size } => {
                        let turn = (row + gene) % size;
                        genomes.items[row * shape.items + gene] = turn as u32;
                    }
                    // As they come, from another place on in each row.
                    Domain::Sequence { counts } => {
                        let values = (0..).zip(counts).flat_map(|(value, count)| vec![value; *count as usize]);
                        let values: Vec<u32> = values.collect();
                        let place = (row + gene - segment.start) % values.len();
                        genomes.items[row * shape.items + gene] = values[place];
                    }
                }
            }
        }
        for index in 0..shape.maskable {
            genomes.active[row * shape.mask_words() + index / 64] |= 1 << (index % 64);
        }
    }
    genomes
}

/// Submits `batch` and receives all of it, in the order of its candidates.
fn collect(evaluator: &mut dyn Evaluator, batch: &mut Batch) -> Result<Vec<Found>, EvaluatorError> {
    let candidates = batch.candidates.clone();
    evaluator.submit(batch)?;
    assert!(batch.candidates.is_empty() && batch.genomes.rows == 0, "a submitted batch comes back empty");
    let mut all: Vec<Option<Found>> = vec![None; candidates.len()];
    let mut results = Results::default();
    let deadline = Instant::now() + Duration::from_mins(2);
    while all.iter().any(Option::is_none) {
        assert!(Instant::now() < deadline, "not all was found: {all:?}");
        evaluator.receive(&mut results, Duration::from_secs(5))?;
        for (row, candidate) in results.candidates.iter().enumerate() {
            let place = candidates.iter().position(|other| other == candidate).unwrap();
            assert!(all[place].is_none(), "{candidate} was received twice");
            all[place] = Some(found(&results.outcomes, row));
        }
    }
    evaluator.receive(&mut results, Duration::from_millis(1))?;
    assert!(results.candidates.is_empty());
    Ok(all.into_iter().flatten().collect())
}

fn found(outcomes: &Outcomes, row: usize) -> Found {
    match outcomes.failure(row) {
        Some(failure) => Err(failure.clone()),
        None => Ok([outcomes.objectives(row), outcomes.constraints(row), outcomes.measures(row)].concat()),
    }
}

/// The bits of what was found, and the kinds and messages of failures: equal where the evaluations were.
fn bits(found: &[Found]) -> Vec<Result<Vec<u64>, (FailureKind, String)>> {
    found
        .iter()
        .map(|found| match found {
            Ok(values) => Ok(values.iter().map(|value| value.to_bits()).collect()),
            Err(failure) => Err((failure.kind, failure.message.clone())),
        })
        .collect()
}
