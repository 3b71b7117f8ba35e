//! What every [`Algorithm`] must do.

use genetic_pool_evolve::{
    algorithms::{Algorithm, Rank, RestoreError, Snapshot, TellError},
    evaluator::{Batch, Results},
    outcomes::Outcomes,
    problem::{CandidateId, Problem},
    random::{Purpose, Stream},
};

use super::replay::{History, Order, Replay};

/// An algorithm on a problem, to be held to the contract.
pub struct Case<'a> {
    /// The problem.
    pub problem: &'a dyn Problem,
    /// How many candidates it takes in a group.
    pub group: usize,
    /// The algorithm at its beginning.
    pub new: &'a dyn Fn() -> Box<dyn Algorithm>,
    /// The algorithm from a snapshot of it.
    pub restore: &'a Restore<'a>,
    /// How many evaluations show what it does.
    pub evaluations: u64,
}

/// How an algorithm is restored.
pub type Restore<'a> = dyn Fn(&Snapshot) -> Result<Box<dyn Algorithm>, RestoreError> + 'a;

/// The digest of a run of `evaluations` evaluations.
pub fn digest(case: &Case<'_>) -> String {
    undisturbed(case, Order::Whole).digest
}

/// The digest of a run of `evaluations` evaluations whose outcomes are told in another order than that of ids.
pub fn digest_stirred(case: &Case<'_>) -> String {
    undisturbed(case, Order::Stirred(1)).digest
}

/// Everything but the search itself: order, misuse, snapshots, failures.
pub fn check(case: &Case<'_>) {
    any_order_gives_the_same_history(case);
    misuse_is_refused_and_changes_nothing(case);
    a_snapshot_goes_on_as_if_nothing_had_been(case);
    damaged_snapshots_are_refused(case);
    failures_are_survived(case);
}

/// What [`check`] does for an algorithm that commits candidates in the order in which they complete: its history is a
/// function of the order in which outcomes are told, whatever the grouping and the snapshots.
pub fn check_free(case: &Case<'_>) {
    assert!((case.new)().completed().is_some(), "the algorithm does not commit in the order of completion");
    assert_eq!(undisturbed(case, Order::Whole), undisturbed(case, Order::Single), "both tell in the order of ids");
    let all_fine: &dyn Fn(u64) -> bool = &|_| false;
    the_order_told_is_the_history(case, all_fine);
    for fails in
        [&|_| true, &|index| index < case.evaluations / 2, &|index| index % 3 == 1] as [&dyn Fn(u64) -> bool; 3]
    {
        the_order_told_is_the_history(case, fails);
    }
    misuse_is_refused_and_changes_nothing(case);
    damaged_snapshots_are_refused(case);
}

fn the_order_told_is_the_history(case: &Case<'_>, fails: &dyn Fn(u64) -> bool) {
    let replay = || Replay::new((case.new)(), case.problem, fails, case.group);
    for stir in 1..4 {
        let mut first = replay();
        first.run(Order::Stirred(stir), case.evaluations);
        let (told, history) = (first.told.clone(), first.history());
        assert!(!told.is_sorted(), "the order of completion is that of ids");
        for portion in [1, 3, usize::MAX] {
            let mut again = replay();
            again.run_told(&told, portion, case.evaluations);
            assert_eq!(again.history(), history, "in portions of {portion}");
        }
        let mut paused = replay();
        let pauses = 7;
        for pause in 0..=pauses {
            paused.run_told(&told, 5, case.evaluations * pause / pauses);
            let snapshot = paused.algorithm.snapshot();
            let restored = (case.restore)(&snapshot).unwrap();
            assert_eq!(restored.snapshot(), snapshot, "a restored algorithm is not the one that was snapshot");
            paused.resume(restored);
        }
        assert_eq!(paused.history(), history, "from snapshots");
    }
}

/// Fails unless a run of `case.evaluations` evaluations ends with a rank of at least that of the objective `target`,
/// which is to be minimised, without violations.
pub fn reaches(case: &Case<'_>, target: f64) {
    let best = undisturbed(case, Order::Whole).best;
    assert!(best <= Rank::new(0.0, target), "{target} was not reached: {best:?}");
}

