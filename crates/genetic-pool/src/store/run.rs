//! Recording a run.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use genetic_pool_evolve::{
    algorithms::Population,
    evaluator::{Batch, Results},
    outcomes::OutcomeShape,
    problem::Signature,
};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use tempfile::Builder;

use super::{
    Holder, Home, Process, RunId, StoreError,
    encoding::{push_outcome, push_proposal},
    lock::RunLock,
    queue::{Message, Queue},
    reader::{RunReader, State, StoredSignature},
    records::{
        Decision, Ending, EventRecord, FailureTally, HistoryRow, Journal, LogRecord, NewRun, NewSession, Progress,
        SnapshotRecord,
    },
    schema,
    thread::{Recorder, spawn},
};

/// Writes a run's file, on a thread of its own, and holds the run's lock.
///
/// Its methods hand over and return; they wait only where the disk cannot keep up. A failure of the thread (the disk is
/// full) is returned by the next call, once; from then on they return [`StoreError::Stopped`]. Dropped without
/// [`end`](RunWriter::end), all that was handed over is still written, and the run shows as interrupted.
#[derive(Debug)]
pub struct RunWriter {
    id: RunId,
    path: PathBuf,
    queue: Arc<Queue>,
    /// `None` once it was waited for.
    thread: Option<JoinHandle<()>>,
    /// Released last, when all is written.
    lock: Option<RunLock>,
}

/// What a run has to go on with.
#[derive(Debug)]
pub struct Resumed {
    /// The last snapshot; `None`: the search begins at its start.
    pub snapshot: Option<SnapshotRecord>,
    /// The journalled outcomes of candidates that the snapshot has not committed.
    pub journal: Journal,
    /// What clocks decided about the search as a whole.
    pub decisions: Vec<Decision>,
    /// Where the run stood; never behind what was reported.
    pub progress: Option<Progress>,
    /// How many sessions there were before.
    pub sessions: usize,
}

impl RunWriter {
    /// Begins a run in `home`.
    pub fn create(home: &Home, new: &NewRun) -> Result<RunWriter, StoreError> {
        let runs = home.runs();
        fs::create_dir_all(&runs).map_err(StoreError::io("create", &runs))?;
        remove_abandoned(&runs);
        let now = Timestamp::now();
        // Whoever creates a run holds its lock first, so that nobody takes an id between our looking and our renaming.
        let (id, path, lock) = loop {
            let id = new.id.clone().unwrap_or_else(|| RunId::new(now));
            let path = home.path_of(&id);
            match RunLock::take(&path, &holder(now, &new.session)) {
                Ok(lock) if !path.exists() || new.id.is_some() => break (id, path, lock),
                Err(StoreError::Held { .. }) if new.id.is_none() => {}
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        };
        // The file appears under its name when it is whole: a run that is listed has its tables and its experiment.
        let partial = Builder::new()
            .prefix(PARTIAL)
            .permissions(fs::Permissions::from_mode(0o666))
            .tempfile_in(&runs)
            .map_err(StoreError::io("create a file in", &runs))?;
        write_new(partial.path(), &id, now, new)?;
        partial.persist_noclobber(&path).map_err(|error| StoreError::io("create", &path)(error.error))?;
        let connection = schema::open(&path, true)?;
        RunWriter::start(id, path, lock, connection, &new.signature, 1)
    }

    /// Takes up the run at `path` again, unless it is finished or another process has it.
    pub fn open(path: &Path, session: &NewSession) -> Result<(RunWriter, Resumed), StoreError> {
        fs::metadata(path).map_err(StoreError::io("open", path))?;
        let id = RunId::of_stem(&path.file_stem().unwrap_or_default().to_string_lossy());
        let now = Timestamp::now();
        let lock = RunLock::take(path, &holder(now, session))?;
        let reader = RunReader::from_connection(path, schema::open(path, true)?)?;
        let sessions = reader.sessions()?;
        if sessions.last().is_some_and(|last| last.state == State::Finished) {
            let stop = reader.result()?.map_or_else(String::new, |result| result.stop);
            return Err(StoreError::Finished { run: id.to_string(), stop });
        }
        let snapshot = reader.snapshot()?;
        let committed = snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.committed);
        let decisions = reader.decisions()?;
        let mut journal = reader.journal(&|candidate| {
            committed.get(usize::from(candidate.island())).is_none_or(|committed| candidate.index() >= *committed)
        })?;
        let again = decisions.iter().filter(|decision| decision.what == Decision::AGAIN);
        journal.forget(&again.map(|decision| decision.candidate).collect::<Vec<_>>());
        let progress = reader.progress()?;
        let signature = reader.meta().signature.clone();
        let connection = reader.into_connection();
        begin_session(&connection, now, session).map_err(StoreError::sqlite("write", path))?;
        let number = sessions.len() as i64 + 1;
        let writer = RunWriter::start(id, path.to_owned(), lock, connection, &signature, number)?;
        Ok((writer, Resumed { snapshot, journal, decisions, progress, sessions: sessions.len() }))
    }

