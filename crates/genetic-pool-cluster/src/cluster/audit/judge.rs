//! From what was seen of a container to what it proves.

use bollard::models::{ContainerInspectResponse, HostConfig, PortMap};

use super::{Check, Promise, Verdict, inside::Inside};
use crate::{
    names::{DASHBOARD_PORT, SECRETS_FOLDER, USER},
    spec::Relaxations,
};

/// Ray Client's port.
const CLIENT_PORT: u16 = 10_001;

/// What speaks for a promise, what against it, and what would have to be known.
#[derive(Debug, Default)]
pub(super) struct Ground {
    pub held: Vec<String>,
    pub broken: Vec<String>,
    pub missing: Vec<String>,
    /// What was asked for to be so.
    pub relaxed: Vec<String>,
}

impl Ground {
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.broken.is_empty() && self.missing.is_empty() && self.relaxed.is_empty()
    }

    pub(super) fn check(self, promise: Promise, node: &str) -> Check {
        let (verdict, evidence) = if !self.broken.is_empty() {
            (Verdict::Broken, self.broken)
        } else if !self.missing.is_empty() {
            (Verdict::NotProven, self.missing)
        } else if !self.relaxed.is_empty() {
            (Verdict::Relaxed, self.relaxed)
        } else {
            (Verdict::Proven, self.held)
        };
        Check { promise, node: node.to_owned(), verdict, evidence: evidence.join("; ") }
    }

    /// `seen` speaks for or against.
    fn say(&mut self, holds: bool, seen: impl Into<String>) {
        if holds { &mut self.held } else { &mut self.broken }.push(seen.into());
    }
}

