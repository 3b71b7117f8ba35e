//! Where evaluations are done: on the nodes, or beside the driver where they are cheaper than their journey.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use genetic_pool_evolve::{
    evaluator::{Batch, Evaluator, EvaluatorError, IslandRunner, Results},
    problem::CandidateId,
};

use super::{Follow, Nodes, Options, Placement, canary::About};
use crate::{
    evaluate,
    experiment::{Experiment, Fitness},
    registry::Registry,
    run::interpreter,
    store::Environment,
};

/// Seconds the driver's machine works for a candidate that goes to a node and comes back, where some dozens are under way
/// (75 to 180 µs; 8 µs where a thousand go together: `dev/bench bridge`).
const JOURNEY: f64 = 100e-6;

/// How many evaluations are known before anything follows from what they take.
const KNOWN: u64 = 64;

/// How much faster it has to be elsewhere for evaluations to go back to the nodes.
const BACK: f64 = 2.0;

/// The evaluator of `experiment` that `options` ask for; beside the driver `here` says how.
pub(crate) fn evaluator(
    experiment: &Experiment,
    registry: &Registry,
    here: evaluate::Options,
    options: &Options,
    follow: Follow,
    interrupted: &dyn Fn() -> bool,
) -> Result<Box<dyn Evaluator>, EvaluatorError> {
    let mut beside = experiment.clone();
    if let Fitness::Python { interpreter, .. } = &mut beside.problem.fitness {
        interpreter.clone_from(&options.interpreter);
    }
    let driver = || evaluate::evaluator(&beside, registry, here);
    match options.placement {
        Placement::Driver => driver(),
        Placement::Nodes => Ok(Box::new(Nodes::start(experiment, options, follow, interrupted)?)),
        Placement::Auto => {
            let nodes = Nodes::start(experiment, options, follow, interrupted)?;
            // What cannot be evaluated beside the driver is evaluated on the nodes, whatever it takes.
            let Ok(driver) = driver() else { return Ok(Box::new(nodes)) };
            let environment = Environment::observe(interpreter(&beside).unwrap_or_default());
            let about = About { place: 0, name: "driver".to_owned(), environment };
            Ok(Box::new(Placed {
                nodes,
                driver,
                about,
                place: Place::Nodes,
                out: [0; 2],
                known: 0,
                canaries: 0,
                checking: HashSet::new(),
                seconds: 0.0,
            }))
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Nodes,
    Driver,
}

/// Begins on the nodes, and goes where evaluations are faster.
struct Placed {
    nodes: Nodes,
    driver: Box<dyn Evaluator>,
    about: About,
    place: Place,
    /// How many candidates are out on the nodes, and beside the driver.
    out: [usize; 2],
    /// How many outcomes have come back.
    known: u64,
    /// How many canaries the driver needs no more.
    canaries: usize,
    /// Those it has not found yet.
    checking: HashSet<CandidateId>,
    /// What an evaluation takes beside the driver, on the average of late.
    seconds: f64,
}

/// Where evaluations that take `seconds` go faster, with so many slots; they are at `place` now.
fn faster(place: Place, seconds: f64, nodes: usize, driver: usize) -> Place {
    let there = (nodes as f64 / seconds.max(1e-9)).min(1.0 / JOURNEY);
    let here = driver as f64 / seconds.max(1e-9);
    match place {
        Place::Nodes if here > there => Place::Driver,
        Place::Driver if there > BACK * here => Place::Nodes,
        place => place,
    }
}

impl Placed {
    /// Goes where it is faster, once that is known.
    fn place(&mut self) -> Result<(), EvaluatorError> {
        let seconds = match self.place {
            Place::Nodes => self.nodes.seconds(),
            Place::Driver => Some(self.seconds),
        };
        let Some(seconds) = seconds.filter(|_| self.known >= KNOWN) else { return Ok(()) };
        let place = faster(self.place, seconds, self.nodes.slots(), self.driver.slots());
        if place == self.place {
            return Ok(());
        }
        let words = match place {
            Place::Driver => "beside the driver",
            Place::Nodes => "on the nodes",
        };
        self.nodes.note(format!("evaluations take {}: done {words}", time(seconds)));
        (self.place, self.known, self.seconds) = (place, 0, seconds);
        if place == Place::Driver { self.check_driver() } else { Ok(()) }
    }

    /// Has the driver, too, find what the nodes have found, beside its work.
    fn check_driver(&mut self) -> Result<(), EvaluatorError> {
        while let Some(canary) = self.nodes.canaries_mut().next_for(&mut self.canaries, &self.about) {
            self.checking.extend(canary.candidates());
            self.driver.submit(&mut canary.batch())?;
        }
        Ok(())
    }

    /// Takes the canaries out of what the driver has found.
    fn checked(&mut self, results: &mut Results) -> Result<(), EvaluatorError> {
        if self.checking.is_empty() {
            return Ok(());
        }
        let signature = self.nodes.signature();
        let mut work = Results::default();
        work.clear(results.outcomes.shape);
        for (row, candidate) in results.candidates.iter().enumerate() {
            if !self.checking.remove(candidate) {
                work.push(*candidate, &results.outcomes, row, results.seconds[row]);
                continue;
            }
            let canaries = self.nodes.canaries_mut();
            if let Some(note) = canaries.compare(*candidate, &results.outcomes, row, &self.about, &signature)? {
                self.nodes.note(note);
            }
        }
        *results = work;
        Ok(())
    }

    /// Receives from `place`, waiting at most `wait`; whether something came.
    fn receive_from(&mut self, place: Place, results: &mut Results, wait: Duration) -> Result<bool, EvaluatorError> {
        let from: &mut dyn Evaluator = match place {
            Place::Nodes => &mut self.nodes,
            Place::Driver => &mut *self.driver,
        };
        from.receive(results, wait)?;
        if place == Place::Driver {
            self.checked(results)?;
        }
        let count = results.candidates.len();
        let out = &mut self.out[place as usize];
        *out = out.saturating_sub(count);
        self.known += count as u64;
        if place == Place::Driver && count > 0 {
            let mean = results.seconds.iter().map(|seconds| f64::from(*seconds)).sum::<f64>() / count as f64;
            self.seconds += 0.2 * (mean - self.seconds);
        }
        Ok(count > 0)
    }
}

impl Evaluator for Placed {
    fn slots(&self) -> usize {
        match self.place {
            Place::Nodes => self.nodes.slots(),
            Place::Driver => self.driver.slots(),
        }
    }

    fn submit(&mut self, batch: &mut Batch) -> Result<(), EvaluatorError> {
        self.out[self.place as usize] += batch.candidates.len();
        match self.place {
            Place::Nodes => self.nodes.submit(batch),
            Place::Driver => self.driver.submit(batch),
        }
    }

    fn receive(&mut self, results: &mut Results, wait: Duration) -> Result<(), EvaluatorError> {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            // Where both have something out neither is waited for long.
            let patience = if self.out.iter().all(|out| *out > 0) { left.min(Duration::from_millis(1)) } else { left };
            for place in [Place::Nodes, Place::Driver] {
                if self.out[place as usize] > 0 && self.receive_from(place, results, patience)? {
                    return self.place();
                }
            }
            if self.out == [0; 2] {
                // Leaves `results` empty, in their shape.
                return self.nodes.receive(results, Duration::ZERO);
            }
            if until <= Instant::now() {
                return Ok(());
            }
        }
    }

    /// Beside the driver, once nothing is out on the nodes and the driver has found what they have.
    fn islands(&mut self) -> Option<&mut dyn IslandRunner> {
        let settled = self.place == Place::Driver && self.out[Place::Nodes as usize] == 0 && self.checking.is_empty();
        if settled { self.driver.islands() } else { None }
    }

    fn cancel(&mut self) {
        self.out = [0; 2];
        if !self.checking.is_empty() {
            // What was not found is asked for again.
            (self.canaries, self.checking) = (0, HashSet::new());
        }
        self.nodes.cancel();
        self.driver.cancel();
    }
}

/// A time in words, to two digits.
fn time(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 1e-3 => (s * 1e6, "µs"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    if value < 10.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cheap_evaluations_are_done_beside_the_driver_and_long_ones_on_the_nodes() {
        assert_eq!(faster(Place::Nodes, 2e-6, 32, 2), Place::Driver);
        assert_eq!(faster(Place::Nodes, 1.0, 32, 2), Place::Nodes);
        // One slot more here is no reason to travel, one less is none to stay.
        assert_eq!(faster(Place::Nodes, 1.0, 2, 3), Place::Driver);
        assert_eq!(faster(Place::Driver, 1.0, 4, 3), Place::Driver);
        assert_eq!(faster(Place::Driver, 1.0, 32, 2), Place::Nodes);
    }

    #[test]
    fn times_are_said_in_two_digits() {
        assert_eq!([time(2.3e-6), time(45e-6), time(0.0123), time(3.0)], ["2.3 µs", "45 µs", "12 ms", "3.0 s"]);
    }
}
