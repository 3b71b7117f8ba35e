//! The tables of a run's file, and how such a file is opened.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use rustix::fs::Access;

use super::StoreError;

/// The version of the tables and of what their blobs hold. A program reads the formats up to its own.
pub const FORMAT: i64 = 1;

/// Marks the file as a run, for this program and for `file`: the letters `GPol`.
const APPLICATION: i64 = 0x4750_6f6c;

/// Blobs hold numbers in little-endian order; a row of genes holds its reals, whole numbers, packed bits, items and
/// activity mask, a row of outputs its objectives, constraints and measures. Times are milliseconds since 1970 (UTC).
const TABLES: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE files (path TEXT PRIMARY KEY, executable INTEGER NOT NULL, hash TEXT NOT NULL, contents BLOB NOT NULL)
    STRICT;
CREATE TABLE sessions (
    session INTEGER PRIMARY KEY, started INTEGER NOT NULL, ended INTEGER, ending TEXT, message TEXT, hint TEXT,
    pid INTEGER NOT NULL, boot TEXT, process_started INTEGER, slots INTEGER NOT NULL, environment TEXT NOT NULL
) STRICT;
CREATE TABLE progress (
    one INTEGER PRIMARY KEY CHECK (one = 1), evaluations INTEGER NOT NULL, generations INTEGER NOT NULL, best REAL,
    violation REAL, failures INTEGER NOT NULL, seconds REAL NOT NULL
) STRICT;
CREATE TABLE history (
    island INTEGER NOT NULL, generation INTEGER NOT NULL, evaluations INTEGER NOT NULL, best REAL, violation REAL,
    mean REAL, median REAL, worst REAL, spread REAL, failures INTEGER NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (island, generation)
) STRICT, WITHOUT ROWID;
CREATE TABLE proposals (block INTEGER PRIMARY KEY, rows INTEGER NOT NULL, hash INTEGER NOT NULL, data BLOB NOT NULL)
    STRICT;
CREATE TABLE journal (block INTEGER PRIMARY KEY, rows INTEGER NOT NULL, hash INTEGER NOT NULL, data BLOB NOT NULL)
    STRICT;
CREATE TABLE decisions (decision INTEGER PRIMARY KEY, candidate INTEGER NOT NULL, what TEXT NOT NULL) STRICT;
CREATE TABLE snapshots (
    snapshot INTEGER PRIMARY KEY, evaluations INTEGER NOT NULL, generation INTEGER NOT NULL, committed TEXT NOT NULL,
    hash INTEGER NOT NULL, state BLOB NOT NULL
) STRICT;
CREATE TABLE individuals (
    list TEXT NOT NULL, place INTEGER NOT NULL, candidate INTEGER NOT NULL, violation REAL, failure TEXT,
    genome TEXT NOT NULL, outcome TEXT NOT NULL, genes BLOB NOT NULL, outputs BLOB NOT NULL,
    PRIMARY KEY (list, place)
) STRICT;
CREATE TABLE failures (
    kind INTEGER PRIMARY KEY, word TEXT NOT NULL, count INTEGER NOT NULL, candidate INTEGER NOT NULL,
    message TEXT NOT NULL
) STRICT;
CREATE TABLE logs (
    candidate INTEGER NOT NULL, attempt INTEGER NOT NULL, truncated INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (candidate, attempt)
) STRICT;
CREATE TABLE events (event INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL) STRICT;
CREATE TABLE results (
    session INTEGER PRIMARY KEY, digest TEXT NOT NULL, stop TEXT NOT NULL, evaluations INTEGER NOT NULL,
    generations INTEGER NOT NULL, seconds REAL NOT NULL, timed INTEGER NOT NULL
) STRICT;
";

/// How long a call waits for another process that has the file for a moment.
const PATIENCE: Duration = Duration::from_secs(5);

/// Gives the empty database behind `connection` its tables and marks.
pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)?;
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", FORMAT)
}

/// Opens the run at `path`, or says why it is none.
pub(super) fn open(path: &Path, writable: bool) -> Result<Connection, StoreError> {
    // SQLite says "unable to open" for whatever is amiss: the system says what. Opening the file ourselves would do
    // harm: closing it again drops all of this process's locks on it (POSIX), those of a writer among them.
    rustix::fs::access(path, Access::READ_OK).map_err(|error| StoreError::io("open", path)(error.into()))?;
    if !path.is_file() {
        return Err(StoreError::NotARun { path: path.to_owned() });
    }
    let mode = if writable { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    let failed = StoreError::sqlite("open", path);
    let connection = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(&failed)?;
    connection.busy_timeout(PATIENCE).map_err(&failed)?;
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(&failed);
    if pragma("application_id")? != APPLICATION {
        return Err(StoreError::NotARun { path: path.to_owned() });
    }
    let found = pragma("user_version")?;
    if found > FORMAT {
        // The table is a promise to later formats: its name and columns stay.
        let program = connection.query_row("SELECT value FROM meta WHERE key = 'program'", [], |row| row.get(0));
        return Err(StoreError::Newer { path: path.to_owned(), found, program: program.optional().ok().flatten() });
    }
    if found < 1 {
        return Err(StoreError::damaged(path, format!("there is no format {found}")));
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}
