//! What is wanted, from what was said, what was wanted before and what the engine has.

use std::ops::RangeInclusive;

use super::{NodeSettings, Problem, Settings, SettingsError, format_bytes};
use crate::{
    engine::Facts,
    names::{ClusterName, DASHBOARD_PORT, DEFAULT_CLUSTER, DEFAULT_IMAGE},
    spec::{FORMAT, NodeSize, Port, Relaxations, Wanted},
};

/// What the engine has for its containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Its CPUs.
    pub cpus: u16,
    /// Its bytes of memory.
    pub memory: u64,
}

impl Limits {
    /// Of the engine that says `facts`.
    pub fn of(facts: &Facts) -> Limits {
        Limits { cpus: u16::try_from(facts.cpus).unwrap_or(u16::MAX), memory: facts.memory }
    }
}

/// What a key may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Allowed {
    pub range: RangeInclusive<u64>,
    pub bytes: bool,
}

impl Allowed {
    /// What is wrong with `value`, if anything is.
    pub(super) fn fault(&self, value: u64) -> Option<String> {
        let show = |value: u64| if self.bytes { format_bytes(value) } else { value.to_string() };
        let (low, high) = (*self.range.start(), *self.range.end());
        let found = format!("is {}", show(value));
        match value {
            value if value < low => Some(format!("{found}; at least {} is needed", show(low))),
            value if value > high => Some(format!("{found}; at most {} is allowed", show(high))),
            _ => None,
        }
    }
}

/// What the number of the key `key` may be, whatever the engine.
pub fn limits(key: &str) -> Option<RangeInclusive<u64>> {
    allowed(key).map(|allowed| allowed.range)
}

pub(super) fn allowed(key: &str) -> Option<Allowed> {
    let count = |range| Some(Allowed { range, bytes: false });
    let bytes = |range| Some(Allowed { range, bytes: true });
    match key {
        "workers" => count(1..=1_000),
        "slots_per_worker" => count(1..=10_000),
        "worker.cpus" | "head.cpus" => count(1..=4_096),
        "port" => count(1..=65_535),
        // Ray alone takes 240 MB in a worker, 690 MB in the head.
        "worker.memory" => bytes(512 * MIB..=1 << 50),
        "head.memory" => bytes(GIB..=1 << 50),
        // Ray's object store takes 0.8 of it, and is at least 75 MiB.
        "worker.shm" | "head.shm" => bytes(96 * MIB..=1 << 50),
        _ => None,
    }
}

impl Settings {
    /// What is wanted of cluster `name` on an engine that has `engine`, where `before` is what was wanted before.
    ///
    /// What was not said stays as it was, so sizes do not change with the number of workers.
    pub fn wanted(&self, name: &ClusterName, before: Option<&Wanted>, engine: Limits) -> Result<Wanted, SettingsError> {
        let workers = self.workers.or(before.map(|before| before.workers)).unwrap_or(2);
        let head = match before {
            Some(before) => changed(before.head, self.head),
            None => fresh_head(self.head, engine),
        };
        let worker = match before {
            Some(before) => changed(before.worker, self.worker),
            None => fresh_worker(self.worker, workers.max(1), engine, head),
        };
        // Slots follow the CPUs until somebody says otherwise.
        let slots_before = before.filter(|before| before.slots_per_worker != before.worker.cpus);
        let slots_per_worker =
            self.slots_per_worker.or(slots_before.map(|before| before.slots_per_worker)).unwrap_or(worker.cpus);
        let port = self.port.or(before.map(|before| before.port)).unwrap_or_else(|| default_port(name));
        let image = self.image.clone().or(before.map(|before| before.image.clone()));
        let relaxed = before.map_or_else(Relaxations::default, |before| before.relaxed);
        let wanted = Wanted {
            format: FORMAT,
            revision: before.map_or(1, |before| before.revision),
            name: name.clone(),
            image: image.unwrap_or_else(|| DEFAULT_IMAGE.to_owned()),
            workers,
            slots_per_worker,
            worker,
            head,
            port,
            relaxed: Relaxations {
                egress: self.egress.unwrap_or(relaxed.egress),
                ray_client: self.ray_client.unwrap_or(relaxed.ray_client),
            },
        };
        let problems = problems(&wanted, engine);
        if !problems.is_empty() {
            return Err(SettingsError::Impossible { problems });
        }
        let same = before.is_some_and(|before| *before == wanted);
        let revision = before.map_or(1, |before| if same { before.revision } else { before.revision + 1 });
        Ok(Wanted { revision, ..wanted })
    }
}

