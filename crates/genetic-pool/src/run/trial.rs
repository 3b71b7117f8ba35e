//! A few candidates before a run: what they take, whether they repeat themselves, and what the run will take.

use std::{
    sync::{Arc, mpsc::channel},
    time::{Duration, Instant},
};

use genetic_pool_evolve::{
    algorithms::Settings,
    drive::{Observer, ObserverError, RunError, drive},
    evaluator::{Batch, Evaluator, Results},
    operators::initialize::initialize,
    outcomes::{OutcomeShape, Outcomes},
    problem::{CandidateId, Failure},
    progress::Progress,
    random::{Purpose, Stream},
    search::Search,
    space::{Column, Domain, Genome, Genomes, Segment, Space, snap},
    stop::{FailurePolicy, StopRule, StopRules},
};

use super::{
    Plan, RunFailure,
    forecast::{self, Forecast},
};
use crate::{
    evaluate::{self, OutputSink},
    experiment::{Experiment, genome_to_json},
    registry::Registry,
};

/// Random candidates that are tried.
const RANDOM: usize = 3;
/// Start points that are tried.
const START: usize = 3;
/// Where evaluations take less than this, what the search itself takes is measured, too.
const CHEAP: f64 = 1e-3;
/// How long the search is measured for where evaluations are cheap.
const MEASURED: Duration = Duration::from_millis(500);
/// How often memory is looked at.
const SAMPLE: Duration = Duration::from_millis(10);

/// What was found.
pub struct Trials {
    /// The candidates, in order.
    pub candidates: Vec<Tried>,
    /// What a run is expected to take; `None` where no candidate could be evaluated.
    pub forecast: Option<Forecast>,
    /// The algorithm a run would use.
    pub plan: Plan,
}

/// A candidate that was tried.
pub struct Tried {
    /// Where it comes from: a start point, the bounds, chance.
    pub origin: String,
    /// Its parameters that count, by name.
    pub genome: serde_json::Map<String, serde_json::Value>,
    /// Both evaluations, each in a process of its own, with one trial seed.
    pub attempts: [Attempt; 2],
    /// Whether both came to the same, bit for bit.
    pub same: bool,
}

/// One evaluation of a candidate.
#[derive(Clone, Default)]
pub struct Attempt {
    /// Its outputs: one row.
    pub outcomes: Outcomes,
    /// Seconds it took.
    pub seconds: f64,
    /// Bytes its processes held at most, where that could be seen.
    pub memory: Option<u64>,
    /// What it printed.
    pub output: String,
}

impl Attempt {
    /// Why it failed.
    pub fn failure(&self) -> Option<&Failure> {
        self.outcomes.failure(0)
    }
}

/// Tries a few candidates of `experiment`, and foresees a run on `slots` slots.
///
/// `tell` is told how many evaluations are done, of how many; `None` where `interrupted` came to be true meanwhile.
/// Where the problem takes groups the candidates are evaluated in groups.
pub fn trials(
    experiment: &Experiment,
    registry: &Registry,
    slots: usize,
    interrupted: &dyn Fn() -> bool,
    tell: &mut dyn FnMut(usize, usize),
) -> Result<Option<Trials>, RunFailure> {
    let plan = Plan::new(experiment)?;
    plan.begin(experiment)?;
    let (origins, genomes) = candidates(experiment);
    let count = genomes.rows;
    let mut passes: Vec<Vec<Attempt>> = Vec::new();
    for pass in 0..2 {
        let mut order: Vec<usize> = (0..count).collect();
        if pass == 1 {
            order.reverse();
        }
        let mut attempts = vec![Attempt::default(); count];
        let mut trial = Trial::new(experiment, registry, interrupted)?;
        let mut done = pass * count;
        for rows in order.chunks(experiment.problem.batch.max(1)) {
            tell(done, 2 * count);
            let Some(found) = trial.evaluate(&genomes, rows)? else { return Ok(None) };
            for (row, attempt) in found {
                attempts[row] = attempt;
            }
            done += rows.len();
        }
        passes.push(attempts);
    }
    tell(2 * count, 2 * count);
    let second = passes.pop().unwrap_or_default();
    let first = passes.pop().unwrap_or_default();
    let space = &experiment.signature.space;
    let candidates: Vec<Tried> = origins
        .into_iter()
        .zip(first.into_iter().zip(second))
        .enumerate()
        .map(|(row, (origin, (first, second)))| Tried {
            origin,
            genome: genome_to_json(Genome::new(space, &genomes, row)),
            same: same(&first.outcomes, &second.outcomes),
            attempts: [first, second],
        })
        .collect();
    let forecast = foresee(experiment, registry, &plan, slots, interrupted, &candidates)?;
    Ok((!interrupted()).then_some(Trials { candidates, forecast, plan }))
}

