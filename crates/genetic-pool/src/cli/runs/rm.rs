//! `runs rm`.

use clap::Args;

use super::{Context, Exit};
use crate::{
    cli::{error::CliError, words},
    run,
    store::{Home, RunReader, State, StoreError, remove_run},
};

/// Removes runs
///
/// Either all of them or, where one cannot be removed, none. A run that a process works on is never removed: stop it
/// first.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool runs rm k3f9
  genetic-pool runs rm 20261124-101530-k3f9 20261124-101712-m0a2")]
pub(super) struct Rm {
    /// The runs
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<String>,
    /// Removes also what cannot be read as a run
    #[arg(long)]
    force: bool,
}

impl Rm {
    pub(super) fn run(self, home: &Home, context: &Context<'_>) -> Result<Exit, CliError> {
        let mut paths = Vec::new();
        for run in &self.runs {
            let path = self.check(home, run)?;
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        for path in paths {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let command = format!("{} runs rm {name}", context.program);
            let freed = remove_run(&path, &command)?;
            // Kept scratch folders belong to the run; there may be none.
            let _ = std::fs::remove_dir_all(run::scratch(home, &name));
            context.printer.data(format_args!("removed {name}: {} are free again", words::bytes(freed)))?;
        }
        Ok(Exit::Ok)
    }

    /// The file of `run`, which may be removed.
    fn check(&self, home: &Home, run: &str) -> Result<std::path::PathBuf, StoreError> {
        let path = home.resolve(run)?;
        match RunReader::open(&path).and_then(|reader| reader.state()) {
            Ok((State::Running, holder)) => {
                let run = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                Err(StoreError::Held { run, holder })
            }
            Err(error) if !self.force => Err(error),
            Ok(_) | Err(_) => Ok(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        cli::Printer,
        registry::Registry,
        store::{Ending, RunWriter, fixture},
    };

    #[test]
    fn runs_go_with_all_that_belongs_to_them_and_running_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned() };
        let finished = RunWriter::create(&home, &fixture::new_run(7)).unwrap();
        let first = finished.id().to_string();
        finished.end(Ending::Finished(fixture::result("00"))).unwrap();
        let running = RunWriter::create(&home, &fixture::new_run(8)).unwrap();
        let second = running.id().to_string();
        fs::write(home.runs().join("junk.sqlite"), "x").unwrap();

        let registry = Registry { problems: std::collections::BTreeMap::new() };
        let printer = Printer { colour: false, live: false };
        let context = Context { registry: &registry, printer, program: "genetic-pool".into() };
        let rm = |runs: &[&str], force| {
            Rm { runs: runs.iter().map(ToString::to_string).collect(), force }.run(&home, &context)
        };
        let error = rm(&[&first, &second], false).unwrap_err();
        assert!(error.to_string().starts_with(&format!("run `{second}` is taken by process ")), "{error}");
        assert_eq!(error.exit(), Exit::Held);
        assert_eq!(rm(&[&second], true).unwrap_err().exit(), Exit::Held);
        assert_eq!(rm(&["junk"], false).unwrap_err().exit(), Exit::Invalid);
        assert_eq!(home.ids().unwrap().len(), 3, "nothing was removed");
        rm(&[&first, &first, "junk"], true).unwrap();
        drop(running);
        // Killed, it left its side files behind.
        let path = home.resolve("latest").unwrap();
        fs::write(path.with_extension("lock"), "").unwrap();
        rm(&["latest"], false).unwrap();
        assert_eq!(fs::read_dir(home.runs()).unwrap().count(), 0);
    }
}
