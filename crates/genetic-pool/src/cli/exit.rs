//! The exit codes.

use std::process::ExitCode;

use crate::event::Stop;

/// How the program ended. The numbers never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It did what was asked.
    Ok = 0,
    /// A bug of this program, or a failure nobody foresaw.
    Unforeseen = 1,
    /// The command line cannot be read.
    Usage = 2,
    /// What was given is invalid or not there.
    Invalid = 3,
    /// Two runs that were compared differ.
    Differs = 4,
    /// Failed evaluations stopped the run, or evaluation could not begin.
    Evaluation = 5,
    /// A file or a folder cannot be read or written.
    Storage = 6,
    /// Another process has the run or the cluster.
    Held = 7,
    /// Docker's engine cannot be reached, or is not fit.
    Engine = 8,
    /// The engine was reached, and an image, a cluster or its Ray failed, or is not as it should be.
    Cluster = 9,
    /// It was interrupted.
    Interrupted = 130,
}

impl Exit {
    /// All of them, ascending.
    pub const ALL: [Exit; 11] = [
        Exit::Ok,
        Exit::Unforeseen,
        Exit::Usage,
        Exit::Invalid,
        Exit::Differs,
        Exit::Evaluation,
        Exit::Storage,
        Exit::Held,
        Exit::Engine,
        Exit::Cluster,
        Exit::Interrupted,
    ];

    /// The number the shell sees.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What it means, as it stands in `--help` and in `docs/exit-codes.md`.
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Ok => "it did what was asked",
            Exit::Unforeseen => "a bug of this program, or a failure nobody foresaw",
            Exit::Usage => "the command line cannot be read: an unknown command, option or value",
            Exit::Invalid => "what was given is invalid or not there: an experiment, a run, a file, a name",
            Exit::Differs => "the runs that were compared differ",
            Exit::Evaluation => "failed evaluations stopped the run, or evaluation could not begin",
            Exit::Storage => "a file or folder cannot be read or written: a full disk, a read-only data folder",
            Exit::Held => "another process has the run or the cluster",
            Exit::Engine => "Docker's engine cannot be reached, or is not fit: see `doctor`",
            Exit::Cluster => "an image, a cluster or its Ray failed, or is not as it should be",
            Exit::Interrupted => "interrupted by Ctrl-C or SIGTERM; a run that was stopped so can be resumed",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

impl From<Stop> for Exit {
    /// The exit code of a run that ended so.
    fn from(stop: Stop) -> Exit {
        match stop {
            Stop::Evaluations
            | Stop::Generations
            | Stop::Target
            | Stop::Stall
            | Stop::HypervolumeStall
            | Stop::Spread
            | Stop::Time
            | Stop::All => Exit::Ok,
            Stop::Interrupted => Exit::Interrupted,
            Stop::FirstFailed | Stop::Failed | Stop::Failures => Exit::Evaluation,
        }
    }
}

/// The list of exit codes for `--help`.
pub(super) fn help() -> String {
    let lines = Exit::ALL.iter().map(|exit| format!("  {:>3}  {}", exit.code(), exit.meaning()));
    ["Exit codes:".to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_lists_every_code_with_its_meaning_and_no_other() {
        let document = include_str!("../../../../docs/exit-codes.md");
        let rows: Vec<&str> = document.lines().filter(|line| line.starts_with("| `")).collect();
        let expected: Vec<String> =
            Exit::ALL.iter().map(|exit| format!("| `{}` | {} |", exit.code(), exit.meaning())).collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn the_codes_ascend() {
        assert!(Exit::ALL.is_sorted_by_key(|exit| exit.code()));
    }
}
