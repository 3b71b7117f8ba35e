//! The only place that prints: standard output is data, standard error is talk.

use std::{
    error::Error,
    fmt::Display,
    io::{self, BufWriter, IsTerminal, Write},
};

use serde::Serialize;

use super::error::CliError;

/// Prints.
///
/// A reader of standard output that went away is [`CliError::ClosedPipe`], which ends the program quietly. Nobody is
/// told that standard error cannot be written.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// Whether standard error takes colour.
    pub colour: bool,
    /// Whether a person watches standard error, so that a line may be drawn over and over.
    pub live: bool,
}

impl Printer {
    /// The printer for this process: colour and drawing on a terminal only, no colour where `NO_COLOR` is not empty.
    pub fn new() -> Printer {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let terminal = io::stderr().is_terminal();
        let dumb = set("TERM").is_some_and(|value| value == "dumb");
        Printer { colour: terminal && !dumb && set("NO_COLOR").is_none(), live: terminal && !dumb }
    }

    /// Prints `text` and a line feed as data.
    pub fn data(self, text: impl Display) -> Result<(), CliError> {
        self.write(|out| writeln!(out, "{text}"))
    }

    /// Prints `value` as data: JSON in one line.
    pub fn json(self, value: &impl Serialize) -> Result<(), CliError> {
        self.write(|out| {
            serde_json::to_writer(&mut *out, value)?;
            writeln!(out)
        })
    }

    /// Prints data that `produce` writes, through a buffer.
    pub fn write(self, produce: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        // Standard output has a buffer of its own, which must be empty before anybody may believe it was written.
        produce(&mut out).and_then(|()| out.flush()).map_err(CliError::of_stdout)
    }

    /// Prints `text` and a line feed as talk.
    pub fn talk(self, text: impl Display) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Says something a person should know.
    pub fn note(self, text: impl Display) {
        self.talk(format_args!("{} {text}", self.paint(Colour::Yellow, "note:")));
    }

    /// Says what to type next: one command a line, perhaps with a remark behind `#`.
    pub fn next<Line: AsRef<str>>(self, lines: &[Line]) {
        self.talk(format_args!("{}", self.paint(Colour::Green, "next:")));
        for line in lines {
            self.talk(format_args!("  {}", line.as_ref()));
        }
    }

    /// Says what went wrong, why, and what to do.
    pub fn error(self, error: &CliError) {
        self.talk(self.render(error, error.hint().as_deref()));
    }

    /// `text` in `colour`, where standard error takes it.
    pub fn paint(self, colour: Colour, text: &str) -> String {
        if self.colour { format!("\x1b[{}m{text}\x1b[0m", colour.code()) } else { text.to_owned() }
    }

    /// `error: what`, then a line for each cause, then `hint: what to do`.
    fn render(self, error: &dyn Error, hint: Option<&str>) -> String {
        let mut last = error.to_string();
        let mut lines = vec![format!("{} {last}", self.paint(Colour::Red, "error:"))];
        let mut cause = error.source();
        while let Some(error) = cause {
            let message = error.to_string();
            // Some errors repeat their cause in their own words; nobody needs to read it twice.
            if !last.ends_with(&message) {
                lines.push(format!("  cause: {}", message.trim_end().replace('\n', "\n         ")));
            }
            last = message;
            cause = error.source();
        }
        lines.extend(hint.map(|hint| format!("{} {hint}", self.paint(Colour::Cyan, "hint:"))));
        lines.join("\n")
    }
}

impl Default for Printer {
    fn default() -> Printer {
        Printer::new()
    }
}

/// What a word is set off by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// An error.
    Red,
    /// Where it goes on.
    Green,
    /// Something to know.
    Yellow,
    /// What to do.
    Cyan,
    /// Less important.
    Dim,
}

impl Colour {
    fn code(self) -> &'static str {
        match self {
            Colour::Red => "1;31",
            Colour::Green => "1;32",
            Colour::Yellow => "1;33",
            Colour::Cyan => "1;36",
            Colour::Dim => "2",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read experiment `a.toml`")]
    struct Outer(#[source] Middle);

    #[derive(Debug, thiserror::Error)]
    #[error("the disk is gone: input/output error")]
    struct Middle(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("input/output error")]
    struct Inner;

    const PLAIN: Printer = Printer { colour: false, live: false };

    #[test]
    fn an_error_says_what_why_and_what_to_do_and_nothing_twice() {
        let text = PLAIN.render(&Outer(Middle(Inner)), Some("look for it"));
        assert_eq!(
            text,
            "error: cannot read experiment `a.toml`\n  cause: the disk is gone: input/output error\nhint: look for it"
        );
    }

    #[test]
    fn colour_sets_off_the_words_before_the_colon() {
        let printer = Printer { colour: true, live: true };
        assert_eq!(printer.render(&Inner, None), "\x1b[1;31merror:\x1b[0m input/output error");
    }
}
