//! Where the engine is.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::{EngineError, context};

/// The socket of an engine that root runs.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// The port of an engine without TLS.
const DEFAULT_PORT: u16 = 2375;

/// Where an engine is, and why it is the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375`.
    pub address: String,
    /// What named it: a flag, `DOCKER_HOST`, a context, the default.
    pub why: String,
    // Says what `address` says.
    pub(super) transport: Transport,
}

/// How bytes get to an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// A Unix socket.
    Unix(PathBuf),
    /// TCP without TLS; an IPv6 address stands in brackets.
    Tcp { host: String, port: u16 },
}

/// What of its surroundings decides which engine a process uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `DOCKER_HOST`.
    pub host: Option<String>,
    /// `DOCKER_CONTEXT`.
    pub context: Option<String>,
    /// Whether `DOCKER_TLS_VERIFY` or `DOCKER_TLS` asks for TLS.
    pub tls: bool,
    /// The folder of Docker's command line: `DOCKER_CONFIG`, or `.docker` at home.
    pub config: Option<PathBuf>,
    /// Where sockets are looked for when nothing names one: root's first, then those of rootless engines.
    pub sockets: Vec<PathBuf>,
}

impl Endpoint {
    /// Finds it in the order of Docker's command line: `flag`, `DOCKER_HOST`, `DOCKER_CONTEXT`, the context in use, the
    /// default socket; and last the socket of a rootless engine.
    pub fn resolve(flag: Option<&str>, surroundings: &Surroundings) -> Result<Endpoint, EngineError> {
        if let Some(address) = flag {
            return Endpoint::parse(address, "by `--engine`", surroundings.tls);
        }
        if let Some(address) = &surroundings.host {
            return Endpoint::parse(address, "by DOCKER_HOST", surroundings.tls);
        }
        if let Some(name) = &surroundings.context {
            return of_context(name, &format!("context `{name}`, by DOCKER_CONTEXT"), surroundings);
        }
        if let Some(config) = &surroundings.config
            && let Some(name) = context::current(config)?
        {
            let file = config.join("config.json");
            return of_context(&name, &format!("context `{name}`, in use by `{}`", file.display()), surroundings);
        }
        Ok(default(surroundings))
    }

    /// Reads `address`, which `why` gave.
    pub(super) fn parse(address: &str, why: &str, tls: bool) -> Result<Endpoint, EngineError> {
        let invalid = |problem| EngineError::Address { address: address.to_owned(), why: why.to_owned(), problem };
        let unsupported =
            |scheme| EngineError::Unsupported { address: address.to_owned(), why: why.to_owned(), scheme };
        let Some((scheme, rest)) = address.split_once("://") else {
            return Err(invalid("it has no `unix://` or `tcp://`"));
        };
        match scheme {
            "unix" if Path::new(rest).is_absolute() => Ok(Endpoint::unix(rest, why)),
            "unix" => Err(invalid("the path of a socket begins with `/`")),
            "tcp" | "http" if tls => Err(unsupported("TLS")),
            "tcp" | "http" => {
                let (host, port) = authority(rest).map_err(invalid)?;
                let address = format!("tcp://{host}:{port}");
                Ok(Endpoint { address, why: why.to_owned(), transport: Transport::Tcp { host, port } })
            }
            "https" => Err(unsupported("TLS")),
            "ssh" => Err(unsupported("ssh")),
            "npipe" => Err(unsupported("a named pipe")),
            "fd" => Err(unsupported("a file descriptor")),
            _ => Err(invalid("only `unix://` and `tcp://` are known")),
        }
    }

    /// The Unix socket at the absolute `path`.
    pub(super) fn unix(path: &str, why: &str) -> Endpoint {
        Endpoint { address: format!("unix://{path}"), why: why.to_owned(), transport: Transport::Unix(path.into()) }
    }

