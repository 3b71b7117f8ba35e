//! The run loop with threads: the same history whatever the slots, and every reason to stop.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use genetic_pool_evolve::{
    algorithms::{Algorithm, Committed, Genetic, GeneticOptions, Schedule, Setup, Snapshot},
    drive::{Observer, ObserverError, RunError, drive},
    evaluator::{Batch, Evaluator, EvaluatorError, Results},
    outcomes::{OutcomeShape, Outcomes},
    parallel::{Threads, evaluate},
    problem::{CandidateId, Direction, Failure, FailureKind, Goal, Outcome, Problem, Signature, Trial},
    progress::Progress,
    search::{Search, SearchSnapshot},
    space::{Domain, Genome, Parameter, Space},
    stop::{FailurePolicy, StopReason, StopRule, StopRules},
};
use genetic_pool_testkit::contract;

/// The sum of squares, with failures of every kind where `x0` says so, and as slow as it is told to be.
struct Bowl {
    sleep: Duration,
    fails: bool,
    evaluations: AtomicU64,
}

impl Bowl {
    fn new() -> Bowl {
        Bowl { sleep: Duration::ZERO, fails: false, evaluations: AtomicU64::new(0) }
    }
}

impl Problem for Bowl {
    fn signature(&self) -> Signature {
        let x = Parameter::new("x", Domain::real(-1.0, 3.0)).len(4);
        Signature {
            space: Space::new(vec![x]).unwrap(),
            goals: vec![Goal { name: "depth".into(), direction: Direction::Minimize }],
            constraints: vec![],
            measures: vec![],
        }
    }

    fn evaluate(&self, genome: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        self.evaluations.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(self.sleep);
        let x = genome.reals();
        outcome.objectives[0] = x.iter().map(|x| x * x).sum();
        match x[0] {
            x if !self.fails || x < 2.0 => Ok(()),
            x if x < 2.3 => Err(Failure::exception("too far out")),
            x if x < 2.6 => {
                outcome.objectives[0] = f64::NAN;
                Ok(())
            }
            _ => panic!("much too far out"),
        }
    }
}

/// An observer whose clock ticks once a look, and that takes a snapshot at some boundary.
#[derive(Default)]
struct Watch {
    looks: u32,
    tick: Duration,
    interrupt_after: Option<u64>,
    evaluations: u64,
    snapshot_at: Option<u64>,
    snapshot: Option<SearchSnapshot>,
    ends: u64,
}

impl Observer for Watch {
    fn elapsed(&mut self) -> Duration {
        self.looks += 1;
        self.tick * self.looks
    }
    fn interrupted(&mut self) -> bool {
        self.interrupt_after.is_some_and(|after| self.evaluations >= after)
    }
    fn committed(&mut self, committed: Committed<'_>, progress: &Progress) -> Result<(), ObserverError> {
        self.evaluations += committed.candidates.len() as u64;
        self.ends += u64::from(committed.generation_ends);
        assert_eq!(self.ends, progress.generations);
        Ok(())
    }
    fn boundary(&mut self, search: &Search) -> Result<(), ObserverError> {
        if self.snapshot.is_none() && self.snapshot_at.is_some_and(|at| search.progress().evaluations >= at) {
            self.snapshot = Some(search.snapshot());
        }
        Ok(())
    }
}

const GENERATIONS: Schedule = Schedule::Generations;
const WINDOW: Schedule = Schedule::Window(24);

fn setup() -> Setup {
    Setup::new(Arc::new(Bowl::new().signature()), 5)
}

fn genetic(schedule: Schedule, snapshot: Option<&Snapshot>) -> Genetic {
    let options = GeneticOptions { population: Some(20), schedule: Some(schedule), ..GeneticOptions::default() };
    let settings = options.resolve(&setup().signature.space, 8);
    match snapshot {
        None => Genetic::new(setup(), settings).unwrap(),
        Some(snapshot) => Genetic::restore(setup(), settings, snapshot).unwrap(),
    }
}

fn search_of(algorithm: Genetic, rules: StopRules, policy: FailurePolicy) -> Search {
    Search::new(Box::new(algorithm), Arc::new(Bowl::new().signature()), rules, policy)
}

fn search(schedule: Schedule, any: Vec<StopRule>) -> Search {
    let algorithm = genetic(schedule, None);
    search_of(algorithm, StopRules { any, all: vec![] }, FailurePolicy::default())
}

