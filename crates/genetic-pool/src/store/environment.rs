//! Facts about the machine and the process, as far as they explain a run: never the host's name.

use std::{fs, path::PathBuf};

use serde::{Deserialize, Serialize};

/// Where a session of a run takes place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// The program's version.
    pub program: String,
    /// The operating system, by the name it gives itself.
    pub system: String,
    /// The kernel's release.
    pub kernel: Option<String>,
    /// The processor's architecture.
    pub architecture: String,
    /// The processor's model.
    pub cpu: Option<String>,
    /// How many CPUs this process may use.
    pub cores: usize,
    /// What runs the user's code, where that is not this program.
    pub interpreter: Option<Interpreter>,
}

/// What runs the user's code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// Where it is.
    pub path: PathBuf,
    /// Its version, as it says it.
    pub version: String,
}

/// A process, beyond doubt: process ids are used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// The boot of the machine it belongs to.
    pub boot: Option<String>,
    /// When it started, in ticks of that boot's clock.
    pub started: Option<u64>,
}

impl Environment {
    /// The machine this process runs on.
    pub fn observe(interpreter: Option<Interpreter>) -> Environment {
        Environment {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            system: system(),
            kernel: line("/proc/sys/kernel/osrelease"),
            architecture: std::env::consts::ARCH.to_owned(),
            cpu: cpu(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            interpreter,
        }
    }

    /// The facts by name, for people.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![("program", self.program.clone()), ("system", self.system.clone())];
        facts.extend(self.kernel.clone().map(|kernel| ("kernel", kernel)));
        facts.push(("architecture", self.architecture.clone()));
        facts.extend(self.cpu.clone().map(|cpu| ("cpu", cpu)));
        facts.push(("cores", self.cores.to_string()));
        if let Some(Interpreter { path, version }) = &self.interpreter {
            facts.push(("interpreter", format!("{version} ({})", path.display())));
        }
        facts
    }
}

impl Process {
    /// This process.
    pub fn this() -> Process {
        // Field 22 counts from the first; the second, the program's name in parentheses, may hold spaces.
        let stat = fs::read_to_string("/proc/self/stat").ok();
        let started = stat.as_deref().and_then(|stat| stat.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok());
        Process { pid: std::process::id(), boot: line("/proc/sys/kernel/random/boot_id"), started }
    }
}

/// The first line of a file of the kernel; `None` on systems without it.
fn line(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}

fn system() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map_or_else(|| std::env::consts::OS.to_owned(), |name| name.trim_matches('"').to_owned())
}

fn cpu() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let model = text.lines().find(|line| line.starts_with("model name"))?;
    Some(model.split_once(':')?.1.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_on_linux_knows_its_boot_and_start() {
        let process = Process::this();
        assert_eq!(process.pid, std::process::id());
        assert!(process.started.is_some_and(|ticks| ticks > 0));
        assert_eq!(process.boot.as_deref().map(str::len), Some(36));
        assert_eq!(Process::this(), process);
    }

    #[test]
    fn facts_name_the_interpreter_and_never_the_host() {
        let interpreter = Interpreter { path: "/usr/bin/python3".into(), version: "Python 3.13.1".into() };
        let environment = Environment::observe(Some(interpreter));
        let facts = environment.facts();
        assert!(facts.contains(&("interpreter", "Python 3.13.1 (/usr/bin/python3)".to_owned())));
        let host = line("/proc/sys/kernel/hostname").filter(|host| host.len() > 3);
        if let Some(host) = host {
            assert!(!serde_json::to_string(&environment).unwrap().contains(&host));
        }
    }
}