/// The candidates that are tried, and where they come from.
fn candidates(experiment: &Experiment) -> (Vec<String>, Genomes) {
    let space = &experiment.signature.space;
    let mut genomes = space.genomes(0);
    let mut origins = Vec::new();
    for row in 0..experiment.start.rows.min(START) {
        genomes.extend(&experiment.start, row..row + 1);
        origins.push(format!("start point {}", row + 1));
    }
    for (origin, greatest) in [("all at their least", false), ("all at their greatest", true)] {
        genomes.extend(&space.genomes(1), 0..1);
        bounds(space, &mut genomes, origins.len(), greatest);
        origins.push(origin.to_owned());
    }
    for index in 0..RANDOM {
        let row = origins.len();
        genomes.extend(&space.genomes(1), 0..1);
        let mut stream = Stream::new(experiment.seed, 0, Purpose::Try, index as u64 + 1);
        initialize(space, &mut genomes, row, &mut stream);
        origins.push(format!("random {}", index + 1));
    }
    (origins, genomes)
}

/// Sets row `row` to the least or the greatest value of each parameter; permutations and sequences
/// ascending or descending.
fn bounds(space: &Space, genomes: &mut Genomes, row: usize, greatest: bool) {
    for (parameter, segment) in space.parameters().iter().zip(&space.layout().segments) {
        let Segment { column, start, len } = *segment;
        for (offset, gene) in (start..start + len).enumerate() {
            match (&parameter.domain, column) {
                (Domain::Real { low, high, step, .. }, _) => {
                    let high = step.map_or(*high, |step| snap(*low, *high, step, *high));
                    genomes.reals[row * genomes.shape.reals + gene] = if greatest { high } else { *low };
                }
                (Domain::Int { low, high }, _) => {
                    genomes.ints[row * genomes.shape.ints + gene] = if greatest { *high } else { *low };
                }
                (Domain::Ordinal { levels } | Domain::Choice { levels }, _) => {
                    let last = levels.len().saturating_sub(1) as i64;
                    genomes.ints[row * genomes.shape.ints + gene] = if greatest { last } else { 0 };
                }
                (Domain::Bit, _) => {
                    let word = &mut genomes.bits[row * genomes.shape.bit_words() + gene / 64];
                    *word |= u64::from(greatest) << (gene % 64);
                }
                (Domain::Permutation { size }, Column::Permutation) => {
                    let item = if greatest { size - 1 - offset } else { offset };
                    genomes.items[row * genomes.shape.items + gene] = item as u32;
                }
                (Domain::Sequence { counts }, Column::Permutation) => {
                    let place = if greatest { len - 1 - offset } else { offset };
                    genomes.items[row * genomes.shape.items + gene] = nth(counts, place);
                }
                (Domain::Permutation { .. } | Domain::Sequence { .. }, _) => {}
            }
        }
    }
    space.update_activity(genomes, row);
}

/// The item at `place` of the sequence in ascending order.
fn nth(counts: &[u32], mut place: usize) -> u32 {
    for (value, count) in (0..).zip(counts) {
        match place.checked_sub(*count as usize) {
            None => return value,
            Some(rest) => place = rest,
        }
    }
    0
}

