//! What evaluations found, stored by column.

use serde::{Deserialize, Serialize};

use crate::problem::{Failure, FailureKind, Outcome, Signature};

/// `rows` outcomes, one contiguous row-major block per kind of output.
///
/// The values are the user's: raw objectives and constraint outputs. A failed row holds NaN everywhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcomes {
    /// What one row holds.
    pub shape: OutcomeShape,
    /// How many rows.
    pub rows: usize,
    /// `rows × shape.objectives`.
    pub objectives: Vec<f64>,
    /// `rows × shape.constraints`.
    pub constraints: Vec<f64>,
    /// `rows × shape.measures`.
    pub measures: Vec<f64>,
    /// The rows that failed, ascending, and why.
    pub failures: Vec<(usize, Failure)>,
}

/// How many outputs of each kind one row holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeShape {
    /// Goals.
    pub objectives: usize,
    /// Constraints.
    pub constraints: usize,
    /// Measures.
    pub measures: usize,
}

impl OutcomeShape {
    /// The shape of the outcomes of `signature`.
    pub fn of(signature: &Signature) -> OutcomeShape {
        OutcomeShape {
            objectives: signature.goals.len(),
            constraints: signature.constraints.len(),
            measures: signature.measures.len(),
        }
    }
}

impl Outcomes {
    /// `rows` rows of zeros.
    pub fn new(shape: OutcomeShape, rows: usize) -> Outcomes {
        let mut outcomes = Outcomes { shape, ..Outcomes::default() };
        outcomes.reset(shape, rows);
        outcomes
    }

    /// `rows` rows of zeros and no failures, keeping the room.
    pub fn reset(&mut self, shape: OutcomeShape, rows: usize) {
        self.shape = shape;
        self.rows = rows;
        self.failures.clear();
        for (column, width) in [
            (&mut self.objectives, shape.objectives),
            (&mut self.constraints, shape.constraints),
            (&mut self.measures, shape.measures),
        ] {
            column.clear();
            column.resize(rows * width, 0.0);
        }
    }

    /// Whether the columns have the lengths that shape and rows ask for, and the failures are of different rows, ascending.
    pub fn is_consistent(&self) -> bool {
        let OutcomeShape { objectives, constraints, measures } = self.shape;
        let rows = self.rows;
        let fits = |column: &[f64], width: usize| rows.checked_mul(width) == Some(column.len());
        fits(&self.objectives, objectives)
            && fits(&self.constraints, constraints)
            && fits(&self.measures, measures)
            && self.failures.is_sorted_by(|(a, _), (b, _)| a < b)
            && self.failures.last().is_none_or(|(row, _)| *row < rows)
    }

    /// The objectives of row `row`.
    pub fn objectives(&self, row: usize) -> &[f64] {
        &self.objectives[row * self.shape.objectives..][..self.shape.objectives]
    }

    /// The constraint outputs of row `row`.
    pub fn constraints(&self, row: usize) -> &[f64] {
        &self.constraints[row * self.shape.constraints..][..self.shape.constraints]
    }

    /// The measures of row `row`.
    pub fn measures(&self, row: usize) -> &[f64] {
        &self.measures[row * self.shape.measures..][..self.shape.measures]
    }

