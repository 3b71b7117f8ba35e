//! Docker's own command line, for what is to be seen by other eyes than ours.

use std::process::{Command, Output};

/// Runs `docker` with `arguments` on the engine at `address`.
pub(crate) fn docker(address: &str, arguments: &[&str]) -> Output {
    Command::new("docker").env("DOCKER_HOST", address).args(arguments).output().unwrap()
}

/// What `docker` prints, where it succeeds.
#[track_caller]
pub(crate) fn docker_says(address: &str, arguments: &[&str]) -> String {
    let output = docker(address, arguments);
    assert!(output.status.success(), "docker {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Things of a test, removed in the order in which they were given, also when it fails.
pub(crate) struct Cleared<'a> {
    pub address: &'a str,
    /// `rm -f x`, `rmi x`.
    pub commands: Vec<Vec<String>>,
}

impl<'a> Cleared<'a> {
    pub(crate) fn new(address: &'a str, commands: &[String]) -> Cleared<'a> {
        let commands = commands.iter().map(|command| command.split(' ').map(str::to_owned).collect()).collect();
        let cleared = Cleared { address, commands };
        // What a test that was killed left behind.
        cleared.clear();
        cleared
    }

    fn clear(&self) {
        for command in &self.commands {
            let command: Vec<&str> = command.iter().map(String::as_str).collect();
            docker(self.address, &command);
        }
    }
}

impl Drop for Cleared<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}