fn changed(before: NodeSize, said: NodeSettings) -> NodeSize {
    NodeSize {
        cpus: said.cpus.unwrap_or(before.cpus),
        memory: said.memory.unwrap_or(before.memory),
        shm: said.shm.unwrap_or(before.shm),
    }
}

/// A worker has its share of the engine's CPUs, 2 GiB for each, and at most half of its share of the memory that the
/// head leaves: room for as many workers again.
fn fresh_worker(said: NodeSettings, workers: u16, engine: Limits, head: NodeSize) -> NodeSize {
    let cpus = said.cpus.unwrap_or((engine.cpus / workers).max(1));
    let share = engine.memory.saturating_sub(head.memory) / u64::from(workers);
    let memory = said.memory.unwrap_or((2 * GIB * u64::from(cpus)).min(whole(share / 2)));
    NodeSize { cpus, memory, shm: said.shm.unwrap_or(default_shm(memory)) }
}

/// The head runs no evaluation, but the driver of the run.
fn fresh_head(said: NodeSettings, engine: Limits) -> NodeSize {
    let cpus = said.cpus.unwrap_or(engine.cpus.min(2));
    let memory = said.memory.unwrap_or((2 * GIB).min(whole(engine.memory / 4)).max(GIB));
    NodeSize { cpus, memory, shm: said.shm.unwrap_or(default_shm(memory)) }
}

/// What the exchange of frames needs is far below a quarter of a GiB.
fn default_shm(memory: u64) -> u64 {
    whole((memory / 4).min(256 * MIB)).max(96 * MIB)
}

/// Whole MiB.
fn whole(bytes: u64) -> u64 {
    bytes / MIB * MIB
}

/// Two clusters cannot have one port, and the one that is there by default has the one that is known.
fn default_port(name: &ClusterName) -> Port {
    if name.as_str() == DEFAULT_CLUSTER { Port::Fixed(DASHBOARD_PORT) } else { Port::Any }
}

