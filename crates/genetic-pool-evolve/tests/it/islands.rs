//! Islands of unlike algorithms.

use std::{num::NonZero, sync::Arc, time::Duration};

use genetic_pool_evolve::{
    algorithms::{
        Accepted, Algorithm, Committed, FailureRank, GeneticOptions, RandomSettings, Rank, Replaced, Replacement,
        Schedule, Settings, Setup,
    },
    digest::Digest,
    drive::{Observer, ObserverError, drive},
    evaluator::{Batch, Evaluator, EvaluatorError, Results},
    islands::{Emigration, IslandsSettings, Topology},
    outcomes::{OutcomeShape, Outcomes},
    parallel::{Threads, evaluate},
    problem::{CandidateId, Failure, Outcome, Problem, Signature, Trial},
    problems::{FunctionOptions, Mixed, Rastrigin, Shift, Sphere, WeldedBeam},
    progress::Progress,
    search::{Search, SearchSnapshot},
    space::Genome,
    stop::{FailurePolicy, StopReason, StopRule, StopRules, Target},
};
use genetic_pool_testkit::contract::algorithm::{Case, check, digest};

fn options() -> FunctionOptions {
    FunctionOptions { shift: Shift::Random, seed: Some(3), ..FunctionOptions::default() }
}

fn sphere() -> Arc<dyn Problem> {
    Arc::new(Sphere::try_from(options()).unwrap())
}

fn rastrigin() -> Arc<dyn Problem> {
    Arc::new(Rastrigin::try_from(options()).unwrap())
}

fn genetic(problem: &dyn Problem, population: usize, schedule: Schedule) -> Settings {
    let options =
        GeneticOptions { population: Some(population), schedule: Some(schedule), ..GeneticOptions::default() };
    Settings::Genetic(options.resolve(&problem.signature().space, 4))
}

fn random(population: usize) -> Settings {
    Settings::Random(RandomSettings { population })
}

/// Four unlike islands.
fn unlike(problem: &dyn Problem) -> IslandsSettings {
    IslandsSettings {
        islands: vec![
            genetic(problem, 10, Schedule::Generations),
            genetic(problem, 12, Schedule::Window(7)),
            random(9),
            genetic(problem, 6, Schedule::Generations),
        ],
        every: 15,
        ..IslandsSettings::default()
    }
}

fn setup(problem: &dyn Problem, batch: usize) -> Setup {
    Setup { batch, ..Setup::new(Arc::new(problem.signature()), 11) }
}

