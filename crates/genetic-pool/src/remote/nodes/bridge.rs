//! The bridge's process: frames in, events out. It decides nothing.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use genetic_pool_evolve::evaluator::EvaluatorError;
use serde::Deserialize;
use serde_json::json;

use super::Options;
use crate::evaluate::{
    frames::{self, Carry, Kind},
    worker::read_frame,
};

/// How many of the last lines the bridge said are shown where it ended.
const LINES: usize = 20;

/// How many bytes are carried by one frame at most.
const PART: usize = 1 << 20;

/// How long the bridge may take to end everything on the nodes.
const END: Duration = Duration::from_secs(10);

/// What the bridge tells.
#[derive(Debug)]
pub(super) enum Event {
    /// A node has an actor that waits for frames.
    Joined(Joined),
    /// A node sends bytes.
    Carried { node: u32, bytes: Vec<u8> },
    /// A node is lost.
    Lost(Lost),
    /// Something is not as it should be.
    Trouble(String),
    /// The bridge itself has ended, with these last words.
    Ended(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Joined {
    pub(super) node: u32,
    pub(super) name: String,
    pub(super) slots: usize,
    /// How many others are on their way.
    pub(super) starting: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Lost {
    pub(super) node: u32,
    pub(super) name: String,
    pub(super) why: String,
}

#[derive(Deserialize)]
struct Trouble {
    text: String,
}

/// The process. Dropping it ends everything on the nodes.
#[derive(Debug)]
pub(super) struct Bridge {
    child: Child,
    stdin: Option<ChildStdin>,
    events: Receiver<Event>,
    threads: Vec<JoinHandle<()>>,
    frame: Vec<u8>,
}

impl Bridge {
    /// Starts it, for evaluations that take `cpus` CPUs each.
    pub(super) fn start(options: &Options, cpus: u32) -> Result<Bridge, EvaluatorError> {
        let failed = |fault: std::io::Error| EvaluatorError {
            message: format!("the bridge to Ray, `{}`, cannot be started: {fault}", options.python.display()),
            hint: None,
            source: None,
        };
        let mut command = Command::new(&options.python);
        command.arg("-u").arg(&options.bridge).env("RAY_DISABLE_IMPORT_WARNING", "1");
        // Ctrl-C is for the driver, which ends it when nothing is needed any more.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            unreachable!("they are piped")
        };
        let (sender, events) = channel();
        let said = Arc::new(Mutex::new(VecDeque::new()));
        let heard = Arc::clone(&said);
        let listener = std::thread::spawn(move || {
            for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                let mut said = heard.lock().unwrap_or_else(PoisonError::into_inner);
                if said.len() == LINES {
                    said.pop_front();
                }
                said.push_back(String::from_utf8_lossy(&line).into_owned());
            }
        });
        let reader = std::thread::spawn(move || {
            let fault = receive(BufReader::with_capacity(256 * 1024, stdout), &sender);
            let _ = listener.join();
            let said = said.lock().unwrap_or_else(PoisonError::into_inner);
            let words: Vec<String> = fault.into_iter().chain(said.iter().cloned()).collect();
            let _ = sender.send(Event::Ended(words.join("\n")));
        });
        let (threads, frame) = (vec![reader], Vec::new());
        let mut bridge = Bridge { child, stdin: Some(stdin), events, threads, frame };
        let command = [options.executable.to_string_lossy().into_owned(), "node".to_owned()];
        let hello = json!({ "command": command, "slots": options.slots, "cpus": cpus });
        let mut frame = Vec::new();
        frames::write_json(&mut frame, Kind::Hello, &hello);
        bridge.write(&frame);
        Ok(bridge)
    }

    /// What it tells.
    pub(super) fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// Has it carry `bytes` to a node.
    pub(super) fn carry(&mut self, node: u32, gather: Duration, bytes: &[u8]) {
        let mut frame = std::mem::take(&mut self.frame);
        for bytes in bytes.chunks(PART) {
            frame.clear();
            frames::write_carry(&mut frame, Carry { node, gather: gather.as_micros() as u32, bytes });
            self.write(&frame);
        }
        self.frame = frame;
    }

    /// In words, of one that has closed its output.
    pub(super) fn how_it_ended(&mut self) -> String {
        let until = Instant::now() + Duration::from_secs(1);
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return status.to_string(),
                Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(5)),
                _ => return "it closed its output".to_owned(),
            }
        }
    }

    /// A bridge that reads no more has ended, which it tells as an event.
    fn write(&mut self, frame: &[u8]) {
        if let Some(stdin) = &mut self.stdin
            && stdin.write_all(frame).is_err()
        {
            self.stdin = None;
        }
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.stdin = None;
        let until = Instant::now() + END;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Sends what is read as events, until the end; why, where it is not the end of the pipe.
fn receive(mut stdout: impl BufRead, events: &Sender<Event>) -> Option<String> {
    let mut body = Vec::new();
    loop {
        let kind = match read_frame(&mut stdout, &mut body) {
            Ok(Some(kind)) => kind,
            Ok(None) => return None,
            Err(error) => return Some(format!("{error}")),
        };
        let event = match event(kind, &body) {
            Ok(Some(event)) => event,
            Ok(None) => continue,
            Err(fault) => return Some(fault),
        };
        if events.send(event).is_err() {
            return None;
        }
    }
}

fn event(kind: Kind, body: &[u8]) -> Result<Option<Event>, String> {
    let fault = |fault: serde_json::Error| format!("it said what is not of the protocol: {fault}");
    Ok(Some(match kind {
        Kind::Joined => Event::Joined(serde_json::from_slice(body).map_err(fault)?),
        Kind::Lost => Event::Lost(serde_json::from_slice(body).map_err(fault)?),
        Kind::Trouble => Event::Trouble(serde_json::from_slice::<Trouble>(body).map_err(fault)?.text),
        Kind::Carry => {
            let carry = frames::read_carry(body).map_err(|fault| fault.to_string())?;
            Event::Carried { node: carry.node, bytes: carry.bytes.to_vec() }
        }
        _ => return Ok(None),
    }))
}
