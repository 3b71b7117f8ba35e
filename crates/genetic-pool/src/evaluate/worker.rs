//! `genetic-pool worker`: serves a registered Rust problem over frames on standard input and output.
//!
//! A program of the user's own is its own worker: the driver starts it with that hidden verb.

use std::{
    cell::RefCell,
    fs::File,
    io::{BufReader, Read, Write},
    ops::Range,
    os::fd::AsFd,
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use genetic_pool_evolve::{
    outcomes::{OutcomeShape, Outcomes},
    parallel::{evaluate_group, panic_words},
    problem::{BatchView, CandidateId, Problem},
    space::{Genomes, Space},
};
use serde_json::{Value, json};

use super::frames::{self, Found, FrameError, HEADER, Header, Kind, Refusal};
use crate::registry::Registry;

/// How long outcomes may wait for others of their frame.
const FLUSH: Duration = Duration::from_millis(20);

/// Why a worker ends before its driver does.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum WorkerError {
    #[error("talk to the driver")]
    Pipe {
        #[from]
        source: std::io::Error,
    },
    #[error("understand the driver")]
    Frame {
        #[from]
        source: FrameError,
    },
    #[error("understand the driver's greeting: {message}")]
    Hello { message: String },
}

/// Serves the problem of `registry` that the driver asks for, until it closes the pipe.
#[expect(clippy::print_stderr, reason = "its standard error is what the driver shows where a child cannot start")]
pub(super) fn run(registry: &Registry) -> ExitCode {
    // A panic is a failure of one candidate: its words go into the outcome, not to the screen.
    std::panic::set_hook(Box::new(|panic| PANIC.with_borrow_mut(|words| *words = panic.to_string())));
    match standard_pipes().and_then(|(input, output)| serve(registry, input, output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
            eprintln!("a worker of genetic-pool failed to {error}{source}");
            ExitCode::FAILURE
        }
    }
}

/// Takes standard input and output for the frames alone: what the problem prints goes to standard error.
pub(crate) fn standard_pipes() -> Result<(File, File), WorkerError> {
    let input = File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let output = File::from(std::io::stdout().as_fd().try_clone_to_owned()?);
    rustix::stdio::dup2_stdin(File::open("/dev/null")?).map_err(std::io::Error::from)?;
    rustix::stdio::dup2_stdout(std::io::stderr()).map_err(std::io::Error::from)?;
    Ok((input, output))
}

/// Serves over `input` and `output`.
pub fn serve(registry: &Registry, input: impl Read, mut output: impl Write) -> Result<(), WorkerError> {
    let mut input = BufReader::with_capacity(256 * 1024, input);
    let mut body = Vec::new();
    if read_frame(&mut input, &mut body)? != Some(Kind::Hello) {
        return Ok(());
    }
    let hello = Hello::read(&body)?;
    let mut frame = Vec::new();
    let problem = match hello.build(registry) {
        Ok(problem) => problem,
        Err(refusal) => {
            frames::write_json(&mut frame, Kind::Refused, &json!(refusal));
            output.write_all(&frame)?;
            return Ok(());
        }
    };
    frames::write_json(&mut frame, Kind::Ready, &json!({ "version": env!("CARGO_PKG_VERSION") }));
    output.write_all(&frame)?;

    let signature = problem.signature();
    let shape = signature.space.layout().shape;
    let mut worker = Worker {
        problem,
        seed: hello.seed,
        shape: OutcomeShape::of(&signature),
        space: signature.space,
        candidates: Vec::new(),
        genomes: Genomes::default(),
        outcomes: Outcomes::default(),
        seconds: Vec::new(),
        frame,
        output,
    };
    while let Some(kind) = read_frame(&mut input, &mut body)? {
        if kind == Kind::Evaluate {
            let manner = frames::read_evaluate(&body, shape, &mut worker.candidates, &mut worker.genomes)?;
            worker.evaluate(manner)?;
        }
    }
    Ok(())
}

thread_local! {
    /// What the last panic of this thread said.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// What a panic said: with its place, where the hook of [`run`] has seen it.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let seen = PANIC.with_borrow_mut(std::mem::take);
    if !seen.is_empty() {
        return seen;
    }
    panic_words(panic)
}

