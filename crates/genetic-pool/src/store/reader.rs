//! Reading a run, be it finished, interrupted or under way.

use std::{
    collections::{HashMap, hash_map::Entry},
    path::{Path, PathBuf},
    time::Duration,
};

use genetic_pool_evolve::{
    evaluator::Results,
    outcomes::{OutcomeShape, Outcomes},
    problem::{CandidateId, Constraint, Failure, Goal, Signature},
    space::{Domain, Genome, Genomes, Parameter, Space},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, backup::Backup, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use super::{
    Environment, Holder, RunId, StoreError, StoredFile,
    encoding::{failure_kind, output_bytes, read_genes, read_outcomes, read_outputs, read_proposals},
    lock::{self, Taken},
    records::{Decision, FailureTally, HistoryRow, Journal, LogRecord, Progress, RunResult, SnapshotRecord},
    schema,
};
use crate::{event::Stop, experiment};

/// Reads a run's file.
#[derive(Debug)]
pub struct RunReader {
    connection: Connection,
    path: PathBuf,
    meta: Meta,
}

/// What is known of a run from its beginning.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// The id it was given; the file may be called otherwise.
    pub id: String,
    /// When it began.
    pub created: Timestamp,
    /// The version of the program that began it.
    pub program: String,
    /// What people call its experiment.
    pub name: String,
    /// The experiment's text, resolved.
    pub experiment: String,
    /// The folder of the experiment's file.
    pub directory: PathBuf,
    /// What tells the evaluation's code in the program from another: a version or a hash; empty where all of it is in
    /// the files.
    pub code: String,
    /// The seed of all chance.
    pub seed: u64,
    /// Space, goals, constraints and measures.
    pub signature: Signature,
    /// The algorithm with its options.
    pub algorithm: Value,
    /// What was expected of it.
    pub forecast: Option<Value>,
}

/// What becomes of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A process works on it.
    Running,
    /// The process that worked on it is gone without having ended it; it can be resumed.
    Interrupted,
    /// Somebody stopped it; it can be resumed.
    Stopped,
    /// A stop rule ended it.
    Finished,
    /// Something went wrong; it can be resumed once that is put right.
    Failed,
}

/// A process's work on a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// When it began.
    pub started: Timestamp,
    /// When it ended, where it was ended.
    pub ended: Option<Timestamp>,
    /// What became of it.
    pub state: State,
    /// What went wrong, and what the user was told to do.
    pub failure: Option<(String, Option<String>)>,
    /// The process's id.
    pub pid: u32,
    /// How many evaluations went at once.
    pub slots: u64,
    /// Where it ran.
    pub environment: Environment,
}

/// A run in short.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// What people call its experiment.
    pub name: String,
    /// When it began.
    pub created: Timestamp,
    /// What becomes of it.
    pub state: State,
    /// Who has it.
    pub holder: Option<Holder>,
    /// Where it stands.
    pub progress: Option<Progress>,
    /// Its goals.
    pub goals: Vec<Goal>,
}

/// Which stored individuals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// The best one so far; with several goals the front, the best in the first goal first.
    Best,
    /// The last committed population, best first; empty until the run ends.
    Final,
    /// What was known before the run, best first.
    Known,
}

/// A candidate of a stored list.
#[derive(Clone, Debug, PartialEq)]
pub struct Individual {
    /// Which.
    pub candidate: CandidateId,
    /// Its parameters that count, by name.
    pub genome: Map<String, Value>,
    /// Its genes, bit for bit: one row.
    pub genes: Genomes,
    /// Its outputs, bit for bit: one row. All NaN where it failed.
    pub outputs: Outcomes,
    /// How far it violates constraints in all; `None` where it failed.
    pub violation: Option<f64>,
    /// How it failed, in a word.
    pub failure: Option<String>,
}

/// An event with the time it was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    /// When.
    pub time: Timestamp,
    /// What, in a word.
    pub kind: String,
    /// The particulars.
    pub data: Value,
}

