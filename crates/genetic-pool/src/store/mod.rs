//! The store: a run is one SQLite file.
//!
//! [`Home`] is the data folder and finds runs by name; [`RunWriter`] records a run on a thread of its own, so that the
//! run loop never waits for the disk; [`RunReader`] reads one, be it finished, interrupted or under way. What the run
//! loop hands over is the plain data of `records`.
//!
//! # What survives what
//! Everything handed over is committed within [`COMMIT_EVERY`] and the time the commit itself takes, and a committed
//! record survives the death of the process at any moment. Once a run journals outcomes, which it does where they cost
//! something, each commit also waits for the disk (`synchronous = FULL`), so that outcomes survive a power cut too.
//! Before that (`synchronous = NORMAL`) a power cut may take the records of the last seconds, never the file.
//!
//! # Files
//! `ID.sqlite` is the run. While it is under way `ID.sqlite-wal` and `ID.sqlite-shm` belong to it, and `ID.lock` says
//! who has it; a clean end leaves the one plain file.

mod adopt;
mod encoding;
mod environment;
mod error;
mod files;
mod home;
mod id;
mod lock;
mod queue;
mod reader;
mod records;
mod remove;
mod run;
mod schema;
mod thread;
pub(crate) mod time_text;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "tests talk to who runs them")]
mod tests;

pub use self::{
    adopt::adopt_run,
    environment::{Environment, Interpreter, Process},
    error::StoreError,
    files::{FileChange, FilesError, StoredFile, changed_files, collect_files},
    home::{HOME_VARIABLE, Home, Listed, size as size_of_run},
    id::RunId,
    lock::Holder,
    queue::COMMIT_EVERY,
    reader::{
        CandidateRecord, Evaluation, Evaluations, Individual, List, Meta, RunReader, Session, State, StoredEvent,
        Summary,
    },
    records::{
        Decision, Ending, EventRecord, FailureTally, HistoryRow, Journal, JournalRow, LogRecord, NewRun, NewSession,
        Progress, REFERENCE, RunResult, SnapshotRecord,
    },
    remove::remove_run,
    run::{Resumed, RunWriter},
    schema::FORMAT,
};
