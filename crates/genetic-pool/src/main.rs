//! The command line with the built-in problems.

use std::process::ExitCode;

fn main() -> ExitCode {
    genetic_pool::App::new().main()
}
