//! The thread that writes a run's file.

use std::{io, path::PathBuf, sync::Arc, thread::JoinHandle, time::Duration};

use genetic_pool_evolve::{algorithms::Population, problem::Signature, space::Genome};
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use super::{
    StoreError,
    encoding::{push_genes, push_outputs, shortened},
    queue::{Message, Queue},
    records::{Ending, FailureTally, HistoryRow, LogRecord, Progress, RunResult, SnapshotRecord},
};
use crate::{experiment, numbers};

/// The longest text of one log that is kept whole.
const LOG_LIMIT: usize = 256 << 10;

/// How much all logs of a run may hold together.
const LOGS_LIMIT: usize = 64 << 20;

/// The largest blob that holds journalled rows, but for one whose single row is larger.
const BLOCK_LIMIT: usize = 1 << 20;

/// How long a clean end waits for readers, to leave one plain file.
const TIDY_PATIENCE: Duration = Duration::from_millis(500);

/// Writes messages.
#[derive(Debug)]
pub(super) struct Recorder {
    connection: Connection,
    signature: Signature,
    /// The number of the session.
    session: i64,
    /// Whether commits wait for the disk.
    synchronous: bool,
    /// How much the logs hold.
    logged: usize,
    /// Whether the session has ended.
    ended: bool,
}

impl Recorder {
    pub(super) fn new(connection: Connection, signature: &Signature, session: i64) -> rusqlite::Result<Recorder> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let logged: i64 =
            connection.query_row("SELECT coalesce(sum(octet_length(text)), 0) FROM logs", [], |row| row.get(0))?;
        let signature = signature.clone();
        Ok(Recorder { connection, signature, session, synchronous: false, logged: logged as usize, ended: false })
    }

    /// Writes `messages` in one transaction and leaves them empty.
    fn commit(&mut self, messages: &mut Vec<Message>) -> rusqlite::Result<()> {
        let journals = |message: &Message| matches!(message, Message::Outcomes { .. } | Message::Decision(_));
        if !self.synchronous && messages.iter().any(journals) {
            self.connection.pragma_update(None, "synchronous", "FULL")?;
            self.synchronous = true;
        }
        let mut write = Write {
            transaction: Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?,
            signature: &self.signature,
            session: self.session,
            proposals: Block::default(),
            outcomes: Block::default(),
            logged: self.logged,
        };
        let mut last = LastOnes::default();
        for message in messages.drain(..) {
            self.ended |= matches!(message, Message::End { .. });
            if let Some(message) = last.keep(message) {
                write.message(message)?;
            }
        }
        for message in last.into_messages() {
            write.message(message)?;
        }
        write.proposals.write(&write.transaction, "INSERT INTO proposals (rows, hash, data) VALUES (?, ?, ?)")?;
        write.outcomes.write(&write.transaction, "INSERT INTO journal (rows, hash, data) VALUES (?, ?, ?)")?;
        self.logged = write.logged;
        write.transaction.commit()
    }

    /// Leaves one plain file where the session has ended and nobody reads it.
    fn tidy(self) -> rusqlite::Result<()> {
        if self.ended {
            self.connection.busy_timeout(TIDY_PATIENCE)?;
            let busy = |error: &rusqlite::Error| error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy);
            match self.connection.pragma_update(None, "journal_mode", "DELETE") {
                // Somebody reads it: who closes it last puts it in order, or who opens it next.
                Err(error) if busy(&error) => {}
                result => result?,
            }
        }
        self.connection.close().map_err(|(_, error)| error)
    }
}

/// Starts the thread that writes what comes through `queue` with `recorder`, to the file at `path`.
pub(super) fn spawn(recorder: Recorder, path: PathBuf, queue: Arc<Queue>) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("store".to_owned()).spawn(move || {
        let gone = Gone(&queue);
        gone.0.gone_with(work(recorder, &path, gone.0));
    })
}

fn work(mut recorder: Recorder, path: &std::path::Path, queue: &Queue) -> Result<(), StoreError> {
    let failed = StoreError::sqlite("write", path);
    let mut messages = Vec::new();
    while let Some(upto) = queue.next(&mut messages) {
        recorder.commit(&mut messages).map_err(&failed)?;
        queue.committed(upto);
    }
    recorder.tidy().map_err(&failed)
}

/// Whoever waits for the thread is woken also where it panics.
struct Gone<'a>(&'a Queue);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.gone(None);
    }
}

impl Queue {
    fn gone_with(&self, result: Result<(), StoreError>) {
        if let Err(error) = result {
            self.gone(Some(error));
        }
    }
}

/// The messages of which only the last counts, in the order in which they are written: what ends a session is last, so
/// that nothing overwrites what it says.
#[derive(Default)]
struct LastOnes {
    progress: Option<Message>,
    best: Option<Message>,
    failures: Option<Message>,
    snapshot: Option<Message>,
    end: Option<Message>,
}

