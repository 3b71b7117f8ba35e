use genetic_pool_evolve::{
    outcomes::Outcomes,
    problem::{Direction, Failure, Goal},
    space::{Domain, Parameter, Space},
};

use super::*;
use crate::store::Environment;

fn signature() -> Arc<Signature> {
    Arc::new(Signature {
        space: Space::new(vec![Parameter::new("x", Domain::real(0.0, 1.0))]).unwrap(),
        goals: vec![Goal { name: "f".into(), direction: Direction::Minimize }],
        constraints: vec![],
        measures: vec![],
    })
}

fn router(exactness: Exactness, nodes: &[(u32, usize)]) -> Router {
    let mut router = Router::new(signature(), exactness);
    for (node, slots) in nodes {
        join(&mut router, *node, *slots);
    }
    router
}

fn join(router: &mut Router, node: u32, slots: usize) {
    let environment = Environment { program: "1".into(), architecture: "x".into(), ..Environment::default() };
    router.join(About { place: node, name: format!("worker-{node}"), environment }, slots);
}

fn submit(router: &mut Router, ids: std::ops::Range<u64>, groups: Vec<u64>) {
    let candidates: Vec<CandidateId> = ids.map(CandidateId).collect();
    let mut genomes = router.signature.space.genomes(candidates.len());
    genomes.reals.iter_mut().zip(&candidates).for_each(|(x, id)| *x = id.0 as f64);
    router.submit(&mut Batch { candidates, genomes, groups });
}

/// What goes where: nodes with the candidates they are sent.
fn sent(router: &mut Router) -> Vec<(u32, Vec<u64>)> {
    let ids = |dispatch: &Dispatch| dispatch.units.iter().flat_map(|unit| unit.candidates()).map(|id| id.0).collect();
    router.dispatch().iter().map(|dispatch| (dispatch.node, ids(dispatch))).collect()
}

/// Outcomes of `ids`: `f` is the id and `off`.
fn outcomes(ids: &[u64], off: f64) -> Results {
    let mut results = Results::default();
    let mut outcomes = Outcomes::new(OutcomeShape { objectives: 1, constraints: 0, measures: 0 }, 1);
    results.clear(outcomes.shape);
    for id in ids {
        outcomes.objectives[0] = *id as f64 + off;
        results.push(CandidateId(*id), &outcomes, 0, 10.0);
    }
    results
}

fn found(router: &mut Router, node: u32, ids: &[u64]) -> Vec<u64> {
    assert_eq!(router.found(node, 0, &outcomes(ids, 0.0)).unwrap(), None);
    taken(router)
}

fn taken(router: &mut Router) -> Vec<u64> {
    let mut results = Results::default();
    router.take_found(&mut results);
    results.candidates.iter().map(|id| id.0).collect()
}

#[test]
fn slots_are_filled_and_what_is_found_makes_room() {
    let mut router = router(Exactness::Noisy, &[(1, 2), (2, 2)]);
    assert_eq!(router.slots(), 4);
    submit(&mut router, 0..6, vec![]);
    assert_eq!(sent(&mut router), [(1, vec![0, 1]), (2, vec![2, 3])]);
    assert_eq!(sent(&mut router), []);
    assert_eq!(found(&mut router, 2, &[3]), [3]);
    assert_eq!(sent(&mut router), [(2, vec![4])]);
    join(&mut router, 3, 2);
    assert_eq!(sent(&mut router), [(3, vec![5])]);
    assert!(router.is_waiting());
}

#[test]
fn what_a_lost_node_held_goes_elsewhere_first_and_counts_once() {
    let mut router = router(Exactness::Noisy, &[(1, 2), (2, 2)]);
    submit(&mut router, 0..6, vec![]);
    sent(&mut router);
    assert_eq!(found(&mut router, 1, &[1]), [1]);
    assert_eq!(router.lose(1).unwrap(), 1);
    assert_eq!(router.slots(), 2);
    assert_eq!(found(&mut router, 2, &[2, 3]), [2, 3]);
    assert_eq!(sent(&mut router), [(2, vec![0, 4])]);
    // What the lost node says, and what comes twice, is not heard.
    assert_eq!(found(&mut router, 1, &[0]), [0; 0]);
    assert_eq!(found(&mut router, 2, &[0, 0, 3]), [0]);
    assert_eq!(router.lose(7).unwrap(), 0);
}

