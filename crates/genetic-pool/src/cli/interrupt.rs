//! Ctrl-C and SIGTERM: once is a clean stop, twice is now.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use super::exit::Exit;

/// Whether somebody asked the program to stop.
#[derive(Clone, Debug)]
pub struct Interrupts {
    requested: Arc<AtomicBool>,
}

impl Interrupts {
    /// From now on the first SIGINT or SIGTERM is only remembered; the next one ends the process at once, with
    /// [`Exit::Interrupted`].
    pub fn install() -> io::Result<Interrupts> {
        let requested = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // Handlers run in the order of their registration: the exit must not see the flag its own signal sets.
            flag::register_conditional_shutdown(signal, i32::from(Exit::Interrupted.code()), Arc::clone(&requested))?;
            flag::register(signal, Arc::clone(&requested))?;
        }
        Ok(Interrupts { requested })
    }

    /// Whether a stop was asked for.
    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use signal_hook::low_level::raise;

    use super::*;

    /// Set in the process that is interrupted, which this test starts from its own executable.
    const CHILD: &str = "GENETIC_POOL_TEST_INTERRUPTED";

    #[test]
    fn the_first_is_remembered_and_the_second_ends_the_process() {
        if std::env::var_os(CHILD).is_some() {
            let interrupts = Interrupts::install().unwrap();
            assert!(!interrupts.requested());
            raise(SIGINT).unwrap();
            assert!(interrupts.requested());
            raise(SIGTERM).unwrap();
            unreachable!("the second signal ends the process");
        }
        let test = std::thread::current().name().unwrap().to_owned();
        let status = Command::new(std::env::current_exe().unwrap())
            .args([test.as_str(), "--exact", "--nocapture"])
            .env(CHILD, "1")
            .output()
            .unwrap()
            .status;
        assert_eq!(status.code(), Some(i32::from(Exit::Interrupted.code())));
    }
}