fn undisturbed(case: &Case<'_>, order: Order) -> History {
    let mut replay = Replay::new((case.new)(), case.problem, &|_| false, case.group);
    replay.run(order, case.evaluations);
    replay.history()
}

fn any_order_gives_the_same_history(case: &Case<'_>) {
    let history = undisturbed(case, Order::Whole);
    assert!(history.evaluations >= case.evaluations);
    for order in [Order::Single, Order::Stirred(1), Order::Stirred(2), Order::Stirred(3)] {
        assert_eq!(undisturbed(case, order), history, "{order:?}");
    }
}

fn misuse_is_refused_and_changes_nothing(case: &Case<'_>) {
    let wanted = undisturbed(case, Order::Whole);
    let mut replay = Replay::new((case.new)(), case.problem, &|_| false, case.group);
    let shape = replay.shape();
    let mut told = Vec::new();
    let mut batch = Batch::default();
    let mut results = Results::default();
    let outcomes = Outcomes::new(shape, 1);
    let tell = |algorithm: &mut Box<dyn Algorithm>, ids: &[CandidateId]| {
        let mut results = Results::default();
        results.clear(shape);
        for id in ids {
            results.push(*id, &outcomes, 0, 0.0);
        }
        algorithm.tell(&results)
    };
    // Nothing is asked for yet.
    let first = CandidateId::new(0, 0);
    assert_eq!(tell(&mut replay.algorithm, &[first]), Err(TellError::Unknown { candidate: first }));
    assert!(replay.algorithm.commit().is_none(), "a unit without outcomes is committed");
    replay.algorithm.ask(0, &mut batch);
    assert!(batch.candidates.is_empty(), "candidates where there is no room");
    assert_eq!(replay.algorithm.tell(&replay.results()), Ok(()), "no results are fine");

    replay.algorithm.ask(3, &mut batch);
    let asked = batch.candidates.clone();
    assert!(!asked.is_empty());
    let beyond = CandidateId::new(0, asked.len() as u64);
    let elsewhere = CandidateId::new(1, 0);
    for unknown in [beyond, elsewhere, CandidateId::new(0, (1 << 48) - 1)] {
        let error = tell(&mut replay.algorithm, &[asked[0], unknown]);
        assert_eq!(error, Err(TellError::Unknown { candidate: unknown }));
    }
    let error = tell(&mut replay.algorithm, &[asked[0], asked[0]]);
    assert_eq!(error, Err(TellError::Duplicate { candidate: asked[0] }));

    results.clear(shape);
    results.push(asked[0], &outcomes, 0, 0.0);
    let mut short = results.clone();
    short.outcomes = Outcomes::new(shape, 2);
    let error = replay.algorithm.tell(&short);
    assert_eq!(error, Err(TellError::Lengths { candidates: 1, rows: 2 }));
    let mut other = results.clone();
    let other_shape = genetic_pool_evolve::outcomes::OutcomeShape { objectives: shape.objectives + 1, ..shape };
    other.outcomes = Outcomes::new(other_shape, 1);
    assert_eq!(replay.algorithm.tell(&other), Err(TellError::Shape));
    let mut nan = results.clone();
    nan.outcomes.objectives[0] = f64::NAN;
    assert_eq!(replay.algorithm.tell(&nan), Err(TellError::NotANumber { candidate: asked[0] }));

    // None of this has left a trace; what is out is told about now, in the order a run would.
    let results = evaluated(case.problem, &batch);
    replay.algorithm.tell(&results).unwrap();
    replay.note(&asked);
    told.extend_from_slice(&asked);
    let error = replay.algorithm.tell(&results);
    assert_eq!(error, Err(TellError::Duplicate { candidate: told[0] }));
    replay.run(Order::Whole, case.evaluations);
    assert_eq!(replay.history(), wanted);
    // Candidates of long ago are known and were told about.
    assert_eq!(tell(&mut replay.algorithm, &[first]), Err(TellError::Duplicate { candidate: first }));
}

fn evaluated(problem: &dyn Problem, batch: &Batch) -> Results {
    let signature = problem.signature();
    let shape = genetic_pool_evolve::outcomes::OutcomeShape::of(&signature);
    let rows = batch.candidates.len();
    let mut outcomes = Outcomes::new(shape, rows);
    let seed = super::replay::SEED;
    genetic_pool_evolve::parallel::evaluate(problem, &signature, seed, batch, 0..rows, &mut outcomes);
    Results { candidates: batch.candidates.clone(), outcomes, seconds: vec![0.0; rows] }
}

