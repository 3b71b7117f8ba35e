//! A process works on a run until it ends.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    sync::{Arc, mpsc::channel},
    time::Instant,
};

use genetic_pool_evolve::{
    drive::{ObserverError, RunError, drive},
    outcomes::OutcomeShape,
    problem::Signature,
    progress::Progress,
    search::Search,
    space::Genome,
    stop::StopReason,
};

use super::{
    Place, Plan, RunEnd, RunFailure, RunOptions,
    keep::KeptBest,
    observer::{self, Clock, RunObserver, Snapshots, Told},
    pace::Pace,
    problem_name,
    recorder::{Recorder, Tally},
    scratch,
    state::{State, snapshot},
};
use crate::{
    evaluate::{self, OutputSink},
    event::{self, Order, RunEvent, Stop},
    experiment::{Experiment, genome_to_json},
    remote::nodes::{self, Follow},
    store::{Ending, Home, Journal, RunResult, RunWriter, StoreError},
};

/// A run and a process that works on it.
pub(super) struct Session<'a> {
    pub(super) experiment: &'a Experiment,
    pub(super) plan: Plan,
    pub(super) writer: RunWriter,
    pub(super) search: Search,
    pub(super) journal: Journal,
    pub(super) state: State,
}

impl Session<'_> {
    /// Works on it until it ends, and records and tells how it ended.
    pub(super) fn work(mut self, home: &Home, options: RunOptions<'_>) -> Result<RunEnd, RunFailure> {
        let run = self.writer.id().to_string();
        let (logs, output) = channel();
        let sink: OutputSink = Arc::new(move |log| drop(logs.send(log)));
        let keeps = !self.experiment.problem.keep.is_empty();
        let evaluate = evaluate::Options {
            scratch: keeps.then(|| scratch(home, &run)),
            on_output: Some(sink),
            ..options.evaluate.clone()
        };
        let (notes, noted) = channel();
        let evaluator = match &options.place {
            Place::Here => evaluate::evaluator(self.experiment, options.registry, evaluate),
            Place::Nodes(nodes) => {
                let follow = Follow { on_output: evaluate.on_output.clone(), notes };
                let (registry, interrupted) = (options.registry, options.interrupted);
                nodes::evaluator(self.experiment, registry, evaluate, nodes, follow, interrupted)
            }
        };
        let evaluator = match evaluator {
            Ok(evaluator) => evaluator,
            Err(_) if (options.interrupted)() => {
                let (progress, stop) = (self.search.progress(), StopReason::Interrupted);
                let seconds = self.state.elapsed.as_secs_f64();
                self.writer.end(ending(progress, &stop, seconds))?;
                let finished = finished(&run, &self.experiment.signature, &self.search, &stop, seconds);
                (options.views)(&RunEvent::Finished(finished)).map_err(|error| broke(&run, error))?;
                return Ok(RunEnd { run, stop });
            }
            Err(error) => {
                let failure = RunFailure::Evaluator(error);
                self.writer.end(Ending::Failed { message: chain(&failure), hint: failure.hint() })?;
                return Err(failure);
            }
        };
        let started = self.started(&run, evaluator.slots());
        let clock = Clock { before: self.state.elapsed, start: Instant::now() };
        (options.views)(&started).map_err(|error| broke(&run, error))?;
        let writer = Rc::new(RefCell::new(self.writer));
        let tally = Rc::new(RefCell::new(Tally::default()));
        tally.borrow_mut().received = self.search.progress().evaluations;
        let shape = OutcomeShape::of(&self.experiment.signature);
        let free = self.search.is_free();
        let mut recorder = Recorder::new(evaluator, Rc::clone(&writer), shape, self.journal, free, Rc::clone(&tally));
        let mut observer = RunObserver {
            clock,
            interrupted: options.interrupted,
            writer: Rc::clone(&writer),
            views: &mut *options.views,
            pace: Pace::new(&self.experiment.stop),
            tally,
            told: Told::default(),
            snapshots: Snapshots::default(),
            keys: Vec::new(),
            kept: KeptBest::new(scratch(home, &run), &self.experiment.problem, self.state.kept.clone()),
            output,
            notes: noted,
            attempts: HashMap::new(),
            signature: self.experiment.signature.clone(),
            state: self.state,
        };
        let result = drive(&mut self.search, &mut recorder, &mut observer);
        let told = observer.tell_rest();
        let seconds = clock.elapsed().as_secs_f64();
        // A view that is gone is no fault of the run, which stops as if it had been asked to, unless it had ended.
        let (result, gone) = match (result, told) {
            (Err(RunError::Observer(error)), _) if !error.is::<StoreError>() => {
                (Ok(StopReason::Interrupted), Some(error))
            }
            (Ok(stop), Err(error)) if !error.is::<StoreError>() => (Ok(stop), Some(error)),
            (Ok(_), Err(error)) => (Err(RunError::Observer(error)), None),
            (result, _) => (result, None),
        };
        let mut state = observer.state;
        // Children of the evaluator end here, before the run does.
        drop(recorder);
        drop(observer.writer);
        let Some(writer) = Rc::into_inner(writer) else { unreachable!("recorder and observer are gone") };
        let mut writer = writer.into_inner();
        match result {
            Ok(stop) => {
                let progress = self.search.progress();
                let ending = ending(progress, &stop, seconds);
                writer.progress(observer::standing(progress, seconds))?;
                if stop.resumable() {
                    writer.snapshot(snapshot(&self.search, &state)?)?;
                }
                observer::record_best(&mut writer, progress)?;
                writer.final_population(self.search.population())?;
                state.count_stop(&stop);
                writer.failures(state.tallies())?;
                writer.end(ending)?;
                if let Some(error) = gone {
                    return Err(broke(&run, error));
                }
                let finished = finished(&run, &self.experiment.signature, &self.search, &stop, seconds);
                (options.views)(&RunEvent::Finished(finished)).map_err(|error| broke(&run, error))?;
                Ok(RunEnd { run, stop })
            }
            Err(source) => {
                let failure = RunFailure::Broke { run, source };
                // What is recorded stays; if the store itself is what broke, the run shows as interrupted.
                let _ = writer.end(Ending::Failed { message: chain(&failure), hint: failure.hint() });
                Err(failure)
            }
        }
    }

    fn started(&self, run: &str, slots: usize) -> RunEvent {
        RunEvent::Started(event::Started {
            format: event::FORMAT,
            run: run.to_owned(),
            file: self.writer.path().display().to_string(),
            problem: problem_name(&self.experiment.problem.fitness),
            seed: self.experiment.seed,
            algorithm: self.plan.chosen.name.to_owned(),
            why: self.plan.chosen.why.clone(),
            goals: self.experiment.signature.goals.clone(),
            slots,
            parallel: self.experiment.parallel,
            budget: self.experiment.stop.budget(),
            evaluations: self.search.progress().evaluations,
        })
    }
}

