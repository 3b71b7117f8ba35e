//! A small run of every kind of gene and output, for tests.

use genetic_pool_evolve::{
    algorithms::{FailureRank, Population, Rank},
    evaluator::{Batch, Results},
    outcomes::{OutcomeShape, Outcomes},
    problem::{Bound, CandidateId, Constraint, Direction, Failure, FailureKind, Goal, Signature},
    space::{Condition, Domain, Level, Parameter, Space},
};

use super::{Environment, HistoryRow, Interpreter, NewRun, NewSession, Progress, RunResult, StoredFile};

/// Numbers that are easily lost on the way.
pub(crate) const DELICATE: [f64; 8] =
    [-0.0, f64::INFINITY, f64::NEG_INFINITY, 5e-324, -2.5e-310, 0.1 + 0.2, f64::MAX, 1.0 / 3.0];

pub(crate) fn signature() -> Signature {
    let levels = |words: &[&str]| words.iter().map(|word| Level::Text((*word).into())).collect();
    let mut gap = Parameter::new("gap", Domain::real(0.5, 3.0));
    gap.when = vec![Condition { parameter: "flap".into(), is: vec![Level::Text("slotted".into())] }];
    let space = Space::new(vec![
        Parameter::new("span", Domain::real(20.0, 60.0)),
        Parameter::new("chord", Domain::real(0.5, 5.0)).len(2),
        Parameter::new("ribs", Domain::Int { low: 4, high: 40 }),
        Parameter::new("flap", Domain::Choice { levels: levels(&["none", "plain", "slotted"]) }),
        gap,
        Parameter::new("taper", Domain::Bit),
        Parameter::new("order", Domain::Permutation { size: 4 }),
    ])
    .unwrap();
    Signature {
        space,
        goals: vec![Goal { name: "drag".into(), direction: Direction::Minimize }],
        constraints: vec![Constraint { name: "stress".into(), bound: Bound::Max(1.0) }],
        measures: vec!["lift".into()],
    }
}

pub(crate) fn session(command: &str) -> NewSession {
    let environment = Environment {
        program: "0.1.0".into(),
        system: "Debian GNU/Linux 13 (trixie)".into(),
        kernel: Some("6.12.0".into()),
        architecture: "x86_64".into(),
        cpu: Some("Example CPU 3000".into()),
        cores: 8,
        interpreter: Some(Interpreter { path: "/usr/bin/python3".into(), version: "Python 3.13.1".into() }),
    };
    NewSession { slots: 8, environment, command: command.into() }
}

pub(crate) fn new_run(seed: u64) -> NewRun {
    let experiment =
        format!("format = 1\nseed = {seed}\n\n[problem]\npython = \"wing:simulate\"\n\n[stop]\nevaluations = 20_000\n");
    NewRun {
        id: None,
        directory: "/experiments".into(),
        code: String::new(),
        name: "wing".into(),
        experiment,
        files: vec![StoredFile::new("wing.py", false, b"def simulate(p): ...\n".to_vec())],
        seed,
        signature: signature(),
        algorithm: serde_json::json!({ "name": "genetic", "population": 48 }),
        forecast: Some(serde_json::json!({ "seconds": 120.5, "hours": 11.3, "busy": 0.96 })),
        program_version: "0.1.0".into(),
        session: session("genetic-pool run experiment.toml"),
    }
}

/// The candidates `first..first + rows` with made-up genes, some of them delicate.
pub(crate) fn batch(first: u64, rows: usize) -> Batch {
    let shape = signature().space.layout().shape;
    let mut batch = Batch::default();
    batch.genomes.clear(shape);
    batch.genomes.resize(rows);
    for row in 0..rows {
        let index = first + row as u64;
        batch.candidates.push(CandidateId::new(0, index));
        let genomes = &mut batch.genomes;
        for (gene, real) in genomes.reals[row * 4..][..4].iter_mut().enumerate() {
            *real = if gene == 1 { DELICATE[index as usize % 8] } else { index as f64 + 0.1 * gene as f64 };
        }
        genomes.ints[row * 2..][..2].copy_from_slice(&[4 + index as i64 % 30, index as i64 % 3]);
        genomes.bits[row] = index % 2;
        genomes.items[row * 4..][..4].copy_from_slice(&[3, 1, 0, 2]);
        genomes.active[row] = if index % 3 == 2 { 0b111_1111 } else { 0b110_1111 };
    }
    batch
}

/// What became of the same candidates: every seventh failed.
pub(crate) fn results(first: u64, rows: usize) -> Results {
    let mut results = Results::default();
    results.clear(OutcomeShape::of(&signature()));
    for index in first..first + rows as u64 {
        let mut row = Outcomes::new(results.outcomes.shape, 1);
        row.objectives[0] = DELICATE[index as usize % 8];
        row.constraints[0] = 0.5 + (index % 4) as f64 / 4.0;
        row.measures[0] = if index % 5 == 0 { f64::NAN } else { index as f64 };
        if index % 7 == 6 {
            let kind = if index % 2 == 0 { FailureKind::Timeout } else { FailureKind::Exception };
            row.fail(0, Failure { kind, message: format!("candidate {index}: étude") });
        }
        results.push(CandidateId::new(0, index), &row, 0, 0.25 * index as f32);
    }
    results
}

pub(crate) fn population(first: u64, rows: usize) -> Population {
    let signature = signature();
    let Batch { candidates, genomes, .. } = batch(first, rows);
    let outcomes = results(first, rows).outcomes;
    let rank = |row| Rank::of(&signature, &outcomes, row, FailureRank::Worst);
    let ranks = (0..rows).map(rank).collect();
    Population { candidates, genomes, outcomes, ranks }
}

/// Row `row` of `population`, alone.
pub(crate) fn one_of(population: &Population, row: usize) -> Population {
    let mut one = Population::new(population.genomes.shape, population.outcomes.shape, 1);
    one.copy_row(0, population, row);
    one
}

pub(crate) fn history(generation: u64) -> HistoryRow {
    let best = 10.0 / (generation + 1) as f64;
    HistoryRow {
        island: 0,
        generation,
        evaluations: 48 * (generation + 1),
        best,
        violation: 0.0,
        mean: best + 1.0,
        median: best + 0.5,
        worst: if generation == 0 { f64::NAN } else { best + 3.0 },
        spread: 3.0,
        failures: generation / 10,
        seconds: 60.0 * (generation + 1) as f64,
    }
}

pub(crate) fn progress(evaluations: u64) -> Progress {
    let generations = evaluations / 48;
    Progress { evaluations, generations, best: 0.25, violation: 0.0, failures: 3, seconds: evaluations as f64 }
}

pub(crate) fn result(digest: &str) -> RunResult {
    RunResult {
        digest: digest.into(),
        stop: "evaluations".into(),
        evaluations: 960,
        generations: 20,
        seconds: 1234.5,
        timed: true,
    }
}

/// The bits of a column: equality as the exactness contract means it.
pub(crate) fn bits(column: &[f64]) -> Vec<u64> {
    column.iter().map(|value| value.to_bits()).collect()
}
