//! What an engine says of itself and its machine.

use bollard::Docker;
use serde::Serialize;

use super::EngineError;

/// What an engine says of itself and its machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// Tells it from every other engine.
    pub id: String,
    /// The name of its machine.
    pub name: String,
    /// The system of its machine, in words: `Debian GNU/Linux 12 (bookworm)`.
    pub system: String,
    /// How many CPUs it has.
    pub cpus: u64,
    /// Bytes of memory it has.
    pub memory: u64,
    /// The version of control groups, 1 or 2; 0 where it does not say.
    pub cgroups: u8,
    /// Which limits of containers it can set.
    pub controllers: Controllers,
    /// Whether it runs without root.
    pub rootless: bool,
    /// What it confines containers with: `seccomp`, `apparmor`, `userns`, `rootless`.
    pub security: Vec<String>,
    /// How it stores images: `overlay2`.
    pub storage: String,
    /// The folder of images, containers and volumes on its machine.
    pub root: String,
    /// How many containers run.
    pub running: u64,
    /// What time it is there, as it said it.
    pub time: String,
    /// What it warns of itself.
    pub warnings: Vec<String>,
}

/// Which limits of containers an engine can set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Controllers {
    /// Bytes of memory.
    pub memory: bool,
    /// Bytes of swap.
    pub swap: bool,
    /// Share of CPUs.
    pub cpus: bool,
    /// Number of processes.
    pub processes: bool,
}

impl Facts {
    pub(super) async fn ask(docker: &Docker) -> Result<Facts, EngineError> {
        let info = docker.info().await.map_err(|error| EngineError::of("tell of itself", error))?;
        let whole = |number: Option<i64>| number.map_or(0, |number| u64::try_from(number).unwrap_or(0));
        let security = info.security_options.unwrap_or_default();
        let security: Vec<String> = security.iter().map(|option| security_name(option).to_owned()).collect();
        let cgroups = match info.cgroup_version {
            Some(bollard::models::SystemInfoCgroupVersionEnum::_1) => 1,
            Some(bollard::models::SystemInfoCgroupVersionEnum::_2) => 2,
            Some(bollard::models::SystemInfoCgroupVersionEnum::EMPTY) | None => 0,
        };
        Ok(Facts {
            id: info.id.unwrap_or_default(),
            name: info.name.unwrap_or_default(),
            system: info.operating_system.unwrap_or_default(),
            cpus: whole(info.ncpu),
            memory: whole(info.mem_total),
            cgroups,
            controllers: Controllers {
                memory: info.memory_limit.unwrap_or(false),
                swap: info.swap_limit.unwrap_or(false),
                cpus: info.cpu_cfs_quota.unwrap_or(false),
                processes: info.pids_limit.unwrap_or(false),
            },
            rootless: security.iter().any(|name| name == "rootless"),
            security,
            storage: info.driver.unwrap_or_default(),
            root: info.docker_root_dir.unwrap_or_default(),
            running: whole(info.containers_running),
            time: info.system_time.unwrap_or_default(),
            warnings: info.warnings.unwrap_or_default(),
        })
    }

    /// Whether its machine is the one called `host`, or a machine that publishes its ports there.
    pub(super) fn is_named(&self, host: &str) -> bool {
        // Docker Desktop runs the engine in a machine of its own and publishes ports on the one around it.
        self.name == host || (self.name == "docker-desktop" && self.system == "Docker Desktop")
    }
}

/// `name=seccomp,profile=default` → `seccomp`.
fn security_name(option: &str) -> &str {
    let name = option.split(',').find_map(|part| part.strip_prefix("name="));
    name.unwrap_or(option)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_told_by_its_name_and_docker_desktop_by_its_system() {
        let of = |name: &str, system: &str| Facts { name: name.into(), system: system.into(), ..Facts::default() };
        assert!(of("box", "Debian").is_named("box"));
        assert!(!of("far", "Debian").is_named("box"));
        assert!(of("docker-desktop", "Docker Desktop").is_named("box"));
        assert!(!of("docker-desktop", "Debian").is_named("box"));
    }

    #[test]
    fn security_options_go_by_their_names() {
        assert_eq!(security_name("name=seccomp,profile=default"), "seccomp");
        assert_eq!(security_name("name=rootless"), "rootless");
        assert_eq!(security_name("apparmor"), "apparmor");
    }
}