/// A journalled evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Whose.
    pub candidate: CandidateId,
    /// Its parameters that count, by name, where they were recorded.
    pub genome: Option<Map<String, Value>>,
    /// Its outputs, bit for bit: one row. All NaN where it failed.
    pub outputs: Outcomes,
    /// Seconds it took; 0 where that was not measured.
    pub seconds: f32,
    /// Whether a clock or the machine's memory decided it.
    pub timed: bool,
}

/// All that is known of a candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct CandidateRecord {
    /// Which.
    pub candidate: CandidateId,
    /// Its parameters that count, by name, where they were recorded.
    pub genome: Option<Map<String, Value>>,
    /// Its outputs, one row, where they were recorded.
    pub outputs: Option<Outcomes>,
    /// Seconds its evaluation took, where it was journalled.
    pub seconds: Option<f32>,
    /// Whether a clock or the machine's memory decided it, where it was journalled.
    pub timed: Option<bool>,
    /// What user code said, by tries.
    pub logs: Vec<LogRecord>,
}

/// A signature as it stands in the file.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredSignature {
    parameters: Vec<Parameter>,
    goals: Vec<Goal>,
    constraints: Vec<Constraint>,
    measures: Vec<String>,
}

impl StoredSignature {
    /// `signature` as JSON; `None` where it would not come back as it is.
    pub(super) fn of(signature: &Signature) -> Option<String> {
        let stored = StoredSignature {
            parameters: signature.space.parameters().to_vec(),
            goals: signature.goals.clone(),
            constraints: signature.constraints.clone(),
            measures: signature.measures.clone(),
        };
        let text = serde_json::to_string(&stored).ok()?;
        (StoredSignature::read(&text)? == *signature).then_some(text)
    }

    fn read(text: &str) -> Option<Signature> {
        let StoredSignature { parameters, goals, constraints, measures } = serde_json::from_str(text).ok()?;
        Some(Signature { space: Space::new(parameters).ok()?, goals, constraints, measures })
    }
}

impl RunReader {
    /// Opens the run at `path`.
    pub fn open(path: &Path) -> Result<RunReader, StoreError> {
        RunReader::from_connection(path, schema::open(path, false)?)
    }

    pub(super) fn from_connection(path: &Path, connection: Connection) -> Result<RunReader, StoreError> {
        let meta = read_meta(path, &connection)?;
        Ok(RunReader { connection, path: path.to_owned(), meta })
    }

    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run's id: the name of its file.
    pub fn id(&self) -> RunId {
        RunId::of_stem(&self.path.file_stem().unwrap_or_default().to_string_lossy())
    }

    /// What is known of it from its beginning.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The shape of its outcomes.
    pub fn outcome_shape(&self) -> OutcomeShape {
        OutcomeShape::of(&self.meta.signature)
    }

    /// The user's files, by path.
    pub fn files(&self) -> Result<Vec<StoredFile>, StoreError> {
        self.rows("SELECT path, executable, hash, contents FROM files ORDER BY path", [], |row| {
            Ok(StoredFile { path: row.get(0)?, executable: row.get(1)?, hash: row.get(2)?, contents: row.get(3)? })
        })
    }