struct Worker<W> {
    problem: Arc<dyn Problem>,
    space: Space,
    shape: OutcomeShape,
    seed: u64,
    candidates: Vec<CandidateId>,
    genomes: Genomes,
    outcomes: Outcomes,
    seconds: Vec<f32>,
    frame: Vec<u8>,
    output: W,
}

impl<W: Write> Worker<W> {
    fn evaluate(&mut self, manner: frames::Manner) -> Result<(), WorkerError> {
        let rows = self.candidates.len();
        self.outcomes.reset(self.shape, rows);
        self.seconds.clear();
        self.seconds.resize(rows, 0.0);
        let mut first = 0;
        let mut flushed = Instant::now();
        // Where nobody waits for single rows they are evaluated in blocks, as the problem likes them best.
        let block = if manner.group {
            rows
        } else if manner.acknowledge {
            1
        } else {
            64
        };
        for start in (0..rows).step_by(block.max(1)) {
            let range = start..(start + block).min(rows);
            if manner.acknowledge {
                self.frame.clear();
                frames::write_started(&mut self.frame, start);
                self.output.write_all(&self.frame)?;
            }
            let began = Instant::now();
            self.evaluate_rows(range.clone());
            let seconds = began.elapsed().as_secs_f32() / range.len() as f32;
            self.seconds[range.clone()].fill(seconds);
            if flushed.elapsed() > FLUSH && range.end < rows {
                self.answer(first..range.end)?;
                first = range.end;
                flushed = Instant::now();
            }
        }
        self.answer(first..rows)
    }

    fn evaluate_rows(&mut self, rows: Range<usize>) {
        let group = BatchView {
            space: &self.space,
            genomes: &self.genomes,
            candidates: &self.candidates,
            rows,
            seed: self.seed,
        };
        evaluate_group(&*self.problem, &group, &mut self.outcomes, &words);
    }

    fn answer(&mut self, rows: Range<usize>) -> Result<(), WorkerError> {
        let found = Found { first: rows.start, rows: rows.len(), scratch: false };
        self.frame.clear();
        frames::write_found(&mut self.frame, found, &self.outcomes, &self.seconds);
        self.output.write_all(&self.frame)?;
        Ok(())
    }
}

/// The next frame's kind, its body in `body`; `None` at the end of the pipe between two frames.
pub(crate) fn read_frame(input: &mut impl Read, body: &mut Vec<u8>) -> Result<Option<Kind>, WorkerError> {
    let mut header = [0; HEADER];
    match input.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let Some(header) = Header::read(&header)? else { return Ok(None) };
    body.resize(header.length, 0);
    input.read_exact(body)?;
    Ok(Some(header.kind))
}

/// What the worker needs of the greeting.
struct Hello {
    problem: String,
    options: Value,
    directory: String,
    seed: u64,
}

impl Hello {
    fn read(body: &[u8]) -> Result<Hello, WorkerError> {
        let error = |message: &str| WorkerError::Hello { message: message.to_owned() };
        let mut hello: Value = serde_json::from_slice(body).map_err(|fault| error(&fault.to_string()))?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok(Hello {
            problem: text(&hello["problem"]).ok_or_else(|| error("`problem` is missing"))?,
            directory: text(&hello["directory"]).ok_or_else(|| error("`directory` is missing"))?,
            seed: hello["seed"].as_u64().ok_or_else(|| error("`seed` is missing"))?,
            options: hello["options"].take(),
        })
    }

