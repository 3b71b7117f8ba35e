//! An isolated command line.

use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{ended::Ended, filters::Filters, running::Running};

/// How long a program may take before the test fails.
pub(crate) const DEADLINE: Duration = Duration::from_mins(2);

/// A temporary folder in which the program runs as if nobody had ever used it.
///
/// The folder is the working directory; home, data folder and temporary files lie in it; the environment is empty but
/// for `PATH`, UTC and a socket of Docker that does not exist.
pub struct TestContext {
    directory: TempDir,
    root: PathBuf,
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    filters: Filters,
}

impl TestContext {
    /// A context for the program `program`: `TestContext::new(env!("CARGO_BIN_EXE_genetic-pool"))`.
    pub fn new(program: impl Into<PathBuf>) -> TestContext {
        let directory = TempDir::with_prefix("genetic-pool-test-").unwrap();
        let root = directory.path().canonicalize().unwrap();
        for folder in ["work", "home", "tmp"] {
            fs::create_dir(root.join(folder)).unwrap();
        }
        let program = program.into();
        let mut filters = Filters::default();
        filters.literal(&root.join("work").display().to_string(), "[WORK]");
        filters.literal(&root.join("data").display().to_string(), "[DATA]");
        filters.literal(&root.join("home").display().to_string(), "[HOME]");
        filters.literal(&root.join("tmp").display().to_string(), "[TMP]");
        filters.literal(&program.display().to_string(), "[PROGRAM]");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut context = TestContext { directory, root, program, environment: Vec::new(), filters };
        for (name, value) in [
            ("PATH", path),
            ("HOME", context.home().into()),
            ("GENETIC_POOL_HOME", context.data().into()),
            ("TMPDIR", context.root.join("tmp").into()),
            ("TZ", "UTC".into()),
            ("LANG", "C.UTF-8".into()),
            ("DOCKER_HOST", format!("unix://{}/no-docker.sock", context.root.display()).into()),
        ] {
            context.environment.push((name.into(), value));
        }
        context
    }

    /// Sets an environment variable of the program.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> TestContext {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Replaces what matches `pattern`, a regular expression, in what is shown of outputs.
    #[must_use]
    pub fn filter(mut self, pattern: &str, replacement: &str) -> TestContext {
        self.filters.pattern(pattern, replacement);
        self
    }

    /// Replaces times, rates, dates and digests too, which differ from run to run.
    #[must_use]
    pub fn filter_figures(mut self) -> TestContext {
        self.filters.figures();
        self
    }

    /// `text` as outputs are shown: with the replacements made.
    pub fn shown(&self, text: &str) -> String {
        self.filters.apply(text)
    }

    /// The working directory.
    pub fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// The home directory.
    pub fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// The data folder; it does not exist before the program makes it.
    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Writes `text` into `path`, relative to the working directory, with the folders above it.
    pub fn write(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap_or_else(|error| panic!("write {}: {error}", path.display()));
        path
    }

    /// What `path`, relative to the working directory, holds.
    pub fn read(&self, path: impl AsRef<Path>) -> String {
        let path = self.work().join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()))
    }

    /// The files below `path`, relative to it, sorted.
    pub fn files(&self, path: impl AsRef<Path>) -> Vec<String> {
        let root = self.work().join(path);
        let mut files = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("list {}: {error}", folder.display())) {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path.strip_prefix(&root).unwrap().display().to_string());
                }
            }
        }
        files.sort();
        files
    }

    /// The program with `arguments`, isolated, its outputs not redirected yet.
    pub fn command<Argument: AsRef<OsStr>>(&self, arguments: &[Argument]) -> Command {
        self.command_of(&self.program, arguments)
    }

    /// Another program in the same isolation: a program of a user's own, a shell.
    pub fn command_of<Argument: AsRef<OsStr>>(&self, program: impl AsRef<OsStr>, arguments: &[Argument]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.work()).env_clear().stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program with `arguments` to its end.
    pub fn run<Argument: AsRef<OsStr>>(&self, arguments: &[Argument]) -> Ended {
        self.spawn(arguments).wait(DEADLINE)
    }

    /// Starts the program with `arguments`.
    pub fn spawn<Argument: AsRef<OsStr>>(&self, arguments: &[Argument]) -> Running {
        self.spawn_command(self.command(arguments))
    }

    /// Starts `command`, which [`command`](TestContext::command) gave.
    pub fn spawn_command(&self, command: Command) -> Running {
        Running::start(command, self.filters.clone())
    }

    /// Fails where a process is left that works in this context's folders or was given its environment; Linux only.
    ///
    /// Those that were only just killed may take a moment to go.
    #[track_caller]
    pub fn assert_nothing_runs(&self) {
        let end = Instant::now() + Duration::from_secs(5);
        loop {
            let left = self.processes();
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < end, "processes are left behind: {left:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The processes that work in this context's folders or were given its environment: id and command line. Linux only.
    pub fn processes(&self) -> Vec<(u32, String)> {
        let mut processes = Vec::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            // A process that goes meanwhile, or is another user's, has nothing to read.
            let ours = fs::read_link(entry.path().join("cwd")).is_ok_and(|path| path.starts_with(&self.root))
                || fs::read(entry.path().join("environ"))
                    .is_ok_and(|text| holds(&text, self.root.as_os_str().as_bytes()));
            if ours {
                let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                processes.push((id, String::from_utf8_lossy(&command).replace('\0', " ").trim_end().to_owned()));
            }
        }
        processes
    }

    /// The temporary folder as the system calls it.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