    /// Its sessions, first to last. Whether the last one is running is for [`state`](RunReader::state) to say.
    pub fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        let columns =
            "SELECT started, ended, ending, message, hint, pid, slots, environment FROM sessions ORDER BY session";
        self.rows(columns, [], |row| {
            let ending: Option<String> = row.get(2)?;
            let state = match ending.as_deref() {
                None | Some("interrupted") => State::Interrupted,
                Some("stopped") => State::Stopped,
                Some("finished") => State::Finished,
                Some("failed") => State::Failed,
                Some(_) => return Err(unreadable(2)),
            };
            let message: Option<String> = row.get(3)?;
            let hint: Option<String> = row.get(4)?;
            let environment: String = row.get(7)?;
            Ok(Session {
                started: time(row, 0)?,
                ended: row.get::<_, Option<i64>>(1)?.map(|_| time(row, 1)).transpose()?,
                state,
                failure: message.map(|message| (message, hint)),
                pid: row.get(5)?,
                slots: unsigned(row, 6)?,
                environment: serde_json::from_str(&environment).map_err(|_| unreadable(7))?,
            })
        })
    }

    /// What becomes of it, and who has it where a process works on it.
    pub fn state(&self) -> Result<(State, Option<Holder>), StoreError> {
        let ending = || -> Result<Option<State>, StoreError> {
            let last = self.sessions()?.pop().ok_or_else(|| StoreError::damaged(&self.path, "it has no session"))?;
            Ok(Some(last.state).filter(|state| *state != State::Interrupted))
        };
        if let Some(state) = ending()? {
            return Ok((state, None));
        }
        match lock::taken(&self.path).map_err(StoreError::io("ask for the lock of", &self.path))? {
            Taken::By(holder) => Ok((State::Running, holder)),
            // It may have ended between our two questions.
            Taken::Free => Ok((ending()?.unwrap_or(State::Interrupted), None)),
        }
    }

    /// Fails where there is nothing to go on with, or another process has the run.
    pub fn resumable(&self) -> Result<(), StoreError> {
        let run = || self.id().to_string();
        match self.state()? {
            (State::Finished, _) => {
                let stop = self.result()?.map_or_else(String::new, |result| result.stop);
                Err(StoreError::Finished { run: run(), stop })
            }
            (State::Running, holder) => Err(StoreError::Held { run: run(), holder }),
            (State::Stopped | State::Failed | State::Interrupted, _) => Ok(()),
        }
    }

    /// Whether failed evaluations have stopped the run, in this session or one before.
    pub fn stopped_by_failures(&self) -> Result<bool, StoreError> {
        let stops = self.rows("SELECT stop FROM results", [], |row| row.get::<_, String>(0))?;
        let failures = [Stop::FirstFailed, Stop::Failed, Stop::Failures].map(Stop::word);
        Ok(stops.iter().any(|stop| failures.contains(&stop.as_str())))
    }

    /// The run in short.
    pub fn summary(&self) -> Result<Summary, StoreError> {
        let (state, holder) = self.state()?;
        Ok(Summary {
            name: self.meta.name.clone(),
            created: self.meta.created,
            state,
            holder,
            progress: self.progress()?,
            goals: self.meta.signature.goals.clone(),
        })
    }

    /// Where it stands; `None` until there is something to tell.
    ///
    /// The history may be ahead of what was recorded last: generations are recorded one by one.
    pub fn progress(&self) -> Result<Option<Progress>, StoreError> {
        let recorded = "SELECT evaluations, generations, best, violation, failures, seconds FROM progress";
        let last = "SELECT evaluations, generation + 1, best, violation, failures, seconds FROM history
                    ORDER BY evaluations DESC LIMIT 1";
        let mut stands = Vec::new();
        for query in [recorded, last] {
            stands.extend(self.rows(query, [], |row| {
                Ok(Progress {
                    evaluations: unsigned(row, 0)?,
                    generations: unsigned(row, 1)?,
                    best: figure(row, 2)?,
                    violation: figure(row, 3)?,
                    failures: unsigned(row, 4)?,
                    seconds: row.get(5)?,
                })
            })?);
        }
        // Of equal ones the last is taken: what was recorded knows more.
        Ok(stands.into_iter().rev().max_by_key(|progress| progress.evaluations))
    }

    /// Its generations, by island and number.
    pub fn history(&self) -> Result<Vec<HistoryRow>, StoreError> {
        self.rows("SELECT * FROM history ORDER BY island, generation", [], |row| {
            Ok(HistoryRow {
                island: row.get(0)?,
                generation: unsigned(row, 1)?,
                evaluations: unsigned(row, 2)?,
                best: figure(row, 3)?,
                violation: figure(row, 4)?,
                mean: figure(row, 5)?,
                median: figure(row, 6)?,
                worst: figure(row, 7)?,
                spread: figure(row, 8)?,
                failures: unsigned(row, 9)?,
                seconds: row.get(10)?,
            })
        })
    }

    /// Stored individuals, best first.
    pub fn individuals(&self, list: List) -> Result<Vec<Individual>, StoreError> {
        let name = match list {
            List::Best => "best",
            List::Final => "final",
            List::Known => "known",
        };
        let columns = "SELECT candidate, violation, failure, genome, genes, outputs FROM individuals";
        self.rows(&format!("{columns} WHERE list = ? ORDER BY place"), [name], |row| self.individual(row))
    }

    fn individual(&self, row: &Row<'_>) -> rusqlite::Result<Individual> {
        let genome: String = row.get(3)?;
        let genes = row.get_ref(4)?.as_blob()?;
        let mut outputs = Outcomes::new(self.outcome_shape(), 1);
        let bytes = row.get_ref(5)?.as_blob()?;
        if bytes.len() != output_bytes(outputs.shape) {
            return Err(unreadable(5));
        }
        read_outputs(&mut &*bytes, &mut outputs, 0).ok_or_else(|| unreadable(5))?;
        Ok(Individual {
            candidate: CandidateId(row.get::<_, i64>(0)? as u64),
            genome: serde_json::from_str(&genome).map_err(|_| unreadable(3))?,
            genes: self.genes(genes).ok_or_else(|| unreadable(4))?,
            outputs,
            violation: row.get(1)?,
            failure: row.get(2)?,
        })
    }

    /// The failures, by kind.
    pub fn failures(&self) -> Result<Vec<FailureTally>, StoreError> {
        self.rows("SELECT kind, count, candidate, message FROM failures ORDER BY kind", [], |row| {
            Ok(FailureTally {
                kind: failure_kind(row.get(0)?).ok_or_else(|| unreadable(0))?,
                count: unsigned(row, 1)?,
                candidate: CandidateId(row.get::<_, i64>(2)? as u64),
                message: row.get(3)?,
            })
        })
    }

    /// The events, first to last.
    pub fn events(&self) -> Result<Vec<StoredEvent>, StoreError> {
        self.rows("SELECT time, kind, data FROM events ORDER BY event", [], |row| {
            let data: String = row.get(2)?;
            let data = serde_json::from_str(&data).map_err(|_| unreadable(2))?;
            Ok(StoredEvent { time: time(row, 0)?, kind: row.get(1)?, data })
        })
    }

    /// What clocks decided about the search as a whole.
    pub fn decisions(&self) -> Result<Vec<Decision>, StoreError> {
        self.rows("SELECT candidate, what FROM decisions ORDER BY decision", [], |row| {
            Ok(Decision { candidate: CandidateId(row.get::<_, i64>(0)? as u64), what: row.get(1)? })
        })
    }

    /// What it came to; where it was stopped, what it had come to. `None` while it goes on or was interrupted.
    pub fn result(&self) -> Result<Option<RunResult>, StoreError> {
        let columns = "SELECT digest, stop, evaluations, generations, seconds, timed FROM results";
        let rows = self.rows(&format!("{columns} WHERE session = (SELECT max(session) FROM sessions)"), [], |row| {
            Ok(RunResult {
                digest: row.get(0)?,
                stop: row.get(1)?,
                evaluations: unsigned(row, 2)?,
                generations: unsigned(row, 3)?,
                seconds: row.get(4)?,
                timed: row.get(5)?,
            })
        })?;
        Ok(rows.into_iter().next())
    }

    /// The last snapshot that can be read; an earlier one where the last is damaged.
    pub fn snapshot(&self) -> Result<Option<SnapshotRecord>, StoreError> {
        let columns = "SELECT evaluations, generation, committed, hash, state FROM snapshots ORDER BY snapshot DESC";
        let snapshots = self.rows(columns, [], |row| {
            let state: Vec<u8> = row.get(4)?;
            let committed: String = row.get(2)?;
            let sound = xxh3_64(&state) as i64 == row.get::<_, i64>(3)?;
            let committed = serde_json::from_str(&committed).map_err(|_| unreadable(2))?;
            let (evaluations, generation) = (unsigned(row, 0)?, unsigned(row, 1)?);
            Ok(sound.then_some(SnapshotRecord { evaluations, generation, committed, state }))
        })?;
        let any = !snapshots.is_empty();
        match snapshots.into_iter().flatten().next() {
            None if any => Err(StoreError::damaged(&self.path, "no snapshot is what was written")),
            snapshot => Ok(snapshot),
        }
    }

    /// The journalled outcomes of the candidates that `wanted` takes, in the order in which they were found.
    pub fn journal(&self, wanted: &dyn Fn(CandidateId) -> bool) -> Result<Journal, StoreError> {
        let mut journal = Journal::new(self.outcome_shape());
        for block in self.blocks("journal")? {
            let bytes = self.block("journal", block)?;
            read_outcomes(&bytes, &mut journal, wanted)
                .ok_or_else(|| StoreError::damaged(&self.path, format!("block {block} of the journal")))?;
        }
        Ok(journal)
    }

    /// How many outcomes are journalled, and how many seconds their evaluations took together.
    pub fn journalled(&self) -> Result<(u64, f64), StoreError> {
        let (mut count, mut seconds) = (0, 0.0);
        for block in self.blocks("journal")? {
            let journal = self.outcomes_of(block)?;
            count += journal.len() as u64;
            seconds += journal.results.seconds.iter().map(|seconds| f64::from(*seconds)).sum::<f64>();
        }
        Ok((count, seconds))
    }

    fn outcomes_of(&self, block: i64) -> Result<Journal, StoreError> {
        let mut journal = Journal::new(self.outcome_shape());
        read_outcomes(&self.block("journal", block)?, &mut journal, &|_| true)
            .ok_or_else(|| StoreError::damaged(&self.path, format!("block {block} of the journal")))?;
        Ok(journal)
    }

    /// The genome of a candidate that was proposed, where that was recorded.
    fn proposed(&self, candidate: CandidateId) -> Result<Option<Map<String, Value>>, StoreError> {
        let space = &self.meta.signature.space;
        for block in self.blocks("proposals")? {
            let bytes = self.block("proposals", block)?;
            let mut found = None;
            let keep = |other, genes: &[u8]| {
                if other == candidate && found.is_none() {
                    found = Some(self.genes(genes));
                }
            };
            read_proposals(&bytes, space.layout().shape, keep)
                .ok_or_else(|| StoreError::damaged(&self.path, format!("block {block} of the proposals")))?;
            if let Some(genomes) = found {
                let damaged = || StoreError::damaged(&self.path, format!("the genome of candidate {candidate}"));
                return Ok(Some(experiment::genome_to_json(Genome::new(space, &genomes.ok_or_else(damaged)?, 0))));
            }
        }
        Ok(None)
    }

    /// The journalled evaluations one by one, with their genomes, in the order in which they were found.
    pub fn evaluations(&self) -> Result<Evaluations<'_>, StoreError> {
        Ok(Evaluations {
            reader: self,
            outcomes: self.blocks("journal")?.into_iter(),
            proposals: self.blocks("proposals")?.into_iter(),
            genomes: HashMap::new(),
            journal: Journal::new(self.outcome_shape()),
            row: 0,
        })
    }

    /// All that is known of `candidate`; `None` where that is nothing.
    pub fn candidate(&self, candidate: CandidateId) -> Result<Option<CandidateRecord>, StoreError> {
        let id = candidate.0 as i64;
        let logs = "SELECT candidate, attempt, text, truncated FROM logs WHERE candidate = ? ORDER BY attempt";
        let mut record = CandidateRecord {
            candidate,
            genome: None,
            outputs: None,
            seconds: None,
            timed: None,
            logs: self.rows(logs, [id], |row| {
                Ok(LogRecord { candidate, attempt: row.get(1)?, text: row.get(2)?, truncated: row.get(3)? })
            })?,
        };
        let columns = "SELECT candidate, violation, failure, genome, genes, outputs FROM individuals";
        let listed = self.rows(&format!("{columns} WHERE candidate = ?"), [id], |row| self.individual(row))?;
        for individual in listed {
            record.genome = Some(individual.genome);
            // A failure's message is in the journal only.
            record.outputs = Some(individual.outputs).filter(|_| individual.failure.is_none());
        }
        let journal = self.journal(&|other| other == candidate)?;
        if let Some(row) = journal.iter().next() {
            let mut outputs = Outcomes::new(self.outcome_shape(), 0);
            outputs.push(&journal.results.outcomes, 0);
            record.outputs = Some(outputs);
            record.seconds = Some(row.seconds);
            record.timed = Some(row.timed);
        }
        if record.genome.is_none() {
            record.genome = self.proposed(candidate)?;
        }
        let nothing = record.genome.is_none() && record.outputs.is_none() && record.logs.is_empty();
        Ok((!nothing).then_some(record))
    }

    /// Writes a copy of the run to `path`, one plain file; also while a process works on the run.
    pub fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let copy = || -> rusqlite::Result<()> {
            let mut target = Connection::open(path)?;
            Backup::new(&self.connection, &mut target)?.run_to_completion(4096, Duration::from_millis(5), None)?;
            target.pragma_update(None, "journal_mode", "DELETE")?;
            target.close().map_err(|(_, error)| error)
        };
        copy().map_err(StoreError::sqlite("copy the run to", path))
    }

    fn genes(&self, bytes: &[u8]) -> Option<Genomes> {
        let space = &self.meta.signature.space;
        read_genes(bytes, space.layout().shape).filter(|genomes| within(space, genomes))
    }

    fn blocks(&self, table: &str) -> Result<Vec<i64>, StoreError> {
        self.rows(&format!("SELECT block FROM {table} ORDER BY block"), [], |row| row.get(0))
    }

    fn block(&self, table: &str, block: i64) -> Result<Vec<u8>, StoreError> {
        let query = format!("SELECT hash, data FROM {table} WHERE block = ?");
        let mut rows = self.rows(&query, [block], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        match rows.pop() {
            Some((hash, bytes)) if xxh3_64(&bytes) as i64 == hash => Ok(bytes),
            _ => Err(StoreError::damaged(&self.path, format!("block {block} of `{table}` is not what was written"))),
        }
    }

    fn rows<T>(
        &self,
        query: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = || -> rusqlite::Result<Vec<T>> {
            self.connection.prepare_cached(query)?.query_map(values, read)?.collect()
        };
        rows().map_err(StoreError::sqlite("read", &self.path))
    }
}