    fn build(&self, registry: &Registry) -> Result<Arc<dyn Problem>, Refusal> {
        let registered = registry
            .get(&self.problem)
            .map_err(|unknown| Refusal { message: unknown.to_string(), hint: Some(unknown.hint()) })?;
        (registered.build)(&self.options, Path::new(&self.directory)).map_err(|faults| Refusal {
            message: faults.to_string(),
            hint: faults.errors.into_iter().find_map(|fault| fault.hint),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use genetic_pool_evolve::{
        problem::{Direction, Failure, FailureKind, Goal, Outcome, Signature, Trial},
        space::{Domain, Genome, Parameter},
    };
    use serde::Deserialize;

    use super::*;
    use crate::evaluate::frames::{Frame, Manner};

    /// Doubles `x`; panics, fails or forgets itself where it is told to.
    #[derive(Deserialize)]
    struct Moody {
        panic_above: f64,
    }

    impl Problem for Moody {
        fn signature(&self) -> Signature {
            Signature {
                space: Space::new(vec![Parameter::new("x", Domain::real(0.0, 1.0))]).unwrap(),
                goals: vec![Goal { name: "f".into(), direction: Direction::Minimize }],
                constraints: vec![],
                measures: vec![],
            }
        }

        fn evaluate(&self, genome: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
            let x = genome.reals()[0];
            assert!(x <= self.panic_above, "{x} is too much");
            if x == 0.0 {
                return Err(Failure::exception("nothing"));
            }
            outcome.objectives[0] = 2.0 * x;
            Ok(())
        }
    }

    /// What the worker answers to a greeting for `problem` and then to one frame for `xs`.
    fn answers(problem: &str, xs: &[f64], manner: Manner) -> Vec<(Kind, Vec<u8>)> {
        let mut registry = Registry::default();
        registry.register::<Moody>("moody");
        let mut input = Vec::new();
        let hello = json!({ "problem": problem, "options": { "panic_above": 0.9 }, "directory": "/", "seed": 7 });
        frames::write_json(&mut input, Kind::Hello, &hello);
        let candidates: Vec<CandidateId> = (0..xs.len() as u64).map(CandidateId).collect();
        let space = Moody { panic_above: 1.0 }.signature().space;
        let mut genomes = space.genomes(xs.len());
        genomes.reals.copy_from_slice(xs);
        frames::write_evaluate(&mut input, manner, 7, &candidates, &genomes, 0..xs.len());
        let mut output = Vec::new();
        serve(&registry, Cursor::new(input), &mut output).unwrap();
        let mut rest = &output[..];
        let mut answers = Vec::new();
        while let Some(frame) = Frame::first(rest).unwrap() {
            answers.push((frame.kind, frame.body.to_vec()));
            rest = &rest[frame.length()..];
        }
        assert!(rest.is_empty());
        answers
    }

    fn found(body: &[u8], rows: usize) -> (Found, Outcomes) {
        let mut outcomes = Outcomes::default();
        let shape = OutcomeShape { objectives: 1, constraints: 0, measures: 0 };
        (frames::read_found(body, shape, rows, &mut outcomes, &mut Vec::new()).unwrap(), outcomes)
    }

    #[test]
    fn failures_and_panics_are_their_candidates_own() {
        let answers = answers("moody", &[0.25, 1.0, 0.0, 0.5], Manner::default());
        assert_eq!([answers[0].0, answers[1].0], [Kind::Ready, Kind::Found]);
        let (found, outcomes) = found(&answers[1].1, 4);
        assert_eq!((found.first, found.rows), (0, 4));
        assert_eq!([outcomes.objectives[0], outcomes.objectives[3]], [0.5, 1.0]);
        let panic = outcomes.failure(1).unwrap();
        assert_eq!(panic.kind, FailureKind::Exception);
        assert_eq!(panic.message, "panicked: 1 is too much");
        assert_eq!(outcomes.failure(2).unwrap().message, "nothing");
    }

    #[test]
    fn starts_are_acknowledged_where_that_is_wanted() {
        let answers = answers("moody", &[0.25, 0.5], Manner { acknowledge: true, ..Manner::default() });
        let kinds: Vec<Kind> = answers.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [Kind::Ready, Kind::Started, Kind::Started, Kind::Found]);
        assert_eq!(frames::read_started(&answers[2].1), Ok(1));
    }

    #[test]
    fn what_cannot_be_built_is_refused() {
        let answers = answers("mody", &[], Manner::default());
        assert_eq!(answers[0].0, Kind::Refused);
        let refusal: Refusal = serde_json::from_slice(&answers[0].1).unwrap();
        assert_eq!(refusal.message, "there is no problem `mody`");
        assert_eq!(refusal.hint.unwrap(), "did you mean `moody`?");
    }
}
