//! The order of completion.

use std::{sync::Arc, time::Duration};

use genetic_pool_evolve::{
    algorithms::{Algorithm, ConfigError, GeneticOptions, Known, Schedule, Settings, Setup, Snapshot, default_free},
    evaluator::{Batch, Results},
    outcomes::{OutcomeShape, Outcomes},
    problem::{CandidateId, Failure, Problem},
    problems::{BitOptions, Dimension, FunctionOptions, LeadingOnes, Mixed, OneMax, Shift, Sphere, WeldedBeam},
    search::{Search, SearchSnapshot},
    stop::{FailurePolicy, StopReason, StopRule, StopRules},
};
use genetic_pool_testkit::contract::algorithm::{Case, check_free, digest, digest_stirred, reaches};

fn sphere() -> Arc<dyn Problem> {
    let options = FunctionOptions { shift: Shift::Random, seed: Some(3), ..FunctionOptions::default() };
    Arc::new(Sphere::try_from(options).unwrap())
}

fn genetic(problem: &dyn Problem, population: usize, schedule: Schedule) -> Settings {
    let options =
        GeneticOptions { population: Some(population), schedule: Some(schedule), ..GeneticOptions::default() };
    Settings::Genetic(options.resolve(&problem.signature().space, 4))
}

fn setup(problem: &dyn Problem, batch: usize) -> Setup {
    Setup { batch, ..Setup::new(Arc::new(problem.signature()), 11) }
}

fn with<R>(
    settings: &Settings,
    problem: &dyn Problem,
    group: usize,
    evaluations: u64,
    then: impl FnOnce(&Case<'_>) -> R,
) -> R {
    then(&Case {
        problem,
        group,
        new: &|| settings.begin(setup(problem, group)).unwrap(),
        restore: &|snapshot| settings.restore(setup(problem, group), snapshot),
        evaluations,
    })
}

#[test]
fn the_order_told_is_the_history() {
    let ones = OneMax::from(BitOptions::default());
    for problem in [&*sphere(), &Mixed {}, &ones, &WeldedBeam {}] {
        for free in [2, 7, 20, 33] {
            with(&genetic(problem, 20, Schedule::Free(free)), problem, 1, 200, check_free);
        }
    }
}

#[test]
fn groups_complete_when_the_last_of_them_does() {
    for group in [2, 3, 7] {
        with(&genetic(&Mixed {}, 20, Schedule::Free(15)), &Mixed {}, group, 200, check_free);
    }
}

/// Of six bits all are soon equal: populations are given up and begun again with candidates of the old one out.
#[test]
fn new_beginnings_keep_the_contract() {
    let problem = LeadingOnes::from(BitOptions { bits: Dimension::new(6) });
    for (population, free) in [(4, 3), (4, 9), (6, 6)] {
        with(&genetic(&problem, population, Schedule::Free(free)), &problem, 1, 900, check_free);
    }
}

#[test]
fn told_in_the_order_of_ids_it_is_the_window() {
    for population in [6, 20] {
        for ahead in [1, 7, 20, 33] {
            let digest = |schedule| with(&genetic(&*sphere(), population, schedule), &*sphere(), 1, 600, digest);
            assert_eq!(digest(Schedule::Free(ahead)), digest(Schedule::Window(ahead)), "{population}, {ahead}");
        }
    }
}

/// The histories that this version means; see the table of all algorithms.
#[test]
fn histories_are_golden() {
    let digest = |problem: &dyn Problem, free| {
        with(&genetic(problem, 20, Schedule::Free(free)), problem, 1, 1000, digest_stirred)
    };
    assert_eq!(digest(&*sphere(), 8), "b8289010f82e50f943334140fcf20f27");
    assert_eq!(digest(&Mixed {}, 25), "fdcd5b22d33d49fd173207c2fba2077a");
}

#[test]
fn it_reaches_what_the_window_reaches() {
    with(&genetic(&*sphere(), 100, Schedule::Free(default_free(8))), &*sphere(), 1, 30_000, |case| reaches(case, 1e-3));
}

#[test]
fn settings_out_of_range_are_refused() {
    let refused = |free, batch| match genetic(&Mixed {}, 20, Schedule::Free(free)).begin(setup(&Mixed {}, batch)) {
        Err(error) => error,
        Ok(_) => panic!("{free} out and {batch} in a group are taken"),
    };
    assert_eq!(refused(0, 1).to_string(), "`free` must be 1 to 16777216, found 0");
    assert_eq!(refused(5, 3), ConfigError::BatchInFree { batch: 3, free: 5 });
    assert_eq!([default_free(1), default_free(16), default_free(17)], [2, 20, 22]);
    assert!(default_free(usize::MAX) <= 1 << 24);
}

/// Tells candidates one at a time, the newest of those that are out first; `fails` says which fail.
struct Newest<'a> {
    search: Search,
    out: Vec<CandidateId>,
    fails: &'a dyn Fn(u64) -> bool,
}

