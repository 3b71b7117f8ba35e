//! The guard: a small process between the driver and each child, which lets no process of the child's survive it.
//!
//! Whatever the child starts, in a session of its own or as an orphan, stays a descendant of its guard, because the
//! guard is their reaper. (On Linux, that is; elsewhere only the child's process group is guarded.) When the child ends, or when the driver asks for it or is gone, whatever the way, the guard
//! kills all of them and then ends itself. Its standard input is a socket to the driver, over which it gets the
//! child's standard input and reports what became of the child; the driver's end closes with the driver. A guard that
//! is asked to end by SIGTERM kills them, too, and reports a child that was killed.

use std::{
    ffi::OsString,
    io::{IoSliceMut, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    process::{Command, ExitCode, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::{Errno, FdFlags, fcntl_setfd},
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags},
    process::{Pid, Signal, WaitOptions, WaitStatus, setsid, wait},
};
use signal_hook::{consts::SIGTERM, flag};

use super::tree::{CENSUS, kill_descendants};

/// What the guard says about its child, 8 bytes each on the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Report {
    /// It runs under this process id.
    Started(i32),
    /// It could not be started, with this `errno`.
    NotStarted(i32),
    /// It ended with this exit code.
    Exited(i32),
    /// This signal ended it.
    Signaled(i32),
}

impl Report {
    /// The length of a report.
    pub(super) const LENGTH: usize = 8;

    fn encode(self) -> [u8; Report::LENGTH] {
        let (kind, value) = match self {
            Report::Started(pid) => (1, pid),
            Report::NotStarted(errno) => (2, errno),
            Report::Exited(code) => (3, code),
            Report::Signaled(signal) => (4, signal),
        };
        let mut bytes = [0; Report::LENGTH];
        bytes[..4].copy_from_slice(&i32::to_le_bytes(kind));
        bytes[4..].copy_from_slice(&value.to_le_bytes());
        bytes
    }

    /// The report in `bytes`, if it is one.
    pub(super) fn decode(bytes: [u8; Report::LENGTH]) -> Option<Report> {
        let value = i32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        match bytes[..4] {
            [1, 0, 0, 0] => Some(Report::Started(value)),
            [2, 0, 0, 0] => Some(Report::NotStarted(value)),
            [3, 0, 0, 0] => Some(Report::Exited(value)),
            [4, 0, 0, 0] => Some(Report::Signaled(value)),
            _ => None,
        }
    }
}

/// Runs `command`, a program and its arguments, as the guard of it.
#[expect(clippy::print_stderr, reason = "its standard error is what the driver shows where a child cannot start")]
pub(super) fn run(command: &[OsString]) -> ExitCode {
    match guard(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the guard of an evaluation cannot work: {error}");
            ExitCode::FAILURE
        }
    }
}

fn guard(command: &[OsString]) -> std::io::Result<()> {
    let [program, arguments @ ..] = command else {
        return Err(std::io::Error::other("it is started by genetic-pool itself, with a program to guard"));
    };
    // Who ends all processes of a service or a job asks this one, too, and then the child: what that does from then on
    // is no outcome. A signal that is handled, unlike one that is ignored, is not ignored by the child.
    let asked = Arc::new(AtomicBool::new(false));
    flag::register(SIGTERM, Arc::clone(&asked))?;
    let (asks, writer) = UnixStream::pair()?;
    signal_hook::low_level::pipe::register(SIGTERM, writer)?;
    // Signals of a terminal reach the driver, which decides; they must not reach evaluations.
    setsid()?;
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let mut control = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let stdin = receive_stdin(&control)?;
    let child = Command::new(program).args(arguments).stdin(Stdio::from(stdin)).process_group(0).spawn();
    let child = match child {
        Ok(child) => Pid::from_child(&child),
        Err(error) => {
            // ENOENT where the system gives no number, which spawning does not do.
            let errno = error.raw_os_error().unwrap_or(Errno::NOENT.raw_os_error());
            return control.write_all(&Report::NotStarted(errno).encode());
        }
    };
    // The driver reads the end of the child's output as its end: the guard must not hold it open.
    rustix::stdio::dup2_stdout(std::fs::OpenOptions::new().write(true).open("/dev/null")?)?;
    // The driver may be gone already: then the thread below finds the end of the socket.
    let _ = control.write_all(&Report::Started(child.as_raw_pid()).encode());

    let end = control.try_clone()?;
    std::thread::spawn(move || {
        let mut files = [PollFd::new(&end, PollFlags::IN), PollFd::new(&asks, PollFlags::IN)];
        while poll(&mut files, None) == Err(Errno::INTR) {}
        // Until the main thread, which waits for all of them, finds none left and ends the process.
        loop {
            kill_all(child);
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    let status = loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == child => break Some(status),
            Ok(_) | Err(Errno::INTR) => {}
            // No children: somebody else has waited for it, which cannot be.
            Err(_) => break None,
        }
    };
    let killed = asked.load(Ordering::Acquire).then_some(Report::Signaled(Signal::KILL.as_raw()));
    if let Some(report) = killed.or_else(|| status.and_then(report_of)) {
        let _ = control.write_all(&report.encode());
    }
    // What it leaves behind goes with it. Where all of it is seen there is most often nothing.
    if !CENSUS {
        kill_all(child);
    }
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some(_)) | Err(Errno::INTR) => {}
            Ok(None) => {
                kill_all(child);
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(_) => return Ok(()),
        }
    }
}

fn report_of(status: WaitStatus) -> Option<Report> {
    status.exit_status().map(Report::Exited).or_else(|| status.terminating_signal().map(Report::Signaled))
}

/// Kills the child's whole tree; where that cannot be seen, its process group.
fn kill_all(child: Pid) {
    if CENSUS {
        kill_descendants();
    } else {
        let _ = rustix::process::kill_process_group(child, Signal::KILL);
    }
}

/// The child's standard input, which the driver sends over the socket.
fn receive_stdin(control: &UnixStream) -> std::io::Result<OwnedFd> {
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    rustix::net::recvmsg(control, &mut [IoSliceMut::new(&mut byte)], &mut ancillary, RecvFlags::empty())?;
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(mut files) = message
            && let Some(file) = files.next()
        {
            // Nothing else is started meanwhile that could inherit it.
            fcntl_setfd(&file, FdFlags::CLOEXEC)?;
            return Ok(file);
        }
    }
    Err(std::io::Error::other("the driver is gone"))
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn reports_are_read_as_they_are_written() {
        for report in [Report::Started(7), Report::NotStarted(2), Report::Exited(-1), Report::Signaled(9)] {
            assert_eq!(Report::decode(report.encode()), Some(report));
        }
        assert_eq!(Report::decode([9; 8]), None);
    }
}
