//! What follows from the end of a child: try again, or a failure.

use std::time::Duration;

use genetic_pool_evolve::problem::{Failure, FailureKind};

use super::{super::child::Ended, queue::Portion};

/// How often a candidate may be lost: the last time counts.
const LOSSES: u32 = 3;

/// Why a child is no more while it should evaluate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It ended.
    Ended(Ended),
    /// It closed its output.
    Closed,
    /// It said what is not of the protocol.
    Garbled(String),
    /// An evaluation took longer than this.
    Late(Duration),
    /// Its processes held more memory than this many bytes.
    Memory(u64),
}

/// What to do with what the child was evaluating.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nobody is to blame: try again, and count it.
    Lost,
    /// Something is to blame, but it may not be this evaluation: try again alone in a fresh child.
    Suspect,
    /// It is this evaluation.
    Failed(Failure),
}

/// Judges `end` of a child that evaluated `portion`, one candidate or one group, which is `alone` in a fresh child or
/// not. `said` is the end of what it printed.
///
/// Whatever child it was in first, one crash or time-out only makes it suspect: so which candidates fail does not
/// depend on which slot became free when.
pub(super) fn judge(end: &End, portion: &Portion, alone: bool, said: &str) -> Verdict {
    let failure = match end {
        End::Ended(Ended::Signaled(9) | Ended::GuardKilled) => {
            if portion.losses + 1 < LOSSES || !alone {
                return Verdict::Lost;
            }
            let message = format!("it was killed from outside {LOSSES} times, the last time alone in a fresh process");
            Failure { kind: FailureKind::Killed, message }
        }
        End::Ended(Ended::Signaled(signal)) => Failure {
            kind: FailureKind::Exit,
            message: format!("the evaluation was ended by {}", signal_name(*signal)),
        },
        End::Ended(Ended::Exited(code)) => Failure {
            kind: FailureKind::Exit,
            message: format!("the evaluation ended its process with exit code {code}"),
        },
        End::Ended(Ended::NotStarted(errno)) => {
            let error = std::io::Error::from_raw_os_error(*errno);
            Failure { kind: FailureKind::Exit, message: format!("the evaluation could not be started: {error}") }
        }
        End::Closed => {
            let message = "the evaluation closed the pipe its outcome was to come through".to_owned();
            Failure { kind: FailureKind::Exit, message }
        }
        End::Garbled(words) => {
            Failure { kind: FailureKind::WrongOutput, message: format!("the evaluation answered {words}") }
        }
        End::Late(limit) => {
            let message = format!("the evaluation took longer than {limit:?}");
            Failure { kind: FailureKind::Timeout, message }
        }
        End::Memory(limit) => Failure {
            kind: FailureKind::Memory,
            message: format!("the evaluation took more than {} of memory", bytes(*limit)),
        },
    };
    if failure.kind != FailureKind::Killed && !(portion.suspect && alone) {
        return Verdict::Suspect;
    }
    let message = if said.is_empty() { failure.message } else { format!("{}\n{said}", failure.message) };
    Verdict::Failed(Failure { message, ..failure })
}

fn bytes(count: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = UNITS.into_iter().find(|(size, _)| count.is_multiple_of(*size) && count > 0);
    unit.map_or_else(|| format!("{count} bytes"), |(size, name)| format!("{} {name}", count / size))
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        4 => "SIGILL (an illegal instruction)",
        6 => "SIGABRT (it aborted)",
        7 => "SIGBUS (a bad memory access)",
        8 => "SIGFPE (an arithmetic error)",
        11 => "SIGSEGV (a bad memory access)",
        13 => "SIGPIPE (a closed pipe)",
        15 => "SIGTERM (it was asked to end)",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn portion(suspect: bool, losses: u32) -> Portion {
        let (rows, fresh) = (0..1, true);
        let (group, acknowledge) = (false, false);
        Portion { work: Arc::default(), rows, group, fresh, suspect, losses, failures: 0, epoch: 0, acknowledge }
    }

    #[test]
    fn the_second_crash_counts_if_it_is_alone_in_a_fresh_child() {
        let end = End::Ended(Ended::Exited(3));
        assert_eq!(judge(&end, &portion(false, 0), true, "bye"), Verdict::Suspect);
        assert_eq!(judge(&end, &portion(false, 2), true, "bye"), Verdict::Suspect);
        assert_eq!(judge(&end, &portion(true, 0), false, "bye"), Verdict::Suspect);
        let message = "the evaluation ended its process with exit code 3\nbye".to_owned();
        let failed = Verdict::Failed(Failure { kind: FailureKind::Exit, message });
        assert_eq!(judge(&end, &portion(true, 0), true, "bye"), failed);
    }

    #[test]
    fn the_third_loss_counts() {
        let end = End::Ended(Ended::Signaled(9));
        let verdict = |losses, alone| judge(&end, &portion(true, losses), alone, "");
        assert_eq!(verdict(0, true), Verdict::Lost);
        assert_eq!(verdict(1, true), Verdict::Lost);
        assert_eq!(verdict(2, false), Verdict::Lost);
        let Verdict::Failed(failure) = verdict(2, true) else { panic!("not failed") };
        assert_eq!(failure.kind, FailureKind::Killed);
    }

    #[test]
    fn limits_are_named_as_they_were_given() {
        let words = |end| match judge(&end, &portion(true, 0), true, "") {
            Verdict::Failed(failure) => failure.message,
            other => panic!("{other:?}"),
        };
        assert_eq!(words(End::Memory(2 << 30)), "the evaluation took more than 2 GiB of memory");
        assert_eq!(words(End::Late(Duration::from_millis(1500))), "the evaluation took longer than 1.5s");
        assert_eq!(words(End::Ended(Ended::Signaled(11))), "the evaluation was ended by SIGSEGV (a bad memory access)");
    }
}
