//! The command line: one verb a file.

mod algorithms;
#[cfg(feature = "cluster")]
mod away;
mod check;
#[cfg(feature = "cluster")]
mod cluster;
mod completions;
#[cfg(feature = "cluster")]
mod doctor;
#[cfg(feature = "cluster")]
pub(crate) mod drive;
#[cfg(feature = "cluster")]
mod engine;
mod error;
mod exit;
mod experiment;
mod front;
#[cfg(feature = "cluster")]
mod image;
mod input;
mod interrupt;
mod new;
mod printer;
mod problems;
mod progress;
mod quote;
mod resume;
mod run;
mod runs;
mod schema;
#[cfg(feature = "cluster")]
mod screen;
mod signature;
#[cfg(feature = "cluster")]
mod stop;
mod table;
mod trial;
#[cfg(feature = "cluster")]
mod watch;
mod words;
mod workplace;
mod wrap;

use std::{
    ffi::OsString,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    process::ExitCode,
};

use clap::{Parser, Subcommand};

pub use self::{
    error::CliError,
    exit::Exit,
    interrupt::Interrupts,
    printer::{Colour, Printer},
};
use crate::registry::Registry;

/// Evolves a population against your own evaluation: a Rust type, a Python function, any program
///
/// An experiment is one file. It runs on every core of this machine, can be killed at any moment, and gives the same
/// answer, bit for bit.
#[derive(Debug, Parser)]
#[command(
    name = "genetic-pool",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_long_help = exit::help(),
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    New(new::New),
    Check(check::Check),
    Try(trial::Try),
    Run(run::Run),
    Resume(resume::Resume),
    #[cfg(feature = "cluster")]
    Watch(watch::Watch),
    #[cfg(feature = "cluster")]
    Stop(stop::Stop),
    Runs(runs::Runs),
    Problems(problems::Problems),
    Algorithms(algorithms::Algorithms),
    Schema(schema::Schema),
    #[cfg(feature = "cluster")]
    Image(image::Image),
    #[cfg(feature = "cluster")]
    Cluster(cluster::Cluster),
    #[cfg(feature = "cluster")]
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
}

/// What every verb is given.
pub(crate) struct Context<'a> {
    /// The Rust problems this binary knows.
    pub registry: &'a Registry,
    /// How it prints.
    pub printer: Printer,
    /// What the program is called, for the lines that say what to type next.
    pub program: String,
}

/// Runs the command line `arguments`, the program's own name first.
pub(crate) fn main(registry: &Registry, arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let printer = Printer::new();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(printer, &error).into(),
    };
    let context = Context { registry, printer, program: program(&arguments) };
    // The panic hook has said what happened and where; this adds the documented exit code.
    let result = catch_unwind(AssertUnwindSafe(|| cli.verb.run(&context)));
    let exit = match result {
        Ok(Ok(exit)) => exit,
        Ok(Err(CliError::ClosedPipe)) => CliError::ClosedPipe.exit(),
        Ok(Err(error)) => {
            printer.error(&error);
            error.exit()
        }
        Err(_) => {
            printer.talk("this is a bug of the program; RUST_BACKTRACE=1 shows where it happened");
            Exit::Unforeseen
        }
    };
    exit.into()
}

impl Verb {
    fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        match self {
            Verb::New(verb) => verb.run(context),
            Verb::Check(verb) => verb.run(context),
            Verb::Try(verb) => verb.run(context),
            Verb::Run(verb) => verb.run(context),
            Verb::Resume(verb) => verb.run(context),
            #[cfg(feature = "cluster")]
            Verb::Watch(verb) => verb.run(context),
            #[cfg(feature = "cluster")]
            Verb::Stop(verb) => verb.run(context),
            Verb::Runs(verb) => verb.run(context),
            Verb::Problems(verb) => verb.run(context),
            Verb::Algorithms(verb) => verb.run(context),
            Verb::Schema(verb) => verb.run(context),
            #[cfg(feature = "cluster")]
            Verb::Image(verb) => verb.run(context),
            #[cfg(feature = "cluster")]
            Verb::Cluster(verb) => verb.run(context),
            #[cfg(feature = "cluster")]
            Verb::Doctor(verb) => verb.run(context),
            Verb::Completions(verb) => verb.run(context),
        }
    }
}

/// Help and version are data; anything else is a mistake on the command line.
fn usage(printer: Printer, error: &clap::Error) -> Exit {
    if error.use_stderr() {
        printer.talk(error.to_string().trim_end());
        return Exit::Usage;
    }
    match printer.data(error.to_string().trim_end()) {
        Ok(()) => Exit::Ok,
        Err(error) => error.exit(),
    }
}

/// The file name of the program, as it was called.
fn program(arguments: &[OsString]) -> String {
    let name = arguments.first().and_then(|argument| Path::new(argument).file_name());
    name.map_or_else(|| "genetic-pool".to_owned(), |name| name.to_string_lossy().into_owned())
}
