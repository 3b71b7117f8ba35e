use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use genetic_pool_evolve::problem::{CandidateId, FailureKind};
use rusqlite::Connection;

use super::{
    fixture::{batch, bits, history, new_run, population, progress, result, results, session, signature},
    lock::lock_path,
    queue::Message,
    *,
};

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home { root: folder.path().join("data") };
    (folder, home)
}

fn snapshot(evaluations: u64, state: &[u8]) -> SnapshotRecord {
    SnapshotRecord { evaluations, generation: evaluations / 48, committed: vec![evaluations], state: state.to_vec() }
}

/// An SQL statement on a run's file, behind the store's back.
fn tamper(path: &Path, statement: &str) {
    Connection::open(path).unwrap().execute_batch(statement).unwrap();
}

fn resume(path: &Path) -> Result<(RunWriter, Resumed), StoreError> {
    RunWriter::open(path, &session("genetic-pool resume"))
}

fn assert_journal_is(journal: &Journal, first: u64, rows: usize) {
    let expected = results(first, rows);
    assert_eq!(journal.results.candidates, expected.candidates);
    assert_eq!(bits(&journal.results.outcomes.objectives), bits(&expected.outcomes.objectives));
    assert_eq!(bits(&journal.results.outcomes.constraints), bits(&expected.outcomes.constraints));
    assert_eq!(bits(&journal.results.outcomes.measures), bits(&expected.outcomes.measures));
    assert_eq!(journal.results.outcomes.failures, expected.outcomes.failures);
    assert_eq!(journal.results.seconds, expected.seconds);
    let timed = |row: usize| expected.outcomes.failure(row).is_some_and(|failure| failure.kind.timed());
    assert_eq!(journal.timed, (0..rows).map(timed).collect::<Vec<_>>());
}

#[test]
fn a_run_goes_on_with_what_was_recorded_bit_for_bit() {
    let (_folder, home) = home();
    let mut writer = RunWriter::create(&home, &new_run(7)).unwrap();
    let path = writer.path().to_owned();
    writer.proposals(&batch(0, 100)).unwrap();
    writer.outcomes(&results(0, 60), |_| false).unwrap();
    writer.snapshot(snapshot(10, b"first")).unwrap();
    writer.flush().unwrap();
    writer.snapshot(snapshot(48, b"second\0\xff")).unwrap();
    writer.outcomes(&results(60, 40), |_| false).unwrap();
    writer.decision(Decision { candidate: CandidateId::new(0, 99), what: "time".into() }).unwrap();
    writer.progress(progress(48)).unwrap();
    drop(writer);
    assert_eq!(RunReader::open(&path).unwrap().progress().unwrap(), Some(progress(48)));

    let (mut writer, resumed) = resume(&path).unwrap();
    assert_eq!(resumed.snapshot, Some(snapshot(48, b"second\0\xff")));
    assert_journal_is(&resumed.journal, 48, 52);
    assert_eq!(resumed.decisions, [Decision { candidate: CandidateId::new(0, 99), what: "time".into() }]);
    assert_eq!(resumed.progress, Some(progress(48)));
    assert_eq!(resumed.sessions, 1);
    writer.history(history(2)).unwrap();
    drop(writer);

    let reader = RunReader::open(&path).unwrap();
    let stands = reader.progress().unwrap().unwrap();
    assert_eq!((stands.evaluations, stands.generations, stands.seconds), (144, 3, 180.0), "the history is ahead");
    assert_journal_is(&reader.journal(&|_| true).unwrap(), 0, 100);
    let genomes = population(0, 100).genomes;
    let space = signature().space;
    for (row, evaluation) in reader.evaluations().unwrap().enumerate() {
        let expected =
            crate::experiment::genome_to_json(genetic_pool_evolve::space::Genome::new(&space, &genomes, row));
        assert_eq!(evaluation.unwrap().genome, Some(expected));
    }
}

