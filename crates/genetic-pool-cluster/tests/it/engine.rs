//! The engine's client.

use std::{env, fs, os::unix::fs::PermissionsExt, process::Command};

use bytes::Bytes;
use genetic_pool_cluster::engine::{ApiVersion, Engine, EngineError, Fault};
use genetic_pool_testkit::{FaultyEngine, SocketFault, engine};
use http_body_util::{BodyExt, Empty};
use hyper::Method;
use insta::assert_snapshot;

#[tokio::test]
async fn a_real_engine_says_what_it_is() {
    let Some(address) = engine() else { return };
    let engine = Engine::connect(Some(&address)).await.unwrap();
    assert!(engine.version().api >= ApiVersion::OLDEST);
    assert!(engine.facts().await.unwrap().cpus >= 1);
    assert!(!engine.facts().await.unwrap().id.is_empty());
}

#[tokio::test]
async fn a_raw_connection_speaks_the_version_of_the_api() {
    let Some(address) = engine() else { return };
    let engine = Engine::connect(Some(&address)).await.unwrap();
    let mut sender = engine.raw::<Empty<Bytes>>().await.unwrap();
    let request = engine.request(Method::GET, "/containers/none-such/json").body(Empty::new()).unwrap();
    assert_eq!(request.uri().path(), format!("/v{}/containers/none-such/json", engine.version().api));
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 404);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("none-such"));
}

#[tokio::test]
async fn a_raw_connection_can_be_upgraded() {
    let Some(address) = engine() else { return };
    let engine = Engine::connect(Some(&address)).await.unwrap();
    let mut sender = engine.raw::<Empty<Bytes>>().await.unwrap();
    let request = engine
        .request(Method::POST, "/session")
        .header("connection", "Upgrade")
        .header("upgrade", "h2c")
        .header("x-docker-expose-session-uuid", "genetic-pool-test-upgrade")
        .header("x-docker-expose-session-name", "genetic-pool-test")
        .body(Empty::new())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 101);
    hyper::upgrade::on(response).await.unwrap();
}

/// What connecting to `address` ends with, and its hint.
async fn refused(address: &str) -> (EngineError, String) {
    let error = Engine::connect(Some(address)).await.unwrap_err();
    let told = format!("{error}\nhint: {}", error.hint().unwrap()).replace(address, "[ADDRESS]");
    (error, told)
}