    /// Whether the connection stays on this machine. What is at the other end of a socket may still lead elsewhere:
    /// [`Engine::is_local`](super::Engine::is_local) knows.
    pub fn is_on_this_machine(&self) -> bool {
        match &self.transport {
            Transport::Unix(_) => true,
            Transport::Tcp { host, .. } => host == "localhost" || host == "[::1]" || host.starts_with("127."),
        }
    }
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Surroundings {
        let text = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
        let home = text("HOME").map(PathBuf::from);
        let mut sockets = vec![PathBuf::from(DEFAULT_SOCKET)];
        sockets.extend(text("XDG_RUNTIME_DIR").map(|folder| Path::new(&folder).join("docker.sock")));
        sockets.extend(home.as_ref().map(|home| home.join(".docker/run/docker.sock")));
        sockets.push(format!("/run/user/{}/docker.sock", rustix::process::getuid().as_raw()).into());
        Surroundings {
            host: text("DOCKER_HOST"),
            context: text("DOCKER_CONTEXT"),
            tls: text("DOCKER_TLS_VERIFY").is_some() || text("DOCKER_TLS").is_some(),
            config: text("DOCKER_CONFIG").map(PathBuf::from).or_else(|| home.map(|home| home.join(".docker"))),
            sockets,
        }
    }
}

fn of_context(name: &str, why: &str, surroundings: &Surroundings) -> Result<Endpoint, EngineError> {
    // Docker's name for no context at all.
    if name == "default" {
        return Ok(default(surroundings));
    }
    let unknown = |nearest| EngineError::UnknownContext { name: name.to_owned(), why: why.to_owned(), nearest };
    let Some(config) = &surroundings.config else { return Err(unknown(None)) };
    match context::find(config, name)? {
        Some(found) => Endpoint::parse(&found.address, why, found.tls || surroundings.tls),
        None => Err(unknown(context::nearest(config, name))),
    }
}

fn default(surroundings: &Surroundings) -> Endpoint {
    let there = surroundings.sockets.iter().enumerate().find(|(_, path)| path.exists());
    match there {
        Some((at, path)) if at > 0 => Endpoint::unix(&path.to_string_lossy(), "the socket of a rootless engine"),
        _ => {
            let path = surroundings.sockets.first().map_or(DEFAULT_SOCKET.into(), |path| path.to_string_lossy());
            Endpoint::unix(&path, "the default")
        }
    }
}