    fn start(
        id: RunId,
        path: PathBuf,
        lock: RunLock,
        connection: Connection,
        signature: &Signature,
        session: i64,
    ) -> Result<RunWriter, StoreError> {
        let recorder = Recorder::new(connection, signature, session).map_err(StoreError::sqlite("write", &path))?;
        let queue = Arc::new(Queue::default());
        let thread =
            spawn(recorder, path.clone(), Arc::clone(&queue)).map_err(StoreError::io("begin to write", &path))?;
        Ok(RunWriter { id, path, queue, thread: Some(thread), lock: Some(lock) })
    }

    /// The run's id.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Records the genomes of candidates that go out, so that they can be shown and exported. For evaluations that
    /// are journalled.
    pub fn proposals(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let mut bytes = Vec::new();
        let rows = batch.candidates.len();
        (0..rows).for_each(|row| push_proposal(&mut bytes, batch, row));
        if rows == 0 { self.check() } else { self.push_sized(bytes.len(), Message::Proposals { rows, bytes }) }
    }

    /// Journals outcomes, in the order in which they stand; `timed` says of a row whether a clock decided it, beyond
    /// what its kind of failure says.
    pub fn outcomes(&mut self, results: &Results, timed: impl Fn(usize) -> bool) -> Result<(), StoreError> {
        let mut bytes = Vec::new();
        let rows = results.candidates.len();
        for row in 0..rows {
            let by_kind = results.outcomes.failure(row).is_some_and(|failure| failure.kind.timed());
            push_outcome(&mut bytes, results, row, by_kind || timed(row));
        }
        if rows == 0 { self.check() } else { self.push_sized(bytes.len(), Message::Outcomes { rows, bytes }) }
    }

    /// Journals what a clock decided about the search as a whole.
    pub fn decision(&mut self, decision: Decision) -> Result<(), StoreError> {
        self.push(Message::Decision(decision))
    }

    /// Records a generation; one that was recorded before is replaced.
    pub fn history(&mut self, row: HistoryRow) -> Result<(), StoreError> {
        self.push(Message::History(row))
    }

    /// Records where the run stands. Of several within [`COMMIT_EVERY`](super::COMMIT_EVERY) the last is written.
    pub fn progress(&mut self, progress: Progress) -> Result<(), StoreError> {
        self.push(Message::Progress(progress))
    }

    /// Records a snapshot; the last two are kept.
    pub fn snapshot(&mut self, snapshot: SnapshotRecord) -> Result<(), StoreError> {
        self.push_sized(snapshot.state.len(), Message::Snapshot(snapshot))
    }

    /// Records the best candidate, with several goals all of the front. It replaces what was recorded before.
    pub fn best(&mut self, best: &Population) -> Result<(), StoreError> {
        self.population("best", best.clone())
    }

    /// Records the last committed population. It replaces the one before.
    pub fn final_population(&mut self, population: &Population) -> Result<(), StoreError> {
        self.population("final", population.clone())
    }

    /// Records what was known before the run, best first.
    pub fn known(&mut self, known: Population) -> Result<(), StoreError> {
        self.population("known", known)
    }

    fn population(&mut self, list: &'static str, population: Population) -> Result<(), StoreError> {
        let shape = population.genomes.shape;
        let genes = 8 * (shape.reals + shape.ints + shape.bit_words()) + 4 * shape.items;
        let bytes = population.len() * (genes + 64);
        self.push_sized(bytes, Message::Population { list, population: Box::new(population) })
    }

    /// Records how many evaluations failed in which way, all in all. It replaces what was recorded before.
    pub fn failures(&mut self, tallies: Vec<FailureTally>) -> Result<(), StoreError> {
        self.push(Message::Failures(tallies))
    }

    /// Records what user code said. Of long texts the start and the end are kept, of all texts together 64 MiB.
    pub fn log(&mut self, log: LogRecord) -> Result<(), StoreError> {
        self.push_sized(log.text.len(), Message::Log(log))
    }

    /// Records an event.
    pub fn event(&mut self, event: EventRecord) -> Result<(), StoreError> {
        self.push(Message::Event { time: Timestamp::now(), event })
    }

    /// Records what is expected of the run. It replaces what was expected before.
    pub fn forecast(&mut self, forecast: serde_json::Value) -> Result<(), StoreError> {
        self.push(Message::Forecast(forecast))
    }

