//! Whether there is an engine, for tests that need the real one.

use std::{
    env,
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    thread,
};

/// The address of the engine; `None` where `dev/test` found none, which the test then says by returning.
///
/// ```no_run
/// let Some(engine) = genetic_pool_testkit::engine() else { return };
/// ```
///
/// `GENETIC_POOL_TEST_ENGINE` names it (`none`: there is none), else `DOCKER_HOST`, else it is the default socket. What
/// is skipped is appended to the file that `GENETIC_POOL_TEST_SKIPPED` names, for nobody reads what a passing test
/// prints. On CI nothing is skipped.
pub fn engine() -> Option<String> {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let named = set("GENETIC_POOL_TEST_ENGINE").or_else(|| set("DOCKER_HOST"));
    let address = named.unwrap_or_else(|| "unix:///var/run/docker.sock".to_owned());
    if address != "none" {
        return Some(address);
    }
    assert!(set("CI").is_none(), "on CI there has to be an engine");
    let test = thread::current().name().unwrap_or("a test").to_owned();
    eprintln!("skipped: no engine: {test}");
    if let Some(file) = set("GENETIC_POOL_TEST_SKIPPED") {
        let mut file = OpenOptions::new().append(true).create(true).open(file).unwrap();
        file.write_all(format!("{test}\n").as_bytes()).unwrap();
    }
    None
}

/// The path of the Unix socket of the engine at `address`.
pub(crate) fn socket(address: &str) -> PathBuf {
    let path = address.strip_prefix("unix://").unwrap_or_else(|| panic!("`{address}` is no Unix socket"));
    Path::new(path).to_owned()
}