/// Hands `then` the case of `islands` on `problem`.
fn with<R>(
    islands: IslandsSettings,
    problem: &dyn Problem,
    batch: usize,
    evaluations: u64,
    then: impl FnOnce(&Case<'_>) -> R,
) -> R {
    let settings = Settings::Islands(islands);
    then(&Case {
        problem,
        group: batch,
        new: &|| settings.begin(setup(problem, batch)).unwrap(),
        restore: &|snapshot| settings.restore(setup(problem, batch), snapshot),
        evaluations,
    })
}

#[test]
fn islands_keep_the_contract_in_every_topology() {
    let problem = sphere();
    for topology in
        [Topology::Ring, Topology::Torus, Topology::Star, Topology::Full, Topology::Random(2), Topology::None]
    {
        println!("{topology:?}");
        with(IslandsSettings { topology, ..unlike(&*problem) }, &*problem, 1, 260, check);
    }
}

#[test]
fn islands_keep_the_contract_on_every_space_and_by_every_policy() {
    let problems: [Arc<dyn Problem>; 2] = [Arc::new(Mixed {}), Arc::new(WeldedBeam {})];
    for problem in problems {
        for (emigration, replaced, accepted, lag, migrants) in [
            (Emigration::Best, Replaced::Worst, Accepted::Always, 1, 3),
            (Emigration::Random, Replaced::Random, Accepted::Always, 2, 2),
            (Emigration::Tournament, Replaced::Random, Accepted::Better, 3, 20),
        ] {
            println!("{emigration:?} {replaced:?} {accepted:?}");
            let islands = IslandsSettings {
                emigration,
                replacement: Replacement { replaced, accepted },
                lag,
                migrants,
                topology: Topology::Full,
                ..unlike(&*problem)
            };
            with(islands, &*problem, 1, 260, check);
        }
    }
}

#[test]
fn groups_and_epochs_of_any_length_keep_the_contract() {
    let problem = sphere();
    for batch in [2, 3] {
        with(unlike(&*problem), &*problem, batch, 260, check);
    }
    // An epoch is at least a unit, however long that is.
    for every in [1, 4, 10, 1000] {
        with(IslandsSettings { every, ..unlike(&*problem) }, &*problem, 1, 260, check);
    }
}

#[test]
fn one_island_is_the_algorithm_on_it() {
    let problem = rastrigin();
    for schedule in [Schedule::Generations, Schedule::Window(9)] {
        let alone = genetic(&*problem, 20, schedule);
        let islands = IslandsSettings { islands: vec![alone.clone()], every: 70, ..IslandsSettings::default() };
        let new = || alone.begin(setup(&*problem, 1)).unwrap();
        let case = Case {
            problem: &*problem,
            group: 1,
            new: &new,
            restore: &|snapshot| alone.restore(setup(&*problem, 1), snapshot),
            evaluations: 1000,
        };
        assert_eq!(with(islands, &*problem, 1, 1000, digest), digest(&case));
    }
}

/// They change only together with the version of islands or of the algorithms on them, and a line in the changelog.
#[test]
fn histories_are_golden() {
    let mut found = String::new();
    for (name, problem) in [("sphere", sphere()), ("rastrigin", rastrigin()), ("mixed", Arc::new(Mixed {}))] {
        for (figure, topology) in [
            ("ring", Topology::Ring),
            ("star", Topology::Star),
            ("random-2", Topology::Random(2)),
            ("none", Topology::None),
        ] {
            let islands = IslandsSettings { topology, every: 100, ..unlike(&*problem) };
            let digest = with(islands, &*problem, 1, 2000, digest);
            found = format!("{found}{name:10} {figure:8} {digest}\n");
        }
    }
    assert_eq!(found, GOLDEN, "found:\n{found}");
}

const GOLDEN: &str = "\
sphere     ring     3cbd25528a9b1a37e711fbc922740728
sphere     star     337735e316943fab21ef0815856b6ac9
sphere     random-2 ce7536feb92f8667a7f822dcf1bfce6b
sphere     none     27ebcee80b7b9bfbbd9cf329d94cc243
rastrigin  ring     2ef3b48898f1395a3f866298209feecc
rastrigin  star     2ef3b48898f1395a3f866298209feecc
rastrigin  random-2 2bff8d1fb8b9503a471d2f0103ae464b
rastrigin  none     00a81aa4acf22cbc81715ed55107a8b8
mixed      ring     8a586a96e5f65041814407651089c8e4
mixed      star     e4d51290b39f561d7a3754696090f730
mixed      random-2 2d71d801bc891aa9f37a45fa4bb56cc2
mixed      none     896a4086427e670cb1bdf8535f0234bb
";

/// What a run by hand is made of.
struct Run {
    algorithm: Box<dyn Algorithm>,
    problem: Arc<dyn Problem>,
    out: Vec<(CandidateId, Outcomes)>,
    digest: Digest,
    evaluations: u64,
    by_island: Vec<u64>,
}

impl Run {
    fn new(settings: &Settings, problem: &Arc<dyn Problem>, budget: Option<u64>) -> Run {
        let setup = Setup { budget, ..setup(&**problem, 1) };
        Run {
            algorithm: settings.begin(setup).unwrap(),
            problem: Arc::clone(problem),
            out: Vec::new(),
            digest: Digest::default(),
            evaluations: 0,
            by_island: vec![0; 4],
        }
    }

    /// Asks for all there is, up to `room` at a time, and has it evaluated.
    fn ask(&mut self, room: usize) {
        let signature = self.problem.signature();
        let mut batch = Batch::default();
        loop {
            self.algorithm.ask(room, &mut batch);
            let rows = batch.candidates.len();
            if rows == 0 {
                return;
            }
            let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), rows);
            evaluate(&*self.problem, &signature, 20, &batch, 0..rows, &mut outcomes);
            for (row, candidate) in batch.candidates.iter().enumerate() {
                let mut outcome = Outcomes::new(outcomes.shape, 0);
                outcome.push(&outcomes, row);
                self.out.push((*candidate, outcome));
            }
        }
    }

    /// Tells of those that are out and `known`, together.
    fn tell(&mut self, known: impl Fn(CandidateId) -> bool) {
        let mut results = Results::default();
        results.clear(OutcomeShape::of(&self.problem.signature()));
        self.out.retain(|(candidate, outcome)| {
            if known(*candidate) {
                results.push(*candidate, outcome, 0, 0.0);
            }
            !known(*candidate)
        });
        self.algorithm.tell(&results).unwrap();
    }

    /// Commits what can be, up to `most` units.
    fn commit(&mut self, most: usize) {
        for _ in 0..most {
            let Some(committed) = self.algorithm.commit() else { return };
            self.digest.update(committed.candidates);
            self.evaluations += committed.candidates.len() as u64;
            let island = usize::from(committed.candidates.candidates[0].island());
            self.by_island[island] += committed.candidates.len() as u64;
        }
    }
}