fn threads(problem: Bowl, slots: usize) -> Threads {
    Threads::new(Arc::new(problem), 5, NonZero::new(slots).unwrap())
}

#[test]
fn threads_keep_the_contract_of_evaluators() {
    let problem = || Bowl { sleep: Duration::from_micros(300), fails: true, evaluations: AtomicU64::new(0) };
    let signature = problem().signature();
    let mut batch = Batch::default();
    genetic(GENERATIONS, None).ask(usize::MAX, &mut batch);
    let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), batch.candidates.len());
    evaluate(&problem(), &signature, 5, &batch, 0..batch.candidates.len(), &mut outcomes);
    let kinds: Vec<FailureKind> = outcomes.failures.iter().map(|(_, failure)| failure.kind).collect();
    assert!(kinds.contains(&FailureKind::Exception) && kinds.contains(&FailureKind::NotANumber), "{kinds:?}");
    assert!(outcomes.failures.iter().any(|(_, failure)| failure.message == "panicked: much too far out"));
    let case = contract::evaluator::Case { batch, outcomes };
    contract::evaluator::check(&case, &mut |slots| Box::new(threads(problem(), slots)));
}

#[test]
fn one_history_whatever_the_slots_and_the_cost() {
    for schedule in [GENERATIONS, WINDOW] {
        let digest = |slots, sleep| {
            let mut search = search(schedule, vec![StopRule::Evaluations(400)]);
            let problem = Bowl { sleep, fails: true, evaluations: AtomicU64::new(0) };
            let stop = drive(&mut search, &mut threads(problem, slots), &mut Watch::default()).unwrap();
            assert_eq!(stop, StopReason::Rule(StopRule::Evaluations(400)));
            assert_eq!(search.progress().evaluations, 400);
            assert!(search.progress().failures > 0 && !search.progress().timed);
            search.progress().clone()
        };
        let first = digest(1, Duration::ZERO);
        for (slots, micros) in [(1, 50), (2, 0), (2, 200), (7, 300)] {
            assert_eq!(digest(slots, Duration::from_micros(micros)), first, "{slots} slots, {micros} µs");
        }
    }
}

#[test]
fn a_snapshot_goes_on_to_the_same_end() {
    for schedule in [GENERATIONS, WINDOW] {
        let rules = StopRules { any: vec![StopRule::Evaluations(600)], all: vec![] };
        let mut whole = search_of(genetic(schedule, None), rules.clone(), FailurePolicy::default());
        let mut watch = Watch { snapshot_at: Some(205), ..Watch::default() };
        drive(&mut whole, &mut threads(Bowl::new(), 2), &mut watch).unwrap();
        let snapshot = watch.snapshot.unwrap();
        assert!(snapshot.progress.evaluations < 600);
        let stored = postcard::to_stdvec(&snapshot).unwrap();
        let snapshot: SearchSnapshot = postcard::from_bytes(&stored).unwrap();
        let algorithm = genetic(schedule, Some(&snapshot.algorithm));
        let signature = Arc::new(Bowl::new().signature());
        let mut rest =
            Search::resume(Box::new(algorithm), signature, rules, FailurePolicy::default(), snapshot.progress);
        let mut watch = Watch { ends: rest.progress().generations, ..Watch::default() };
        drive(&mut rest, &mut threads(Bowl::new(), 7), &mut watch).unwrap();
        assert_eq!(rest.progress(), whole.progress());
        assert_eq!(rest.population(), whole.population());
    }
}