#[test]
fn a_clean_end_leaves_one_plain_file_with_everything_in_it() {
    let (_folder, home) = home();
    let mut writer = RunWriter::create(&home, &new_run(7)).unwrap();
    let path = writer.path().to_owned();
    (0..20).for_each(|generation| writer.history(history(generation)).unwrap());
    writer.best(&super::fixture::one_of(&population(0, 9), 4)).unwrap();
    writer.final_population(&population(0, 30)).unwrap();
    let failures = vec![FailureTally {
        kind: FailureKind::Timeout,
        count: 3,
        candidate: CandidateId::new(0, 6),
        message: "too long".into(),
    }];
    writer.failures(failures.clone()).unwrap();
    let log = LogRecord { candidate: CandidateId::new(0, 6), attempt: 1, text: "hello\n".into(), truncated: false };
    writer.log(log.clone()).unwrap();
    writer.event(EventRecord { kind: "note".into(), data: serde_json::json!({ "a": 1 }) }).unwrap();
    writer.end(Ending::Finished(result("00ff"))).unwrap();

    let files: Vec<_> = fs::read_dir(home.runs()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files, std::slice::from_ref(&path));
    let reader = RunReader::open(&path).unwrap();
    let new = new_run(7);
    let meta = reader.meta();
    assert_eq!((&meta.name, &meta.experiment, meta.seed), (&new.name, &new.experiment, 7));
    assert_eq!((&meta.signature, &meta.algorithm), (&new.signature, &new.algorithm));
    assert_eq!(meta.forecast, new.forecast);
    assert_eq!(meta.id, reader.id().to_string());
    assert_eq!(reader.files().unwrap(), new.files);
    assert_eq!(reader.state().unwrap(), (State::Finished, None));
    assert_eq!(reader.result().unwrap(), Some(result("00ff")));
    assert_eq!(reader.failures().unwrap(), failures);
    let stands = reader.progress().unwrap().unwrap();
    assert_eq!((stands.evaluations, stands.generations, stands.failures, stands.seconds), (960, 20, 3, 1234.5));
    assert_eq!((stands.best, stands.violation), (-2.5e-310, 0.0), "where it ended is where it stands");
    assert_eq!(reader.events().unwrap()[0].data, serde_json::json!({ "a": 1 }));
    let rows = reader.history().unwrap();
    assert_eq!(rows.len(), 20);
    assert!(rows[0].worst.is_nan());
    assert_eq!(rows[1..], (1..20).map(history).collect::<Vec<_>>());
    let expected = population(0, 30);
    let stored = reader.individuals(List::Final).unwrap();
    let order = expected.order();
    assert_eq!(stored.len(), 30);
    for (individual, row) in stored.iter().zip(order) {
        assert_eq!(individual.candidate, expected.candidates[row]);
        assert_eq!(bits(&individual.genes.reals), bits(&expected.genomes.reals[row * 4..][..4]));
        assert_eq!(bits(&individual.outputs.objectives), bits(expected.outcomes.objectives(row)));
        assert_eq!(individual.failure.is_some(), expected.outcomes.failure(row).is_some());
    }
    let best = reader.individuals(List::Best).unwrap();
    assert_eq!(best.iter().map(|best| best.candidate.index()).collect::<Vec<_>>(), [4]);
    let known = reader.candidate(CandidateId::new(0, 6)).unwrap().unwrap();
    assert_eq!(known.logs, [log]);
    assert!(known.genome.is_some() && known.outputs.is_none());
    assert_eq!(reader.candidate(CandidateId::new(0, 500)).unwrap(), None);
}

