//! `genetic-pool node`: evaluates an experiment over frames on standard input and output, on as many slots as it is told.
//!
//! One thread reads and hands over at once what it reads; the main thread waits for what is found and writes it. Nobody
//! looks again and again. The end of the input ends everything: children, their guards, this process.

use std::{
    fs::File,
    io::{BufReader, Read, Write},
    process::ExitCode,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use genetic_pool_evolve::{
    evaluator::{Batch, Results},
    problem::CandidateId,
    space::{Genomes, Shape},
};
use serde_json::json;

use super::greeting::Greeting;
use crate::{
    evaluate::{
        self, OutputSink, Processes,
        frames::{self, Kind, Refusal},
        worker::{WorkerError, read_frame, standard_pipes},
    },
    experiment::Experiment,
    registry::Registry,
    run::interpreter,
    store::Environment,
};

/// Serves the experiment that the driver asks for, until it closes the pipe.
#[expect(clippy::print_stderr, reason = "its standard error is what the driver shows where a node cannot go on")]
pub(crate) fn run(registry: &Registry) -> ExitCode {
    match standard_pipes().and_then(|(input, output)| serve(registry, input, output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
            eprintln!("a node of genetic-pool failed to {error}{source}");
            ExitCode::FAILURE
        }
    }
}

fn serve(registry: &Registry, input: File, output: File) -> Result<(), WorkerError> {
    let mut input = BufReader::with_capacity(256 * 1024, input);
    let mut body = Vec::new();
    if read_frame(&mut input, &mut body)? != Some(Kind::Hello) {
        return Ok(());
    }
    let greeting: Greeting =
        serde_json::from_slice(&body).map_err(|fault| WorkerError::Hello { message: fault.to_string() })?;
    let output = Arc::new(Output(Mutex::new(output)));
    let (experiment, processes) = match begin(&greeting, registry, &output) {
        Ok((environment, experiment, processes)) => {
            output.json(Kind::Ready, &json!(environment))?;
            (experiment, processes)
        }
        Err(refusal) => return output.json(Kind::Refused, &json!(refusal)),
    };
    let shape = experiment.signature.space.layout().shape;
    let (ended, fault) = (AtomicBool::new(false), Mutex::new(None));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let read = read(&mut input, shape, &processes, &output);
            ended.store(true, Ordering::Release);
            *fault.lock().unwrap_or_else(PoisonError::into_inner) = read.err();
            // The main thread, which waits for results, goes on to the end.
            processes.break_off("the driver has closed the pipe".to_owned());
        });
        let mut results = Results::default();
        let mut frame = Vec::new();
        loop {
            match processes.take(&mut results) {
                Ok(cancels) => {
                    frame.clear();
                    frames::write_results(&mut frame, cancels, &results);
                    output.lock().write_all(&frame)?;
                }
                Err(_) if ended.load(Ordering::Acquire) => return Ok(()),
                Err(error) => {
                    output.json(Kind::Error, &json!(Refusal { message: error.message, hint: error.hint }))?;
                    // The bridge reads it and then closes the pipe.
                    return Ok(());
                }
            }
        }
    })
    .and_then(|()| fault.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err))
}

/// Gets ready for what `greeting` asks for.
fn begin(
    greeting: &Greeting,
    registry: &Registry,
    output: &Arc<Output>,
) -> Result<(Environment, Experiment, Processes), Refusal> {
    let refused =
        |error: genetic_pool_evolve::evaluator::EvaluatorError| Refusal { message: error.message, hint: error.hint };
    let experiment = greeting.experiment(registry)?;
    let environment = Environment::observe(interpreter(&experiment).map_err(refused)?);
    let output = Arc::clone(output);
    // A driver that is gone is found by the end of the input.
    let sink: OutputSink = Arc::new(move |log| drop(output.json(Kind::Output, &json!(log))));
    let options = evaluate::Options { slots: greeting.slots, on_output: Some(sink), ..evaluate::Options::default() };
    // Rust problems, too, are evaluated in processes: what takes one down costs its candidate a try, never the node.
    let processes = evaluate::processes(&experiment, options).map_err(refused)?;
    Ok((environment, experiment, processes))
}

/// Hands over what it reads, until the end of the pipe.
fn read(input: &mut impl Read, shape: Shape, processes: &Processes, output: &Output) -> Result<(), WorkerError> {
    let mut body = Vec::new();
    while let Some(kind) = read_frame(input, &mut body)? {
        match kind {
            Kind::Evaluate => {
                // Where nothing can be evaluated any more the main thread tells it, and the driver closes the pipe.
                let _ = processes.give(&mut evaluate(&body, shape)?);
            }
            Kind::Cancel => {
                // Nothing that was found before is written after.
                let _writing = output.lock();
                processes.drop_all();
            }
            _ => {}
        }
    }
    Ok(())
}

/// The candidates of an evaluate frame.
fn evaluate(body: &[u8], shape: Shape) -> Result<Batch, WorkerError> {
    let (mut candidates, mut genomes) = (Vec::<CandidateId>::new(), Genomes::default());
    let manner = frames::read_evaluate(body, shape, &mut candidates, &mut genomes)?;
    let groups = match candidates.first() {
        Some(first) if manner.group => vec![first.index(); candidates.len()],
        _ => Vec::new(),
    };
    Ok(Batch { candidates, genomes, groups })
}

/// Standard output, for whole frames of several threads.
struct Output(Mutex<File>);

impl Output {
    fn lock(&self) -> MutexGuard<'_, File> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn json(&self, kind: Kind, value: &serde_json::Value) -> Result<(), WorkerError> {
        let mut frame = Vec::new();
        frames::write_json(&mut frame, kind, value);
        self.lock().write_all(&frame)?;
        Ok(())
    }
}