#[tokio::test]
async fn no_engine() {
    let (error, told) = refused("unix:///nowhere/docker.sock").await;
    assert!(matches!(error, EngineError::Absent { .. }), "{error:?}");
    assert_snapshot!(told, @r"
    there is no engine at `[ADDRESS]` (by `--engine`)
    hint: start it (`systemctl start docker`, or Docker Desktop), install it (`apt-get install docker.io`), or name another with `--engine` or DOCKER_HOST
    ");
}

#[tokio::test]
async fn a_socket_nobody_listens_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("docker.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let (error, told) = refused(&format!("unix://{}", path.display())).await;
    assert!(matches!(error, EngineError::NotListening { .. }), "{error:?}");
    assert_snapshot!(told, @r"
    no engine listens at `[ADDRESS]` (by `--engine`)
    hint: its socket is there and nobody listens: `systemctl status docker` and `journalctl -u docker` say why; `systemctl start docker` starts it
    ");
}

#[tokio::test]
async fn an_engine_too_old_and_one_too_new() {
    let old = FaultyEngine::alone();
    old.on("GET /version", version("19.03.15", "1.40", "1.12"));
    let (error, told) = refused(&old.address()).await;
    assert!(matches!(error, EngineError::TooOld { .. }), "{error:?}");
    assert_snapshot!(told, @r"
    the engine 19.03.15 at `[ADDRESS]` speaks API 1.40 at most; this program needs 1.41 at least
    hint: update Docker to 20.10 or newer (Debian 11 and 12: `apt-get install docker.io`)
    ");
    let new = FaultyEngine::alone();
    new.on("GET /version", version("99.0.0", "1.99", "1.90"));
    let (error, told) = refused(&new.address()).await;
    assert!(matches!(error, EngineError::TooNew { .. }), "{error:?}");
    assert_snapshot!(told, @r"
    the engine 99.0.0 at `[ADDRESS]` speaks API 1.90 at least; this program knows 1.53 at most
    hint: update this program, or use an older engine
    ");
}

fn version(engine: &str, api: &str, oldest: &str) -> SocketFault {
    SocketFault::answer(
        200,
        format!(
            r#"{{"Version":"{engine}","ApiVersion":"{api}","MinAPIVersion":"{oldest}","Os":"linux","Arch":"amd64"}}"#
        ),
    )
}

#[tokio::test]
async fn a_mute_engine_is_told_after_five_seconds() {
    let engine = FaultyEngine::alone();
    engine.on("GET /version", SocketFault::Mute);
    let (error, told) = refused(&engine.address()).await;
    assert!(matches!(error, EngineError::Mute { .. }), "{error:?}");
    assert_snapshot!(told, @r"
    the engine at `[ADDRESS]` (by `--engine`) does not answer within 5 s
    hint: it may be busy or stuck: `docker info` would hang, too; `systemctl restart docker` restarts it
    ");
}

#[tokio::test]
async fn something_else_behind_the_address() {
    let engine = FaultyEngine::alone();
    engine.on("GET /version", SocketFault::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()));
    let (error, told) = refused(&engine.address()).await;
    assert!(matches!(error, EngineError::NotAnEngine { .. }), "{error:?}");
    assert_snapshot!(told, @r"
    what answers at `[ADDRESS]` (by `--engine`) is no engine
    hint: is another program behind this address? `--engine` names the engine
    ");
    engine.on("GET /version", SocketFault::answer(200, "<html>"));
    assert!(matches!(refused(&engine.address()).await.0, EngineError::NotAnEngine { .. }));
    engine.on("GET /version", SocketFault::answer(404, "not here"));
    assert!(matches!(refused(&engine.address()).await.0, EngineError::NotAnEngine { .. }));
}

#[tokio::test]
async fn the_client_sends_the_version_and_tells_faults_apart() {
    let Some(address) = engine() else { return };
    let faulty = FaultyEngine::before(&address);
    let engine = Engine::connect(Some(&faulty.address())).await.unwrap();
    let inspect = async |name: &str| {
        let found = engine.docker().inspect_container(name, None).await;
        EngineError::of("look at it", found.unwrap_err())
    };
    let absent = inspect("genetic-pool-none-such").await;
    assert!(absent.is_not_found() && absent.is_of_operation(), "{absent:?}");
    assert_eq!(absent.status(), Some(404));
    let asked = format!("GET /v{}/containers/genetic-pool-none-such/json", engine.version().api);
    assert_eq!(faulty.requests().last(), Some(&asked));
    for (fault, expected) in [
        (SocketFault::answer(409, r#"{"message":"Conflict. The name is in use"}"#), Fault::Conflict),
        (SocketFault::answer(403, r#"{"message":"network has active endpoints"}"#), Fault::Forbidden),
        (
            SocketFault::answer(500, r#"{"message":"Bind for 127.0.0.1:8265 failed: port is already allocated"}"#),
            Fault::PortTaken,
        ),
        (SocketFault::answer(500, r#"{"message":"write /x: no space left on device"}"#), Fault::OutOfSpace),
        (
            SocketFault::answer(
                500,
                r#"{"message":"Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host"}"#,
            ),
            Fault::NoRegistry,
        ),
        (SocketFault::answer(500, r#"{"message":"something else"}"#), Fault::Other),
        (SocketFault::Cut, Fault::Gone),
    ] {
        faulty.on("GET /containers/*/json", fault);
        let error = inspect("x").await;
        assert_eq!(error.fault(), Some(expected), "{error:?}");
    }
}

#[test]
fn a_user_without_the_right_to_the_socket_is_told_how_to_get_it() {
    let Some(address) = engine() else { return };
    if !rustix::process::getuid().is_root() {
        return;
    }
    // Root may use any socket, so that a process of nobody's has to be refused; it may not read the folders root builds in.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("it");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        .arg(program)
        .args(["--exact", "engine::as_nobody", "--ignored", "--nocapture"])
        .env("GENETIC_POOL_TEST_ENGINE", address)
        .current_dir("/")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

#[tokio::test]
#[ignore = "the other process of the test above"]
async fn as_nobody() {
    let (error, told) = refused(&engine().unwrap()).await;
    assert!(matches!(error, EngineError::NotPermitted { .. }), "{error:?}");
    assert!(
        told.starts_with(
            "the engine at `[ADDRESS]` (by `--engine`) may not be used by this user\nhint: join the group"
        ),
        "{told}"
    );
}
