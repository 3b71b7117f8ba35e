//! After the end of a child: what it has not found is tried again, or has failed.

use std::time::{Duration, Instant};

use genetic_pool_evolve::problem::{Failure, FailureKind};

use super::{
    super::{child::Ended, output::Capture},
    queue::Portion,
    slot::Slot,
    verdict::{End, Verdict, judge},
};

impl Slot {
    /// After the end of the child that evaluated `portion` since `began`: what was not found is tried again, or has
    /// failed. `fresh`: it had evaluated nothing before; `started`: the row it had begun with, where it is known.
    pub(super) fn bury(
        &mut self,
        portion: &Portion,
        end: &End,
        fresh: bool,
        started: Option<usize>,
        began: Instant,
        output: &mut Capture,
    ) {
        let said = users_lines(&output.last_lines(40));
        let undone = (0..self.done.len()).filter(|row| !self.done[*row]);
        let undone: Vec<usize> = undone.map(|row| portion.rows.start + row).collect();
        let first = undone.first().map_or(0, |row| row - portion.rows.start);
        self.log(portion, started.unwrap_or(first), output);
        for row in &undone {
            self.shared.scratch.remove(portion.work.candidates[*row]);
        }
        let whole_group = portion.group && undone.len() == portion.rows.len();
        if undone.len() > 1 && !whole_group {
            // It is known which one it was, or it is found by running each alone.
            let culprit = started.map(|row| portion.rows.start + row);
            let again = undone.iter().map(|row| match culprit == Some(*row) {
                true if is_loss(end) => Portion { fresh: true, losses: 1, ..portion.single(*row) },
                true => Portion { fresh: true, suspect: true, ..portion.single(*row) },
                false => portion.single(*row),
            });
            return self.shared.queue.again(again);
        }
        // The last of several may have been harmed by those before it.
        let alone = fresh && (whole_group || portion.rows.len() == 1);
        let rows = if whole_group { portion.rows.clone() } else { undone[0]..undone[0] + 1 };
        let again = Portion { rows, fresh: true, acknowledge: false, ..portion.clone() };
        match judge(end, portion, alone, &said) {
            Verdict::Lost => self.shared.queue.again([Portion { losses: portion.losses + 1, ..again }]),
            // All of a group's time again would be long: each alone decides as well.
            Verdict::Suspect if undone.len() > 1 && matches!(end, End::Late(_)) => self.each_alone(portion, &undone),
            Verdict::Suspect => self.shared.queue.again([Portion { suspect: true, ..again }]),
            // One of the group spoils it, and only that one is to fail.
            Verdict::Failed(_) if undone.len() > 1 => self.each_alone(portion, &undone),
            Verdict::Failed(failure) => self.fail(portion, undone[0], failure, began.elapsed()),
        }
    }

    /// Has each of the rows `rows` of the work of `portion` evaluated by itself.
    fn each_alone(&self, portion: &Portion, rows: &[usize]) {
        self.shared.queue.again(rows.iter().map(|row| portion.single(*row)));
    }

    /// Row `row` of the work of `portion` has failed, which took `time`.
    fn fail(&mut self, portion: &Portion, row: usize, failure: Failure, time: Duration) {
        if portion.failures < self.shared.retries && failure.kind != FailureKind::Killed {
            let again = Portion { fresh: true, suspect: true, ..portion.single(row) };
            return self.shared.queue.again([Portion { failures: portion.failures + 1, ..again }]);
        }
        let candidate = portion.work.candidates[row];
        self.shared.scratch.done(candidate, Some(failure.kind));
        self.heard.outcomes.reset(self.shared.shape, 1);
        self.heard.outcomes.fail(0, failure);
        self.found.push(candidate, &self.heard.outcomes, 0, time.as_secs_f32());
        self.shared.queue.deliver(portion, &mut self.found);
    }
}

fn is_loss(end: &End) -> bool {
    matches!(end, End::Ended(Ended::Signaled(9) | Ended::GuardKilled))
}

/// `text` without the lines in which the interpreter names the code that calls the user's.
fn users_lines(text: &str) -> String {
    let ours = |line: &str| line.contains("File \"<genetic-pool>\"") || line.contains("File \"<string>\"");
    text.lines().filter(|line| !ours(line)).collect::<Vec<_>>().join("\n")
}