fn rules() -> StopRules {
    StopRules { any: vec![StopRule::Evaluations(60)], all: vec![] }
}

impl Newest<'_> {
    fn new(policy: FailurePolicy, fails: &dyn Fn(u64) -> bool) -> Newest<'_> {
        let algorithm = begin(None);
        let signature = Arc::new(Mixed {}.signature());
        Newest { search: Search::new(algorithm, signature, rules(), policy), out: Vec::new(), fails }
    }

    /// The reason to stop, and the committed candidates' number.
    fn run(&mut self) -> (StopReason, u64) {
        let (mut batch, mut results) = (Batch::default(), Results::default());
        loop {
            self.search.ask(usize::MAX, &mut batch);
            self.out.extend(&batch.candidates);
            let shape = OutcomeShape::of(&Mixed {}.signature());
            let mut outcomes = Outcomes::new(shape, 1);
            let candidate = self.out.pop().unwrap();
            if (self.fails)(candidate.index()) {
                outcomes.fail(0, Failure::exception(format!("no {candidate}")));
            }
            results.clear(shape);
            results.push(candidate, &outcomes, 0, 0.0);
            self.search.tell(&results).unwrap();
            loop {
                if let Some(reason) = self.search.stop(Duration::ZERO) {
                    return (reason, self.search.progress().evaluations);
                }
                if self.search.commit().is_none() {
                    break;
                }
            }
        }
    }
}

fn begin(snapshot: Option<&Snapshot>) -> Box<dyn Algorithm> {
    let settings = genetic(&Mixed {}, 20, Schedule::Free(8));
    match snapshot {
        None => settings.begin(setup(&Mixed {}, 1)).unwrap(),
        Some(snapshot) => settings.restore(setup(&Mixed {}, 1), snapshot).unwrap(),
    }
}

#[test]
fn budgets_hold_to_the_candidate() {
    let mut newest = Newest::new(FailurePolicy::default(), &|_| false);
    assert_eq!(newest.run(), (StopReason::Rule(StopRule::Evaluations(60)), 60));
    assert!(newest.out.is_empty(), "nothing was asked for beyond the budget");
}

#[test]
fn failures_stop_a_run_in_the_order_of_completion() {
    // The first twenty are told from 19 down.
    let policy = FailurePolicy { stop: true, stop_after: None };
    let (reason, committed) = Newest::new(policy, &|index| index == 4 || index == 15).run();
    assert_eq!(reason, StopReason::Failed { candidate: CandidateId(15), failure: Failure::exception("no 15") });
    assert_eq!(committed, 4);

    let (reason, committed) = Newest::new(FailurePolicy::default(), &|_| true).run();
    assert_eq!(reason, StopReason::FirstFailed { candidates: 10, failure: Failure::exception("no 19") });
    assert_eq!(committed, 9);
    // One of the first ten to come in is fine.
    let (reason, _) = Newest::new(FailurePolicy::default(), &|index| index != 12).run();
    assert_eq!(reason, StopReason::Rule(StopRule::Evaluations(60)));
}

#[test]
fn a_failure_that_stopped_a_run_is_asked_for_again() {
    let policy = FailurePolicy { stop: true, stop_after: None };
    let mut newest = Newest::new(policy, &|index| index == 15);
    newest.run();
    let SearchSnapshot { progress, algorithm } = newest.search.snapshot();
    let signature = Arc::new(Mixed {}.signature());
    let search = Search::resume(begin(Some(&algorithm)), signature, rules(), policy, progress);
    let (reason, committed) = Newest { search, out: Vec::new(), fails: &|_| false }.run();
    assert_eq!((reason, committed), (StopReason::Rule(StopRule::Evaluations(60)), 60));
}

#[test]
fn what_is_known_stands_in_the_first_population() {
    let known = || {
        let signature = Mixed {}.signature();
        let mut genomes = signature.space.genomes(0);
        let mut batch = Batch::default();
        genetic(&Mixed {}, 30, Schedule::Generations).begin(setup(&Mixed {}, 1)).unwrap().ask(30, &mut batch);
        genomes.extend(&batch.genomes, 0..30);
        let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), 30);
        outcomes.objectives.iter_mut().enumerate().for_each(|(row, value)| *value = row as f64);
        Known { genomes, outcomes }
    };
    let settings = genetic(&Mixed {}, 20, Schedule::Free(8));
    let setup = || Setup { known: known(), ..setup(&Mixed {}, 1) };
    check_free(&Case {
        problem: &Mixed {},
        group: 1,
        new: &|| settings.begin(setup()).unwrap(),
        restore: &|snapshot| settings.restore(setup(), snapshot),
        evaluations: 200,
    });
}