#[test]
fn every_rule_stops_where_it_says() {
    let run = |schedule, any, all, watch: &mut Watch| {
        let algorithm = genetic(schedule, None);
        let mut search = search_of(algorithm, StopRules { any, all }, FailurePolicy::default());
        let stop = drive(&mut search, &mut threads(Bowl::new(), 2), watch).unwrap();
        (stop, search.progress().clone())
    };
    let plain = |rule: StopRule| {
        let (stop, progress) = run(GENERATIONS, vec![rule.clone()], vec![], &mut Watch::default());
        assert_eq!(stop, StopReason::Rule(rule));
        progress
    };
    // No generation is cut in two: 7 whole ones fit.
    assert_eq!(plain(StopRule::Evaluations(159)).evaluations, 140);
    assert_eq!(plain(StopRule::Generations(3)).evaluations, 60);
    let reached = plain(StopRule::Target { goal: 0, value: 0.5 });
    assert!(reached.best.outcomes.objectives[0] <= 0.5 && reached.evaluations < 2000);
    let stalled = plain(StopRule::Stall(200));
    assert!(stalled.evaluations - stalled.improved >= 200);
    plain(StopRule::Spread(1e-3));
    let mut clock = Watch { tick: Duration::from_secs(1), ..Watch::default() };
    let rule = StopRule::Time(Duration::from_secs(30));
    let (stop, progress) = run(WINDOW, vec![rule.clone()], vec![], &mut clock);
    assert_eq!(stop, StopReason::Rule(rule));
    assert!(progress.timed && progress.evaluations < 31);
    let all = vec![StopRule::Generations(2), StopRule::Target { goal: 0, value: 0.5 }];
    let (stop, progress) = run(GENERATIONS, vec![], all, &mut Watch::default());
    assert_eq!(stop, StopReason::AllRules);
    assert!(progress.generations >= 2 && progress.best.outcomes.objectives[0] <= 0.5);
    assert!(!progress.timed, "no clock had a part in it");
    let all = vec![StopRule::Generations(2), StopRule::Time(Duration::ZERO)];
    assert!(run(GENERATIONS, vec![], all, &mut Watch::default()).1.timed);
    let mut watch = Watch { interrupt_after: Some(60), ..Watch::default() };
    let (stop, progress) = run(WINDOW, vec![], vec![], &mut watch);
    assert_eq!(stop, StopReason::Interrupted);
    assert!(stop.resumable() && progress.evaluations >= 60);
}

#[test]
fn a_window_asks_for_nothing_beyond_its_budget() {
    let mut search = search(WINDOW, vec![StopRule::Evaluations(101)]);
    let problem = Arc::new(Bowl::new());
    let mut threads = Threads::new(Arc::clone(&problem) as Arc<dyn Problem>, 5, NonZero::<usize>::MIN);
    drive(&mut search, &mut threads, &mut Watch::default()).unwrap();
    assert_eq!(search.progress().evaluations, 101);
    assert_eq!(problem.evaluations.load(Ordering::Relaxed), 101);
}

#[test]
fn failures_stop_a_run_where_they_are_to() {
    let run = |schedule, policy, problem| {
        let algorithm = genetic(schedule, None);
        let rules = StopRules { any: vec![StopRule::Evaluations(400)], all: vec![] };
        let mut search = search_of(algorithm, rules, policy);
        let stop = drive(&mut search, &mut threads(problem, 7), &mut Watch::default()).unwrap();
        (stop, search.progress().clone())
    };
    let failing = || Bowl { sleep: Duration::from_micros(200), fails: true, evaluations: AtomicU64::new(0) };
    for schedule in [GENERATIONS, WINDOW] {
        let stop_after = FailurePolicy { stop: false, stop_after: Some(3) };
        let (stop, progress) = run(schedule, stop_after, failing());
        assert_eq!(stop, StopReason::Failures { failures: progress.failures });
        assert!(progress.failures >= 3);
        let at_once = FailurePolicy { stop: true, stop_after: None };
        let (stop, progress) = run(schedule, at_once, failing());
        let StopReason::Failed { candidate, .. } = stop else { panic!("{stop:?}") };
        assert_eq!(progress.failures, 0);
        if schedule == WINDOW {
            assert_eq!(candidate, progress.evaluations, "the first failure in order, whatever came in first");
        }
    }
}

/// Fails everywhere.
struct Broken;

impl Problem for Broken {
    fn signature(&self) -> Signature {
        Bowl::new().signature()
    }
    fn evaluate(&self, _: Genome<'_>, trial: &Trial, _: &mut Outcome<'_>) -> Result<(), Failure> {
        Err(Failure::exception(format!("no {}", trial.candidate)))
    }
}

#[test]
fn where_the_first_candidates_all_fail_the_run_stops_with_the_first_message() {
    let mut search = search(GENERATIONS, vec![StopRule::Evaluations(400)]);
    let mut threads = Threads::new(Arc::new(Broken), 5, NonZero::new(7).unwrap());
    let stop = drive(&mut search, &mut threads, &mut Watch::default()).unwrap();
    assert_eq!(stop, StopReason::FirstFailed { candidates: 10, failure: Failure::exception("no 0") });
    assert!(stop.resumable());
    assert_eq!(search.progress().evaluations, 0);
}

