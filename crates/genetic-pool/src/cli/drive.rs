//! `drive JOB`, which is no verb of the user's: a job of Ray's works on a run.

use std::{error::Error, io::Write, process::ExitCode};

use super::{CliError, Exit, Interrupts};
use crate::{
    registry::Registry,
    remote::{
        driver::{self, Driving},
        job::Job,
        said::{Broke, Line, Teller},
    },
    run::RunEnd,
};

/// Works on a run where this process was started for it.
pub(crate) fn hidden_verb(registry: &Registry) -> Option<ExitCode> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match &arguments[..] {
        [verb, job] if verb == "drive" => Some(drive(&job.to_string_lossy(), registry).into()),
        _ => None,
    }
}

fn drive(job: &str, registry: &Registry) -> Exit {
    let mut teller = Teller::default();
    let result = work(job, registry, &mut teller);
    match result {
        Ok(end) => Exit::from(crate::event::Stop::from(&end.stop)),
        Err(error) => {
            print(&[teller.broke(broke(&error))]);
            error.exit()
        }
    }
}

fn work(job: &str, registry: &Registry, teller: &mut Teller) -> Result<RunEnd, CliError> {
    let job: Job = serde_json::from_str(job).map_err(|source| CliError::Job { source })?;
    let interrupts = Interrupts::install().map_err(|source| CliError::Signals { source })?;
    let package = std::env::current_dir().map_err(|source| CliError::Folder { source })?;
    let driving = Driving {
        registry,
        package: &package,
        interrupted: &|| interrupts.requested(),
        tell: &mut |event| print(&teller.event(event)),
    };
    Ok(driver::drive(&job, driving)?)
}

/// Nobody is told where the log cannot be written: what counts is the run's file.
fn print(lines: &[Line]) {
    let mut out = std::io::stdout().lock();
    for text in lines.iter().filter_map(|line| line.to_text().ok()) {
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

fn broke(error: &CliError) -> Broke {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    Broke { message: error.to_string(), causes, hint: error.hint(), exit: error.exit().code() }
}