/// What `seen` and `inside` prove, promise by promise.
pub(super) fn judge(
    seen: &ContainerInspectResponse,
    inside: &Result<Inside, String>,
    relaxed: Relaxations,
) -> Vec<(Promise, Ground)> {
    let no_host = HostConfig::default();
    let host = seen.host_config.as_ref().unwrap_or(&no_host);
    let from_inside = |say: fn(&Inside, &mut Ground), ground: &mut Ground| match inside {
        Ok(inside) => say(inside, ground),
        Err(why) => ground.missing.push(why.clone()),
    };
    let mut grounds = Vec::new();
    let mut promise = |promise, fill: &dyn Fn(&mut Ground)| {
        let mut ground = Ground::default();
        fill(&mut ground);
        grounds.push((promise, ground));
    };
    promise(Promise::User, &|ground| {
        let user = seen.config.as_ref().and_then(|config| config.user.clone()).unwrap_or_default();
        ground.say(user == format!("{USER}:{USER}"), format!("container's user `{user}`"));
        from_inside(
            |inside, ground| {
                let holds = !inside.users.is_empty() && inside.users.iter().chain(&inside.groups).all(|&id| id == USER);
                ground.say(holds, format!("process 1: users {:?}, groups {:?}", inside.users, inside.groups));
            },
            ground,
        );
    });
    promise(Promise::Capabilities, &|ground| {
        let (added, dropped) = (host.cap_add.clone().unwrap_or_default(), host.cap_drop.clone().unwrap_or_default());
        ground.say(added.is_empty(), if added.is_empty() { "none added".into() } else { format!("added {added:?}") });
        ground.say(dropped.iter().any(|name| name.eq_ignore_ascii_case("all")), format!("dropped {dropped:?}"));
        from_inside(
            |inside, ground| {
                let set: Vec<String> = inside
                    .capabilities
                    .iter()
                    .filter(|(_, set)| !set.trim_matches('0').is_empty())
                    .map(|(name, set)| format!("{name} {set}"))
                    .collect();
                let words = if set.is_empty() {
                    "process 1: all sets 0".into()
                } else {
                    format!("process 1: {}", set.join(", "))
                };
                ground.say(set.is_empty() && inside.capabilities.contains_key("CapEff"), words);
            },
            ground,
        );
    });
    let security = host.security_opt.clone().unwrap_or_default();
    promise(Promise::NoNewPrivileges, &|ground| {
        let set = security.iter().any(|option| {
            matches!(option.as_str(), "no-new-privileges" | "no-new-privileges:true" | "no-new-privileges=true")
        });
        ground.say(set, format!("security options {security:?}"));
        from_inside(
            |inside, ground| {
                ground.say(
                    inside.no_new_privileges,
                    format!("process 1: NoNewPrivs {}", u8::from(inside.no_new_privileges)),
                );
            },
            ground,
        );
    });
    promise(Promise::Seccomp, &|ground| {
        if let Some(option) =
            security.iter().find(|option| option.starts_with("seccomp") && option.ends_with("unconfined"))
        {
            ground.broken.push(format!("security option `{option}`"));
        }
        from_inside(
            |inside, ground| {
                ground.say(
                    inside.seccomp,
                    if inside.seccomp { "process 1: Seccomp 2 (filter)" } else { "process 1: no filter" },
                );
            },
            ground,
        );
    });
    promise(Promise::ReadOnlyRoot, &|ground| {
        let set = host.readonly_rootfs == Some(true);
        ground.say(set, if set { "mounted read-only" } else { "mounted writable" });
        from_inside(
            |inside, ground| {
                let words = if inside.writable.is_empty() {
                    "no file could be made outside of its volumes".into()
                } else {
                    format!("a file could be made in {}", inside.writable.join(", "))
                };
                ground.say(inside.writable.is_empty(), words);
            },
            ground,
        );
    });
    promise(Promise::Temporary, &|ground| {
        from_inside(
            |inside, ground| match inside.runs_in_tmp {
                Some(runs) => {
                    ground.say(!runs, if runs { "a program put there ran" } else { "a program put there was refused" });
                }
                None => ground.held.push("no program could be put there".to_owned()),
            },
            ground,
        );
    });
    promise(Promise::Setuid, &|ground| {
        from_inside(
            |inside, ground| {
                let words = if inside.setuid.is_empty() { "none on its root".into() } else { some(&inside.setuid) };
                ground.say(inside.setuid.is_empty(), words);
            },
            ground,
        );
    });
    promise(Promise::Isolation, &|ground| {
        let shared = of_the_host(host);
        ground.say(
            shared.is_empty(),
            if shared.is_empty() {
                "not privileged; no namespace, device or folder of the host".into()
            } else {
                shared.join(", ")
            },
        );
    });
    promise(Promise::EngineSocket, &|ground| {
        let mounted: Vec<String> = sources(seen)
            .into_iter()
            .filter(|source| source.split('/').next_back().is_some_and(|name| name.contains(".sock")))
            .collect();
        ground.say(
            mounted.is_empty(),
            if mounted.is_empty() { "none mounted".into() } else { format!("mounted {}", mounted.join(", ")) },
        );
        from_inside(
            |inside, ground| {
                ground.say(
                    inside.sockets.is_empty(),
                    if inside.sockets.is_empty() {
                        "none where they are looked for".into()
                    } else {
                        inside.sockets.join(", ")
                    },
                );
            },
            ground,
        );
    });
    promise(Promise::Limits, &|ground| limits(host, ground));
    promise(Promise::Ports, &|ground| ports(seen, host, relaxed, ground));
    promise(Promise::Secrets, &|ground| {
        let mounts = seen.mounts.as_deref().unwrap_or_default();
        match mounts.iter().find(|mount| mount.destination.as_deref() == Some(SECRETS_FOLDER)) {
            Some(mount) => ground.say(
                mount.rw == Some(false),
                if mount.rw == Some(false) { "mounted read-only" } else { "mounted writable" },
            ),
            None => ground.missing.push("no secrets are mounted".to_owned()),
        }
        from_inside(
            |inside, ground| match &inside.secret {
                Some(file) => ground.say(
                    file.mode | 0o400 == 0o400 && file.owner == USER,
                    format!("its file has mode {:04o} and owner {}", file.mode, file.owner),
                ),
                None => ground.missing.push("its file cannot be read".to_owned()),
            },
            ground,
        );
    });
    grounds
}

