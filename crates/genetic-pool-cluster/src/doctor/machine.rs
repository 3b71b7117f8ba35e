//! The engine's machine: whether it can keep nodes within limits, and whether a cluster fits.

use jiff::Timestamp;

use super::{Finding, in_time};
use crate::{
    cluster::{Limits, Settings, format_bytes},
    engine::{Engine, EngineError, Facts},
    names::DEFAULT_CLUSTER,
    spec::Wanted,
};

const GIB: u64 = 1 << 30;
/// An image with its layers, and what Ray writes while it runs.
const DISK_NEEDED: u64 = 2 * GIB;
/// Requirements of a user's own, and a second image while the first is replaced.
const DISK_AMPLE: u64 = 6 * GIB;
/// Seconds by which two clocks may differ before times of logs no longer fit together.
const CLOCK: i64 = 5;

/// Room on the disk of the engine's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// Bytes that are free, and of how many.
    Free(u64, u64),
    /// It cannot be seen from here; what the engine says its images take, where it says it.
    Unseen(Option<u64>),
}

/// Whether nodes can be kept within their limits.
pub(super) fn cgroups(facts: &Facts) -> Finding {
    let name = "cgroups";
    let version = match facts.cgroups {
        0 => "of a version the engine does not say".to_owned(),
        version => format!("version {version}"),
    };
    let controllers = facts.controllers;
    let missing: Vec<&str> =
        [("memory", controllers.memory), ("CPU", controllers.cpus), ("process", controllers.processes)]
            .into_iter()
            .filter_map(|(what, there)| (!there).then_some(what))
            .collect();
    if !missing.is_empty() {
        let remedy = if facts.rootless {
            "a rootless engine needs control groups 2 with delegation: `Delegate=cpu cpuset io memory pids` for \
             `user@.service`, see https://rootlesscontaine.rs/getting-started/common/cgroup2/"
        } else {
            "boot the engine's machine with `cgroup_enable=memory`, or with control groups 2 \
             (`systemd.unified_cgroup_hierarchy=1`)"
        };
        return Finding::problem(name, format!("{version}: there is no {} limit", missing.join(", no ")), remedy);
    }
    if !controllers.swap {
        return Finding::warning(
            name,
            format!("{version}: there is no limit of swap, so that a node out of memory swaps before it ends"),
            "boot the engine's machine with `swapaccount=1`, or without swap",
        );
    }
    Finding::ok(name, format!("{version}: memory, swap, CPUs and processes of a node can be limited"))
}

/// Whether there are CPUs for a cluster as it is by default.
pub(super) fn cpus(facts: &Facts) -> Finding {
    match (facts.cpus, default_cluster(facts)) {
        (0, _) => Finding::unknown("cpus", "the engine does not say how many it has"),
        (1, _) => Finding::warning(
            "cpus",
            "1: head and workers share it",
            "take one worker (`cluster up --workers 1`), or a machine with more",
        ),
        (cpus, Ok(wanted)) => {
            Finding::ok("cpus", format!("{cpus}: each of {} workers has {}", wanted.workers, wanted.worker.cpus))
        }
        (cpus, Err(_)) => Finding::ok("cpus", cpus.to_string()),
    }
}

/// Whether there is memory for a cluster as it is by default.
pub(super) fn memory(facts: &Facts) -> Finding {
    if facts.memory == 0 {
        return Finding::unknown("memory", "the engine does not say how much it has");
    }
    let all = format_bytes(facts.memory);
    match default_cluster(facts) {
        Ok(wanted) => {
            let (head, worker) = (format_bytes(wanted.head.memory), format_bytes(wanted.worker.memory));
            Finding::ok(
                "memory",
                format!("{all}: {head} for the head, {worker} for each of {} workers", wanted.workers),
            )
        }
        Err(why) => Finding::problem(
            "memory",
            format!("{all}: a head and two workers do not fit: {why}"),
            "take one worker (`cluster up --workers 1`) or smaller ones (`--worker-memory`), give Docker Desktop more, or \
             take a larger machine",
        ),
    }
}