/// The journalled evaluations of a run, one by one.
#[derive(Debug)]
pub struct Evaluations<'a> {
    reader: &'a RunReader,
    outcomes: std::vec::IntoIter<i64>,
    proposals: std::vec::IntoIter<i64>,
    /// Genes of candidates that were proposed and not evaluated yet: blocks of proposals are read as they are needed.
    genomes: HashMap<CandidateId, Vec<u8>>,
    /// The block being given out, and how much of it was.
    journal: Journal,
    row: usize,
}

impl Evaluations<'_> {
    fn genome(&mut self, candidate: CandidateId) -> Result<Option<Map<String, Value>>, StoreError> {
        let space = &self.reader.meta.signature.space;
        loop {
            if let Some(bytes) = self.genomes.remove(&candidate) {
                let damaged = || StoreError::damaged(&self.reader.path, format!("the genome of candidate {candidate}"));
                let genomes = self.reader.genes(&bytes).ok_or_else(damaged)?;
                return Ok(Some(experiment::genome_to_json(Genome::new(space, &genomes, 0))));
            }
            let Some(block) = self.proposals.next() else {
                return Ok(None);
            };
            let bytes = self.reader.block("proposals", block)?;
            let genomes = &mut self.genomes;
            let add = |candidate, genes: &[u8]| {
                if let Entry::Vacant(entry) = genomes.entry(candidate) {
                    entry.insert(genes.to_vec());
                }
            };
            read_proposals(&bytes, space.layout().shape, add)
                .ok_or_else(|| StoreError::damaged(&self.reader.path, format!("block {block} of the proposals")))?;
        }
    }

    fn evaluation(&mut self) -> Result<Option<Evaluation>, StoreError> {
        while self.row == self.journal.len() {
            let Some(block) = self.outcomes.next() else {
                return Ok(None);
            };
            self.journal = self.reader.outcomes_of(block)?;
            self.row = 0;
        }
        let row = self.row;
        self.row += 1;
        let Results { candidates, outcomes, seconds } = &self.journal.results;
        let mut outputs = Outcomes::new(outcomes.shape, 0);
        outputs.push(outcomes, row);
        let (candidate, seconds, timed) = (candidates[row], seconds[row], self.journal.timed[row]);
        Ok(Some(Evaluation { candidate, genome: self.genome(candidate)?, outputs, seconds, timed }))
    }
}