/// Host and port of `host`, `host:port`, `[::1]:port`.
fn authority(text: &str) -> Result<(String, u16), &'static str> {
    let text = text.strip_suffix('/').unwrap_or(text);
    if text.contains(['/', '?', '#', '@']) {
        return Err("only a host and a port may follow `tcp://`");
    }
    let split = match text.rfind(']') {
        Some(end) => text.split_at(end + 1),
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let host = match split.0 {
        "" => "localhost",
        host => host,
    };
    let port = match split.1.strip_prefix(':') {
        None if split.1.is_empty() => Ok(DEFAULT_PORT),
        None | Some("") => Err("a port follows `:`"),
        Some(port) => port.parse().map_err(|_| "a port is a number up to 65535"),
    }?;
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use sha2::{Digest, Sha256};
    use tempfile::TempDir;

    use super::*;

    /// `address (why)`, or the error with its hint, with the temporary folder's name taken out.
    fn resolved(flag: Option<&str>, surroundings: &Surroundings) -> String {
        let text = match Endpoint::resolve(flag, surroundings) {
            Ok(endpoint) => format!("{} ({})", endpoint.address, endpoint.why),
            Err(error) => format!("{error}\nhint: {}", error.hint().unwrap()),
        };
        let folder = surroundings.config.as_ref().map(|path| path.display().to_string());
        folder.map_or(text.clone(), |folder| text.replace(&folder, "[DOCKER]"))
    }

    fn context(folder: &Path, name: &str, json: &str) {
        let hash = format!("{:x}", Sha256::digest(name));
        let meta = folder.join("contexts/meta").join(hash);
        fs::create_dir_all(&meta).unwrap();
        fs::write(meta.join("meta.json"), json).unwrap();
    }

    fn at(name: &str, host: &str) -> String {
        format!(
            r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#
        )
    }

    /// Surroundings where each of the four ways names an engine of its own.
    fn crowded() -> (TempDir, Surroundings) {
        let folder = TempDir::new().unwrap();
        context(folder.path(), "lab", &at("lab", "unix:///run/lab.sock"));
        context(folder.path(), "office", &at("office", "tcp://office:2375"));
        context(folder.path(), "far", &at("far", "ssh://me@far"));
        fs::write(folder.path().join("config.json"), r#"{"currentContext":"office","auths":{}}"#).unwrap();
        let surroundings = Surroundings {
            host: Some("unix:///run/env.sock".to_owned()),
            context: Some("lab".to_owned()),
            config: Some(folder.path().to_owned()),
            sockets: vec!["/nowhere/docker.sock".into()],
            ..Surroundings::default()
        };
        (folder, surroundings)
    }

    #[test]
    fn the_order_is_that_of_dockers_command_line() {
        let (_folder, mut surroundings) = crowded();
        insta::assert_snapshot!(resolved(Some("unix:///run/flag.sock"), &surroundings), @"unix:///run/flag.sock (by `--engine`)");
        insta::assert_snapshot!(resolved(None, &surroundings), @"unix:///run/env.sock (by DOCKER_HOST)");
        surroundings.host = None;
        insta::assert_snapshot!(resolved(None, &surroundings), @"unix:///run/lab.sock (context `lab`, by DOCKER_CONTEXT)");
        surroundings.context = None;
        insta::assert_snapshot!(resolved(None, &surroundings), @"tcp://office:2375 (context `office`, in use by `[DOCKER]/config.json`)");
        surroundings.context = Some("default".to_owned());
        insta::assert_snapshot!(resolved(None, &surroundings), @"unix:///nowhere/docker.sock (the default)");
    }

    #[test]
    fn a_context_that_is_not_there_is_an_error_with_the_nearest() {
        let (folder, mut surroundings) = crowded();
        surroundings.host = None;
        surroundings.context = Some("offize".to_owned());
        insta::assert_snapshot!(resolved(None, &surroundings), @r"
        there is no Docker context `offize` (context `offize`, by DOCKER_CONTEXT)
        hint: did you mean `office`? `docker context ls` lists what there is
        ");
        surroundings.context = None;
        fs::write(folder.path().join("config.json"), r#"{"currentContext":"zzz"}"#).unwrap();
        insta::assert_snapshot!(resolved(None, &surroundings), @r"
        there is no Docker context `zzz` (context `zzz`, in use by `[DOCKER]/config.json`)
        hint: `docker context ls` lists what there is; `docker context use default` goes back to the default
        ");
    }

    #[test]
    fn what_cannot_be_reached_from_here_says_a_way_out() {
        let (folder, mut surroundings) = crowded();
        surroundings.host = None;
        surroundings.context = Some("far".to_owned());
        insta::assert_snapshot!(resolved(None, &surroundings), @r"
        the engine at `ssh://me@far` (context `far`, by DOCKER_CONTEXT) is reached by ssh, which is not supported
        hint: forward its socket and use that: `ssh -N -L /tmp/engine.sock:/var/run/docker.sock USER@HOST`, then `--engine unix:///tmp/engine.sock`
        ");
        surroundings.tls = true;
        insta::assert_snapshot!(resolved(Some("tcp://far:2376"), &surroundings), @r"
        the engine at `tcp://far:2376` (by `--engine`) is reached by TLS, which is not supported
        hint: forward its socket and use that: `ssh -N -L /tmp/engine.sock:/var/run/docker.sock USER@HOST`, then `--engine unix:///tmp/engine.sock`
        ");
        surroundings.tls = false;
        insta::assert_snapshot!(resolved(Some("npipe:////./pipe/docker_engine"), &surroundings), @r"
        the engine at `npipe:////./pipe/docker_engine` (by `--engine`) is reached by a named pipe, which is not supported
        hint: run this program where the engine has a Unix socket: inside WSL 2 on Windows
        ");
        // A context with certificates speaks TLS whatever the environment says.
        let hash = format!("{:x}", Sha256::digest("office"));
        let certificates = folder.path().join("contexts/tls").join(hash).join("docker");
        fs::create_dir_all(&certificates).unwrap();
        fs::write(certificates.join("ca.pem"), "").unwrap();
        surroundings.context = None;
        insta::assert_snapshot!(resolved(None, &surroundings), @r"
        the engine at `tcp://office:2375` (context `office`, in use by `[DOCKER]/config.json`) is reached by TLS, which is not supported
        hint: forward its socket and use that: `ssh -N -L /tmp/engine.sock:/var/run/docker.sock USER@HOST`, then `--engine unix:///tmp/engine.sock`
        ");
    }

    #[test]
    fn a_damaged_configuration_is_told_and_a_missing_one_is_none() {
        let (folder, mut surroundings) = crowded();
        surroundings.host = None;
        surroundings.context = None;
        fs::write(folder.path().join("config.json"), "{").unwrap();
        insta::assert_snapshot!(resolved(None, &surroundings), @r"
        Docker's `[DOCKER]/config.json` cannot be read
        hint: mend it, or name the engine with `--engine` or DOCKER_HOST
        ");
        fs::remove_file(folder.path().join("config.json")).unwrap();
        insta::assert_snapshot!(resolved(None, &surroundings), @"unix:///nowhere/docker.sock (the default)");
    }

    #[test]
    fn a_rootless_socket_is_taken_where_there_is_no_other() {
        let folder = TempDir::new().unwrap();
        let (root, rootless) = (folder.path().join("root.sock"), folder.path().join("rootless.sock"));
        fs::write(&rootless, "").unwrap();
        let surroundings = Surroundings { sockets: vec![root.clone(), rootless.clone()], ..Surroundings::default() };
        assert_eq!(
            resolved(None, &surroundings),
            format!("unix://{} (the socket of a rootless engine)", rootless.display())
        );
        fs::write(&root, "").unwrap();
        assert_eq!(resolved(None, &surroundings), format!("unix://{} (the default)", root.display()));
    }

    #[test]
    fn addresses_are_read_or_refused() {
        let read = |text: &str| match Endpoint::parse(text, "by `--engine`", false) {
            Ok(endpoint) => endpoint.address,
            Err(error) => error.to_string(),
        };
        for (text, expected) in [
            ("tcp://127.0.0.1", "tcp://127.0.0.1:2375"),
            ("tcp://:2375", "tcp://localhost:2375"),
            ("http://box:80/", "tcp://box:80"),
            ("tcp://[::1]:99", "tcp://[::1]:99"),
            ("tcp://[::1]", "tcp://[::1]:2375"),
            ("unix:///a b", "unix:///a b"),
        ] {
            assert_eq!(read(text), expected);
        }
        let refused =
            ["/run/docker.sock", "unix://run/x", "tcp://a:b", "tcp://a:", "tcp://a/b", "tcp://[::1]x", "x://a"];
        insta::assert_snapshot!(refused.map(read).join("\n"), @r"
        `/run/docker.sock` (by `--engine`) is no address of an engine: it has no `unix://` or `tcp://`
        `unix://run/x` (by `--engine`) is no address of an engine: the path of a socket begins with `/`
        `tcp://a:b` (by `--engine`) is no address of an engine: a port is a number up to 65535
        `tcp://a:` (by `--engine`) is no address of an engine: a port follows `:`
        `tcp://a/b` (by `--engine`) is no address of an engine: only a host and a port may follow `tcp://`
        `tcp://[::1]x` (by `--engine`) is no address of an engine: a port follows `:`
        `x://a` (by `--engine`) is no address of an engine: only `unix://` and `tcp://` are known
        ");
    }

    #[test]
    fn loopback_and_sockets_stay_on_this_machine() {
        for (address, expected) in [
            ("unix:///run/docker.sock", true),
            ("tcp://127.0.0.1:1", true),
            ("tcp://[::1]:1", true),
            ("tcp://localhost", true),
            ("tcp://10.0.0.1", false),
        ] {
            let endpoint = Endpoint::parse(address, "", false).unwrap();
            assert_eq!(endpoint.is_on_this_machine(), expected, "{address}");
        }
    }
}
