//! A program that runs, and what it has printed so far.

use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::{ended::Ended, filters::Filters};

/// How often it is looked whether the program has ended.
const POLL: Duration = Duration::from_millis(3);

/// A program under way. What is left of its process group is killed when this is dropped.
pub struct Running {
    child: Child,
    group: Pid,
    stdout: Output,
    stderr: Output,
    filters: Filters,
}

impl Running {
    pub(crate) fn start(mut command: Command, filters: Filters) -> Running {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("start {command:?}: {error}"));
        let group = Pid::from_child(&child);
        let stdout = Output::read(child.stdout.take().unwrap());
        let stderr = Output::read(child.stderr.take().unwrap());
        Running { child, group, stdout, stderr, filters }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it SIGINT, as Ctrl-C does; to it alone, not to its children.
    pub fn interrupt(&self) {
        kill_process(self.group, Signal::INT).unwrap();
    }

    /// Sends SIGINT to it and to the children that are in its process group, as Ctrl-C in a terminal does.
    pub fn interrupt_as_a_terminal(&self) {
        kill_process_group(self.group, Signal::INT).unwrap();
    }

    /// Sends it SIGTERM.
    pub fn terminate(&self) {
        kill_process(self.group, Signal::TERM).unwrap();
    }

    /// Kills it alone, its children not, and waits for its end.
    pub fn kill(mut self) -> Ended {
        self.child.kill().unwrap();
        self.wait(Duration::from_secs(10))
    }

    /// Waits until standard output holds `text`; fails after `deadline` or where the output ends without.
    pub fn wait_for_stdout(&self, text: &str, deadline: Duration) {
        self.wait_for("standard output", &self.stdout, text, deadline);
    }

    /// Waits until standard error holds `text`; fails after `deadline` or where the output ends without.
    pub fn wait_for_stderr(&self, text: &str, deadline: Duration) {
        self.wait_for("standard error", &self.stderr, text, deadline);
    }

    /// Waits for its end; fails after `deadline`.
    ///
    /// Children that outlive it may hold its outputs: what they print later is not waited for.
    pub fn wait(mut self, deadline: Duration) -> Ended {
        let end = Instant::now() + deadline;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > end {
                let ended = self.ended(None);
                panic!("the program has not ended after {deadline:?}:\n{}", ended.unfiltered());
            }
            thread::sleep(POLL);
        };
        for output in [&mut self.stdout, &mut self.stderr] {
            output.finish(Duration::from_secs(2));
        }
        self.ended(Some(status))
    }

    /// What has been printed on standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What has been printed on standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    fn wait_for(&self, name: &str, output: &Output, text: &str, deadline: Duration) {
        let found = output.wait_for(text, deadline);
        assert!(found, "no `{text}` on {name} in {deadline:?}:\n{}", self.ended(None).unfiltered());
    }

    fn ended(&self, status: Option<ExitStatus>) -> Ended {
        Ended {
            code: status.and_then(|status| status.code()),
            signal: status.and_then(|status| status.signal()),
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
            filters: self.filters.clone(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The group may be gone already, which is what is wanted.
        let _ = kill_process_group(self.group, Signal::KILL);
        let _ = self.child.wait();
    }
}

/// What comes out of a pipe, gathered by a thread.
struct Output {
    gathered: Arc<Gathered>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Gathered {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    ended: bool,
}

impl Output {
    fn read(pipe: impl Read + Send + 'static) -> Output {
        let gathered = Arc::new(Gathered::default());
        let writer = Arc::clone(&gathered);
        let thread = thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            loop {
                let taken = match pipe.fill_buf() {
                    Ok(bytes) if !bytes.is_empty() => {
                        writer.state.lock().unwrap().bytes.extend_from_slice(bytes);
                        bytes.len()
                    }
                    Ok(_) | Err(_) => break,
                };
                pipe.consume(taken);
                writer.changed.notify_all();
            }
            writer.state.lock().unwrap().ended = true;
            writer.changed.notify_all();
        });
        Output { gathered, thread: Some(thread) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.gathered.state.lock().unwrap().bytes).into_owned()
    }

    fn wait_for(&self, text: &str, deadline: Duration) -> bool {
        let found = |state: &State| state.bytes.windows(text.len().max(1)).any(|window| window == text.as_bytes());
        let state = self.gathered.state.lock().unwrap();
        let waiting = |state: &mut State| !found(state) && !state.ended;
        let (state, _) = self.gathered.changed.wait_timeout_while(state, deadline, waiting).unwrap();
        found(&state)
    }

    fn finish(&mut self, deadline: Duration) {
        let state = self.gathered.state.lock().unwrap();
        let (state, _) = self.gathered.changed.wait_timeout_while(state, deadline, |state| !state.ended).unwrap();
        if state.ended {
            drop(state);
            if let Some(thread) = self.thread.take() {
                thread.join().unwrap();
            }
        }
    }
}
