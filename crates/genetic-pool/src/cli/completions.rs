//! `completions SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Context, Exit, error::CliError};

/// Prints a script that completes this program's commands and options in a shell
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool completions bash > ~/.local/share/bash-completion/completions/genetic-pool
  genetic-pool completions fish > ~/.config/fish/completions/genetic-pool.fish
  genetic-pool completions zsh > \"${fpath[1]}/_genetic-pool\"")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), &context.program, &mut script);
        context.printer.write(|out| out.write_all(&script))?;
        Ok(Exit::Ok)
    }
}