impl LastOnes {
    /// Keeps `message` for later if it is of that sort, in place of the one before; gives it back if it is not.
    fn keep(&mut self, message: Message) -> Option<Message> {
        let place = match &message {
            Message::Progress(_) => &mut self.progress,
            Message::Population { list: "best", .. } => &mut self.best,
            Message::Failures(_) => &mut self.failures,
            Message::Snapshot(_) => &mut self.snapshot,
            Message::End { .. } => &mut self.end,
            _ => return Some(message),
        };
        *place = Some(message);
        None
    }

    fn into_messages(self) -> impl Iterator<Item = Message> {
        [self.progress, self.best, self.failures, self.snapshot, self.end].into_iter().flatten()
    }
}

/// Rows that go into one blob.
#[derive(Default)]
struct Block {
    rows: usize,
    bytes: Vec<u8>,
}

impl Block {
    fn add(&mut self, rows: usize, bytes: Vec<u8>) {
        self.rows += rows;
        if self.bytes.is_empty() { self.bytes = bytes } else { self.bytes.extend(bytes) }
    }

    fn write(&mut self, transaction: &Transaction<'_>, insert: &str) -> rusqlite::Result<()> {
        if self.rows > 0 {
            let values = params![self.rows as i64, xxh3_64(&self.bytes) as i64, self.bytes];
            transaction.prepare_cached(insert)?.execute(values)?;
        }
        *self = Block::default();
        Ok(())
    }
}

/// One transaction.
struct Write<'a> {
    transaction: Transaction<'a>,
    signature: &'a Signature,
    session: i64,
    proposals: Block,
    outcomes: Block,
    logged: usize,
}