/// Whether two outcomes are the same, bit for bit; of failures only the kind counts.
fn same(one: &Outcomes, other: &Outcomes) -> bool {
    let bits = |column: &[f64]| column.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    match (one.failure(0), other.failure(0)) {
        (None, None) => {
            bits(&one.objectives) == bits(&other.objectives)
                && bits(&one.constraints) == bits(&other.constraints)
                && bits(&one.measures) == bits(&other.measures)
        }
        (Some(one), Some(other)) => one.kind == other.kind,
        _ => false,
    }
}

/// One pass over the candidates in fresh processes.
struct Trial<'a> {
    evaluator: Box<dyn Evaluator>,
    output: std::sync::mpsc::Receiver<evaluate::CandidateLog>,
    /// Whether the problem takes groups.
    groups: bool,
    interrupted: &'a dyn Fn() -> bool,
}

impl Trial<'_> {
    fn new<'a>(
        experiment: &Experiment,
        registry: &Registry,
        interrupted: &'a dyn Fn() -> bool,
    ) -> Result<Trial<'a>, RunFailure> {
        let (logs, output) = channel();
        let sink: OutputSink = Arc::new(move |log| drop(logs.send(log)));
        let options =
            evaluate::Options { slots: 1, processes: true, on_output: Some(sink), ..evaluate::Options::default() };
        let evaluator = evaluate::evaluator(experiment, registry, options)?;
        Ok(Trial { evaluator, output, groups: experiment.problem.batch > 1, interrupted })
    }

    /// Evaluates the rows `rows` together: each with what came of it, or `None` where it was interrupted.
    fn evaluate(&mut self, genomes: &Genomes, rows: &[usize]) -> Result<Option<Vec<(usize, Attempt)>>, RunFailure> {
        let mut rows = rows.to_vec();
        rows.sort_unstable();
        let id = |row: usize| CandidateId::new(0, row as u64);
        let mut batch = Batch::default();
        batch.clear(genomes.shape);
        for row in &rows {
            batch.candidates.push(id(*row));
            batch.genomes.extend(genomes, *row..*row + 1);
            if self.groups {
                batch.groups.push(rows[0] as u64);
            }
        }
        self.evaluator.submit(&mut batch)?;
        let mut results = Results::default();
        let mut found = Vec::new();
        let mut memory = 0;
        let began = Instant::now();
        while found.len() < rows.len() {
            self.evaluator.receive(&mut results, SAMPLE)?;
            if (self.interrupted)() {
                self.evaluator.cancel();
                return Ok(None);
            }
            memory = memory.max(evaluate::memory_of_evaluations());
            for (at, candidate) in results.candidates.iter().enumerate() {
                let measured = f64::from(results.seconds[at]);
                let seconds = if measured > 0.0 { measured } else { began.elapsed().as_secs_f64() };
                let mut outcomes = Outcomes::default();
                outcomes.reset(results.outcomes.shape, 0);
                outcomes.push(&results.outcomes, at);
                found.push((candidate.index() as usize, Attempt { outcomes, seconds, ..Attempt::default() }));
            }
        }
        let logs: Vec<_> = self.output.try_iter().collect();
        for (row, attempt) in &mut found {
            attempt.memory = (memory > 0).then_some(memory);
            let own = logs.iter().filter(|log| log.candidate == id(*row));
            attempt.output = own.map(|log| log.output.as_str()).collect();
        }
        Ok(Some(found))
    }
}