#[test]
fn a_run_belongs_to_one_process_at_a_time() {
    let (_folder, home) = home();
    let writer = RunWriter::create(&home, &new_run(7)).unwrap();
    let path = writer.path().to_owned();
    let holder = RunReader::open(&path).unwrap().state().unwrap();
    let (State::Running, Some(holder)) = holder else { panic!("{holder:?}") };
    assert_eq!((holder.pid, holder.command.as_str()), (std::process::id(), "genetic-pool run experiment.toml"));
    let error = resume(&path).unwrap_err();
    assert!(matches!(&error, StoreError::Held { holder: Some(told), .. } if *told == holder), "{error}");
    drop(writer);
    assert_eq!(RunReader::open(&path).unwrap().state().unwrap(), (State::Interrupted, None));

    let (writer, _) = resume(&path).unwrap();
    assert_eq!(RunReader::open(&path).unwrap().state().unwrap().0, State::Running);
    writer.end(Ending::Stopped(result("00"))).unwrap();
    let reader = RunReader::open(&path).unwrap();
    assert_eq!(reader.state().unwrap().0, State::Stopped);
    let states: Vec<State> = reader.sessions().unwrap().iter().map(|session| session.state).collect();
    assert_eq!(states, [State::Interrupted, State::Stopped]);

    let (writer, _) = resume(&path).unwrap();
    assert_eq!(reader.result().unwrap(), None, "the result of a run that goes on is not its result any more");
    writer.end(Ending::Failed { message: "no room".into(), hint: None }).unwrap();
    assert_eq!(reader.state().unwrap().0, State::Failed);
    assert_eq!(reader.sessions().unwrap()[2].failure, Some(("no room".into(), None)));
    let (writer, _) = resume(&path).unwrap();
    writer.end(Ending::Finished(result("01"))).unwrap();
    let error = resume(&path).unwrap_err();
    assert!(matches!(&error, StoreError::Finished { stop, .. } if stop == "evaluations"), "{error}");
    assert!(!lock_path(&path).exists());
}

#[test]
fn what_stopped_a_run_is_known_to_who_goes_on_and_failures_can_be_forgotten() {
    let (_folder, home) = home();
    let mut writer = RunWriter::create(&home, &new_run(7)).unwrap();
    let path = writer.path().to_owned();
    let running = RunReader::open(&path).unwrap();
    assert!(matches!(running.resumable(), Err(StoreError::Held { .. })));
    writer.outcomes(&results(0, 60), |_| false).unwrap();
    writer.end(Ending::Stopped(result("00"))).unwrap();
    let reader = RunReader::open(&path).unwrap();
    reader.resumable().unwrap();
    assert!(!reader.stopped_by_failures().unwrap());

    let (writer, mut resumed) = resume(&path).unwrap();
    let failures = resumed.journal.results.outcomes.failures.len();
    assert!(failures > 0);
    let rows = resumed.journal.len();
    resumed.journal.forget_failures();
    assert_eq!(resumed.journal.len(), rows - failures);
    assert_eq!(resumed.journal.results.candidates.len(), rows - failures);
    assert_eq!(resumed.journal.results.outcomes.failures, []);
    writer.end(Ending::Stopped(RunResult { stop: "failures".into(), ..result("00") })).unwrap();
    drop(resume(&path).unwrap());
    // A kill since then changes nothing.
    assert!(reader.stopped_by_failures().unwrap());
    let (writer, _) = resume(&path).unwrap();
    writer.end(Ending::Finished(result("01"))).unwrap();
    assert!(matches!(reader.resumable(), Err(StoreError::Finished { .. })));
}

#[test]
fn a_full_disk_stops_the_run_and_loses_nothing_that_was_committed() {
    let (_folder, home) = home();
    let mut writer = RunWriter::create(&home, &new_run(7)).unwrap();
    let path = writer.path().to_owned();
    writer.outcomes(&results(0, 20), |_| false).unwrap();
    writer.flush().unwrap();
    let pages: u32 = Connection::open(&path).unwrap().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    writer.inject(Message::LimitPages(pages + 20)).unwrap();
    writer.outcomes(&results(20, 20), |_| false).unwrap();
    writer.flush().unwrap();
    let mut first = 40;
    let error = loop {
        let before = writer.counts().1;
        match writer.outcomes(&results(first, 200), |_| false).and_then(|()| writer.flush()) {
            Ok(()) => first += 200,
            Err(error) => {
                assert_eq!(writer.counts().1, before, "nothing counts as committed that is not");
                break error;
            }
        }
    };
    assert!(matches!(&error, StoreError::Full { .. }), "{error}");
    assert!(error.hint().unwrap().contains("resume"));
    assert!(matches!(writer.progress(progress(1)), Err(StoreError::Stopped { .. })));
    assert!(matches!(writer.check(), Err(StoreError::Stopped { .. })));
    drop(writer);
    assert_eq!(RunReader::open(&path).unwrap().state().unwrap().0, State::Interrupted);
    let (writer, resumed) = resume(&path).unwrap();
    assert_journal_is(&resumed.journal, 0, first as usize);
    drop(writer);
}

