//! A reader that goes away is no failure.

use std::process::{Command, Stdio};

use crate::context;

/// Runs `command` with a standard output that nobody reads.
fn unread(mut command: Command) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn data_that_nobody_reads_ends_the_program_quietly() {
    let context = context();
    for arguments in [
        &["algorithms", "genetic"][..],
        &["algorithms", "--json"],
        &["problems", "--json"],
        &["completions", "bash"],
        &["--help"],
        &["--version"],
    ] {
        assert_eq!(unread(context.command(arguments)), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn talk_that_nobody_reads_is_lost() {
    let context = context();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = context.command(&["problems", "none"]).stderr(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_behind_standard_output_is_told() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = context().command(&["algorithms"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(6), "{told}");
    assert!(told.starts_with("error: cannot write to standard output\n  cause: No space left on device"), "{told}");
}
