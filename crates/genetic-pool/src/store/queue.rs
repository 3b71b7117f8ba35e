//! Between the run loop and the thread that writes.
//!
//! The thread sleeps until there is something to write, lets more gather for [`COMMIT_EVERY`], and takes all of it at
//! once: handing over costs an uncontended lock, and the number of commits does not depend on how busy the run is.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use genetic_pool_evolve::algorithms::Population;
use jiff::Timestamp;

use super::{
    StoreError,
    records::{Decision, Ending, EventRecord, FailureTally, HistoryRow, LogRecord, Progress, SnapshotRecord},
};

/// How long a record waits at most before the commit it is part of begins.
pub const COMMIT_EVERY: Duration = Duration::from_millis(50);

/// How much may wait, in bytes: more makes the run loop wait.
const ROOM: usize = 32 << 20;

/// Something to be recorded.
#[derive(Debug)]
pub(super) enum Message {
    Proposals {
        rows: usize,
        bytes: Vec<u8>,
    },
    Outcomes {
        rows: usize,
        bytes: Vec<u8>,
    },
    Decision(Decision),
    History(HistoryRow),
    Progress(Progress),
    Snapshot(SnapshotRecord),
    Population {
        list: &'static str,
        population: Box<Population>,
    },
    Failures(Vec<FailureTally>),
    Log(LogRecord),
    Event {
        time: Timestamp,
        event: EventRecord,
    },
    Forecast(serde_json::Value),
    End {
        time: Timestamp,
        ending: Ending,
    },
    #[cfg(test)]
    LimitPages(u32),
    #[cfg(test)]
    Panic,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// The thread waits here for work.
    work: Condvar,
    /// The run loop waits here for room and for commits.
    progress: Condvar,
}

#[derive(Debug, Default)]
struct State {
    messages: Vec<Message>,
    bytes: usize,
    /// Somebody waits for the next commit.
    hurry: bool,
    /// Nothing more comes.
    closed: bool,
    /// Messages handed over so far.
    sent: u64,
    /// Messages committed so far.
    committed: u64,
    /// The thread writes no more.
    gone: bool,
    /// Why, until somebody was told.
    error: Option<StoreError>,
}

impl Queue {
    /// Hands `message` over, whose size is about `bytes`; waits while too much is waiting already.
    ///
    /// `Err(None)`: the thread is gone, and somebody was told why.
    pub(super) fn push(&self, message: Message, bytes: usize) -> Result<(), Option<StoreError>> {
        let mut state = self.lock();
        loop {
            if state.gone {
                return Err(state.error.take());
            }
            if state.bytes == 0 || state.bytes + bytes <= ROOM {
                break;
            }
            state.hurry = true;
            self.work.notify_one();
            state = self.progress.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        // The thread sleeps without a deadline only where there is nothing.
        if state.messages.is_empty() {
            self.work.notify_one();
        }
        state.messages.push(message);
        state.bytes += bytes;
        state.sent += 1;
        Ok(())
    }

    /// Waits until all that was handed over is committed.
    pub(super) fn flush(&self) -> Result<(), Option<StoreError>> {
        let mut state = self.lock();
        let sent = state.sent;
        loop {
            if state.gone && state.committed < sent {
                return Err(state.error.take());
            }
            if state.committed >= sent {
                return Ok(());
            }
            state.hurry = true;
            self.work.notify_one();
            state = self.progress.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether the thread has failed: the error, once.
    pub(super) fn check(&self) -> Result<(), Option<StoreError>> {
        let mut state = self.lock();
        if state.gone { Err(state.error.take()) } else { Ok(()) }
    }

    /// How many messages were handed over, and how many of them are committed.
    pub(super) fn counts(&self) -> (u64, u64) {
        let state = self.lock();
        (state.sent, state.committed)
    }

    /// Nothing more comes: the thread writes what is left and ends.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.work.notify_one();
    }

    /// For the thread: fills the empty `messages` with the next ones to commit together, and says how many were handed
    /// over up to them; `None` after the last.
    pub(super) fn next(&self, messages: &mut Vec<Message>) -> Option<u64> {
        let mut state = self.lock();
        while state.messages.is_empty() && !state.closed {
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let due = Instant::now() + COMMIT_EVERY;
        while !state.hurry && !state.closed {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.hurry = false;
        if state.messages.is_empty() {
            return None;
        }
        std::mem::swap(&mut state.messages, messages);
        state.bytes = 0;
        self.progress.notify_all();
        Some(state.sent)
    }

    /// For the thread: the messages up to number `committed` are committed.
    pub(super) fn committed(&self, committed: u64) {
        self.lock().committed = committed;
        self.progress.notify_all();
    }

    /// For the thread: it writes no more.
    pub(super) fn gone(&self, error: Option<StoreError>) {
        let mut state = self.lock();
        state.gone = true;
        if error.is_some() {
            state.error = error;
        }
        self.progress.notify_all();
    }

    /// Nothing is done under the lock that could leave it half done, so a poisoned one is as good as another.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