#[test]
fn what_a_killed_creation_left_behind_goes_away_in_time() {
    let (_folder, home) = home();
    fs::create_dir_all(home.runs()).unwrap();
    let (old, young) = (home.runs().join(".partial-old"), home.runs().join(".partial-young"));
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(2);
    fs::File::create(&old).unwrap().set_modified(long_ago).unwrap();
    fs::write(&young, "").unwrap();
    drop(RunWriter::create(&home, &new_run(7)).unwrap());
    assert!(!old.exists() && young.exists());
}

#[test]
fn nobody_waits_for_a_thread_that_panicked() {
    let (_folder, home) = home();
    let mut writer = RunWriter::create(&home, &new_run(7)).unwrap();
    writer.inject(Message::Panic).unwrap();
    let error = writer.flush().unwrap_err();
    assert!(matches!(error, StoreError::Stopped { .. }), "{error}");
    assert!(writer.end(Ending::Finished(result("00"))).is_err());
}

#[test]
fn more_than_there_is_room_for_waits_and_arrives() {
    let (_folder, home) = home();
    let mut writer = RunWriter::create(&home, &new_run(7)).unwrap();
    let path = writer.path().to_owned();
    let large = vec![7; 20 << 20];
    for evaluations in 0..6 {
        writer.snapshot(snapshot(evaluations, &large)).unwrap();
    }
    writer.flush().unwrap();
    let (sent, committed) = writer.counts();
    assert_eq!((sent, committed), (6, 6));
    drop(writer);
    let reader = RunReader::open(&path).unwrap();
    assert_eq!(reader.snapshot().unwrap(), Some(snapshot(5, &large)));
    let kept: i64 =
        Connection::open(&path).unwrap().query_row("SELECT count(*) FROM snapshots", [], |row| row.get(0)).unwrap();
    assert!(kept <= 2);
}

#[test]
fn damage_is_found() {
    let (_folder, home) = home();
    let mut writer = RunWriter::create(&home, &new_run(7)).unwrap();
    let path = writer.path().to_owned();
    writer.outcomes(&results(0, 20), |_| false).unwrap();
    writer.snapshot(snapshot(1, b"one")).unwrap();
    writer.flush().unwrap();
    writer.snapshot(snapshot(2, b"two")).unwrap();
    writer.end(Ending::Stopped(result("00"))).unwrap();

    // The snapshot before it is as good: only more is computed again.
    tamper(&path, "UPDATE snapshots SET state = x'00' WHERE evaluations = 2");
    assert_eq!(RunReader::open(&path).unwrap().snapshot().unwrap(), Some(snapshot(1, b"one")));
    tamper(&path, "UPDATE snapshots SET state = x'00'");
    let error = RunReader::open(&path).unwrap().snapshot().unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { .. }), "{error}");

    tamper(&path, "UPDATE journal SET data = substr(data, 1, 30)");
    let error = RunReader::open(&path).unwrap().journal(&|_| true).unwrap_err();
    assert!(error.to_string().ends_with("is damaged: block 1 of `journal` is not what was written"), "{error}");

    tamper(&path, "DELETE FROM meta WHERE key = 'signature'");
    let error = RunReader::open(&path).unwrap_err();
    assert!(error.to_string().ends_with("is damaged: `signature` is missing"), "{error}");

    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = RunReader::open(&path).unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn a_newer_format_is_told_with_both_versions() {
    let (_folder, home) = home();
    let writer = RunWriter::create(&home, &new_run(7)).unwrap();
    let path = writer.path().to_owned();
    writer.end(Ending::Stopped(result("00"))).unwrap();
    tamper(&path, "PRAGMA user_version = 7; UPDATE meta SET value = '9.1.0' WHERE key = 'program'");
    let expected = format!(
        "`{}` has format 7 (written by version 9.1.0); this program knows up to format {FORMAT}",
        path.display()
    );
    assert_eq!(RunReader::open(&path).unwrap_err().to_string(), expected);
    let error = resume(&path).unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.hint().as_deref(), Some("use a newer version of this program"));
    assert!(!lock_path(&path).exists());
}