    /// Waits until all that was handed over is committed.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        self.queue.flush().map_err(|error| self.stopped(error))
    }

    /// Whether writing has failed, without handing anything over.
    pub fn check(&mut self) -> Result<(), StoreError> {
        self.queue.check().map_err(|error| self.stopped(error))
    }

    /// How many records were handed over, and how many of them are committed. What is told to people may wait until the
    /// second number reaches what the first was.
    pub fn counts(&self) -> (u64, u64) {
        self.queue.counts()
    }

    /// Ends the session: writes all that is left, leaves one plain file, and lets go of the run.
    pub fn end(mut self, ending: Ending) -> Result<(), StoreError> {
        self.push(Message::End { time: Timestamp::now(), ending })?;
        self.flush()?;
        self.join();
        // The ending is recorded. Putting the file in order can still fail: then its `-wal` holds part of it.
        self.check_tidied()
    }

    fn check_tidied(&self) -> Result<(), StoreError> {
        match self.queue.check() {
            Err(Some(error)) => Err(error),
            Ok(()) | Err(None) => Ok(()),
        }
    }

    fn push(&mut self, message: Message) -> Result<(), StoreError> {
        self.push_sized(0, message)
    }

    fn push_sized(&mut self, bytes: usize, message: Message) -> Result<(), StoreError> {
        let bytes = bytes + size_of::<Message>();
        self.queue.push(message, bytes).map_err(|error| self.stopped(error))
    }

    fn stopped(&self, error: Option<StoreError>) -> StoreError {
        error.unwrap_or_else(|| StoreError::Stopped { path: self.path.clone() })
    }

    fn join(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread shows as its being gone without an ending.
            let _ = thread.join();
        }
        self.lock = None;
    }

    #[cfg(test)]
    pub(super) fn inject(&mut self, message: Message) -> Result<(), StoreError> {
        self.push(message)
    }
}

impl Drop for RunWriter {
    fn drop(&mut self) {
        self.join();
    }
}

fn holder(since: Timestamp, session: &NewSession) -> Holder {
    // Told to the second.
    let since = Timestamp::from_second(since.as_second()).unwrap_or(since);
    Holder { pid: std::process::id(), since, command: session.command.clone() }
}

/// What the names of files begin with that are to become runs.
pub(super) const PARTIAL: &str = ".partial-";

/// Removes what processes left behind that were killed as they created a run, which takes seconds: after an hour.
fn remove_abandoned(runs: &Path) {
    // None of it is anybody's data: a failure leaves a file that takes room, and is none of this run's business.
    for entry in fs::read_dir(runs).into_iter().flatten().flatten() {
        let old = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        let partial = entry.file_name().to_string_lossy().starts_with(PARTIAL);
        if partial && old().is_some_and(|age| age > Duration::from_hours(1)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Writes the tables and all that is known when a run begins.
fn write_new(path: &Path, id: &RunId, now: Timestamp, new: &NewRun) -> Result<(), StoreError> {
    let signature = StoredSignature::of(&new.signature).ok_or(StoreError::Signature)?;
    let write = || -> rusqlite::Result<()> {
        let mut connection = Connection::open(path)?;
        // A file that is not whole is thrown away: there is nothing to roll back to.
        connection.pragma_update(None, "journal_mode", "MEMORY")?;
        let transaction = connection.transaction()?;
        schema::create(&transaction)?;
        let meta = [
            ("format", schema::FORMAT.to_string()),
            ("id", id.to_string()),
            ("created", now.as_millisecond().to_string()),
            ("program", new.program_version.clone()),
            ("name", new.name.clone()),
            ("experiment", new.experiment.clone()),
            ("directory", new.directory.to_string_lossy().into_owned()),
            ("code", new.code.clone()),
            ("seed", new.seed.to_string()),
            ("signature", signature),
            ("algorithm", new.algorithm.to_string()),
        ];
        let forecast = new.forecast.as_ref().map(|forecast| ("forecast", forecast.to_string()));
        for (key, value) in meta.into_iter().chain(forecast) {
            transaction.execute("INSERT INTO meta VALUES (?, ?)", params![key, value])?;
        }
        for file in &new.files {
            let values = params![file.path, file.executable, file.hash, file.contents];
            transaction.execute("INSERT INTO files VALUES (?, ?, ?, ?)", values)?;
        }
        begin_session(&transaction, now, &new.session)?;
        transaction.commit()?;
        connection.close().map_err(|(_, error)| error)
    };
    write().map_err(StoreError::sqlite("write", path))
}

/// Adds a session; one that was left open was interrupted.
fn begin_session(connection: &Connection, now: Timestamp, session: &NewSession) -> rusqlite::Result<()> {
    let process = Process::this();
    connection.execute("UPDATE sessions SET ending = 'interrupted' WHERE ending IS NULL", [])?;
    let environment = serde_json::to_string(&session.environment)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    connection.execute(
        "INSERT INTO sessions (started, pid, boot, process_started, slots, environment) VALUES (?, ?, ?, ?, ?, ?)",
        params![
            now.as_millisecond(),
            process.pid,
            process.boot,
            process.started.map(|ticks| ticks as i64),
            session.slots as i64,
            environment,
        ],
    )?;
    Ok(())
}

impl Resumed {
    /// The shape of its outcomes.
    pub fn outcome_shape(&self) -> OutcomeShape {
        self.journal.results.outcomes.shape
    }
}