fn a_snapshot_goes_on_as_if_nothing_had_been(case: &Case<'_>) {
    let wanted = undisturbed(case, Order::Whole);
    let mut replay = Replay::new((case.new)(), case.problem, &|_| false, case.group);
    let pauses = 7;
    for pause in 0..=pauses {
        // Before the first candidate, then at boundaries with candidates out and outcomes in that wait for others.
        replay.run(Order::Stirred(pause), case.evaluations * pause / pauses);
        let snapshot = replay.algorithm.snapshot();
        let restored = (case.restore)(&snapshot).unwrap();
        assert_eq!(restored.snapshot(), snapshot, "a restored algorithm is not the one that was snapshot");
        assert_eq!(restored.next_unit(), replay.algorithm.next_unit());
        replay.resume(restored);
    }
    assert_eq!(replay.history(), wanted);
}

fn damaged_snapshots_are_refused(case: &Case<'_>) {
    let mut replay = Replay::new((case.new)(), case.problem, &|_| false, case.group);
    replay.run(Order::Whole, case.evaluations / 2);
    let good = replay.algorithm.snapshot();
    let refused = |snapshot: Snapshot| match (case.restore)(&snapshot) {
        Err(error) => error,
        Ok(_) => panic!("a damaged snapshot is restored"),
    };
    let other = Snapshot { algorithm: "another".into(), ..good.clone() };
    assert!(matches!(refused(other), RestoreError::Algorithm { .. }));
    let newer = Snapshot { version: good.version + 1, ..good.clone() };
    assert!(matches!(refused(newer), RestoreError::Version { .. }));
    for len in [0, 1, good.state.len() / 2, good.state.len() - 1] {
        let cut = Snapshot { state: good.state[..len].to_vec(), ..good.clone() };
        assert!(matches!(refused(cut), RestoreError::Damaged { .. } | RestoreError::Shape));
    }
    let mut stream = Stream::new(super::replay::SEED, 0, Purpose::Try, 1);
    for _ in 0..60 {
        // Nothing says that a byte is wrong where another value could stand there; then it must do as well.
        let mut state = good.state.clone();
        for _ in 0..=stream.below(3) {
            let place = stream.below(state.len());
            state[place] = stream.next() as u8;
        }
        let damaged = Snapshot { state, ..good.clone() };
        if let Ok(mut algorithm) = (case.restore)(&damaged) {
            goes_on(case.problem, &mut *algorithm);
        }
    }
    let longer = Snapshot { state: [good.state.as_slice(), &[0]].concat(), ..good };
    assert!(matches!(refused(longer), RestoreError::Damaged { .. }));
}

/// Some units, whatever they are.
fn goes_on(problem: &dyn Problem, algorithm: &mut dyn Algorithm) {
    let mut batch = Batch::default();
    for _ in 0..3 {
        algorithm.ask(100, &mut batch);
        algorithm.tell(&evaluated(problem, &batch)).unwrap();
        while algorithm.commit().is_some() {}
    }
}

fn failures_are_survived(case: &Case<'_>) {
    let all = |_| true;
    let early = |index| index < case.evaluations / 2;
    let some = |index| index % 3 == 1;
    let cases: [&dyn Fn(u64) -> bool; 3] = [&all, &early, &some];
    for fails in cases {
        let mut histories = [Order::Whole, Order::Stirred(4)].map(|order| {
            let mut replay = Replay::new((case.new)(), case.problem, fails, case.group);
            replay.run(order, case.evaluations / 2);
            let restored = (case.restore)(&replay.algorithm.snapshot()).unwrap();
            replay.resume(restored);
            replay.run(order, case.evaluations);
            replay.history()
        });
        assert_eq!(histories[0], histories[1]);
        let best = histories[0].best;
        // What was known before the run did not fail with it.
        let known = !(case.new)().population().is_empty();
        assert_eq!(best == Rank::WORST, !known && fails(0) && fails(case.evaluations - 1), "{best:?}");
        histories.reverse();
    }
}