fn foresee(
    experiment: &Experiment,
    registry: &Registry,
    plan: &Plan,
    slots: usize,
    interrupted: &dyn Fn() -> bool,
    candidates: &[Tried],
) -> Result<Option<Forecast>, RunFailure> {
    let evaluated = candidates.iter().flat_map(|tried| &tried.attempts).filter(|attempt| attempt.failure().is_none());
    let seconds: Vec<f64> = evaluated.map(|attempt| attempt.seconds).collect();
    if seconds.is_empty() {
        return Ok(None);
    }
    let budget = experiment.stop.budget();
    let (schedule, offspring) = (plan.settings.schedule(), plan.settings.generation());
    let mut forecast = Forecast::new(&seconds, slots, schedule, offspring, budget);
    if forecast.seconds >= CHEAP && slots > 1 && matches!(plan.settings, Settings::Genetic(_)) {
        let attempts = |tried: &Tried| {
            let fine = tried.attempts.iter().filter(|attempt| attempt.failure().is_none());
            fine.map(|attempt| attempt.seconds).collect::<Vec<_>>()
        };
        let each: Vec<Vec<f64>> = candidates.iter().map(attempts).filter(|attempts| !attempts.is_empty()).collect();
        forecast.spread = forecast::spread(&each);
        if let Some(spread) = forecast.spread {
            forecast.schedules = forecast::schedules(spread, slots, experiment.parallel, schedule, offspring);
        }
    }
    if forecast.seconds < CHEAP {
        // Then the search and the way to the evaluation count for more than the evaluation.
        let per_second = measure(experiment, registry, plan, slots, interrupted)?;
        forecast.per_hour = 3600.0 * per_second;
        forecast.busy = (forecast.seconds * per_second / slots as f64).min(1.0);
        forecast.hours = budget.map(|budget| budget as f64 / forecast.per_hour);
    }
    forecast.disk = budget.map(|budget| disk(experiment, budget, offspring as u64, forecast.seconds));
    Ok(Some(forecast))
}

/// Evaluations a second of the whole search, measured for a moment.
fn measure(
    experiment: &Experiment,
    registry: &Registry,
    plan: &Plan,
    slots: usize,
    interrupted: &dyn Fn() -> bool,
) -> Result<f64, RunFailure> {
    struct Watch<'a>(Instant, &'a dyn Fn() -> bool);
    impl Observer for Watch<'_> {
        fn elapsed(&mut self) -> Duration {
            self.0.elapsed()
        }
        fn interrupted(&mut self) -> bool {
            (self.1)()
        }
        fn committed(
            &mut self,
            _: genetic_pool_evolve::algorithms::Committed<'_>,
            _: &Progress,
        ) -> Result<(), ObserverError> {
            Ok(())
        }
        fn boundary(&mut self, _: &Search) -> Result<(), ObserverError> {
            Ok(())
        }
    }
    let options = evaluate::Options { slots, ..evaluate::Options::default() };
    let mut evaluator = evaluate::evaluator(experiment, registry, options)?;
    let mut rates = Vec::new();
    // The first search also waits for its processes to start.
    for time in [MEASURED / 5, MEASURED] {
        let rules = StopRules { any: vec![StopRule::Time(time)], all: Vec::new() };
        let signature = Arc::new(experiment.signature.clone());
        let mut search = Search::new(plan.begin(experiment)?, signature, rules, FailurePolicy::default());
        let began = Instant::now();
        let end = drive(&mut search, &mut *evaluator, &mut Watch(began, interrupted));
        end.map_err(|error| match error {
            RunError::Evaluator(error) => RunFailure::Evaluator(error),
            source => RunFailure::Broke { run: "trial".to_owned(), source },
        })?;
        rates.push(search.progress().evaluations as f64 / began.elapsed().as_secs_f64());
    }
    // A generation that takes longer than the measurement is counted as one.
    Ok(rates.into_iter().fold(1.0, f64::max))
}

/// Bytes a run's file will take: journalled outcomes with their genomes where they are journalled, history, snapshots.
fn disk(experiment: &Experiment, budget: u64, offspring: u64, seconds: f64) -> u64 {
    let shape = experiment.signature.space.layout().shape;
    let outcome = OutcomeShape::of(&experiment.signature);
    let genome = 8 * (shape.reals + shape.ints + shape.bit_words() + shape.mask_words()) + 4 * shape.items;
    let outputs = 8 * (outcome.objectives + outcome.constraints + outcome.measures);
    let journalled = if seconds >= CHEAP { budget * (genome + outputs + 16) as u64 } else { 0 };
    let history = budget / offspring.max(1) * 96;
    let snapshots = 3 * offspring * (genome + outputs + 24) as u64;
    journalled + history + snapshots + (64 << 10)
}