impl Iterator for Evaluations<'_> {
    type Item = Result<Evaluation, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.evaluation().transpose()
    }
}

impl Evaluation {
    /// Why it failed.
    pub fn failure(&self) -> Option<&Failure> {
        self.outputs.failure(0)
    }
}

impl State {
    /// The word it is called by.
    pub fn word(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Interrupted => "interrupted",
            State::Stopped => "stopped",
            State::Finished => "finished",
            State::Failed => "failed",
        }
    }

    /// Whether the run can be taken up again.
    pub fn can_resume(self) -> bool {
        matches!(self, State::Interrupted | State::Stopped | State::Failed)
    }
}

fn read_meta(path: &Path, connection: &Connection) -> Result<Meta, StoreError> {
    let failed = StoreError::sqlite("read", path);
    let find = |key: &str| -> Result<Option<String>, StoreError> {
        let row = connection.query_row("SELECT value FROM meta WHERE key = ?", params![key], |row| row.get(0));
        row.optional().map_err(&failed)
    };
    let get = |key: &'static str| find(key)?.ok_or_else(|| StoreError::damaged(path, format!("`{key}` is missing")));
    let wrong = |key: &'static str| move || StoreError::damaged(path, format!("`{key}` cannot be read"));
    let created = get("created")?.parse().ok().and_then(|time| Timestamp::from_millisecond(time).ok());
    let json = |key: &'static str, text: String| serde_json::from_str(&text).map_err(|_| wrong(key)());
    Ok(Meta {
        id: get("id")?,
        created: created.ok_or_else(wrong("created"))?,
        program: get("program")?,
        name: get("name")?,
        experiment: get("experiment")?,
        directory: get("directory")?.into(),
        code: get("code")?,
        seed: get("seed")?.parse().map_err(|_| wrong("seed")())?,
        signature: StoredSignature::read(&get("signature")?).ok_or_else(wrong("signature"))?,
        algorithm: json("algorithm", get("algorithm")?)?,
        forecast: find("forecast")?.map(|text| json("forecast", text)).transpose()?,
    })
}

