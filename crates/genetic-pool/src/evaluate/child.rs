//! The driver's end of one child: its pipes, its output, its end.

use std::{
    io::{ErrorKind, IoSlice, PipeReader, PipeWriter, Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{OFlags, fcntl_setfl},
    net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags},
    process::{Pid, Signal, kill_process_group},
};

use super::{guard::Report, output::Capture};

/// How long a guard may take to kill what it guards before it is given up, processes stuck in the kernel with it.
const KILL_PATIENCE: Duration = Duration::from_secs(10);

/// A guard that is gone is told by an error, not by a signal, which programs in Rust ignore where it cannot be asked for.
const SEND_FLAGS: SendFlags = {
    #[cfg(target_os = "linux")]
    let flags = SendFlags::NOSIGNAL;
    #[cfg(not(target_os = "linux"))]
    let flags = SendFlags::empty();
    flags
};

/// How a child is started.
#[derive(Clone, Debug)]
pub(super) struct Start {
    /// The executable that is its guard: this program's.
    pub(super) guard: std::path::PathBuf,
    /// The program and its arguments.
    pub(super) command: Vec<std::ffi::OsString>,
    /// All of its environment.
    pub(super) environment: Vec<(std::ffi::OsString, std::ffi::OsString)>,
}

/// A child, its guard and the pipes to it. Dropping it kills the whole tree.
#[derive(Debug)]
pub(super) struct Child {
    guard: std::process::Child,
    control: UnixStream,
    stdin: Option<PipeWriter>,
    stdout: Option<PipeReader>,
    stderr: Option<PipeReader>,
    pid: Option<Pid>,
    ended: Option<Ended>,
    to_send: Vec<u8>,
    sent: usize,
    received: Vec<u8>,
    consumed: usize,
    /// What it prints beside the protocol.
    pub(super) output: Capture,
    /// How many candidates were sent to it.
    pub(super) evaluations: u64,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It could not be started, with this `errno`.
    NotStarted(i32),
    /// With this exit code.
    Exited(i32),
    /// By this signal, which was not the driver's.
    Signaled(i32),
    /// Its guard was killed from outside.
    GuardKilled,
}

impl Ended {
    /// Whether it will be no different another time: not started, and not for want of processes, memory or files, nor
    /// because the program is being written.
    pub(super) fn hopeless(self) -> bool {
        use rustix::io::Errno;
        let passing = [Errno::AGAIN, Errno::NOMEM, Errno::MFILE, Errno::NFILE, Errno::TXTBSY];
        matches!(self, Ended::NotStarted(errno) if passing.iter().all(|passing| passing.raw_os_error() != errno))
    }
}

/// What was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happened {
    /// Something was received.
    Received,
    /// It has ended; what it still said has been received.
    Ended(Ended),
    /// It closed its output and lives.
    Closed,
    /// The time is over.
    Late,
    /// Somebody woke the slot.
    Woken,
}

impl Child {
    /// Starts it in folder `directory`; `talks`: its standard input is a pipe.
    pub(super) fn start(start: &Start, directory: &Path, talks: bool) -> std::io::Result<Child> {
        let (control, guards) = UnixStream::pair()?;
        let (stdout, childs_stdout) = std::io::pipe()?;
        let (stderr, childs_stderr) = std::io::pipe()?;
        let mut command = Command::new(&start.guard);
        command.arg0("genetic-pool").arg("guard").args(&start.command).current_dir(directory);
        command.env_clear().envs(start.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::from(OwnedFd::from(guards))).stdout(childs_stdout).stderr(childs_stderr);
        let guard = command.spawn()?;
        // The command holds the child's ends of the pipes.
        drop(command);
        let mut child = Child {
            guard,
            control,
            stdin: None,
            stdout: Some(stdout),
            stderr: Some(stderr),
            pid: None,
            ended: None,
            to_send: Vec::new(),
            sent: 0,
            received: Vec::new(),
            consumed: 0,
            output: Capture::default(),
            evaluations: 0,
        };
        let stdin = if talks {
            let (childs_stdin, stdin) = std::io::pipe()?;
            fcntl_setfl(&stdin, OFlags::NONBLOCK)?;
            widen(&stdin);
            child.stdin = Some(stdin);
            OwnedFd::from(childs_stdin)
        } else {
            std::fs::File::open("/dev/null")?.into()
        };
        for pipe in child.stdout.iter().chain(&child.stderr) {
            fcntl_setfl(pipe, OFlags::NONBLOCK)?;
        }
        child.stdout.iter().for_each(widen);
        let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let files = [stdin.as_fd()];
        ancillary.push(SendAncillaryMessage::ScmRights(&files));
        // A guard that is gone already is found by its end.
        let _ = rustix::net::sendmsg(&child.control, &[IoSlice::new(&[0])], &mut ancillary, SEND_FLAGS);
        fcntl_setfl(&child.control, OFlags::NONBLOCK)?;
        Ok(child)
    }

