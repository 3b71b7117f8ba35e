//! What every evaluator must do: the same outcomes and the same failures, whatever the slots, the grouping and the order.

use std::{collections::BTreeSet, time::Duration};

use genetic_pool_evolve::{
    evaluator::{Batch, Evaluator, Results},
    outcomes::Outcomes,
    space::Genomes,
};

/// How long a call may wait for something that must come.
const WAIT: Duration = Duration::from_mins(2);

/// Candidates and what they must come to.
#[derive(Clone, Debug)]
pub struct Case {
    /// At least eight candidates, groups included where the problem takes them.
    pub batch: Batch,
    /// Their outcomes, row by row; best with failures among them.
    pub outcomes: Outcomes,
}

/// Holds the evaluators that `make` makes, with so many slots, to the contract.
pub fn check(case: &Case, make: &mut dyn FnMut(usize) -> Box<dyn Evaluator>) {
    let rows = case.batch.candidates.len();
    assert!(rows >= 8 && case.outcomes.rows == rows, "a case has at least eight candidates, and as many outcomes");
    for slots in [1, 2, 7] {
        let evaluator = &mut *make(slots);
        assert_eq!(evaluator.slots(), slots);
        nothing_is_out(evaluator);
        for length in [rows, 3, 1] {
            in_batches(case, evaluator, length);
        }
    }
    let evaluator = &mut *make(2);
    while_others_are_out(case, evaluator);
    what_is_cancelled_never_comes(case, evaluator);
    the_same_again(case, evaluator);
    // Dropped with work under way.
    evaluator.submit(&mut case.batch.clone()).unwrap();
}

/// Where nothing is out there is nothing to wait for.
fn nothing_is_out(evaluator: &mut dyn Evaluator) {
    let mut results = Results::default();
    evaluator.receive(&mut results, WAIT).unwrap();
    assert_eq!(results.candidates, [], "something was received that was never submitted");
    evaluator.submit(&mut Batch::default()).unwrap();
    evaluator.receive(&mut results, WAIT).unwrap();
    assert_eq!(results.candidates, [], "an empty batch was answered");
    evaluator.cancel();
}

/// Batches of about `length` candidates, all submitted before anything is received.
fn in_batches(case: &Case, evaluator: &mut dyn Evaluator, length: usize) {
    for mut batch in split(&case.batch, length) {
        submit(evaluator, &mut batch);
    }
    let mut open = all(case);
    let mut results = Results::default();
    while !open.is_empty() {
        evaluator.receive(&mut results, WAIT).unwrap();
        assert!(!results.candidates.is_empty(), "nothing came while {} candidates are out", open.len());
        take(case, &results, &mut open);
    }
    nothing_is_out(evaluator);
}

/// One batch at a time while others are out, the buffers going round.
fn while_others_are_out(case: &Case, evaluator: &mut dyn Evaluator) {
    let mut open = all(case);
    let mut results = Results::default();
    for mut batch in split(&case.batch, 2) {
        submit(evaluator, &mut batch);
        evaluator.receive(&mut results, Duration::ZERO).unwrap();
        take(case, &results, &mut open);
    }
    while !open.is_empty() {
        evaluator.receive(&mut results, WAIT).unwrap();
        take(case, &results, &mut open);
    }
}

fn what_is_cancelled_never_comes(case: &Case, evaluator: &mut dyn Evaluator) {
    let mut results = Results::default();
    for received_before in [false, true] {
        submit(evaluator, &mut case.batch.clone());
        if received_before {
            evaluator.receive(&mut results, WAIT).unwrap();
        }
        evaluator.cancel();
        nothing_is_out(evaluator);
    }
}

fn the_same_again(case: &Case, evaluator: &mut dyn Evaluator) {
    for _ in 0..2 {
        in_batches(case, evaluator, case.batch.candidates.len());
    }
}

fn submit(evaluator: &mut dyn Evaluator, batch: &mut Batch) {
    evaluator.submit(batch).unwrap();
    // Buffers come back to be filled: whatever they hold must be cleared by then.
    batch.clear(batch.genomes.shape);
}

/// Compares `results` with what was expected and takes their candidates out of `open`.
fn take(case: &Case, results: &Results, open: &mut BTreeSet<usize>) {
    assert_eq!(results.outcomes.rows, results.candidates.len(), "as many outcomes as candidates");
    assert_eq!(results.seconds.len(), results.candidates.len(), "as many times as candidates");
    assert_eq!(results.outcomes.shape, case.outcomes.shape);
    for (row, candidate) in results.candidates.iter().enumerate() {
        let place = case.batch.candidates.iter().position(|other| other == candidate);
        let place = place.unwrap_or_else(|| panic!("candidate {candidate} was never submitted"));
        assert!(open.remove(&place), "candidate {candidate} was received twice");
        let found = (bits(&results.outcomes, row), results.outcomes.failure(row));
        let expected = (bits(&case.outcomes, place), case.outcomes.failure(place));
        assert_eq!(found, expected, "candidate {candidate}");
        assert!(results.seconds[row] >= 0.0);
    }
}

/// A row bit for bit; one NaN is as good as another.
fn bits(outcomes: &Outcomes, row: usize) -> Vec<u64> {
    let columns = [outcomes.objectives(row), outcomes.constraints(row), outcomes.measures(row)];
    columns.concat().iter().map(|value| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }).collect()
}

fn all(case: &Case) -> BTreeSet<usize> {
    (0..case.batch.candidates.len()).collect()
}

/// Batches of `length` candidates, or a few more where a group would be split.
fn split(batch: &Batch, length: usize) -> Vec<Batch> {
    let rows = batch.candidates.len();
    let mut batches = Vec::new();
    let mut start = 0;
    while start < rows {
        let mut end = (start + length).min(rows);
        while end < rows && !batch.groups.is_empty() && batch.groups[end] == batch.groups[end - 1] {
            end += 1;
        }
        let mut genomes = Genomes::new(batch.genomes.shape, 0);
        genomes.extend(&batch.genomes, start..end);
        let groups = if batch.groups.is_empty() { Vec::new() } else { batch.groups[start..end].to_vec() };
        batches.push(Batch { candidates: batch.candidates[start..end].to_vec(), genomes, groups });
        start = end;
    }
    batches
}
