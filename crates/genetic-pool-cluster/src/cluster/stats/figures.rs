//! The figures of a sample, as Docker's own command line computes them.

use bollard::models::{ContainerCpuStats, ContainerMemoryStats, ContainerStatsResponse};
use jiff::Timestamp;

use super::NodeStats;
use crate::names::Role;

/// What `sample` of `node` says; `None` where it has no sample before it, or the container did not run.
pub(super) fn figures(node: Role, sample: &ContainerStatsResponse) -> Option<NodeStats> {
    let cpu_percent = cpu_percent(sample.cpu_stats.as_ref()?, sample.precpu_stats.as_ref()?)?;
    let memory = sample.memory_stats.as_ref()?;
    let networks = sample.networks.iter().flat_map(|networks| networks.values());
    let (received, sent) = networks.fold((0, 0), |(received, sent), network| {
        (received + network.rx_bytes.unwrap_or(0), sent + network.tx_bytes.unwrap_or(0))
    });
    let pids = sample.pids_stats.as_ref();
    Some(NodeStats {
        node,
        time: time(sample)?,
        cpu_percent,
        memory: used(memory)?,
        memory_limit: memory.limit?,
        received,
        sent,
        read: blocks(sample, 'r'),
        written: blocks(sample, 'w'),
        processes: pids.and_then(|pids| pids.current).unwrap_or(0),
        processes_limit: pids.and_then(|pids| pids.limit),
    })
}

/// Memory in use, without files that were only read and could be forgotten.
pub(in crate::cluster) fn used(memory: &ContainerMemoryStats) -> Option<u64> {
    let usage = memory.usage?;
    let stats = memory.stats.as_ref();
    // The first is of cgroup v1, the second of v2.
    let inactive = stats.and_then(|stats| stats.get("total_inactive_file").or_else(|| stats.get("inactive_file")));
    Some(inactive.filter(|inactive| **inactive < usage).map_or(usage, |inactive| usage - inactive))
}

/// Per cent of one CPU between two samples; `None` where the first is missing.
fn cpu_percent(now: &ContainerCpuStats, before: &ContainerCpuStats) -> Option<f64> {
    let total = |stats: &ContainerCpuStats| stats.cpu_usage.as_ref()?.total_usage;
    // Without the system's time there was no sample.
    let system = now.system_cpu_usage? as f64 - before.system_cpu_usage.filter(|usage| *usage > 0)? as f64;
    let used = total(now)? as f64 - total(before)? as f64;
    let per_cpu = || now.cpu_usage.as_ref()?.percpu_usage.as_ref().map(Vec::len);
    let cpus = now.online_cpus.filter(|cpus| *cpus > 0).map_or_else(|| per_cpu().unwrap_or(1) as f64, f64::from);
    Some(if system > 0.0 && used > 0.0 { used / system * cpus * 100.0 } else { 0.0 })
}

/// Bytes of the operations on disks whose name begins with `kind`: `Read` on cgroup v1, `read` on v2.
fn blocks(sample: &ContainerStatsResponse, kind: char) -> u64 {
    let entries = sample.blkio_stats.as_ref().and_then(|blocks| blocks.io_service_bytes_recursive.as_ref());
    let of_kind = entries.into_iter().flatten().filter(|entry| {
        entry.op.as_ref().and_then(|op| op.chars().next()).is_some_and(|first| first.eq_ignore_ascii_case(&kind))
    });
    of_kind.filter_map(|entry| entry.value).sum()
}

fn time(sample: &ContainerStatsResponse) -> Option<Timestamp> {
    sample.read.as_ref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sample as cgroup v1 gives it, shortened.
    fn sample(version: u8, before: u64) -> ContainerStatsResponse {
        let (inactive, read) = if version == 1 { ("total_inactive_file", "Read") } else { ("inactive_file", "read") };
        serde_json::from_value(serde_json::json!({
            "read": "2026-11-24T10:00:01.5Z",
            "pids_stats": { "current": 12, "limit": 256 },
            "blkio_stats": { "io_service_bytes_recursive": [
                { "major": 8, "minor": 0, "op": read, "value": 4096 },
                { "major": 8, "minor": 0, "op": "Write", "value": 512 },
                { "major": 8, "minor": 16, "op": read, "value": 4 },
                { "major": 8, "minor": 0, "op": "Total", "value": 4612 },
            ] },
            "cpu_stats": {
                "cpu_usage": { "total_usage": 3_000_000_000u64, "percpu_usage": [1, 2] },
                "system_cpu_usage": 14_000_000_000u64, "online_cpus": 2,
            },
            "precpu_stats": {
                "cpu_usage": { "total_usage": 2_500_000_000u64 }, "system_cpu_usage": before,
            },
            "memory_stats": { "usage": 1000, "limit": 4000, "stats": { inactive: 300 } },
            "networks": { "eth0": { "rx_bytes": 10, "tx_bytes": 1 }, "eth1": { "rx_bytes": 5, "tx_bytes": 2 } },
        }))
        .unwrap()
    }

    #[test]
    fn figures_are_those_of_docker() {
        for version in [1, 2] {
            let stats = figures(Role::Worker(0), &sample(version, 12_000_000_000)).unwrap();
            assert_eq!(
                stats,
                NodeStats {
                    node: Role::Worker(0),
                    time: "2026-11-24T10:00:01.5Z".parse().unwrap(),
                    // Half a second of the two that two CPUs had in a second.
                    cpu_percent: 50.0,
                    memory: 700,
                    memory_limit: 4000,
                    received: 15,
                    sent: 3,
                    read: 4100,
                    written: 512,
                    processes: 12,
                    processes_limit: Some(256),
                }
            );
        }
    }

    #[test]
    fn a_first_sample_and_one_of_a_stopped_container_say_nothing() {
        assert_eq!(figures(Role::Head, &sample(1, 0)), None);
        assert_eq!(figures(Role::Head, &ContainerStatsResponse::default()), None);
    }

    #[test]
    fn a_clock_that_stands_still_is_no_division_by_zero() {
        assert_eq!(figures(Role::Head, &sample(1, 14_000_000_000)).unwrap().cpu_percent, 0.0);
    }
}