    /// Its guard, the root of its process tree.
    pub(super) fn root(&self) -> Pid {
        Pid::from_child(&self.guard)
    }

    /// Where to append what is to be sent; it goes out in [`wait`](Child::wait).
    pub(super) fn outgoing(&mut self) -> &mut Vec<u8> {
        if self.sent == self.to_send.len() {
            self.to_send.clear();
            self.sent = 0;
        }
        &mut self.to_send
    }

    /// What was received and not yet consumed.
    pub(super) fn received(&self) -> &[u8] {
        &self.received[self.consumed..]
    }

    /// Takes `length` bytes off what was received.
    pub(super) fn consume(&mut self, length: usize) {
        self.consumed += length;
        if self.consumed == self.received.len() {
            self.received.clear();
            self.consumed = 0;
        }
    }

    /// Sends, receives and collects output until something happens or `until` has come.
    pub(super) fn wait(&mut self, wake: &PipeReader, until: Option<Instant>) -> std::io::Result<Happened> {
        loop {
            if let Some(ended) = self.ended {
                return Ok(Happened::Ended(ended));
            }
            self.send()?;
            let sending = self.stdin.as_ref().filter(|_| self.sent < self.to_send.len());
            let late = until.is_some_and(|until| Instant::now() >= until);
            let timeout = match until {
                Some(until) => Timespec::try_from(until.saturating_duration_since(Instant::now())).ok(),
                None => None,
            };
            // A pipe that is closed is stood in for by one of which nothing is asked.
            let nothing = || PollFd::new(wake, PollFlags::empty());
            let mut files = [
                PollFd::new(&self.control, PollFlags::IN),
                PollFd::new(wake, PollFlags::IN),
                self.stdout.as_ref().map_or_else(nothing, |pipe| PollFd::new(pipe, PollFlags::IN)),
                self.stderr.as_ref().map_or_else(nothing, |pipe| PollFd::new(pipe, PollFlags::IN)),
                sending.map_or_else(nothing, |pipe| PollFd::new(pipe, PollFlags::OUT)),
            ];
            match poll(&mut files, timeout.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let [control, woken, stdout, stderr, _] = files.map(|file| !file.revents().is_empty());
            let (stdout, stderr) = (stdout && self.stdout.is_some(), stderr && self.stderr.is_some());
            if stderr {
                self.collect_output();
            }
            if stdout {
                let before = self.received.len();
                let open = self.receive()?;
                if self.received.len() > before {
                    return Ok(Happened::Received);
                }
                if !open {
                    self.stdout = None;
                    // The end of its output comes with its own end, which the guard reports.
                    return self.wait_for_report(Duration::from_secs(1));
                }
            }
            if control {
                self.read_report();
                if self.ended.is_some() {
                    self.receive_the_rest()?;
                    if !self.received().is_empty() {
                        return Ok(Happened::Received);
                    }
                }
            }
            if woken {
                return Ok(Happened::Woken);
            }
            if late && !stdout && !control {
                return Ok(Happened::Late);
            }
        }
    }

    /// Collects what it has printed so far, which is done when its answer is here; an endless print is cut short.
    pub(super) fn collect_output(&mut self) {
        let Some(pipe) = &mut self.stderr else { return };
        let mut chunk = [0; 16 * 1024];
        for _ in 0..8 {
            match pipe.read(&mut chunk) {
                Ok(0) => {
                    self.stderr = None;
                    return;
                }
                Ok(length) => {
                    self.output.push(&chunk[..length]);
                    if length < chunk.len() {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    }

    /// Closes its input and gives it `patience` to end by itself; then it is killed.
    pub(super) fn end(mut self, patience: Duration) {
        self.stdin = None;
        let until = Instant::now() + patience;
        while self.ended.is_none() && Instant::now() < until {
            // Its output must flow, or it would wait for us.
            self.collect_output();
            let _ = self.receive();
            self.consume(self.received.len() - self.consumed);
            let mut files = [PollFd::new(&self.control, PollFlags::IN)];
            let timeout = Timespec::try_from(Duration::from_millis(10)).ok();
            if poll(&mut files, timeout.as_ref()).is_ok_and(|ready| ready > 0) {
                self.read_report();
            }
        }
    }

    /// Kills its whole tree and waits until it is gone.
    fn kill(&mut self) {
        let _ = self.control.shutdown(std::net::Shutdown::Both);
        let until = Instant::now() + KILL_PATIENCE;
        let mut pause = Duration::from_micros(200);
        while Instant::now() < until {
            match self.guard.try_wait() {
                Ok(None) => std::thread::sleep(pause),
                // It has done its work, and the numbers of what it guarded may be other processes' by now.
                Ok(Some(status)) if status.success() => return,
                Ok(Some(_)) | Err(_) => break,
            }
            pause = (pause * 2).min(Duration::from_millis(10));
        }
        // Where it was killed itself, its group and the child's are left.
        let _ = self.guard.kill();
        let _ = self.guard.wait();
        for group in [Some(self.root()), self.pid].into_iter().flatten() {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    fn send(&mut self) -> std::io::Result<()> {
        let Some(pipe) = &mut self.stdin else { return Ok(()) };
        while self.sent < self.to_send.len() {
            match pipe.write(&self.to_send[self.sent..]) {
                Ok(length) => self.sent += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                    // It reads no more: its end, or the end of its output, says the rest.
                    self.stdin = None;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Receives what is there; whether more may come.
    fn receive(&mut self) -> std::io::Result<bool> {
        const CHUNK: usize = 32 * 1024;
        let Some(pipe) = &mut self.stdout else { return Ok(false) };
        if self.consumed > 0 {
            self.received.drain(..self.consumed);
            self.consumed = 0;
        }
        let length = self.received.len();
        self.received.resize(length + CHUNK, 0);
        let result = pipe.read(&mut self.received[length..]);
        let (read, open) = match result {
            Ok(0) => (0, false),
            Ok(read) => (read, true),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => (0, true),
            Err(error) => {
                self.received.truncate(length);
                return Err(error);
            }
        };
        self.received.truncate(length + read);
        Ok(open)
    }

    /// After its end: receives and collects what is left in the pipes.
    fn receive_the_rest(&mut self) -> std::io::Result<()> {
        loop {
            let before = self.received.len();
            if !self.receive()? || self.received.len() == before {
                break;
            }
        }
        self.collect_output();
        Ok(())
    }

    fn read_report(&mut self) {
        let mut bytes = [0; Report::LENGTH];
        match self.control.read(&mut bytes) {
            Ok(Report::LENGTH) => match Report::decode(bytes) {
                Some(Report::Started(pid)) => self.pid = Pid::from_raw(pid),
                Some(Report::NotStarted(errno)) => self.ended = Some(Ended::NotStarted(errno)),
                Some(Report::Exited(code)) => self.ended = Some(Ended::Exited(code)),
                Some(Report::Signaled(signal)) => self.ended = Some(Ended::Signaled(signal)),
                None => self.ended = Some(Ended::GuardKilled),
            },
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Ok(_) | Err(_) => self.ended = Some(Ended::GuardKilled),
        }
    }

    /// Its output has ended: has it?
    fn wait_for_report(&mut self, patience: Duration) -> std::io::Result<Happened> {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let mut files = [PollFd::new(&self.control, PollFlags::IN)];
            match poll(&mut files, Timespec::try_from(left).ok().as_ref()) {
                Ok(0) => return Ok(Happened::Closed),
                Ok(_) => self.read_report(),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            if let Some(ended) = self.ended {
                self.collect_output();
                return Ok(Happened::Ended(ended));
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Makes the pipe as wide as unprivileged processes may, so that a large frame takes few turns; not needed to work.
fn widen(pipe: &impl AsFd) {
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, 1 << 20);
    #[cfg(not(target_os = "linux"))]
    let _ = pipe;
}
