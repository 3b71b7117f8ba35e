//! Process trees: who descends from whom, and what they hold in memory.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, getpgrp, kill_process, kill_process_group};

/// Every process of the machine at one moment.
#[derive(Debug, Default)]
struct Census {
    /// The processes by parent.
    children: HashMap<i32, Vec<i32>>,
    /// Their process group and resident memory in bytes, by process.
    processes: HashMap<i32, (i32, u64)>,
}

/// A census that several slots share, so that many of them cost one reading.
#[derive(Debug)]
pub(super) struct SharedCensus(Mutex<(Option<Instant>, Duration, Census)>);

impl SharedCensus {
    pub(super) fn new() -> SharedCensus {
        SharedCensus(Mutex::new((None, Duration::ZERO, Census::default())))
    }

    /// The resident memory of all descendants of `root` in bytes, at most `age` old.
    ///
    /// On a machine with very many processes it is older: reading them takes at most about a twentieth of one CPU.
    pub(super) fn memory_of_tree(&self, root: Pid, age: Duration) -> u64 {
        let mut shared = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (taken, cost, census) = &mut *shared;
        if taken.is_none_or(|taken| taken.elapsed() >= age.max(20 * *cost)) {
            let start = Instant::now();
            *census = Census::take();
            *cost = start.elapsed();
            *taken = Some(Instant::now());
        }
        census.memory_below(root.as_raw_pid())
    }
}

/// Whether trees can be measured and killed here beyond their process group.
pub(super) const CENSUS: bool = cfg!(target_os = "linux");

/// The resident memory of all that this process's children have started, in bytes; 0 where that cannot be seen.
///
/// The children themselves are the evaluations' guards, which do not count as theirs.
pub fn memory_of_evaluations() -> u64 {
    let census = Census::take();
    let guards = census.children.get(&std::process::id().cast_signed());
    guards.into_iter().flatten().map(|guard| census.memory_below(*guard)).sum()
}

/// Kills every descendant of this process that exists now; new ones may have appeared meanwhile.
pub(super) fn kill_descendants() {
    let census = Census::take();
    let own_group = getpgrp().as_raw_pid();
    for pid in census.descendants(std::process::id().cast_signed()) {
        let group = census.processes.get(&pid).map_or(own_group, |(group, _)| *group);
        // They may be gone, or not be ours to kill: the caller looks again.
        if let (true, Some(group)) = (group != own_group, Pid::from_raw(group)) {
            // All of a group are killed at once: one that forks and ends, forks and ends, does not escape. A group of
            // descendants lies in a session of theirs or of this process, so that nobody else belongs to it.
            let _ = kill_process_group(group, Signal::KILL);
        } else if let Some(pid) = Pid::from_raw(pid) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

impl Census {
    /// Reads `/proc`; what cannot be read has just ended.
    fn take() -> Census {
        let mut census = Census::default();
        let page = rustix::param::page_size() as u64;
        let Ok(entries) = std::fs::read_dir("/proc") else { return census };
        for entry in entries.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
            let Some((parent, group, pages)) = parse_stat(&stat) else { continue };
            census.children.entry(parent).or_default().push(pid);
            census.processes.insert(pid, (group, pages * page));
        }
        census
    }

    /// The resident memory of all descendants of `root`, in bytes.
    fn memory_below(&self, root: i32) -> u64 {
        self.descendants(root).iter().filter_map(|pid| self.processes.get(pid)).map(|(_, memory)| memory).sum()
    }

    /// The descendants of `root`, parents first.
    fn descendants(&self, root: i32) -> Vec<i32> {
        let mut found: Vec<i32> = self.children.get(&root).cloned().unwrap_or_default();
        let mut next = 0;
        while let Some(pid) = found.get(next) {
            found.extend(self.children.get(pid).into_iter().flatten());
            next += 1;
        }
        found
    }
}

/// Parent, process group and resident pages from `/proc/PID/stat`; the name in brackets may itself hold brackets and spaces.
fn parse_stat(stat: &str) -> Option<(i32, i32, u64)> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    let pages = fields.nth(18)?.parse().ok()?;
    Some((parent, group, pages))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_is_read_past_a_name_with_brackets() {
        let stat = "12 (a) b (c) S 7 11 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 99 1000 345 18446744073709551615";
        assert_eq!(parse_stat(stat), Some((7, 11, 345)));
        assert_eq!(parse_stat("12 (a) S"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_holds_memory_and_sees_its_children() {
        let mut child = std::process::Command::new("sleep").arg("30").spawn().unwrap();
        let census = Census::take();
        let me = std::process::id().cast_signed();
        assert!(census.processes[&me].1 > 100_000);
        assert!(census.descendants(me).contains(&child.id().cast_signed()));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
