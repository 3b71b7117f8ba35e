//! What every algorithm asks of its settings.

use std::ops::RangeInclusive;

use super::{Known, Setup};
use crate::{
    outcomes::OutcomeShape,
    problem::Signature,
    space::{Genomes, Space},
};

/// Why an algorithm cannot be set up.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ConfigError {
    #[error("the algorithm `{algorithm}` optimises one goal, found {goals}")]
    Goals { algorithm: &'static str, goals: usize },
    #[error("`{key}` must be {allowed}, found {found}")]
    Count { key: &'static str, allowed: &'static str, found: usize },
    #[error("`{key}` must be {allowed}, found {found}")]
    Number { key: &'static str, allowed: &'static str, found: f64 },
    #[error("the algorithm `{algorithm}` does not vary `{parameter}`, {kind}: use `{instead}`")]
    Parameter { algorithm: &'static str, parameter: String, kind: &'static str, instead: &'static str },
    #[error("the algorithm `{algorithm}` finds nothing to vary: every parameter has one value")]
    NothingToVary { algorithm: &'static str },
    #[error("the algorithm `{algorithm}` has no schedule `free`: use `generations` or a window")]
    NotFree { algorithm: &'static str },
    #[error("`batch` is {batch}, more than half of the window of {window}")]
    BatchInWindow { batch: usize, window: usize },
    #[error("`batch` is {batch}, more than half of the {free} candidates that are out at once")]
    BatchInFree { batch: usize, free: usize },
    #[error("`{key}` of {rows} genomes of {bytes} bytes takes more than 64 GiB")]
    Room { key: &'static str, rows: usize, bytes: u64 },
    #[error("islands hold algorithms, not islands: entry {entry}, counted from 0")]
    Nested { entry: usize },
    #[error("island {island} commits in the order of completion, which islands do not")]
    FreeIsland { island: usize },
    #[error("the budget leaves island {island} {share} evaluations, and it begins with {first}")]
    Share { island: usize, share: u64, first: u64 },
    #[error("there are {points} start points, more than the {places} candidates of the first generation")]
    StartPoints { points: usize, places: usize },
    #[error("`{key}` is `{found}`, which needs {needs}")]
    Operator { key: &'static str, found: &'static str, needs: &'static str },
    #[error("`improve` is true, and the problem has no local search")]
    NoImprovement,
    #[error("the start points are of another space")]
    StartShape,
    #[error("start point {row}, counted from 0, is no point of the space")]
    StartPoint { row: usize },
    #[error("what is known is of another space, or of other goals, constraints or measures")]
    KnownShape,
    #[error("known evaluation {row}, counted from 0, is of no point of the space")]
    KnownPoint { row: usize },
    #[error(
        "known evaluation {row}, counted from 0, has a value that is not a number among its objectives or constraints"
    )]
    KnownNumber { row: usize },
}

/// The most candidates of anything that holds them.
pub(crate) const MOST: usize = 1 << 24;

/// As [`MOST`] is written.
pub(crate) const UP_TO_MOST: &str = "1 to 16777216";

/// Refuses a problem with more or fewer goals than one.
pub(super) fn check_one_goal(algorithm: &'static str, signature: &Signature) -> Result<(), ConfigError> {
    let goals = signature.goals.len();
    if goals == 1 { Ok(()) } else { Err(ConfigError::Goals { algorithm, goals }) }
}

/// Refuses a number out of `range`, which messages call `allowed`.
pub(crate) fn check_count(
    key: &'static str,
    found: usize,
    range: RangeInclusive<usize>,
    allowed: &'static str,
) -> Result<(), ConfigError> {
    if range.contains(&found) { Ok(()) } else { Err(ConfigError::Count { key, allowed, found }) }
}

/// Refuses a number of genomes that no machine has room for, rather than be killed for it.
pub(super) fn check_room(space: &Space, key: &'static str, rows: usize) -> Result<(), ConfigError> {
    let shape = space.layout().shape;
    let words = shape.reals + shape.ints + shape.bit_words() + shape.items.div_ceil(2) + shape.mask_words();
    let bytes = 8 * words as u64;
    let fits = bytes.checked_mul(rows as u64).is_some_and(|all| all <= 1 << 36);
    if fits { Ok(()) } else { Err(ConfigError::Room { key, rows, bytes }) }
}

/// Refuses `start` unless it can be the first of the `places` candidates that a run in `space` begins with.
pub(super) fn check_start(start: &Genomes, space: &Space, places: usize) -> Result<(), ConfigError> {
    if start.rows == 0 {
        return Ok(());
    }
    if start.shape != space.layout().shape || !start.is_consistent() {
        return Err(ConfigError::StartShape);
    }
    if start.rows > places {
        return Err(ConfigError::StartPoints { points: start.rows, places });
    }
    match (0..start.rows).find(|row| !space.accepts(start, *row)) {
        None => Ok(()),
        Some(row) => Err(ConfigError::StartPoint { row }),
    }
}

/// Refuses known evaluations that can be none of the problem's.
pub(super) fn check_known(setup: &Setup) -> Result<(), ConfigError> {
    let Known { genomes, outcomes } = &setup.known;
    let space = &setup.signature.space;
    let fits = genomes.shape == space.layout().shape
        && genomes.is_consistent()
        && outcomes.shape == OutcomeShape::of(&setup.signature)
        && outcomes.is_consistent()
        && outcomes.rows == genomes.rows;
    if !fits {
        return Err(ConfigError::KnownShape);
    }
    let numbers = |row| !outcomes.objectives(row).iter().chain(outcomes.constraints(row)).any(|value| value.is_nan());
    for row in 0..genomes.rows {
        if !space.accepts(genomes, row) {
            return Err(ConfigError::KnownPoint { row });
        }
        if outcomes.failure(row).is_none() && !numbers(row) {
            return Err(ConfigError::KnownNumber { row });
        }
    }
    Ok(())
}
