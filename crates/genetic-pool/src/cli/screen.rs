//! Standard output as something that is drawn over and over.

use std::io::{self, IsTerminal};

use super::{error::CliError, printer::Printer};

/// Tables that follow each other: one over the other on a terminal, else one below the other.
#[derive(Debug)]
pub(super) struct Screen {
    printer: Printer,
    terminal: bool,
    /// Lines of the last table that stand on the terminal.
    drawn: usize,
    any: bool,
}

impl Screen {
    pub(super) fn new(printer: Printer) -> Screen {
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Screen { printer, terminal: io::stdout().is_terminal() && !dumb, drawn: 0, any: false }
    }

    /// Shows `lines` instead of those before; on a terminal no more than it holds.
    pub(super) fn draw(&mut self, lines: &[String]) -> Result<(), CliError> {
        let drawn = std::mem::take(&mut self.drawn);
        let again = std::mem::replace(&mut self.any, true);
        if !self.terminal {
            return self.printer.write(|out| {
                let gap = again.then_some("");
                gap.into_iter().chain(lines.iter().map(String::as_str)).try_for_each(|line| writeln!(out, "{line}"))
            });
        }
        let lines = fitting(lines, size());
        self.drawn = lines.len();
        self.printer.write(|out| {
            if drawn > 0 {
                write!(out, "\x1b[{drawn}A")?;
            }
            write!(out, "\r\x1b[J")?;
            lines.iter().try_for_each(|line| writeln!(out, "{line}"))
        })
    }
}

/// Whether standard output takes colour: a terminal, unless `NO_COLOR` is not empty.
pub(super) fn colour() -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let dumb = set("TERM").is_some_and(|value| value == "dumb");
    io::stdout().is_terminal() && !dumb && set("NO_COLOR").is_none()
}

/// Ends when nobody reads standard output any more, where that can be seen: one who only waits for lines would never
/// find out otherwise.
pub(super) async fn unread() {
    use rustix::event::{PollFd, PollFlags, poll};
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // It waits as long as there is a reader, in a thread that nobody waits for.
    std::thread::spawn(move || {
        let stdout = io::stdout();
        let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
        if poll(&mut asked, None).is_ok() && asked[0].revents().contains(PollFlags::ERR) {
            let _ = sender.send(());
        }
    });
    if receiver.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Columns and rows of the terminal.
fn size() -> (usize, usize) {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
    let size = size.map(|size| (usize::from(size.ws_col), usize::from(size.ws_row)));
    size.filter(|(columns, rows)| *columns > 0 && *rows > 1).unwrap_or((80, 24))
}

/// What of `lines` fits on a terminal: a line that is broken, or scrolled away, cannot be drawn over.
fn fitting(lines: &[String], (columns, rows): (usize, usize)) -> Vec<String> {
    lines.iter().take(rows - 1).map(|line| line.chars().take(columns).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_never_given_more_than_it_holds() {
        let lines = ["äbc", "de", "f"].map(str::to_owned);
        assert_eq!(fitting(&lines, (2, 3)), ["äb", "de"]);
        assert_eq!(fitting(&lines, (80, 24)), lines);
    }
}
