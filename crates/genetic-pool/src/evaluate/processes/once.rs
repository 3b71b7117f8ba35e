//! A command that is started for each candidate.

use std::{path::Path, time::Instant};

use genetic_pool_evolve::problem::Failure;

use super::{
    super::{
        child::{Child, Ended},
        command::{MOST_STDOUT, Once},
        frames::Found,
    },
    queue::Portion,
    slot::{Slot, Waited},
    start::ended_words,
    verdict::End,
};

impl Slot {
    /// Runs a command for the one candidate of `portion`.
    pub(super) fn run_once(&mut self, once: &Once, portion: Portion) {
        let row = portion.rows.start;
        let candidate = portion.work.candidates[row];
        self.done.clear();
        self.done.push(false);
        let folder = self.shared.scratch.of(candidate);
        self.shared.scratch.before(candidate);
        let prepared = std::fs::create_dir_all(&folder).and_then(|()| once.prepare(&portion.work, row, &folder));
        let start = match prepared {
            Ok(start) => start,
            Err(error) => {
                let message = format!("the scratch folder `{}` cannot be written: {error}", folder.display());
                return self.shared.queue.not_started(portion, true, message, None);
            }
        };
        let began = Instant::now();
        let child = match Child::start(&start, &folder, false) {
            Ok(child) => child,
            Err(error) => {
                let message = format!("a process for evaluations cannot be started: {error}");
                return self.shared.queue.not_started(portion, false, message, None);
            }
        };
        self.watch_once(once, &portion, child, &folder, began);
    }

    fn watch_once(&mut self, once: &Once, portion: &Portion, mut child: Child, folder: &Path, began: Instant) {
        let mut stdout = Vec::new();
        let limit = self.shared.timeout.map(|timeout| (timeout, began + timeout));
        let end = loop {
            let received = child.received().len();
            if once.reads_stdout() {
                stdout.extend_from_slice(child.received());
                if stdout.len() > MOST_STDOUT {
                    break End::Garbled("more than 64 MiB on its standard output".to_owned());
                }
            } else {
                let text = child.received().to_owned();
                child.output.push(&text);
            }
            child.consume(received);
            match self.wait(&mut child, limit) {
                Ok(Some(Waited::Woken)) if self.shared.queue.cancelled(portion) => {
                    drop(child);
                    return self.shared.scratch.remove(portion.candidate(0));
                }
                // One that prints without end is heard without end.
                Ok(None) => {
                    if let Some(end) = self.exceeded(&child, limit) {
                        break end;
                    }
                }
                // A program may close its output long before its end.
                Ok(Some(Waited::Woken | Waited::Ended(End::Closed))) => {}
                Ok(Some(Waited::Ended(end))) => break end,
                Err(error) => break End::Garbled(format!("through a pipe that broke: {error}")),
            }
        };
        child.collect_output();
        let mut output = std::mem::take(&mut child.output);
        // What it has left running is killed before its files are read.
        drop(child);
        let End::Ended(Ended::Exited(code)) = end else {
            if let End::Ended(ended @ Ended::NotStarted(_)) = end {
                let message = format!("the command {}", ended_words(ended, once.start()));
                return self.shared.queue.not_started(portion.clone(), ended.hopeless(), message, None);
            }
            output.push(&stdout);
            // Nothing was evaluated in its process before: one try decides.
            let portion = Portion { suspect: true, ..portion.clone() };
            return self.bury(&portion, &end, true, None, began, &mut output);
        };
        self.shared.queue.started();
        self.heard.outcomes.reset(self.shared.shape, 1);
        self.heard.seconds.clear();
        self.heard.seconds.push(began.elapsed().as_secs_f32());
        let read = once.read(code, &stdout, folder, &mut self.heard.outcomes);
        output.push(&stdout);
        if let Err(failure) = read {
            let said = output.last_lines(20);
            let message = if said.is_empty() { failure.message } else { format!("{}\n{said}", failure.message) };
            self.heard.outcomes.fail(0, Failure { message, ..failure });
        }
        self.log(portion, 0, &mut output);
        self.deliver(portion, Found { first: 0, rows: 1, scratch: true });
        self.shared.queue.learn(1, began.elapsed().as_secs_f64());
    }
}