/// Whether the genes can be shown: levels are there, items are of the permutation.
fn within(space: &Space, genomes: &Genomes) -> bool {
    space.parameters().iter().zip(&space.layout().segments).all(|(parameter, segment)| match &parameter.domain {
        Domain::Ordinal { levels } | Domain::Choice { levels } => {
            let genes = &genomes.ints[segment.start..][..segment.len];
            genes.iter().all(|gene| usize::try_from(*gene).is_ok_and(|gene| gene < levels.len()))
        }
        Domain::Permutation { size } => {
            let items = &genomes.items[segment.start..][..segment.len];
            items.iter().all(|item| (*item as usize) < *size)
        }
        Domain::Sequence { counts } => {
            let items = &genomes.items[segment.start..][..segment.len];
            items.iter().all(|item| (*item as usize) < counts.len())
        }
        Domain::Real { .. } | Domain::Int { .. } | Domain::Bit => true,
    })
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

/// A number; NULL is NaN.
fn figure(row: &Row<'_>, column: usize) -> rusqlite::Result<f64> {
    Ok(row.get::<_, Option<f64>>(column)?.unwrap_or(f64::NAN))
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let value: i64 = row.get(column)?;
    Timestamp::from_millisecond(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

/// A column that holds what none of ours does.
fn unreadable(column: usize) -> rusqlite::Error {
    let what = "it holds what this program never writes".into();
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, what)
}
