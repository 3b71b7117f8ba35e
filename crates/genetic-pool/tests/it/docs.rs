//! The guide: its commands run, its experiments are valid, its links lead somewhere, its tables are complete.
//!
//! In a block marked `console` each line that begins with `$ ` is a command; other lines are what it prints, or remarks.
//! All commands of a block run one after the other in one shell, which stops at the first that fails; all blocks of a
//! page share a folder, with `examples/` in it. Words behind `skip=` say why a block is not run.

mod experiment_file;

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    time::Duration,
};

use genetic_pool::{
    experiment::{Experiment, Overrides},
    registry::Registry,
};
use genetic_pool_testkit::TestContext;

use crate::{context, examples};

/// The README's `cargo run` and `cargo install` without compiling again: the program that is tested, on a small budget.
const CARGO: &str = r#"#!/bin/sh
test "$1 $2 $3" = "run --release --" || { echo "cargo $*: the tests know no such command" >&2; exit 99; }
shift 3
exec genetic-pool "$@" --set stop.evaluations=20_000
"#;

/// A page and where it is.
struct Page {
    path: PathBuf,
    text: String,
}

/// A block between fences.
struct Block<'a> {
    /// The first word behind the fence.
    language: &'a str,
    /// The others.
    words: &'a str,
    /// The line of the fence, from 1.
    line: usize,
    text: String,
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn pages() -> Vec<Page> {
    let root = repository();
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = docs.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    paths.sort();
    paths.insert(0, root.join("README.md"));
    assert!(paths.len() >= 9, "{paths:?}");
    paths.into_iter().map(|path| Page { text: fs::read_to_string(&path).unwrap(), path }).collect()
}

fn page(name: &str) -> Page {
    pages().into_iter().find(|page| page.path.ends_with(name)).unwrap()
}

impl Page {
    fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        let mut open: Option<Block<'_>> = None;
        for (index, line) in self.text.lines().enumerate() {
            match (line.strip_prefix("```"), &mut open) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(info), None) => {
                    let (language, words) = info.split_once(' ').unwrap_or((info, ""));
                    open = Some(Block { language, words, line: index + 1, text: String::new() });
                }
                (None, Some(block)) => block.text += &format!("{line}\n"),
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a block is never closed", self.path.display());
        blocks
    }

    /// The blocks of TOML that are whole experiments.
    fn experiments(&self) -> Vec<Block<'_>> {
        let whole =
            |block: &Block<'_>| block.language == "toml" && block.words.is_empty() && block.text.contains("format = 1");
        self.blocks().into_iter().filter(whole).collect()
    }
}

#[test]
fn every_console_block_runs() {
    let mut ran = 0;
    for page in pages() {
        let context = place();
        for block in page.blocks().into_iter().filter(|block| block.language == "console") {
            let place = format!("{}:{}", page.path.display(), block.line);
            if let Some(reason) = block.words.strip_prefix("skip=") {
                eprintln!("{place} is not run: {reason}");
                continue;
            }
            let commands: Vec<&str> = block.text.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
            assert!(!commands.is_empty(), "{place}: no line begins with `$ `");
            let script = format!("set -e\n{}\n", commands.join("\n"));
            let shell = context.command_of("bash", &["-o", "pipefail", "-c", script.as_str()]);
            let ended = context.spawn_command(shell).wait(Duration::from_mins(5));
            assert_eq!(ended.code, Some(0), "{place}\n{script}{}", ended.unfiltered());
            ran += 1;
        }
    }
    assert!(ran >= 5, "{ran} blocks");
}

