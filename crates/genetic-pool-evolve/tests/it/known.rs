//! Evaluations that were paid for before the run.

use std::sync::Arc;

use genetic_pool_evolve::{
    algorithms::{ConfigError, GeneticOptions, Known, RandomSettings, Schedule, Settings, Setup},
    digest::Digest,
    evaluator::Batch,
    outcomes::{OutcomeShape, Outcomes},
    parallel::evaluate,
    problem::{CandidateId, Failure, Problem},
    problems::Mixed,
    random::{Purpose, Stream},
    search::Search,
    stop::{FailurePolicy, StopRules},
};
use genetic_pool_testkit::contract::algorithm::{Case, check};

/// `count` random points and what the problem says of them; the second failed.
fn known(count: usize) -> Known {
    let signature = Mixed {}.signature();
    let mut genomes = signature.space.genomes(count);
    for row in 0..count {
        let mut stream = Stream::new(77, 0, Purpose::Initialize, row as u64);
        genetic_pool_evolve::operators::initialize::initialize(&signature.space, &mut genomes, row, &mut stream);
    }
    let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), count);
    let candidates = (0..count as u64).map(|row| CandidateId::new(0, row)).collect();
    let batch = Batch { candidates, genomes: genomes.clone(), groups: vec![] };
    evaluate(&Mixed {}, &signature, 1, &batch, 0..count, &mut outcomes);
    if count > 1 {
        outcomes.fail(1, Failure::exception("it did not come back"));
    }
    Known { genomes, outcomes }
}

fn setup(count: usize, points: usize) -> Setup {
    let mut setup = Setup { known: known(count), ..Setup::new(Arc::new(Mixed {}.signature()), 11) };
    setup.start = setup.signature.space.genomes(points);
    for row in 0..points {
        setup.start.copy_row(row, &known(row + 1).genomes, row);
    }
    setup
}

fn genetic(schedule: Schedule) -> Settings {
    let options = GeneticOptions { population: Some(20), schedule: Some(schedule), ..GeneticOptions::default() };
    Settings::Genetic(options.resolve(&Mixed {}.signature().space, 4))
}

fn algorithms() -> [Settings; 4] {
    [
        genetic(Schedule::Generations),
        genetic(Schedule::Window(7)),
        genetic(Schedule::Window(33)),
        Settings::Random(RandomSettings { population: 20 }),
    ]
}

#[test]
fn what_is_known_keeps_the_contract() {
    for settings in algorithms() {
        for (count, points) in [(1, 0), (7, 3), (19, 0), (20, 0), (20, 5), (60, 1)] {
            println!("{count} known and {points} points: {settings:?}");
            check(&Case {
                problem: &Mixed {},
                group: 1,
                new: &|| settings.begin(setup(count, points)).unwrap(),
                restore: &|snapshot| settings.restore(setup(count, points), snapshot),
                evaluations: 200,
            });
        }
    }
}

/// Candidates are asked for until there are none, before anything is told.
fn first_candidates(settings: &Settings, setup: Setup) -> usize {
    let mut algorithm = settings.begin(setup).unwrap();
    let mut batch = Batch::default();
    algorithm.ask(usize::MAX, &mut batch);
    batch.candidates.len()
}

#[test]
fn it_stands_in_the_first_population_in_place_of_random_candidates() {
    let generations = genetic(Schedule::Generations);
    for (count, points, first) in [(0, 0, 20), (7, 3, 13), (18, 5, 5), (20, 0, 20), (60, 1, 1)] {
        // Twenty of which nothing is random: offspring of what is known.
        assert_eq!(first_candidates(&generations, setup(count, points)), first, "{count} known, {points} points");
    }
    for settings in algorithms() {
        let setup = setup(60, 0);
        let population = settings.begin(setup.clone()).unwrap().population().clone();
        assert_eq!(population.len(), 20);
        assert!(population.candidates.iter().all(|id| id.island() == CandidateId::KNOWN));
        assert!(population.ranks.is_sorted(), "the best of them");
        let worst = population.ranks[19];
        let depth = |row: usize| setup.known.outcomes.objectives(row)[0];
        let better = (0..60).filter(|row| setup.known.outcomes.failure(*row).is_none());
        let better = better.filter(|row| genetic_pool_evolve::algorithms::Rank::new(0.0, depth(*row)) < worst).count();
        assert_eq!(better, 19);
    }
}

#[test]
fn another_past_is_another_history_and_costs_no_budget() {
    let digest = |count| {
        let settings = Settings::Random(RandomSettings { population: 20 });
        let setup = setup(count, 0);
        let signature = setup.signature.clone();
        let algorithm = settings.begin(setup).unwrap();
        let search = Search::new(algorithm, signature, StopRules::default(), FailurePolicy::default());
        assert_eq!(search.progress().evaluations, 0);
        assert!(search.progress().best.is_empty(), "the best of the run is one of its own");
        search.progress().digest.to_string()
    };
    assert_eq!(digest(0), Digest::default().to_string());
    assert_ne!(digest(1), digest(0));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn what_cannot_be_is_refused() {
    let refused = |change: &dyn Fn(&mut Known)| {
        let mut setup = setup(4, 0);
        change(&mut setup.known);
        algorithms().map(|settings| match settings.begin(setup.clone()) {
            Err(error) => error,
            Ok(_) => panic!("it is taken"),
        })
    };
    let all = |error: ConfigError| [error.clone(), error.clone(), error.clone(), error];
    assert_eq!(refused(&|known| known.outcomes = Outcomes::new(known.outcomes.shape, 3)), all(ConfigError::KnownShape));
    assert_eq!(refused(&|known| known.genomes.shape.reals += 1), all(ConfigError::KnownShape));
    assert_eq!(refused(&|known| known.genomes.reals[0] = 1e9), all(ConfigError::KnownPoint { row: 0 }));
    let number = all(ConfigError::KnownNumber { row: 3 });
    assert_eq!(refused(&|known| *known.outcomes.objectives.last_mut().unwrap() = f64::NAN), number);
}

#[test]
fn ids_of_what_is_known_are_told_and_read() {
    let id = CandidateId::new(CandidateId::KNOWN, 3);
    assert_eq!(id.to_string(), "known.3");
    assert_eq!("known.3".parse(), Ok(id));
    assert!("65535.3".parse::<CandidateId>().is_err());
    assert!("known".parse::<CandidateId>().is_err());
}
