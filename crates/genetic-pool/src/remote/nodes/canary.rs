//! Canaries: candidates that have been found and are evaluated again wherever else evaluations are done, so that places
//! which come to other bits are found out.

use std::rc::Rc;

use genetic_pool_evolve::{
    evaluator::{EvaluatorError, Results},
    outcomes::Outcomes,
    problem::{CandidateId, Signature},
};

use super::unit::Unit;
use crate::{experiment::Exactness, store::Environment};

/// How many candidates, or groups, are evaluated everywhere.
const CANARIES: usize = 2;

/// Where evaluations are done, as far as their bits may depend on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct About {
    /// Which: 0 is the driver, nodes count from 1 and are new ones when they come back.
    pub(super) place: u32,
    /// What people call it.
    pub(super) name: String,
    /// The machine and the programs.
    pub(super) environment: Environment,
}

/// What was found first, and where.
#[derive(Debug)]
struct Canary {
    unit: Rc<Unit>,
    /// Its rows' outcomes, bit for bit.
    bits: Vec<Vec<u64>>,
    found_by: About,
}

/// The canaries of a run.
#[derive(Debug)]
pub(super) struct Canaries {
    chosen: Vec<Canary>,
    exactness: Exactness,
    /// Whether somebody has been told already that places do not agree.
    told: bool,
}

impl Canaries {
    pub(super) fn new(exactness: Exactness) -> Canaries {
        Canaries { chosen: Vec::new(), exactness, told: false }
    }

    /// Whether more of them are looked for.
    pub(super) fn wanted(&self) -> bool {
        self.exactness != Exactness::Noisy && self.chosen.len() < CANARIES
    }

    /// Takes `unit` as one of them where all of its rows stand in `results`, and none has failed.
    pub(super) fn offer(&mut self, unit: &Rc<Unit>, results: &Results, found_by: &About) {
        let row = |candidate: &CandidateId| {
            let row = results.candidates.iter().position(|other| other == candidate)?;
            results.outcomes.failure(row).is_none().then(|| bits(&results.outcomes, row))
        };
        if let (true, Some(bits)) = (self.wanted(), unit.candidates().iter().map(row).collect()) {
            // A copy of its own, of which nothing is known to be lost.
            let unit = Rc::new(Unit::new(Rc::clone(&unit.work), unit.rows.clone(), Vec::new()));
            self.chosen.push(Canary { unit, bits, found_by: found_by.clone() });
        }
    }

    /// The next canary after the first `seen` that others than `place` have found; `seen` counts it in.
    pub(super) fn next_for(&self, seen: &mut usize, place: &About) -> Option<Rc<Unit>> {
        while let Some(canary) = self.chosen.get(*seen) {
            *seen += 1;
            if canary.found_by.place != place.place {
                return Some(Rc::clone(&canary.unit));
            }
        }
        None
    }

    /// Compares what `place` has found, row `row` of `outcomes`, with what was found before; a note where that is all
    /// that is wanted.
    pub(super) fn compare(
        &mut self,
        candidate: CandidateId,
        outcomes: &Outcomes,
        row: usize,
        place: &About,
        signature: &Signature,
    ) -> Result<Option<String>, EvaluatorError> {
        let found = self.chosen.iter().find_map(|canary| {
            let index = canary.unit.candidates().iter().position(|other| *other == candidate)?;
            Some((&canary.bits[index], &canary.found_by))
        });
        let Some((expected, before)) = found else { return Ok(None) };
        let failure = outcomes.failure(row);
        // What a clock decided says nothing about bits.
        let here = bits(outcomes, row);
        if *expected == here || failure.is_some_and(|failure| failure.kind.timed()) {
            return Ok(None);
        }
        let then = (0..here.len()).find(|index| expected[*index] != here[*index]).unwrap_or_default();
        let name = output_name(signature, then);
        let value = |bits: u64| f64::from_bits(bits).to_string();
        let now = failure.map_or_else(
            || format!("`{name}` = {}", value(here[then])),
            |failure| format!("the failure `{}`", failure.message.lines().next().unwrap_or_default()),
        );
        let message = format!(
            "places do not agree: candidate {candidate} came to `{name}` = {} on {}, and to {now} on {}",
            value(expected[then]),
            before.words(),
            place.words(),
        );
        match self.exactness {
            Exactness::Exact => Err(EvaluatorError {
                message,
                hint: Some(
                    "make the evaluation the same everywhere (versions, CPUs, chance from the trial's seed), or say what \
                     it is: `problem.exactness = \"warn\"` or `\"noisy\"`"
                        .to_owned(),
                ),
                source: None,
            }),
            Exactness::Warn if self.told => Ok(None),
            Exactness::Warn => {
                self.told = true;
                Ok(Some(message))
            }
            Exactness::Noisy => Ok(None),
        }
    }
}

impl About {
    /// Its name and what its bits may depend on.
    fn words(&self) -> String {
        let Environment { program, architecture, cpu, interpreter, .. } = &self.environment;
        let cpu = cpu.as_ref().unwrap_or(architecture);
        let interpreter = interpreter.as_ref().map(|interpreter| format!(", {}", interpreter.version));
        format!("`{}` ({cpu}, genetic-pool {program}{})", self.name, interpreter.unwrap_or_default())
    }
}

fn bits(outcomes: &Outcomes, row: usize) -> Vec<u64> {
    let columns = [outcomes.objectives(row), outcomes.constraints(row), outcomes.measures(row)];
    columns.concat().into_iter().map(f64::to_bits).collect()
}

/// The name of the output that stands at `index` in a row of bits.
fn output_name(signature: &Signature, index: usize) -> &str {
    let goals = signature.goals.iter().map(|goal| goal.name.as_str());
    let constraints = signature.constraints.iter().map(|constraint| constraint.name.as_str());
    let mut names = goals.chain(constraints).chain(signature.measures.iter().map(String::as_str));
    names.nth(index).unwrap_or_default()
}