impl Write<'_> {
    fn message(&mut self, message: Message) -> rusqlite::Result<()> {
        match message {
            Message::Proposals { rows, bytes } => {
                self.proposals.add(rows, bytes);
                if self.proposals.bytes.len() > BLOCK_LIMIT {
                    let insert = "INSERT INTO proposals (rows, hash, data) VALUES (?, ?, ?)";
                    self.proposals.write(&self.transaction, insert)?;
                }
                Ok(())
            }
            Message::Outcomes { rows, bytes } => {
                self.outcomes.add(rows, bytes);
                if self.outcomes.bytes.len() > BLOCK_LIMIT {
                    let insert = "INSERT INTO journal (rows, hash, data) VALUES (?, ?, ?)";
                    self.outcomes.write(&self.transaction, insert)?;
                }
                Ok(())
            }
            Message::Decision(decision) => {
                let insert = "INSERT INTO decisions (candidate, what) VALUES (?, ?)";
                self.execute(insert, params![decision.candidate.0 as i64, decision.what])
            }
            Message::History(row) => self.history(row),
            Message::Progress(progress) => self.progress(progress),
            Message::Snapshot(snapshot) => self.snapshot(&snapshot),
            Message::Population { list, population } => self.population(list, &population),
            Message::Failures(tallies) => self.failures(&tallies),
            Message::Log(log) => self.log(&log),
            Message::Event { time, event } => {
                let values = params![time.as_millisecond(), event.kind, event.data.to_string()];
                self.execute("INSERT INTO events (time, kind, data) VALUES (?, ?, ?)", values)
            }
            Message::Forecast(forecast) => {
                self.execute("INSERT OR REPLACE INTO meta VALUES ('forecast', ?)", params![forecast.to_string()])
            }
            Message::End { time, ending } => self.end(time, &ending),
            #[cfg(test)]
            Message::LimitPages(pages) => {
                self.transaction.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            }
            #[cfg(test)]
            Message::Panic => panic!("injected"),
        }
    }

    fn execute(&self, statement: &str, values: impl rusqlite::Params) -> rusqlite::Result<()> {
        self.transaction.prepare_cached(statement)?.execute(values)?;
        Ok(())
    }

    fn history(&self, row: HistoryRow) -> rusqlite::Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                row.island,
                row.generation as i64,
                row.evaluations as i64,
                known(row.best),
                known(row.violation),
                known(row.mean),
                known(row.median),
                known(row.worst),
                known(row.spread),
                row.failures as i64,
                row.seconds,
            ],
        )
    }

    fn progress(&self, progress: Progress) -> rusqlite::Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO progress VALUES (1, ?, ?, ?, ?, ?, ?)",
            params![
                progress.evaluations as i64,
                progress.generations as i64,
                known(progress.best),
                known(progress.violation),
                progress.failures as i64,
                progress.seconds,
            ],
        )
    }

    fn snapshot(&self, snapshot: &SnapshotRecord) -> rusqlite::Result<()> {
        let committed: Vec<Value> = snapshot.committed.iter().map(|committed| Value::from(*committed)).collect();
        self.execute(
            "INSERT INTO snapshots (evaluations, generation, committed, hash, state) VALUES (?, ?, ?, ?, ?)",
            params![
                snapshot.evaluations as i64,
                snapshot.generation as i64,
                Value::Array(committed).to_string(),
                xxh3_64(&snapshot.state) as i64,
                snapshot.state,
            ],
        )?;
        self.execute("DELETE FROM snapshots WHERE snapshot <= (SELECT max(snapshot) FROM snapshots) - 2", [])
    }

    fn population(&self, list: &str, population: &Population) -> rusqlite::Result<()> {
        self.execute("DELETE FROM individuals WHERE list = ?", [list])?;
        if let ("best", Some(row)) = (list, population.best()) {
            let outcomes = &population.outcomes;
            let violation = known(self.signature.violation(outcomes.constraints(row)));
            let objective = outcomes.objectives(row).first().and_then(|objective| known(*objective));
            self.execute(
                "INSERT INTO progress VALUES (1, 0, 0, ?, ?, 0, 0.0)
                 ON CONFLICT DO UPDATE SET best = excluded.best, violation = excluded.violation",
                params![objective, violation],
            )?;
        }
        for (place, row) in population.order().into_iter().enumerate() {
            let failure = population.outcomes.failure(row);
            let violation = match failure {
                None => Some(self.signature.violation(population.outcomes.constraints(row))),
                Some(_) => None,
            };
            let (mut genes, mut outputs) = (Vec::new(), Vec::new());
            push_genes(&mut genes, &population.genomes, row);
            push_outputs(&mut outputs, &population.outcomes, row);
            self.execute(
                "INSERT INTO individuals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    list,
                    place as i64,
                    population.candidates[row].0 as i64,
                    violation,
                    failure.map(|failure| failure.kind.word()),
                    Value::Object(experiment::genome_to_json(Genome::new(
                        &self.signature.space,
                        &population.genomes,
                        row
                    )))
                    .to_string(),
                    Value::Object(outcome(self.signature, population, row)).to_string(),
                    genes,
                    outputs,
                ],
            )?;
        }
        Ok(())
    }

    fn failures(&self, tallies: &[FailureTally]) -> rusqlite::Result<()> {
        self.execute("DELETE FROM failures", [])?;
        for tally in tallies {
            self.execute(
                "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?)",
                params![
                    tally.kind as u8,
                    tally.kind.word(),
                    tally.count as i64,
                    tally.candidate.0 as i64,
                    shortened(&tally.message, LOG_LIMIT),
                ],
            )?;
        }
        Ok(())
    }

    fn log(&mut self, log: &LogRecord) -> rusqlite::Result<()> {
        let text = shortened(&log.text, LOG_LIMIT);
        let truncated = log.truncated || text.len() != log.text.len();
        // What does not fit is told, so that nobody takes silence for silence.
        let fits = self.logged + text.len() <= LOGS_LIMIT;
        let (text, truncated) = if fits { (&*text, truncated) } else { ("", true) };
        self.logged += text.len();
        let values = params![log.candidate.0 as i64, log.attempt, truncated, text];
        self.execute("INSERT OR REPLACE INTO logs VALUES (?, ?, ?, ?)", values)
    }

    fn end(&self, time: Timestamp, ending: &Ending) -> rusqlite::Result<()> {
        let (word, message, hint) = match ending {
            Ending::Finished(result) => {
                self.result(result)?;
                ("finished", None, None)
            }
            Ending::Stopped(result) => {
                self.result(result)?;
                ("stopped", None, None)
            }
            Ending::Failed { message, hint } => ("failed", Some(message), hint.as_ref()),
        };
        self.execute(
            "UPDATE sessions SET ended = ?, ending = ?, message = ?, hint = ? WHERE session = ?",
            params![time.as_millisecond(), word, message, hint, self.session],
        )
    }

    /// Records what the run came to, which is also where it stands.
    fn result(&self, result: &RunResult) -> rusqlite::Result<()> {
        self.execute(
            "INSERT INTO progress
             VALUES (1, ?, ?, NULL, NULL, (SELECT coalesce(sum(count), 0) FROM failures), ?)
             ON CONFLICT DO UPDATE SET evaluations = excluded.evaluations, generations = excluded.generations,
                 failures = max(failures, excluded.failures), seconds = excluded.seconds",
            params![result.evaluations as i64, result.generations as i64, result.seconds],
        )?;
        self.execute(
            "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![
                self.session,
                result.digest,
                result.stop,
                result.evaluations as i64,
                result.generations as i64,
                result.seconds,
                result.timed,
            ],
        )
    }
}

/// The outputs of row `row` by name.
fn outcome(signature: &Signature, population: &Population, row: usize) -> Map<String, Value> {
    let outcomes = &population.outcomes;
    let goals = signature.goals.iter().map(|goal| &goal.name).zip(outcomes.objectives(row));
    let constraints = signature.constraints.iter().map(|constraint| &constraint.name).zip(outcomes.constraints(row));
    let measures = signature.measures.iter().zip(outcomes.measures(row));
    let outputs = goals.chain(constraints).chain(measures);
    outputs.map(|(name, value)| (name.clone(), numbers::value(*value))).collect()
}

/// SQLite has no NaN: it says NULL.
fn known(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}