#[test]
fn groups_stay_whole() {
    let mut router = router(Exactness::Noisy, &[(1, 1), (2, 1)]);
    submit(&mut router, 0..8, vec![0, 0, 0, 3, 3, 3, 6, 6]);
    assert_eq!(sent(&mut router), [(1, vec![0, 1, 2]), (2, vec![3, 4, 5])]);
    // Half of a group is found, then its node is lost: it is evaluated again, and counts where it is open.
    assert_eq!(found(&mut router, 1, &[1]), [1]);
    assert_eq!(sent(&mut router), []);
    assert_eq!(router.lose(1).unwrap(), 2);
    assert_eq!(found(&mut router, 2, &[3, 4, 5]), [3, 4, 5]);
    assert_eq!(sent(&mut router), [(2, vec![0, 1, 2])]);
    assert_eq!(found(&mut router, 2, &[0, 1, 2]), [0, 2]);
    assert_eq!(sent(&mut router), [(2, vec![6, 7])]);
}

#[test]
fn what_is_cancelled_never_comes() {
    let mut router = router(Exactness::Noisy, &[(1, 2), (2, 2)]);
    submit(&mut router, 0..3, vec![]);
    assert_eq!(sent(&mut router), [(1, vec![0, 1]), (2, vec![2])]);
    assert_eq!(router.cancel(), [1, 2]);
    assert!(!router.is_waiting());
    assert_eq!(found(&mut router, 1, &[0]), [0; 0]);
    // The same candidates again: only outcomes of after the cancellation count.
    submit(&mut router, 0..3, vec![]);
    sent(&mut router);
    assert_eq!(found(&mut router, 1, &[0]), [0; 0]);
    router.found(1, 1, &outcomes(&[0], 0.0)).unwrap();
    assert_eq!(taken(&mut router), [0]);
    router.cancel();
    assert_eq!(router.cancel(), [0; 0]);
}

#[test]
fn a_candidate_that_takes_nodes_down_ends_the_run() {
    let mut router = router(Exactness::Noisy, &[]);
    submit(&mut router, 0..1, vec![]);
    for node in 1..5 {
        join(&mut router, node, 1);
        assert_eq!(sent(&mut router), [(node, vec![0])]);
        assert_eq!(router.lose(node).unwrap(), 1);
    }
    join(&mut router, 5, 1);
    sent(&mut router);
    let error = router.lose(5).unwrap_err();
    insta::assert_snapshot!(error, @"candidate 0 was lost 5 times with the node that had it: worker-1, worker-2, worker-3, worker-4, worker-5");
}

#[test]
fn a_node_that_joins_finds_canaries_again() {
    let mut router = router(Exactness::Exact, &[(1, 2)]);
    submit(&mut router, 0..4, vec![]);
    sent(&mut router);
    assert_eq!(found(&mut router, 1, &[1, 0]), [1, 0]);
    // The finder itself needs none.
    assert_eq!(sent(&mut router), [(1, vec![2, 3])]);
    join(&mut router, 2, 4);
    assert_eq!(sent(&mut router), [(2, vec![1, 0])]);
    assert_eq!(found(&mut router, 2, &[0, 1]), [0; 0]);
    assert_eq!(sent(&mut router), []);
}

#[test]
fn places_that_do_not_agree_are_named() {
    let mismatch = |exactness| {
        let mut router = router(exactness, &[(1, 1)]);
        submit(&mut router, 0..2, vec![]);
        sent(&mut router);
        found(&mut router, 1, &[0]);
        join(&mut router, 2, 1);
        sent(&mut router);
        router.found(2, 0, &outcomes(&[0], 0.5))
    };
    let error = mismatch(Exactness::Exact).unwrap_err();
    insta::assert_snapshot!(error, @"places do not agree: candidate 0 came to `f` = 0 on `worker-1` (x, genetic-pool 1), and to `f` = 0.5 on `worker-2` (x, genetic-pool 1)");
    let note = mismatch(Exactness::Warn).unwrap().unwrap();
    assert_eq!(note, error.message);
    assert_eq!(mismatch(Exactness::Noisy).unwrap(), None);
}

#[test]
fn a_failed_candidate_is_no_canary() {
    let mut router = router(Exactness::Exact, &[(1, 1)]);
    submit(&mut router, 0..2, vec![]);
    sent(&mut router);
    let mut results = outcomes(&[0], 0.0);
    results.outcomes.fail(0, Failure::exception("no"));
    router.found(1, 0, &results).unwrap();
    join(&mut router, 2, 1);
    assert_eq!(sent(&mut router), [(1, vec![1])]);
}