fn ending(progress: &Progress, stop: &StopReason, seconds: f64) -> Ending {
    let result = RunResult {
        digest: progress.digest.to_string(),
        stop: Stop::from(stop).word().to_owned(),
        evaluations: progress.evaluations,
        generations: progress.generations,
        seconds,
        timed: progress.timed,
    };
    if stop.resumable() { Ending::Stopped(result) } else { Ending::Finished(result) }
}

fn finished(run: &str, signature: &Signature, search: &Search, stop: &StopReason, seconds: f64) -> event::Finished {
    let progress = search.progress();
    let order = if search.is_free() { Order::Completion } else { Order::Ids };
    let best = observer::best(progress).map(|best| event::BestGenome {
        objectives: best.objectives,
        violation: best.violation,
        genome: genome_to_json(Genome::new(
            &signature.space,
            &progress.best.genomes,
            progress.best_row().unwrap_or_default(),
        )),
    });
    event::Finished {
        run: run.to_owned(),
        digest: progress.digest.to_string(),
        evaluations: progress.evaluations,
        seconds,
        stop: stop.into(),
        timed: progress.timed,
        order,
        best,
        front: observer::front(progress, signature, false),
    }
}

fn broke(run: &str, error: ObserverError) -> RunFailure {
    RunFailure::Broke { run: run.to_owned(), source: RunError::Observer(error) }
}

/// An error with its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