/// Takes candidates one at a time in the order of `from`, all that are out at once where it is empty; every candidate
/// below `broken` fails. Why the search stopped, and how much was committed by then.
fn first_outcomes(schedule: Schedule, from: &[usize], broken: u64, resumed_at: Option<u64>) -> (StopReason, u64) {
    let mut search = search(schedule, vec![StopRule::Evaluations(100)]);
    let (mut batch, mut results) = (Batch::default(), Results::default());
    let mut out = Batch::default();
    loop {
        search.ask(usize::MAX, &mut batch);
        out.candidates.extend_from_slice(&batch.candidates);
        results.clear(search.population().outcomes.shape);
        let places: Vec<usize> = if out.candidates.len() < 20 { vec![0] } else { from.to_vec() };
        let mut taken: Vec<CandidateId> = places.iter().map(|place| out.candidates[*place]).collect();
        if taken.is_empty() {
            taken.clone_from(&out.candidates);
        }
        let mut outcomes = Outcomes::new(search.population().outcomes.shape, 1);
        for candidate in &taken {
            outcomes.reset(outcomes.shape, 1);
            if candidate.index() < broken {
                outcomes.fail(0, Failure::exception(format!("no {candidate}")));
            }
            results.push(*candidate, &outcomes, 0, 0.0);
        }
        out.candidates.retain(|candidate| !taken.contains(candidate));
        search.tell(&results).unwrap();
        loop {
            if let Some(reason) = search.stop(Duration::ZERO) {
                return (reason, search.progress().evaluations);
            }
            if search.commit().is_none() {
                break;
            }
            if resumed_at == Some(search.progress().evaluations) {
                let SearchSnapshot { progress, algorithm } = search.snapshot();
                let algorithm = Box::new(genetic(schedule, Some(&algorithm)));
                let rules = StopRules { any: vec![StopRule::Evaluations(100)], all: vec![] };
                let signature = Arc::new(Bowl::new().signature());
                search = Search::resume(algorithm, signature, rules, FailurePolicy::default(), progress);
                out.candidates.clear();
            }
        }
    }
}

#[test]
fn whether_the_first_candidates_all_fail_depends_on_no_order() {
    let reason = StopReason::FirstFailed { candidates: 10, failure: Failure::exception("no 0") };
    for (schedule, committed) in [(GENERATIONS, 0), (WINDOW, 9)] {
        // In order, all at once, or one of those behind them, which is fine, before all others.
        for from in [&[0][..], &[], &[15]] {
            assert_eq!(first_outcomes(schedule, from, 10, None), (reason.clone(), committed), "{schedule:?} {from:?}");
            // One of the ten is fine, in whatever order that becomes known.
            let (reason, _) = first_outcomes(schedule, from, 9, None);
            assert_eq!(reason, StopReason::Rule(StopRule::Evaluations(100)));
        }
    }
    for at in 1..10 {
        assert_eq!(first_outcomes(WINDOW, &[0], 10, Some(at)), (reason.clone(), 9), "resumed at {at}");
    }
}

/// An evaluator that nothing comes back from.
struct Gone;

impl Evaluator for Gone {
    fn slots(&self) -> usize {
        1
    }
    fn submit(&mut self, batch: &mut Batch) -> Result<(), EvaluatorError> {
        batch.clear(batch.genomes.shape);
        Ok(())
    }
    fn receive(&mut self, _: &mut Results, _: Duration) -> Result<(), EvaluatorError> {
        Err(EvaluatorError { message: "its processes are gone".into(), hint: None, source: None })
    }
    fn cancel(&mut self) {}
}

#[test]
fn what_breaks_while_a_run_is_interrupted_is_no_fault() {
    let end = |interrupt_after| {
        let signature = setup().signature;
        let rules = StopRules { any: vec![StopRule::Evaluations(100)], all: vec![] };
        let algorithm = Box::new(genetic(GENERATIONS, None));
        let mut search = Search::new(algorithm, signature, rules, FailurePolicy::default());
        drive(&mut search, &mut Gone, &mut Watch { interrupt_after, ..Watch::default() })
    };
    assert!(matches!(end(Some(0)), Ok(StopReason::Interrupted)));
    assert!(matches!(end(None), Err(RunError::Evaluator(_))));
}