    /// Row `row`, to write.
    pub fn row_mut(&mut self, row: usize) -> Outcome<'_> {
        let shape = self.shape;
        Outcome {
            objectives: &mut self.objectives[row * shape.objectives..][..shape.objectives],
            constraints: &mut self.constraints[row * shape.constraints..][..shape.constraints],
            measures: &mut self.measures[row * shape.measures..][..shape.measures],
        }
    }

    /// Why row `row` failed, if it did.
    pub fn failure(&self, row: usize) -> Option<&Failure> {
        let place = self.failures.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        Some(&self.failures[place].1)
    }

    /// Makes row `row` as it was at first: zeros, and no failure.
    pub fn clear_row(&mut self, row: usize) {
        let outcome = self.row_mut(row);
        for column in [outcome.objectives, outcome.constraints, outcome.measures] {
            column.fill(0.0);
        }
        if let Ok(place) = self.failures.binary_search_by_key(&row, |(row, _)| *row) {
            self.failures.remove(place);
        }
    }

    /// Records that row `row` failed and empties it; a second failure replaces the first.
    pub fn fail(&mut self, row: usize, failure: Failure) {
        let outcome = self.row_mut(row);
        for column in [outcome.objectives, outcome.constraints, outcome.measures] {
            column.fill(f64::NAN);
        }
        match self.failures.binary_search_by_key(&row, |(row, _)| *row) {
            Ok(place) => self.failures[place].1 = failure,
            Err(place) => self.failures.insert(place, (row, failure)),
        }
    }

    /// Drops the rows from `rows` on.
    pub fn truncate(&mut self, rows: usize) {
        let OutcomeShape { objectives, constraints, measures } = self.shape;
        self.objectives.truncate(rows * objectives);
        self.constraints.truncate(rows * constraints);
        self.measures.truncate(rows * measures);
        self.failures.retain(|(row, _)| *row < rows);
        self.rows = self.rows.min(rows);
    }

    /// Appends row `row` of `other`, which has the same shape.
    pub fn push(&mut self, other: &Outcomes, row: usize) {
        debug_assert_eq!(self.shape, other.shape);
        self.objectives.extend_from_slice(other.objectives(row));
        self.constraints.extend_from_slice(other.constraints(row));
        self.measures.extend_from_slice(other.measures(row));
        if let Some(failure) = other.failure(row) {
            self.failures.push((self.rows, failure.clone()));
        }
        self.rows += 1;
    }

    /// Appends the rows `range` of `other`, which has the same shape.
    pub fn extend(&mut self, other: &Outcomes, range: std::ops::Range<usize>) {
        debug_assert_eq!(self.shape, other.shape);
        let OutcomeShape { objectives, constraints, measures } = self.shape;
        for (column, from, width) in [
            (&mut self.objectives, &other.objectives, objectives),
            (&mut self.constraints, &other.constraints, constraints),
            (&mut self.measures, &other.measures, measures),
        ] {
            column.extend_from_slice(&from[range.start * width..range.end * width]);
        }
        let first = other.failures.partition_point(|(row, _)| *row < range.start);
        let failed = other.failures[first..].iter().take_while(|(row, _)| *row < range.end);
        let at = self.rows;
        self.failures.extend(failed.map(|(row, failure)| (at + row - range.start, failure.clone())));
        self.rows += range.len();
    }

    /// Overwrites row `to` with row `from` of `other`, which has the same shape.
    pub fn copy_row(&mut self, to: usize, other: &Outcomes, from: usize) {
        let row = self.row_mut(to);
        row.objectives.copy_from_slice(other.objectives(from));
        row.constraints.copy_from_slice(other.constraints(from));
        row.measures.copy_from_slice(other.measures(from));
        let place = self.failures.binary_search_by_key(&to, |(row, _)| *row);
        match (place, other.failure(from)) {
            (Ok(place), Some(failure)) => self.failures[place].1 = failure.clone(),
            (Ok(place), None) => drop(self.failures.remove(place)),
            (Err(place), Some(failure)) => self.failures.insert(place, (to, failure.clone())),
            (Err(_), None) => {}
        }
    }

    /// Turns every row with a NaN among its objectives or constraints into a failure, and says the output's name.
    ///
    /// Evaluators call it on all they hand back, so that no NaN is ever compared. Infinities are values.
    pub fn refuse_nan(&mut self, signature: &Signature) {
        let any = |column: &[f64]| column.iter().fold(false, |any, value| any | value.is_nan());
        if !any(&self.objectives) && !any(&self.constraints) {
            return;
        }
        for row in 0..self.rows {
            if self.failure(row).is_some() {
                continue;
            }
            let goals = signature.goals.iter().map(|goal| &goal.name).zip(self.objectives(row));
            let constraints =
                signature.constraints.iter().map(|constraint| &constraint.name).zip(self.constraints(row));
            let mut nan = goals.chain(constraints).filter(|(_, value)| value.is_nan());
            if let Some((name, _)) = nan.next() {
                let message = format!("`{name}` is not a number");
                self.fail(row, Failure { kind: FailureKind::NotANumber, message });
            }
        }
    }
}