/// What nodes are given of shared memory.
pub(super) fn shm(facts: &Facts) -> Finding {
    match default_cluster(facts) {
        Ok(wanted) => {
            let shm = format_bytes(wanted.worker.shm);
            Finding::ok("shm", format!("each worker is given {shm}, of which Ray's object store takes 0.8"))
        }
        Err(_) => Finding::unknown("shm", "it follows from the memory of a node"),
    }
}

/// Whether images, containers and volumes have room in the folder `root`.
pub(super) fn disk(root: &str, room: Room) -> Finding {
    let name = "disk";
    let remedy = "`docker system df` says what takes it, `docker image prune` and `docker builder prune` remove what \
                  nothing uses";
    match room {
        Room::Free(free, of) => {
            let seen = format!("{} of {} are free at `{root}`", format_bytes(free), format_bytes(of));
            match free {
                free if free < DISK_NEEDED => {
                    Finding::problem(name, format!("{seen}; an image needs {}", format_bytes(DISK_NEEDED)), remedy)
                }
                free if free < DISK_AMPLE => Finding::warning(name, seen, remedy),
                _ => Finding::ok(name, seen),
            }
        }
        Room::Unseen(Some(taken)) => {
            let taken = format_bytes(taken);
            Finding::unknown(name, format!("`{root}` cannot be seen from here; the engine's images take {taken}"))
        }
        Room::Unseen(None) => Finding::unknown(name, format!("`{root}` cannot be seen from here")),
    }
}

/// Whether the engine's clock and ours agree.
pub(super) fn clock(there: &str, here: Timestamp) -> Finding {
    let name = "clock";
    let Ok(there) = there.parse::<Timestamp>() else {
        return Finding::unknown(name, "the engine does not say what time it is");
    };
    match there.as_second() - here.as_second() {
        apart if apart.abs() > CLOCK => Finding::warning(
            name,
            format!("the engine's is {} s {}", apart.abs(), if apart > 0 { "ahead" } else { "behind" }),
            "have both machines set theirs by NTP: times of logs and events do not fit together",
        ),
        _ => Finding::ok(name, "the engine's and this machine's agree"),
    }
}

/// Looks for room at the engine's folder.
pub(super) async fn room(engine: &Engine, facts: &Facts, local: bool) -> Room {
    // The folder of a machine within this one is not the folder of that name here.
    if local
        && facts.name != "docker-desktop"
        && let Ok(there) = rustix::fs::statvfs(&facts.root)
    {
        return Room::Free(there.f_bavail * there.f_frsize, there.f_blocks * there.f_frsize);
    }
    let usage =
        async { engine.docker().df(None).await.map_err(|error| EngineError::of("say what images take", error)) };
    let usage = in_time(usage).await.ok();
    let taken = usage.and_then(|usage| usage.image_usage).and_then(|images| images.total_size);
    Room::Unseen(taken.and_then(|bytes| u64::try_from(bytes).ok()))
}