#[test]
fn an_island_that_is_withheld_keeps_others_back_by_no_more_than_the_lag() {
    let problem = sphere();
    for (lag, topology) in [(1, Topology::Full), (3, Topology::Ring), (2, Topology::None)] {
        let settings = Settings::Islands(IslandsSettings { lag, topology, ..unlike(&*problem) });
        let mut run = Run::new(&settings, &problem, None);
        for _ in 0..200 {
            run.ask(usize::MAX);
            run.tell(|id| id.island() != 1);
            run.commit(usize::MAX);
        }
        // Generations of ten and six, in epochs of fifteen or more: two of ten, three of six. Random search goes ahead.
        let bred = |island: u16| run.out.iter().filter(|(id, _)| id.island() == island).count();
        assert_eq!([bred(0), bred(2), bred(3)], [0, 0, 0]);
        assert_eq!(run.by_island, [20, 0, 0, 0], "only the first comes before the one that is withheld");
        let asked = |run: &mut Run, island: u16| {
            // What it has committed to itself shows when the withheld one comes: until then nobody goes on.
            run.ask(usize::MAX);
            run.out.iter().filter(|(id, _)| id.island() == island).count()
        };
        assert_eq!(asked(&mut run, 0), 0);
        let wanted = {
            let mut undisturbed = Run::new(&settings, &problem, None);
            while undisturbed.evaluations < 600 {
                undisturbed.ask(usize::MAX);
                undisturbed.tell(|_| true);
                undisturbed.commit(1);
            }
            undisturbed.digest.to_string()
        };
        // The first published epoch of the others, and those ahead of it, come at once.
        let before = run.evaluations;
        while run.evaluations == before {
            run.ask(usize::MAX);
            run.tell(|_| true);
            run.commit(usize::MAX);
        }
        assert!(run.by_island[0] <= 20 * (lag + 2) && run.by_island[0] >= 20, "{:?}", run.by_island);
        let mut again = Run::new(&settings, &problem, None);
        let mut round = 0;
        while again.evaluations < 600 {
            again.ask(3);
            round += 1;
            again.tell(|id| round % 40 == 0 || id.island() != 1);
            while again.evaluations < 600 {
                let before = again.evaluations;
                again.commit(1);
                if again.evaluations == before {
                    break;
                }
            }
        }
        assert_eq!(again.digest.to_string(), wanted);
    }
}

#[test]
fn the_budget_is_kept_and_no_island_starves() {
    let problem = sphere();
    for (budget, batch) in [(100, 1), (403, 1), (1000, 1), (403, 3)] {
        let settings = Settings::Islands(unlike(&*problem));
        let mut run = Run::new(&settings, &problem, Some(budget));
        run.algorithm = settings.begin(Setup { budget: Some(budget), ..setup(&*problem, batch) }).unwrap();
        for _ in 0..1000 {
            run.ask(usize::MAX);
            run.tell(|_| true);
            run.commit(usize::MAX);
        }
        assert!(run.evaluations <= budget);
        // A unit more would be too many for each.
        assert!(run.evaluations + 10 > budget, "{} of {budget}", run.evaluations);
        assert!(run.by_island.iter().all(|count| *count + 12 > budget / 4), "{:?} of {budget}", run.by_island);
        assert!(run.algorithm.next_unit() as u64 > budget - run.evaluations);
    }
}

