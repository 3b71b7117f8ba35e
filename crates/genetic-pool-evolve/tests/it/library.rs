//! The engine as a library: closures, the answer, generations, ask and tell; and misuse.

use std::num::NonZero;

use genetic_pool_evolve::prelude::*;

fn bowl() -> Closure<impl Fn(Genome<'_>) -> f64 + Send + Sync> {
    let space = Space::new(vec![Parameter::new("x", Domain::real(-5.0, 5.0)).len(4)]).unwrap();
    Closure::minimize(space, |genome| genome.reals().iter().map(|x| (x - 1.0) * (x - 1.0)).sum())
}

fn usual() -> Optimization {
    Optimization::new(bowl(), StopRule::Evaluations(2_000))
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let digest = |threads| {
        let threads = NonZero::new(threads).unwrap();
        Optimization { threads, seed: 3, ..usual() }.run().unwrap().digest.to_string()
    };
    assert_eq!([digest(2), digest(7)], [digest(1), digest(1)]);
}

#[test]
fn generations_end_where_the_whole_run_does() {
    let whole = usual().run().unwrap();
    let mut generations = usual().generations().unwrap();
    assert!(generations.found().is_none());
    let mut evaluations = 0;
    for (index, generation) in generations.by_ref().enumerate() {
        let generation = generation.unwrap();
        assert_eq!(generation.index, index as u64);
        assert!(generation.evaluations > evaluations);
        evaluations = generation.evaluations;
    }
    let found = generations.found().unwrap();
    assert_eq!((found.evaluations, found.digest, found.best), (evaluations, whole.digest, whole.best));
    assert!(generations.next().is_none(), "what has ended goes on");
    assert_eq!(found.stop, StopReason::Rule(StopRule::Evaluations(2_000)));
}

#[test]
fn told_by_hand_in_any_order_it_finds_what_a_run_does() {
    let whole = usual().run().unwrap();
    let mut search = AskTell::new(AskTellConfig {
        signature: bowl().signature(),
        algorithm: Options::Auto,
        seed: 0,
        parallel: 16,
        stop: usual().stop,
    })
    .unwrap();
    while search.stop().is_none() {
        let mut candidates = search.ask(5);
        candidates.extend(search.ask(3));
        assert!(!candidates.is_empty(), "it waits for nothing");
        for candidate in candidates.into_iter().rev() {
            let value = candidate.genome().reals().iter().map(|x| (x - 1.0) * (x - 1.0)).sum();
            search.tell(candidate.id, &[value]).unwrap();
        }
    }
    assert!(search.ask(5).is_empty(), "what has ended asks");
    assert_eq!(search.search().progress().digest, whole.digest);
}

#[test]
fn misuse_is_an_error() {
    let endless = Optimization { stop: StopRules::default(), ..usual() };
    assert_eq!(endless.run().unwrap_err().to_string(), "there is no stop rule");
    let options = GeneticOptions { population: Some(1), ..GeneticOptions::default() };
    let tiny = Optimization { algorithm: Options::Genetic(options), ..usual() };
    assert_eq!(tiny.run().unwrap_err().to_string(), "set the search up");
    assert!(tiny.generations().is_err());

    let config = AskTellConfig {
        signature: bowl().signature(),
        algorithm: Options::Random,
        seed: 0,
        parallel: 1,
        stop: StopRules { any: vec![StopRule::Evaluations(10)], all: vec![] },
    };
    let mut search = AskTell::new(config).unwrap();
    let candidate = search.ask(1).remove(0);
    let tell = |search: &mut AskTell, id, objectives: &[f64]| search.tell(id, objectives).unwrap_err().to_string();
    let shape = "the outcomes are of other goals, constraints or measures";
    assert_eq!([tell(&mut search, candidate.id, &[]), tell(&mut search, candidate.id, &[1.0, 2.0])], [shape, shape]);
    let nan = "candidate 0 has a value that is not a number among its objectives or constraints";
    assert_eq!(tell(&mut search, candidate.id, &[f64::NAN]), nan);
    let unknown = "candidate 7 was never asked for";
    assert_eq!(tell(&mut search, CandidateId::new(0, 7), &[1.0]), unknown);
    search.fail(candidate.id, Failure::exception("no")).unwrap();
    assert_eq!(tell(&mut search, candidate.id, &[1.0]), "candidate 0 was told about already");
}

#[test]
fn what_a_closure_panics_with_is_its_candidates_failure() {
    let space = Space::new(vec![Parameter::new("x", Domain::real(-1.0, 1.0))]).unwrap();
    let half = Closure::maximize(space, |genome| {
        assert!(genome.reals()[0] > 0.0, "below the ground");
        genome.reals()[0]
    });
    let found = Optimization::new(half, StopRule::Evaluations(500)).run().unwrap();
    assert!(found.objectives().unwrap()[0] > 0.99);
    let space = Space::new(vec![Parameter::new("x", Domain::real(-1.0, 1.0))]).unwrap();
    let nothing = Closure::minimize(space, |_| f64::NAN);
    let found = Optimization::new(nothing, StopRule::Evaluations(500)).run().unwrap();
    assert!(matches!(found.stop, StopReason::FirstFailed { .. }), "{:?}", found.stop);
    assert_eq!((found.genome().map(|genome| genome.reals().to_vec()), found.objectives()), (None, None));
}