/// A context with the program on `PATH`, a `cargo` that compiles nothing, and the examples.
fn place() -> TestContext {
    let context = context();
    let bin = context.home().join("bin");
    fs::create_dir(&bin).unwrap();
    symlink(env!("CARGO_BIN_EXE_genetic-pool"), bin.join("genetic-pool")).unwrap();
    fs::write(bin.join("cargo"), CARGO).unwrap();
    fs::set_permissions(bin.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    examples::copy(&context);
    let path = std::env::var("PATH").unwrap();
    context.env("PATH", format!("{}:{path}", bin.display()))
}

#[test]
fn every_experiment_is_valid() {
    let mut whole = 0;
    for page in pages() {
        for block in page.experiments() {
            let path = repository().join("examples/experiment.toml");
            let read = Experiment::parse(&block.text, &path, &Overrides::default(), &Registry::built_in());
            if let Err(error) = read {
                panic!("{}:{}\n{}", page.path.display(), block.line, error.render());
            }
            whole += 1;
        }
        for block in page.blocks().into_iter().filter(|block| block.language == "toml") {
            let parsed = block.text.parse::<toml_edit::DocumentMut>();
            assert!(parsed.is_ok(), "{}:{}: {parsed:?}", page.path.display(), block.line);
            if block.words == "cluster" {
                let settings = genetic_pool_cluster::cluster::Settings::parse(&block.text, "cluster.toml");
                assert!(settings.is_ok(), "{}:{}: {settings:?}", page.path.display(), block.line);
            }
        }
    }
    assert!(whole >= 4, "{whole} experiments");
}

/// The first module and the first experiment of the page on evaluations belong together.
#[test]
fn the_evaluation_in_python_runs() {
    let page = page("evaluations.md");
    let context = context();
    let blocks = page.blocks();
    let module = blocks.iter().find(|block| block.language == "python").unwrap();
    context.write("wing.py", &module.text);
    context.write("experiment.toml", &page.experiments()[0].text);
    let events = context.run(&["run", "experiment.toml", "--json"]).success().json_lines();
    assert!(events.iter().all(|event| event["event"] != "failure"), "{events:?}");
    // The shortest span has the least drag, and its stress is allowed.
    let drag = events.last().unwrap()["best"]["objectives"][0].as_f64().unwrap();
    assert!((0.454..0.47).contains(&drag), "{drag}");
}

#[test]
fn every_link_leads_somewhere() {
    let mut pages = pages();
    for name in ["ARCHITECTURE.md", "CHANGELOG.md", "STYLE.md"] {
        let path = repository().join(name);
        pages.push(Page { text: fs::read_to_string(&path).unwrap(), path });
    }
    for page in &pages {
        for (_, rest) in page.text.match_indices("](").map(|(at, _)| page.text.split_at(at + 2)) {
            let link = rest.split(')').next().unwrap();
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.path.clone() } else { page.path.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link}", page.path.display());
            if !anchor.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                let mut headings = text.lines().filter(|line| line.starts_with('#')).map(slug);
                assert!(headings.any(|heading| heading == anchor), "{}: {link}", page.path.display());
            }
        }
    }
}

/// What a heading is called in links.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    words.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
}

#[test]
fn every_key_of_an_event_is_explained() {
    let page = page("runs.md");
    let context = context();
    context
        .write("m.py", "import time\ndef f(parameters):\n    time.sleep(0.02)\n    return 1 / (parameters['n'] > 3)\n");
    context.write(
        "m.toml",
        "format = 1\ngoals = { f = \"minimize\" }\nproblem = { python = \"m:f\" }\nspace = { n = { int = [0, 9] } }\n\
         algorithm = { name = \"genetic\", population = 10 }\nstop = { evaluations = 60 }\n",
    );
    context.run(&["new", "builtin", "quick"]).success();
    let mut events = context.run(&["run", "m.toml", "--json"]).success().json_lines();
    // Generations that go by quickly: of slow ones few are told beside the progress.
    let quick = ["run", "quick/experiment.toml", "--json", "--set", "stop.evaluations=400_000"];
    events.extend(context.run(&quick).success().json_lines());
    for word in ["started", "progress", "generation", "failure", "finished"] {
        assert!(events.iter().any(|event| event["event"] == word), "no event `{word}`");
    }
    for event in events {
        let word = event["event"].as_str().unwrap();
        let row = page.text.lines().find(|line| line.starts_with(&format!("| `{word}` |"))).unwrap();
        for key in event.as_object().unwrap().keys().filter(|key| *key != "event") {
            assert!(row.contains(&format!("`{key}`")), "`{key}` of `{word}`");
        }
    }
}

#[test]
fn every_exit_code_is_in_the_table() {
    let page = page("exit-codes.md");
    let help = context().run(&["--help"]).success().stdout;
    let codes = help.split_once("Exit codes:").unwrap().1.lines().filter_map(|line| line.trim().split_once("  "));
    let mut count = 0;
    for (code, meaning) in codes {
        let row = page.text.lines().find(|line| line.starts_with(&format!("| `{code}` |")));
        let row = row.unwrap_or_else(|| panic!("`{code}` ({meaning})"));
        assert!(row.contains(meaning.trim()), "`{code}`: {meaning}");
        count += 1;
    }
    assert!(count >= 9, "{help}");
}

#[test]
fn every_table_of_a_run_is_explained() {
    let page = page("run-file.md");
    let context = context();
    context.run(&["new", "builtin", "quick"]).success();
    context.run(&["run", "quick/experiment.toml", "--set", "stop.evaluations=1_000"]).success();
    let run = fs::read_dir(context.data().join("runs")).unwrap().map(|entry| entry.unwrap().path());
    let run = run.into_iter().find(|path| path.extension().is_some_and(|end| end == "sqlite")).unwrap();
    let store = rusqlite::Connection::open(run).unwrap();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut tables = store.prepare(tables).unwrap();
    let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        let row = page.text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
        assert!(row.into_iter().any(|cell| cell.contains(&format!("`{name}`"))), "`{name}`");
    }
    let number = |pragma: &str| store.query_row(pragma, [], |row| row.get::<_, u32>(0)).unwrap();
    assert!(page.text.contains(&format!("Format {} (`PRAGMA user_version`", number("PRAGMA user_version"))));
    assert!(page.text.contains(&format!("`{:#x}`", number("PRAGMA application_id"))));
}