#[test]
fn snapshots_at_every_commit_go_on_alike() {
    let problem = rastrigin();
    let islands = IslandsSettings { lag: 2, topology: Topology::Full, ..unlike(&*problem) };
    let settings = Settings::Islands(islands);
    let run = |interrupted: bool| {
        let mut run = Run::new(&settings, &problem, Some(500));
        for round in 0.. {
            run.ask(usize::MAX);
            // Some are withheld for a while.
            run.tell(|id| (id.index() + u64::from(id.island()) + round) % 3 != 0);
            let before = run.evaluations;
            run.commit(1);
            if interrupted && run.evaluations > before {
                let setup = Setup { budget: Some(500), ..setup(&*problem, 1) };
                let snapshot = run.algorithm.snapshot();
                run.algorithm = settings.restore(setup, &snapshot).unwrap();
                assert_eq!(run.algorithm.snapshot(), snapshot);
                run.out.clear();
            }
            if run.algorithm.next_unit() > 500 {
                return (run.digest.to_string(), run.evaluations, run.algorithm.population().candidates.clone());
            }
        }
        unreachable!()
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn mail_arrives_after_the_lag_and_not_before() {
    let problem = sphere();
    for lag in [1, 3] {
        let island = genetic(&*problem, 10, Schedule::Generations);
        let islands = IslandsSettings { islands: vec![island; 4], every: 20, lag, ..IslandsSettings::default() };
        let mut run = Run::new(&Settings::Islands(islands), &problem, None);
        let mut foreign = Vec::new();
        while run.evaluations < 600 {
            run.ask(usize::MAX);
            // All are equally good, and the lower id the better one: islands take in whatever comes from the one before.
            run.out.iter_mut().for_each(|(_, outcome)| outcome.objectives[0] = 0.0);
            run.tell(|_| true);
            while let Some(committed) = run.algorithm.commit() {
                let own = committed.candidates.candidates[0];
                run.evaluations += committed.candidates.len() as u64;
                let from: Vec<u16> = committed.population.candidates.iter().map(|id| id.island()).collect();
                if from.iter().any(|from| *from != own.island()) {
                    foreign.push(own.index() / 20);
                }
                // In a ring the first to come are the neighbour's.
                if own.index() / 20 <= lag + 1 {
                    assert!(from.iter().all(|from| *from == own.island() || (*from + 1) % 4 == own.island()));
                }
            }
        }
        assert_eq!(
            foreign.iter().min(),
            Some(&(lag + 1)),
            "what is sent at the end of epoch 0 is read at that of {lag}"
        );
    }
}

#[test]
fn failures_on_one_island_are_its_own() {
    let problem = sphere();
    let settings = Settings::Islands(unlike(&*problem));
    let mut run = Run::new(&settings, &problem, Some(400));
    let mut failed = 0;
    for _ in 0..500 {
        run.ask(usize::MAX);
        for (candidate, outcome) in &mut run.out {
            if candidate.island() == 0 {
                outcome.fail(0, Failure::exception("not here"));
            }
        }
        run.tell(|_| true);
        while let Some(committed) = run.algorithm.commit() {
            failed += committed.candidates.outcomes.failures.len();
            let here = committed.candidates.candidates[0].island();
            for (row, _) in &committed.population.outcomes.failures {
                assert_eq!(committed.population.candidates[*row].island(), 0, "a failure has travelled");
                assert_eq!(here, 0);
            }
            let rank = Rank::of_failure(FailureRank::Worst);
            assert!(committed.population.ranks.iter().filter(|other| **other == rank).count() <= 10);
        }
    }
    assert_eq!(failed, 100);
}

/// Hands outcomes back in another order and in portions, and runs no islands.
struct Stirred {
    threads: Threads,
    kept: Results,
    round: usize,
}

impl Evaluator for Stirred {
    fn slots(&self) -> usize {
        self.threads.slots()
    }
    fn submit(&mut self, batch: &mut Batch) -> Result<(), EvaluatorError> {
        self.threads.submit(batch)
    }
    fn receive(&mut self, results: &mut Results, wait: Duration) -> Result<(), EvaluatorError> {
        let mut all = Results::default();
        self.threads.receive(&mut all, if self.kept.candidates.is_empty() { wait } else { Duration::ZERO })?;
        results.clear(all.outcomes.shape);
        let mut kept = Results::default();
        kept.clear(all.outcomes.shape);
        self.round += 1;
        for from in [&all, &self.kept] {
            for (row, id) in from.candidates.iter().enumerate().rev() {
                let late = (id.index() as usize + self.round + usize::from(id.island())).is_multiple_of(3);
                let to = if late { &mut kept } else { &mut *results };
                to.push(*id, &from.outcomes, row, 0.0);
            }
        }
        self.kept = kept;
        Ok(())
    }
    fn cancel(&mut self) {
        self.threads.cancel();
    }
}

/// An observer that sees to it that all comes in order, and takes a snapshot as soon as it can after some evaluations.
#[derive(Default)]
struct Watch {
    looks: u32,
    seen: Digest,
    snapshot_at: Option<u64>,
    snapshot: Option<SearchSnapshot>,
    interrupt_at: Option<u64>,
    evaluations: u64,
}

impl Observer for Watch {
    fn elapsed(&mut self) -> Duration {
        self.looks += 1;
        Duration::from_millis(5) * self.looks
    }
    fn interrupted(&mut self) -> bool {
        self.interrupt_at.is_some_and(|at| self.evaluations >= at)
    }
    fn committed(&mut self, committed: Committed<'_>, progress: &Progress) -> Result<(), ObserverError> {
        self.seen.update(committed.candidates);
        self.evaluations += committed.candidates.len() as u64;
        assert_eq!(progress.islands.iter().map(|island| island.evaluations).sum::<u64>(), progress.evaluations);
        Ok(())
    }
    fn boundary(&mut self, search: &Search) -> Result<(), ObserverError> {
        if self.snapshot.is_none() && self.snapshot_at.is_some_and(|at| search.progress().evaluations >= at) {
            self.snapshot = Some(search.snapshot());
        }
        Ok(())
    }
}

fn search(problem: &dyn Problem, rules: &StopRules, policy: FailurePolicy, from: Option<&SearchSnapshot>) -> Search {
    let settings = Settings::Islands(IslandsSettings { every: 60, ..unlike(problem) });
    let setup = Setup { budget: rules.budget(), ..setup(problem, 1) };
    let signature = Arc::new(problem.signature());
    match from {
        None => Search::new(settings.begin(setup).unwrap(), signature, rules.clone(), policy),
        Some(from) => {
            let algorithm = settings.restore(setup, &from.algorithm).unwrap();
            Search::resume(algorithm, signature, rules.clone(), policy, from.progress.clone())
        }
    }
}

fn evaluators(problem: &Arc<dyn Problem>) -> Vec<Box<dyn Evaluator>> {
    let threads = |slots| Threads::new(Arc::clone(problem), 20, NonZero::new(slots).unwrap());
    vec![
        Box::new(threads(1)),
        Box::new(threads(2)),
        Box::new(threads(7)),
        Box::new(Stirred { threads: threads(1), kept: Results::default(), round: 0 }),
        Box::new(Stirred { threads: threads(3), kept: Results::default(), round: 1 }),
    ]
}

/// The one end of a run of `problem` by `rules`, wherever it is evaluated: why it ended, and all it came to.
fn end(problem: &Arc<dyn Problem>, rules: &StopRules, policy: FailurePolicy) -> (StopReason, Progress) {
    let mut ends = evaluators(problem).into_iter().map(|mut evaluator| {
        let mut search = search(&**problem, rules, policy, None);
        let mut watch = Watch::default();
        let stop = drive(&mut search, &mut *evaluator, &mut watch).unwrap();
        assert_eq!(watch.seen, search.progress().digest);
        let population = search.population().candidates.clone();
        (stop, search.progress().clone(), population)
    });
    let first = ends.next().unwrap();
    for other in ends {
        assert_eq!(other, first);
    }
    (first.0, first.1)
}

fn any(rule: StopRule) -> StopRules {
    StopRules { any: vec![rule], all: vec![] }
}

#[test]
fn one_history_on_threads_of_any_number_and_in_any_order() {
    for problem in [rastrigin(), Arc::new(Mixed {})] {
        let (stop, progress) = end(&problem, &any(StopRule::Evaluations(20_000)), FailurePolicy::default());
        assert_eq!(stop, StopReason::Rule(StopRule::Evaluations(20_000)));
        assert!(progress.evaluations > 19_980, "{}", progress.evaluations);
        let best = progress.islands.iter().filter_map(|island| island.best.as_ref()).map(|best| best.rank).min();
        assert_eq!(best, Some(progress.best.ranks[0]));
    }
}

#[test]
fn rules_end_a_run_at_the_same_unit_wherever_it_runs() {
    let problem = sphere();
    let (stop, progress) =
        end(&problem, &any(StopRule::Target(vec![Target { goal: 0, value: 10.0 }])), FailurePolicy::default());
    assert!(matches!(stop, StopReason::Rule(StopRule::Target(_))));
    assert!(progress.evaluations > 1000 && progress.best.outcomes.objectives[0] <= 10.0);
    for rule in [StopRule::Generations(30), StopRule::Stall(400), StopRule::Spread(1.2)] {
        let rules = StopRules { any: vec![rule.clone(), StopRule::Evaluations(40_000)], all: vec![] };
        let (stop, progress) = end(&problem, &rules, FailurePolicy::default());
        assert_eq!(stop, StopReason::Rule(rule), "{} evaluations", progress.evaluations);
    }
    // Where the budget is no rule by itself nothing is shared out.
    let all = StopRules { any: vec![], all: vec![StopRule::Evaluations(1000), StopRule::Generations(3)] };
    assert_eq!(end(&problem, &all, FailurePolicy::default()).0, StopReason::AllRules);
}

/// A sphere on which some fail.
struct Fragile {
    sphere: Sphere,
    fails: fn(CandidateId) -> bool,
}

impl Problem for Fragile {
    fn signature(&self) -> Signature {
        self.sphere.signature()
    }
    fn evaluate(&self, genome: Genome<'_>, trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        if (self.fails)(trial.candidate) {
            return Err(Failure::exception(format!("{} fails", trial.candidate)));
        }
        self.sphere.evaluate(genome, trial, outcome)
    }
}

#[test]
fn failures_end_a_run_at_the_same_unit_wherever_it_runs() {
    let fragile =
        |fails| -> Arc<dyn Problem> { Arc::new(Fragile { sphere: Sphere::try_from(options()).unwrap(), fails }) };
    let (rules, usual) = (any(StopRule::Evaluations(3000)), FailurePolicy::default());
    let (stop, progress) = end(&fragile(|_| true), &rules, usual);
    let failure = Failure::exception("0 fails");
    assert_eq!((stop, progress.evaluations), (StopReason::FirstFailed { candidates: 10, failure }, 0));
    // On another island than the first, all may fail.
    let (stop, progress) = end(&fragile(|id| id.island() == 3), &rules, usual);
    assert!(matches!(stop, StopReason::Rule(_)));
    assert_eq!(progress.islands[3].failures, progress.islands[3].evaluations);
    assert_eq!(progress.islands[3].best, None);
    // In steady state the very candidate is named, and all before it is committed: here those of an epoch.
    let policy = FailurePolicy { stop: true, stop_after: None };
    let (stop, progress) = end(&fragile(|id| id == CandidateId::new(1, 5)), &rules, policy);
    let failure = Failure::exception("1.5 fails");
    assert_eq!(stop, StopReason::Failed { candidate: CandidateId::new(1, 5), failure });
    assert_eq!(progress.islands.iter().map(|island| island.evaluations).collect::<Vec<_>>(), [60, 5, 0, 0]);
    let policy = FailurePolicy { stop: false, stop_after: Some(40) };
    let (stop, progress) = end(&fragile(|id| id.index() % 7 == 3), &rules, policy);
    assert_eq!(stop, StopReason::Failures { failures: progress.failures });
}

#[test]
fn a_run_goes_on_from_a_snapshot_or_an_interruption_wherever_it_runs() {
    let problem = rastrigin();
    let rules = any(StopRule::Evaluations(30_000));
    let (_, wanted) = end(&problem, &rules, FailurePolicy::default());
    for (mut evaluator, mut next) in evaluators(&problem).into_iter().zip(evaluators(&problem).into_iter().rev()) {
        let mut begun = search(&*problem, &rules, FailurePolicy::default(), None);
        let mut watch = Watch { snapshot_at: Some(3000), interrupt_at: Some(9000), ..Watch::default() };
        let stop = drive(&mut begun, &mut *evaluator, &mut watch).unwrap();
        assert_eq!(stop, StopReason::Interrupted);
        for snapshot in [watch.snapshot.unwrap(), begun.snapshot()] {
            assert!(snapshot.progress.evaluations < 30_000);
            let mut search = search(&*problem, &rules, FailurePolicy::default(), Some(&snapshot));
            drive(&mut search, &mut *next, &mut Watch::default()).unwrap();
            assert_eq!(*search.progress(), wanted);
        }
    }
}
