//! What a node takes now, in less time than the engine needs to say it.
//!
//! The engine measures once in a second, so that one who asks it waits for up to a second, and two to know about CPUs.
//! A node reads the same counters of its control group itself, twice, a tenth of a second apart.

use std::time::Duration;

use bollard::query_parameters::StatsOptionsBuilder;
use futures_util::StreamExt;

use crate::{cluster::stats::used, engine::Engine};

/// What a node takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Taken {
    /// CPUs.
    pub(super) cpus: Option<f64>,
    /// Bytes of memory, without files that were only read.
    pub(super) memory: Option<u64>,
}

/// How long it may take: what is not known by then is left out.
const PATIENCE: Duration = Duration::from_millis(350);

/// The counters of control groups: first those of version 1, then of version 2. What is between the two times is read
/// by the shell itself, so that little but the sleep counts.
const PROGRAM: &str = r#"
cd /sys/fs/cgroup || exit
if [ -r cpuacct/cpuacct.usage ]; then
    date +%s%N; read -r a < cpuacct/cpuacct.usage; sleep 0.1; read -r b < cpuacct/cpuacct.usage; date +%s%N
    echo "$a"; echo "$b"; cat memory/memory.usage_in_bytes; grep -m 1 '^total_inactive_file ' memory/memory.stat
else
    date +%s%N; read -r _ a < cpu.stat; sleep 0.1; read -r _ b < cpu.stat; date +%s%N
    echo "${a}000"; echo "${b}000"; cat memory.current; grep -m 1 '^inactive_file ' memory.stat
fi
"#;

/// What the container `id` takes, as far as it can be said in time.
pub(super) async fn measure(engine: &Engine, id: &str) -> Taken {
    let timed = |taken| tokio::time::timeout(PATIENCE, taken);
    // The engine's figure is for nodes that have no more room for a program.
    let (inside, outside) =
        tokio::join!(timed(inside(engine, id)), tokio::time::timeout(PATIENCE, outside(engine, id)));
    let inside = inside.ok().flatten().unwrap_or_default();
    Taken { cpus: inside.cpus, memory: inside.memory.or(outside.ok().flatten()) }
}

async fn inside(engine: &Engine, id: &str) -> Option<Taken> {
    let (text, _) = engine.exec(id, &["sh", "-c", PROGRAM]).await.ok()?.printed().await.ok()?;
    read(&String::from_utf8_lossy(&text))
}

async fn outside(engine: &Engine, id: &str) -> Option<u64> {
    let options = StatsOptionsBuilder::default().stream(false).one_shot(true).build();
    let sample = Box::pin(engine.docker().stats(id, Some(options))).next().await?.ok()?;
    used(sample.memory_stats.as_ref()?)
}

/// What [`PROGRAM`] printed: two times and two counters of CPU time in nanoseconds, memory, and how much of it holds
/// files that were only read.
fn read(text: &str) -> Option<Taken> {
    let mut lines = text.lines();
    let mut number = || lines.next()?.trim().rsplit(' ').next()?.parse::<u64>().ok();
    let (begin, end) = (number()?, number()?);
    let (before, after) = (number()?, number()?);
    let usage = number();
    let inactive = number().unwrap_or(0);
    let elapsed = end.checked_sub(begin).filter(|elapsed| *elapsed > 0)?;
    Some(Taken {
        cpus: Some(after.saturating_sub(before) as f64 / elapsed as f64),
        memory: usage.map(|usage| if inactive < usage { usage - inactive } else { usage }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_readings_are_a_rate() {
        let text = "1000000000\n1100000000\n5000000\n55000000\n1000\ntotal_inactive_file 300\n";
        assert_eq!(read(text), Some(Taken { cpus: Some(0.5), memory: Some(700) }));
        assert_eq!(read("1\n2\n3\n3\n"), Some(Taken { cpus: Some(0.0), memory: None }));
        for bad in ["", "x\n", "1\n1\n3\n4\n5\n", "sh: no\n"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
