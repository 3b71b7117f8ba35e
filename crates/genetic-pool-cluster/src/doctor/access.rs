//! The way to the engine.

use std::{env, os::unix::fs::MetadataExt};

use super::{Finding, in_full};
use crate::engine::{ApiVersion, Endpoint, Engine, EngineError, EngineVersion};

/// Whether it is there, and by which way.
pub(super) fn engine(endpoint: Option<&Endpoint>, connected: &Result<Engine, EngineError>) -> Finding {
    match connected {
        Ok(engine) => {
            let (version, endpoint) = (engine.version(), engine.endpoint());
            let system = format!("{}/{}", version.os, version.arch);
            Finding::ok("engine", format!("{} ({system}) at `{}` ({})", version.engine, endpoint.address, endpoint.why))
        }
        Err(error) => {
            let hint = error.hint().unwrap_or_else(|| "name another with `--engine` or DOCKER_HOST".to_owned());
            let seen = in_full(error);
            let seen = match endpoint {
                Some(endpoint) if !seen.contains(&endpoint.why) => format!("{seen} ({})", endpoint.why),
                _ => seen,
            };
            Finding::problem("engine", seen, hint)
        }
    }
}

/// Whether this user may use it, and who else may.
pub(super) fn permission(endpoint: Option<&Endpoint>, connected: Result<(), &EngineError>) -> Finding {
    let name = "permission";
    match (connected, endpoint) {
        (Ok(()), Some(endpoint)) if !endpoint.is_on_this_machine() => Finding::warning(
            name,
            format!("`{}` is neither encrypted nor guarded: whoever reaches it is root there", endpoint.address),
            "close it, and forward its socket: `ssh -N -L /tmp/engine.sock:/var/run/docker.sock USER@HOST`",
        ),
        (Ok(()), _) => Finding::ok(name, "this user may use the engine"),
        (Err(error @ EngineError::NotPermitted { .. }), endpoint) => {
            let owner = endpoint.and_then(|endpoint| endpoint.address.strip_prefix("unix://")).and_then(owner);
            let seen = owner.unwrap_or_else(|| "this user may not use the socket".to_owned());
            Finding::problem(name, seen, error.hint().unwrap_or_default())
        }
        (Err(_), _) => Finding::unknown(name, "no engine was reached"),
    }
}

/// Whether an engine is installed where none was reached.
pub(super) fn program(error: &EngineError, installed: bool) -> Finding {
    match (installed, error) {
        (true, _) => Finding::ok("program", "`dockerd` is installed on this machine"),
        (false, EngineError::Absent { .. }) => Finding::problem(
            "program",
            "`dockerd` is not installed on this machine",
            "Debian and Ubuntu: `sudo apt-get install docker.io`; others: https://docs.docker.com/engine/install",
        ),
        (false, _) => Finding::unknown("program", "`dockerd` is not on the path of this user"),
    }
}

/// Whether both sides speak a version of the API: they do, or there would be no connection.
pub(super) fn api(version: &EngineVersion) -> Finding {
    let EngineVersion { api, newest_api, oldest_api, .. } = version;
    let ours = format!("this program {} to {}", ApiVersion::OLDEST, ApiVersion::NEWEST);
    Finding::ok("api", format!("{api} is spoken: the engine knows {oldest_api} to {newest_api}, {ours}"))
}

/// Whether an engine's program is on the path, or where root has it.
pub(super) fn is_installed() -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/bin", "/usr/local/bin"].map(Into::into);
    env::split_paths(&path).chain(usual).any(|folder| folder.join("dockerd").is_file())
}

fn owner(path: &str) -> Option<String> {
    let file = std::fs::metadata(path).ok()?;
    let mode = file.mode() & 0o777;
    Some(format!("`{path}` is for user {} and group {} alone (mode {mode:o})", file.uid(), file.gid()))
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::{doctor::Report, engine::Surroundings};

    fn at(address: &str) -> Endpoint {
        Endpoint::resolve(Some(address), &Surroundings::default()).unwrap()
    }

    #[test]
    fn a_refusal_says_whose_socket_it_is() {
        let endpoint = at("unix:///nowhere/docker.sock");
        let error = EngineError::NotPermitted {
            address: endpoint.address.clone(),
            why: endpoint.why.clone(),
            source: io::ErrorKind::PermissionDenied.into(),
        };
        let finding = permission(Some(&endpoint), Err(&error));
        insta::assert_snapshot!(Report { findings: vec![finding] }, @r"
        ✗ problem  permission  this user may not use the socket
                               hint: join the group of the socket (`sudo usermod -aG docker $USER`, then log in again; who is in it is as good as root), or run a rootless engine (`dockerd-rootless-setuptool.sh install`)
        ");
    }

    #[test]
    fn a_missing_program_is_a_problem_where_a_socket_is_missing() {
        let absent = EngineError::Absent {
            address: "unix:///x".to_owned(),
            why: "the default".to_owned(),
            source: io::ErrorKind::NotFound.into(),
        };
        insta::assert_snapshot!(program(&absent, false).seen, @"`dockerd` is not installed on this machine");
        insta::assert_snapshot!(program(&absent, true).seen, @"`dockerd` is installed on this machine");
    }

    #[test]
    fn an_open_engine_elsewhere_is_a_warning() {
        let endpoint = at("tcp://10.0.0.1");
        insta::assert_snapshot!(permission(Some(&endpoint), Ok(())).seen, @"`tcp://10.0.0.1:2375` is neither encrypted nor guarded: whoever reaches it is root there");
    }
}