/// What a cluster would be if nobody said anything, or why it cannot be.
fn default_cluster(facts: &Facts) -> Result<Wanted, String> {
    let name = DEFAULT_CLUSTER.parse().map_err(|error: crate::names::NameError| error.to_string())?;
    let has = Limits::of(facts);
    Settings::default().wanted(&name, None, has).map_err(|error| match error {
        crate::cluster::SettingsError::Impossible { problems } => {
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        }
        error => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{doctor::Report, engine::Controllers};

    fn facts(cpus: u64, memory: u64) -> Facts {
        let controllers = Controllers { memory: true, swap: true, cpus: true, processes: true };
        Facts { cpus, memory, cgroups: 2, controllers, ..Facts::default() }
    }

    fn told(findings: impl IntoIterator<Item = Finding>) -> String {
        Report { findings: findings.into_iter().collect() }.to_string()
    }

    #[test]
    fn limits_that_cannot_be_set_are_named() {
        let whole = facts(2, 8 * GIB);
        let swap = Facts { controllers: Controllers { swap: false, ..whole.controllers }, cgroups: 1, ..whole.clone() };
        let none = Facts { controllers: Controllers::default(), ..whole.clone() };
        let rootless = Facts { rootless: true, ..none.clone() };
        insta::assert_snapshot!(told([&whole, &swap, &none, &rootless].map(cgroups)), @r"
        ✓ ok       cgroups  version 2: memory, swap, CPUs and processes of a node can be limited
        ! warning  cgroups  version 1: there is no limit of swap, so that a node out of memory swaps before it ends
                            hint: boot the engine's machine with `swapaccount=1`, or without swap
        ✗ problem  cgroups  version 2: there is no memory, no CPU, no process limit
                            hint: boot the engine's machine with `cgroup_enable=memory`, or with control groups 2 (`systemd.unified_cgroup_hierarchy=1`)
        ✗ problem  cgroups  version 2: there is no memory, no CPU, no process limit
                            hint: a rootless engine needs control groups 2 with delegation: `Delegate=cpu cpuset io memory pids` for `user@.service`, see https://rootlesscontaine.rs/getting-started/common/cgroup2/
        ");
    }

    #[test]
    fn a_machine_is_large_enough_or_not() {
        let sizes = [facts(16, 64 * GIB), facts(1, 8 * GIB), facts(2, GIB), Facts::default()];
        insta::assert_snapshot!(told(sizes.iter().flat_map(|facts| [cpus(facts), memory(facts), shm(facts)])), @r"
        ✓ ok       cpus    16: each of 2 workers has 8
        ✓ ok       memory  64GiB: 2GiB for the head, 15.5GiB for each of 2 workers
        ✓ ok       shm     each worker is given 256MiB, of which Ray's object store takes 0.8
        ! warning  cpus    1: head and workers share it
                           hint: take one worker (`cluster up --workers 1`), or a machine with more
        ✓ ok       memory  8GiB: 2GiB for the head, 1.5GiB for each of 2 workers
        ✓ ok       shm     each worker is given 256MiB, of which Ray's object store takes 0.8
        ✓ ok       cpus    2
        ✗ problem  memory  1GiB: a head and two workers do not fit: `worker.memory` is 0B; at least 512MiB is needed; `worker.shm` is 96MiB; at most half of the memory of 0B is allowed
                           hint: take one worker (`cluster up --workers 1`) or smaller ones (`--worker-memory`), give Docker Desktop more, or take a larger machine
        ? unknown  shm     it follows from the memory of a node
        ? unknown  cpus    the engine does not say how many it has
        ? unknown  memory  the engine does not say how much it has
        ? unknown  shm     it follows from the memory of a node
        ");
    }

    #[test]
    fn a_disk_has_room_or_not() {
        let rooms = [
            Room::Free(61 * GIB, 252 * GIB),
            Room::Free(4 * GIB, 20 * GIB),
            Room::Free(GIB, 20 * GIB),
            Room::Unseen(None),
        ];
        insta::assert_snapshot!(told(rooms.map(|room| disk("/var/lib/docker", room))), @r"
        ✓ ok       disk  61GiB of 252GiB are free at `/var/lib/docker`
        ! warning  disk  4GiB of 20GiB are free at `/var/lib/docker`
                         hint: `docker system df` says what takes it, `docker image prune` and `docker builder prune` remove what nothing uses
        ✗ problem  disk  1GiB of 20GiB are free at `/var/lib/docker`; an image needs 2GiB
                         hint: `docker system df` says what takes it, `docker image prune` and `docker builder prune` remove what nothing uses
        ? unknown  disk  `/var/lib/docker` cannot be seen from here
        ");
    }

    #[test]
    fn clocks_agree_or_not() {
        let here = "2026-01-01T00:00:10Z".parse().unwrap();
        let there = ["2026-01-01T00:00:12.5Z", "2026-01-01T00:01:00Z", "2026-01-01T00:00:00Z", ""];
        insta::assert_snapshot!(told(there.map(|there| clock(there, here))), @r"
        ✓ ok       clock  the engine's and this machine's agree
        ! warning  clock  the engine's is 50 s ahead
                          hint: have both machines set theirs by NTP: times of logs and events do not fit together
        ! warning  clock  the engine's is 10 s behind
                          hint: have both machines set theirs by NTP: times of logs and events do not fit together
        ? unknown  clock  the engine does not say what time it is
        ");
    }
}
