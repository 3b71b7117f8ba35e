//! How fast genetic-pool is, beside loops written by hand and beside what is ideal.
//!
//! `genetic-pool-benches bbob …` compares algorithms on the `bbob` functions.
//!
//! `genetic-pool-benches [engine | objectives | pipe | slots | recording | bridge | tours | schedules]… [--base] [--rounds N]`: all of them unless some are named.
//! `--base` keeps the engine to the instructions every x86-64 CPU has; `--rounds` is how often each figure is measured:
//! medians are printed, and ratios of what was measured side by side. `ask-tell` measures nothing: it searches for
//! `dev/bench-peers`. `bridge` starts a Ray cluster of its own, with the
//! interpreter that `GENETIC_POOL_RAY_PYTHON` names.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints, and breaks off where it cannot go on"
)]

mod arrangements;
mod ask_tell;
mod bbob;
mod bridge;
mod engine;
mod limit;
mod limit_differential;
mod limit_discrete;
mod limit_objectives;
mod objectives;
mod ray;
mod recording;
mod workers;

use std::process::ExitCode;

use genetic_pool::evaluate;
use genetic_pool_evolve::vector::Width;

/// What the command line asks for.
struct Settings {
    rounds: usize,
}

/// Prints what it measured.
type Bench = fn(&Settings);

/// The benchmarks by name.
const BENCHES: [(&str, Bench); 8] = [
    ("engine", engine::bench),
    ("objectives", objectives::bench),
    ("pipe", workers::pipe),
    ("slots", workers::slots),
    ("recording", recording::bench),
    ("bridge", bridge::bench),
    ("tours", arrangements::tours),
    ("schedules", arrangements::schedules),
];

fn main() -> ExitCode {
    // Worker processes are started from this executable.
    if let Some(code) = evaluate::hidden_verb(&bridge::registry()) {
        return code;
    }
    let mut arguments = std::env::args().skip(1);
    if arguments.next().is_some_and(|first| first == "bbob") {
        bbob::bench(&arguments.collect::<Vec<_>>());
        return ExitCode::SUCCESS;
    }
    if std::env::args().nth(1).is_some_and(|verb| verb == "ask-tell") {
        ask_tell::serve().expect("the other end keeps to the protocol");
        return ExitCode::SUCCESS;
    }
    let mut settings = Settings { rounds: 9 };
    let mut wanted = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--base" => Width::limit_to_base(),
            "--rounds" => {
                let value = arguments.next().expect("`--rounds` has a value");
                settings.rounds = value.parse().expect("`--rounds` is a number");
            }
            name => {
                assert!(BENCHES.iter().any(|(bench, _)| *bench == name), "there is no benchmark `{name}`");
                wanted.push(argument);
            }
        }
    }
    for (name, bench) in BENCHES {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            bench(&settings);
        }
    }
    ExitCode::SUCCESS
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