#[test]
fn a_list_shows_what_cannot_be_read_too() {
    let (_folder, home) = home();
    assert!(home.list().unwrap().is_empty());
    let writer = RunWriter::create(&home, &new_run(7)).unwrap();
    let id = writer.id().clone();
    writer.end(Ending::Finished(result("00"))).unwrap();
    let runs = home.runs();
    fs::write(
        runs.join("0-text.sqlite"),
        "this is not a database, and long enough to be looked at as one. ".repeat(20),
    )
    .unwrap();
    fs::write(runs.join("1-empty.sqlite"), "").unwrap();
    tamper(&runs.join("2-other.sqlite"), "CREATE TABLE t (x)");
    fs::copy(home.path_of(&id), runs.join("3-newer.sqlite")).unwrap();
    tamper(&runs.join("3-newer.sqlite"), "PRAGMA user_version = 2");
    fs::create_dir(runs.join("4-folder.sqlite")).unwrap();
    fs::write(runs.join("notes.txt"), "mine").unwrap();
    fs::write(runs.join(".partial-x.sqlite"), "").unwrap();

    let listed = home.list().unwrap();
    let ids: Vec<&str> = listed.iter().map(|listed| listed.id.as_str()).collect();
    assert_eq!(ids, ["0-text", "1-empty", "2-other", id.as_str(), "3-newer", "4-folder"]);
    let kind = |listed: &Listed| match &listed.run {
        Ok(summary) => summary.state.word(),
        Err(StoreError::NotARun { .. }) => "not a run",
        Err(StoreError::Newer { .. }) => "newer",
        Err(_) => "unreadable",
    };
    let kinds: Vec<&str> = listed.iter().map(kind).collect();
    assert_eq!(home.resolve("latest").unwrap(), home.path_of(&id));
    assert_eq!(kinds, ["not a run", "not a run", "not a run", "finished", "newer", "not a run"]);
}

#[test]
fn runs_are_found_by_what_people_type() {
    let (_folder, home) = home();
    let none = home.resolve("latest").unwrap_err();
    assert!(matches!(none, StoreError::NoRuns { .. }));
    fs::create_dir_all(home.runs()).unwrap();
    for id in ["20261124-101530-k3f9", "20261124-101530-k3ga", "20261125-080000-a1b2"] {
        fs::write(home.path_of(&RunId::of_stem(id)), "").unwrap();
    }
    let found = |text: &str| home.resolve(text).map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    assert_eq!(found("latest").unwrap(), "20261125-080000-a1b2");
    assert_eq!(found("20261125").unwrap(), "20261125-080000-a1b2");
    assert_eq!(found("a1b2").unwrap(), "20261125-080000-a1b2");
    assert_eq!(found("k3f").unwrap(), "20261124-101530-k3f9");
    assert_eq!(found("k3").unwrap_err().to_string(), "`k3` could be `20261124-101530-k3f9`, `20261124-101530-k3ga`");
    let unknown = found("k3f8").unwrap_err();
    assert_eq!(unknown.to_string(), "there is no run `k3f8`");
    assert_eq!(unknown.hint().as_deref(), Some("did you mean `20261124-101530-k3f9`? `runs list` shows what there is"));
    assert!(matches!(found("zzz"), Err(StoreError::Unknown { nearest: None, .. })));
    let path = home.path_of(&RunId::of_stem("20261124-101530-k3f9"));
    assert_eq!(home.resolve(path.to_str().unwrap()).unwrap(), path);
}

#[test]
fn a_run_under_way_can_be_read_and_copied() {
    let (folder, home) = home();
    let mut writer = RunWriter::create(&home, &new_run(7)).unwrap();
    writer.outcomes(&results(0, 50), |_| true).unwrap();
    writer.flush().unwrap();
    let copy = folder.path().join("copy.sqlite");
    RunReader::open(writer.path()).unwrap().copy_to(&copy).unwrap();
    writer.outcomes(&results(50, 50), |_| true).unwrap();
    writer.flush().unwrap();
    let reader = RunReader::open(&copy).unwrap();
    let journal = reader.journal(&|_| true).unwrap();
    assert_eq!((journal.len(), journal.timed.iter().all(|timed| *timed)), (50, true));
    assert_eq!(reader.state().unwrap().0, State::Interrupted);
    assert_eq!(RunReader::open(writer.path()).unwrap().journal(&|_| true).unwrap().len(), 100);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let (folder, home) = home();
    fs::write(folder.path().join("data"), "a file").unwrap();
    let error = RunWriter::create(&home, &new_run(7)).unwrap_err();
    assert!(error.to_string().starts_with("cannot create `"), "{error}");
    fs::remove_file(folder.path().join("data")).unwrap();

    fs::create_dir_all(home.runs()).unwrap();
    let read_only = |mode| {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(home.runs(), fs::Permissions::from_mode(mode)).unwrap();
    };
    read_only(0o555);
    let result = RunWriter::create(&home, &new_run(7));
    read_only(0o755);
    if rustix::process::geteuid().is_root() {
        return eprintln!("skipped: nothing is read-only for root");
    }
    assert!(result.unwrap_err().hint().unwrap().contains("GENETIC_POOL_HOME"));
}