fn problems(wanted: &Wanted, engine: Limits) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut problem = |key: &str, message: String| problems.push(Problem { line: None, key: key.to_owned(), message });
    let numbers = [
        ("workers", u64::from(wanted.workers)),
        ("slots_per_worker", wanted.slots_per_worker.into()),
        ("worker.cpus", wanted.worker.cpus.into()),
        ("worker.memory", wanted.worker.memory),
        ("worker.shm", wanted.worker.shm),
        ("head.cpus", wanted.head.cpus.into()),
        ("head.memory", wanted.head.memory),
        ("head.shm", wanted.head.shm),
    ];
    for (key, value) in numbers {
        if let Some(fault) = allowed(key).and_then(|allowed| allowed.fault(value)) {
            problem(key, fault);
        }
    }
    if wanted.port == Port::Fixed(0) {
        problem("port", "is 0; allowed is a port from 1 to 65535, or `any`".to_owned());
    }
    for (key, node) in [("worker", wanted.worker), ("head", wanted.head)] {
        if node.cpus > engine.cpus {
            problem(&format!("{key}.cpus"), format!("is {}; the engine has {}", node.cpus, engine.cpus));
        }
        if node.shm > node.memory / 2 {
            let (shm, memory) = (format_bytes(node.shm), format_bytes(node.memory));
            problem(&format!("{key}.shm"), format!("is {shm}; at most half of the memory of {memory} is allowed"));
        }
    }
    let sum = wanted.head.memory.saturating_add(wanted.worker.memory.saturating_mul(wanted.workers.into()));
    if sum > engine.memory {
        let (head, worker) = (format_bytes(wanted.head.memory), format_bytes(wanted.worker.memory));
        let workers = wanted.workers;
        problem(
            "worker.memory",
            format!(
                "is {worker}: with {workers} workers and {head} for the head that makes {}, the engine has {}; take less \
                 memory or fewer workers",
                format_bytes(sum),
                format_bytes(engine.memory)
            ),
        );
    }
    problems
}

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    const ENGINE: Limits = Limits { cpus: 8, memory: 24 * GIB };

    fn name() -> ClusterName {
        DEFAULT_CLUSTER.parse().unwrap()
    }

    #[test]
    fn a_first_cluster_takes_its_share() {
        let wanted = Settings { workers: Some(3), ..Settings::default() }.wanted(&name(), None, ENGINE).unwrap();
        assert_eq!((wanted.revision, wanted.workers, wanted.slots_per_worker), (1, 3, 2));
        assert_eq!(wanted.worker, NodeSize { cpus: 2, memory: 3754 * MIB, shm: 256 * MIB });
        assert_eq!(wanted.head, NodeSize { cpus: 2, memory: 2 * GIB, shm: 256 * MIB });
        assert_eq!(wanted.port, Port::Fixed(8265));
        let many = Settings { workers: Some(10), ..Settings::default() }.wanted(&name(), None, ENGINE).unwrap();
        assert_eq!(many.worker, NodeSize { cpus: 1, memory: 1126 * MIB, shm: 256 * MIB });
        let other = Settings::default().wanted(&"other".parse().unwrap(), None, ENGINE).unwrap();
        assert_eq!((other.workers, other.port), (2, Port::Any));
    }

    #[test]
    fn sizes_stay_and_only_what_is_said_changes() {
        let first = Settings::default().wanted(&name(), None, ENGINE).unwrap();
        assert_eq!(Settings::default().wanted(&name(), Some(&first), ENGINE).unwrap(), first);
        let scaled =
            Settings { workers: Some(4), ..Settings::default() }.wanted(&name(), Some(&first), ENGINE).unwrap();
        assert_eq!(scaled, Wanted { workers: 4, revision: 2, ..first.clone() });
        let cpus = NodeSettings { cpus: Some(1), ..NodeSettings::default() };
        let slower = Settings { worker: cpus, ..Settings::default() }.wanted(&name(), Some(&first), ENGINE).unwrap();
        assert_eq!((slower.worker.cpus, slower.slots_per_worker), (1, 1));
        let slots = Settings { slots_per_worker: Some(16), ..Settings::default() };
        let slots = slots.wanted(&name(), Some(&first), ENGINE).unwrap();
        let slower = Settings { worker: cpus, ..Settings::default() }.wanted(&name(), Some(&slots), ENGINE).unwrap();
        assert_eq!((slower.worker.cpus, slower.slots_per_worker), (1, 16));
    }

    #[test]
    fn what_cannot_be_is_said_all_at_once() {
        let settings = Settings {
            workers: Some(9),
            slots_per_worker: Some(0),
            worker: NodeSettings { cpus: Some(16), memory: Some(4 * GIB), shm: Some(3 * GIB) },
            head: NodeSettings { memory: Some(200 * MIB), ..NodeSettings::default() },
            ..Settings::default()
        };
        assert_snapshot!(settings.wanted(&name(), None, ENGINE).unwrap_err(), @r#"
        the cluster cannot be so:
          `slots_per_worker` is 0; at least 1 is needed
          `head.memory` is 200MiB; at least 1GiB is needed
          `worker.cpus` is 16; the engine has 8
          `worker.shm` is 3GiB; at most half of the memory of 4GiB is allowed
          `worker.memory` is 4GiB: with 9 workers and 200MiB for the head that makes 36.2GiB, the engine has 24GiB; take less memory or fewer workers
        "#);
    }
}