/// What of the host is shared.
fn of_the_host(host: &HostConfig) -> Vec<String> {
    let mut shared = Vec::new();
    if host.privileged == Some(true) {
        shared.push("it is privileged".to_owned());
    }
    let modes = [
        ("network", host.network_mode.clone()),
        ("process", host.pid_mode.clone()),
        ("UTS", host.uts_mode.clone()),
        ("user", host.userns_mode.clone()),
        ("IPC", host.ipc_mode.as_ref().map(ToString::to_string)),
    ];
    for (name, mode) in modes {
        if mode.as_deref().is_some_and(|mode| mode == "host" || mode.starts_with("container:")) {
            shared.push(format!("{name} namespace `{}`", mode.unwrap_or_default()));
        }
    }
    for device in host.devices.iter().flatten() {
        shared.push(format!("device {}", device.path_on_host.as_deref().unwrap_or("?")));
    }
    if host.device_requests.as_ref().is_some_and(|requests| !requests.is_empty()) {
        shared.push("devices by request".to_owned());
    }
    if host.device_cgroup_rules.as_ref().is_some_and(|rules| !rules.is_empty()) {
        shared.push("rules for devices".to_owned());
    }
    // A volume's source is its name, a folder of the host a path.
    let binds = host.binds.iter().flatten().filter(|bind| bind.starts_with('/')).map(|bind| format!("folder {bind}"));
    let mounts = host
        .mounts
        .iter()
        .flatten()
        .filter(|mount| mount.source.as_deref().is_some_and(|source| source.starts_with('/')));
    shared.extend(binds.chain(mounts.map(|mount| format!("folder {}", mount.source.as_deref().unwrap_or("?")))));
    shared
}

/// What is mounted from the host.
fn sources(seen: &ContainerInspectResponse) -> Vec<String> {
    let mounts = seen.mounts.iter().flatten();
    mounts.flat_map(|mount| [mount.source.clone(), mount.destination.clone()]).flatten().collect()
}

fn limits(host: &HostConfig, ground: &mut Ground) {
    let memory = host.memory.filter(|&bytes| bytes > 0);
    match memory {
        Some(bytes) => ground.held.push(format!("{} MiB of memory", bytes >> 20)),
        None => ground.broken.push("memory is not limited".to_owned()),
    }
    if memory.is_some() {
        let none = host.memory_swap == memory;
        ground.say(none, if none { "no swap".into() } else { format!("swap {}", host.memory_swap.unwrap_or(0)) });
    }
    let cpus = host.nano_cpus.filter(|&nano| nano > 0).map(|nano| nano as f64 / 1e9);
    let cpus = cpus.or_else(|| Some(host.cpu_quota.filter(|&quota| quota > 0)? as f64 / host.cpu_period? as f64));
    match cpus {
        Some(cpus) => ground.held.push(format!("{cpus} CPUs")),
        None => ground.broken.push("CPUs are not limited".to_owned()),
    }
    match host.pids_limit.filter(|&pids| pids > 0) {
        Some(pids) => ground.held.push(format!("{pids} processes and threads")),
        None => ground.broken.push("processes are not limited".to_owned()),
    }
}

fn ports(seen: &ContainerInspectResponse, host: &HostConfig, relaxed: Relaxations, ground: &mut Ground) {
    if host.publish_all_ports == Some(true) {
        ground.broken.push("all ports are published".to_owned());
    }
    // What is asked for, and what is there now.
    let there = seen.network_settings.as_ref().and_then(|settings| settings.ports.as_ref());
    let empty = PortMap::new();
    let mut published: Vec<(String, String)> = [host.port_bindings.as_ref(), there]
        .into_iter()
        .flat_map(|map| map.unwrap_or(&empty))
        .flat_map(|(port, bindings)| {
            bindings.iter().flatten().map(move |binding| (port.clone(), binding.host_ip.clone().unwrap_or_default()))
        })
        .collect();
    published.sort();
    published.dedup();
    if published.is_empty() {
        ground.held.push("nothing is published".to_owned());
    }
    for (port, address) in published {
        let shown = if address.is_empty() { "every address".to_owned() } else { address.clone() };
        let words = format!("{port} on {shown}");
        if address != "127.0.0.1" {
            ground.broken.push(words);
        } else if port == format!("{DASHBOARD_PORT}/tcp") {
            ground.held.push(words);
        } else if port == format!("{CLIENT_PORT}/tcp") && relaxed.ray_client {
            ground.relaxed.push(words);
        } else {
            ground.broken.push(words);
        }
    }
}

/// The first of `names`, and how many there are.
pub(super) fn some(names: &[String]) -> String {
    let first = names.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > 3 { format!("{first} and {} more", names.len() - 3) } else { first }
}