#[test]
fn long_logs_keep_their_ends() {
    let (_folder, home) = home();
    let mut writer = RunWriter::create(&home, &new_run(7)).unwrap();
    let path = writer.path().to_owned();
    let text = format!("start {} end", "é".repeat(1 << 20));
    let candidate = CandidateId::new(0, 3);
    writer.log(LogRecord { candidate, attempt: 0, text, truncated: false }).unwrap();
    drop(writer);
    let log = &RunReader::open(&path).unwrap().candidate(candidate).unwrap().unwrap().logs[0];
    assert!(log.truncated && log.text.len() < 300 << 10);
    assert!(log.text.starts_with("start é") && log.text.ends_with("é end"));
}

const CHILD: &str = "GENETIC_POOL_TEST_STORE_CHILD";

/// Not a test of its own: the process that [`killed_at_any_moment_a_run_loses_nothing_that_was_reported`] kills.
#[test]
fn child_that_records_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let (mut writer, resumed) = resume(&path).unwrap();
    let mut first = resumed.journal.len() as u64;
    loop {
        let rows = 1 + first as usize % 5;
        writer.proposals(&batch(first, rows)).unwrap();
        writer.outcomes(&results(first, rows), |_| false).unwrap();
        writer.history(history(first)).unwrap();
        writer.progress(progress(first)).unwrap();
        if first.is_multiple_of(3) {
            writer.snapshot(snapshot(0, &first.to_le_bytes().repeat(5000))).unwrap();
        }
        first += rows as u64;
        if first.is_multiple_of(2) {
            writer.flush().unwrap();
            println!("reported {first}");
        }
    }
}

#[test]
fn killed_at_any_moment_a_run_loses_nothing_that_was_reported() {
    let (_folder, home) = home();
    let writer = RunWriter::create(&home, &new_run(7)).unwrap();
    let path = writer.path().to_owned();
    drop(writer);
    let mut recorded = 0;
    for kill in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::tests::child_that_records_until_it_is_killed", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut reported = 0;
        let mut reports = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            if let Some((_, count)) = line.unwrap().split_once("reported ") {
                reported = count.parse().unwrap();
                reports += 1;
            }
            if reports == 3 + kill * 2 {
                let state = RunReader::open(&path).unwrap().state().unwrap();
                assert!(matches!(state, (State::Running, Some(holder)) if holder.pid == child.id()));
                if kill == 0 {
                    let error = resume(&path).unwrap_err();
                    assert!(
                        matches!(&error, StoreError::Held { holder: Some(holder), .. } if holder.pid == child.id())
                    );
                }
                // Some moment of the following commits.
                std::thread::sleep(std::time::Duration::from_micros(3700 * kill));
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        let reader = RunReader::open(&path).unwrap();
        assert_eq!(reader.state().unwrap(), (State::Interrupted, None));
        let journal = reader.journal(&|_| true).unwrap();
        assert!(reported > recorded && journal.len() as u64 >= reported, "{reported} {}", journal.len());
        assert_journal_is(&journal, 0, journal.len());
        recorded = journal.len() as u64;
    }
    let (writer, resumed) = resume(&path).unwrap();
    assert_eq!((resumed.journal.len() as u64, resumed.sessions), (recorded, 9));
    writer.end(Ending::Finished(result("00"))).unwrap();
    assert_eq!(fs::read_dir(home.runs()).unwrap().count(), 1);
}
